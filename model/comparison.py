"""Differences between scenarios on the same draws, with their own intervals.

Equal points are paired. Routes are paired by their cumulated weights, in the order of the routes, so that scenarios with other
weights can be compared and identical ones differ by exactly zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from model.distributions import Array
from model.engine import DEFAULT_SUBJECT, Run, run
from model.errors import InputError
from model.estimate import RouteEstimate
from model.registry import Registry, load_registry


@dataclass(frozen=True)
class Comparison:
    """Two runs on the same points."""

    names: tuple[str, ...]
    runs: tuple[Run, ...]

    def difference(self, scope: str, probabilities: Mapping[str, float]) -> dict[str, float]:
        """Quantiles of second minus first, in USD, over the paired draws."""
        values, weights = [], []
        for weight, routes in paired([r.scopes[scope].routes for r in self.runs]):
            first, second = (r.draws(scope, route) for r, route in zip(self.runs, routes, strict=True))
            values.append((second - first).ravel())
            weights.append(np.full(values[-1].size, weight / values[-1].size))
        return weighted_quantiles(np.concatenate(values), np.concatenate(weights), probabilities)


def paired(routes: Sequence[Sequence[RouteEstimate]]) -> Iterator[tuple[float, tuple[str, ...]]]:
    """Segments of [0, 1] cut at every cumulated weight, each with the route that every run has there."""
    edges = [np.cumsum([route.weight for route in own]) for own in routes]
    cuts = np.unique(np.concatenate([np.zeros(1), *(np.minimum(e, 1.0) for e in edges)]))
    for low, high in pairwise(cuts):
        if high - low > 1e-12:
            middle = 0.5 * (low + high)
            yield float(high - low), tuple(own[int(np.searchsorted(e, middle))].id for own, e in zip(routes, edges, strict=True))


def weighted_quantiles(values: Array, weights: Array, probabilities: Mapping[str, float]) -> dict[str, float]:
    """Smallest values at which the cumulated weight reaches each probability."""
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    positions = np.searchsorted(cumulated, np.array(list(probabilities.values())) * cumulated[-1])
    return {name: float(values[order][min(i, values.size - 1)]) for name, i in zip(probabilities, positions, strict=True)}


def compare(
    scenarios: Sequence[str | Path],
    *,
    registry: Registry | None = None,
    subject: str = DEFAULT_SUBJECT,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Comparison:
    """Run two scenarios on the same points.

    Raises
    ------
    InputError
        Not two scenarios, or scenarios with another number of points or seed.
    """
    if len(scenarios) != 2:
        raise InputError("compare", f"{len(scenarios)} scenarios are named;", "Name two, for example: compare zheng as_reported.")
    registry = registry or load_registry()
    runs = tuple(run(s, registry=registry, subject=subject, changes=changes, points=points, seed=seed) for s in scenarios)
    return compare_runs(*runs)


def compare_runs(first: Run, second: Run) -> Comparison:
    """Set two finished runs side by side.

    Raises
    ------
    InputError
        They have another number of points or seed, so that their draws cannot be paired.
    """
    if (first.setting.seed, first.points) != (second.setting.seed, second.points):
        raise InputError("compare", "the scenarios have another seed or number of points.", "Give both with --seed and --points.")
    return Comparison(_distinct([first.setting.scenario, second.setting.scenario]), (first, second))


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names) if len(set(names)) == len(names) else tuple(f"{name} ({i})" for i, name in enumerate(names, start=1))
