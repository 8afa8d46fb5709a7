"""Reference classes: the spread of R over comparable cases, as a predictive log-t."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.distributions import LogT

SMALLEST_FREEDOM = 1e-6


@dataclass(frozen=True)
class Fit:
    """Weighted moments of ln(R - 1): mean ``m``, standard deviation ``s``, effective number of cases ``n_eff``."""

    m: float
    s: float
    n_eff: float

    def predictive(self) -> LogT:
        """Distribution of R for one more case: scale s sqrt(1 + 1/n_eff), n_eff - 1 degrees of freedom (not rounded)."""
        return LogT(self.m, self.s * math.sqrt(1.0 + 1.0 / self.n_eff), self.n_eff - 1.0)


def fit(ratios: Sequence[float], weights: Sequence[float]) -> Fit:
    """Fit a reference class to its cases.

    Parameters
    ----------
    ratios : total over final compute of each case, above 1
    weights : weight of each case; zeros drop out

    Raises
    ------
    ValueError
        Fewer than two effective cases, or no spread between them: no predictive distribution exists.
    """
    every = np.asarray(weights, dtype=float)
    w = every[every > 0.0]
    if w.size < 2:
        raise ValueError("fewer than two cases have weight")
    h = np.log(np.asarray(ratios, dtype=float)[every > 0.0] - 1.0)
    total = w.sum()
    n_eff = float(total**2 / np.sum(w**2))
    if n_eff <= 1.0 + SMALLEST_FREEDOM:
        raise ValueError("one case has all the weight")
    if np.ptp(h) == 0.0:
        raise ValueError("the cases do not differ")
    m = float(np.sum(w * h) / total)
    variance = float(np.sum(w * (h - m) ** 2) / total * n_eff / (n_eff - 1.0))
    return Fit(m, math.sqrt(variance), n_eff)
