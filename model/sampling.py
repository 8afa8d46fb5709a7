"""Scrambled Sobol' points: 64 fixed columns, 4 independent scrambles, any block on demand.

Direction numbers: Joe and Kuo (2008). Scramble: random lower-triangular matrix and digital shift (Matousek 1998), which has the
variance of Owen's nested scramble (Owen 2003) and keeps every aligned block of 2^m points one XOR away from the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from model.distributions import Array

Bits = NDArray[np.uint32]

WIDTH = 64
SCRAMBLES = 4
DIGITS = 32
LEADING = 10  # binary digits of the index that a short run counts with


def points_per_scramble(points: int) -> int:
    """Smallest power of two n with 4 n >= ``points``."""
    return 1 << max(0, (-(-points // SCRAMBLES) - 1).bit_length())


@lru_cache(maxsize=1)
def direction_numbers() -> Bits:
    """Unscrambled direction numbers, shape (64, 32): bit 31 is the first binary digit of a point."""
    numbers = np.zeros((WIDTH, DIGITS), dtype=np.uint32)
    numbers[0] = [1 << (DIGITS - 1 - k) for k in range(DIGITS)]
    table = resources.files("model").joinpath("joe_kuo_64.csv").read_text(encoding="utf-8")
    for line in table.splitlines()[3:]:
        dimension, degree, coefficients, initial = line.split(",")
        numbers[int(dimension) - 1] = _recurrence(int(degree), int(coefficients), [int(m) for m in initial.split()])
    return numbers


def _recurrence(degree: int, coefficients: int, initial: list[int]) -> list[int]:
    """Joe and Kuo (2008), eq. (2), in fixed point with 32 digits."""
    v = [m << (DIGITS - 1 - k) for k, m in enumerate(initial)]
    for k in range(degree, DIGITS):
        value = v[k - degree] ^ (v[k - degree] >> degree)
        for i in range(1, degree):
            if (coefficients >> (degree - 1 - i)) & 1:
                value ^= v[k - i]
        v.append(value)
    return v


@dataclass(frozen=True)
class SobolPoints:
    """Points of one seed: rows of the scrambling matrices, shape (4, 64, 32), and digital shifts, shape (4, 64)."""

    rows: Bits
    shifts: Bits
    _first: dict[tuple[int, int], Bits] = field(default_factory=dict, compare=False, repr=False)
    _shorts: dict[int, Array] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def directions(self) -> Bits:
        """Scrambled direction numbers, shape (4, 64, 32)."""
        return self._scrambled(DIGITS)

    @cached_property
    def leading(self) -> Bits:
        """The first of them, which are all that a short run needs, shape (4, 64, 10)."""
        return self._scrambled(LEADING)

    def _scrambled(self, count: int) -> Bits:
        plain = direction_numbers()[:, :count]
        parity = np.bitwise_count(self.rows[:, :, None, :] & plain[:, :, None]) & 1
        return np.packbits(parity.ravel()).view(">u4").reshape(parity.shape[:-1]).astype(np.uint32)

    def column(self, index: int, start: int, size: int) -> Array:
        """Column ``index`` of points [start, start + size) of each scramble, inside (0, 1); shape (4, size).

        ``size`` is a power of two and divides ``start``.
        """
        if start == 0 and size <= 1 << LEADING:
            return self._short(size)[:, index]
        return as_shares(self.digits(index, start, size))

    def _short(self, size: int) -> Array:
        """All columns of a short run at once, shape (4, 64, size)."""
        if size not in self._shorts:
            self._shorts[size] = as_shares(_unshifted(self.leading, size) ^ self.shifts[:, :, None])
        return self._shorts[size]

    def digits(self, index: int, start: int, size: int) -> Bits:
        """The same points as whole multiples of 2^-32, rounded down: those of the first block, moved by one XOR."""
        directions = (self.leading if start + size <= 1 << LEADING else self.directions)[:, index]
        moved = self.shifts[:, index].copy()
        for k in range(size.bit_length() - 1, start.bit_length()):
            if (start >> k) & 1:
                moved ^= directions[:, k]
        if (index, size) not in self._first:
            self._first[index, size] = _unshifted(directions, size)
        return self._first[index, size] ^ moved[:, None]


def as_shares(digits: Bits) -> Array:
    """Binary digits as numbers inside (0, 1): the middle of the interval that they leave open."""
    return np.asarray((digits + 0.5) * 2.0**-DIGITS, dtype=np.float64)


def _unshifted(directions: Bits, size: int) -> Bits:
    """Points 0 to size - 1 for direction numbers in the last axis, which the points replace."""
    digits = np.zeros((*directions.shape[:-1], size), dtype=np.uint32)
    filled = 1
    for k in range(size.bit_length() - 1):
        np.bitwise_xor(digits[..., :filled], directions[..., k, None], out=digits[..., filled : 2 * filled])
        filled *= 2
    return digits


@lru_cache(maxsize=8)
def sobol_points(seed: int) -> SobolPoints:
    """The points that belong to ``seed``: same seed, same points, on every platform."""
    generator = np.random.Generator(np.random.Philox(seed))
    masks = generator.integers(0, 2**32, size=(SCRAMBLES, WIDTH, DIGITS), dtype=np.uint32)
    shifts = generator.integers(0, 2**32, size=(SCRAMBLES, WIDTH), dtype=np.uint32)
    own = np.uint32(1) << np.arange(DIGITS - 1, -1, -1, dtype=np.uint32)
    return SobolPoints((masks & ~(2 * own - 1)) | own, shifts)
