"""How an uncertain quantity is written: one family each, with named quantiles or bounds."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from model.schema.base import Entry, Identifier, Many

LEAST_SHARE = 1e-6  # of a normal that a cut may leave
Positive = Annotated[float, Field(gt=0)]


def ordered(**named: float | None) -> None:
    """Refuse named figures that do not rise; those that are None are left out."""
    given = [(name, value) for name, value in named.items() if value is not None]
    for (low_name, low), (high_name, high) in pairwise(given):
        if not low <= high:
            raise ValueError(f"{low_name} = {low:g} is above {high_name} = {high:g}; write them in rising order")


def _ordered(**named: float | None) -> None:
    ordered(**named)
    given = [(name, value) for name, value in named.items() if value is not None]
    if given[0][1] == given[-1][1]:
        raise ValueError('all bounds are equal; write family = "fixed" instead')


class Fixed(Entry):
    """A single value."""

    family: Literal["fixed"]
    value: float


class Uniform(Entry):
    """Equal density between two bounds."""

    family: Literal["uniform"]
    low: float
    high: float

    @model_validator(mode="after")
    def _check(self) -> Uniform:
        _ordered(low=self.low, high=self.high)
        return self


class LogUniform(Entry):
    """Equal density of the logarithm between two bounds."""

    family: Literal["log_uniform"]
    low: Positive
    high: Positive

    @model_validator(mode="after")
    def _check(self) -> LogUniform:
        _ordered(low=self.low, high=self.high)
        return self


class _TwoQuantiles(Entry):
    """Two of P5, P50, P95 fix the distribution."""

    def pair(self) -> tuple[float | None, float | None, float | None]:
        raise AssertionError("each family names its quantiles")

    @model_validator(mode="after")
    def _check(self) -> _TwoQuantiles:
        p05, p50, p95 = self.pair()
        if sum(value is not None for value in (p05, p50, p95)) != 2:
            raise ValueError("give exactly two of p05, p50, p95")
        _ordered(p05=p05, p50=p50, p95=p95)
        return self


class Normal(_TwoQuantiles):
    """Normal by two of its quantiles."""

    family: Literal["normal"]
    p05: float | None = None
    p50: float | None = None
    p95: float | None = None

    def pair(self) -> tuple[float | None, float | None, float | None]:
        return self.p05, self.p50, self.p95


class LogNormal(_TwoQuantiles):
    """Log-normal by two of its quantiles."""

    family: Literal["log_normal"]
    p05: Positive | None = None
    p50: Positive | None = None
    p95: Positive | None = None

    def pair(self) -> tuple[float | None, float | None, float | None]:
        return self.p05, self.p50, self.p95


class TruncatedNormal(Entry):
    """Normal with the given mean and standard deviation, cut to an interval."""

    family: Literal["truncated_normal"]
    mean: float
    sd: Positive
    low: float
    high: float

    @model_validator(mode="after")
    def _check(self) -> TruncatedNormal:
        _ordered(low=self.low, high=self.high)
        below, above = (math.erf((end - self.mean) / self.sd / math.sqrt(2.0)) for end in (self.low, self.high))
        if above - below < LEAST_SHARE:
            raise ValueError(f"between {self.low:g} and {self.high:g} lies next to nothing of that normal; move the ends or the mean")
        return self


class _ThreePoint(Entry):
    min: float
    mode: float
    max: float

    @model_validator(mode="after")
    def _check(self) -> _ThreePoint:
        _ordered(min=self.min, mode=self.mode, max=self.max)
        return self


class Triangular(_ThreePoint):
    """Triangular (min, mode, max)."""

    family: Literal["triangular"]


class Pert(_ThreePoint):
    """PERT: the beta on [min, max] with shape 4 around the mode."""

    family: Literal["pert"]


class Beta(Entry):
    """Beta on [0, 1]."""

    family: Literal["beta"]
    alpha: Positive
    beta: Positive


class Empirical(Entry):
    """Observed values, joined linearly between their mid-ranks."""

    family: Literal["empirical"]
    values: Annotated[Many[float], Field(min_length=2)]

    @model_validator(mode="after")
    def _check(self) -> Empirical:
        if len(set(self.values)) < len(self.values):
            raise ValueError("each value may stand once; ties have no slope")
        return self


class LogT(Entry):
    """Predictive log-t of a ratio R > 1, fitted to ln(R - 1) of the cases of one reference class."""

    family: Literal["log_t"]
    cases: Identifier


Simple = Annotated[
    Fixed | Uniform | LogUniform | Normal | LogNormal | TruncatedNormal | Triangular | Pert | Beta | Empirical,
    Field(discriminator="family"),
]


class Part(Entry):
    """One part of a mixture."""

    label: str
    weight: Positive
    distribution: Simple


class Mixture(Entry):
    """Weighted parts; weights are scaled to sum to 1."""

    family: Literal["mixture"]
    parts: Annotated[Many[Part], Field(min_length=2)]


Specification = Annotated[
    Fixed | Uniform | LogUniform | Normal | LogNormal | TruncatedNormal | Triangular | Pert | Beta | Empirical | LogT | Mixture,
    Field(discriminator="family"),
]
