"""The page that checks a table: the example at first, then the visitor's, whose last good one stays; figures are the API's."""

from __future__ import annotations

from functools import partial

import pytest

from model.claims.table_checks import check_table
from model.registry import Registry
from model.views.check_table import count_rows, flag_rows
from model.wording import LANGUAGES
from tests.app_pages import sent
from tests.app_pages import shown as shown_page

pytestmark = pytest.mark.usefixtures("untranslated")
shown = partial(shown_page, "check_table")
SLIP = b"name,gpu_hours,price,cost\nMine,1000,2,2\n"


def example(registry: Registry):
    return check_table(registry.root / "tables" / "example.csv", registry=registry)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_shows_the_figures_of_the_command(code: str, registry: Registry) -> None:
    app = shown(language=code)
    assert not app.exception
    page, table = sent(app), example(registry)
    assert [m for m in flag_rows(table, LANGUAGES[code])["message"] if m.replace("\u00a0", "\\\\u00a0") not in page and m not in page] == []
    assert f"{table.rows} rows: {table.checked} checked, {table.idle} not." in page
    assert all(row["check"] in page for row in count_rows(table, LANGUAGES[code]))
    assert "Dojo D1" in page


def test_findings_of_one_check_can_be_shown(registry: Registry) -> None:
    app = shown()
    app.selectbox(key="table_of").set_value("circular").run()
    page = sent(app)
    assert "it cannot confirm them" in page
    assert "the exponent is lost" not in page


def test_an_uploaded_table_takes_the_place_of_the_example() -> None:
    app = shown()
    app.file_uploader(key="table_file").set_value(("mine.csv", SLIP, "text/csv")).run()
    assert not app.exception
    assert "Hours times price come to $2K; stated $2." in sent(app)
    assert "mine.csv" in sent(app)


def test_a_file_that_cannot_be_read_leaves_the_last_good_result() -> None:
    app = shown()
    app.file_uploader(key="table_file").set_value(("mine.csv", SLIP, "text/csv")).run()
    app.file_uploader(key="table_file").set_value(("bad.csv", b"a,b\n1,2\n", "text/csv")).run()
    assert not app.exception
    assert "bad.csv: has no column of figures that is known" in app.error[0].value
    assert "Hours times price come to $2K; stated $2." in sent(app)


def test_a_clean_table_says_so_and_a_long_one_says_how_much_more_there_is() -> None:
    app = shown()
    app.file_uploader(key="table_file").set_value(("good.csv", SLIP.replace(b"2,2", b"2,2000"), "text/csv")).run()
    assert app.success[0].value == "Nothing was found."
    app.file_uploader(key="table_file").set_value(("long.csv", SLIP + b"Mine,1000,2,1500\n" * 150, "text/csv")).run()
    assert "52 more; the file has all." in sent(app)


def test_the_format_can_be_asked_for() -> None:
    app = shown()
    app.selectbox(key="table_format").set_value("epoch")
    app.file_uploader(key="table_file").set_value(("mine.csv", SLIP, "text/csv")).run()
    assert "has no column of figures" in app.error[0].value


def test_what_a_file_holds_stays_text_on_the_page() -> None:
    app = shown()
    app.file_uploader(key="table_file").set_value(("*bad* $x$.csv", b"a,b\n1,2\n", "text/csv")).run()
    assert app.error[0].value.startswith("\\*bad\\* \\$x\\$.csv: ")
    chip = b"name,gpu_hours,price,cost,chip\nMine,1000,2,2,[H800](http://x)\n"
    app.file_uploader(key="table_file").set_value(("**good**.csv", chip, "text/csv")).run()
    assert app.subheader[0].value == "\\*\\*good\\*\\*.csv"
    assert any("\\[H800\\]" in caption.value for caption in app.caption)
