"""A scenario resolved against the registry: one distribution for every parameter, options, route weights, correlations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model import distributions as d
from model.errors import InputError, UnknownNameError
from model.overrides import moments, parse_value
from model.reference_class import Fit, fit
from model.registry import Registry, read_entry
from model.schema import distribution as spec
from model.schema.assumption import Pair, Parameter
from model.schema.base import Entry
from model.schema.scenario import Override, Scenario

DEFAULT_SCENARIO = "zheng"
LARGEST_WEIGHT = 1e6


@dataclass(frozen=True)
class Setting:
    """What one run computes with.

    ``distributions`` holds every parameter; ``replaced`` the components that stand as a distribution of their own;
    ``overrides`` every change from the assumptions, in order, with its reason; ``stated_price`` what a claim says of the price of
    an hour, for a model whose market is not known; ``terms_of`` the model with hours of its own in whose terms it is put already.
    """

    scenario: str
    label: str
    distributions: Mapping[str, d.Distribution]
    replaced: Mapping[str, d.Distribution]
    choices: Mapping[str, str]
    weights: Mapping[str, float]
    cases: Mapping[str, float]
    correlations: tuple[Pair, ...]
    points: int
    seed: int
    overrides: tuple[Override, ...]
    correlation_sets: tuple[str, ...] = ()
    stated_price: float | None = None
    terms_of: str = ""

    @cached_property
    def fixed(self) -> frozenset[str]:
        """Parameters with nothing uncertain."""
        return frozenset(name for name, value in self.distributions.items() if isinstance(value, d.Fixed))

    def with_fixed(self, name: str, value: float) -> Setting:
        """The same setting with one parameter, component that stands as a distribution, or quantity of the subject's own, at a value."""
        if name in self.replaced:
            return replace(self, replaced={**self.replaced, name: d.Fixed(value)})
        return replace(self, distributions={**self.distributions, name: d.Fixed(value)})

    def with_points(self, points: int) -> Setting:
        """The same setting on another number of points."""
        return replace(self, points=points)


def load_scenario(name: str | Path, registry: Registry) -> Scenario:
    """A scenario of the registry by id, or one from a TOML file.

    Raises
    ------
    UnknownNameError, InputError, CheckFailed
        No such scenario or file; the file is not TOML or has wrong keys.
    """
    text = str(name)
    if not text.endswith(".toml"):
        if text not in registry.names("scenarios"):
            raise UnknownNameError("scenario", "scenario", text, registry.names("scenarios"))
        return registry.scenario(text)
    return read_entry(text, Scenario, registry.names("scenarios"))


def resolve(
    scenario: str | Path | Scenario,
    registry: Registry,
    *,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Setting:
    """Apply a scenario, its bases and ``ID=VALUE`` changes to the assumptions.

    Parameters
    ----------
    scenario : id, file or Scenario
    changes : ``"price.rental=2.5 USD/gpu_hour"`` and the like, applied last
    points, seed : override the scenario's own

    Raises
    ------
    InputError
        An unknown id, a value that cannot be read or lies outside its domain, a base that leads back to itself.
    """
    named = isinstance(scenario, str) and scenario in registry.names("scenarios")
    setting = (_kept if named else _resolved)(scenario, registry, tuple(changes))
    return replace(
        setting,
        points=_positive(points if points is not None else setting.points, "points", least=4),
        seed=_positive(seed if seed is not None else setting.seed, "seed", least=0),
    )


def _resolved(scenario: str | Path | Scenario, registry: Registry, changes: tuple[str, ...]) -> Setting:
    chain = _chain(scenario if isinstance(scenario, Scenario) else load_scenario(scenario, registry), registry)
    written = [(f"scenario {link.id}", override) for link in chain for override in link.overrides]
    written += [("--set", change) for change in _changes(changes)]
    state = _State(registry)
    for origin, override in written:
        state.apply(override, f"{origin}: {override.id}")
    last, default = chain[-1], registry.scenario(DEFAULT_SCENARIO)
    correlations = _correlations(chain, registry)
    return Setting(
        scenario=last.id,
        label=last.label,
        distributions=state.distributions(),
        replaced=state.replaced,
        choices=state.choices,
        weights=state.weights,
        cases=state.cases,
        correlations=correlations,
        points=_last([link.points for link in (default, *chain)]),
        seed=_last([link.seed for link in (default, *chain)]),
        overrides=tuple(override for _, override in written),
        correlation_sets=tuple(dict.fromkeys(name for link in chain for name in link.correlations)),
    )


def _last(stated: Sequence[int | None]) -> int:
    """What the last link states; the default scenario states it always."""
    return [value for value in stated if value is not None][-1]


_kept = lru_cache(maxsize=64)(_resolved)  # scenarios of a registry do not change


def _chain(scenario: Scenario, registry: Registry) -> list[Scenario]:
    chain = [scenario]
    while (base := chain[0].base) is not None:
        if base in [link.id for link in chain]:
            raise InputError(f"scenario {scenario.id}", f'base "{base}" leads back to itself.', "Break the circle.")
        chain.insert(0, registry.scenario(base) if base in registry.names("scenarios") else load_scenario(base, registry))
    return chain


def _changes(changes: Sequence[str]) -> list[Override]:
    """Changes in their order, each of another name."""
    found = [_split(change) for change in changes]
    names = [change.id for change in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"--set: {twice}", "is changed twice.", "Give one value.")
    return found


def _split(change: str) -> Override:
    name, sign, value = change.partition("=")
    if not sign or not name.strip() or not value.strip():
        raise InputError("--set", f'"{change}" is no change.', 'Write ID=VALUE, for example "price.rental=2.5 USD/gpu_hour".')
    try:
        return Override(id=name.strip(), value=value.strip(), reason="set by the user")
    except ValidationError:
        raise InputError("--set", f'"{name.strip()}" is no id.', "Write ID=VALUE; costclaim assumptions lists the ids.") from None


def _positive(value: int, name: str, *, least: int) -> int:
    if not least <= value <= 2**30:
        raise InputError(f"--{name}", f"{value} is out of range.", f"Between {least} and 2^30.")
    return value


def _correlations(chain: Sequence[Scenario], registry: Registry) -> tuple[Pair, ...]:
    pairs: dict[frozenset[str], Pair] = {}
    for link in chain:
        for name in link.correlations:
            if name not in registry.correlation_sets:
                raise UnknownNameError(f"scenario {link.id}: correlations", "correlation set", name, registry.correlation_sets)
            for pair in registry.correlation_sets[name].pairs:
                pairs[frozenset((pair.first, pair.second))] = pair
    return tuple(pairs.values())


class _State:
    """The assumptions with the changes applied so far."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.specifications: dict[str, Entry] = {p.id: p.distribution for p in registry.parameters.values()}
        self.replaced: dict[str, d.Distribution] = {}
        self.choices = {c.id: c.default for c in registry.choices.values()}
        self.weights = {w.id: w.default for w in registry.weights.values()}
        self.cases = {f"case.{c.id}": c.weight for c in registry.cases.values()}

    def apply(self, override: Override, where: str) -> None:
        name, value = override.id, override.value
        if name in self.specifications:
            self._set_parameter(self.registry.parameters[name], value, where)
        elif name in self.registry.components:
            self._replace_component(name, value, where)
        elif name in self.choices:
            self._set_choice(name, value, where)
        elif name in self.weights:
            self.weights[name] = _weight(value, where, most=LARGEST_WEIGHT)
        elif name in self.cases:
            self.cases[name] = _weight(value, where, most=1.0)
        else:
            known = (*self.specifications, *self.registry.components, *self.choices, *self.weights, *self.cases)
            raise UnknownNameError(where.partition(":")[0], "parameter", name, known)

    def _set_parameter(self, parameter: Parameter, value: str, where: str) -> None:
        specification = parse_value(value, parameter, where)
        sampled = parameter.column is not None or not isinstance(parameter.distribution, spec.Fixed)
        if not sampled and not isinstance(specification, spec.Fixed):
            raise InputError(where, "this quantity has no column in the sample, so it takes no spread.", "Give one value.")
        self.specifications[parameter.id] = specification

    def _replace_component(self, name: str, value: str, where: str) -> None:
        from model.graph import Graph, cost_equations, node_name

        equations = cost_equations()
        nodes = {node_name(parameter): parameter for parameter in self.specifications}
        if name not in equations or any(argument not in nodes for argument in equations[name].arguments):
            below = [nodes[node] for node in Graph(equations).ancestors(name) if node in nodes]
            inputs = below or [parameter for parameter in nodes.values() if parameter.startswith(f"{name}.")]
            found = "is computed from what other costs need too."
            raise InputError(where, found, f"Set what it is computed from: {', '.join(sorted(inputs))}.")
        self.replaced[name] = build(self._component_value(name, value, where), {})

    def _component_value(self, name: str, value: str, where: str) -> Entry:
        """A component is a multiple of the final run: read like a log-normal ratio."""
        stand_in = next(iter(self.registry.parameters.values())).model_copy(
            update={
                "id": name,
                "label": self.registry.components[name].label,
                "unit": "ratio",
                "chip": None,
                "distribution": spec.LogNormal(family="log_normal", p05=1.0, p95=2.0),
            }
        )
        return parse_value(value, stand_in, where)

    def _set_choice(self, name: str, value: str, where: str) -> None:
        options = self.registry.choices[name].options
        if value not in options:
            raise UnknownNameError(where, "option", value, options)
        self.choices[name] = value

    def distributions(self) -> dict[str, d.Distribution]:
        fits: dict[str, Fit] = {kind: self._fit(kind) for kind in {c.case_class for c in self.registry.cases.values()}}
        for name, specification in self.specifications.items():
            if isinstance(specification, spec.LogT) and specification.cases not in fits:
                raise UnknownNameError(f"parameter {name}: distribution.cases", "class of cases", specification.cases, fits)
        return {name: build(specification, fits) for name, specification in self.specifications.items()}

    def _fit(self, kind: str) -> Fit:
        cases = sorted((c for c in self.registry.cases.values() if c.case_class == kind), key=lambda case: case.id)
        try:
            return fit([c.ratio for c in cases], [self.cases[f"case.{c.id}"] for c in cases])
        except ValueError as error:
            raise InputError(f"reference class {kind}", f"{error}.", "Give at least two different cases a weight.") from None


def fit_of(setting: Setting, registry: Registry, case_class: str) -> Fit:
    """The fit of one reference class with the setting's case weights."""
    cases = [c for c in registry.cases.values() if c.case_class == case_class]
    return fit([c.ratio for c in cases], [setting.cases[f"case.{c.id}"] for c in cases])


def _weight(value: str, where: str, *, most: float) -> float:
    try:
        weight = float(value)
    except ValueError:
        weight = math.nan
    if not (weight == 0.0 or 1.0 / LARGEST_WEIGHT <= weight <= most):
        raise InputError(where, f'"{value}" is no weight.', f"Write 0, or a number from {1.0 / LARGEST_WEIGHT:g} to {most:g}.")
    return weight


def build(specification: Entry, fits: Mapping[str, Fit]) -> d.Distribution:
    """The distribution that a written specification stands for; ``fits`` are the reference classes."""
    if isinstance(specification, spec.LogT):
        return fits[specification.cases].predictive()
    if isinstance(specification, spec.Mixture):
        total = sum(part.weight for part in specification.parts)
        parts = tuple(build(part.distribution, fits) for part in specification.parts)
        return d.Mixture(tuple(part.weight / total for part in specification.parts), parts)
    return BUILDERS[type(specification)](specification)


BUILDERS: Mapping[type[Entry], Callable[[Any], d.Distribution]] = {
    spec.Fixed: lambda s: d.Fixed(s.value),
    spec.Uniform: lambda s: d.Uniform(s.low, s.high),
    spec.LogUniform: lambda s: d.LogUniform(s.low, s.high),
    spec.Normal: lambda s: d.Normal(*moments(*s.pair())),
    spec.LogNormal: lambda s: d.LogNormal(*moments(*(None if q is None else math.log(q) for q in s.pair()))),
    spec.TruncatedNormal: lambda s: d.TruncatedNormal(s.mean, s.sd, s.low, s.high),
    spec.Triangular: lambda s: d.Triangular(s.min, s.mode, s.max),
    spec.Pert: lambda s: d.pert(s.min, s.mode, s.max),
    spec.Beta: lambda s: d.ScaledBeta(s.alpha, s.beta),
    spec.Empirical: lambda s: d.Empirical(tuple(s.values)),
}
