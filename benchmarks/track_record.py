"""The record of the estimate of GPU-hours: coverage, and its error over that of two simpler ones."""

from __future__ import annotations

from benchmarks.table import Row, at_least, at_most, median, seconds
from model.backtest.score import ONE_MFU, PLAIN, backtest
from model.registry import load_registry


def rows() -> list[Row]:
    """Coverage of disclosed runs, ratios of the CRPS, and the time of a whole record."""
    registry = load_registry()
    found = backtest(registry=registry)
    own = found.score()
    held = [Row(f"track record, runs inside {name} %", f"{share:.3f} of {own.n}") for name, share in own.coverage.items() if name == "90"]
    return [
        *(line for name, low, high in (("50", 0.40, 0.68), ("80", 0.70, 0.92)) for line in _between(name, own.coverage[name], low, high)),
        *held,
        at_most("track record, CRPS over one utilisation for all", own.crps / found.score(ONE_MFU).crps, 1.0),
        at_most("track record, CRPS over 6ND at 40 %", own.crps / found.score(PLAIN).crps, 1.0),
        Row("track record, seconds", f"{median([seconds(lambda: backtest(registry=registry)) for _ in range(3)]):.3f}"),
    ]


def _between(name: str, share: float, low: float, high: float) -> tuple[Row, Row]:
    figure = f"track record, runs inside {name} %"
    return at_least(figure, share, low), at_most(figure, share, high)
