"""Joins the equations by the names of their arguments; evaluates only what is asked for, each node once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from types import ModuleType

import numpy as np

from model.distributions import Array

Leaf = Callable[[str], Array]


def node_name(identifier: str) -> str:
    """The argument name of a parameter id: dots become underscores."""
    return identifier.replace(".", "_")


@dataclass(frozen=True)
class Equation:
    """A function and the names of what it needs."""

    compute: Callable[..., Array]
    arguments: tuple[str, ...]


def equations_of(modules: Iterable[ModuleType]) -> dict[str, Equation]:
    """Public functions defined in the modules, by name."""
    found: dict[str, Equation] = {}
    for module in modules:
        for name, member in vars(module).items():
            if inspect.isfunction(member) and member.__module__ == module.__name__ and not name.startswith("_"):
                found[name] = Equation(member, tuple(inspect.signature(member).parameters))
    return found


def _same(term: Array) -> Array:
    return term


def _total(*terms: Array) -> Array:
    return reduce(np.add, terms) if terms else np.zeros(())


@dataclass(frozen=True)
class Graph:
    """Equations plus two kinds of wiring: ``aliases`` (one node stands for another) and ``sums`` (a node adds up others)."""

    equations: Mapping[str, Equation]
    aliases: Mapping[str, str] = field(default_factory=dict)
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _ancestors: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    _rewired: dict[tuple[tuple[str, str], ...], Graph] = field(default_factory=dict, compare=False, repr=False)

    def wired(self, aliases: Mapping[str, str]) -> Graph:
        """The same graph with more aliases; kept, with what it knows of ancestors."""
        key = tuple(aliases.items())
        if key not in self._rewired:
            self._rewired[key] = Graph(self.equations, {**self.aliases, **aliases}, self.sums) if key else self
        return self._rewired[key]

    def parts(self, name: str) -> tuple[Callable[..., Array], tuple[str, ...]] | None:
        """What computes a node, or None for a leaf."""
        if name in self.aliases:
            return _same, (self.aliases[name],)
        if name in self.sums:
            return _total, self.sums[name]
        if name in self.equations:
            equation = self.equations[name]
            return equation.compute, equation.arguments
        return None

    def ancestors(self, name: str) -> frozenset[str]:
        """The node itself and every node that it depends on."""
        if name not in self._ancestors:
            parts = self.parts(name)
            below = [self.ancestors(argument) for argument in parts[1]] if parts else []
            self._ancestors[name] = frozenset({name}).union(*below)
        return self._ancestors[name]


class Ledger:
    """Values of the nodes of one graph on one block of points, computed when first asked for.

    A ledger may stand on another one that differs in the nodes ``changed``: what does not depend on them is asked of that one, so
    that routes and what-ifs share it.
    """

    def __init__(self, graph: Graph, leaf: Leaf, known: Mapping[str, Array] | None = None) -> None:
        self.graph = graph
        self._leaf = leaf
        self._values: dict[str, Array] = dict(known or {})
        self._base: Ledger | None = None
        self._changed: frozenset[str] = frozenset()

    def value(self, name: str) -> Array:
        """Value of a node; scalar arrays where nothing in it is uncertain."""
        if name not in self._values:
            self._values[name] = self._computed(name)
        return self._values[name]

    def _computed(self, name: str) -> Array:
        if self._base is not None and self._changed.isdisjoint(self.graph.ancestors(name)):
            return self._base.value(name)
        parts = self.graph.parts(name)
        if parts is None:
            return self._leaf(name)
        compute, arguments = parts
        return compute(*map(self.value, arguments))

    def with_values(self, replaced: Mapping[str, Array]) -> Ledger:
        """A ledger in which some nodes are given."""
        return self._standing(self.graph, replaced, replaced.keys())

    def with_aliases(self, aliases: Mapping[str, str]) -> Ledger:
        """A ledger on the graph with these aliases."""
        return self._standing(self.graph.wired(aliases), {}, aliases.keys())

    def _standing(self, graph: Graph, known: Mapping[str, Array], changed: Iterable[str]) -> Ledger:
        ledger = Ledger(graph, self._leaf, known)
        ledger._base, ledger._changed = self, frozenset(changed)
        return ledger


@cache
def cost_equations() -> Mapping[str, Equation]:
    """All equations of the cost model."""
    from model.cost import energy, overhead, price, scopes, staff

    return equations_of((price, overhead, staff, energy, scopes))
