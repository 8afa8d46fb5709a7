"""The page of what must be believed: its figures are those of Python and the command line, in both languages."""

from __future__ import annotations

from functools import partial

import pytest

from model.dashboard.card_dialog import plain
from model.explain.believe import believe_question
from model.explain.break_even import break_even_question, span_with
from model.explain.question import ask
from model.explain.solve import solve_question
from model.explain.steelman import steelman_question
from model.registry import Registry
from model.views.believe import (
    believe_sentence,
    case_sentence,
    map_rows,
    map_sentence,
    one_in,
    quantity,
    solve_sentence,
    starting_pair,
    stretched,
)
from model.wording import ENGLISH, LANGUAGES
from tests.app_pages import CLAIM, sent
from tests.app_pages import shown as shown_page

shown = partial(shown_page, "believe")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", ["zheng", "as_reported"])
def test_the_page_shows_the_engines_figures(scenario: str, language: str, registry: Registry) -> None:
    app = shown(scenario, language)
    assert not app.exception
    page_text, said = sent(app).replace("\\\\u202f", "\u202f"), LANGUAGES[language]
    question = ask(CLAIM, "project", scenario=scenario, registry=registry)
    found, cases = believe_question(question), steelman_question(question)
    x, y = starting_pair(question)
    solved = solve_question(question, x)
    drawn = break_even_question(question, span_with(question, x, solved.value), y)
    sentences = [believe_sentence(question, found, said), solve_sentence(question, solved, said), map_sentence(question, drawn, said)]
    sentences += [case_sentence(question, case, said) for case in cases]
    shown_words = "\n".join(element.value for element in (*app.markdown, *app.caption))
    assert [sentence for sentence in sentences if plain(sentence) not in shown_words] == []
    for c in stretched(found.nearest.point):
        assert quantity(c.value, c.unit, said) in page_text
        assert f"parameter:{c.id}" in page_text
    for route in found.routes:
        assert one_in(route.probability, said) in page_text
    for premise in (p for case in cases for p in case.premises):
        source = premise.evidence.source if premise.evidence else ""
        assert source in page_text


def test_another_quantity_can_be_asked_for_at_another_percentile(registry: Registry) -> None:
    app = shown()
    app.selectbox(key="solve_for").set_value("ablations.undisclosed").run()
    app.selectbox(key="solve_at").set_value(0.05).run()
    assert not app.exception
    question = ask(CLAIM, "project", registry=registry)
    found = solve_question(question, "ablations.undisclosed", 0.05)
    assert plain(solve_sentence(question, found, ENGLISH)) in "\n".join(element.value for element in app.markdown)


def test_the_scope_in_view_can_be_changed() -> None:
    app = shown()
    app.selectbox(key="believe_scope").set_value("final_run").run()
    assert not app.exception
    assert app.session_state.choices.scope == "final_run"
    assert "0.211 standard deviations" in sent(app)
    assert "fleet_capex" not in app.selectbox(key="believe_scope").options


def test_a_stage_starts_with_the_scope_that_it_has() -> None:
    app = shown(claim="deepseek-r1-294k")
    assert app.session_state.choices.scope == "project"
    assert app.selectbox(key="believe_scope").value == "final_run"
    assert "standard deviations" in sent(app)


def test_a_claim_without_a_sum_of_dollars_says_so() -> None:
    app = shown(claim="seed001-barely-a-year")
    assert not app.exception
    assert "states no sum of dollars" in app.info[0].value


def test_a_scope_of_one_quantity_has_no_map(registry: Registry) -> None:
    app = shown("owner", claim="deepseek-r1-294k")
    app.selectbox(key="believe_scope").set_value("final_run").run()
    assert not app.exception


def test_rows_of_a_map_hold_its_nodes_and_its_contours_in_order(registry: Registry) -> None:
    question = ask(CLAIM, "project", registry=registry)
    found = break_even_question(question, "price.rental=0.4..3", "goodput")
    rows = map_rows(question, found, ENGLISH)
    assert len([row for row in rows if row["verdict"]]) == 13 * 13
    line = [row for row in rows if row["line"] == "median"]
    assert len(line) == len(found.break_even)
    assert [row["x"] for row in line] == sorted(row["x"] for row in line)
    assert [row["y"] for row in line] == sorted(row["y"] for row in line)  # more goodput costs less, so a higher rent balances it


@pytest.mark.parametrize(
    ("probability", "said"), [(0.5, "50.0\u00a0%"), (0.0085, "0.85\u00a0%, 1 in 118"), (0.0, "less than 1 in 1,000,000,000")]
)
def test_probabilities_are_said_in_words_and_figures(probability: float, said: str) -> None:
    assert one_in(probability, ENGLISH) == said


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(2.0, "USD/gpu_hour", "$2"), (0.946, "fraction", "94.6\u00a0%"), (3.55e6, "gpu_hour", "3.55M"), (1.333, "ratio", "1.33")],
)
def test_quantities_are_written_in_their_unit(value: float, unit: str, said: str) -> None:
    assert quantity(value, unit, ENGLISH) == said
