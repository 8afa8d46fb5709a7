"""Evidence updates: prior and posterior of every scope, by importance weights on the points of the prior.

A point of a pair of routes, one to the project's ratio and one to the lab's hours, weighs as much as the routes times the likelihood
of all observations there. A route in which the source of an observation already stands is not judged by it: its points keep their
weights, and its share among the routes stays what the others' evidence leaves it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from model.distributions import Array
from model.engine import DEFAULT_SUBJECT, Run, run
from model.errors import InputError, RefusedError
from model.estimate import RouteEstimate, ScopeEstimate
from model.integration import STEP, DirectSum, GridLaw, Histogram, Law
from model.numerical_error import Estimated, drawn_quantiles
from model.posterior_evidence import COUPLED, FAMILIES, Placed, load_observation, log_likelihood, place, uncertain
from model.registry import Registry, load_registry
from model.routes import SCOPE_NODES, Route
from model.sampling import SCRAMBLES, points_per_scramble
from model.schema.observation import Observation
from model.setting import DEFAULT_SCENARIO
from model.system import Task

FLOOR_RULE = "effective_sample_floor"
MOST_POINTS = 1 << 18  # all points are held at once
WAY_OUT = "Widen the error model, check quantity and unit, move the prior with --set, or take more --points."
CELLS = 16  # of equal probability of the one input that a cost shares with evidence
LEAST_WEIGHT = 1e-12  # of the largest: a scramble in which nothing is left still has a law


@dataclass(frozen=True)
class Posterior:
    """What evidence makes of a run: the same points with other weights."""

    prior: Run
    evidence: tuple[Placed, ...]
    scopes: Mapping[str, ScopeEstimate]
    effective: Mapping[str, float]
    observed: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]]

    @property
    def effective_sample_size(self) -> float:
        """(Sum of weights)^2 / sum of squares over the routes and points that are judged; the smaller of two families of routes."""
        named = {item.scope for item in self.evidence if not item.reason} & self.effective.keys()
        return min(self.effective[scope] for scope in named or self.effective)

    def route_weights(self, scope: str) -> dict[str, tuple[float, float]]:
        """Prior and posterior weight of each route of a scope."""
        before, after = self.prior.scopes[scope].routes, self.scopes[scope].routes
        return {old.id: (old.weight, new.weight) for old, new in zip(before, after, strict=True) if old.id}


def update(
    scenario: str | Path = DEFAULT_SCENARIO,
    evidence: Sequence[str | Path] = (),
    *,
    registry: Registry | None = None,
    subject: str = DEFAULT_SUBJECT,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Posterior:
    """Compute a scenario, then again in the light of evidence.

    Parameters
    ----------
    evidence : ids of shipped observations, or TOML files
    scenario, registry, subject, changes, points, seed : as for ``run``

    Raises
    ------
    InputError
        Wrong names, files or units, or more points than can be held at once.
    RefusedError
        The evidence leaves too few effective points.
    """
    registry = registry or load_registry()
    observations = [load_observation(name, registry) for name in evidence]
    return condition(run(scenario, registry=registry, subject=subject, changes=changes, points=points, seed=seed), observations)


def condition(prior: Run, observations: Sequence[Observation]) -> Posterior:
    """The posterior of a finished run; without evidence that applies, its own estimates, bit for bit."""
    if prior.points > MOST_POINTS:
        raise InputError("--points", f"{prior.points} are more than evidence can be weighed on.", f"At most {MOST_POINTS}.")
    doubled = {o.id for o in observations if [other.id for other in observations].count(o.id) > 1}
    if doubled:
        raise InputError("--evidence", f"{', '.join(sorted(doubled))} stands twice.", "Evidence counts once; give others another id.")
    joint = _Joint(prior, tuple(place(o, prior.system) for o in observations))
    chosen = {scope: joint.relevant(joint.inputs(scope)) for scope in prior.scopes if prior.scopes[scope].routes}
    effective = {scope: _effective(joint.of_scope(scope, own)) for scope, own in chosen.items() if own}
    whole = next((scope for scope in FAMILIES if scope in chosen), "final_run")
    return Posterior(
        prior,
        joint.evidence,
        {scope: joint.estimate(scope, chosen[scope]) if chosen.get(scope) else e for scope, e in prior.scopes.items()},
        effective or {whole: _effective(joint.of_scope(whole, ()))},
        {item.observation.id: joint.quantity(item) for item in joint.evidence if not item.reason},
    )


def _effective(weights: Array) -> float:
    return float(weights.sum() ** 2 / np.sum(weights**2)) if weights.any() else 0.0


class _Joint:
    """Weights of every pair of routes at every point, shape (ratio routes, lab routes, 4, n)."""

    def __init__(self, prior: Run, evidence: tuple[Placed, ...]) -> None:
        self.prior, self.evidence = prior, evidence
        self.size = points_per_scramble(prior.setting.points)
        self.ledger = prior.system.ledger(0, self.size)
        self.routes = {scope: self._routes(scope) for scope in FAMILIES}
        self._kept: dict[tuple[str, ...], Array] = {}

    def _routes(self, scope: str) -> list[tuple[Route | None, float]]:
        """Routes of a family with their prior weights; where it is absent, one that stands for none."""
        tasks = self.prior.system.tasks([scope])
        return [(task.route, task.weight) for task in tasks] or [(None, 1.0)]

    def inputs(self, scope: str, route: str | None = None) -> frozenset[str]:
        """Drawn inputs of a scope's cost, by all its routes or by one."""
        system = self.prior.system
        tasks = [t for t in system.tasks([scope]) if route is None or (t.route and t.route.id == route)]
        return frozenset().union(*(uncertain(system, system.graph.wired(t.aliases).ancestors(scope)) for t in tasks))

    def relevant(self, inputs: frozenset[str]) -> tuple[Placed, ...]:
        """Evidence that shares drawn inputs with a cost, at once or through other evidence; all else leaves it as it was."""
        found: tuple[Placed, ...] = ()
        while True:
            inputs = inputs.union(*(item.leaves for item in found))
            grown = tuple(item for item in self.evidence if not item.reason and not item.leaves.isdisjoint(inputs))
            if len(grown) == len(found):
                return found
            found = grown

    def of_scope(self, scope: str, evidence: tuple[Placed, ...]) -> Array:
        """Weights of a scope's routes at every point, shape (routes, 4, n); the mean over all points of all routes' sum is 1."""
        weights = self._weights(evidence)
        alias = SCOPE_NODES[scope].alias
        families = list(FAMILIES.values())
        other = tuple(axis for axis, node in enumerate(families) if node != alias)
        own = weights.sum(axis=other).reshape(-1, SCRAMBLES, self.size)
        return np.asarray(own * (SCRAMBLES * self.size / own.sum()))

    def _weights(self, evidence: tuple[Placed, ...]) -> Array:
        key = tuple(item.observation.id for item in evidence)
        if key not in self._kept:
            self._kept[key] = self._computed(evidence)
        return self._kept[key]

    def _computed(self, evidence: tuple[Placed, ...]) -> Array:
        skipped = [self._skipped(item) for item in evidence]
        parts = [np.where(skip[..., None, None], 0.0, self._likelihood(item)) for item, skip in zip(evidence, skipped, strict=True)]
        log_prior = np.log(np.multiply.outer(*([weight for _, weight in routes] for routes in self.routes.values())))
        start = np.broadcast_to(log_prior[..., None, None], (*log_prior.shape, SCRAMBLES, self.size))
        judged = sum(parts, start=start)
        logs = judged.copy()
        for pair in np.ndindex(*log_prior.shape):
            if left_out := {i for i, skip in enumerate(skipped) if skip[pair]}:
                others = ~np.logical_or.reduce([skipped[i] for i in left_out])
                rest = sum((part for i, part in enumerate(parts) if i not in left_out), start=start)
                logs[pair] += _foretold(judged[others], rest[others])
        peak = logs.max()
        if not np.isfinite(peak):
            raise RefusedError(self._contradiction(evidence))
        weights = np.exp(logs - peak)
        self._check(weights, evidence, skipped)
        return np.asarray(weights)

    def _likelihood(self, item: Placed) -> Array:
        """Logarithm of the likelihood by route of the quantity's own family, shape (routes or 1, routes or 1, 4, n)."""
        own = np.stack([np.broadcast_to(log_likelihood(item.observation.observed, y), (SCRAMBLES, self.size)) for y in self._values(item)])
        return own[:, None] if item.scope == "project" else own[None, :]

    def _values(self, item: Placed) -> list[Array]:
        routes = self.routes[item.scope] if item.scope else [(None, 1.0)]
        return [item.value(self.ledger, route) for route, _ in routes]

    def _skipped(self, item: Placed) -> Array:
        """Which pairs hold a route that knows the source already."""
        known = {s: [item.scope == s and r is not None and r.id in item.stands for r, _ in routes] for s, routes in self.routes.items()}
        return np.logical_or.outer(*known.values())

    def _contradiction(self, evidence: tuple[Placed, ...]) -> str:
        alone = [item.observation.id for item in evidence if not np.any(np.isfinite(self._likelihood(item)))]
        which = f"no point agrees with {', '.join(alone)}" if alone else f"no point agrees with all of {self._names(evidence)} at once"
        return f"The evidence contradicts the prior or itself: {which}. {WAY_OUT}"

    def _check(self, weights: Array, evidence: tuple[Placed, ...], skipped: Sequence[Array]) -> None:
        """Refuse where the ground rule asks for more effective points than are left, over all and where each observation is judged."""
        floor = self.prior.registry.rules[FLOOR_RULE]
        judged = [weights, *(np.where(skip[..., None, None], 0.0, weights) for skip in skipped if skip.any())]
        left = min((_effective(own.sum(axis=axis)) for own in judged for axis in (0, 1)), default=floor)
        if evidence and left < floor:
            asked = f"and the ground rule {FLOOR_RULE} asks for {floor:.0f}. {WAY_OUT}"
            raise RefusedError(f"The evidence ({self._names(evidence)}) leaves {left:.0f} effective points, {asked}")

    @staticmethod
    def _names(evidence: tuple[Placed, ...]) -> str:
        return ", ".join(item.observation.id for item in evidence)

    def quantity(self, item: Placed) -> tuple[dict[str, Estimated], dict[str, Estimated]]:
        """Prior and posterior quantiles of an observed quantity, in the unit of the observation."""
        scope = item.scope or "final_run"
        values = np.concatenate([np.broadcast_to(y, (SCRAMBLES, self.size)) for y in self._values(item)], axis=1)
        both = [np.concatenate([*self.of_scope(scope, evidence)], axis=1) for evidence in ((), self.relevant(item.leaves))]
        before, after = (drawn_quantiles(values, {"p05": 0.05, "p50": 0.5, "p95": 0.95}, weights) for weights in both)
        return before, after

    def estimate(self, scope: str, evidence: tuple[Placed, ...]) -> ScopeEstimate:
        """The posterior of a scope: each route's law with the weights of its points, mixed by the weights of the routes."""
        old, weights = self.prior.scopes[scope], self.of_scope(scope, evidence)
        tasks = self.prior.system.tasks([scope])
        by_scramble = weights.mean(axis=2)
        shares = map(
            Estimated.of_scrambles, by_scramble.mean(axis=1).tolist(), by_scramble / np.maximum(by_scramble.sum(axis=0), LEAST_WEIGHT)
        )
        seen = frozenset().union(*(item.leaves for item in evidence))
        routes = tuple(
            RouteEstimate(route.id, share, self._law(task, route.law, own, seen), None)
            for task, route, share, own in zip(tasks, old.routes, shares, weights, strict=True)
        )
        return ScopeEstimate(scope, old.price_year, routes)

    def _law(self, task: Task, before: Law, weights: Array, seen: frozenset[str]) -> Law:
        """The law of one route; the prior's own where all its points weigh the same or nothing that was seen enters it."""
        system = self.prior.system
        own = self.inputs(task.scope, task.route.id if task.route else None)
        if np.ptp(weights) == 0.0 or own.isdisjoint(seen):
            return before
        ledger = self.ledger.with_aliases(task.aliases) if task.aliases else self.ledger
        mass = np.maximum(self._through(own & seen, seen, weights / weights.mean()), LEAST_WEIGHT)
        costs = np.broadcast_to(ledger.value(task.scope), mass.shape)
        if task.integrated is None or not seen.isdisjoint(uncertain(system, system.graph.ancestors(task.integrated))):
            return _pooled(_drawn(costs, mass), mass)
        kernel = system.kernel(ledger, task, 0, self.size)
        if kernel.is_scalar:
            return before
        if kernel.is_scaling:
            binned = Histogram()
            binned.add(np.log(np.broadcast_to(kernel.scale, mass.shape)), mass)
            return _pooled(binned.law(task.distribution).grid, mass)
        summed = DirectSum.at_quantiles_of(costs)
        summed.add_weighted(kernel, task.distribution, mass)
        law = summed.law()
        return _pooled(law, mass) if isinstance(law, GridLaw) else law

    def _through(self, shared: frozenset[str], seen: frozenset[str], weights: Array) -> Array:
        """Weights averaged, in each scramble, over all but the one input that a cost shares with evidence on several: all else is noise."""
        if len(shared) != 1 or shared == seen or COUPLED in shared or weights.shape[1] < CELLS:
            return weights
        order = np.argsort(np.broadcast_to(self.ledger.value(*shared), weights.shape), axis=1, kind="stable")
        cells = np.take_along_axis(weights, order, axis=1).reshape(SCRAMBLES, CELLS, -1)
        smooth = np.empty(weights.shape)
        np.put_along_axis(smooth, order, np.repeat(cells.mean(axis=2), cells.shape[2], axis=1), axis=1)
        return smooth


def _drawn(costs: Array, mass: Array) -> GridLaw:
    """Law of weighted draws, each counted half at its own cost."""
    logs = np.log(costs)
    first, last = math.floor(logs.min() / STEP), math.ceil(logs.max() / STEP)
    rows = []
    for own, weights in zip(logs, mass, strict=True):
        order = np.argsort(own)
        below = np.cumsum(weights[order]) - 0.5 * weights[order]
        total = weights.sum()
        rows.append(np.interp(np.arange(first, last + 1) * STEP, own[order], below / total, left=0.0, right=1.0))
    return GridLaw(first, np.stack(rows))


def _pooled(law: GridLaw, mass: Array) -> GridLaw:
    """Rows whose mean is the law over all points at once, and whose spread is that of a ratio of sums (delta method)."""
    share = (mass.sum(axis=1) / mass.sum() * SCRAMBLES)[:, None]
    whole = np.mean(share * law.cdf, axis=0)
    return GridLaw(law.start, whole + share * (law.cdf - whole))


def _foretold(judged: Array, rest: Array) -> float:
    """What the pairs that all of some evidence may judge expect of it, given the rest: so a pair that it may not judge keeps its share."""
    with_it, without = (float(special.logsumexp(logs)) if logs.size else 0.0 for logs in (judged, rest))
    return with_it - without if math.isfinite(without) else 0.0
