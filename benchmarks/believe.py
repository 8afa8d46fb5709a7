"""What would have to be true: solve, the nearest point and a break-even map, against their target and against plain repetition."""

from __future__ import annotations

from benchmarks.speed import fresh_seed, interleaved, ratio
from benchmarks.table import Row, at_most, median
from model.engine import run
from model.explain.believe import believe
from model.explain.break_even import NODES, break_even
from model.explain.solve import solve
from model.registry import load_registry

ROUNDS = 5
TARGET = 0.5  # seconds
CLAIM, SCOPE = "deepseek-v3-5.576m", "project"
HELD = 20  # runs with both quantities held, to scale up to a map's nodes


def rows() -> list[Row]:
    """Seconds of each answer for the default scenario, and a map's time over that of running the engine at every node."""
    registry = load_registry()

    def at_nodes() -> None:
        for k in range(HELD):
            changes = [f"price.rental={1.0 + 0.1 * k}", f"goodput={0.8 + 0.01 * k}"]
            run("zheng", registry=registry, changes=changes, scopes=[SCOPE], seed=fresh_seed()).scope(SCOPE).quantile([0.05, 0.5, 0.95])

    given = {"scope": SCOPE, "registry": registry}
    times = interleaved(
        {
            "solve": lambda: solve(CLAIM, parameter="price.rental", seed=fresh_seed(), **given),
            "believe": lambda: believe(CLAIM, seed=fresh_seed(), **given),
            "break-even": lambda: break_even(CLAIM, x="price.rental", y="overhead.reference_class", seed=fresh_seed(), **given),
            "engine": at_nodes,
        },
        ROUNDS,
    )
    figures = [at_most(f"{name} {SCOPE}: seconds", median(times[name]), TARGET) for name in ("solve", "believe", "break-even")]
    share = ratio(times["break-even"], times["engine"]) * HELD / NODES**2
    return [*figures, at_most("a map over the engine run at each of its nodes: time", share, 1.0)]
