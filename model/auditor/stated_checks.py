"""Checks of what is no sum of money: a count, duration, ratio, date or name against its source, and what a number leaves out."""

from __future__ import annotations

from collections.abc import Mapping

from model.auditor.quantities import BOUNDS, Interval, by_source, day_of, figure_of, missed_by, span
from model.auditor.stated import Check, Evidence, Status
from model.schema.claim import Stated

# Units of stated quantities, as words.
UNITS: Mapping[str, str] = {"month": "months", "year": "years", "week": "weeks", "gpu": "GPUs"}


# What its source, or its sources, say: by unit, and with a range where they differ.
ONE: Mapping[str, str] = {
    "USD": "Stated: {written}; by its source {low:usd3}.",
    "fraction": "Stated: {written}; by its source {low:percent3}.",
    "day": "Stated: {written}; by its source {first}.",
    "": "Stated: {written}; by its source {low:number3} {unit}.",
}
SEVERAL: Mapping[str, str] = {
    "USD": "Stated: {written}; by its sources {low:usd3} to {high:usd3}.",
    "fraction": "Stated: {written}; by its sources {low:percent3} to {high:percent3}.",
    "day": "Stated: {written}; by its sources between {first} and {last}.",
    "": "Stated: {written}; by its sources {low:number3} to {high:number3} {unit}.",
}


def primary_figure(e: Evidence) -> Check | None:
    """A stated figure or date against what its source says."""
    figure, told = figure_of(e.claim), by_source(e.claim)
    if figure is None or told is None or e.claim.hedged:
        return None
    own, (low, high) = span(figure), told
    near = low if abs(low - own[0]) <= abs(high - own[0]) else high
    values: dict[str, object] = {"written": figure.as_written, "low": low, "high": high}
    templates = ONE if low == high else SEVERAL
    if isinstance(figure, Stated) and figure.date:
        values |= {"first": day_of(low), "last": day_of(high)}
        return Check("primary_figure", _status(e, own, told), figure.date.isoformat(), day_of(near), "", templates["day"], values)
    if figure.unit not in templates:
        values["unit"] = UNITS.get(figure.unit, figure.unit)
    template, stated = templates.get(figure.unit, templates[""]), figure.value or figure.low or 0.0
    return Check("primary_figure", _status(e, own, told), stated, near, figure.unit, template, values)


def _status(e: Evidence, own: Interval, told: Interval) -> Status:
    """Pass where the source fits the words, warn up to the materiality factor; a bound that its sources straddle is undecided."""
    apart, figure = missed_by(e.claim) or 1.0, figure_of(e.claim)
    if apart > 1.0 + e.rule("tolerance_pass"):
        return "warn" if apart <= e.rule("materiality_factor") else "fail"
    bound = figure is not None and figure.relation in BOUNDS
    return "pass" if not bound or (own[0] <= told[0] and told[1] <= own[1]) else "warn"


def primary_name(e: Evidence) -> Check | None:
    """What something is called against what its source calls it."""
    told = [p.name for p in e.claim.primary if p.name]
    if not told or not e.claim.stated or e.claim.hedged:
        return None
    status: Status = "pass" if e.claim.stated.name in told else "fail"
    template = "Stated: {written}, a {name}; by its source a {told}."
    values = {"written": e.claim.stated.as_written, "name": e.claim.stated.name, "told": told[0]}
    return Check("primary_name", status, e.claim.stated.name, told[0], "", template, values)


def left_out(e: Evidence) -> Check | None:
    """Whether the scope that a number prices leaves out what a statement says it leaves out."""
    said, registry = e.claim.objection, e.registry
    if e.claim.kind != "scope" or said is None or e.claim.priced not in registry.scopes:
        return None
    omitted = set(said.components) & set(registry.scopes[e.claim.priced].omits_components)
    status: Status = "pass" if len(omitted) == len(said.components) else "fail"
    template = "{scope} leaves out {count} of the {of} components that are named ({leaves_out})."
    values = {
        "scope": registry.scopes[e.claim.priced].label,
        "count": len(omitted),
        "of": len(said.components),
        "leaves_out": said.leaves_out,
    }
    return Check("left_out", status, len(said.components), len(omitted), "component", template, values)
