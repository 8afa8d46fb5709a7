"""A measured figure beside its target."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Row:
    """One line of the table; without a target it is context."""

    figure: str
    measured: str
    target: str = ""
    met: bool | None = None


def at_least(figure: str, value: float, target: float, remark: str = "") -> Row:
    """A figure that should not fall below its target."""
    return Row(figure, f"{value:.4g}{remark}", f">= {target:g}", value >= target)


def at_most(figure: str, value: float, target: float, remark: str = "") -> Row:
    """A figure that should not exceed its target."""
    return Row(figure, f"{value:.4g}{remark}", f"<= {target:g}", value <= target)


def printed(rows: Sequence[Row]) -> str:
    """The table, in columns as wide as they need."""
    lines = [("figure", "measured", "target", "met")]
    lines += [(r.figure, r.measured, r.target, "" if r.met is None else "yes" if r.met else "NO") for r in rows]
    widths = [max(len(line[k]) for line in lines) for k in range(4)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([text[0], "-" * len(text[0]), *text[1:]])


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = perf_counter()
    work()
    return perf_counter() - start


def median(values: Sequence[float]) -> float:
    """The middle value."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else 0.5 * (ordered[half - 1] + ordered[half])


def root_mean_square(values: Sequence[float]) -> float:
    """Root of the mean square."""
    return math.sqrt(sum(v * v for v in values) / len(values))
