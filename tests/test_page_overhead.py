"""The page on research overhead: R by route as the engine has it, weights and cases that can be moved, cards behind all of it."""

from __future__ import annotations

from functools import partial

import pytest

from model.auditor.audit import Verdict, audit
from model.cards import component_card, route_card
from model.document import HEAD
from model.engine import Run, run
from model.registry import Registry
from model.views.overhead import (
    ENTERS,
    FitRow,
    Overhead,
    case_rows,
    cases_of,
    drawn_cases,
    fit_row,
    overhead_of,
    range_of,
    spread_rows,
    spread_words,
    with_cases,
)
from model.wording import ENGLISH, FRENCH, LANGUAGES
from tests.app_pages import sent
from tests.app_pages import shown as shown_page

pytestmark = pytest.mark.usefixtures("untranslated")
shown = partial(shown_page, "overhead")
CLAIM, STAGE = "deepseek-v3-5.576m", "deepseek-r1-294k"
FINAL_RUN = 5.576e6  # at $2: cost over this is R


@pytest.fixture(scope="module")
def verdict(registry: Registry) -> Verdict:
    return audit(CLAIM, registry=registry)


def figures(of: Run) -> Overhead:
    found = overhead_of(of)
    assert found is not None
    return found


def test_r_by_each_route_and_mixed_is_the_project_over_the_final_run(as_reported: Run) -> None:
    project = as_reported.scopes["project"]
    for row in figures(as_reported).ratios:
        estimate = project.route(row.id) if row.id else project
        assert row.values == pytest.approx(estimate.quantile(list(HEAD.values())) / FINAL_RUN, rel=0.01)


def test_a_route_without_weight_is_shown_alone_and_left_out_of_the_mixture(registry: Registry) -> None:
    mixture, components, *others = figures(run("lambert", registry=registry)).ratios
    assert mixture.values == components.values
    assert [(row.id, row.weight) for row in others] == [("reference_class", 0.0), ("cluster_window", 0.0)]


def test_a_stated_ratio_appears_where_it_has_weight(registry: Registry) -> None:
    rows = {row.id: row for row in figures(run("epoch", registry=registry)).ratios}
    assert rows["stated"].values == pytest.approx((1.2, 2.19, 4.0), rel=0.01)


def test_without_any_weight_there_is_no_mixture(registry: Registry) -> None:
    none = [f"route.{name}=0" for name in ("bottom_up", "reference_class", "cluster_window", "stated")]
    found = figures(run("zheng", registry=registry, changes=none))
    assert found.variance is None
    assert [row.id for row in found.ratios] == ["bottom_up", "reference_class", "cluster_window"]


def test_components_stand_by_code_with_where_they_enter(zheng: Run) -> None:
    rows = figures(zheng).components
    assert [row.code for row in rows] == [f"C{i}" for i in range(1, 9)]
    assert [row.note for row in rows] == [*[ENTERS["bottom_up"]] * 6, ENTERS["own_line"], ENTERS["no_default_scope"]]
    assert rows[1].values == pytest.approx((0.42, 0.84, 1.72), rel=0.02)  # domain document, section 5


def test_between_and_within_route_variance(zheng: Run) -> None:
    assert figures(zheng).variance == {"between_routes": pytest.approx(0.001, abs=5e-4), "within_routes": pytest.approx(0.134, abs=2e-3)}


def test_rows_and_words_say_the_same(zheng: Run) -> None:
    found = figures(zheng)
    rows = spread_rows(found.ratios, FRENCH)
    assert [row["group"] for row in rows] == ["mixture", *["one route alone"] * 3]
    assert rows[1]["text"] == "2,44"
    assert "Sum of components: 2,44 (1,9 to 3,3)" in spread_words(found.ratios, FRENCH)
    assert len({row["label"] for row in spread_rows(found.components, ENGLISH)}) == len(found.components)


def test_the_fit_is_that_of_the_case_table(zheng: Run) -> None:
    found = fit_row(zheng, "project")
    assert (found.m, found.s, found.n_eff) == (
        pytest.approx(0.3228, abs=1e-4),
        pytest.approx(0.8531, abs=1e-4),
        pytest.approx(10.12, abs=0.01),
    )
    assert range_of(found.values, ENGLISH) == "2.38 (1.27 to 8.10)"
    assert fit_row(zheng, "lab_year") == FitRow(
        *(pytest.approx(x, rel=1e-3) for x in (1.665, 0.622, 3.77)), pytest.approx((2.0, 6.3, 30), rel=0.05)
    )


def test_cases_in_the_fit_come_first_and_far_ones_are_left_to_the_table(zheng: Run) -> None:
    cases = cases_of(zheng, "project")
    rows = case_rows(drawn_cases(cases), ENGLISH)
    assert [row["used"] for row in rows] == sorted((row["used"] for row in rows), reverse=True)
    assert {case.label for case, _ in cases} - {row["label"] for row in rows} == {"LISA"}


def test_dropping_and_adding_a_case_is_a_change_and_can_be_taken_back(zheng: Run) -> None:
    used = [case.id for case, weight in cases_of(zheng, "project") if weight > 0.0]
    assert with_cases([], zheng, "project", used) == ()
    dropped = with_cases([("goodput", "0.9")], zheng, "project", [name for name in used if name != "olmo-3"])
    assert dropped == (("case.olmo-3", "0"), ("goodput", "0.9"))
    added = with_cases(dropped, zheng, "project", [*used, "bloom-energy"])
    assert added == (("case.bloom-energy", "1"), ("goodput", "0.9"))
    assert with_cases(added, zheng, "project", used) == (("goodput", "0.9"),)


def test_a_weight_that_was_written_stays(zheng: Run) -> None:
    used = [case.id for case, weight in cases_of(zheng, "project") if weight > 0.0]
    assert with_cases([("case.olmo-3", "0.2")], zheng, "project", used) == (("case.olmo-3", "0.2"),)


@pytest.mark.parametrize(
    ("component", "inputs"),
    [
        ("rework", ["goodput"]),
        ("ablations", ["ablations.disclosed", "ablations.undisclosed"]),
        ("predecessors", ["predecessors.hours", "predecessors.share"]),
    ],
)
def test_a_computed_component_names_what_it_rests_on(verdict: Verdict, component: str, inputs: list[str]) -> None:
    card = component_card(verdict, component, ENGLISH)
    assert sorted(card.rests_on) == inputs
    assert card.place.startswith("assumptions/parameters/")


def test_every_component_and_route_opens_a_card(verdict: Verdict, registry: Registry) -> None:
    assert all(component_card(verdict, name, ENGLISH).lines for name in registry.components)
    cards = {name: route_card(verdict, name, ENGLISH) for name in ("bottom_up", "reference_class", "cluster_window", "stated")}
    assert "overhead.reference_class" in cards["reference_class"].rests_on
    assert {"window.gpus", "window.use"} <= set(cards["cluster_window"].rests_on)
    assert cards["bottom_up"].place.startswith("assumptions/settings.toml:")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "lambert"])
def test_the_page_shows_the_engines_figures(scenario: str, language: str, registry: Registry) -> None:
    app = shown(scenario, language)
    assert not app.exception
    for row in figures(run(scenario, registry=registry)).ratios:
        assert f'"{LANGUAGES[language].number(row.values[1], 3)}"' in sent(app)


def test_a_weight_moves_by_its_slider_and_back(registry: Registry) -> None:
    app = shown()
    app.slider(key="weigh_reference_class").set_value(0.0).run()
    assert app.session_state.choices.changes == (("route.reference_class", "0"),)
    assert not app.exception
    app.button(key="back_route.").click().run()
    assert app.session_state.choices.changes == ()


def test_a_dropped_case_changes_the_fit_on_the_page(registry: Registry) -> None:
    app = shown()
    cases = app.multiselect(key="cases_project")
    cases.set_value([name for name in cases.value if name != "t5-11b"]).run()
    assert app.session_state.choices.changes == (("case.t5-11b", "0"),)
    now = fit_row(run("zheng", registry=registry, changes=["case.t5-11b=0"]), "project")
    assert ENGLISH.number(now.m) in sent(app)


def test_a_fit_without_cases_is_refused_and_the_last_one_stays() -> None:
    app = shown()
    app.multiselect(key="cases_project").set_value([]).run()
    assert app.session_state.choices.changes == ()
    assert "fewer than two cases" in app.session_state.refused
    assert not app.exception


def test_a_stage_without_its_base_has_cases_but_no_ratio() -> None:
    app = shown(claim=STAGE)
    assert not app.exception
    assert not app.slider
    assert app.multiselect


@pytest.mark.parametrize("scenario", ["disclosed_floor", "epoch", "dependent"])
def test_points_stated_ratios_and_correlations_are_drawn_too(scenario: str) -> None:
    assert not shown(scenario).exception


def test_a_written_class_and_no_route_at_all_are_said() -> None:
    changes = tuple((f"route.{name}", "0") for name in ("bottom_up", "cluster_window", "reference_class"))
    app = shown(changes=(("overhead.reference_class", "log_normal(1.5, 4)"), *changes))
    assert not app.exception
    assert [warning.value for warning in app.warning] == [
        "No route has weight, so there is no mixture and no cost of the project.",
        "A written value stands in place of this fit.",
    ]
