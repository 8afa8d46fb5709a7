"""The French catalogue: complete, nothing in it that is not shown, the same places and figures, French signs, no English left."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

import model
from model.auditor.audit import audit
from model.auditor.sentence import sentence
from model.cards import component_card, fact_card, parameter_card, route_card, scope_card
from model.cli.main import costclaim
from model.dashboard.router import PAGES
from model.registry import Registry
from model.routes import RATIO_ROUTES
from model.views.evidence import evidence_items
from model.views.method import PARTS, equation_rows
from model.views.track_record import run_card
from model.views.verdict import ladder_rows
from model.wording import FRENCH, Language, _catalogue
from tests.collect_messages import code_messages, data_messages
from tests.error_texts import error_messages

LOCALES = Path(model.__file__).parent / "locales"
PAGE_FILES = Path(model.__file__).parent / "dashboard" / "pages"
WORDS = 4  # from here on a translation cannot be the same by chance
SAME = frozenset[str]()  # longer texts that are the same in French, titles of publications aside: none so far
COMMANDS: tuple[str, ...] = ("claims", "claims show zheng-5.6m", "scopes", "assumptions", "assumptions show goodput", "sources", "check")
COMMANDS += ("claims show seed001-barely-a-year", "claims check", "claims drift", "claims contradictions")
COMMANDS += ("check-table assumptions/tables/example.csv", "reconcile deepseek-r1-294k", "ratio deepseek-v3-5.576m")
COMMANDS += ("audit zheng-5.6m", "run zheng", "compare zheng as_reported", "percentile zheng --scope project --usd 1e7")
COMMANDS += ("update zheng --evidence v3-ablations --evidence fire-flyer-capex", "fleets", "route-scores --points 256", "backtest")
COMMANDS += ("solve zheng-5.6m --scope project --for price.rental", "solve zheng-5.6m --scope project --for data_work")
COMMANDS += ("believe zheng-5.6m --scope project", "believe zheng-5.6m --scope project --scenario disclosed_floor")
COMMANDS += ("break-even zheng-5.6m --scope project --x price.rental --y goodput",)
# Signs before which French puts a space that does not break; a colon inside a time, an address or a place needs none.
BEFORE = re.compile(r"(?<!\u00a0)(?:[;!?»%]|:(?![\w/]))|«(?!\u00a0)|[\u0020\u202f][;:!?»%]")
PLACE = re.compile(r"\{[^{}]*\}")
# Llama 3.1, phi-1.5, table 5.6.B: a dot that is no decimal sign; in a message about an error, quoted, what is typed as in English.
NAMED = re.compile(r"[A-Z][^\s]*[ \u00a0]\(?\d+(?:\.\d+)+|[^\W\d]\w*[.-]\d+(?:\.\d+)*|\d+\.\d+\.[A-Z]|[A-Z]\.\d[\d.]*")
TYPED = re.compile("«[^»]*»")


def messages() -> list[Message]:
    """Every entry of every French file, header left out."""
    files = sorted(LOCALES.glob("fr*.po"))
    found = []
    for file in files:
        with file.open("rb") as opened:
            found += [message for message in read_po(opened, locale="fr") if message.id]
    return found


@pytest.fixture(scope="module")
def french() -> dict[str, str]:
    """Translation by English text."""
    return {str(message.id): str(message.string) for message in messages()}


@pytest.fixture(scope="module")
def wanted(registry: Registry) -> set[str]:
    """Every text that a reader can see."""
    return code_messages() | data_messages(registry) | error_messages()


def test_every_text_has_a_translation(french: dict[str, str], wanted: set[str]) -> None:
    assert sorted(text for text in wanted if not french.get(text)) == []


def test_every_translation_is_of_a_text_that_is_shown(french: dict[str, str], wanted: set[str]) -> None:
    assert sorted(french.keys() - wanted) == []


def test_every_text_stands_once_and_none_is_a_guess() -> None:
    found = messages()
    assert [text for text, count in Counter(str(message.id) for message in found).items() if count > 1] == []
    assert [message.id for message in found if message.fuzzy] == []


def places(text: str) -> Counter[tuple[str, str | None]]:
    """Names of the places of a template with what is written there."""
    return Counter((name, kind) for _, name, kind, _ in Formatter().parse(text) if name is not None)


def test_a_translation_keeps_its_places(french: dict[str, str]) -> None:
    assert [text for text, translated in french.items() if "{" in text + translated and places(text) != places(translated)] == []


def figures(text: str, group: str) -> Counter[str]:
    """Runs of digits, thousands joined, decimals that are zero dropped; places left out."""
    joined = re.sub(rf"(?<=\d){group}(?=\d{{3}})", "", PLACE.sub("", text))
    return Counter(re.findall(r"\d+", re.sub(r"(?<=\d)[.,]0(?!\d)", "", joined)))


def test_a_translation_keeps_its_figures(french: dict[str, str]) -> None:
    assert [text for text, translated in french.items() if figures(text, ",") != figures(translated, "\u202f")] == []


def test_figures_have_a_decimal_comma(french: dict[str, str], registry: Registry) -> None:
    titles = {source.title for source in registry.sources.values()}
    typed, kept = error_messages(), {text: NAMED.sub("", translated) for text, translated in french.items() if text not in titles}
    shown = (TYPED.sub("", translated) if text in typed else translated for text, translated in kept.items())
    assert [translated for translated in shown if re.search(r"\d\.\d", translated)] == []


def test_no_english_is_left(french: dict[str, str], registry: Registry) -> None:
    same = {text for text, translated in french.items() if text == translated and len(re.findall(r"[^\W\d]{2,}", text)) >= WORDS}
    assert same - SAME - {source.title for source in registry.sources.values()} == set()


def test_french_signs_have_their_spaces(french: dict[str, str], registry: Registry) -> None:
    titles = {source.title for source in registry.sources.values()}
    wrong = (translated for text, translated in french.items() if text not in titles and BEFORE.search(PLACE.sub("0", translated)))
    assert sorted(wrong) == []
    assert [translated for text, translated in french.items() if text not in titles and re.search(r"[\"“”’]", translated)] == []


@pytest.fixture
def missed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """English texts that were asked for in French and are not in the catalogue, from now on; names and written values left out."""
    found = set[str]()
    translate = Language.text

    def text(language: Language, message: str) -> str:
        if language.code == "fr" and message not in _catalogue("fr") and re.search(r"[a-z]{3}", message):
            found.add(message)
        return translate(language, message)

    monkeypatch.setattr(Language, "text", text)
    return found


def test_every_verdict_is_french_throughout(registry: Registry, missed: set[str]) -> None:
    for claim in registry.names("claims"):
        verdict = audit(claim, registry=registry)
        said = {sentence(verdict, FRENCH): verdict.sentence} | {check.message_in(FRENCH): check.message for check in verdict.checks}
        assert [french for french, english in said.items() if french == english or BEFORE.search(french)] == []
        for fact in verdict.facts:
            fact_card(verdict, fact, FRENCH)
    assert missed == set()


def page(name: str) -> None:
    from importlib import import_module

    import streamlit as st

    from model.dashboard.state import current_view

    st.session_state.lang = "fr"
    import_module(f"model.dashboard.pages.{name}").draw(current_view())


@pytest.mark.parametrize("name", [name for name in PAGES if (PAGE_FILES / f"{name}.py").is_file()])
def test_every_page_is_french_throughout(name: str, missed: set[str]) -> None:
    app = AppTest.from_function(page, args=(name,), default_timeout=60).run()
    assert not app.exception
    assert missed == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_is_french_throughout(command: str, missed: set[str]) -> None:
    result = CliRunner().invoke(costclaim, [*command.split(), "--lang", "fr"])
    assert result.exit_code == 0, result.output
    assert missed == set()


def test_every_card_and_row_is_french_throughout(registry: Registry, missed: set[str]) -> None:
    verdict = audit("deepseek-v3-5.576m", registry=registry)
    cards = ((parameter_card, registry.parameters), (component_card, registry.components), (scope_card, registry.scopes))
    cards += ((run_card, registry.names("backtest_run")),)
    for card, names in (*cards, (route_card, [route.id for route in RATIO_ROUTES])):
        for name in names:
            card(verdict, name, FRENCH)
    ladder_rows(verdict, FRENCH)
    evidence_items(verdict, FRENCH)
    for part in PARTS:
        equation_rows(verdict, part, FRENCH)
    assert missed == set()
