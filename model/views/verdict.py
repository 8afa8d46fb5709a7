"""Rows that charts and tables are drawn from: quantiles and bins in a reader's language, never draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.auditor.audit import Verdict
from model.auditor.stated import part_nearest
from model.document import HEAD, quantiles_document
from model.estimate import ScopeEstimate
from model.wording import Language

Row = dict[str, Any]
DOTS = 50
CURVE_POINTS = np.linspace(0.005, 0.995, 100)
LADDER = {"p05": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}

LABELS: Mapping[str | None, str] = {
    "supported": "supported",
    "refuted": "refuted",
    "not_enough_info": "not enough info",
    "match": "match",
    "mismatch": "mismatch",
    "undeclared": "undeclared",
    "pass": "pass",
    "warn": "warn",
    "fail": "fail",
    None: "not compared",
}
CHECKS: Mapping[str, str] = {
    "arithmetic": "hours times price",
    "stage_sum": "sum of the stages",
    "rate_times_tokens": "rate times tokens",
    "throughput": "tokens per day",
    "wall_clock": "calendar time",
    "implied_mfu": "implied utilisation (MFU)",
    "physics_hours": "hours from physics",
    "flop_per_token": "FLOP per token",
    "peak_precision": "which peak",
    "price_vs_market": "price against the market",
    "parameters_active_vs_total": "active against total parameters",
    "unit_slip": "slip of a thousand",
    "rate_as_total": "rate read as total",
    "power": "power of the site",
    "primary_source": "against the primary source",
    "entity": "which model",
    "primary_figure": "the figure by its source",
    "primary_name": "the name by its source",
    "left_out": "what the number leaves out",
    "month_as_year": "month read as year",
    "stated_ratio": "the stated ratio",
    "ratio_as_total": "ratio read as total",
    "second_amount": "the second amount",
}
# Why there is no answer, or no label.
MISSING: Mapping[str, str] = {
    "nothing_to_check": "nothing to check it by",
    "hedged_forecast": "a hedged forecast cannot be checked",
    "hedged": "a hedged statement cannot be checked",
    "no_amount_claimed": "no amount is claimed",
    "missing_gpu_hours": "missing: its GPU-hours",
    "missing_price": "missing: a stated price of an hour",
    "missing_parts": "missing: the parts that the amount adds up",
    "missing_exchange_rate": "missing: a dated exchange rate",
    "unit_is_per_token": "the amount is per trillion tokens and stays so",
    "no_amount": "no amount in dollars is stated",
    "words_name_no_scope": "the words name no scope",
    "stock_against_flow": "a purchase is never set against a rent",
}
REASONS: Mapping[str, str] = {
    "outside_central_90": "outside the central 90 %",
    "beyond_materiality_factor": "off the median by more than the materiality factor",
    "within_materiality_factor": "within the materiality factor of the median",
    "inside_central_50": "inside the central half",
    "between_central_50_and_90": "neither near the median nor outside the central 90 %",
    "interval_too_wide": "the interval is too wide to support anything",
    "bound_holds": "the bound holds",
    "bound_fails": "the bound fails",
    "bound_undecided": "the bound is undecided",
    "wrong_subject": "the number belongs to another model",
    "no_scope_applies": "no scope applies: the claim is about no cost",
    **MISSING,
}
FACTS: Mapping[str, str] = {
    "gpu_hours": "GPU-hours in all",
    "gpu_hours.pretraining": "GPU-hours of pre-training",
    "gpu_hours.context_extension": "GPU-hours of context extension",
    "gpu_hours.post_training": "GPU-hours of post-training",
    "gpu_hours.sft_data": "GPU-hours of fine-tuning data",
    "price": "price of a GPU-hour",
    "tokens.pretraining": "tokens of pre-training",
    "rate": "GPU-hours per trillion tokens",
    "gpus": "GPUs",
    "days.pretraining": "days of pre-training",
    "months": "months",
    "hours.zero": "hours of R1-Zero",
    "hours.final": "hours of R1",
    "throughput": "tokens per day",
    "parameters.total": "parameters in all",
    "parameters.active": "active parameters per token",
    "mfu.causal": "utilisation, attention counted causally",
    "mfu.non_causal": "utilisation, attention counted in full",
    "achieved.causal": "achieved FLOP/s per GPU, causal",
    "achieved.non_causal": "achieved FLOP/s per GPU, in full",
    "flop_per_token.causal": "FLOP per token, causal",
    "site_power": "power of the site, MW",
    "precision_bits": "bits of the matrix products",
    "days": "days in all",
    "hours": "hours in all",
    "amount": "the amount",
    "also.gpu_hours": "GPU-hours behind the second amount",
    "also.price": "price of an hour behind the second amount",
    "compared.amount": "the amount compared with",
    "compared.gpu_hours": "GPU-hours compared with",
    "compared.rate": "GPU-hours per trillion tokens compared with",
    "compared.tokens": "tokens compared with",
}
UNITS: Mapping[str, str] = {
    "ratio": "ratio",
    "fraction": "share",
    "gpu_hour": "GPU-hours",
    "gpu": "GPUs",
    "kW/gpu": "kW per GPU",
    "year": "years",
    "day": "days",
    "hour": "hours",
    "1/day": "per day",
    "1/gpu_day": "per GPU and day",
    "person": "people",
    "1/year": "per year",
    "USD/person_year": "US dollars per person and year",
    "USD/gpu_hour": "US dollars per GPU-hour",
    "USD/gpu": "US dollars per GPU",
    "USD/kWh": "US dollars per kWh",
    "USD/kW_month": "US dollars per kW and month",
    "kgCO2e/kWh": "kg of CO2e per kWh",
}
ABSENT: Mapping[str, str] = {
    "base_excluded": "absent: the base model is not in it",
    "no_lab_window": "absent: no window is known",
    "no_fleet": "absent: no fleet is known",
    "hours_unknown": "absent: its GPU-hours are not known",
    "no_price": "absent: fewer than two dated rents, and no stated price",
    "basis_of_another_chip": "absent: this price basis is that of another chip",
    "outside_reference_class": "absent: too small for the reference class",
    "inputs_unknown": "absent: its earlier models and staff are not known",
    "no_route": "absent: no route has weight",
    "not_asked": "absent: not asked for",
}


def reason_text(reason: str, verdict: Verdict, language: Language) -> str:
    """A reason code in words: a rule, a check with its result, or a scope that is priced or implied."""
    if reason in REASONS or reason in ABSENT:
        return language.text(REASONS.get(reason) or ABSENT[reason])
    what, _, rest = reason.partition("_")
    if what in ("priced", "implied") and rest in verdict.run.registry.scopes:
        scope = language.text(verdict.run.registry.scopes[rest].label)
        return language.fill("priced: {scope}" if what == "priced" else "suggested: {scope}", {"scope": scope})
    check, _, status = reason.rpartition("_")
    return language.fill("{found}: {label}", {"found": language.text(CHECKS[check]), "label": language.text(LABELS[status])})


def objection_text(verdict: Verdict, language: Language) -> str | None:
    """The label of the objection to a claim and, where a single sum of dollars is stated, how far the cost lies beyond it."""
    stated, found = verdict.claim.objection, verdict.objection
    if not stated or not found:
        return None
    values = {"who": language.text(stated.who), "label": language.text(LABELS[found.label]), "size": found.size_usd}
    template = "Objection of {who}: {label}. In the scope that it asks for, the cost lies {size:usd2} beyond the amount."
    return language.fill("Objection of {who}: {label}." if found.size_usd is None else template, values)


def amount_of(verdict: Verdict) -> float | None:
    """The stated amount in USD; of a range its part nearest the median of the scope that the words suggest."""
    amount, scope = verdict.claim.dollars, verdict.run.scopes.get(verdict.implied_scope)
    if amount is None:
        return None
    return part_nearest(amount, float(scope.quantile(0.5)) if scope and scope.routes else amount.low or 0.0)


def range_text(estimate: ScopeEstimate, language: Language) -> str:
    """Median with its central 90 %."""
    q = quantiles_document(estimate, HEAD)
    return language.fill("{p50:usd3} (90 %: {p05:usd3} to {p95:usd3})", q)


def ladder_rows(verdict: Verdict, language: Language) -> list[Row]:
    """One row a scope for the ladder; absent scopes have none."""
    registry, claim = verdict.run.registry, amount_of(verdict)
    present = [(name, e) for name, e in verdict.run.scopes.items() if e.routes]
    rows = []
    for position, (name, estimate) in enumerate(present):
        quantiles, scope = quantiles_document(estimate, LADDER), registry.scopes[name]
        texts = {text: language.money(quantiles[of], 3) for text, of in (("text", "p50"), ("p05_text", "p05"), ("p95_text", "p95"))}
        stands = {"claim": claim if scope.flow else None, "stock": not scope.flow}
        rows.append({"label": language.text(scope.label), "order": position, **quantiles, **texts, **stands})
    return rows


@dataclass(frozen=True)
class Dots:
    """A quantile plot of 50 dots and how many lie at or below the claim."""

    rows: tuple[Row, ...]
    at_most: int

    def words(self, language: Language) -> str:
        """The count in words."""
        template = "{below} of 50 dots lie at or below the claim, {above} above: each stands for 2 % of what the cost may be."
        return language.fill(template, {"below": self.at_most, "above": DOTS - self.at_most})


def dots(estimate: ScopeEstimate, claim: float | None, language: Language) -> Dots:
    """Fifty equally likely costs, stacked in bins of equal ratio."""
    told = estimate.figures(((np.arange(DOTS) + 0.5) / DOTS).tolist(), []).costs
    costs = np.array(told)
    width = max(float(np.log(costs[-1] / costs[0])) / 24.0, 1e-6)
    bins = np.floor(np.log(costs / costs[0]) / width)
    stacked: Counter[float] = Counter()
    rows: list[Row] = []
    for cost, bin_ in zip(told, bins, strict=True):
        stacked[bin_] += 1
        at_most = claim is not None and bool(cost <= claim)
        side = language.text("at or below the claim" if at_most else "above the claim")
        middle = float(costs[0] * np.exp((bin_ + 0.5) * width))
        written = {"text": language.money(cost, 3), "side": side}
        rows.append({"usd": middle, "row": stacked[bin_], **written, "claim": claim, "at_most": at_most})
    return Dots(tuple(rows), sum(bool(row["at_most"]) for row in rows))


def curve_rows(estimate: ScopeEstimate, series: str, claim: float | None, language: Language) -> list[Row]:
    """An S-curve: cost against the probability that it is not exceeded."""
    costs = estimate.figures(CURVE_POINTS.tolist(), []).costs
    return [
        {"usd": cost, "text": language.money(cost, 3), "probability": float(p), "series": series, "claim": claim}
        for cost, p in zip(costs, CURVE_POINTS, strict=True)
    ]


def interval_row(label: str, estimate: ScopeEstimate, *, order: int, group: str, language: Language) -> Row:
    """A row of an interval chart."""
    q = quantiles_document(estimate, HEAD)
    text = language.money(q["p50"], 3)
    return {"label": label, "order": order, "low": q["p05"], "mid": q["p50"], "high": q["p95"], "group": group, "text": text}


def quantile_row(label: str, values: Sequence[float], *, order: int, group: str, text: str) -> Row:
    """A row of an interval chart from three figures."""
    low, middle, high = values
    return {"label": label, "order": order, "low": low, "mid": middle, "high": high, "group": group, "text": text}
