"""The benchmark's question, P(programme <= 3 x claim) in ``zheng``: its exact answer and the error of few points."""

from __future__ import annotations

import math
from functools import cache

from benchmarks.table import Row, at_least, root_mean_square
from model.engine import run
from model.registry import Registry, load_registry

CLAIM_USD = 5.576e6
AMOUNT_USD = 3 * CLAIM_USD
POINTS = 4096
SEEDS = 30
EXACT_POINTS = 1 << 22
EXACT_SEEDS = range(900_001, 900_006)


@cache
def registry() -> Registry:
    """The project's assumptions, read once."""
    return load_registry()


def probability(points: int, seed: int) -> float:
    """P(programme <= 3 x claim) with ``points`` points in all."""
    estimate = run("zheng", registry=registry(), points=points, seed=seed, scopes=["programme"])
    return estimate.scope("programme").probability_at_most(AMOUNT_USD)


@cache
def exact() -> tuple[float, float]:
    """The answer by five runs of 2^22 points, and its standard error."""
    values = [probability(EXACT_POINTS, seed) for seed in EXACT_SEEDS]
    mean = sum(values) / len(values)
    return mean, root_mean_square([v - mean for v in values]) / math.sqrt(len(values) - 1)


def plain_error(draws: float) -> float:
    """Standard error of a share estimated from independent draws: sqrt(p (1 - p) / n)."""
    p = exact()[0]
    return math.sqrt(p * (1 - p) / draws)


def draws_for(error: float) -> int:
    """Independent draws that bring the standard error down to ``error``."""
    p = exact()[0]
    return math.ceil(p * (1 - p) / error**2)


def errors(points: int, seeds: range) -> list[float]:
    """Error of each seed's answer."""
    return [probability(points, seed) - exact()[0] for seed in seeds]


def ratio_and_error(points: int, seeds: range) -> tuple[float, float, float]:
    """RMS error, plain Monte Carlo's error over it, and the standard error of that ratio (delta method on the squares)."""
    found = errors(points, seeds)
    rms = root_mean_square(found)
    squares = [e * e for e in found]
    mean = sum(squares) / len(squares)
    spread = math.sqrt(sum((s - mean) ** 2 for s in squares) / (len(squares) - 1) / len(squares))
    ratio = plain_error(points) / rms
    return rms, ratio, ratio * 0.5 * spread / mean


def rows() -> list[Row]:
    """Error at 4,096 points, against plain Monte Carlo's exact one."""
    value, uncertainty = exact()
    rms, ratio, spread = ratio_and_error(POINTS, range(1, SEEDS + 1))
    many, more, less = ratio_and_error(POINTS, range(1, 8 * SEEDS + 1))
    return [
        Row("P(programme <= 3 x claim), exact", f"{value:.9f} +- {uncertainty:.1e}"),
        Row(f"error at {POINTS:,} points, RMS of {SEEDS} seeds", f"{rms:.2e}"),
        at_least("plain Monte Carlo's error over it", ratio, 90, f" +- {spread:.2g}"),
        Row(f"the same over {8 * SEEDS} seeds", f"{more:.4g} +- {less:.2g} ({many:.2e})"),
    ]
