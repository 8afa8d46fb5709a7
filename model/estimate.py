"""What a run answers: for each scope a distribution of its cost, as a weighted mixture of its routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.distributions import Array
from model.errors import InputError, RefusedError
from model.integration import STEP, GridLaw, Law, PointLaw
from model.numerical_error import Estimated
from model.sampling import SCRAMBLES
from model.schema.claim import LARGEST_AMOUNT

DENSITY_SPAN = 0.01  # of ln cost, for the slope of the distribution function


@dataclass(frozen=True)
class RouteEstimate:
    """One route's law with its weight; ``means`` holds one mean per scramble, None where none exists."""

    id: str
    weight: float
    law: Law
    means: Array | None


@dataclass(frozen=True)
class Figures:
    """Quantiles in USD and probabilities of staying within amounts, and what each scramble alone would add to them, shape (4, n)."""

    quantiles: Array
    quantile_shifts: Array
    probabilities: Array
    probability_shifts: Array

    @property
    def quantile_errors(self) -> Array:
        """Numerical standard errors: of a probability there over the density."""
        return _errors(self.quantile_shifts)

    @property
    def probability_errors(self) -> Array:
        """Numerical standard errors."""
        return _errors(self.probability_shifts)

    @property
    def costs(self) -> list[Estimated]:
        """The quantiles, each with its error."""
        return [Estimated(cost, shifts=own) for cost, own in zip(self.quantiles, self.quantile_shifts.T, strict=True)]


def _errors(shifts: Array) -> Array:
    return np.asarray(shifts.std(axis=0, ddof=1) / np.sqrt(SCRAMBLES))


@dataclass(frozen=True)
class ScopeEstimate:
    """Cost within one accounting boundary, in USD of ``price_year``.

    ``reason`` says why the scope is absent; then there are no routes and every method raises.
    """

    id: str
    price_year: int
    routes: tuple[RouteEstimate, ...]
    reason: str | None = None

    @property
    def is_point(self) -> bool:
        """Whether nothing about the cost is uncertain."""
        return len(self.routes) == 1 and isinstance(self.routes[0].law, PointLaw)

    def _rows(self, log_cost: Array) -> Array:
        self._require()
        return np.asarray(sum(route.weight * route.law.rows(log_cost) for route in self.routes))

    def _require(self) -> None:
        if not self.routes:
            raise RefusedError(f"{self.id}: has no answer here ({self.reason}). Ask for a scope that is present.")

    def probability_at_most(self, usd: float) -> Estimated:
        """Probability that the cost is at most ``usd``, with its numerical standard error between the four scrambles."""
        rows = self._rows(_log(usd))[:, 0]
        return Estimated.of_scrambles(float(rows.mean()), rows)

    def quantile(self, probability: float | Sequence[float]) -> Array:
        """Cost in USD that is not exceeded with the given probability; same shape as asked.

        Raises
        ------
        InputError
            A probability outside (0, 1), or the scope is absent.
        """
        self._require()
        wanted = np.atleast_1d(np.asarray(probability, dtype=float))
        if not np.all((wanted > 0.0) & (wanted < 1.0)):
            raise InputError("quantile", f"{probability} is not a probability.", "Between 0 and 1, both excluded.")
        law = self.routes[0].law
        cost = np.full(wanted.shape, law.cost) if self.is_point and isinstance(law, PointLaw) else np.exp(self._invert(wanted))
        return cost if np.ndim(probability) else np.asarray(cost[0])

    def _invert(self, wanted: Array) -> Array:
        nodes, below = self._curve
        return np.interp(wanted, below, nodes)

    @cached_property
    def _curve(self) -> tuple[Array, Array]:
        """Ln cost at every node of every route, and the mixture's distribution function there: linear between."""
        grids = [route.law.grid for route in self.routes]
        if any(grid is None for grid in grids):
            laws = [route.law if isinstance(route.law, PointLaw) else route.law.grid for route in self.routes]
            nodes = np.unique(np.concatenate([law.nodes() for law in laws]))
            return nodes, np.maximum.accumulate(self._rows(nodes).mean(axis=0))
        return self._common_grid([grid for grid in grids if grid is not None])

    def _common_grid(self, grids: Sequence[GridLaw]) -> tuple[Array, Array]:
        """The same where all laws stand on the nodes of one grid: their distribution functions add up node by node."""
        first, last = min(grid.start for grid in grids), max(grid.start + grid.cdf.shape[1] for grid in grids)
        below = np.zeros(last - first)
        for route, grid in zip(self.routes, grids, strict=True):
            start, stop = grid.start - first, grid.start - first + grid.cdf.shape[1]
            below[start:stop] += route.weight * grid.mean_cdf
            below[stop:] += route.weight
        return np.arange(first, last) * STEP, np.maximum.accumulate(below)

    def figures(self, probabilities: Sequence[float], amounts: Sequence[float]) -> Figures:
        """Quantiles and probabilities with their numerical errors, all at once."""
        wanted = np.asarray(probabilities, dtype=float)
        costs = self.quantile(list(probabilities))
        log_costs, size = np.log(costs), wanted.size
        rows = self._rows(np.concatenate([log_costs, log_costs - DENSITY_SPAN, log_costs + DENSITY_SPAN, np.log(amounts)]))
        middle = rows.mean(axis=0)
        slope = (middle[2 * size : 3 * size] - middle[size : 2 * size]) / (2 * DENSITY_SPAN)
        off = middle[:size] - rows[:, :size]
        shifts = np.divide(off, slope, out=np.zeros(off.shape), where=slope > 0.0) * costs
        return Figures(costs, shifts, middle[3 * size :], rows[:, 3 * size :] - middle[3 * size :])

    def cost_at(self, probability: float) -> Estimated:
        """A quantile in USD with its numerical standard error."""
        return self.figures([probability], []).costs[0]

    @property
    def mean(self) -> Estimated | None:
        """Expected cost, or None where a route has none (the log-t of a reference class)."""
        self._require()
        if any(route.means is None for route in self.routes):
            return None
        means = np.asarray(sum(route.weight * route.means for route in self.routes if route.means is not None))
        return Estimated.of_scrambles(float(means.mean()), means)

    def route(self, identifier: str) -> ScopeEstimate:
        """The scope by one of its routes alone."""
        for route in self.routes:
            if route.id == identifier:
                alone = RouteEstimate(route.id, 1.0, route.law, route.means)
                return ScopeEstimate(self.id, self.price_year, (alone,))
        raise InputError(self.id, f'has no route "{identifier}" here.', f"Routes: {', '.join(r.id for r in self.routes)}.")


def _log(usd: float) -> Array:
    if not 0.0 < usd <= LARGEST_AMOUNT:
        raise InputError("amount", f"{usd:g} USD is not an amount.", f"Write a number above 0, at most {LARGEST_AMOUNT:g}.")
    return np.asarray(np.log(np.array([float(usd)])))
