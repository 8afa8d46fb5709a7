"""The method page: equations as the code has them, texts as the documentation has them, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import model
from model import wording
from model.auditor.audit import Verdict, audit
from model.cost import compute, overhead, price, scopes
from model.dashboard.card_dialog import card_of
from model.dashboard.numbers import Figure
from model.dashboard.state import Choices, View
from model.graph import cost_equations
from model.registry import Registry
from model.views.method import PARTS, equation_rows, formula_of, shared_text
from model.wording import ENGLISH
from tests.app_pages import shown as shown_page

CHECKOUT = Path(model.__file__).parents[1]
DOCS = CHECKOUT / "docs"
CLAIM = "deepseek-v3-5.576m"


@pytest.fixture(scope="module")
def verdict(registry: Registry) -> Verdict:
    return audit(CLAIM, registry=registry)


def test_every_equation_is_a_row(verdict: Verdict) -> None:
    rows = {row.name for part in PARTS for row in equation_rows(verdict, part, ENGLISH)}
    assert set(cost_equations()) <= rows
    assert {name for name in rows if not callable(vars(compute).get(name, len))} == set()


def test_every_row_says_what_it_is_and_by_which_formula(verdict: Verdict) -> None:
    rows = [row for part in PARTS if part != "Physics" for row in equation_rows(verdict, part, ENGLISH)]
    assert [row.name for row in rows if not row.what or not row.formula or "_" in row.formula or "np." in row.formula] == []


@pytest.mark.parametrize(
    ("function", "formula"),
    [
        (scopes.project_hours, "base hours × research ratio + stage hours × elapsed ratio"),
        (overhead.research_ratio, "max(route ratio, elapsed ratio)"),
        (overhead.elapsed_ratio, "1 / goodput"),
        (price.maintenance_hour, "ownership maintenance share × cluster capital / 8,760"),
        (compute.wall_clock_days, "GPU hours / (GPUs × 24)"),
    ],
)
def test_a_formula_is_read_off_its_function(function, formula: str) -> None:
    assert formula_of(function, ENGLISH) == formula


def test_assumptions_enter_through_wires_but_not_through_other_equations(verdict: Verdict) -> None:
    rows = {row.name: {p.id for p in row.enters} for part in PARTS for row in equation_rows(verdict, part, ENGLISH)}
    assert rows["project"] == {"price.rental"}
    assert rows["research_ratio"] == set()
    assert rows["elapsed_ratio"] == {"goodput"}


def test_every_equation_opens_a_card_that_names_its_place(verdict: Verdict, registry: Registry) -> None:
    view = View(ENGLISH, registry, Choices(), verdict)
    for part in PARTS:
        for row in equation_rows(verdict, part, ENGLISH):
            card = card_of(view, f"equation:{row.name}")
            file, _, line = card.place.partition(":")
            assert (CHECKOUT / file).read_text(encoding="utf-8").splitlines()[int(line) - 1].startswith(f"def {row.name}(")
    assert registry.scopes["project"].label in card_of(view, "equation:research_ratio").feeds


def test_every_rule_opens_a_card_with_its_reason(verdict: Verdict, registry: Registry) -> None:
    view = View(ENGLISH, registry, Choices(), verdict)
    cards = [card_of(view, f"rule:{name}") for name in registry.located("rule")]
    assert [card.title for card in cards if "Rationale" not in dict(card.lines) or not card.evidence] == []


@pytest.mark.parametrize("name", ["method", "limits"])
def test_the_page_shows_the_texts_of_the_documentation(name: str) -> None:
    written = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert shared_text(name, "en").replace("### ", "## ").replace("\\$", "$") == written.partition("\n")[2].strip()


@pytest.mark.parametrize("name", ["method", "limits"])
def test_the_french_text_keeps_step_with_the_english_one(name: str) -> None:
    english, french = shared_text(name, "en"), shared_text(name, "fr")
    assert french != english
    for pattern in (r"^#+ ", r"^\| ", r"^- ", r"^\*\*"):
        assert len(re.findall(pattern, french, re.MULTILINE)) == len(re.findall(pattern, english, re.MULTILINE)), pattern
    assert set(re.findall(r"`[^`]+`", french)) >= set(re.findall(r"`[^`]+`", english))


@pytest.mark.usefixtures("untranslated")
@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "lambert"])
def test_the_page_draws_with_the_engines_medians(scenario: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def spy(_columns, rows, **_options) -> None:
        shown.extend(cell.text if isinstance(cell, Figure) else cell for row in rows for cell in row)

    monkeypatch.setattr("model.dashboard.pages.method.number_table", spy)
    app = shown_page("method", scenario, lang)
    assert not app.exception
    medians = [float(estimate.quantile(0.5)) for estimate in audit(CLAIM, scenario=scenario).run.scopes.values()]
    assert {wording.LANGUAGES[lang].money(median, 3) for median in medians} <= set(shown)
    assert any(shared_text("limits", lang)[:80] in element.value for element in app.markdown)
