"""Rows of the page of retellings: drift by axis, claims that cannot both stand, the tree of who restates whom, the words themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model.auditor.stated import stated_figure
from model.claims.drift import Drift
from model.registry import Registry
from model.schema.claim import Claim
from model.wording import Language

Row = dict[str, Any]
AXIS_NAMES: Mapping[str, str] = {"entity": "Entity", "amount": "Amount", "unit": "Unit", "scope": "Scope", "hedge": "Hedge"}
GROUPS = ("primary source", "as its source has it", "moved away")


def told(claim: Claim, registry: Registry, language: Language) -> str:
    """A claim in a line: what it states, of what, who says so."""
    return f"{what(claim, registry, language)} · {language.text(claim.claimant)}"


def what(claim: Claim, registry: Registry, language: Language) -> str:
    """What a claim states; a sum with what it is said to be the price of."""
    if claim.kind == "scope" and claim.objection:
        return language.fill("left out: {what}", {"what": language.text(claim.objection.leaves_out)})
    noun = language.text(registry.subject(claim.subject).noun)
    return f"{stated_figure(claim, language)} · {noun}" if claim.amount else stated_figure(claim, language)


def origin_of(item: Drift, registry: Registry, language: Language) -> str:
    """The primary source in a line."""
    return told(registry.claim(item.origin), registry, language) if item.is_claim else language.text(registry.sources[item.origin].title)


def drift_cells(item: Drift, language: Language) -> list[str]:
    """What moved, and what did not, axis by axis."""
    named = {axis: {"axis": language.text(AXIS_NAMES[axis]), "text": shift.text(language)} for axis, shift in item.shifts.items()}
    told = {axis: language.fill("{axis}: {text}", values) for axis, values in named.items()}
    moved = [text for axis, text in told.items() if axis in item.moved]
    return [" · ".join(moved) or "–", " · ".join(text for axis, text in told.items() if axis not in item.moved)]


def tree_rows(found: Sequence[Drift], registry: Registry, language: Language) -> list[Row]:
    """Rows of the chart: each primary source, and below it the wordings that go back to it."""
    rows: list[Row] = []
    places: dict[str, int] = {}
    for item in found:
        if item.origin not in places:
            places[item.origin] = len(rows)
            row = {"label": origin_of(item, registry, language), "text": "", "order": len(rows), "depth": 0, "above": None, "parent": None}
            rows.append(row | {"group": language.text(GROUPS[0])})
        claim = registry.claim(item.claim)
        moved = ", ".join(language.text(AXIS_NAMES[axis]).lower() for axis in item.moved)
        who = language.text(claim.claimant)
        said = language.fill("{axis}: {text}", {"axis": who, "text": moved}) if moved else who
        row = {"label": what(claim, registry, language), "text": said}
        row |= {"order": len(rows), "depth": 1, "above": 0, "parent": places[item.origin]}
        rows.append(row | {"group": language.text(GROUPS[2 if item.moved else 1])})
    return rows


def words_of(claim: Claim, language: Language) -> list[str]:
    """The quotation, its translation, and its place in the article."""
    assert claim.quotation is not None
    q = claim.quotation
    place = language.fill(
        "{article}, characters {start} to {end}, SHA-256 {sha}…",
        {"article": q.article, "start": str(q.start), "end": str(q.end), "sha": q.sha256[:8]},
    )
    return [claim.text, claim.translation, place]
