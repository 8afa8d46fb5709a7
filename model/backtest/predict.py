"""GPU-hours of a run from its architecture, tokens and chip: the share of the peak that other runs reached, by generation of chips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from model.cost.compute import FLOP_PER_MAC, Convention, gpu_hours
from model.distributions import Array
from model.schema.run import DisclosedRun

ROUNDS = 200
SETTLED = 1e-10


@dataclass(frozen=True)
class Forecast:
    """ln GPU-hours of several runs: Student's t, or normal where the freedom is infinite. All arrays have one value a run."""

    location: Array
    scale: Array
    freedom: Array

    def of(self, places: Sequence[int]) -> Forecast:
        """The same of the runs at these places."""
        return Forecast(*(values[list(places)] for values in (self.location, self.scale, self.freedom)))

    @property
    def is_normal(self) -> bool:
        """Whether the law is normal, for all runs."""
        return bool(np.isinf(self.freedom).all())

    def quantile(self, share: float) -> Array:
        """GPU-hours that are not exceeded with probability ``share``."""
        score = special.ndtri(share) if self.is_normal else special.stdtrit(self.freedom, share)
        return np.asarray(np.exp(self.location + self.scale * score))

    def percentile(self, hours: Array | float) -> Array:
        """Probability of at most ``hours``."""
        z = (np.log(hours) - self.location) / self.scale
        return np.asarray(special.ndtr(z) if self.is_normal else special.stdtr(self.freedom, z))


def flop_per_token(run: DisclosedRun, *, attention: bool = True) -> float:
    """Training FLOP per token: six per active parameter, and the causal triangle of attention where the shape is known."""
    pairs = (run.n_layers or 0) * (run.attn_width or 0) * (run.seq_len or 0)
    return FLOP_PER_MAC * (run.params_active_b * 1e9 + (pairs if attention else 0))


def full_use_hours(run: DisclosedRun, *, attention: bool = True) -> float:
    """GPU-hours at the dense BF16 peak, nothing lost."""
    convention: Convention = "causal" if attention else "6N"
    return float(
        gpu_hours(
            run.tokens_t * 1e12,
            flop_per_token=flop_per_token(run, attention=attention),
            flop_convention=convention,
            peak_flop_per_s=run.peak_bf16_dense_tflops * 1e12,
            mfu=1.0,
            mfu_convention=convention,
        )
    )


def utilisation(run: DisclosedRun) -> float:
    """Share of the peak that the disclosed hours imply, stops and rounding included."""
    return full_use_hours(run) / run.gpu_hours_disclosed


@dataclass(frozen=True)
class Fit:
    """ln utilisation by generation of chips, each pulled towards the common mean by the ``spread`` between generations.

    A linear model with a flat prior on the mean and N(0, spread^2) on each generation's offset: ``mean`` and ``covariance`` of
    both, residual ``sigma``, and ``freedom``, the runs less the parameters that they effectively fix.
    """

    generations: tuple[str, ...]
    mean: Array
    covariance: Array
    sigma: float
    freedom: float
    spread: float

    def forecast(self, runs: Sequence[DisclosedRun]) -> Forecast:
        """Hours of other runs; a generation that was not fitted has the common mean and the whole spread."""
        design = _design(runs, self.generations)
        unknown = np.array([run.hw_gen not in self.generations for run in runs])
        variance = self.sigma**2 + np.einsum("ij,jk,ik->i", design, self.covariance, design) + unknown * self.spread**2
        used = np.log([full_use_hours(run) for run in runs])
        return Forecast(used - design @ self.mean, np.sqrt(variance), np.full(len(runs), self.freedom))


def fit(runs: Sequence[DisclosedRun], spread: float) -> Fit:
    """Fit the utilisation of runs whose hours are known.

    Parameters
    ----------
    runs : three or more that differ
    spread : standard deviation of a generation's ln utilisation around that of all
    """
    y = np.log([utilisation(run) for run in runs])
    generations = tuple(sorted({run.hw_gen for run in runs}))
    design = _design(runs, generations)
    prior = np.diag([0.0, *[spread**-2] * len(generations)])
    gram, sigma = design.T @ design, float(np.std(y))
    for _ in range(ROUNDS):
        covariance = np.asarray(np.linalg.inv(gram / sigma**2 + prior))
        mean = np.asarray(covariance @ (design.T @ y) / sigma**2)
        freedom = len(y) - float(np.trace(covariance @ gram)) / sigma**2
        last, sigma = sigma, float(np.sqrt(np.sum((y - design @ mean) ** 2) / freedom))
        if abs(sigma - last) < SETTLED:
            break
    return Fit(generations, mean, covariance, sigma, freedom, spread)


def baseline(fitted: Sequence[DisclosedRun], runs: Sequence[DisclosedRun], mfu: float | None = None) -> Forecast:
    """Hours by one log-normal utilisation for all runs, as the reference class of the consistency checks has it.

    With ``mfu`` its median is that share of the peak, attention is not counted, and the spread alone is that of the fitted runs.
    """
    y = np.log([utilisation(run) for run in fitted])
    shift = y.mean() if mfu is None else np.log(mfu)
    location = np.log([full_use_hours(run, attention=mfu is None) for run in runs]) - shift
    return Forecast(location, np.full_like(location, np.std(y, ddof=1)), np.full_like(location, np.inf))


def _design(runs: Sequence[DisclosedRun], generations: Sequence[str]) -> Array:
    return np.array([[1.0, *(float(run.hw_gen == name) for name in generations)] for run in runs])
