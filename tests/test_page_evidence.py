"""The evidence page: everything on file is a row, can be found, and opens a card."""

from __future__ import annotations

import pytest

from model.auditor.audit import Verdict, audit
from model.dashboard.card_dialog import card_of
from model.dashboard.state import Choices, View
from model.registry import Registry
from model.views.evidence import GRADES, KINDS_SHOWN, Wanted, citations, counts, evidence_items, source_card
from model.wording import ENGLISH
from tests.app_pages import shown as shown_page

CLAIM = "deepseek-v3-5.576m"


@pytest.fixture(scope="module")
def verdict(registry: Registry) -> Verdict:
    return audit(CLAIM, registry=registry)


@pytest.fixture(scope="module")
def items(verdict: Verdict):
    return evidence_items(verdict, ENGLISH)


def found(items, **wanted):
    return {item.id for item in items if Wanted(**wanted).accepts(item)}


def test_every_entry_is_a_row_and_every_row_has_a_grade(registry: Registry, items) -> None:
    assert {item.card for item in items} == {f"{kind}:{name}" for kind in KINDS_SHOWN for name in registry.located(kind)}
    assert [item.id for item in items if item.kind != "source" and not set(item.grades) <= set(GRADES) - {""}] == []
    assert [item.id for item in items if item.kind != "source" and not item.grades] == []


def test_counts_add_up(registry: Registry, items) -> None:
    counted = counts(items)
    assert {kind: counted[kind] for kind in KINDS_SHOWN} == {kind: len(registry.located(kind)) for kind in KINDS_SHOWN}
    assert counted["disputed"] == len(found(items, disputed=True))
    assert counted["not_read"] == len(found(items, not_read=True))


def test_search_takes_all_words_in_any_case_and_without_accents(items) -> None:
    assert "deepseek-v3-report" in found(items, text="TECHNICAL report v3", kinds=("source",))
    assert found(items, text="Dëepseek-AI") == found(items, text="deepseek-ai") != set()
    assert found(items, text="no such thing on file") == set()


def test_filters_narrow(items) -> None:
    everything = found(items)
    for wanted in ({"kinds": ("case",)}, {"grades": ("C",)}, {"disputed": True}, {"not_read": True}):
        assert set() < found(items, **wanted) < everything


def test_an_assumption_names_the_scopes_that_it_enters(items, registry: Registry) -> None:
    (rent,) = (item for item in items if item.id == "price.rental")
    flows = {scope.label for scope in registry.scopes.values() if scope.flow}
    assert set(rent.uses) == flows


def test_a_case_without_weight_says_so(items, registry: Registry) -> None:
    weightless = {f"case:{case.id}" for case in registry.cases.values() if not case.weight}
    assert {item.card for item in items if item.uses == ("kept in view, out of the fit",)} == weightless != set()


def test_a_source_lists_all_that_cites_it(verdict: Verdict, registry: Registry) -> None:
    card = source_card(verdict, "deepseek-v3-report", ENGLISH)
    cited = citations(registry, ENGLISH)["deepseek-v3-report"]
    assert {item.label for item in cited} == set(card.feeds)
    assert registry.parameters["v3_run.pretraining"].label in card.feeds
    assert registry.claim(CLAIM).claimant in card.feeds
    assert card.place.startswith("assumptions/sources/deepseek.toml:")


def test_every_row_opens_a_card_with_something_on_it(verdict: Verdict, registry: Registry, items) -> None:
    view = View(ENGLISH, registry, Choices(), verdict)
    assert [item.card for item in items if not (card := card_of(view, item.card)).lines or not card.title] == []


@pytest.mark.usefixtures("untranslated")
@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "lambert"])
def test_the_page_draws(scenario: str, lang: str, registry: Registry) -> None:
    app = shown_page("evidence", scenario, lang)
    assert not app.exception
    assert [metric.value for metric in app.metric[:4]] == [str(len(registry.located(kind))) for kind in KINDS_SHOWN]


def test_a_search_narrows_the_page_and_an_empty_one_says_so() -> None:
    app = shown_page("evidence")
    app.text_input(key="evidence_search").set_value("deepseek").run()
    assert not app.exception
    assert not app.info
    app.text_input(key="evidence_search").set_value("no such thing on file").run()
    assert app.info[0].value.startswith("Nothing on file matches")
