"""The annex of a report: every check and stated figure, the footnotes that figures rest on, and the sources of those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from model.auditor.audit import Verdict, audit
from model.auditor.stated import Check
from model.cards import Card, fact_card, inputs_of, parameter_card, place_of, scope_card, source_line
from model.document import provenance
from model.registry import Registry
from model.report.content import Report, Said, Section, Table
from model.report.front import Brief, check_table, front, gap_or_none, shortened
from model.schema.assumption import Rule
from model.schema.base import Source
from model.schema.claim import Claim
from model.schema.scenario import Scenario
from model.setting import DEFAULT_SCENARIO
from model.views.verdict import CHECKS, FACTS
from model.views.why import ADDING_UP, REMARKS
from model.wording import ENGLISH, Language

RULES_FILE = "assumptions/ground_rules.toml"
SHAPLEY = "Each part is its Shapley value over the medians of the scope with and without it; factors are the same over logarithms."
WORDS = (
    "Annex",
    "Footnotes",
    "Sources",
    "Rests on",
    "grade",
    "disputed by",
    "supports",
    "contradicts",
    "context",
    "read",
    "restated",
    "derived",
    "not read",
    "Rests on a placeholder.",
    "Rests on grade C evidence.",
)


def report(
    claim: str | Claim,
    *,
    language: Language = ENGLISH,
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    registry: Registry | None = None,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Report:
    """The report on a claim, in a language, ready to be written.

    Parameters
    ----------
    claim, scenario, registry, changes, points, seed : as for ``audit``

    Raises
    ------
    CostclaimError
        Anything wrong with names, values or files.
    """
    verdict = audit(claim, scenario=scenario, registry=registry, changes=changes, points=points, seed=seed)
    own = "" if isinstance(scenario, Scenario) else str(scenario)
    return report_of(Brief(verdict, language, tuple(changes), own))


def report_of(brief: Brief) -> Report:
    """The same for an audit that is there already."""
    before, after = front(brief), tuple(_annex(brief))
    notes = _notes(brief, (*before, *after))
    claim = brief.verdict.claim
    return Report(
        brief.language.code,
        brief.text("What is this number the price of?"),
        claim.id,
        before,
        after,
        notes,
        _sources(brief.verdict, notes),
        {word: brief.text(word) for word in WORDS},
    )


def _annex(brief: Brief) -> Iterator[Section]:
    verdict, language = brief.verdict, brief.language
    if verdict.checks:
        yield Section(brief.text("Every check"), (check_table(brief, list(verdict.checks)),))
    if verdict.facts:
        rows = (
            (Said(brief.text(FACTS.get(name, name))), Said(language.count(value, 5), (f"fact:{name}",)))
            for name, value in verdict.facts.items()
        )
        heads = (brief.text("Stated figure"), brief.text("Value"))
        yield Section(brief.text("Stated figures"), (Table(heads, tuple(rows), figures=(1,)),))


def _notes(brief: Brief, sections: Sequence[Section]) -> Mapping[str, Card]:
    """Footnotes in the order in which they are called; assumptions that they rest on follow."""
    called = dict.fromkeys(key for section in sections for said in section.said() for key in said.notes)
    notes = {key: note_card(brief, key) for key in called}
    below = dict.fromkeys(f"parameter:{name}" for card in notes.values() for name in card.rests_on)
    return notes | {key: note_card(brief, key) for key in below if key not in notes}


def note_card(brief: Brief, key: str) -> Card:
    """The card that a footnote shows."""
    kind, _, identifier = key.partition(":")
    if kind in CARDS:
        return CARDS[kind](brief.verdict, identifier, brief.language)
    return OWN[kind](brief, identifier)


def _claim(brief: Brief, _: str) -> Card:
    claim, text = brief.verdict.claim, brief.text
    source = brief.verdict.run.registry.sources[claim.source.id]
    lines = [(text("Source"), source_line(source)), (text("Where"), claim.source.locator)]
    lines += [(text("The words"), words) for words in (claim.text, claim.translation) if words and shortened(words) != words]
    if claim.has_scopes:
        declared = (("Priced scope", claim.priced_scope), ("Implied scope", claim.implied_scope))
        lines += [(text(name), text(part.because)) for name, part in declared if part]
    return Card(text("The claim"), tuple(lines), (), (), (), f"assumptions/claims/{claim.id}.toml", "")


def _objection(brief: Brief, _: str) -> Card:
    claim = brief.verdict.claim
    assert claim.objection is not None
    lines = ((brief.text(claim.objection.who), claim.objection.text), (brief.text("Why"), brief.text(claim.objection.because)))
    return Card(brief.text("The objection"), lines, claim.objection.evidence, (), (), f"assumptions/claims/{claim.id}.toml", "")


def _rules(brief: Brief, _: str) -> Card:
    found = (located.entry for located in brief.verdict.run.registry.located("rule").values())
    lines = ((brief.text(rule.label), brief.language.number(rule.value)) for rule in found if isinstance(rule, Rule))
    return Card(brief.text("Ground rules"), tuple(lines), (), (), (), RULES_FILE, "")


def _check(brief: Brief, identifier: str) -> Card:
    check = next(c for c in brief.verdict.checks if c.id == identifier)
    lines = ((brief.text("Stated"), _figure(check, check.stated, brief)), (brief.text("Computed"), _figure(check, check.computed, brief)))
    return Card(brief.text(CHECKS[identifier]), lines, (), (), (), f"assumptions/claims/{brief.verdict.claim.id}.toml, {RULES_FILE}", "")


def _figure(check: Check, value: float | str, brief: Brief) -> str:
    written = brief.language.count(value, 5) if isinstance(value, float | int) else value
    return f"{written} {check.unit}".strip()


def _gap(brief: Brief, _: str) -> Card:
    found, text = gap_or_none(brief), brief.text
    assert found is not None
    price = brief.language.money(found.price)
    lines = ((text("Equation"), text(SHAPLEY)), (text("Price of an hour"), price), (text("Remark"), text(ADDING_UP)))
    inputs = tuple(p.id for p in inputs_of(brief.verdict, found.scope))
    return Card(text("The gap, part by part"), lines, (), inputs, (), place_of(brief.verdict.run.registry, "scope", found.scope), "")


def _drivers(brief: Brief, _: str) -> Card:
    inputs = tuple(p.id for p in inputs_of(brief.verdict, brief.asked_scope))
    place = place_of(brief.verdict.run.registry, "scope", brief.asked_scope)
    return Card(brief.text("What drives the cost"), ((brief.text("Equation"), brief.text(REMARKS["tornado"])),), (), inputs, (), place, "")


def _run(brief: Brief, _: str) -> Card:
    document, text = provenance(brief.verdict.run), brief.text
    lines = [(text("Engine"), document["engine"]), (text("Data"), document["registry_sha256"]), (text("Scenario"), document["scenario"])]
    lines += [(text("Points"), str(document["points"])), (text("Seed"), str(document["seed"]))]
    lines += [(o["id"], f"{o['value']}: {text(o['reason'])}" if o["reason"] else o["value"]) for o in document["overrides"]]
    scenario = brief.verdict.run.setting.scenario
    return Card(text("What the figures were computed with"), tuple(lines), (), (), (), f"assumptions/scenarios/{scenario}.toml", "")


CARDS: Mapping[str, Callable[[Verdict, str, Language], Card]] = {"scope": scope_card, "parameter": parameter_card, "fact": fact_card}
OWN: Mapping[str, Callable[[Brief, str], Card]] = {
    "claim": _claim,
    "objection": _objection,
    "rules": _rules,
    "check": _check,
    "gap": _gap,
    "drivers": _drivers,
    "run": _run,
}


def _sources(verdict: Verdict, notes: Mapping[str, Card]) -> Mapping[str, Source]:
    """Every source that a footnote or a stated figure names, by id."""
    registry, claim = verdict.run.registry, verdict.claim
    stated = [claim, *([registry.claim(claim.restates)] if claim.restates else [])]
    names = {item.source for card in notes.values() for item in card.evidence}
    names |= {claim.source.id, *(fact.source for one in stated for fact in one.facts)}
    return {name: registry.sources[name] for name in sorted(names)}
