"""Many scenarios on the same draws, and what each change of an assumption does on its own."""

from __future__ import annotations

import numpy as np
import pytest

from model.comparison import changed_alone, compare, compare_runs, median_shift
from model.document import comparison_document
from model.engine import Run, run, run_setting
from model.errors import InputError, RefusedError
from model.registry import Registry
from model.setting import resolve

NAMES = ("zheng", "as_reported", "owner", "lambert", "disclosed_floor", "epoch", "dependent")


def test_every_scenario_is_set_against_the_first(registry: Registry) -> None:
    found = comparison_document(compare(NAMES[:4], registry=registry))
    for scope in found["scopes"]:
        assert list(scope["scenarios"]) == list(NAMES[:4])
        assert list(scope["differences"]) == list(NAMES[1:4])
        assert scope["difference"] == scope["differences"]["as_reported"]
        for other in NAMES[1:4]:
            alone = compare(["zheng", other], registry=registry)
            assert scope["differences"][other] == alone.difference(scope["id"], {"p05": 0.05, "p50": 0.5, "p95": 0.95})
    assert [changes["scenario"] for changes in found["changes"]] == list(NAMES[1:4])


@pytest.mark.parametrize("other", NAMES[1:])
def test_effects_alone_and_the_remainder_sum_to_the_difference_of_medians(registry: Registry, other: str) -> None:
    found = compare(["zheng", other], registry=registry)
    steps = found.steps()
    rest, whole = found.remainder(steps), median_shift(*found.runs)
    for scope, difference in whole.items():
        assert sum(step.effect[scope] for step in steps) + rest[scope] == pytest.approx(difference, rel=1e-9, abs=1e-3)


def test_the_only_change_explains_all(zheng: Run, registry: Registry) -> None:
    found = compare(["zheng", "owner"], registry=registry)
    (step,) = found.steps()
    assert step.id == "price.basis"
    assert set(found.remainder([step]).values()) == {0.0}


def test_a_change_alone_is_what_set_gives(zheng: Run, registry: Registry) -> None:
    other = resolve("disclosed_floor", registry)
    settings = changed_alone(zheng.setting, other, registry)
    assert "goodput" in settings
    set_alone = run("zheng", registry=registry, changes=["goodput=1"], scopes=["project"]).scope("project").quantile(0.5)
    found = run_setting(settings["goodput"], registry, "deepseek-v3", ["project"]).scope("project").quantile(0.5)
    assert float(found) == float(set_alone)


def test_every_kind_of_change_is_found(zheng: Run, registry: Registry) -> None:
    changes = ["goodput=0.9", "case.olmo-3=0", "case.llama-1=0.5", "route.bottom_up=2", "ablations=2..4", "staff.route=headcount"]
    other = resolve("dependent", registry, changes=changes)
    found = changed_alone(zheng.setting, other, registry)
    assert set(found) == {"goodput", "case.olmo-3", "case.llama-1", "route", "ablations", "staff.route", "correlations"}
    back = changed_alone(other, zheng.setting, registry)
    assert set(back) == set(found)
    assert back["ablations"].replaced == {}


def test_a_case_alone_is_fitted_anew(zheng: Run, registry: Registry) -> None:
    other = resolve("zheng", registry, changes=["case.olmo-3=0", "case.llama-1=0.5"])
    alone = changed_alone(zheng.setting, other, registry)["case.olmo-3"]
    expected = resolve("zheng", registry, changes=["case.olmo-3=0"])
    for name, held in expected.distributions.items():
        assert alone.distributions[name].mean == held.mean
        assert float(alone.distributions[name].ppf(np.array([0.3]))[0]) == pytest.approx(float(held.ppf(np.array([0.3]))[0]), rel=1e-12)
    assert alone.cases == expected.cases


def test_a_scope_that_is_absent_has_no_effect_to_tell(registry: Registry) -> None:
    found = compare(["zheng", "as_reported"], registry=registry, subject="deepseek-r1-stage")
    steps = found.steps()
    assert steps[0].effect["project"] is None
    assert found.remainder(steps)["project"] is None
    assert found.remainder(steps)["final_run"] == 0.0


def test_a_difference_to_what_is_absent_is_refused(zheng: Run, registry: Registry) -> None:
    bare = run("zheng", registry=registry, changes=["route.bottom_up=0", "route.reference_class=0", "route.cluster_window=0"])
    for pair in ((zheng, bare), (bare, zheng)):
        with pytest.raises(RefusedError, match="no_route"):
            compare_runs(*pair).difference("project", {"p50": 0.5})
        assert compare_runs(*pair).difference("final_run", {"p50": 0.5}) == {"p50": 0.0}


def test_one_scenario_is_no_comparison(registry: Registry) -> None:
    with pytest.raises(InputError, match="Name two or more"):
        compare(["zheng"], registry=registry)
