"""Laws that are kept: a changed assumption computes what rests on it, and no answer depends on what was asked before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from model import kept_laws
from model.engine import Run, accumulate, run
from model.registry import Registry

QUANTILES = [0.05, 0.5, 0.95]
CHANGES = (
    (),
    ("price.rental=1.5..2.5",),
    ("ablations.undisclosed=2..4",),
    ("goodput=0.9",),
    ("route.bottom_up=3",),
    ("price.basis=claimed", "price.claimed=1.7"),
    ("price.basis=ownership",),
    ("case.olmo-3=0",),
    ("ablations=2..4",),
)


def figures(found: Run) -> dict[str, list[float | None]]:
    present = {name: scope for name, scope in found.scopes.items() if scope.routes}
    return {name: [*scope.quantile(QUANTILES), scope.probability_at_most(5.576e6), scope.mean] for name, scope in present.items()}


@pytest.mark.parametrize("changes", CHANGES)
def test_what_was_asked_before_changes_no_bit(changes: tuple[str, ...], registry: Registry, forget: Callable[[], None]) -> None:
    for other in CHANGES:
        run("zheng", registry=registry, changes=other)
    warm = figures(run("zheng", registry=registry, changes=changes))
    forget()
    assert figures(run("zheng", registry=registry, changes=changes)) == warm


@pytest.mark.parametrize(
    ("change", "laws"),
    [("route.bottom_up=3", [0]), ("price.rental=1.7..2.6", [1]), ("ablations.undisclosed=2..5", [3]), ("goodput=0.91", [10, 11, 12])],
)
def test_only_what_rests_on_a_change_is_computed(
    change: str, laws: list[int], registry: Registry, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None]
) -> None:
    forget()
    run("zheng", registry=registry)
    asked: list[str] = []

    def spied(system, tasks, points):
        asked.extend(task.scope for task in tasks)
        return accumulate(system, tasks, points)

    monkeypatch.setattr("model.engine.accumulate", spied)
    run("zheng", registry=registry, changes=[change])
    assert len(asked) in laws


def test_a_scope_that_rests_on_the_same_laws_is_the_same(registry: Registry) -> None:
    first, second = (run("zheng", registry=registry, changes=[f"ablations.undisclosed=2..{high}"]) for high in (4, 5))
    assert first.scopes["final_run"] is second.scopes["final_run"]
    assert first.scopes["project"] is not second.scopes["project"]


def test_other_seeds_points_and_subjects_share_nothing(registry: Registry) -> None:
    plain = run("zheng", registry=registry).scopes["project"]
    others = [run("zheng", registry=registry, **other) for other in ({"seed": 2}, {"points": 8192}, {"subject": "deepseek-r1"})]
    assert all(other.scopes["project"].quantile(0.5) != plain.quantile(0.5) for other in others)


def test_long_runs_are_not_kept(registry: Registry, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None]) -> None:
    forget()
    run("zheng", registry=registry, points=1 << 15, scopes=["final_run"])
    assert not kept_laws._laws._values


def test_the_value_that_nobody_asked_for_longest_goes_first() -> None:
    kept: kept_laws.Kept[str] = kept_laws.Kept(2)
    for key in "abc":
        kept.put(key, key)
        kept.get("b")
    assert [kept.get(key) for key in "abc"] == [None, "b", "c"]


def test_figures_are_those_asked_for_one_by_one(zheng: Run, as_reported: Run) -> None:
    for found in (zheng, as_reported):
        for scope in ("final_run", "project", "lab_window"):
            estimate = found.scopes[scope]
            told = estimate.figures(QUANTILES, [5.576e6, 2e7])
            np.testing.assert_array_equal(told.quantiles, estimate.quantile(QUANTILES))
            assert told.quantile_errors == pytest.approx([estimate.cost_at(p).error for p in QUANTILES], rel=1e-6, abs=1e-6)
            assert told.probabilities == pytest.approx([estimate.probability_at_most(x) for x in (5.576e6, 2e7)], abs=1e-12)
            assert told.probability_errors == pytest.approx([estimate.probability_at_most(x).error for x in (5.576e6, 2e7)], abs=1e-12)
