"""Rows that charts and tables are drawn from: quantiles and bins in a reader's language, never draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.auditor import Verdict
from model.document import HEAD, quantiles_document
from model.estimate import ScopeEstimate
from model.stated import part_nearest
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
    None: "no answer",
}
ABSENT: Mapping[str, str] = {
    "base_excluded": "absent: the base model is not in it",
    "no_lab_window": "absent: no window is known",
    "no_fleet": "absent: no fleet is known",
    "no_route": "absent: no route has weight",
    "not_asked": "absent: not asked for",
}


def amount_of(verdict: Verdict) -> float | None:
    """The stated amount in USD; of a range its part nearest the median of the scope that the words suggest."""
    amount, scope = verdict.claim.amount, verdict.run.scopes[verdict.implied_scope]
    if amount is None:
        return None
    return part_nearest(amount, float(scope.quantile(0.5)) if scope.routes else amount.low or 0.0)


def range_text(estimate: ScopeEstimate, language: Language) -> str:
    """Median with its central 90 %."""
    q = quantiles_document(estimate, HEAD)
    return language.fill("{p50:usd3} (90 %: {p05:usd3} to {p95:usd3})", q)


def ladder_rows(verdict: Verdict, language: Language) -> list[Row]:
    """One row a scope for the ladder; absent scopes have none."""
    registry, claim = verdict.run.registry, amount_of(verdict)
    present = [(name, e) for name, e in verdict.run.scopes.items() if e.routes]
    return [
        {
            "label": language.text(registry.scopes[name].label),
            "order": position,
            **quantiles_document(estimate, LADDER),
            "text": language.money(float(estimate.quantile(0.5)), 3),
            "claim": claim,
            "stock": not registry.scopes[name].flow,
        }
        for position, (name, estimate) in enumerate(present)
    ]


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
    costs = np.atleast_1d(estimate.quantile(((np.arange(DOTS) + 0.5) / DOTS).tolist()))
    width = max(float(np.log(costs[-1] / costs[0])) / 24.0, 1e-6)
    bins = np.floor(np.log(costs / costs[0]) / width)
    stacked: Counter[float] = Counter()
    rows: list[Row] = []
    for cost, bin_ in zip(costs, bins, strict=True):
        stacked[bin_] += 1
        at_most = claim is not None and cost <= claim
        side = language.text("at or below the claim" if at_most else "above the claim")
        middle = float(costs[0] * np.exp((bin_ + 0.5) * width))
        rows.append({"usd": middle, "row": stacked[bin_], "side": side, "claim": claim, "at_most": at_most})
    return Dots(tuple(rows), sum(bool(row["at_most"]) for row in rows))


def curve_rows(estimate: ScopeEstimate, series: str, claim: float | None) -> list[Row]:
    """An S-curve: cost against the probability that it is not exceeded."""
    costs = np.atleast_1d(estimate.quantile(CURVE_POINTS.tolist()))
    return [
        {"usd": float(cost), "probability": float(p), "series": series, "claim": claim} for cost, p in zip(costs, CURVE_POINTS, strict=True)
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
