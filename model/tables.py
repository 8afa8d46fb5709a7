"""Quantile and distribution functions by table, for distributions that are dear to evaluate.

Quantile functions are tabulated once per distribution on a grid of normal scores and read back by cubic interpolation; long runs read
them linearly between equal steps of probability. The error is below 1e-7 in probability, tails included (held by test).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from model.distributions import Array, Distribution, LogT, Mixture, ScaledBeta, from_log_excess

TABLE_REACH = 6.5  # normal scores; 32-bit points reach 6.34
TABLE_NODES = 1025
TABLE_TOLERANCE = 1e-7  # in probability
CELL_BITS = 14  # of the cells of equal probability that long runs read
TAIL_SHARE = 128  # the tails hold 1/128 of the probability each
TAIL_DIGITS = np.uint32(2**32 // TAIL_SHARE)
CDF_NODES = 16385
CDF_TAIL = 1e-11
CDF_REACH = 30.0  # of the logarithm; a heavy tail beyond it holds no cost


def quantiles(distribution: Distribution, u: Array) -> Array:
    """Quantiles at ``u`` of any shape, by table where the exact function is dear."""
    return scores_to_values(distribution, special.ndtri(u)) if distribution.dear else distribution.ppf(u)


def quantiles_of_digits(distribution: Distribution, digits: NDArray[np.uint32]) -> Array:
    """Quantiles at (digits + 1/2)/2^32 for long runs: linear between equal steps of probability, exact in the tails."""
    lines = _lines(distribution)
    if lines is None:
        return quantiles(distribution, np.asarray((digits + 0.5) * 2.0**-32, dtype=np.float64))
    intercept, slope = lines
    cell = np.right_shift(digits, np.uint32(32 - CELL_BITS), dtype=np.intp, casting="unsafe")
    value = slope.take(cell)
    value *= digits
    value += intercept.take(cell)
    tails = np.flatnonzero(digits + TAIL_DIGITS < 2 * TAIL_DIGITS)  # wraps round, so that both ends come out small
    value.ravel()[tails] = quantiles(distribution, np.asarray((digits.ravel()[tails] + 0.5) * 2.0**-32, dtype=np.float64))
    return value


@lru_cache(maxsize=64)
def _lines(distribution: Distribution) -> tuple[Array, Array] | None:
    """Intercept and slope in the digits of each cell; None if they miss the tolerance somewhere between the tails."""
    cells = 1 << CELL_BITS
    y = quantiles(distribution, np.clip(np.arange(cells + 1) / cells, 2.0**-33, 1.0 - 2.0**-33))
    slope = np.diff(y) * cells * 2.0**-32
    intercept = y[:-1] - slope * (np.arange(cells) * 2.0**32 / cells - 0.5)
    middle = np.arange(cells // TAIL_SHARE, cells - cells // TAIL_SHARE) + 0.5
    missed = np.abs(distribution.cdf(0.5 * (y[:-1] + y[1:])[cells // TAIL_SHARE : cells - cells // TAIL_SHARE]) - middle / cells)
    return (intercept, slope) if np.max(missed) < TABLE_TOLERANCE else None


def scores_to_values(distribution: Distribution, z: Array) -> Array:
    """Quantiles at normal scores ``z``, by table unless the quantile function has corners or jumps that it would round off."""
    table = _table(distribution)
    if table is None:
        return distribution.ppf(special.ndtr(z))
    value = _read(table, z)
    return from_log_excess(value) if isinstance(distribution, LogT) else value


def _read(table: Array, z: Array) -> Array:
    position = np.clip((z + TABLE_REACH) * ((TABLE_NODES - 1) / (2 * TABLE_REACH)), 0.0, TABLE_NODES - 1.000001)
    index = position.astype(np.intp)
    t = position - index
    c0, c1, c2, c3 = (row[index] for row in table)
    return np.asarray(c0 + t * (c1 + t * (c2 + t * c3)))


@lru_cache(maxsize=512)
def _table(distribution: Distribution) -> Array | None:
    """Cubic coefficients (4, nodes - 1) between nodes, slopes by fourth-order differences; None if they miss the tolerance."""
    nodes = np.linspace(-TABLE_REACH, TABLE_REACH, TABLE_NODES)
    u = special.ndtr(nodes)
    y = distribution.log_excess(u) if isinstance(distribution, LogT) else distribution.ppf(u)
    slope = np.gradient(y)
    slope[2:-2] = (8.0 * (y[3:-1] - y[1:-3]) - (y[4:] - y[:-4])) / 12.0
    rise = np.diff(y)
    left, right = slope[:-1], slope[1:]
    table = np.stack([y[:-1], left, 3.0 * rise - 2.0 * left - right, left + right - 2.0 * rise])
    between = (nodes[:-1, None] + np.array([0.25, 0.5, 0.75]) * (nodes[1] - nodes[0])).ravel()
    value = _read(table, between)
    if isinstance(distribution, LogT):
        reached = np.asarray(special.stdtr(distribution.freedom, (value - distribution.location) / distribution.scale))
    else:
        reached = distribution.cdf(value)
    return table if np.max(np.abs(reached - special.ndtr(between))) < TABLE_TOLERANCE else None


def cdf(x: Array, distribution: Distribution) -> Array:
    """Distribution function, by table where it is dear."""
    if not isinstance(distribution, LogT | Mixture | ScaledBeta) or np.size(x) < CDF_NODES // 8:
        return distribution.cdf(x)
    low, inverse_step, table = _cdf_table(distribution)
    position = np.clip((_coordinate(x, distribution) - low) * inverse_step, 0.0, CDF_NODES - 1.000001)
    node = position.astype(np.intp)
    return np.asarray(table[node] + (position - node) * (table[node + 1] - table[node]))


def _coordinate(x: Array, distribution: Distribution) -> Array:
    if isinstance(distribution, ScaledBeta):
        return x
    return np.log(np.maximum(x - 1.0 if isinstance(distribution, LogT) else x, 1e-300))


@lru_cache(maxsize=64)
def _cdf_table(distribution: Distribution) -> tuple[float, float, Array]:
    """Lowest coordinate, nodes per unit of it, and the distribution function at the nodes."""
    ends = quantiles(distribution, np.array([CDF_TAIL, 1.0 - CDF_TAIL]))
    low, high = np.clip(_coordinate(ends, distribution), -CDF_REACH, CDF_REACH)
    at = np.linspace(low, high, CDF_NODES)
    x = at if isinstance(distribution, ScaledBeta) else np.exp(at) + (1.0 if isinstance(distribution, LogT) else 0.0)
    return float(low), (CDF_NODES - 1) / float(high - low), distribution.cdf(x)
