"""The page of the track record, the command that says the same, and the place of DeepSeek-V3 on the pages of a claim."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("scoringrules")
pytest.importorskip("streamlit")

from model.backtest.document import backtest_document
from model.backtest.score import Backtest, backtest
from model.cli.main import main
from model.engine import Run
from model.registry import Registry
from model.views.track_record import coverage_rows, headline, method_rows, pit_rows, place_text, predicted_rows, run_card, slice_rows
from model.wording import ENGLISH, LANGUAGES
from tests.app_pages import sent
from tests.app_pages import shown as shown_page

pytestmark = pytest.mark.usefixtures("untranslated")
shown = partial(shown_page, "track_record")


@pytest.fixture(scope="module")
def record(registry: Registry) -> Backtest:
    return backtest(registry=registry)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_figures_of_the_backtest(language: str, record: Backtest, registry: Registry) -> None:
    app = shown(language=language)
    assert not app.exception
    page, lang = sent(app), LANGUAGES[language]
    assert headline(record, lang) in page
    assert place_text(backtest_document(record, registry)["deepseek_v3"], lang) in page
    for rows in (coverage_rows, method_rows, slice_rows):
        assert all(cell in page for row in rows(record, lang) for cell in row.values())
    assert all(f'"backtest_run:{run.id}"' in page for run in record.runs)


def test_the_page_is_french_where_it_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    app = shown(language="fr")
    assert not app.exception
    assert "L'estimation des GPU-heures a-t-elle souvent été juste" in sent(app)


@pytest.mark.parametrize("name", ["verdict", "hours"])
def test_the_pages_of_a_claim_show_the_place_of_its_model(name: str, record: Backtest, registry: Registry) -> None:
    place = place_text(backtest_document(record, registry)["deepseek_v3"], ENGLISH)
    assert place in sent(shown_page(name))
    assert "2.065M to 5.956M" in place
    assert place_text(None, ENGLISH) == ""


def test_charts_hold_every_run_once(record: Backtest, registry: Registry) -> None:
    document = backtest_document(record, registry)
    rows = predicted_rows(document)
    assert {row["label"] for row in rows} == {run.model for run in record.runs}
    assert all(row["low"] < row["mid"] < row["high"] for row in rows)
    assert [row["count"] for row in pit_rows(document, ENGLISH)] == document["pit"]["counts"]


def test_a_run_has_a_card_with_its_source(zheng: Run, registry: Registry) -> None:
    from model.auditor.audit import judge

    claim = registry.claim("deepseek-v3-5.576m")
    card = run_card(judge(claim, zheng, "final_run"), "phi-2", ENGLISH)
    lines = dict(card.lines)
    assert (card.title, card.mark) == ("phi-2 2.7B (Microsoft)", "grade C")
    assert lines["Disclosed GPU-hours"] == "32,256"
    assert lines["use"] == "suspect, never fitted"
    assert card.evidence[0].source == "phi-2-post"
    assert card.place.startswith("assumptions/backtest.toml:")


def test_the_command_says_the_same_in_three_forms(capsys: pytest.CaptureFixture[str], record: Backtest, registry: Registry) -> None:
    main(["backtest", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(json.dumps(backtest_document(record, registry)))
    main(["backtest", "--csv"])
    assert len(capsys.readouterr().out.splitlines()) == 61
    main(["backtest"])
    assert headline(record, ENGLISH) in capsys.readouterr().out


def test_the_command_names_what_a_file_lacks_and_what_it_does_not_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "runs.csv"
    head = "params_active_b,tokens_t,gpu_hours_disclosed,hardware,colour"
    file.write_text(f"{head}\n8,15,1.3e6,H100,red\n8,,1e5,H100,\n", encoding="utf-8")
    main(["backtest", "--data", str(file)])
    said = capsys.readouterr().out
    assert "Columns that are not used: colour." in said
    assert "Columns that the file lacks: id, use" in said
    assert "Not scored: row 3: row 3 (no tokens_t)." in said


def test_a_wrong_file_ends_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["backtest", "--data", str(tmp_path / "none.csv")])
    assert ended.value.code == 2
    assert "none.csv" in capsys.readouterr().err
