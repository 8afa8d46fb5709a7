"""How each wording moved away from its primary source: by entity, amount, unit, scope and hedge.

The primary source is the claim that a retelling restates, or the source that a statement is checked against. What is compared are the
entries as they stand in the files; nothing is computed by the engine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from model.auditor.quantities import BOUNDS, by_source, day_of, figure_of, gap, missed_by, span
from model.auditor.stated import stated_figure
from model.registry import Registry
from model.schema.claim import UNDECLARED, Claim, Stated
from model.wording import ENGLISH, Language

AXES = ("entity", "amount", "unit", "scope", "hedge")
QUALIFIERS: Mapping[str, str] = {
    "assumed_price": "at an assumed price",
    "research_left_out": "research left out",
    "base_left_out": "base model left out",
    "intention": "an intention",
    "period": "within a period",
    "doubt": "a doubt",
    "possibility": "a possibility",
    "condition": "a condition",
}


@dataclass(frozen=True)
class Shift:
    """One axis: a code, whether anything moved, and the finding as a template with its values."""

    code: str
    moved: bool
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language = ENGLISH) -> str:
        """The finding in a reader's language; values that are texts are translated, lists of texts joined."""
        return language.fill(self.template, {name: _worded(value, language) for name, value in self.values.items()})


@dataclass(frozen=True)
class Drift:
    """One wording against its primary source: a claim's id, or that of a source."""

    claim: str
    origin: str
    is_claim: bool
    shifts: Mapping[str, Shift]

    @property
    def moved(self) -> tuple[str, ...]:
        """Axes on which the wording moved."""
        return tuple(axis for axis, shift in self.shifts.items() if shift.moved)


def _worded(value: object, language: Language) -> object:
    if isinstance(value, tuple):
        return ", ".join(language.text(item) for item in value)
    return language.text(value) if isinstance(value, str) else value


def drifts(registry: Registry) -> list[Drift]:
    """Every claim that goes back to a primary source on file, by origin and date."""
    claims = [registry.claim(name) for name in registry.names("claims")]
    found = [(drift(claim, registry), claim.date) for claim in claims if claim.restates or claim.primary]
    return [item for item, _ in sorted(found, key=lambda pair: (not pair[0].is_claim, pair[0].origin, pair[1], pair[0].claim))]


def drift(claim: Claim, registry: Registry) -> Drift:
    """How one claim's wording moved."""
    origin = registry.claim(claim.restates) if claim.restates else None
    shifts = {
        "entity": _entity(claim, origin, registry),
        "amount": _amount(claim, origin),
        "unit": _unit(claim, origin),
        "scope": _scope(claim, origin, registry),
        "hedge": _hedge(claim, origin),
    }
    name = claim.restates or claim.primary[0].source
    return Drift(claim.id, name, origin is not None, {axis: shift for axis, shift in shifts.items() if shift})


def _entity(claim: Claim, origin: Claim | None, registry: Registry) -> Shift | None:
    told = [p.name for p in claim.primary if p.name]
    if claim.stated and told:
        moved = claim.stated.name not in told
        template = "{before} became {after}" if moved else "{after}, as its source says"
        return Shift("renamed" if moved else "same", moved, template, {"before": told[0], "after": claim.stated.name})
    after = registry.subject(claim.subject).noun
    before = registry.subject(origin.subject).noun if origin else after
    if before != after:
        return Shift("another_model", True, "{before} became {after}", {"before": before, "after": after})
    if claim.named:
        return Shift("misnamed", True, "{after} is called {named}", {"after": after, "named": claim.named})
    return Shift("same", False, "{after}", {"after": after}) if origin else None


def _amount(claim: Claim, origin: Claim | None) -> Shift | None:
    if claim.dollars and origin and origin.dollars:
        return _retold(claim, origin)
    figure, told, apart = figure_of(claim), by_source(claim), missed_by(claim)
    if figure is None or told is None or apart is None:
        return None
    values: dict[str, object] = {"written": figure.as_written, "factor": apart}
    if isinstance(figure, Stated) and figure.date:
        values |= {"low": day_of(told[0]), "high": day_of(told[1])}
        template = "{written}: between {low} and {high}"
        return Shift("same" if apart == 1.0 else "off", apart > 1.0, template, values)
    if apart == 1.0:
        return Shift("same", False, "{written}: fits its source", values)
    return Shift("off", True, "{written}: off by a factor of {factor:number3}", values | {"factor": apart})


def _retold(claim: Claim, origin: Claim) -> Shift:
    assert claim.dollars is not None
    assert origin.dollars is not None
    after, before = claim.dollars.value, origin.dollars.value
    if after is None or before is None:
        apart = gap(span(claim.dollars), span(origin.dollars))
        words = {"before": origin.dollars.as_written, "after": claim.dollars.as_written}
        return Shift("off" if apart > 1.0 else "same", apart > 1.0, "{before} became {after}", words)
    whole = before / 10.0 ** _power(after, before)  # what is left of the source's sum once a slip of the unit is taken out
    values = {"before": before, "after": after, "change": after / whole - 1.0}
    low, high = span(claim.dollars)
    if after == before:
        return Shift("same", False, "{after:usd}", values)
    if claim.dollars.relation in BOUNDS or low <= whole <= high:
        return Shift(
            "rounded", False, "{before:usd} told as {after:usd}: a rounding" if whole == before else "the digits are the same", values
        )
    return Shift("off", True, "{before:usd} told as {after:usd} ({change:percent2}): no rounding of it", values)


def _power(after: float, before: float) -> int:
    """Power of ten, a multiple of three, by which ``after`` has to be raised to be nearest to ``before``."""
    return 3 * round(math.log10(before / after) / 3)


def _unit(claim: Claim, origin: Claim | None) -> Shift | None:
    if not (claim.dollars and origin and origin.dollars and claim.dollars.value and origin.dollars.value):
        return None
    power = _power(claim.dollars.value, origin.dollars.value)
    if power:
        template = "{times:number10} times too large" if power < 0 else "{times:number10} times too small"
        return Shift("slip", True, template, {"power": -power, "times": 10.0 ** abs(power)})
    return Shift("same", False, "{unit}", {"unit": claim.dollars.unit})


def _scope(claim: Claim, origin: Claim | None, registry: Registry) -> Shift | None:
    if not origin or UNDECLARED in (origin.declared, claim.implied):
        return None
    scopes, order = registry.scopes, list(registry.scopes)
    before, after = origin.declared, claim.implied
    values = {"before": scopes[before].noun, "after": scopes[after].noun}
    if before != after:
        wider = order.index(after) > order.index(before)
        return Shift("widened" if wider else "narrowed", True, "{before} became {after}", values)
    if claim.kind == "cost" and claim.declared == UNDECLARED:
        return Shift("not_said", True, "{after}; that it covers nothing else is no longer said", values)
    return Shift("same", False, "{after}", values)


def _hedge(claim: Claim, origin: Claim | None) -> Shift | None:
    if origin is None or not (claim.amount or claim.kind == "scope"):
        return None
    dropped = tuple(QUALIFIERS[q] for q in origin.qualifiers if q not in claim.qualifiers)
    added = tuple(QUALIFIERS[q] for q in claim.qualifiers if q not in origin.qualifiers)
    if not dropped and not added:
        return Shift("kept", False, "kept", {})
    template = "dropped: {dropped}" if not added else "added: {added}" if not dropped else "dropped: {dropped}; added: {added}"
    return Shift("dropped" if dropped else "added", True, template, {"dropped": dropped, "added": added})


def graph(registry: Registry) -> dict[str, list[dict[str, Any]]]:
    """Who restates whom: nodes are claims and the sources that they go back to, edges lead from a retelling to its origin."""
    found = drifts(registry)
    edges = [{"from": item.claim, "to": item.origin, "moved": list(item.moved)} for item in found]
    claims = dict.fromkeys([item.origin for item in found if item.is_claim] + [item.claim for item in found])
    sources = dict.fromkeys(item.origin for item in found if not item.is_claim)
    return {"nodes": [*map(_node, _claims(claims, registry)), *({"id": name, "kind": "source"} for name in sources)], "edges": edges}


def _claims(names: Mapping[str, None], registry: Registry) -> Iterator[Claim]:
    return (registry.claim(name) for name in names)


def _node(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "kind": claim.kind,
        "claimant": claim.claimant,
        "date": claim.date.isoformat(),
        "subject": claim.subject,
        "states": stated_figure(claim, ENGLISH),
    }
