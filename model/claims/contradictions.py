"""Which claims cannot both stand, and why: derived from what the entries state, by rules that name no claim.

Hedged statements and doubts exclude nothing. Sums of money differ when they miss each other by more than the materiality factor; a
difference below it changes no conclusion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from model.auditor.quantities import Interval, gap, since_date, span
from model.registry import Registry
from model.schema.claim import Claim
from model.wording import ENGLISH, Language


@dataclass(frozen=True)
class Contradiction:
    """Two claims that cannot both stand, the rule that says so, and why."""

    first: str
    second: str
    rule: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language = ENGLISH) -> str:
        """The reason in a reader's language."""
        return language.fill(self.template, {n: language.text(v) if isinstance(v, str) else v for n, v in self.values.items()})


Rule = Callable[[Claim, Claim, Registry], Contradiction | None]


def contradictions(registry: Registry) -> list[Contradiction]:
    """Every pair of claims that cannot both stand, with each reason."""
    claims = [claim for claim in map(registry.claim, registry.names("claims")) if _asserts(claim)]
    return [found for pair in combinations(claims, 2) for found in _between(*pair, registry)]


def _asserts(claim: Claim) -> bool:
    return not claim.hedged and "doubt" not in claim.qualifiers


def _between(first: Claim, second: Claim, registry: Registry) -> Iterator[Contradiction]:
    yield from (found for rule in RULES if (found := rule(first, second, registry)))
    if found := quantities(first, second):
        yield found


def _origin(claim: Claim) -> str:
    return claim.restates or claim.id


def one_sum_two_models(first: Claim, second: Claim, registry: Registry) -> Contradiction | None:
    """One sum from one source, told as the price of two models."""
    if not (first.dollars and second.dollars) or _origin(first) != _origin(second) or first.subject == second.subject:
        return None
    nouns = {"one": registry.subject(first.subject).noun, "other": registry.subject(second.subject).noun}
    template = "The same sum, of one source, is told as the price of {one} and of {other}."
    return Contradiction(first.id, second.id, "one_sum_two_models", template, nouns)


def amounts(first: Claim, second: Claim, registry: Registry) -> Contradiction | None:
    """Two sums for the same model in the same scope that miss each other, or a wider scope that costs less than a narrower one."""
    a, b = sorted((first, second), key=lambda claim: list(registry.scopes).index(claim.implied) if claim.implied in registry.scopes else -1)
    if not (a.dollars and b.dollars) or a.subject != b.subject or a.implied not in registry.scopes:
        return None
    scopes, narrow, wide = registry.scopes, span(a.dollars), span(b.dollars)
    same, nested = a.implied == b.implied, scopes[a.implied].nested and scopes[b.implied].nested
    if gap(narrow, wide) <= registry.rules["materiality_factor"] or not (same or (nested and narrow[0] > wide[1])):
        return None
    template = "Both are said of {scope} of {subject}: {one} and {other}."
    if not same:
        template = "{scope} of {subject} at {one} would cost more than {wider}, which holds it, at {other}."
    figures = {"one": a.dollars.as_written, "other": b.dollars.as_written}
    nouns = {"scope": scopes[a.implied].noun, "wider": scopes[b.implied].noun, "subject": registry.subject(a.subject).noun}
    return Contradiction(first.id, second.id, "amounts" if same else "part_above_whole", template, figures | nouns)


def quantities(first: Claim, second: Claim) -> Contradiction | None:
    """Two figures, dates or names of the same thing that exclude each other."""
    a, b = first.stated, second.stated
    if not (a and b and a.of and a.of == b.of):
        return None
    values = {"one": a.as_written, "other": b.as_written}
    if a.name and b.name:
        differ = a.name != b.name
    else:
        one, other = _comparable(first, second)
        differ = one[1] < other[0] or other[1] < one[0]
    return Contradiction(first.id, second.id, "quantities", "Of the same thing: {one}, and {other}.", values) if differ else None


def _comparable(first: Claim, second: Claim) -> tuple[Interval, Interval]:
    """Both in one measure: a duration beside a date is counted back from its claim's date."""
    assert first.stated is not None
    assert second.stated is not None
    dated = first.stated.date is not None or second.stated.date is not None
    one, other = (since_date(claim) if dated and not claim.stated.date else span(claim.stated) for claim in (first, second) if claim.stated)
    return one, other


def left_out(first: Claim, second: Claim, registry: Registry) -> Contradiction | None:
    """One says what a number leaves out, the other's words need it inside."""
    for says, needs in ((first, second), (second, first)):
        if says.kind != "scope" or not says.objection or not needs.amount or _origin(says) != _origin(needs):
            continue
        scope = registry.scopes.get(needs.implied)
        if scope and not set(says.objection.components) & set(scope.omits_components):
            template = "The number is said to leave this out: {leaves_out}. Told as {scope}, it would have to hold it."
            values = {"leaves_out": says.objection.leaves_out, "scope": scope.noun}
            return Contradiction(first.id, second.id, "left_out", template, values)
    return None


def declared(first: Claim, second: Claim, registry: Registry) -> Contradiction | None:
    """The claimant says what a number covers, and the retelling's words mean another scope."""
    origin, retelling = (first, second) if second.restates == first.id else (second, first)
    said, told = registry.scopes.get(origin.declared), registry.scopes.get(retelling.implied)
    if retelling.restates != origin.id or not retelling.amount or not said or not told or said == told:
        return None
    template = "Its source says that the number covers {declared}; told as {implied}."
    return Contradiction(first.id, second.id, "declared", template, {"declared": said.noun, "implied": told.noun})


RULES: tuple[Rule, ...] = (one_sum_two_models, amounts, left_out, declared)  # those that look things up
