"""Cards: what a number rests on. View models for the dashboard and for reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from model import distributions as d
from model.auditor.audit import Verdict
from model.engine import Run
from model.graph import node_name
from model.overrides import describe
from model.registry import Registry
from model.routes import RATIO_ROUTES, SCOPE_NODES, Route
from model.schema.assumption import Architecture, Case, Fleet, Parameter, PriceObservation, Rule
from model.schema.base import Entry, Evidence, Source
from model.schema.distribution import Fixed
from model.schema.run import BacktestRun
from model.views.verdict import FACTS, UNITS
from model.wording import Language

Evidenced: TypeAlias = Parameter | Case | PriceObservation | Rule | Architecture | BacktestRun | Fleet
WORST = "C"
FACT_DIGITS = 10  # of a stated figure: as it was written
COMPONENT_NODES = {"predecessors": "predecessor_hours"}  # where the node of the cost graph has another name
DISPUTE = "Dispute it: edit this entry and say why; assumptions/README.md tells how."


@dataclass(frozen=True)
class Card:
    """A number's origin. ``rests_on`` lists ids of parameters; ``feeds`` what it goes into."""

    title: str
    lines: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    rests_on: tuple[str, ...]
    feeds: tuple[str, ...]
    place: str
    mark: str


def place_of(registry: Registry, kind: str, identifier: str) -> str:
    """File and line of an entry: ``assumptions/parameters/price.toml:12``."""
    file = registry.located(kind)[identifier].file
    lines = registry.text(file).splitlines()
    key = f'id = "{identifier}"'
    number = next((i for i, line in enumerate(lines, start=1) if line.strip() == key), 1)
    return f"assumptions/{file}:{number}"


def mark_of(entry: Evidenced) -> str:
    """``placeholder``, ``grade C`` when only such evidence supports it, or nothing."""
    if getattr(entry, "basis", "") == "placeholder":
        return "placeholder"
    supporting = [item.grade for item in entry.evidence if item.stance == "supports"]
    return "grade C" if supporting and min(supporting) == WORST else ""


def nodes_of(verdict: Verdict, scope: str) -> frozenset[str]:
    """Nodes of the cost graph that a scope's cost rests on, by all its routes."""
    system, node = verdict.run.system, SCOPE_NODES[scope]
    graphs = [system.graph.wired({node.alias: route.node}) for route in node.routes if node.alias] or [system.graph]
    return frozenset().union(*(graph.ancestors(scope) for graph in graphs))


def inputs_of(verdict: Verdict, scope: str) -> tuple[Parameter, ...]:
    """Parameters that a scope's cost rests on, by all its routes, uncertain ones first."""
    names = nodes_of(verdict, scope)
    found = [p for p in verdict.run.registry.parameters.values() if node_name(p.id) in names]
    return tuple(sorted(found, key=lambda p: isinstance(p.distribution, Fixed)))


def feeds_of(verdict: Verdict, parameter: str) -> tuple[str, ...]:
    """Scopes whose cost a parameter enters in this setting."""
    present = [s for s, e in verdict.run.scopes.items() if e.routes]
    return tuple(scope for scope in present if any(p.id == parameter for p in inputs_of(verdict, scope)))


def scope_mark(verdict: Verdict, scope: str) -> tuple[str, ...]:
    """Labels of the inputs of a scope that are placeholders or rest on grade C evidence alone."""
    return tuple(p.label for p in inputs_of(verdict, scope) if mark_of(p))


def parameter_card(verdict: Verdict, identifier: str, language: Language) -> Card:
    """The card of an assumption, as it stands and as this setting uses it."""
    registry = verdict.run.registry
    entry = registry.parameters[identifier]
    text = language.text
    lines = [
        (text("Value"), f"{describe(entry.distribution)} {text(UNITS[entry.unit])}"),
        (text("As of"), entry.as_of.isoformat()),
        (text("Basis"), text(entry.basis)),
        (text("Why"), text(entry.rationale)),
    ]
    if entry.price_year:
        lines.insert(2, (text("Price year"), str(entry.price_year)))
    used = verdict.run.setting.distributions.get(identifier)
    if used and not isinstance(used, d.Fixed):
        low, middle, high = (float(q) for q in used.ppf(np.array([0.05, 0.5, 0.95])))
        spread = {"low": low, "middle": middle, "high": high}
        lines.insert(0, (text("Range"), language.fill("{low:number3} to {high:number3} (90 %), median {middle:number3}", spread)))
    changed = [o.value for o in verdict.run.setting.overrides if o.id == identifier]
    if changed:
        lines.insert(0, (text("Changed here to"), changed[-1]))
    feeds = tuple(text(registry.scopes[scope].label) for scope in feeds_of(verdict, identifier))
    return Card(text(entry.label), tuple(lines), entry.evidence, (), feeds, place_of(registry, "parameter", identifier), mark_of(entry))


def scope_card(verdict: Verdict, scope: str, language: Language) -> Card:
    """The card of a cost: formula, what it holds and leaves out, and every assumption that it rests on."""
    registry, text = verdict.run.registry, language.text
    entry = registry.scopes[scope]
    lines = [
        (text("Question"), text(entry.answers)),
        (text("Formula"), entry.formula),
        (text("Holds"), "; ".join(text(line) for line in entry.includes)),
        (text("Leaves out"), "; ".join(text(line) for line in entry.excludes)),
        *((text("Remark"), text(line.strip())) for line in entry.remarks),
    ]
    rests_on = tuple(p.id for p in inputs_of(verdict, scope))
    mark = "grade C" if scope_mark(verdict, scope) else ""
    return Card(text(entry.label), tuple(lines), (), rests_on, (), place_of(registry, "scope", scope), mark)


def inputs_behind(run: Run, node: str, route: Route | None = None) -> tuple[Parameter, ...]:
    """Parameters that a node of the cost graph rests on, by one route."""
    graph = run.system.graph.wired({"route_ratio": route.node}) if route else run.system.graph
    names = graph.ancestors(node)
    return tuple(p for p in run.registry.parameters.values() if node_name(p.id) in names)


def component_card(verdict: Verdict, identifier: str, language: Language) -> Card:
    """The card of a cost component: a parameter's own, or what it is computed from."""
    run, registry, text = verdict.run, verdict.run.registry, language.text
    if identifier in registry.parameters:
        return parameter_card(verdict, identifier, language)
    entry = registry.components[identifier]
    covers = text(entry.component.covers) if entry.component else ""
    changed = [(text("Changed here to"), o.value) for o in run.setting.overrides if o.id == identifier][-1:]
    inputs = inputs_behind(run, COMPONENT_NODES.get(identifier, identifier))
    mark = next(filter(None, map(mark_of, inputs)), "")
    lines = (*changed, (text("Holds"), covers))
    return Card(text(entry.label), lines, (), tuple(p.id for p in inputs), (), place_of(registry, "component", identifier), mark)


def route_card(verdict: Verdict, identifier: str, language: Language) -> Card:
    """The card of a route to R: its weight and what it rests on."""
    run, text = verdict.run, language.text
    entry = run.registry.weights[f"route.{identifier}"]
    route = next(r for r in RATIO_ROUTES if r.id == identifier)
    inputs = inputs_behind(run, "research_ratio", route)
    lines = ((text("Weight"), language.number(run.setting.weights[entry.id])), (text("Why"), text(entry.rationale)))
    mark = next(filter(None, map(mark_of, inputs)), "")
    return Card(text(entry.label), lines, (), tuple(p.id for p in inputs), (), place_of(run.registry, "weight", entry.id), mark)


def fact_card(verdict: Verdict, fact_id: str, language: Language) -> Card:
    """The card of a stated figure."""
    registry, text = verdict.run.registry, language.text
    claims = [verdict.claim, *([registry.claim(verdict.claim.restates)] if verdict.claim.restates else [])]
    claim, fact = next((c, f) for c in claims for f in c.facts if f.id == fact_id)
    source = registry.sources[fact.source]
    lines = [
        (text("Value"), f"{language.number(fact.value, FACT_DIGITS)} {fact.unit}"),
        (text("Source"), source_line(source)),
        (text("Where"), fact.locator),
        *([(text("Note"), text(fact.note))] if fact.note else []),
    ]
    return Card(text(FACTS.get(fact.id, fact.id)), tuple(lines), (), (), (), f"assumptions/claims/{claim.id}.toml", "")


def evidenced_card(registry: Registry, kind: str, identifier: str, language: Language) -> Card:
    """The card of a case, a price observation, a ground rule, an architecture or a fleet."""
    entry = registry.located(kind)[identifier].entry
    assert isinstance(entry, Case | PriceObservation | Rule | Architecture | Fleet)
    text = language.text
    lines = tuple((text(name.replace("_", " ").capitalize()), _written(value, language)) for name, value in _plain(entry))
    return Card(text(entry.label), lines, entry.evidence, (), (), place_of(registry, kind, identifier), mark_of(entry))


def _plain(entry: Entry) -> Sequence[tuple[str, object]]:
    hidden = ("id", "label", "evidence")
    return [(name, value) for name, value in entry.model_dump(mode="json").items() if name not in hidden and value not in (None, "")]


def _written(value: object, language: Language) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_written(part, language)}" for name, part in value.items())
    return language.count(value) if isinstance(value, float) and value >= 1e6 else str(value)


def source_line(source: Source) -> str:
    """A source in one line."""
    return f"{source.author}, {source.title} ({source.date})" + (f", {source.url}" if source.url else "")
