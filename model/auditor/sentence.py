"""The verdict in one plain sentence: what the number is the price of, whether it is right for that, what the words would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from model.auditor.audit import Verdict
from model.auditor.checks import COMPUTING
from model.auditor.stated import stated_figure
from model.auditor.verdict import settled_digits
from model.engine import Run, run_setting
from model.estimate import ScopeEstimate
from model.schema.claim import UNDECLARED
from model.wording import ENGLISH, Language

HEADLINE_DIGITS = 2
PROBABILITIES = (0.05, 0.5, 0.95)

PRICE = "The {amount} is the price of {scope} of {subject}{basis} {literal}"
MOVED = "The {amount} is the price of {scope} of {subject}{basis}, not of {other}, {literal}"
LITERAL: Mapping[str | None, str] = {
    "supported": "and its numbers hold together",
    "refuted": "but its numbers do not hold together ({failed})",
    "not_enough_info": "and too little is stated to test it",
}
# By label and side of the implication; None where the claim has no amount.
WORDS_MEAN: Mapping[tuple[str, str | None] | None, str] = {
    ("supported", None): "the words mean {scope}, which comes to {p50} (90 %: {range}) and supports the amount",
    ("refuted", "below"): "the words mean {scope}, which comes to {p50} (90 %: {range}), more than the amount",
    ("refuted", "above"): "the words mean {scope}, which comes to {p50} (90 %: {range}), less than the amount",
    ("not_enough_info", None): "the words mean {scope}, which comes to {p50} (90 %: {range}): not enough to tell",
    None: "the words mean {scope}, which comes to {p50} (90 %: {range})",
}

# A statement about no sum of money that no check could decide, by reason.
UNCHECKED: Mapping[str, str] = {
    "hedged": "A hedged statement asserts nothing that could be checked",
    "hedged_forecast": "A hedged forecast asserts nothing that could be checked",
    "no_amount_claimed": "No amount is claimed, so that there is none to audit",
    "nothing_to_check": "No source on file says how it is, so there is nothing to check it by",
}


@dataclass(frozen=True)
class Headline:
    """Median and central 90 % of a scope, with as many digits as the numerical error settles."""

    median: str
    low: str
    high: str


def headline(computed: Run, scope: str, language: Language = ENGLISH) -> Headline:
    """Figures of a scope at two digits; unsettled digits are recomputed with more points, then not printed."""
    estimate = computed.scopes[scope]
    points, most = computed.points, int(computed.registry.rules["headline_points"])
    while not _settled(estimate) and points < most:
        points = min(16 * points, most)
        finer = run_setting(computed.setting.with_points(points), computed.registry, computed.subject.id, [scope])
        estimate = finer.scopes[scope]
    low, median, high = (_printed(estimate, p, language) for p in PROBABILITIES)
    return Headline(median, low, high)


def _settled(estimate: ScopeEstimate) -> bool:
    return all(_digits(estimate, p) == HEADLINE_DIGITS for p in PROBABILITIES)


def _digits(estimate: ScopeEstimate, probability: float) -> int:
    cost = estimate.cost_at(probability)
    return settled_digits(cost, cost.error, HEADLINE_DIGITS)


def _printed(estimate: ScopeEstimate, probability: float, language: Language) -> str:
    return language.money(float(estimate.cost_at(probability)), max(1, _digits(estimate, probability)))


def sentence(verdict: Verdict, language: Language = ENGLISH) -> str:
    """One sentence with the numbers, in a reader's language."""
    if verdict.claim.amount is None:
        left_out = _what_is_left_out(verdict, language) if verdict.claim.objection else ""
        return _sentence(_what_is_said(verdict, language), _what_is_compared(verdict, language), left_out, language=language)
    parts = [_what_it_prices(verdict, language)]
    if verdict.implied_scope not in (UNDECLARED, verdict.claim.priced):
        parts.append(_what_the_words_mean(verdict, language))
    return _sentence(*parts, _what_is_left_out(verdict, language), language=language)


def _sentence(*parts: str, language: Language) -> str:
    return reduce(lambda said, more: language.fill("{said}; {more}", {"said": said, "more": more}), filter(None, parts)) + "."


def _what_is_said(verdict: Verdict, language: Language) -> str:
    """A statement about no sum of money: what its source says of it, and the label."""
    checks = verdict.checks
    found = [c for c in checks if c.status == "fail"] or [c for c in checks if c.id in COMPUTING and c.status == "pass"] or list(checks)
    if verdict.claim.hedged or not found:
        return language.text(UNCHECKED.get(verdict.literal.reasons[-1], UNCHECKED["nothing_to_check"]))
    values = {
        "found": found[0].message_in(language).removesuffix("."),
        "label": language.text((verdict.literal.label or "").replace("_", " ")),
    }
    return language.fill("{found}: {label}", values)


def _what_is_compared(verdict: Verdict, language: Language) -> str:
    """The two scopes that a ratio sets against each other, where they differ."""
    if verdict.claim.kind != "ratio" or verdict.scope_axis.label != "mismatch":
        return ""
    scopes = verdict.run.registry.scopes
    values = {"priced": scopes[verdict.claim.priced].noun, "implied": scopes[verdict.implied_scope].noun}
    template = "but it sets {priced} against {implied}, which are different things"
    return language.fill(template, {name: language.text(noun) for name, noun in values.items()})


def _what_it_prices(verdict: Verdict, language: Language) -> str:
    claim, registry = verdict.claim, verdict.run.registry
    if claim.priced == UNDECLARED:
        values = {"amount": stated_figure(claim, language), "literal": _literal(verdict, language)}
        return language.fill("No source says what the {amount} is the price of, {literal}", values)
    moved = bool(claim.source_subject) and claim.source_subject != claim.subject
    template = MOVED if moved else PRICE
    values = {
        "amount": stated_figure(claim, language),
        "scope": language.text(registry.scopes[claim.priced].noun),
        "subject": language.text(registry.subject(claim.source_subject or claim.subject).noun),
        "other": language.text(registry.subject(claim.subject).noun),
        "basis": _basis(verdict, language),
        "literal": _literal(verdict, language),
    }
    return language.fill(template, values)


def _basis(verdict: Verdict, language: Language) -> str:
    facts = verdict.facts
    if "gpu_hours" not in facts or "price" not in facts:
        return ""
    values = {"hours": facts["gpu_hours"], "chip": verdict.run.subject.chip, "price": facts["price"]}
    return language.fill(" ({hours:count} {chip}-hours at {price:usd})", values)


def _literal(verdict: Verdict, language: Language) -> str:
    failed = ", ".join(language.text(check.id.replace("_", " ")) for check in verdict.checks if check.status == "fail")
    return language.fill(LITERAL[verdict.literal.label], {"failed": failed})


def _figures(verdict: Verdict, scope: str, language: Language) -> Mapping[str, str]:
    figures = headline(verdict.run, scope, language)
    return {
        "scope": language.text(verdict.run.registry.scopes[scope].noun),
        "p50": figures.median,
        "range": language.fill("{low} to {high}", {"low": figures.low, "high": figures.high}),
        "subject": language.text(verdict.run.subject.noun),
    }


def _what_the_words_mean(verdict: Verdict, language: Language) -> str:
    scope, found = verdict.implied_scope, verdict.implication
    if not verdict.run.scopes[scope].routes:
        noun = language.text(verdict.run.registry.scopes[scope].noun)
        return language.fill("the words mean {scope}, which has no answer here", {"scope": noun})
    return language.fill(WORDS_MEAN[(found.label, found.side) if found else None], _figures(verdict, scope, language))


def _what_is_left_out(verdict: Verdict, language: Language) -> str:
    objection = verdict.claim.objection
    scope = objection.asked_scope if objection else "project"
    if not verdict.run.scopes[scope].routes:
        return language.text("the base model that it stands on is not in it") if verdict.run.subject.base_excluded else ""
    if scope == verdict.implied_scope or (not objection and verdict.implied_scope != verdict.claim.priced):
        return ""
    figures = _figures(verdict, scope, language)
    if objection:
        what = {"leaves_out": language.text(objection.leaves_out), "who": language.text(objection.who).split(",", 1)[0]}
        return language.fill("the {leaves_out} that {who} names bring it to {p50} (90 %: {range})", {**figures, **what})
    return language.fill("{scope} would come to {p50} (90 %: {range})", figures)
