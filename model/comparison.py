"""Differences between scenarios on the same draws, with their own intervals.

Equal points are paired. Routes are paired by their cumulated weights, in the order of the routes, so that scenarios with other
weights can be compared and identical ones differ by exactly zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from model import distributions as d
from model.engine import DEFAULT_SUBJECT, Run, run, run_setting
from model.errors import InputError, RefusedError
from model.estimate import RouteEstimate, ScopeEstimate
from model.numerical_error import Estimated, mixed_quantiles
from model.registry import Registry, load_registry
from model.schema.distribution import LogT
from model.setting import Setting, fit_of

RESOLVED = 1e-6  # of a median: less is the grid's, not the assumptions'


@dataclass(frozen=True)
class Step:
    """What one change of the assumptions, alone, does to the median of each scope, in USD; None where a scope is then absent."""

    id: str
    effect: Mapping[str, Estimated | None]


@dataclass(frozen=True)
class Comparison:
    """Runs on the same points; differences are against the first."""

    names: tuple[str, ...]
    runs: tuple[Run, ...]

    def difference(self, scope: str, probabilities: Mapping[str, float], other: int = 1) -> dict[str, Estimated]:
        """Quantiles of another run minus the first, in USD, over the paired draws.

        Raises
        ------
        RefusedError
            The scope is absent in one of them.
        """
        pair = (self.runs[0], self.runs[other])
        if absent := next((r.scopes[scope].reason for r in pair if not r.scopes[scope].routes), None):
            raise RefusedError(f"{scope}: has no answer in both scenarios ({absent}). Ask for a scope that is present.")
        parts = []
        for weight, routes in paired([r.scopes[scope].routes for r in pair]):
            first, second = (r.draws(scope, route) for r, route in zip(pair, routes, strict=True))
            parts.append((weight, second - first))
        return mixed_quantiles(parts, probabilities)

    def steps(self, other: int = 1) -> tuple[Step, ...]:
        """Each change from the first to another run, made alone, and what it does to the medians; effects alone need not add up."""
        first, second = self.runs[0], self.runs[other]
        found = changed_alone(first.setting, second.setting, first.registry)
        runs = {name: run_setting(setting, first.registry, first.subject.id) for name, setting in found.items()}
        return tuple(Step(name, median_shift(first, alone)) for name, alone in runs.items())

    def remainder(self, steps: Sequence[Step], other: int = 1) -> dict[str, Estimated | None]:
        """What is left of the difference of medians when the effects alone are taken off: how the changes act together."""
        whole = median_shift(self.runs[0], self.runs[other])
        return {scope: _less(shift, [step.effect[scope] for step in steps]) for scope, shift in whole.items()}


def _less(whole: Estimated | None, parts: Sequence[Estimated | None]) -> Estimated | None:
    """A shift less others; None where any of them is."""
    known = [part for part in parts if part is not None]
    return None if whole is None or len(known) < len(parts) else reduce(Estimated.less, known, whole)


def median_shift(first: Run, second: Run) -> dict[str, Estimated | None]:
    """Median of every scope in one run minus that in another, with the error of both on the same points; None where a scope is absent."""
    pairs = {scope: (own, second.scopes[scope]) for scope, own in first.scopes.items()}
    return {scope: _shift(*pair) if all(own.routes for own in pair) else None for scope, pair in pairs.items()}


def _shift(first: ScopeEstimate, second: ScopeEstimate) -> Estimated:
    before, after = first.cost_at(0.5), second.cost_at(0.5)
    return after.less(before) if abs(after - before) > RESOLVED * before else Estimated(0.0)


def changed_alone(first: Setting, second: Setting, registry: Registry) -> dict[str, Setting]:
    """For everything in which two settings differ, the first with that alone as in the second.

    Weights of routes are shares of one whole, so they change together, as ``route``; so do rank correlations, as ``correlations``.
    """
    classes = {name for name, p in registry.parameters.items() if isinstance(p.distribution, LogT)}
    found: dict[str, Setting] = {}
    for field in ("distributions", "replaced", "choices"):
        held, wanted = getattr(first, field), getattr(second, field)
        refit = {n for n in classes if isinstance(held.get(n), d.LogT) and isinstance(wanted.get(n), d.LogT)}
        for name in sorted(name for name in held.keys() | wanted.keys() if held.get(name) != wanted.get(name) and name not in refit):
            swapped: Any = {k: v for k, v in {**held, name: wanted.get(name)}.items() if v is not None}
            found[name] = replace(first, **{field: swapped})
    for name in sorted(name for name, weight in first.cases.items() if second.cases[name] != weight):
        found[name] = with_case(first, registry, name, second.cases[name])
    if first.weights != second.weights:
        found["route"] = replace(first, weights=second.weights)
    if first.correlations != second.correlations:
        found["correlations"] = replace(first, correlations=second.correlations)
    return found


def with_case(setting: Setting, registry: Registry, name: str, weight: float) -> Setting:
    """The setting with one case of a reference class at another weight, its class fitted anew."""
    changed, case_class = replace(setting, cases={**setting.cases, name: weight}), registry.cases[name.removeprefix("case.")].case_class
    fitted = {
        p.id: fit_of(changed, registry, case_class).predictive()
        for p in registry.parameters.values()
        if isinstance(p.distribution, LogT) and p.distribution.cases == case_class and isinstance(setting.distributions[p.id], d.LogT)
    }
    return replace(changed, distributions={**setting.distributions, **fitted})


def paired(routes: Sequence[Sequence[RouteEstimate]]) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Segments of [0, 1] cut at every cumulated weight, each with the route that every run has there."""
    edges = [np.cumsum([route.weight for route in own]) for own in routes]
    cuts = np.unique(np.concatenate([np.zeros(1), *(np.minimum(e, 1.0) for e in edges)]))
    for low, high in pairwise(cuts):
        if high - low > 1e-12:
            middle = 0.5 * (low + high)
            yield float(high - low), tuple(own[int(np.searchsorted(e, middle))].id for own, e in zip(routes, edges, strict=True))


def compare(
    scenarios: Sequence[str | Path],
    *,
    registry: Registry | None = None,
    subject: str = DEFAULT_SUBJECT,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Comparison:
    """Run two or more scenarios on the same points.

    Raises
    ------
    InputError
        One scenario only, or scenarios with another number of points or seed.
    """
    if len(scenarios) < 2:
        found = f"{len(scenarios)} scenario is named;"
        raise InputError("compare", found, "Name two or more, for example: compare zheng as_reported.")
    registry = registry or load_registry()
    runs = tuple(run(s, registry=registry, subject=subject, changes=changes, points=points, seed=seed) for s in scenarios)
    return compare_runs(*runs)


def compare_runs(*runs: Run) -> Comparison:
    """Set finished runs side by side.

    Raises
    ------
    InputError
        They have another number of points or seed, so that their draws cannot be paired.
    """
    if len({(run.setting.seed, run.points) for run in runs}) > 1:
        raise InputError("compare", "the scenarios have another seed or number of points.", "Give all of them --seed and --points.")
    return Comparison(_distinct([run.setting.scenario for run in runs]), runs)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names) if len(set(names)) == len(names) else tuple(f"{name} ({i})" for i, name in enumerate(names, start=1))
