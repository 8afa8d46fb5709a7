"""The value of one quantity at which a scope's cost meets an amount."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import special

from model import distributions as d
from model.distributions import Array
from model.errors import InputError
from model.explain.question import Question, ask
from model.numerical_error import Estimated
from model.overrides import LARGEST, Domain

SCORES = np.array([-6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 6.0])  # normal scores at which the support is tried
DECADES = 10.0 ** np.arange(-9.0, 10.0)  # the same, in multiples of a single value
TAILS = np.array([10.0, 1e3, 1e6])  # beyond those of an open tail
PRECISION = 1e-10
ASIDE = 1e-3  # of a root, for the slope there


@dataclass(frozen=True)
class Solution:
    """Value at which the cost is at most ``amount_usd`` with ``probability``; None where the support holds no such value.

    ``percentile`` is the share of the quantity's own distribution at or below the value, None where it is a single figure.
    ``nearest`` and ``nearest_usd`` say how far it gets: the value whose cost comes nearest, and that cost.
    """

    parameter: str
    unit: str
    scope: str
    amount_usd: float
    probability: float
    median: float
    value: Estimated | None
    percentile: Estimated | None
    nearest: float | None = None
    nearest_usd: Estimated | None = None

    @property
    def feasible(self) -> bool:
        return self.value is not None


def solve(claim: str, *, scope: str, parameter: str, amount: float | None = None, percentile: float = 0.5, **asked: Any) -> Solution:
    """Find the value of a quantity at which a percentile of a scope's cost is the claimed amount.

    A percentile q of the cost is the amount where P(cost <= amount) = q, so that one question answers both.

    Parameters
    ----------
    claim : id of a claim
    scope : id of a scope
    parameter : the quantity that is moved; all others stay as uncertain as they are
    amount : USD; the claim's own when none is given
    percentile : in (0, 1); 0.5 is the median
    asked : scenario, registry, changes, points and seed, as in ``audit``

    Raises
    ------
    CostclaimError
        A quantity that the scope does not use, a probability outside (0, 1), wrong names, an absent scope.
    """
    return solve_question(ask(claim, scope, amount=amount, **asked), parameter, percentile)


def solve_question(question: Question, parameter: str, percentile: float = 0.5, *, where: str = "--percentile") -> Solution:
    """The same of a question that has been put; ``where`` names what the percentile was given as."""
    distribution = question.require(parameter, "--for")
    if not 0.0 < percentile < 1.0:
        raise InputError(where, f"{percentile:g} is not a probability.", "Between 0 and 1, both excluded.")

    def gap(value: float) -> float:
        return float(question.estimate({parameter: value}).quantile(percentile)) / question.amount - 1.0  # near to linear in most

    median = float(distribution.ppf(np.array([0.5]))[0])
    root, known = search(gap, support(distribution, question.domain(parameter)), median)
    found = Solution(parameter, question.unit(parameter), question.scope, question.amount, percentile, median, None, None)
    if root is None:
        best = min(known, key=lambda value: abs(math.log1p(known[value])))
        return replace(found, nearest=float(best), nearest_usd=question.estimate({parameter: best}).cost_at(percentile))
    value = Estimated(root, _error(question, parameter, root, percentile, gap))
    if isinstance(distribution, d.Fixed):
        return replace(found, value=value)
    share, above = distribution.cdf(np.array([value, value + value.error]))
    return replace(found, value=value, percentile=Estimated(share, above - share))


def _error(question: Question, parameter: str, root: float, percentile: float, gap: Callable[[float], float]) -> float:
    """Numerical standard error of a root: that of the cost there over the slope."""
    error = question.estimate({parameter: root}).cost_at(percentile).error / question.amount
    if not error:
        return 0.0
    low, high = root * (1.0 - ASIDE), root
    slope = (gap(high) - gap(low)) / (high - low)
    return abs(error / slope) if slope else 0.0


def support(distribution: d.Distribution, domain: Domain) -> Array:
    """Values from end to end of what a quantity may be: of its distribution, or of its domain where it is a single figure."""
    if isinstance(distribution, d.Fixed):
        tried = domain.low + (abs(distribution.value - domain.low) or 1.0) * DECADES
        ends = np.array([domain.low, domain.high - PRECISION if domain.open_high else domain.high])
    else:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            ends, body = distribution.ppf(np.array([0.0, 1.0])), distribution.ppf(special.ndtr(SCORES))
        known = (ends[0] <= body[0], ends[1] >= body[-1])  # some families give no end of an open tail
        ends = np.where(known, ends, [domain.low, domain.high])
        tried = np.concatenate([body[0] / TAILS, body, body[-1] * TAILS])
    tried = np.append(tried, ends[ends < LARGEST])
    inside = (tried >= max(ends[0], domain.low)) & (tried <= min(ends[1], domain.high)) & ~(domain.open_low & (tried == domain.low))
    return np.unique(tried[inside])


def search(gap: Callable[[float], float], values: Array, start: float) -> tuple[float | None, Mapping[float, float]]:
    """Root nearest to ``start``, first on the side where the gap closes; None if there is none, and the gaps that were seen."""
    from scipy.optimize import brentq

    known = {start: gap(start)}
    sides = [list(values[values > start]), list(values[values < start])[::-1]]
    for side in sides:
        known |= {v: gap(v) for v in side[:1]}
    for side in sorted(sides, key=lambda side: [abs(known[v]) for v in side[:1]]):
        for inner, outer in pairwise([start, *side]):
            known[outer] = known[outer] if outer in known else gap(outer)
            if known[inner] * known[outer] <= 0.0:
                return float(brentq(gap, inner, outer, xtol=PRECISION * max(abs(inner), abs(outer)), rtol=PRECISION)), known
    return (start if known[start] == 0.0 else None), known
