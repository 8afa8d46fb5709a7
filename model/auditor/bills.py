"""Checks of training bills: ratios from two stated figures, a second amount by another method, a month's sum read as a year's."""

from __future__ import annotations

from collections.abc import Mapping

from model.auditor.stated import Check, Evidence, Status, part_nearest

MONTHS_PER_YEAR = 12.0
COMPARED: Mapping[str, str] = {"rate": "GPU-hours per trillion tokens", "gpu_hours": "GPU-hours", "amount": "US dollars"}


def stated_ratio(e: Evidence) -> Check | None:
    """A stated ratio against the two figures that it sets against each other: how many times, or which share is saved."""
    stated = e.claim.stated
    name = next((name for name in COMPARED if e.has(name, f"compared.{name}")), None)
    if e.claim.kind != "ratio" or not stated or not stated.value or name is None:
        return None
    own, other = e.facts[name], e.facts[f"compared.{name}"]
    values = {"own": own, "other": other, "unit": COMPARED[name]}
    if stated.unit == "fraction":
        computed = 1.0 - own / other
        template = "{own:count} is {computed:percent3} less than {other:count} ({unit}); stated {stated:percent3}."
    else:
        computed = max(own, other) / min(own, other)
        template = "Between {own:count} and {other:count} ({unit}) lies a factor of {computed:number3}; stated {stated:number3}."
    return Check("stated_ratio", e.compare(stated.value, computed, stated.digits), stated.value, computed, stated.unit, template, values)


def ratio_as_total(e: Evidence) -> Check | None:
    """What a ratio of rates is for the whole runs: more tokens can undo a saving by token."""
    if not e.has("rate", "compared.rate", "tokens.pretraining", "compared.tokens") or not e.claim.stated or not e.claim.stated.value:
        return None
    by_rate = e.facts["rate"] / e.facts["compared.rate"]
    whole = by_rate * e.facts["tokens.pretraining"] / e.facts["compared.tokens"]
    status: Status = "pass" if (whole < 1.0) == (by_rate < 1.0) else "warn"
    template = "Per token the ratio is {rate:number3}; with its tokens the whole run takes {computed:number3} times the hours of the other."
    return Check("ratio_as_total", status, by_rate, whole, "ratio", template, {"rate": by_rate})


def second_amount(e: Evidence) -> Check | None:
    """A second amount by another method, with hours and a price of its own."""
    if not e.claim.also or e.claim.also[0].unit != "USD" or not e.has("also.gpu_hours", "also.price"):
        return None
    hours, price = e.facts["also.gpu_hours"], e.facts["also.price"]
    computed = hours * price
    stated = part_nearest(e.claim.also[0], computed)
    template = "Second amount: {hours:count} GPU-hours at {price:usd} are {computed:usd}; stated {stated:usd}."
    values = {"hours": hours, "price": price}
    return Check("second_amount", e.against(e.claim.also[0], computed), stated, computed, "USD", template, values)


def month_as_year(e: Evidence) -> Check | None:
    """Whether a factor of twelve explains a wrong amount: the rent of a month read as that of a year, or the reverse."""
    if not e.claim.dollars or not e.hours or "price" not in e.facts:
        return None
    computed = e.hours * e.facts["price"]
    stated = part_nearest(e.claim.dollars, computed)
    slip = any(e.compare(stated, computed * factor) == "pass" for factor in (MONTHS_PER_YEAR, 1.0 / MONTHS_PER_YEAR))
    template = (
        "Stated {stated:usd} is hours times price, {computed:usd}, off by a factor of 12: a month read as a year, or the reverse."
        if slip
        else "No factor of 12 between {stated:usd} and hours times price, {computed:usd}."
    )
    return Check("month_as_year", "fail" if slip else "pass", stated, computed, "USD", template)
