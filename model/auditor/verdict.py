"""The implication rule: does an amount fit the cost in a scope? And the class of an estimate by its width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from model.auditor.stated import part_nearest
from model.distributions import Array
from model.estimate import ScopeEstimate
from model.schema.assumption import EstimateClass
from model.schema.claim import Amount

Label = Literal["supported", "refuted", "not_enough_info"]
Side = Literal["below", "above"]
LOOSER = "looser_than_5"


class Spread(Protocol):
    """What the rule asks of a cost."""

    def quantile(self, probability: Sequence[float]) -> Array: ...

    def probability_at_most(self, usd: float) -> float: ...


@dataclass(frozen=True)
class Implication:
    """Label of an amount in one scope. ``side`` says where a refuted amount lies against the cost."""

    label: Label
    side: Side | None
    reasons: tuple[str, ...]


def implication(amount: Amount, scope: Spread, rules: Mapping[str, float]) -> Implication:
    """Apply the ground rules to an amount in a scope that is present.

    Refuted: outside the central 90 % and off the median by more than the materiality factor. Supported: within that factor of the
    median or inside the central 50 %, and the interval no wider than the rule allows. A wide interval withholds support; it never
    shelters an amount that lies outside it.
    """
    if amount.relation in ("at_least", "at_most"):
        return _bound(amount, scope, rules)
    p05, p25, p50, p75, p95 = scope.quantile([0.05, 0.25, 0.5, 0.75, 0.95])
    stated = part_nearest(amount, float(p50))
    near = max(stated / p50, p50 / stated) <= rules["materiality_factor"]
    if not near and not p05 <= stated <= p95:
        side: Side = "below" if stated < p50 else "above"
        return Implication("refuted", side, ("outside_central_90", "beyond_materiality_factor"))
    reasons = ["within_materiality_factor"] if near else []
    reasons += ["inside_central_50"] if p25 <= stated <= p75 else []
    if not reasons:
        return Implication("not_enough_info", None, ("between_central_50_and_90",))
    if p95 / p05 > rules["support_width"]:
        return Implication("not_enough_info", None, (*reasons, "interval_too_wide"))
    return Implication("supported", None, tuple(reasons))


def _bound(amount: Amount, scope: Spread, rules: Mapping[str, float]) -> Implication:
    assert amount.value is not None
    at_most = scope.probability_at_most(amount.value)
    holds = at_most if amount.relation == "at_most" else 1.0 - at_most
    if holds >= rules["bound_supported"]:
        return Implication("supported", None, ("bound_holds",))
    if holds <= rules["bound_refuted"]:
        return Implication("refuted", "below" if amount.relation == "at_most" else "above", ("bound_fails",))
    return Implication("not_enough_info", None, ("bound_undecided",))


def estimate_class(scope: ScopeEstimate, classes: Mapping[str, EstimateClass]) -> str:
    """Tightest class of estimate (AACE 18R-97) whose band holds the central 80 % around the median."""
    p10, p50, p90 = scope.quantile([0.1, 0.5, 0.9])
    low, high = 1.0 - p10 / p50, p90 / p50 - 1.0
    fitting = [c for c in classes.values() if low <= c.low and high <= c.high]
    return min(fitting, key=lambda c: c.high).id if fitting else LOOSER


def settled_digits(value: float, error: float, most: int) -> int:
    """Significant digits, at most ``most``, that two standard errors either way leave unchanged."""
    for digits in range(most, 0, -1):
        ends = {f"{end:.{digits - 1}e}" for end in (value - 2 * error, value + 2 * error)}
        if len(ends) == 1 or np.isclose(error, 0.0):
            return digits
    return 0
