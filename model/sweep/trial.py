"""What a sweep would take, from a few of its scenarios."""

from __future__ import annotations

import time
from dataclasses import dataclass

from model.registry import Registry
from model.sweep.blocks import compute_block
from model.sweep.design import Combinations

TRIED = 24  # scenarios that are computed
COUNTED = 200_000  # combinations up to which those left out are counted one by one


@dataclass(frozen=True)
class Trial:
    """How many scenarios, how long, how much disk; counts of large sweeps are estimates."""

    combinations: int
    scenarios: int
    workers: int
    seconds: float
    mib: float


def tried(whole: Combinations, registry: Registry, workers: int) -> Trial:
    """Compute a stretch in the middle, and scale it up."""
    registry.claim(whole.sweep.claims[0])
    start = max(0, whole.total // 2 - TRIED // 2)
    text = whole.sweep.model_dump_json()
    compute_block(text, start, start + 1)  # what is read and tabulated once
    begun = time.perf_counter()
    size = len(compute_block(text, start, start + TRIED))
    taken = time.perf_counter() - begun
    share = min(TRIED, whole.total)
    step = max(1, whole.total // COUNTED)
    looked = range(0, whole.total, step)
    present = sum(1 for number in looked if whole.point(number)) * whole.total / len(looked)
    return Trial(whole.total, round(present), workers, taken / share * whole.total / workers, size / share * whole.total / 2**20)
