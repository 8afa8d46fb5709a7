"""Consistency checks: whether a claim's numbers hold together, with physics and with the market.

Each check is one function that returns None when the claim gives it nothing to work on: absent is not passed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from model.auditor.bills import month_as_year, ratio_as_total, second_amount, stated_ratio
from model.auditor.stated import Check, Evidence, Status, part_nearest
from model.auditor.stated_checks import left_out, primary_figure, primary_name
from model.cost import compute
from model.numerical_error import drawn_quantiles
from model.schema.assumption import Architecture

TRILLION = 1e12
COUNTED = {True: "attention counted causally", False: "six FLOP per active parameter and token"}
DAYS_PER_MONTH = 365.25 / 12.0
BY = ("hours times price", "the amount of its source")  # what an amount is set against


def arithmetic(e: Evidence) -> Check | None:
    """Hours times price against the stated amount."""
    if not e.claim.dollars or not e.hours or "price" not in e.facts:
        return None
    computed = e.hours * e.facts["price"]
    stated = part_nearest(e.claim.dollars, computed)
    return Check(
        "arithmetic",
        e.against(e.claim.dollars, computed),
        stated,
        computed,
        "USD",
        "{hours:count} GPU-hours at {price:usd} are {computed:usd}; stated {stated:usd}.",
        {"hours": e.hours, "price": e.facts["price"]},
    )


def stage_sum(e: Evidence) -> Check | None:
    """Stages against the stated total of hours."""
    parts = e.parts()
    if len(parts) < 2 or "gpu_hours" not in e.facts:
        return None
    total, computed = e.facts["gpu_hours"], sum(parts.values())
    template = "The {count} stages add up to {computed:count} GPU-hours; stated {stated:count}."
    return e.compared("stage_sum", total, computed, "gpu_hour", template, count=len(parts))


def rate_times_tokens(e: Evidence) -> Check | None:
    """Hours per trillion tokens times tokens against the hours of pre-training."""
    if not e.has("rate", "tokens.pretraining", "gpu_hours.pretraining"):
        return None
    rate, tokens, stated = e.facts["rate"], e.facts["tokens.pretraining"], e.facts["gpu_hours.pretraining"]
    computed = rate * tokens / TRILLION
    template = (
        "{rate:count} GPU-hours per trillion tokens times {tokens:count} tokens are {computed:count} GPU-hours; stated {stated:count}."
    )
    return Check("rate_times_tokens", e.compare(stated, computed), stated, computed, "gpu_hour", template, {"rate": rate, "tokens": tokens})


def throughput(e: Evidence) -> Check | None:
    """Tokens over measured tokens per day against the hours of pre-training."""
    if not e.has("throughput", "tokens.pretraining", "gpus", "gpu_hours.pretraining"):
        return None
    days = e.facts["tokens.pretraining"] / e.facts["throughput"]
    stated, computed = e.facts["gpu_hours.pretraining"], days * e.facts["gpus"] * 24.0
    template = "{tokens:count} tokens at {rate:count} a day on {gpus:number} GPUs are {computed:count} GPU-hours; stated {stated:count}."
    tokens, rate, gpus = (e.facts[name] for name in ("tokens.pretraining", "throughput", "gpus"))
    return e.compared("throughput", stated, computed, "gpu_hour", template, tokens=tokens, rate=rate, gpus=gpus)


def wall_clock(e: Evidence) -> Check | None:
    """GPUs and calendar time against the hours: from days, from months, or from hours per run."""
    if not e.has("gpus", "gpu_hours"):
        return None
    if "months" in e.facts:
        return _months(e)
    if e.has("days.pretraining", "gpu_hours.pretraining"):
        return _days(e)
    return _hours(e)


def _days(e: Evidence) -> Check:
    gpus, stated = e.facts["gpus"], e.facts["days.pretraining"]
    computed = float(compute.wall_clock_days(e.facts["gpu_hours.pretraining"], gpus=gpus))
    template = (
        "{hours:count} GPU-hours on {gpus:number} GPUs take {computed:number3} days ({whole:number3} for all {total:count}); "
        "stated {stated:number}."
    )
    total = e.facts["gpu_hours"]
    whole = float(compute.wall_clock_days(total, gpus=gpus))
    hours = e.facts["gpu_hours.pretraining"]
    return e.compared("wall_clock", stated, computed, "day", template, hours=hours, gpus=gpus, whole=whole, total=total)


def _months(e: Evidence) -> Check:
    stated = e.facts["months"]
    days = float(compute.wall_clock_days(e.facts["gpu_hours"], gpus=e.facts["gpus"]))
    computed = days / DAYS_PER_MONTH
    template = "{hours:count} GPU-hours on {gpus:number} GPUs take {days:number3} days, {computed:number2} months; stated {stated:number}."
    values = {"hours": e.facts["gpu_hours"], "gpus": e.facts["gpus"], "days": days}
    return Check("wall_clock", e.compare(stated, computed, digits=1), stated, computed, "month", template, values)


def _hours(e: Evidence) -> Check | None:
    durations = {name: value for name, value in e.facts.items() if name.startswith("hours.")}
    if not durations:
        return None
    gpus, stated = e.facts["gpus"], e.facts["gpu_hours"]
    elsewhere = sum(e.parts().values())
    computed = gpus * sum(durations.values()) + elsewhere
    template = (
        "{gpus:number} GPUs for {hours:number} hours and {elsewhere:count} GPU-hours besides are {computed:count}; stated {stated:count}."
    )
    hours = sum(durations.values())
    return e.compared("wall_clock", stated, computed, "gpu_hour", template, gpus=gpus, hours=hours, elsewhere=elsewhere)


def shape_of(architecture: Architecture) -> compute.Shape:
    """The shape that the FLOP count works on."""
    sizes = architecture.attention
    attention: compute.DenseAttention | compute.LatentAttention
    attention = compute.LatentAttention(**sizes) if "kv_rank" in sizes else compute.DenseAttention(**sizes)
    return compute.Shape(
        layers=architecture.layers,
        dense_layers=architecture.dense_layers,
        hidden=architecture.hidden,
        vocabulary=architecture.vocabulary,
        dense_width=architecture.dense_width,
        sequence=architecture.sequence,
        attention=attention,
        experts=compute.Experts(**architecture.experts) if architecture.experts else None,
        active_parameters=architecture.active_parameters,
        mtp_depth=architecture.mtp_depth,
    )


def _flop_of(e: Evidence) -> float:
    """FLOP per token: from the shape, attention counted causally, else six per active parameter; 0 where neither is known."""
    if e.architecture:
        return float(compute.flop_per_token(shape_of(e.architecture), "causal"))
    return 6.0 * e.facts.get("parameters.active", 0.0)


def implied_mfu(e: Evidence) -> Check | None:
    """Utilisation that the hours of pre-training imply, of the dense BF16 peak, against its reference class."""
    peak, hours = e.peak_flop_per_s, e.facts.get("gpu_hours.pretraining", e.hours)
    flop = _flop_of(e)
    if not flop or not peak or not hours or "tokens.pretraining" not in e.facts:
        return None
    tokens = e.facts["tokens.pretraining"]
    computed = float(compute.implied_mfu(hours, tokens=tokens, flop_per_token=flop, peak_flop_per_s=peak))
    low, high = e.run.setting.distributions["mfu.reference_class"].ppf(np.array([0.05, 0.95]))
    status: Status = "pass" if low <= computed <= high else "warn"
    if computed > e.rule("mfu_fp8_ceiling" if e.facts.get("precision_bits", 16.0) <= 8.0 else "mfu_bf16_ceiling"):
        status = "fail"
    template = (
        "{hours:count} GPU-hours imply {computed:percent} of the dense BF16 peak ({counted}); published {stated:percent}; "
        "90 % of comparable runs: {low:percent2} to {high:percent2}."
    )
    if "mfu.causal" not in e.facts:
        template = (
            "{hours:count} GPU-hours imply {computed:percent} of the dense BF16 peak ({counted}); "
            "90 % of comparable runs: {low:percent2} to {high:percent2}."
        )
    values = {"hours": hours, "low": float(low), "high": float(high), "counted": COUNTED[e.architecture is not None]}
    return Check("implied_mfu", status, e.facts.get("mfu.causal", computed), computed, "fraction", template, values)


def physics_hours(e: Evidence) -> Check | None:
    """Hours from architecture, tokens, peak and published utilisation, both by one convention."""
    architecture, peak = e.architecture, e.peak_flop_per_s
    if not architecture or not peak or not e.has("tokens.pretraining", "gpu_hours.pretraining", "mfu.causal"):
        return None
    flop = compute.flop_per_token(shape_of(architecture), "causal")
    computed = float(
        compute.gpu_hours(
            e.facts["tokens.pretraining"],
            flop_per_token=flop,
            flop_convention="causal",
            peak_flop_per_s=peak,
            mfu=e.facts["mfu.causal"],
            mfu_convention="causal",
        )
    )
    stated = e.facts["gpu_hours.pretraining"]
    template = "{flop:count} FLOP per token at {mfu:percent} of {peak:count} FLOP/s are {computed:count} GPU-hours; stated {stated:count}."
    mfu = e.facts["mfu.causal"]
    return e.compared("physics_hours", stated, computed, "gpu_hour", template, flop=float(flop), mfu=mfu, peak=peak)


def flop_per_token(e: Evidence) -> Check | None:
    """FLOP per token counted from the architecture against the published count."""
    if not e.architecture or "flop_per_token.causal" not in e.facts:
        return None
    stated = e.facts["flop_per_token.causal"]
    computed = float(compute.flop_per_token(shape_of(e.architecture), "causal"))
    template = "The architecture counts {computed:count} FLOP per token (causal); published {stated:count}."
    return e.compared("flop_per_token", stated, computed, "FLOP/token", template)


def peak_precision(e: Evidence) -> Check | None:
    """Which peak the published utilisation divides by: dense BF16, or a sparse or FP8 one."""
    if not e.peak_flop_per_s or not e.has("achieved.causal", "mfu.causal"):
        return None
    computed = e.facts["achieved.causal"] / e.facts["mfu.causal"]
    template = "Achieved over utilisation gives a peak of {computed:count} FLOP/s; dense BF16 is {stated:count}."
    return e.compared("peak_precision", e.peak_flop_per_s, computed, "FLOP/s", template)


def price_vs_market(e: Evidence) -> Check | None:
    """The claimed price of an hour, or the one that the amount implies, against the dated market of that chip."""
    market, chip = e.market, e.run.subject.chip
    if market is None:
        return None
    low, middle, high = (float(x) for x in market.ppf(np.array([0.05, 0.5, 0.95])))
    stated, far = e.facts.get("price") or e.implied_price(middle), e.rule("price_far_factor")
    if stated is None:
        return None
    status: Status = "pass" if low <= stated <= high else "fail" if stated < low / far or stated > high * far else "warn"
    template = "{stated:usd3} per {chip}-hour; the market at the date: {computed:usd3} (90 %: {low:usd3} to {high:usd3})."
    if "price" not in e.facts:
        template = (
            "Amount over hours is {stated:usd3} per {chip}-hour; the market at the date: {computed:usd3} (90 %: {low:usd3} to {high:usd3})."
        )
    return Check("price_vs_market", status, stated, middle, "USD/gpu_hour", template, {"chip": chip, "low": low, "high": high})


def parameters_active_vs_total(e: Evidence) -> Check | None:
    """Active parameters against the total and against the count from the architecture."""
    if not e.architecture or not e.has("parameters.active", "parameters.total"):
        return None
    stated, total = e.facts["parameters.active"], e.facts["parameters.total"]
    computed = float(compute.weight_macs(shape_of(e.architecture)))
    status: Status = "fail" if stated > total else e.compare(stated, computed)
    template = "{computed:count} weights multiply each token by the architecture; stated {stated:count} active of {total:count}."
    return Check("parameters_active_vs_total", status, stated, computed, "parameter", template, {"total": total})


def unit_slip(e: Evidence) -> Check | None:
    """Whether a factor of a thousand (million, milliard, billion) explains a wrong amount better than chance."""
    source = e.restated.dollars if e.restated else None
    if not e.claim.dollars or not (e.has("gpu_hours", "price") or source):
        return None
    by, computed = BY[0], e.facts.get("gpu_hours", 0.0) * e.facts.get("price", 0.0)
    if not computed and source:
        by, computed = BY[1], part_nearest(source, e.claim.dollars.value or 0.0)
    stated = part_nearest(e.claim.dollars, computed)
    digits = e.claim.dollars.digits
    slips = [power for power in (-9, -6, -3, 3, 6, 9) if e.compare(stated, computed * 10.0**power, digits) != "fail"]
    status: Status = "fail" if slips else "pass"
    power = slips[0] if slips else 0
    if power > 0:
        template = "Stated {stated:usd} is {times:number10} times too large for {by}, {computed:usd}."
    elif power < 0:
        template = "Stated {stated:usd} is {times:number10} times too small for {by}, {computed:usd}."
    else:
        template = "No factor of a thousand between {stated:usd} and {by}, {computed:usd}."
    return Check("unit_slip", status, stated, computed, "USD", template, {"power": power, "times": 10.0 ** abs(power), "by": by})


def rate_as_total(e: Evidence) -> Check | None:
    """Whether the amount is that of a trillion tokens, read as the whole run."""
    if not e.claim.dollars or not e.has("rate", "price"):
        return None
    computed = e.facts["rate"] * e.facts["price"]
    stated = part_nearest(e.claim.dollars, computed)
    status: Status = "fail" if e.compare(stated, computed) == "pass" else "pass"
    template = "A trillion tokens cost {computed:usd} at the stated rate and price; the stated {stated:usd} is " + (
        "that rate read as a total." if status == "fail" else "not that."
    )
    return Check("rate_as_total", status, stated, computed, "USD", template)


def power(e: Evidence) -> Check | None:
    """Power of the stated GPUs against the stated site power."""
    if not e.has("gpus", "site_power"):
        return None
    value = e.run.ledger.value
    kilowatt = value("ownership_kw_provisioned") * value("ownership_load_factor") * value("ownership_pue")
    low, computed, high = drawn_quantiles(e.facts["gpus"] * kilowatt / 1e3, {"p05": 0.05, "p50": 0.5, "p95": 0.95}).values()
    stated, far = e.facts["site_power"], e.rule("price_far_factor")
    status: Status = "pass" if low <= stated <= high else "fail" if stated < low / far or stated > high * far else "warn"
    template = (
        "{gpus:number} GPUs draw {computed:number3} MW with host and building (90 %: {low:number3} to {high:number3}); "
        "stated {stated:number}."
    )
    return Check("power", status, stated, computed, "MW", template, {"gpus": e.facts["gpus"], "low": low, "high": high})


def primary_source(e: Evidence) -> Check | None:
    """A retold amount against that of the claim that it restates; a bound passes where it holds."""
    if not e.claim.dollars or not e.restated or not e.restated.dollars:
        return None
    stated = part_nearest(e.claim.dollars, e.restated.dollars.value or 0.0)
    computed = part_nearest(e.restated.dollars, stated)
    status = e.against(e.claim.dollars, computed)
    factor = max(stated / computed, computed / stated)
    status = "warn" if status == "fail" and factor <= e.rule("materiality_factor") else status
    template = "Stated {stated:usd}; the source that it goes back to says {computed:usd}."
    return Check("primary_source", status, stated, computed, "USD", template)


def entity(e: Evidence) -> Check | None:
    """A number whose source is about another model against the subject's own hours at the same price."""
    if not e.claim.dollars or not e.claim.source_subject or e.claim.source_subject == e.claim.subject or "price" not in e.facts:
        return None
    computed = float(e.run.ledger.value("final_run_hours").mean()) * e.facts["price"]
    stated = part_nearest(e.claim.dollars, computed)
    fits = max(stated / computed, computed / stated) <= e.rule("materiality_factor")
    nouns = {name: e.registry.subject(name).noun for name in (e.claim.subject, e.claim.source_subject)}
    template = "The number is that of {source}; {subject} as a whole comes to {computed:usd} at the same price; stated {stated:usd}."
    values = {
        "source": nouns[e.claim.source_subject],
        "subject": nouns[e.claim.subject],
    }
    return Check("entity", "warn" if fits else "fail", stated, computed, "USD", template, values)


CHECKS: tuple[Callable[[Evidence], Check | None], ...] = (
    arithmetic,
    stage_sum,
    rate_times_tokens,
    throughput,
    wall_clock,
    implied_mfu,
    physics_hours,
    flop_per_token,
    peak_precision,
    price_vs_market,
    parameters_active_vs_total,
    unit_slip,
    month_as_year,
    rate_as_total,
    power,
    primary_source,
    entity,
    primary_figure,
    primary_name,
    left_out,
    stated_ratio,
    ratio_as_total,
    second_amount,
)
# Checks that compute the amount, the hours, the FLOP or a stated count, date or ratio: one of them must pass for support.
COMPUTING = frozenset(
    {"arithmetic", "stage_sum", "rate_times_tokens", "throughput", "wall_clock", "physics_hours", "flop_per_token"}
    | {"primary_figure", "primary_name", "left_out"}
    | {"stated_ratio", "second_amount"}
)


def run_checks(evidence: Evidence) -> tuple[Check, ...]:
    """All checks that have something to work on."""
    found = (check(evidence) for check in CHECKS)
    return tuple(check for check in found if check is not None)
