"""A scope's cost as a plain function of its inputs, the route to it being one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property

import numpy as np

from model import distributions as d
from model.distributions import Array
from model.engine import Run
from model.errors import InputError, UnknownNameError
from model.explain.indices import Inputs
from model.graph import Graph, Ledger
from model.registry import Registry
from model.schema.assumption import Group
from model.system import Task

ROUTE = "route"  # the discrete input: which route is taken, by the routes' weights


def groups_of(registry: Registry) -> dict[str, Group]:
    """Groups of inputs by id, in the order of their file."""
    return {name: item.entry for name, item in registry.located("group").items() if isinstance(item.entry, Group)}


@dataclass(frozen=True)
class ScopeCost:
    """The cost of one scope of a run. ``names`` are the inputs that vary; ``used`` all that the scope rests on, in their order."""

    run: Run
    scope: str

    @cached_property
    def tasks(self) -> Sequence[Task]:
        self.run.scope(self.scope).quantile(0.5)  # says why where the scope is absent
        return self.run.system.tasks([self.scope])

    @cached_property
    def graphs(self) -> Sequence[Graph]:
        return [self.run.system.graph.wired(task.aliases) for task in self.tasks]

    @cached_property
    def _leaves(self) -> Mapping[str, d.Distribution]:
        """Distribution of every node without an equation, parameters in the order of their columns."""
        system = self.run.system
        columns = {p.id: p.column for p in self.run.registry.parameters.values()}
        found = {node for graph in self.graphs for node in graph.ancestors(self.scope) if graph.parts(node) is None}
        leaves = {node: own for node in found if (own := system.distribution(node)) is not None}
        return dict(sorted(leaves.items(), key=lambda item: (columns.get(self._name(item[0])) or 0, item[0])))

    def _name(self, node: str) -> str:
        """Id of the parameter, or of the component that stands as a distribution of its own."""
        return self.run.system.parameter_of.get(node, node)

    @cached_property
    def _varying(self) -> Sequence[str]:
        return [node for node, own in self._leaves.items() if not isinstance(own, d.Fixed)]

    @cached_property
    def names(self) -> Sequence[str]:
        route = [ROUTE] if len(self.tasks) > 1 else []
        return [*route, *map(self._name, self._varying)]

    @cached_property
    def used(self) -> Sequence[str]:
        return [*self.names, *(self._name(node) for node in self._leaves if node not in self._varying)]

    def marginal(self, name: str) -> d.Distribution:
        """Distribution of an input that varies."""
        return self.inputs.marginals[self.names.index(name)]

    @cached_property
    def inputs(self) -> Inputs:
        route = [d.Uniform(0.0, 1.0)] if len(self.tasks) > 1 else []
        return Inputs([*route, *(self._leaves[node] for node in self._varying)], self._correlations())

    def _correlations(self) -> Array | None:
        copula = self.run.system.copula
        matrix = np.eye(len(self.names))
        if copula is not None:
            places = [(self.names.index(name), k) for k, name in enumerate(copula.names) if name in self.names]
            own, theirs = [i for i, _ in places], [k for _, k in places]
            matrix[np.ix_(own, own)] = (copula.factor @ copula.factor.T)[np.ix_(theirs, theirs)]
        return None if np.array_equal(matrix, np.eye(len(self.names))) else matrix

    def used_by(self, route: int) -> frozenset[str]:
        """Inputs that the cost rests on by one of the routes."""
        return frozenset(map(self._name, self.graphs[route].ancestors(self.scope)))

    def by_route(self, values: Array, routes: Sequence[int] | None = None) -> Array:
        """Cost by every route, or by those named, shape (routes, points), from values of shape (inputs, points)."""
        return np.stack([self._cost(k, values) for k in (range(len(self.tasks)) if routes is None else routes)])

    def _cost(self, route: int, values: Array) -> Array:
        known = dict(zip(self._varying, values[len(self.names) - len(self._varying) :], strict=True))
        ledger = Ledger(self.graphs[route], self._fixed, known)
        return np.broadcast_to(ledger.value(self.scope), values.shape[1:])

    def _fixed(self, node: str) -> Array:
        distribution = self._leaves[node]
        assert isinstance(distribution, d.Fixed)
        return np.asarray(distribution.value)

    def cost(self, values: Array) -> Array:
        """Cost in USD, each point by its own route."""
        if len(self.tasks) == 1:
            return self._cost(0, values)
        cost = np.empty(values.shape[1])
        taken = np.searchsorted(np.cumsum(self.shares)[:-1], values[0], side="right")
        for k in range(len(self.tasks)):
            cost[taken == k] = self._cost(k, values[:, taken == k])
        return cost

    @cached_property
    def shares(self) -> Array:
        """Weights of the routes."""
        return np.array([task.weight for task in self.tasks])

    def groups(self) -> dict[str, list[str]]:
        """Inputs that vary by the group that holds them, groups in the order of their file; without the empty ones."""
        found = {
            name: [own for own in self.names if any(fnmatch(own, pattern) for pattern in group.members)]
            for name, group in groups_of(self.run.registry).items()
        }
        return {name: members for name, members in found.items() if members}

    def named(self, wanted: Sequence[str], known: Sequence[str], kind: str) -> list[str]:
        """The wanted ones of the known names, all when none is wanted.

        Raises
        ------
        InputError
            A name that nothing carries, or that this scope does not use; the message lists those that would do.
        """
        everywhere = {*self.run.registry.parameters, *self.run.registry.components, *groups_of(self.run.registry), ROUTE}
        for name in wanted:
            if name not in everywhere:
                raise UnknownNameError("--only", kind, name, known)
            if name not in known:
                raise InputError("--only", f"{name} does not enter {self.scope} here.", f"Name one of: {', '.join(known)}.")
        return [name for name in known if name in wanted or not wanted]
