"""The gallery: figures as the audit has them, filters, and a click that opens the verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from math import ceil

import pytest
from streamlit.testing.v1 import AppTest

from model.auditor.audit import audit
from model.dashboard.pages.claims import PAGE, _bills
from model.registry import Registry
from model.views.claims import Filter, bill, bills, label
from model.wording import ENGLISH, LANGUAGES
from tests.app_pages import sent
from tests.app_pages import shown as shown_page

pytestmark = pytest.mark.usefixtures("untranslated")
shown = partial(shown_page, "claims")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Rows are kept by language: forget those with and without translations."""
    _bills.clear()
    yield
    _bills.clear()


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_shows_every_claim_with_the_audit_s_figures(code: str, registry: Registry) -> None:
    app = shown(language=code)
    assert not app.exception
    pages = [sent(app)]
    for number in range(2, 1 + ceil(len(registry.names("claims")) / PAGE)):
        app.session_state.claims_page = number
        pages.append(sent(app.run()))
    assert len(set(pages)) == len(pages)
    page = re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), "".join(pages))
    for name in registry.names("claims"):
        row = bill(audit(name, registry=registry), LANGUAGES[code])
        assert f'"claim:{name}"' in page
        for text in (row.figure, row.price, row.market, row.utilisation, row.scopes, label(row.literal, LANGUAGES[code])):
            assert text in page, (name, text)


def test_filters_narrow_the_rows(registry: Registry) -> None:
    rows = bills(registry, ENGLISH)
    assert [row.id for row in rows if Filter(words="mosaicml MPT-7B").accepts(row)] == ["mpt-7b"]
    refuted = [row for row in rows if Filter(implication="refuted").accepts(row)]
    assert refuted
    assert {row.implication for row in refuted} == {"refuted"}
    assert all(Filter().accepts(row) for row in rows)
    assert not [row for row in rows if Filter(words="no such thing").accepts(row)]


def test_words_that_fit_nothing_say_so() -> None:
    app = shown()
    app.text_input(key="claims_words").set_value("no such thing").run()
    assert "Nothing on file matches" in sent(app)


def opened() -> None:
    import streamlit as st

    from model.dashboard.pages.claims import show
    from model.dashboard.state import current_view

    current_view()
    if not st.session_state.get("open_page"):
        show("mpt-7b")


def test_opening_a_claim_chooses_it_and_asks_for_its_verdict() -> None:
    app = AppTest.from_function(opened, default_timeout=60).run()
    assert (app.session_state.choices.claim, app.session_state.open_page) == ("mpt-7b", "verdict")


@pytest.mark.parametrize("page", ["hours", "explore", "overhead"])
def test_a_page_about_deepseek_s_parts_says_so_for_another_model(page: str) -> None:
    from model.dashboard.state import Choices

    app = AppTest.from_file("../app.py", default_timeout=60)
    app.query_params = {"view": page, "lang": "en"}
    app.session_state.choices = Choices(claim="mpt-7b")
    app.run()
    assert not app.exception
    assert "Of MPT-7B no such parts are known" in sent(app)
    assert app.title


@pytest.mark.parametrize("claim", ["qwen", "critics-266-times", "gpt3-12m", "vicuna", "ling-plus"])
def test_a_claim_without_costs_has_a_verdict_page(claim: str, registry: Registry) -> None:
    app = shown_page("verdict", claim=claim)
    assert not app.exception
    assert audit(claim, registry=registry).sentence.split("$")[0] in sent(app)
