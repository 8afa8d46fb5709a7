"""Computed figures with their numerical error, and the digits that it supports."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from model.distributions import Array

STANDARD_ERRORS = 2.0
MOST_DIGITS = 3


class Estimated(float):
    """A float with its numerical standard error, in its own unit. Texts print no digit that this does not support."""

    error: float

    def __new__(cls, value: float, error: float = 0.0) -> Self:
        made = super().__new__(cls, value)
        made.error = float(error)
        return made

    @classmethod
    def of_scrambles(cls, value: float, scrambles: Array) -> Self:
        """A figure of which each scramble gives its own: their spread is its error."""
        return cls(value, float(np.std(scrambles, ddof=1)) / math.sqrt(len(scrambles)))

    def over(self, exact: float) -> Estimated:
        """Divided by what has no error."""
        return Estimated(self / exact, self.error / abs(exact))

    def less(self, other: float) -> Estimated:
        """Less a figure with an error of its own, as if the two were independent."""
        return Estimated(self - other, math.hypot(self.error, error_of(other)))

    @property
    def is_about_zero(self) -> bool:
        """Whether the error leaves open on which side of zero it lies."""
        return abs(self) <= STANDARD_ERRORS * self.error


def error_of(value: float) -> float:
    """Numerical standard error of a figure, 0 of one that is exact."""
    return value.error if isinstance(value, Estimated) else 0.0


def supported_digits(value: float, error: float, most: int = MOST_DIGITS) -> int:
    """Significant digits of which the last one is right within one unit, at two standard errors; at least one."""
    if error <= 0.0 or value == 0.0 or not math.isfinite(value):
        return most
    return max(1, min(most, math.floor(math.log10(abs(value))) + supported_places(error) + 1))


def supported_places(error: float) -> int:
    """Places behind the point of which the last one is right within one unit, at two standard errors; negative before the point."""
    return -math.ceil(math.log10(STANDARD_ERRORS * error))


def mixed_quantiles(parts: Sequence[tuple[float, Array]], probabilities: Mapping[str, float]) -> dict[str, Estimated]:
    """Quantiles, with their errors, of a mixture of drawn values: each part with its weight, its draws of shape (scrambles, draws)."""
    values = np.concatenate([own for _, own in parts], axis=1)
    weights = np.concatenate([np.full(own.shape, share / own.size) for share, own in parts], axis=1)
    return drawn_quantiles(values, probabilities, weights)


def drawn_quantiles(values: Array, probabilities: Mapping[str, float], weights: Array | None = None) -> dict[str, Estimated]:
    """Quantiles of drawn values with their errors.

    Parameters
    ----------
    values : shape (scrambles, draws)
    probabilities : in (0, 1), by name
    weights : of the same shape; with them, a quantile is the smallest value at which the cumulated weight reaches the probability
    """
    wanted = np.array(list(probabilities.values()))
    each = [_quantiles(own, wanted, None if weights is None else weights[k]) for k, own in enumerate(values)]
    whole = _quantiles(values.ravel(), wanted, None if weights is None else weights.ravel())
    return {name: Estimated.of_scrambles(value, own) for name, value, own in zip(probabilities, whole, np.transpose(each), strict=True)}


def _quantiles(values: Array, wanted: Array, weights: Array | None) -> Array:
    if weights is None:
        return np.asarray(np.quantile(values, wanted))
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    return np.asarray(values[order][np.minimum(np.searchsorted(cumulated, wanted * cumulated[-1]), values.size - 1)])
