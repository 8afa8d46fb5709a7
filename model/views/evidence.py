"""The evidence page's rows: every source, assumption, case and price observation, searchable, and who cites a source."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from model.auditor.audit import Verdict
from model.cards import Card, inputs_of, mark_of, place_of, source_line
from model.overrides import describe
from model.registry import Registry
from model.schema.assumption import Case, Parameter, PriceObservation
from model.schema.base import Evidence, Source
from model.schema.distribution import LogT
from model.schema.kinds import KINDS
from model.views.verdict import FACTS
from model.wording import Language

KINDS_SHOWN = {"parameter": "Assumption", "case": "Reference case", "price_observation": "Observed price", "source": "Source"}
GRADES = ("A", "B", "C")
NOT_READ = "not read"
CONTEXT = "context; no figure is computed from it"
NO_WEIGHT = "kept in view, out of the fit"

# An entry, its figure and what depends on it.
Written: TypeAlias = tuple[Parameter | Case | PriceObservation, str, tuple[str, ...]]


@dataclass(frozen=True)
class Citation:
    """One place where an entry cites a source; stated figures of a claim have no grade."""

    label: str
    figure: str
    locator: str
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Item:
    """A row: what it is, its figure, how well supported, where it stands, who disputes it, what depends on it."""

    kind: str
    id: str
    title: str
    figure: str
    grades: tuple[str, ...]
    read: tuple[str, ...]
    where: str
    disputed: tuple[str, ...]
    uses: tuple[str, ...]
    mark: str
    words: str

    @property
    def card(self) -> str:
        """The card that the row opens."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Wanted:
    """What a visitor searches for; empty fields ask for nothing."""

    text: str = ""
    kinds: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    disputed: bool = False
    not_read: bool = False

    def accepts(self, item: Item) -> bool:
        """Whether every condition holds; of the text, whether all its words occur."""
        return (
            all(word in item.words for word in plain(self.text).split())
            and (not self.kinds or item.kind in self.kinds)
            and (not self.grades or not set(self.grades).isdisjoint(item.grades))
            and (not self.disputed or bool(item.disputed))
            and (not self.not_read or NOT_READ in item.read)
        )


def plain(text: str) -> str:
    """Text for comparison: no case, no accents."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))


def citations(registry: Registry, language: Language) -> dict[str, tuple[Citation, ...]]:
    """Who cites each source: entries by their evidence, claims by their words and stated figures."""
    found: dict[str, list[Citation]] = {name: [] for name in registry.sources}
    for source, citation in _cited(registry, language):
        found.setdefault(source, []).append(citation)
    return {name: tuple(items) for name, items in found.items()}


def _cited(registry: Registry, language: Language) -> Iterator[tuple[str, Citation]]:
    for kind in KINDS:
        for located in registry.located(kind).values():
            label = getattr(located.entry, "label", "")
            for item in getattr(located.entry, "evidence", ()):
                yield item.source, Citation(label, item.figure, item.locator, item)
    for claim in map(registry.claim, registry.names("claims")):
        yield claim.source.id, Citation(claim.claimant, claim.text, claim.source.locator)
        for fact in claim.facts:
            figure = f"{language.text(FACTS.get(fact.id, fact.id))}: {language.count(fact.value, 5)} {fact.unit}"
            yield fact.source, Citation(claim.claimant, figure, fact.locator)
        if claim.objection:
            for item in claim.objection.evidence:
                yield item.source, Citation(claim.objection.who, item.figure, item.locator, item)


def evidence_items(verdict: Verdict, language: Language) -> tuple[Item, ...]:
    """All rows, in the order of the kinds."""
    registry, text = verdict.run.registry, language.text
    cited = citations(registry, language)
    inputs = {name: {p.id for p in inputs_of(verdict, name)} for name, estimate in verdict.run.scopes.items() if estimate.routes}
    feeds = {p: tuple(text(registry.scopes[s].label) for s, names in inputs.items() if p in names) for p in registry.parameters}
    classes = {p.distribution.cases: text(p.label) for p in registry.parameters.values() if isinstance(p.distribution, LogT)}
    entries: dict[str, list[Written]] = {
        "parameter": [(p, f"{describe(p.distribution)} {p.unit}", feeds[p.id]) for p in registry.parameters.values()],
        "case": [(c, language.number(c.ratio), (classes[c.case_class] if c.weight else text(NO_WEIGHT),)) for c in registry.cases.values()],
        "price_observation": [
            (o, f"{language.money(o.usd_per_gpu_hour)}/h", (text(CONTEXT),)) for o in registry.price_observations.values()
        ],
    }
    entries["parameter"].sort(key=lambda row: -len(row[2]))
    evidenced = [_evidenced(registry, kind, row, language) for kind, rows in entries.items() for row in rows]
    return (*evidenced, *(_source(source, cited[source.id], language) for source in registry.sources.values()))


def _evidenced(registry: Registry, kind: str, row: Written, language: Language) -> Item:
    entry, figure, uses = row
    label, evidence = language.text(entry.label), entry.evidence
    sources = [registry.sources[item.source] for item in evidence]
    where = f"{sources[0].author}: {evidence[0].locator}" + (f" (+{len(evidence) - 1})" if len(evidence) > 1 else "")
    words = [entry.id, entry.label, label, figure, *(f"{item.figure} {item.locator}" for item in evidence)]
    return Item(
        kind,
        entry.id,
        label,
        figure,
        _distinct(item.grade for item in evidence),
        _distinct(item.read for item in evidence),
        where,
        _distinct(item.disputed_by for item in evidence),
        uses,
        mark_of(entry),
        plain(" ".join((*words, *(f"{source.author} {source.title}" for source in sources)))),
    )


def _source(source: Source, cited: Sequence[Citation], language: Language) -> Item:
    evidence, title = [item.evidence for item in cited if item.evidence], language.text(source.title)
    words = (source.id, source.title, title, source.author, source.date, *(item.figure for item in cited))
    return Item(
        "source",
        source.id,
        title,
        source.date,
        _distinct(item.grade for item in evidence),
        (source.read,),
        source.author,
        _distinct(item.disputed_by for item in evidence),
        tuple(dict.fromkeys(language.text(item.label) for item in cited)),
        "",
        plain(" ".join(words)),
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))


def counts(items: Sequence[Item]) -> dict[str, int]:
    """How many entries of each kind, how many are disputed, how many rest on something that was not read."""
    kinds = {kind: sum(item.kind == kind for item in items) for kind in KINDS_SHOWN}
    return kinds | {"disputed": sum(bool(item.disputed) for item in items), "not_read": sum(NOT_READ in item.read for item in items)}


def source_card(verdict: Verdict, identifier: str, language: Language) -> Card:
    """The card of a source: where it is, whether it was read, and everything that cites it."""
    registry, text = verdict.run.registry, language.text
    source = registry.sources[identifier]
    lines = [(text("Source"), source_line(source)), (text("Read state"), text(source.read))]
    if source.note:
        lines.append((text("Note"), text(source.note)))
    cited = citations(registry, language)[identifier]
    lines += [(text(item.label), _citation_line(item, language)) for item in cited]
    uses = tuple(dict.fromkeys(text(item.label) for item in cited))
    return Card(text(source.title), tuple(lines), (), (), uses, place_of(registry, "source", identifier), "")


def _citation_line(item: Citation, language: Language) -> str:
    text, evidence = language.text, item.evidence
    parts = [text(item.figure), item.locator]
    if evidence:
        parts += [text(evidence.stance), f"{text('grade')} {evidence.grade}", text(evidence.read)]
        parts += [f"{text('disputed by')} {text(evidence.disputed_by)}"] if evidence.disputed_by else []
    return " · ".join(parts)
