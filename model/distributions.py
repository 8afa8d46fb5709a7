"""Distributions as vectorised quantile and distribution functions. Those that are dear to evaluate are read by ``model.tables``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]

Z95 = float(special.ndtri(0.95))
LARGEST_LOG_EXCESS = 100.0  # ln(R - 1) beyond which only the floating-point range, not the cost, would change


class Distribution(Protocol):
    """What the engine asks of every family. All instances are frozen and hashable."""

    dear: ClassVar[bool]

    def __hash__(self) -> int: ...

    def ppf(self, u: Array) -> Array:
        """Value below which the share ``u`` in (0, 1) lies; same shape as ``u``."""
        ...

    def cdf(self, x: Array) -> Array:
        """Share at or below ``x``; same shape as ``x``."""
        ...

    @property
    def mean(self) -> float | None:
        """Expected value, or None where there is none."""
        ...


@dataclass(frozen=True)
class Fixed:
    """A single value: a distribution with nothing uncertain."""

    value: float
    dear: ClassVar[bool] = False

    def ppf(self, u: Array) -> Array:
        return np.full_like(u, self.value)

    def cdf(self, x: Array) -> Array:
        return np.where(x >= self.value, 1.0, 0.0)

    @property
    def mean(self) -> float:
        return self.value


@dataclass(frozen=True)
class Uniform:
    """Equal density on [low, high]."""

    low: float
    high: float
    dear: ClassVar[bool] = False

    def ppf(self, u: Array) -> Array:
        return self.low + (self.high - self.low) * u

    def cdf(self, x: Array) -> Array:
        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)

    @property
    def mean(self) -> float:
        return 0.5 * (self.low + self.high)


@dataclass(frozen=True)
class LogUniform:
    """Equal density of ln x on [ln low, ln high]."""

    low: float
    high: float
    dear: ClassVar[bool] = False

    def ppf(self, u: Array) -> Array:
        return self.low * np.exp(math.log(self.high / self.low) * u)

    def cdf(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.clip(np.log(np.maximum(x, 0.0) / self.low) / math.log(self.high / self.low), 0.0, 1.0)

    @property
    def mean(self) -> float:
        return (self.high - self.low) / math.log(self.high / self.low)


@dataclass(frozen=True)
class Normal:
    """Normal with mean ``mu`` and standard deviation ``sigma``."""

    mu: float
    sigma: float
    dear: ClassVar[bool] = False

    def ppf(self, u: Array) -> Array:
        return self.mu + self.sigma * special.ndtri(u)

    def cdf(self, x: Array) -> Array:
        return np.asarray(special.ndtr((x - self.mu) / self.sigma))

    @property
    def mean(self) -> float:
        return self.mu


@dataclass(frozen=True)
class TruncatedNormal:
    """Normal cut to [low, high]."""

    mu: float
    sigma: float
    low: float
    high: float
    dear: ClassVar[bool] = False

    @property
    def _side(self) -> float:
        """1, or -1 where the interval lies above the mean: probabilities are then counted from the top, where they have digits."""
        return -1.0 if self.low > self.mu else 1.0

    def _shares(self) -> tuple[float, float]:
        scores = np.array([self.low - self.mu, self.high - self.mu]) / self.sigma
        first, last = special.ndtr(self._side * scores)
        return float(first), float(last)

    def ppf(self, u: Array) -> Array:
        first, last = self._shares()
        score = self._side * special.ndtri(first + u * (last - first))
        return np.clip(self.mu + self.sigma * score, self.low, self.high)

    def cdf(self, x: Array) -> Array:
        first, last = self._shares()
        share = special.ndtr(self._side * (x - self.mu) / self.sigma)
        return np.clip((share - first) / (last - first), 0.0, 1.0)

    @property
    def mean(self) -> float:
        first, last = self._shares()
        a, b = (self.low - self.mu) / self.sigma, (self.high - self.mu) / self.sigma
        density = (math.exp(-0.5 * a * a) - math.exp(-0.5 * b * b)) / math.sqrt(2 * math.pi)
        return self.mu + self.sigma * density / (self._side * (last - first))


@dataclass(frozen=True)
class LogNormal:
    """ln x is normal with mean ``mu`` and standard deviation ``sigma``."""

    mu: float
    sigma: float
    dear: ClassVar[bool] = False

    def ppf(self, u: Array) -> Array:
        return np.exp(self.mu + self.sigma * special.ndtri(u))

    def cdf(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(special.ndtr((np.log(np.maximum(x, 0.0)) - self.mu) / self.sigma))

    @property
    def mean(self) -> float:
        return math.exp(self.mu + 0.5 * self.sigma * self.sigma)


@dataclass(frozen=True)
class Triangular:
    """Triangular on [low, high] with its peak at ``mode``."""

    low: float
    mode: float
    high: float
    dear: ClassVar[bool] = False

    def ppf(self, u: Array) -> Array:
        span, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(u * span * left)
        falling = self.high - np.sqrt((1.0 - u) * span * right)
        return np.where(u * span < left, rising, falling)

    def cdf(self, x: Array) -> Array:
        span, left, right = self.high - self.low, self.mode - self.low, self.high - self.mode
        y = np.clip(x, self.low, self.high)
        below = (y - self.low) ** 2 / (span * left) if left else np.zeros_like(y)
        above = 1.0 - (self.high - y) ** 2 / (span * right) if right else np.ones_like(y)
        return np.where(y < self.mode, below, above)

    @property
    def mean(self) -> float:
        return (self.low + self.mode + self.high) / 3.0


@dataclass(frozen=True)
class ScaledBeta:
    """Beta(alpha, beta) stretched to [low, high]."""

    alpha: float
    beta: float
    low: float = 0.0
    high: float = 1.0
    dear: ClassVar[bool] = True

    def ppf(self, u: Array) -> Array:
        return self.low + (self.high - self.low) * special.betaincinv(self.alpha, self.beta, u)

    def cdf(self, x: Array) -> Array:
        share = np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)
        return np.asarray(special.betainc(self.alpha, self.beta, share))

    @property
    def mean(self) -> float:
        return self.low + (self.high - self.low) * self.alpha / (self.alpha + self.beta)


def pert(low: float, mode: float, high: float) -> ScaledBeta:
    """PERT(min, mode, max): the beta with lambda = 4."""
    span = high - low
    return ScaledBeta(1.0 + 4.0 * (mode - low) / span, 1.0 + 4.0 * (high - mode) / span, low, high)


@dataclass(frozen=True)
class Empirical:
    """Observed values at mid-ranks (i + 1/2)/n, joined linearly and level beyond the ends."""

    values: tuple[float, ...]
    dear: ClassVar[bool] = False

    def _ranks(self) -> Array:
        return np.asarray((np.arange(len(self.values)) + 0.5) / len(self.values))

    def ppf(self, u: Array) -> Array:
        return np.asarray(np.interp(u, self._ranks(), np.sort(self.values)))

    def cdf(self, x: Array) -> Array:
        return np.interp(x, np.sort(self.values), self._ranks(), left=0.0, right=1.0)

    @property
    def mean(self) -> float:
        ordered = np.sort(self.values)
        inner = float(np.sum(0.5 * (ordered[1:] + ordered[:-1]))) / len(ordered)
        return inner + 0.5 * float(ordered[0] + ordered[-1]) / len(ordered)


@dataclass(frozen=True)
class LogT:
    """R > 1 with ln(R - 1) = location + scale x Student's t. It has no mean: the t's tail outgrows every power."""

    location: float
    scale: float
    freedom: float
    dear: ClassVar[bool] = True

    def log_excess(self, u: Array) -> Array:
        """ln(R - 1) at probability ``u``; what the table holds, since R itself spans many powers of ten."""
        return np.asarray(self.location + self.scale * special.stdtrit(self.freedom, u))

    def ppf(self, u: Array) -> Array:
        return from_log_excess(self.log_excess(u))

    def cdf(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(special.stdtr(self.freedom, (np.log(np.maximum(x - 1.0, 0.0)) - self.location) / self.scale))

    @property
    def mean(self) -> None:
        return None


@dataclass(frozen=True)
class Mixture:
    """Weighted sum of the parts' distribution functions."""

    weights: tuple[float, ...]
    parts: tuple[Distribution, ...]
    dear: ClassVar[bool] = True

    def ppf(self, u: Array) -> Array:
        """By bisection between the parts' own quantiles, which enclose the mixture's."""
        quantiles = np.stack([part.ppf(u) for part in self.parts])
        low, high = quantiles.min(axis=0), quantiles.max(axis=0)
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = self.cdf(middle) < u
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(0.5 * (low + high))

    def cdf(self, x: Array) -> Array:
        return np.asarray(sum(w * part.cdf(x) for w, part in zip(self.weights, self.parts, strict=True)))

    @property
    def mean(self) -> float | None:
        means = [part.mean for part in self.parts]
        if any(m is None for m in means):
            return None
        return sum(w * m for w, m in zip(self.weights, means, strict=True) if m is not None)


@dataclass(frozen=True)
class Reciprocal:
    """1/Y of a positive quantity Y, for integrating over elapsed time per productive hour."""

    of: Distribution
    dear: ClassVar[bool] = True

    def ppf(self, u: Array) -> Array:
        return 1.0 / self.of.ppf(1.0 - u)

    def cdf(self, x: Array) -> Array:
        with np.errstate(divide="ignore"):
            return 1.0 - self.of.cdf(np.where(x > 0, 1.0 / np.maximum(x, 1e-300), np.inf))

    @property
    def mean(self) -> None:
        return None


def from_log_excess(log_excess: Array) -> Array:
    """R of its ln(R - 1)."""
    return 1.0 + np.exp(np.minimum(log_excess, LARGEST_LOG_EXCESS))
