"""Computed figures with their numerical error, and the digits that it supports."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np

from model.distributions import Array
from model.sampling import SCRAMBLES

STANDARD_ERRORS = 2.0
MOST_DIGITS = 3
LARGEST_ERROR = 1e300


class Estimated(float):
    """A float with its numerical standard error, in its own unit. Texts print no digit that this does not support.

    ``shifts`` is what each scramble alone would add, so that what is common to two figures of the same points cancels in their
    difference; None where the error is known otherwise.
    """

    shifts: Array | None
    _error: float

    def __new__(cls, value: float, error: float = 0.0, shifts: Array | None = None) -> Self:
        made = super().__new__(cls, value)
        made._error, made.shifts = float(error), shifts
        return made

    @classmethod
    def of_scrambles(cls, value: float, by_scramble: Array) -> Self:
        """A figure of which each scramble gives its own: their spread is its error."""
        return cls(value, shifts=by_scramble - by_scramble.mean())

    @property
    def by_scramble(self) -> Array:
        """What each scramble alone gives, shape (scrambles,); the figure itself where its error is known otherwise."""
        return np.full(SCRAMBLES, float(self)) + (0.0 if self.shifts is None else self.shifts)

    @property
    def error(self) -> float:
        """Numerical standard error; infinite where it cannot be told."""
        error = self._error if self.shifts is None else float(np.std(self.shifts, ddof=1)) / math.sqrt(len(self.shifts))
        return error if math.isfinite(error) else math.inf

    def over(self, exact: float) -> Estimated:
        """Divided by what has no error."""
        return Estimated(self / exact, self._error / abs(exact), None if self.shifts is None else self.shifts / exact)

    def less(self, other: float) -> Estimated:
        """Less another figure: of the same points, or as if the two were independent."""
        if not isinstance(other, Estimated):
            return Estimated(self - other, self._error, self.shifts)
        if self.shifts is None or other.shifts is None or len(self.shifts) != len(other.shifts):
            return Estimated(self - other, math.hypot(self.error, other.error))
        return Estimated(self - other, shifts=self.shifts - other.shifts)

    @property
    def has_no_sign(self) -> bool:
        """Whether two standard errors leave open on which side of zero it lies."""
        return abs(self) < STANDARD_ERRORS * self.error < math.inf

    @property
    def is_noise(self) -> bool:
        """Whether it is smaller than its error, so that no digit means anything."""
        return abs(self) < self.error < math.inf


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
    return -math.ceil(math.log10(STANDARD_ERRORS * min(error, LARGEST_ERROR)))


def mixed_quantiles(parts: Sequence[tuple[float, Array]], probabilities: Mapping[str, float]) -> dict[str, Estimated]:
    """Quantiles, with their errors, of a mixture of drawn values: each part with its weight, its draws of shape (scrambles, draws)."""
    values = np.concatenate([own for _, own in parts], axis=1)
    weights = np.concatenate([np.full(own.shape, share / own.size) for share, own in parts], axis=1)
    return drawn_quantiles(values, probabilities, weights)


def drawn_quantiles(values: Array, probabilities: Mapping[str, float], weights: Array | None = None) -> dict[str, Estimated]:
    """Quantiles of drawn values with their errors.

    Parameters
    ----------
    values : shape (scrambles, draws), or () where nothing is uncertain
    probabilities : in (0, 1), by name
    weights : of the same shape as the values; with them a quantile is the smallest value at which their sum reaches the probability
    """
    values = np.broadcast_to(values, (SCRAMBLES, np.shape(values)[-1] if np.ndim(values) else 1))
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
