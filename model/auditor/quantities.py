"""Where a stated quantity may lie: as written, and by the source that it goes back to."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping

from model.schema.claim import Amount, Claim, Primary, Stated
from model.units import conversion_factor

Interval = tuple[float, float]
DATE_PARTS = 3  # year, month, day
DAYS: Mapping[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12.0, "year": 365.25}
BOUNDS = ("at_least", "at_most")


def span(figure: Amount | Stated) -> Interval:
    """The interval that a figure as written leaves: half a unit of its last digit either way; a bound is open at one end.

    A date is counted in days (proleptic ordinal) and spans the month or year that is all it names.
    """
    if isinstance(figure, Stated) and figure.date:
        return _of_date(figure.date, figure.digits)
    if figure.value is None:
        return figure.low or 0.0, figure.high or 0.0
    if figure.relation in BOUNDS:
        return _bound(figure.value, figure.relation)
    half = 0.5 * 10.0 ** (math.floor(math.log10(figure.value)) - figure.digits + 1)
    return figure.value - half, figure.value + half


def _bound(value: float, relation: str) -> Interval:
    return (value, math.inf) if relation == "at_least" else (0.0, value)


def _of_date(day: dt.date, parts: int) -> Interval:
    if parts >= DATE_PARTS:
        return float(day.toordinal()), float(day.toordinal())
    last = (
        day.replace(month=12, day=31) if parts == 1 else (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    )
    return float(day.toordinal()), float(last.toordinal())


def figure_of(claim: Claim) -> Amount | Stated | None:
    """What a claim states: its figure, or its sum of money."""
    return claim.stated or claim.amount


def by_source(claim: Claim) -> Interval | None:
    """What the sources of a statement say, in its own unit: from the lowest to the highest; None where they say nothing.

    Bounds count only where nothing else is said. Where the statement is a duration and the source gives a date, the time from that
    date to the claim's.
    """
    figure, numbers = figure_of(claim), [p for p in claim.primary if not p.name]
    if not figure or not numbers:
        return None
    spans = {p: _by(p, figure, claim) for p in numbers}
    measured = [span for p, span in spans.items() if p.relation not in BOUNDS]
    return _hull(measured or spans.values())


def _by(primary: Primary, figure: Amount | Stated, claim: Claim) -> Interval:
    if primary.date is not None:
        return _since(primary.date, figure, claim) if figure.unit else _of_date(primary.date, DATE_PARTS)
    factor = _factor(primary.unit, figure.unit, claim)
    if primary.value is None:
        return (primary.low or 0.0) * factor, (primary.high or 0.0) * factor
    if primary.relation in BOUNDS:
        return _bound(primary.value * factor, primary.relation)
    return primary.value * factor, primary.value * factor


def _factor(written: str, unit: str, claim: Claim) -> float:
    """From one unit to another; times at once, all else by the unit registry."""
    if {written, unit} <= DAYS.keys():
        return DAYS[written] / DAYS[unit]
    return conversion_factor(written, unit, None, f"claims/{claim.id}.toml: primary")


def _since(day: dt.date, figure: Amount | Stated, claim: Claim) -> Interval:
    """Time from a day to the claim's date, in the unit of the duration that it states."""
    elapsed = (claim.date - day).days * _factor("day", figure.unit, claim)
    return elapsed, elapsed


def since_date(claim: Claim) -> Interval:
    """The days on which a stated duration, counted back from the claim's date, may have begun."""
    assert claim.stated is not None
    low, high = (edge * _factor(claim.stated.unit, "day", claim) for edge in span(claim.stated))
    day = claim.date.toordinal()
    return day - high, day - low


def day_of(ordinal: float) -> str:
    """A date that was counted in days."""
    return dt.date.fromordinal(round(ordinal)).isoformat()


def _hull(intervals: Iterable[Interval]) -> Interval:
    lows, highs = zip(*intervals, strict=True)
    return min(lows), max(highs)


def missed_by(claim: Claim) -> float | None:
    """Factor by which a stated figure misses what its sources say; a date misses it altogether or not at all."""
    figure, told = figure_of(claim), by_source(claim)
    if figure is None or told is None:
        return None
    factor = gap(span(figure), told)
    return math.inf if factor > 1.0 and isinstance(figure, Stated) and figure.date else factor


def gap(first: Interval, second: Interval) -> float:
    """Factor by which two intervals miss each other: 1 where they touch."""
    (_, end), (start, _) = sorted((first, second))
    return max(1.0, start / end)
