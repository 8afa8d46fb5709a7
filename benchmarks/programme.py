"""The simulated programme: time of a replay and of 1,000 replications, and the stored table against them."""

from __future__ import annotations

import os

import numpy as np

from benchmarks.table import Row, at_most, median, seconds
from model.programme.plan import plan
from model.programme.replications import Replications, replay, replicate
from model.registry import load_registry

REPLAYS, REPLICATIONS = 9, 1000


def rows() -> list[Row]:
    """A replay below half a second, 1,000 replications of the V3 programme in at most 30 s on two processors."""
    made = plan()
    replay(made)
    single = median([seconds(lambda seed=seed: replay(made, seed=seed)) for seed in range(1, REPLAYS + 1)])
    found: list[Replications] = []
    whole = seconds(lambda: found.append(replicate(made, REPLICATIONS, workers=os.cpu_count() or 1)))
    stored = np.array(load_registry().parameters["overhead.simulated"].distribution.values)
    apart = float(np.max(np.abs(np.array(found[0].table()) / stored - 1.0)))
    return [
        at_most("programme: one replay, s", single, 0.5),
        at_most(f"programme: {REPLICATIONS} replications, s", whole, 30.0),
        at_most("programme: stored R against these, largest relative difference", apart, 1e-4),
    ]
