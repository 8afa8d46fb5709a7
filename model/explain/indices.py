"""Shares of variance of any function of any inputs: Sobol' indices and Shapley effects, right under a Gaussian copula as well.

All rest on pairs of points that share some inputs while the others are drawn anew, given the shared ones. Replicates with scrambles of
their own give the intervals: every index is a ratio of two means over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from model import tables
from model.distributions import Array, Distribution
from model.sampling import SCRAMBLES, WIDTH, sobol_points

Function = Callable[[Array], Array]  # values (inputs, points) -> outputs (outputs, points)
SETS = 4  # of scrambles
REPLICATES = SETS * SCRAMBLES
POINTS = 2048  # of a replicate
ORDERS = 8  # of the inputs in a replicate, half of them the other half reversed
COVERAGE = 0.95
SALT = 0x5EED  # keeps these scrambles apart from those of runs


@dataclass(frozen=True)
class Inputs:
    """Marginals, and the correlations of their normal scores where they have any, shape (inputs, inputs)."""

    marginals: Sequence[Distribution]
    correlations: Array | None = None

    def values(self, scores: Array) -> Array:
        """Values at normal scores, both of shape (inputs, points)."""
        return np.stack([value_at(marginal, row) for marginal, row in zip(self.marginals, scores, strict=True)])

    def redrawn(self, kept: Sequence[int], scores: Array, fresh: Array, order: Sequence[int]) -> Array:
        """Scores that keep those of ``kept`` and draw the others in ``order`` anew, given these, from independent scores ``fresh``."""
        made = fresh.copy()
        made[kept] = scores[kept]
        if self.correlations is not None:
            every = [*kept, *order]
            factor = np.linalg.cholesky(self.correlations[np.ix_(every, every)])
            known = np.linalg.solve(factor[: len(kept), : len(kept)], scores[kept])
            made[every] = factor @ np.concatenate([known, fresh[order]])
        return made


@dataclass(frozen=True)
class Index:
    """An index by output and group with its 95 % interval; each array of shape (outputs, groups)."""

    value: Array
    low: Array
    high: Array


def value_at(marginal: Distribution, scores: Array) -> Array:
    """Quantiles at normal scores, by table where they are dear."""
    return tables.scores_to_values(marginal, scores) if marginal.dear else marginal.ppf(special.ndtr(scores))


def independent_scores(count: int, points: int, seed: int) -> Iterator[Array]:
    """Normal scores of shape (count, points), one block a replicate; beyond the width of the sample they are plain random numbers."""
    for state in np.random.SeedSequence((seed, SALT)).generate_state(SETS):
        generator = np.random.Generator(np.random.Philox(state))
        sample = sobol_points(int(state))
        columns = [sample.column(k, 0, points) if k < WIDTH else generator.random((SCRAMBLES, points)) for k in range(count)]
        yield from special.ndtri(np.stack(columns, axis=1))


def sample(inputs: Inputs, points: int, seed: int) -> Array:
    """Normal scores of all replicates, as correlated as the inputs are, shape (inputs, 16 points)."""
    blocks = independent_scores(len(inputs.marginals), points, seed)
    return np.concatenate([inputs.redrawn([], block, block, range(len(block))) for block in blocks], axis=1)


def _pairs(inputs: Inputs, points: int, seed: int) -> Iterator[tuple[Array, Array]]:
    """Points with the inputs' correlations, and independent scores to draw some of them anew from."""
    count = len(inputs.marginals)
    for block in independent_scores(2 * count, points, seed):
        yield inputs.redrawn([], block[:count], block[:count], range(count)), block[count:]


def sobol_indices(
    function: Function, inputs: Inputs, groups: Sequence[Sequence[int]], *, points: int = POINTS, seed: int = 1
) -> tuple[Index, Index]:
    """First-order and total indices of groups of inputs: Var E[Y | X_g] and E Var[Y | X_others] over Var Y.

    Estimators of Saltelli et al. (2010) and Jansen (1999). ``function`` is called with (inputs, points) and gives (outputs, points).
    """
    everything = range(len(inputs.marginals))
    first, total, spread = [], [], []
    for scores, fresh in _pairs(inputs, points, seed):
        other = inputs.redrawn([], fresh, fresh, everything)
        y, y_other = function(inputs.values(scores)), function(inputs.values(other))
        variance = 0.5 * (y.var(axis=1) + y_other.var(axis=1))
        firsts, totals = [], []
        for group in groups:
            rest = [k for k in everything if k not in group]
            mixed = function(inputs.values(inputs.redrawn(rest, scores, fresh, list(group))))
            totals.append(0.5 * ((y - mixed) ** 2).mean(axis=1))
            if inputs.correlations is None:  # what was drawn anew is the other point's
                firsts.append(_shared(y_other, mixed, y))
            else:
                firsts.append(_shared(y, function(inputs.values(inputs.redrawn(list(group), scores, fresh, rest))), y_other))
        first.append(firsts)
        total.append(totals)
        spread.append(variance)
    below = np.array(spread)[:, :, None]
    return _ratio(np.array(first).swapaxes(1, 2), below), _ratio(np.array(total).swapaxes(1, 2), below)


def shapley_effects(function: Function, inputs: Inputs, groups: Sequence[Sequence[int]], *, points: int = POINTS, seed: int = 1) -> Index:
    """Shapley effects: each group's mean share of variance over all orders in which groups become known; they sum to 1.

    Pairs along random orders as in Goda (2021), with conditional draws (Song et al. 2016) where inputs are correlated.
    """
    generator = np.random.Generator(np.random.Philox(seed))
    gained = []
    for scores, fresh in _pairs(inputs, points, seed):
        orders = [generator.permutation(len(groups)) for _ in range(ORDERS // 2)]
        orders += [order[::-1] for order in orders]
        parts = zip(orders, np.split(scores, ORDERS, axis=1), np.split(fresh, ORDERS, axis=1), strict=True)
        gained.append(
            sum(_gains(function, inputs, [groups[k] for k in order], own, new)[:, np.argsort(order)] for order, own, new in parts)
        )
    gains = np.array(gained)
    return _ratio(gains, gains.sum(axis=2, keepdims=True))


def _gains(function: Function, inputs: Inputs, ordered: Sequence[Sequence[int]], scores: Array, fresh: Array) -> Array:
    """What each further known group adds to the explained variance, shape (outputs, groups)."""
    flat = [k for group in ordered for k in group]
    ends = np.cumsum([0, *map(len, ordered)])
    chain = np.concatenate([inputs.redrawn(flat[:end], scores, fresh, flat[end:]) for end in ends], axis=1)
    y = np.stack(np.split(function(inputs.values(chain)), len(ends), axis=1), axis=1)
    middle, step = 0.5 * (y[:, 1:] + y[:, :-1]), np.diff(y, axis=1)
    return np.asarray(((y[:, -1:] - middle) * step).mean(axis=2))


def _shared(y: Array, sharing: Array, unrelated: Array) -> Array:
    """Covariance of an output with one that shares inputs with it, by its difference from one that shares none: less noise."""
    return np.asarray(((y - y.mean(axis=1, keepdims=True)) * (sharing - unrelated)).mean(axis=1))


def _ratio(above: Array, below: Array) -> Index:
    """Ratio of the means over replicates, with its interval by linearisation; 0 where nothing varies."""
    count = above.shape[0]
    base = below.mean(axis=0)
    moving = base > 0.0
    value = np.where(moving, above.mean(axis=0) / np.where(moving, base, 1.0), 0.0)
    error = (above - value * below).std(axis=0, ddof=1) / np.sqrt(count) / np.where(moving, base, 1.0)
    half = special.stdtrit(count - 1, 0.5 + 0.5 * COVERAGE) * error
    return Index(value, value - half, value + half)
