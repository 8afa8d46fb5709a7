"""Everything that can be wrong in a folder of assumptions, said at once, with file, key and mend."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel

from model.check.claims import quotations
from model.check.findings import Problems, claims_of, entries, known, parameters, raised
from model.check.parameters import columns, correlations, groups, points, units
from model.errors import InputError, UnknownNameError
from model.registry import Registry
from model.schema.assumption import Choice, Component, Fleet, Parameter, Phrase, Scope, Subject
from model.schema.base import Entry, Evidence
from model.schema.claim import ClaimSource, Fact
from model.schema.distribution import LogT
from model.schema.kinds import FOLDERS, KINDS
from model.schema.observation import Observation

# Ground rules that have to be on file.
RULES = (
    "materiality_factor",
    "support_width",
    "bound_supported",
    "bound_refuted",
    "tolerance_pass",
    "tolerance_warn",
    "mfu_bf16_ceiling",
    "mfu_fp8_ceiling",
    "price_far_factor",
    "headline_points",
    "effective_sample_floor",
    "outside_class_hours",
    "market_window",
    "circular_mfu",
    "circular_tolerance",
    "flop_near_factor",
    "flop_far_factor",
    "active_share_floor",
    "finetune_flop_floor",
    "backtest_chip_spread",
    "backtest_plain_mfu",
)
READ_BY_CHECKS = "mfu.reference_class"
STAFF = "staff"  # named among what a scope leaves out, although it is a ratio of cost and no component of compute


@dataclass(frozen=True)
class Report:
    """How many entries of each kind were read, and all that is wrong, in the order of the files."""

    counts: Mapping[str, int]
    problems: tuple[InputError, ...]


def check(registry: Registry) -> Report:
    """Check every file of a folder of assumptions.

    Entries that cannot be read are reported once; what refers to them is not reported again.
    """
    readable, problems = registry.readable()
    counts = {kind: len(readable.names(kind)) for kind in (*KINDS, *FOLDERS)}
    declared = {name for problem in problems for name in registry.declared(problem.where.partition(":")[0])}
    unread = declared - {name for kind in counts for name in readable.names(kind)}
    for find in CHECKS:
        problems += (p for p in find(readable) if not (isinstance(p, UnknownNameError) and p.name in unread))
    unique = {str(problem): problem for problem in problems}
    return Report(counts, tuple(sorted(unique.values(), key=lambda problem: problem.where.partition(":")[0])))


def _all(registry: Registry) -> Iterator[tuple[str, Entry]]:
    """Every entry with its place."""
    for kind in (*KINDS, *FOLDERS):
        for name, item in registry.located(kind).items():
            yield (item.file if kind in FOLDERS else f"{item.file}: {kind} {name}"), item.entry


def _cited(entry: BaseModel, path: str = "") -> Iterator[tuple[str, str]]:
    """Key and id of every source that an entry names."""
    if isinstance(entry, Evidence | Fact):
        yield f"{path}.source", entry.source
    elif isinstance(entry, ClaimSource):
        yield f"{path}.id", entry.id
    else:
        for name, value in entry:
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, BaseModel):
                    yield from _cited(item, f"{path}.{name}".lstrip("."))


def sources(registry: Registry) -> Problems:
    """Sources that nobody knows, and sources that nobody uses."""
    used = set[str]()
    for where, entry in _all(registry):
        for key, name in _cited(entry):
            used.add(name)
            yield from known(f"{where}: {key}", "source", [name], registry.sources)
    for where, _ in entries(registry, "source"):
        if where.rpartition(" ")[2] not in used:
            yield InputError(where, "is used by no entry.", "Cite it as the source of some evidence, or remove it.")


def chips(registry: Registry) -> Problems:
    """Chips that the hardware table does not hold."""
    for kind in ("parameter", "price_observation", "subjects"):
        for where, entry in entries(registry, kind):
            chip = getattr(entry, "chip", None)
            yield from known(f"{where}: chip", "chip", [chip] if chip else [], registry.chips)


def observations(registry: Registry) -> Problems:
    """Chips of fleets that no equation counts, quantities that nothing computes, options that nobody has."""
    from model.posterior_evidence import quantities
    from model.routes import CLAIMED

    for where, fleet in entries(registry, "fleet"):
        assert isinstance(fleet, Fleet)
        yield from known(f"{where}: gpus", "chip", fleet.gpus, CLAIMED.values())
    for item in registry.located("evidence").values():
        assert isinstance(item.entry, Observation)
        yield from known(f"{item.file}: quantity", "quantity", item.entry.terms, quantities(registry))
        options = [f"{name}={option}" for name, choice in registry.choices.items() for option in choice.options]
        yield from known(f"{item.file}: holds_for", "option", item.entry.holds_for, options)
        yield from known(f"{item.file}: subjects", "subject", item.entry.subjects, registry.names("subjects"))


def subjects(registry: Registry) -> Problems:
    """Hours that do not exist or do not add up: one sum holds hours of one chip."""
    for where, subject in entries(registry, "subjects"):
        assert isinstance(subject, Subject)
        yield from known(f"{where}: goodput", "parameter", [subject.goodput], [p for p in registry.parameters if p.startswith("goodput")])
        fleet = (subject.fleet,) if subject.fleet else ()
        for key, names in (("run", subject.run), ("stage", subject.stage), ("lab_finals", subject.lab_finals), ("fleet", fleet)):
            unit = "gpu" if key == "fleet" else "gpu_hour"
            yield from known(f"{where}: {key}", "parameter", names, registry.parameters)
            for p in (registry.parameters[name] for name in names if name in registry.parameters):
                if p.unit != unit:
                    yield InputError(f"{where}: {key}", f"{p.id} is in {p.unit}, need {unit}.", f"Name parameters in {unit}.")
                elif p.chip != subject.chip and key != "fleet":
                    found = f"adds {p.chip}-hours ({p.id}) to {subject.chip}-hours."
                    yield InputError(f"{where}: {key}", found, f"Name hours of the {subject.chip} only.")


def settings(registry: Registry) -> Problems:
    """Options and routes that the code does not know, defaults that are no option, classes without cases."""
    from model.routes import LAB_ROUTES, PRICE_NODES, RATIO_ROUTES, STAFF_NODES

    classes = {case.case_class for case in registry.cases.values()}
    for where, p in parameters(registry):
        if isinstance(p.distribution, LogT):
            yield from known(f"{where}: distribution.cases", "class of cases", [p.distribution.cases], classes)
    counted = [name for name, fleet in registry.fleets.items() if fleet.gpus]
    options = {"price.basis": PRICE_NODES, "staff.route": STAFF_NODES, "fleet.claim": counted}
    for where, entry in entries(registry, "choice"):
        assert isinstance(entry, Choice)
        yield from known(f"{where}: default", "option", [entry.default], entry.options)
        yield from known(f"{where}: options", "option", entry.options, options.get(entry.id, entry.options))
    routes = {f"route.{route.id}" for route in (*RATIO_ROUTES, *LAB_ROUTES)}
    yield from known("settings.toml: weight", "route", registry.weights, routes)
    for kind, needed in (("choice", options), ("weight", routes), ("rule", RULES)):
        for name in sorted(set(needed) - set(registry.names(kind))):
            yield InputError(f"assumptions: {kind} {name}", "is missing:", f"the code reads it. Add a [[{kind}]] with this id.")


def wiring(registry: Registry) -> Problems:
    """Quantities that the equations, the price bases, the routes or the checks read and no file holds."""
    from model.graph import cost_equations, node_name
    from model.routes import LAB_ROUTES, PRICE_NODES, RATIO_ROUTES
    from model.system import WIRED

    equations = cost_equations()
    needed = {argument for equation in equations.values() for argument in equation.arguments} - WIRED
    needed |= {node for pair in PRICE_NODES.values() for node in pair}
    needed |= {node for route in (*RATIO_ROUTES, *LAB_ROUTES) for node in (route.node, *route.last)} | {node_name(READ_BY_CHECKS)}
    held = {node_name(name) for name in registry.parameters}
    for node in sorted(needed - held - equations.keys()):
        yield InputError(
            f"parameters: {node}",
            "is read by an equation and stands in no file.",
            "Add a [[parameter]] with this id, dots for underscores.",
        )


def components(registry: Registry) -> Problems:
    """Codes that stand twice, and components of the sum that nothing computes."""
    from model.graph import cost_equations

    found = [(w, e) for kind in ("component", "parameter") for w, e in entries(registry, kind) if isinstance(e, Component | Parameter)]
    codes = Counter(entry.component.code for _, entry in found if entry.component)
    for where, entry in found:
        if entry.component and codes[entry.component.code] > 1:
            yield InputError(f"{where}: component.code", f'"{entry.component.code}" stands twice.', "Each component has a code of its own.")
        if isinstance(entry, Component) and entry.component.enters == "bottom_up":
            yield from known(where, "equation", [entry.id], cost_equations())


def scopes(registry: Registry) -> Problems:
    """Scopes that are missing or out of order, and names in them that nobody knows."""
    from model.routes import SCOPE_NODES

    for where, entry in entries(registry, "scope"):
        assert isinstance(entry, Scope)
        yield from known(f"{where}: omits_components", "component", entry.omits_components, (*registry.components, STAFF))
    if registry.names("scope") != tuple(SCOPE_NODES):
        found = f"the scopes are {', '.join(registry.names('scope'))}."
        yield InputError("scopes.toml", found, f"Write all, in this order: {', '.join(SCOPE_NODES)}.")
    for where, entry in entries(registry, "phrase"):
        assert isinstance(entry, Phrase)
        yield from known(f"{where}: scope", "scope", [entry.scope], SCOPE_NODES)


def claims(registry: Registry) -> Problems:
    """Subjects, shapes, claims and components that a claim names."""
    for where, claim in claims_of(registry):
        named = [name for name in (claim.subject, claim.source_subject) if name]
        yield from known(f"{where}: subject", "subject", named, registry.names("subjects"))
        yield from known(f"{where}: restates", "claim", [claim.restates] if claim.restates else [], registry.names("claims"))
        if claim.restates in registry.names("claims") and registry.claim(claim.restates).restates:
            yield InputError(f"{where}: restates", f'"{claim.restates}" restates another claim.', "Name the claim at the origin.")
        shape = [claim.architecture] if claim.architecture else []
        yield from known(f"{where}: architecture", "architecture", shape, registry.names("architecture"))
        if claim.objection:
            parts = (*registry.components, STAFF)
            yield from known(f"{where}: objection.components", "component", claim.objection.components, parts)


def scenarios(registry: Registry) -> Problems:
    """Scenarios that cannot be resolved, and correlations that contradict each other when switched on together."""
    for name in registry.names("scenarios"):
        for problem in raised(partial(_resolve, name, registry)):
            if problem.where.startswith("reference class "):  # of no scenario: told once
                yield problem.at(f"cases.toml: {problem.where}")
            elif not problem.where.startswith("parameter "):  # told where the parameter stands
                origin = re.match(r"scenario ([^:]+)", problem.where)
                yield problem.at(f"scenarios/{origin[1] if origin else name}.toml: {problem.where}")


def _resolve(name: str, registry: Registry) -> None:
    from model.copula import copula_of
    from model.setting import resolve

    pairs = resolve(name, registry).correlations
    if all(known_name in registry.parameters for pair in pairs for known_name in (pair.first, pair.second)):
        copula_of(pairs, list(registry.parameters))


CHECKS: tuple[Callable[[Registry], Problems], ...] = (
    sources,
    units,
    chips,
    subjects,
    columns,
    points,
    groups,
    correlations,
    settings,
    wiring,
    components,
    scopes,
    claims,
    quotations,
    scenarios,
    observations,
)
