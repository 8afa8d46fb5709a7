"""The page of scenarios: two states on the same draws, the interval of their difference, and what differs in their assumptions."""

from __future__ import annotations

from functools import partial

import pytest

from model.comparison import compare, compare_runs
from model.document import comparison_document
from model.engine import Run, run
from model.errors import InputError
from model.registry import Registry
from model.views.scenarios import (
    changed_assumptions,
    correlated,
    interval_rows,
    range_text,
    scope_differences,
    step_label,
    step_rows,
)
from model.wording import ENGLISH, LANGUAGES
from tests.app_pages import sent
from tests.app_pages import shown as shown_page

pytestmark = pytest.mark.usefixtures("untranslated")
shown = partial(shown_page, "scenarios")
NONE = "-"
CLAIM, STAGE = "deepseek-v3-5.576m", "deepseek-r1-294k"


def test_differences_are_those_of_compare(zheng: Run, as_reported: Run, registry: Registry) -> None:
    document = comparison_document(compare(["zheng", "as_reported"], registry=registry))
    for found, told in zip(scope_differences(compare_runs(zheng, as_reported)), document["scopes"], strict=True):
        assert found["differences"] == [told["difference"]]
        assert found["scenarios"] == list(told["scenarios"].values())


def test_a_state_against_itself_differs_by_exactly_zero(zheng: Run) -> None:
    assert {q for scope in scope_differences(compare_runs(zheng, zheng)) for q in scope["differences"][0].values()} == {0.0}


def test_runs_on_other_points_are_refused(zheng: Run, registry: Registry) -> None:
    with pytest.raises(InputError, match="another seed"):
        compare_runs(zheng, run("zheng", registry=registry, seed=2))


def test_the_chart_holds_flows_in_both_states_and_no_stock(zheng: Run, as_reported: Run, registry: Registry) -> None:
    rows = interval_rows(scope_differences(compare_runs(zheng, as_reported)), ["a", "b"], registry, ENGLISH)
    flows = [scope.label for scope in registry.scopes.values() if scope.flow]
    assert [row["label"] for row in rows] == [f"{sign} {label}" for label in flows for sign in "①②"]
    assert {row["group"] for row in rows} == {"① a", "② b"}


def test_an_interval_of_nothing_uncertain_is_a_figure() -> None:
    assert range_text({"p05": 2e6, "p50": 2e6, "p95": 2e6}, ENGLISH) == "$2M"
    assert range_text({"p05": -1e6, "p50": 2e6, "p95": 3e6}, ENGLISH) == "$2M (-$1M to $3M)"


def test_what_differs_is_named_with_both_values_and_the_reason(zheng: Run, as_reported: Run) -> None:
    (row,) = changed_assumptions([zheng, as_reported])
    assert (row.id, row.is_parameter, row.values) == ("price.basis", False, ("rental", "claimed"))
    assert row.reasons[0] == ""
    assert "Table 1" in row.reasons[1]


def test_values_of_every_kind_are_named(zheng: Run, registry: Registry) -> None:
    changes = ["goodput=0.9", "case.olmo-3=0", "route.bottom_up=2", "ablations=2..4", "staff.route=headcount"]
    rows = {row.id: row for row in changed_assumptions([zheng, run("zheng", registry=registry, changes=changes)])}
    assert rows["goodput"].values == ("beta(alpha = 40, beta = 2.6) fraction", "0.9")
    assert rows["goodput"].is_parameter
    assert rows["case.olmo-3"].values == ("1", "0")
    assert rows["case.olmo-3"].label == registry.cases["olmo-3"].label
    assert rows["route.bottom_up"].values == ("1", "2")
    assert rows["ablations"].values == ("computed from its parts", "2..4")
    assert rows["staff.route"].values == ("ratio", "headcount")


def test_a_value_that_both_set_alike_does_not_differ(registry: Registry) -> None:
    runs = [run(name, registry=registry) for name in ("as_reported", "disclosed_floor")]
    assert "price.basis" not in [row.id for row in changed_assumptions(runs)]


def test_correlations_that_are_switched_on_are_named(zheng: Run, registry: Registry) -> None:
    assert correlated(zheng) == ()
    assert correlated(run("dependent", registry=registry)) == (registry.correlation_sets["components"].label,)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "lambert"])
def test_the_page_shows_the_engines_figures(scenario: str, language: str, registry: Registry) -> None:
    app = shown(scenario, language)
    assert not app.exception
    other = "zheng" if scenario == "as_reported" else "as_reported"
    told = comparison_document(compare([scenario, other], registry=registry))["scopes"]
    page_text = sent(app)
    for scope in told:
        for q in (*scope["scenarios"].values(), scope["difference"]):
            assert range_text(q, LANGUAGES[language]) in page_text


def test_the_visitors_own_changes_can_be_one_of_the_two(registry: Registry) -> None:
    app = shown(changes=(("goodput", "0.9"),))
    app.selectbox(key="compare_2").set_value("zheng").run()
    assert not app.exception
    assert "As set now: Zheng: market rent, three routes, 1 changed" in sent(app)
    assert "set by the user" in sent(app)
    app.selectbox(key="compare_1").set_value("owner").run()
    assert app.session_state.compared == ("owner", "zheng", NONE, NONE)


def test_a_stage_whose_wider_scopes_are_absent_says_why() -> None:
    app = shown(claim=STAGE)
    assert not app.exception
    assert "absent: the base model is not in it" in sent(app)


def test_correlations_and_nothing_else_are_said() -> None:
    app = shown("dependent")
    app.selectbox(key="compare_2").set_value("zheng").run()
    assert "Rank correlations are switched on: Components of overhead move together" in sent(app)
    assert "No value differs." in sent(app)


def test_up_to_four_states_stand_side_by_side(registry: Registry) -> None:
    app = shown()
    app.selectbox(key="compare_3").set_value("owner").run()
    app.selectbox(key="compare_4").set_value("lambert").run()
    assert not app.exception
    page_text = sent(app)
    compared = compare(["zheng", "as_reported", "owner", "lambert"], registry=registry)
    for scope in comparison_document(compared)["scopes"]:
        for q in scope["differences"].values():
            assert range_text(q, ENGLISH) in page_text
    for _, name, effect in step_rows(compared):
        assert step_label(registry, name)[0] in page_text
        assert all(ENGLISH.shift(usd) in page_text for usd in effect.values())
