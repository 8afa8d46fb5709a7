"""The verdict in one plain sentence: what the number is the price of, whether it is right for that, what the words would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.auditor import Verdict
from model.engine import Run, run_setting
from model.estimate import ScopeEstimate
from model.verdict import settled_digits
from model.wording import fill, money

HEADLINE_DIGITS = 2
PROBABILITIES = (0.05, 0.5, 0.95)

LITERAL: Mapping[str, str] = {
    "supported": "and its numbers hold together",
    "refuted": "but its numbers do not hold together ({failed})",
    "not_enough_info": "and too little is stated to test it",
}
IMPLICATION: Mapping[str, str] = {
    "supported": "which supports the amount",
    "refuted": "so the amount lies {side} what they cost",
    "not_enough_info": "too wide or too far off to tell",
}


@dataclass(frozen=True)
class Headline:
    """Median and central 90 % of a scope, with as many digits as the numerical error settles."""

    median: str
    low: str
    high: str


def headline(computed: Run, scope: str) -> Headline:
    """Figures of a scope at two digits; unsettled digits are recomputed with more points, then not printed."""
    estimate = computed.scopes[scope]
    points, most = computed.points, int(computed.registry.rules["headline_points"])
    while not _settled(estimate) and points < most:
        points = min(16 * points, most)
        finer = run_setting(computed.setting.with_points(points), computed.registry, computed.subject.id, [scope])
        estimate = finer.scopes[scope]
    low, median, high = (_printed(estimate, p) for p in PROBABILITIES)
    return Headline(median, low, high)


def _settled(estimate: ScopeEstimate) -> bool:
    return all(_digits(estimate, p) == HEADLINE_DIGITS for p in PROBABILITIES)


def _digits(estimate: ScopeEstimate, probability: float) -> int:
    return settled_digits(float(estimate.quantile(probability)), estimate.quantile_error(probability), HEADLINE_DIGITS)


def _printed(estimate: ScopeEstimate, probability: float) -> str:
    return money(float(estimate.quantile(probability)), max(1, _digits(estimate, probability)))


def sentence(verdict: Verdict) -> str:
    """One sentence with the numbers."""
    parts = [_what_it_prices(verdict)]
    if verdict.implied_scope != verdict.claim.priced_scope.scope:
        parts.append(_what_the_words_mean(verdict))
    parts.append(_what_is_left_out(verdict))
    return "; ".join(part for part in parts if part) + "."


def _what_it_prices(verdict: Verdict) -> str:
    claim, registry = verdict.claim, verdict.run.registry
    if claim.amount is None:
        return fill("The claim states no amount {literal}", {"literal": _literal(verdict)})
    if claim.priced_scope.scope == "undeclared":
        values = {"amount": _amount(verdict), "literal": _literal(verdict)}
        return fill("No source says what the {amount} is the price of, {literal}", values)
    moved = bool(claim.source_subject) and claim.source_subject != claim.subject
    template = "The {amount} is the price of {scope} of {subject}{basis}" + (", not of {other}, {literal}" if moved else " {literal}")
    values = {
        "amount": _amount(verdict),
        "scope": registry.scopes[claim.priced_scope.scope].noun,
        "subject": registry.subject(claim.source_subject or claim.subject).noun,
        "other": registry.subject(claim.subject).noun,
        "basis": _basis(verdict),
        "literal": _literal(verdict),
    }
    return fill(template, values)


def _basis(verdict: Verdict) -> str:
    facts = verdict.facts
    if "gpu_hours" not in facts or "price" not in facts:
        return ""
    values = {"hours": facts["gpu_hours"], "chip": verdict.run.subject.chip, "price": facts["price"]}
    return fill(" ({hours:count} {chip}-hours at {price:usd})", values)


def _literal(verdict: Verdict) -> str:
    failed = ", ".join(check.id.replace("_", " ") for check in verdict.checks if check.status == "fail")
    return fill(LITERAL[verdict.literal.label], {"failed": failed})


def _amount(verdict: Verdict) -> str:
    amount = verdict.claim.amount
    assert amount is not None
    if amount.value is None:
        return f"{money(amount.low or 0.0)} to {money(amount.high or 0.0)}"
    return money(amount.value, amount.digits)


def _figures(verdict: Verdict, scope: str) -> Mapping[str, str]:
    figures = headline(verdict.run, scope)
    return {
        "scope": verdict.run.registry.scopes[scope].noun,
        "p50": figures.median,
        "range": f"{figures.low} to {figures.high}",
        "subject": verdict.run.subject.noun,
    }


def _what_the_words_mean(verdict: Verdict) -> str:
    scope = verdict.implied_scope
    if not verdict.run.scopes[scope].routes:
        return fill("the words mean {scope}, which has no answer here", {"scope": verdict.run.registry.scopes[scope].noun})
    values = dict(_figures(verdict, scope))
    found = verdict.implication
    template = "the words mean {scope}, which comes to {p50} (90 %: {range})"
    if found is not None:
        template += ", " + IMPLICATION[found.label]
        values["side"] = found.side or ""
    return fill(template, values)


def _what_is_left_out(verdict: Verdict) -> str:
    objection = verdict.claim.objection
    scope = objection.asked_scope if objection else "project"
    if not verdict.run.scopes[scope].routes:
        return "the base model that it stands on is not in it" if verdict.run.subject.base_excluded else ""
    if scope == verdict.implied_scope or (not objection and verdict.implied_scope != verdict.claim.priced_scope.scope):
        return ""
    figures = _figures(verdict, scope)
    if objection:
        what = {"leaves_out": objection.leaves_out, "who": objection.who.split(",")[0]}
        return fill("the {leaves_out} that {who} names bring it to {p50} (90 %: {range})", {**figures, **what})
    return fill("{scope} would come to {p50} (90 %: {range})", figures)
