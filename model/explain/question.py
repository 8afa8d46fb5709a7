"""A claimed amount put to one scope: what it is set against, and which quantities that cost rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from model import distributions as d
from model.auditor.stated import part_nearest
from model.engine import Run, run_setting
from model.errors import InputError, RefusedError, UnknownNameError, nearest
from model.estimate import ScopeEstimate
from model.graph import node_name
from model.other_models import label_in
from model.overrides import Domain, domain_of
from model.registry import Registry, load_registry
from model.routes import SCOPE_NODES
from model.schema.claim import LARGEST_AMOUNT, Claim
from model.schema.scenario import Scenario
from model.setting import DEFAULT_SCENARIO, resolve
from model.system import GPUS, HOURS, System

# What a subject brings itself: name in words and unit; goodput is a parameter as well.
BROUGHT: Mapping[str, tuple[str, str]] = {HOURS: ("GPU-hours in all", "gpu_hour"), GPUS: ("GPUs", "gpu")}
RATIO = Domain()  # of a component that stands as a distribution of its own


@dataclass(frozen=True)
class Question:
    """An amount of a claim, or one that is asked about, in USD, against one scope of a wired system."""

    claim: Claim
    system: System
    scope: str
    asked_amount: float | None = None

    @property
    def registry(self) -> Registry:
        return self.system.registry

    @property
    def run(self) -> Run:
        """What answers were computed with, without the figures of any scope."""
        return Run(self.system, {})

    def estimate(self, values: Mapping[str, float] | None = None) -> ScopeEstimate:
        """Cost of the scope, with some quantities at one value."""
        setting = self.system.setting
        for name, value in (values or {}).items():
            setting = setting.with_fixed(name, value)
        return run_setting(setting, self.registry, self.system.subject.id, [self.scope]).scope(self.scope)

    @cached_property
    def plain(self) -> ScopeEstimate:
        """Cost of the scope as the setting has it."""
        return self.estimate()

    @cached_property
    def amount(self) -> float:
        """The amount in USD; of a stated range its part nearest the median.

        Raises
        ------
        InputError, RefusedError
            The claim states no sum, or one that is not of this kind: a purchase against a cost, a cost against a purchase.
        """
        if self.asked_amount is not None:
            if not 0.0 < self.asked_amount <= LARGEST_AMOUNT:
                found = f"{self.asked_amount:g} USD is not an amount."
                raise InputError("--amount", found, f"Write a number above 0, at most {LARGEST_AMOUNT:g}.")
            return self.asked_amount
        if self.claim.dollars is None:
            raise RefusedError(f"{self.claim.id}: has no amount in USD. Name one with --amount.")
        scopes, priced = self.registry.scopes, self.claim.priced
        about_flow = scopes[priced].flow if priced in scopes else True
        if scopes[self.scope].flow != about_flow:
            bought, spent = "the claim is about a purchase, the scope a cost", "the claim is about a cost, the scope a purchase"
            raise RefusedError(f"{self.scope}: {spent if about_flow else bought}; they are never set against each other.")
        return part_nearest(self.claim.dollars, float(self.plain.quantile(0.5)))

    @cached_property
    def quantities(self) -> Mapping[str, d.Distribution]:
        """Quantities that the scope's cost rests on by its routes, with what the setting holds of each; parameters by name."""
        held, own = {**self.system.setting.distributions, **self.system.setting.replaced}, self.system.own
        return {name: held[name] for name in sorted(held) if node_name(name) in self.nodes and node_name(name) not in own}

    @cached_property
    def leaves(self) -> Mapping[str, d.Distribution]:
        """The quantities, and those that the claim's subject brings itself, by the name of their node."""
        own = {name: self.system.distribution(name) for name in self.system.own if name in self.nodes}
        return {**self.quantities, **{name: found for name, found in own.items() if found is not None}}

    @cached_property
    def nodes(self) -> frozenset[str]:
        """Nodes of the cost graph that the scope rests on by its routes."""
        graph = self.system.graph
        return frozenset[str]().union(*(graph.wired(t.aliases).ancestors(t.scope) for t in self.system.tasks([self.scope])))

    def domain(self, name: str) -> Domain:
        """Where values of a quantity may lie."""
        if name in BROUGHT:
            return Domain(open_low=True)
        return domain_of(self.registry.parameters[name]) if name in self.registry.parameters else RATIO

    def unit(self, name: str) -> str:
        """Unit of a quantity."""
        return self.registry.parameters[name].unit if name in self.registry.parameters else BROUGHT.get(name, ("", "ratio"))[1]

    def label(self, name: str) -> str:
        """Name of a quantity in words, in English."""
        if name in BROUGHT:
            return BROUGHT[name][0]
        return label_in(self.system.setting, {**self.registry.components, **self.registry.parameters}[name])

    def require(self, name: str, where: str) -> d.Distribution:
        """What the setting holds of a quantity that the scope uses.

        Raises
        ------
        InputError
            The scope does not use it; the message names those that would do.
        """
        if name not in self.leaves:
            close = nearest(name, self.leaves)
            hint = f'Did you mean "{close}"? ' if close else ""
            found = f'"{name}" does not enter {self.scope} in scenario {self.system.setting.scenario}.'
            raise InputError(where, found, f"{hint}These do: {', '.join(self.leaves)}.")
        return self.leaves[name]


def ask(
    claim: str | Claim,
    scope: str,
    *,
    amount: float | None = None,
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    registry: Registry | None = None,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Question:
    """The question of a claim against a scope.

    Raises
    ------
    CostclaimError
        Anything wrong with names, values or files; the scope is absent for the claim's subject.
    """
    registry = registry or load_registry()
    stated = registry.claim(claim) if isinstance(claim, str) else claim
    if scope not in SCOPE_NODES:
        raise UnknownNameError("--scope", "scope", scope, SCOPE_NODES)
    setting = resolve(scenario, registry, changes=changes, points=points, seed=seed)
    system = System(setting, registry, registry.subject(stated.subject))
    if reason := system.absent(scope):
        raise RefusedError(f"{scope}: has no answer here ({reason}). Ask for a scope that is present.")
    return Question(stated, system, scope, amount)
