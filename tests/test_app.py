"""The dashboard's entry: it starts without an error and shows the engine's own sentence, scopes and checks."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import model
from model.auditor.audit import audit
from model.dashboard.card_dialog import card_of
from model.dashboard.router import PAGES
from model.dashboard.state import Choices, View
from model.document import audit_document
from model.registry import Registry
from model.views.verdict import CHECKS, range_text
from model.wording import LANGUAGES

APP = Path(model.__file__).parents[1] / "app.py"
SCENARIOS = ("zheng", "as_reported", "lambert")
V3, STAGE = "deepseek-v3-5.576m", "deepseek-r1-294k"


@pytest.fixture
def app() -> AppTest:
    """The app after its first run."""
    return AppTest.from_file(str(APP), default_timeout=60).run()


def headline(app: AppTest) -> str:
    """The verdict's sentence; the page escapes dollar signs, which would start a formula."""
    return str(app.subheader[0].value).replace("\\$", "$")


def shown(app: AppTest) -> str:
    """All that is sent to the browser, tables and components included."""
    return "\n".join(str(getattr(element, "proto", "")) for element in app._tree)


def test_the_app_shows_the_verdict_of_the_first_claim(app: AppTest, registry: Registry) -> None:
    assert not app.exception
    assert not app.error
    assert headline(app) == audit(V3, registry=registry).sentence


@pytest.mark.parametrize("entry", [APP, Path(model.__file__).parent / "cli" / "app.py"], ids=["checkout", "installed"])
def test_a_first_visitor_finds_every_page(entry: Path) -> None:
    """Streamlit would serve files of a folder ``pages`` beside the entry in place of the router's pages."""
    assert not (entry.parent / "pages").exists()
    assert not AppTest.from_file(str(entry), default_timeout=60).run().exception


def test_every_scope_is_in_the_table_with_its_median(app: AppTest, registry: Registry) -> None:
    sent = shown(app)
    assert [scope.label for scope in registry.scopes.values() if scope.label not in sent] == []
    assert "$13.2M" in sent  # domain document, section 9: project in the default scenario, 13.18


def test_every_check_is_on_the_page(app: AppTest, registry: Registry) -> None:
    sent = shown(app)
    assert [check.id for check in audit(V3, registry=registry).checks if CHECKS[check.id] not in sent] == []


def test_every_claim_can_be_chosen(app: AppTest, registry: Registry) -> None:
    count = len(app.sidebar.selectbox[0].options)
    assert count == len(registry.names("claims"))
    chosen = set()
    for index in range(count):
        app.sidebar.selectbox[0].select_index(index).run()
        assert not app.exception
        claim = str(app.sidebar.selectbox[0].value)
        assert headline(app) == audit(claim, registry=registry).sentence
        chosen.add(claim)
    assert chosen == set(registry.names("claims"))


def test_every_scenario_can_be_chosen(app: AppTest, registry: Registry) -> None:
    seen = set()
    for index in range(len(app.sidebar.selectbox[1].options)):
        app.sidebar.selectbox[1].select_index(index).run()
        assert not app.exception
        scenario = str(app.sidebar.selectbox[1].value)
        assert headline(app) == audit(V3, scenario=scenario, registry=registry).sentence
        seen.add(scenario)
    assert seen == set(registry.names("scenarios"))


def test_a_stage_shows_why_wider_scopes_are_absent(app: AppTest, registry: Registry) -> None:
    names = range(len(registry.names("claims")))
    next(i for i in names if str(app.sidebar.selectbox[0].select_index(i).run().sidebar.selectbox[0].value) == STAGE)
    assert not app.exception
    assert "the base model that it stands on is not in it" in headline(app)
    assert shown(app).count("absent") >= len(registry.scopes) - 1


def visited(page: str, language: str, choices: Choices) -> AppTest:
    """One page as somebody finds it who has made these choices."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params = {"view": page, "lang": language}
    app.session_state.choices = choices
    return app.run()


def cards(app: AppTest) -> set[str]:
    """All cards that figures of the page open."""
    tables = [proto for proto in (getattr(element, "proto", None) for element in app._tree) if hasattr(proto, "component_name")]
    return {cell["card"] for table in tables for row in json.loads(table.json)["rows"] for cell in row if cell["card"]}


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_every_language_and_scenario(page: str, language: str, scenario: str, registry: Registry) -> None:
    app = visited(page, language, Choices(scenario=scenario))
    assert not app.exception
    assert not app.error
    assert not app.warning
    verdict, tongue = audit(V3, scenario=scenario, registry=registry), LANGUAGES[language]
    if page == "verdict":
        assert headline(app) == audit_document(verdict, tongue)["verdict"]["sentence"]
    if page == "explore":
        assert headline(app).endswith(range_text(verdict.scope("project"), tongue))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_figure_has_a_card_that_says_something(page: str, language: str, registry: Registry) -> None:
    choices = Choices(changes=(("goodput", "0.9"),))
    app = visited(page, language, choices)
    found = cards(app)
    assert found
    views = {"": View(LANGUAGES[language], registry, choices, audit(V3, changes=choices.written, registry=registry))}
    for card in found:
        if card.startswith("claim:"):  # opens the verdict itself
            assert card.removeprefix("claim:") in registry.names("claims")
            continue
        side, _, rest = card.partition(":")  # the page that compares says first which of the two states a card is of
        shown_card = card_of(views[""], rest if side.isdigit() else card)
        assert shown_card.title, card
        assert shown_card.lines or shown_card.evidence, card
        assert shown_card.place, card


def test_titles_of_the_pages_are_in_the_navigation() -> None:
    titles = [import_module(f"model.dashboard.pages.{page}").TITLE for page in PAGES]
    assert len(set(titles)) == len(PAGES)


def test_the_browsers_language_is_taken_and_the_chosen_one_goes_first() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.context = {"locale": "fr-FR"}
    french = headline(app.run())
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.context = {"locale": "fr-FR"}
    app.query_params = {"lang": "en"}
    english = headline(app.run())
    assert (audit(V3).sentence == english, french == english) == (True, False)
    app.query_params = {}  # a change of page drops them
    assert headline(app.run()) == english


def test_an_embedded_page_has_no_sidebar_and_leads_back() -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.context = {"is_embedded": True, "url": "http://127.0.0.1:8501/"}
    app.query_params = {"view": "verdict", "claim": "zheng-5.6m"}
    app.run()
    assert not app.exception
    assert not app.sidebar.selectbox
    assert "5.6" in headline(app)
    assert "http://127.0.0.1:8501/?s=1." in shown(app)


def test_a_link_to_an_unknown_claim_says_so(registry: Registry) -> None:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params = {"claim": "no-such-claim"}
    app.run()
    assert "no-such-claim" in app.warning[0].value
    assert headline(app) == audit(V3, registry=registry).sentence
