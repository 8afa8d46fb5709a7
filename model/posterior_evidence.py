"""Observations in the ledger of a run: the quantity by each route, its likelihood, and where the source stands already."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
from scipy import special

from model.distributions import Array, Fixed
from model.errors import InputError, UnknownNameError
from model.graph import Ledger, cost_equations, node_name
from model.overrides import moments
from model.registry import Registry, parse_entry, read_entry, read_toml
from model.routes import SCOPE_NODES, Route
from model.schema import observation as seen
from model.schema.base import Evidence
from model.schema.distribution import LogNormal, LogT
from model.system import WIRED, System
from model.units import conversion_factor

FAMILIES: Mapping[str, str] = {"project": "route_ratio", "lab_window": "lab_hours"}  # scope -> the node that its routes stand in for
# What nodes that are no assumption are in; the first pattern that fits decides, all else is a plain number.
NODE_UNITS: Mapping[str, str] = {
    **dict.fromkeys(SCOPE_NODES, "USD"),
    **dict.fromkeys(("staff_cost", "staff_by_*"), "USD"),
    **dict.fromkeys(("price", "*_hour"), "USD/gpu_hour"),
    **dict.fromkeys(("cluster_capital", "epoch_depreciated_price"), "USD/gpu"),
    "*_hours*": "gpu_hour",
    "fleet_gpus": "gpu",
    "claimed_*": "gpu",
    "energy_gwh": "GWh",
    "co2e_tonnes": "thousand kgCO2e",
    "*": "ratio",
}
EXAMPLE = "lambert-experiments"  # among those on file: bears on every cost of a project
COUPLED = "rank correlation"  # stands for all correlated inputs at once


@dataclass(frozen=True)
class Placed:
    """An observation in one run.

    ``scope`` is the one whose routes the quantity depends on, or empty; ``factor`` turns the written unit into the ledger's;
    ``stands`` says for a route in which entry the source stands already; ``reason`` why nothing is applied, empty where it is.
    """

    observation: seen.Observation
    scope: str
    factor: float
    stands: Mapping[str, str]
    reason: str
    leaves: frozenset[str]

    def value(self, ledger: Ledger, route: Route | None) -> Array:
        """The quantity by one route, in the unit of the observation."""
        own = ledger.with_aliases({FAMILIES[self.scope]: route.node}) if route and self.scope else ledger
        values = [own.value(node_name(term)) for term in self.observation.terms]
        return values[0] / (values[1] if len(values) > 1 else 1.0) / self.factor


def load_observation(name: str | Path, registry: Registry) -> seen.Observation:
    """An observation of the registry by id, or one from a TOML file.

    Raises
    ------
    UnknownNameError, InputError, CheckFailed
        No such evidence or file; the file is not TOML or has wrong keys.
    """
    text = str(name)
    if not text.endswith(".toml"):
        return registry.one("evidence", text, seen.Observation, "--evidence")
    return read_entry(text, seen.Observation, registry.names("evidence"))


def parse_observation(name: str, content: str) -> seen.Observation:
    """An observation from the text of a TOML file."""
    return parse_entry(name, read_toml(name, content), seen.Observation)


def quantities(registry: Registry) -> frozenset[str]:
    """What an observation can be about: assumptions, and nodes of the cost graph."""
    return frozenset({*registry.parameters, *cost_equations(), *WIRED})


def place(observation: seen.Observation, system: System) -> Placed:
    """Find the quantity in the ledger, and the routes that know the source already.

    Raises
    ------
    InputError
        The quantity is unknown, hangs on two families of routes at once, or is of another unit.
    """
    where = f"evidence {observation.id}"
    for term in observation.terms:
        if term not in (names := quantities(system.registry)):
            raise UnknownNameError(f"{where}: quantity", "quantity", term, names)
    nodes = frozenset().union(*(system.graph.ancestors(node_name(term)) for term in observation.terms))
    scopes = [scope for scope, alias in FAMILIES.items() if alias in nodes]
    if len(scopes) > 1:
        raise InputError(f"{where}: quantity", "depends on the routes of two scopes at once.", "Observe one term of it.")
    factor = conversion_factor(observation.unit, _unit(observation, system), system.subject.chip, f"{where}: unit {observation.quantity}")
    scope = scopes[0] if scopes else ""
    return _in_routes(observation, scope, factor, system)


def _in_routes(observation: seen.Observation, scope: str, factor: float, system: System) -> Placed:
    routes = {task.route.id: task.route for task in system.tasks([scope]) if task.route} if scope else {"": None}
    stands, leaves = {}, set[str]()
    for name, route in routes.items():
        graph = system.graph.wired({FAMILIES[scope]: route.node}) if route else system.graph
        nodes = frozenset().union(*(graph.ancestors(node_name(term)) for term in observation.terms))
        if entry := _standing(observation.evidence, system, nodes | (graph.ancestors(route.node) if route else frozenset())):
            stands[name] = entry
        else:
            leaves |= uncertain(system, nodes)
    reason = _reason(observation, scope, system) or ("source_in_every_route" if len(stands) == len(routes) else "" if leaves else "fixed")
    return Placed(observation, scope, factor, stands, reason, frozenset(leaves))


def _reason(observation: seen.Observation, scope: str, system: System) -> str:
    """Why the observation says nothing here: about another subject or option, or about what this subject lacks."""
    for subject in observation.subjects:
        if subject not in (known := system.registry.names("subjects")):
            raise UnknownNameError(f"evidence {observation.id}: subjects", "subject", subject, known)
    if observation.subjects and system.subject.id not in observation.subjects:
        return "another_subject"
    for option in observation.holds_for:
        name, _, value = option.partition("=")
        if name not in system.setting.choices:
            raise UnknownNameError(f"evidence {observation.id}: holds_for", "option", name, system.setting.choices)
        if system.setting.choices[name] != value:
            return "another_option"
    nodes = frozenset().union(*(system.graph.ancestors(node_name(term)) for term in observation.terms))
    unknown = [n for n in nodes - {*FAMILIES.values()} if system.graph.parts(n) is None and system.distribution(n) is None]
    return "quantity_absent" if unknown or (scope and system.absent(scope)) else ""


def uncertain(system: System, nodes: frozenset[str]) -> frozenset[str]:
    """Drawn inputs among the nodes; those that are correlated count as one."""
    drawn = {n for n in nodes if system.graph.parts(n) is None and (d := system.distribution(n)) is not None and not isinstance(d, Fixed)}
    coupled = {node_name(name) for name in system.copula.names} if system.copula else set()
    return frozenset(drawn - coupled | ({COUPLED} if drawn & coupled else set()))


def _unit(observation: seen.Observation, system: System) -> str:
    """Unit of the quantity; of two terms in one unit a plain number."""
    units = [_unit_of(node_name(term), system) for term in observation.terms]
    if len(set(units)) > 1:
        found = f"divides {units[0]} by {units[1]}."
        raise InputError(f"evidence {observation.id}: quantity", found, "Write two terms of one unit.")
    return "ratio" if len(units) > 1 else units[0]


def _unit_of(node: str, system: System) -> str:
    if node in system.parameter_of:
        return system.registry.parameters[system.parameter_of[node]].unit
    return next(unit for pattern, unit in NODE_UNITS.items() if fnmatch(node, pattern))


def _standing(evidence: Evidence, system: System, nodes: frozenset[str]) -> str:
    """The entry that already rests on the source, and on the same row of it where both name one; empty if none does."""
    for change in system.setting.overrides:
        if node_name(change.id) in nodes and evidence.row and evidence.row in change.reason:
            return change.id
    for entry, item in _cited(system, nodes):
        same = item.source == evidence.source and (not evidence.row or not item.row or item.row == evidence.row)
        if same and item.stance == "supports":
            return entry
    return ""


def _cited(system: System, nodes: frozenset[str]) -> Iterator[tuple[str, Evidence]]:
    """Evidence behind the assumptions among the nodes, as far as the scenario leaves them standing."""
    registry, setting = system.registry, system.setting
    changed = {override.id for override in setting.overrides}
    for p in registry.parameters.values():
        if node_name(p.id) not in nodes or p.id in changed:
            continue
        yield from ((p.id, item) for item in p.evidence)
        if isinstance(p.distribution, LogT):
            used = (c for c in registry.cases.values() if c.case_class == p.distribution.cases and setting.cases[f"case.{c.id}"])
            yield from ((f"case.{c.id}", item) for c in used for item in c.evidence)


def log_likelihood(observed: seen.ErrorModel, y: Array) -> Array:
    """Logarithm of the likelihood of an observation where the quantity is ``y``, 0 at its best."""
    match observed:
        case seen.NormalError(value=value, sd=sd):
            return np.asarray(-0.5 * ((y - value) / sd) ** 2)
        case LogNormal():
            mu, sigma = moments(*(None if q is None else math.log(q) for q in observed.pair()))
            scores = (np.log(np.where(y > 0.0, y, 1.0)) - mu) / sigma
            return np.where(y > 0.0, -0.5 * scores**2, -np.inf)
        case seen.Interval(low=low, high=high, softness=softness):
            return _bound(y - low, softness) + _bound(high - y, softness)
        case seen.AtLeast(value=value, softness=softness):
            return _bound(y - value, softness)
        case seen.AtMost(value=value, softness=softness):
            return _bound(value - y, softness)
        case seen.Counted(successes=k, trials=n):
            share = np.clip(y, 0.0, 1.0)
            return np.asarray(_binomial(k, n, share) - _binomial(k, n, np.asarray(k / n)))


def _bound(excess: Array, softness: float) -> Array:
    """Normal probability that a bound with that softness is kept by so much."""
    return np.asarray(special.log_ndtr(excess / softness)) if softness else np.where(excess >= 0.0, 0.0, -np.inf)


def _binomial(k: int, n: int, share: Array) -> Array:
    return np.asarray(special.xlogy(k, share) + special.xlog1py(n - k, -share))
