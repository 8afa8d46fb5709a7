"""The most plausible way in which a claimed amount would hold in a scope: the point nearest to the medians.

By each route, every uncertain quantity has a normal score; the point has the least sum of squares of independent scores (under a
Gaussian copula: the least Mahalanobis distance) among those whose cost meets the amount. It is the design point of structural
reliability (Hasofer and Lind 1974), so it does not depend on anybody's scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from scipy import special

from model import distributions as d
from model import tables
from model.distributions import Array
from model.estimate import ScopeEstimate
from model.explain.question import Question, ask
from model.graph import Ledger, node_name
from model.numerical_error import Estimated
from model.system import Task

REACH = 6.0  # normal scores: a part in 10^9 on either side
TRIED = np.linspace(-REACH, REACH, 13)
SLOPE_STEP = 1e-4
MET = 1e-8  # of ln cost
SWEEPS = 3
Side = Literal["at_most", "at_least"]


@dataclass(frozen=True)
class Coordinate:
    """One quantity at the point: its value, its median, and where the value lies in its own distribution (0 to 1)."""

    id: str
    label: str
    unit: str
    value: float
    median: float
    percentile: float
    score: float


@dataclass(frozen=True)
class RouteBelief:
    """The nearest point by one route. ``cost_usd`` is its cost; where nothing meets the amount, the nearest cost there is.

    ``distance`` is in standard deviations from the medians; ``probability`` that of a cost as favourable to the claim, by this route.
    """

    route: str
    weight: float
    feasible: bool
    distance: float | None
    cost_usd: float
    point: tuple[Coordinate, ...]
    probability: float


@dataclass(frozen=True)
class Belief:
    """What would have to be true for an amount to hold in a scope.

    ``joint_probability`` is the model's probability, over all quantities and routes, of a cost as favourable to the claim: at most the
    amount where that lies below the median (``side`` says so), at least it where it lies above.
    """

    scope: str
    amount_usd: float
    side: Side
    routes: tuple[RouteBelief, ...]
    joint_probability: float
    standard_error: float

    @property
    def nearest(self) -> RouteBelief:
        """The route with the least distance; where no route meets the amount, the one that comes nearest to it."""
        feasible = [route for route in self.routes if route.distance is not None]
        if feasible:
            return min(feasible, key=lambda route: route.distance or 0.0)
        return min(self.routes, key=lambda route: abs(np.log(route.cost_usd / self.amount_usd)))

    @property
    def feasible(self) -> bool:
        return self.nearest.feasible


@dataclass(frozen=True)
class Surface:
    """Ln cost of one route as a function of independent normal scores of what is uncertain in it."""

    question: Question
    task: Task

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Uncertain quantities of this route."""
        graph = self.question.system.graph.wired(self.task.aliases)
        nodes = graph.ancestors(self.task.scope)
        held = self.question.leaves.items()
        return tuple(name for name, own in held if node_name(name) in nodes and not isinstance(own, d.Fixed))

    @cached_property
    def mixing(self) -> Array:
        """Lower factor of the correlations between the scores of ``names``."""
        matrix, copula = np.eye(len(self.names)), self.question.system.copula
        if copula is not None:
            own = [i for i, name in enumerate(self.names) if name in copula.names]
            theirs = [copula.names.index(self.names[i]) for i in own]
            matrix[np.ix_(own, own)] = (copula.factor @ copula.factor.T)[np.ix_(theirs, theirs)]
        return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)

    def values(self, independent: Array) -> Mapping[str, Array]:
        """Values of every quantity at independent scores of shape (n, k)."""
        scores = np.clip(independent @ self.mixing.T, -REACH, REACH)
        held = self.question.leaves
        return {name: tables.scores_to_values(held[name], scores[:, i]) for i, name in enumerate(self.names)}

    def log_cost(self, independent: Array) -> Array:
        """Ln cost in USD at scores of shape (n, k), shape (n,)."""
        return self.log_cost_at(self.values(independent), len(independent))

    def log_cost_at(self, values: Mapping[str, Array], size: int = 1) -> Array:
        """Ln cost at given values of the uncertain quantities, each of shape (size,)."""
        system = self.question.system
        given = {node_name(name): value for name, value in values.items()}

        def leaf(node: str) -> Array:
            own = system.distribution(node)
            return np.asarray(own.value) if isinstance(own, d.Fixed) else given[node]

        ledger = Ledger(system.graph.wired(self.task.aliases), leaf)
        return np.asarray(np.log(np.broadcast_to(ledger.value(self.task.scope), (size,))))

    def slope(self, point: Array) -> Array:
        """Gradient of ln cost."""
        steps = SLOPE_STEP * np.eye(len(point))
        ahead, behind = np.split(self.log_cost(np.concatenate([point + steps, point - steps])), 2)
        return (ahead - behind) / (2 * SLOPE_STEP)

    def extreme(self, sign: float) -> Array:
        """Scores within reach at which ``sign`` times the cost is greatest; exact where each quantity pulls one way."""
        point = np.zeros(len(self.names))
        for _ in range(SWEEPS if self.names else 0):
            tried = np.repeat(point[None], len(point) * TRIED.size, axis=0).reshape(len(point), TRIED.size, len(point))
            tried[np.arange(len(point)), :, np.arange(len(point))] = TRIED
            cost = self.log_cost(tried.reshape(-1, len(point))).reshape(tried.shape[:2])
            moving = np.ptp(cost, axis=1) > 0.0
            best = np.where(moving, TRIED[np.argmax(sign * cost - MET * np.abs(TRIED - point[:, None]), axis=1)], point)
            if np.array_equal(best, point):
                break
            point = best
        return point

    def nearest_point(self, amount: float, sign: float) -> Array | None:
        """Scores nearest to the medians at which ``sign`` times the cost is at least that of the amount; None if there are none."""
        target, origin = np.log(amount), np.zeros(len(self.names))
        if sign * (float(self.log_cost(origin[None])[0]) - target) >= -MET:
            return origin
        if not self.names or sign * (float(self.log_cost((end := self.extreme(sign))[None])[0]) - target) < 0.0:
            return None
        met = [point for point in [self._on_surface(end, target)] if point is not None]
        found = [self._on_surface(self._descended(start, target), target) for start in (origin, *met)]
        return min([*met, *(point for point in found if point is not None)], key=lambda point: float(point @ point))

    def _descended(self, start: Array, target: float) -> Array:
        from scipy.optimize import minimize

        meets: Any = {"type": "eq", "fun": lambda u: float(self.log_cost(u[None])[0]) - target, "jac": self.slope}
        given: dict[str, Any] = {"method": "SLSQP", "bounds": [(-REACH, REACH)] * len(start), "options": {"maxiter": 100, "ftol": 1e-12}}
        found = minimize(_half_square, start, jac=np.asarray, constraints=[meets], **given)
        return np.asarray(found.x, dtype=np.float64)

    def _on_surface(self, point: Array, target: float) -> Array | None:
        """Where the ray from the medians through ``point`` meets the amount; None where it does not by a tenth beyond."""
        from scipy.optimize import brentq

        def gap(part: float) -> float:
            return float(self.log_cost(part * point[None])[0]) - target

        if gap(0.0) * gap(1.1) > 0.0:
            return None
        return np.asarray(brentq(gap, 0.0, 1.1, xtol=1e-14) * point)


def _half_square(point: Array) -> float:
    return 0.5 * float(point @ point)


def believe(claim: str, *, scope: str, amount: float | None = None, **asked: Any) -> Belief:
    """What would have to be true for a claim to hold in a scope, and how likely that is.

    Parameters
    ----------
    claim : id of a claim
    scope : id of a scope
    amount : USD; the claim's own when none is given
    asked : scenario, registry, changes, points and seed, as in ``audit``

    Raises
    ------
    CostclaimError
        Wrong names or values, a claim without an amount, an absent scope.
    """
    return believe_question(ask(claim, scope, amount=amount, **asked))


def believe_question(question: Question) -> Belief:
    """The same of a question that has been put."""
    side = _side(question)
    routes = tuple(_route(question, task, side) for task in question.system.tasks([question.scope]))
    chance = as_favourable(question.plain, question.amount, side)
    return Belief(question.scope, question.amount, side, routes, chance, chance.error)


def as_favourable(estimate: ScopeEstimate, amount: float, side: Side) -> Estimated:
    """Probability of a cost of at most, or of at least, the amount."""
    if side == "at_most":
        return estimate.probability_at_most(amount)
    below = estimate.probability_at_most(amount * (1.0 - MET))
    return Estimated(1.0 - below, below.error)


def _side(question: Question) -> Side:
    relation = question.claim.dollars.relation if question.claim.dollars and question.asked_amount is None else "equal"
    if relation in ("at_most", "at_least"):
        return "at_most" if relation == "at_most" else "at_least"
    return "at_most" if question.amount < float(question.plain.quantile(0.5)) else "at_least"


def _route(question: Question, task: Task, side: Side) -> RouteBelief:
    surface, sign = Surface(question, task), -1.0 if side == "at_most" else 1.0
    name = task.route.id if task.route else ""
    point = surface.nearest_point(question.amount, sign)
    at = surface.extreme(sign) if point is None else point
    cost = float(np.exp(surface.log_cost(at[None])[0]))
    distance = None if point is None else float(np.linalg.norm(point))
    chance = as_favourable(question.plain.route(name), question.amount, side)
    return RouteBelief(name, task.weight, point is not None, distance, cost, _coordinates(surface, at), chance)


def _coordinates(surface: Surface, point: Array) -> tuple[Coordinate, ...]:
    """The point, the quantity farthest from its median first."""
    question = surface.question
    scores = np.clip(surface.mixing @ point, -REACH, REACH)
    values, medians = surface.values(point[None]), surface.values(0.0 * point[None])
    found = [
        Coordinate(n, question.label(n), question.unit(n), float(values[n][0]), float(medians[n][0]), float(special.ndtr(z)), float(z))
        for n, z in zip(surface.names, scores, strict=True)
    ]
    return tuple(sorted(found, key=lambda c: -abs(c.score)))
