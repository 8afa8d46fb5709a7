"""How well the routes to R foretell projects whose R is known: each case is foretold without it, and scored.

Scores are of ln R: the logarithm of its density (higher is better) and the continuous ranked probability score (lower is better).
R itself has none, since the reference class has no mean. Weights are shown, never applied.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from model.distributions import Array
from model.engine import Run, run
from model.estimate import DENSITY_SPAN, ScopeEstimate
from model.graph import node_name
from model.numerical_error import Estimated
from model.registry import Registry
from model.routes import RATIO_ROUTES, Route
from model.schema.assumption import Case

SCOPE, REFERENCE = "project", "reference_class"
SHARES = (np.arange(1000) + 0.5) / 1000.0
QUANTILES: Mapping[str, float] = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
NEEDS_NOTHING = (REFERENCE, "stated")
# What was simulated for DeepSeek-V3 foretells no other model.
SCORED = tuple(route for route in RATIO_ROUTES if route.id != "simulated")
WIDEST = 1e3  # weight over that of the reference class, and its inverse


@dataclass(frozen=True)
class RouteScore:
    """What one route foretold of one case; ``log_score`` is None where the case lies outside all that it can give."""

    case: Case
    route: str
    foretold: Mapping[str, float]
    log_score: Estimated | None
    crps: Estimated


@dataclass(frozen=True)
class RouteSummary:
    """Mean scores of a route over its cases, and of the reference class over the same; ``weight`` is what the two would suggest."""

    route: str
    cases: int
    log_score: Estimated | None
    crps: Estimated
    reference_log_score: Estimated | None
    reference_crps: Estimated
    weight: Estimated | None


def route_scores(registry: Registry, *, seed: int | None = None, points: int | None = None) -> tuple[RouteScore, ...]:
    """Score every route on every project whose inputs to it are known.

    A project stands in the fit or states ``inputs``; it is left out of the reference class with whatever else is known of it.
    """
    cases = [c for c in registry.cases.values() if c.case_class == "project" and (c.weight > 0.0 or c.inputs)]
    return tuple(score for case in cases for score in _scores(case, registry, seed, points))


def _scores(case: Case, registry: Registry, seed: int | None, points: int | None) -> list[RouteScore]:
    same = [c.id for c in registry.cases.values() if (c.entity, c.year) == (case.entity, case.year)]
    changes = [*(f"case.{name}=0" for name in same), *case.inputs, "price.basis=claimed", "price.claimed=1"]
    changes += [f"route.{route.id}=1" for route in SCORED]
    found = run(registry=registry, changes=changes, seed=seed, points=points, scopes=[SCOPE])
    hours = float(found.ledger.value("base_hours"))
    known = [route for route in SCORED if _known(route, case, found)]
    return [_score(case, route.id, found.scopes[SCOPE].route(route.id), hours) for route in known]


def _known(route: Route, case: Case, found: Run) -> bool:
    """A ratio that is drawn as such needs nothing of the case; other routes need their own inputs."""
    own = {node_name(change.partition("=")[0]) for change in case.inputs}
    return route.id in NEEDS_NOTHING or not own.isdisjoint(found.system.graph.ancestors(route.node))


def _score(case: Case, route: str, estimate: ScopeEstimate, hours: float) -> RouteScore:
    """At a price of 1 USD the cost over the hours is R."""
    low, high = (estimate.probability_at_most(hours * case.ratio * math.exp(step)) for step in (-DENSITY_SPAN, DENSITY_SPAN))
    density = high.less(low).over(2 * DENSITY_SPAN)
    foretold = {name: estimate.cost_at(share).over(hours) for name, share in QUANTILES.items()}
    told, outcome = estimate.figures(SHARES.tolist(), []), math.log(case.ratio)
    logs, moved = np.log(told.quantiles / hours), told.quantile_shifts / told.quantiles
    score = Estimated.of_scrambles(crps(logs, outcome), np.array([crps(logs + own, outcome) for own in moved]))
    log_score = Estimated.of_scrambles(math.log(density), density.by_scramble / density) if density > 0.0 else None
    return RouteScore(case, route, foretold, log_score, score)


def crps(quantiles: Array, outcome: float) -> float:
    """Continuous ranked probability score of evenly spaced quantiles: twice their mean pinball loss."""
    shares = (np.arange(quantiles.size) + 0.5) / quantiles.size
    return float(2.0 * np.mean(((outcome < quantiles) - shares) * (quantiles - outcome)))


def summaries(scores: tuple[RouteScore, ...]) -> tuple[RouteSummary, ...]:
    """Each route over its cases, beside the reference class over the same ones."""
    routes = dict.fromkeys(score.route for score in scores)
    return tuple(_summary(route, scores) for route in routes)


def _summary(route: str, scores: tuple[RouteScore, ...]) -> RouteSummary:
    counted = [score for score in scores if score.case.weight > 0.0 or route not in NEEDS_NOTHING]  # a project has one vote
    own = [score for score in counted if score.route == route]
    cases = {score.case.id for score in own}
    reference = [score for score in scores if score.route == REFERENCE and score.case.id in cases]
    mean, beside = _mean_log(own), _mean_log(reference)
    weight = None if mean is None or beside is None else _weight(mean.less(beside))
    averages = [_mean([score.crps for score in part]) for part in (own, reference)]
    return RouteSummary(route, len(own), mean, averages[0], beside, averages[1], weight)


def _weight(ahead: Estimated) -> Estimated:
    weight = min(max(math.exp(ahead), 1.0 / WIDEST), WIDEST)
    return Estimated(weight, ahead.error * weight)


def _mean_log(scores: list[RouteScore]) -> Estimated | None:
    known = [score.log_score for score in scores if score.log_score is not None]
    return _mean(known) if len(known) == len(scores) else None


def _mean(scores: list[Estimated]) -> Estimated:
    return Estimated.of_scrambles(float(np.mean(scores)), np.mean([score.by_scramble for score in scores], axis=0))
