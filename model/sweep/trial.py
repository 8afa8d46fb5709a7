"""What a sweep would take, from a few of its scenarios."""

from __future__ import annotations

import time
from dataclasses import dataclass

from model.sweep.blocks import compute_block
from model.sweep.design import Combinations

TRIED = 24  # scenarios that are computed
COUNTED = 200_000  # combinations up to which each is looked at, to see whether it is left out


@dataclass(frozen=True)
class Trial:
    """How many scenarios, how long, how much disk; counts of large sweeps are estimates."""

    combinations: int
    scenarios: int
    workers: int
    seconds: float
    mib: float


def tried(whole: Combinations, workers: int) -> Trial:
    """Compute a stretch from the middle of the scenarios, and scale it up."""
    looked = range(0, whole.total, max(1, whole.total // COUNTED))
    present = [number for number in looked if whole.point(number)]
    if not present:
        return Trial(whole.total, 0, workers, 0.0, 0.0)
    start, text = present[len(present) // 2], whole.sweep.model_dump_json()
    compute_block(text, start, start + 1)  # what is read and tabulated once
    begun = time.perf_counter()
    size = len(compute_block(text, start, start + TRIED))
    taken = time.perf_counter() - begun
    scenarios = len(present) * whole.total / len(looked)
    scale = scenarios / sum(1 for _ in whole.points(start, start + TRIED))
    return Trial(whole.total, round(scenarios), workers, taken * scale / workers, size * scale / 2**20)
