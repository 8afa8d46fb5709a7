"""The cost graph wired for one setting and subject, and the source of its draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import special

from model import distributions as d
from model import tables
from model.copula import Copula, copula_of
from model.distributions import Array
from model.errors import InputError
from model.graph import Graph, Ledger, cost_equations, node_name
from model.integration import Kernel
from model.other_models import OF_A_RUN, quantity, setting_of, why_absent
from model.registry import Registry
from model.routes import CLAIMED, DISCLOSED_FLEET, FLOOR, FLOORED, PRICE_NODES, SCOPE_NODES, STAFF_NODES, Route, ScopeNode, shares
from model.sampling import points_per_scramble, sobol_points
from model.schema.assumption import Subject
from model.setting import Setting

LONG_RUN = 1 << 16  # points per scramble beyond which columns come from coarser tables and are not kept
# Nodes that the system itself sets, for the subject and the scenario at hand.
HOURS, GPUS = "stated_hours", "fleet_gpus"  # leaves of a subject with quantities of its own
SUMS = ("base_hours", "stage_hours", "lab_final_hours", "bottom_up_components")
WIRED = frozenset({"price", "staff_cost", "fleet_gpus", "route_ratio", "lab_hours", HOURS, *SUMS, *CLAIMED})
NEVER_BELOW = 1e-12  # probability; a floor under all that X can bring about binds nowhere
UNIT_POINT = d.Fixed(1.0)


@lru_cache(maxsize=256)
def column(distribution: d.Distribution, index: int, seed: int, start: int, size: int) -> Array:
    """Values of one parameter on a block of points, shape (4, size); kept, since scenarios share most columns."""
    values = tables.quantiles(distribution, sobol_points(seed).column(index, start, size))
    values.setflags(write=False)
    return values


def long_column(distribution: d.Distribution, index: int, seed: int, start: int, size: int) -> Array:
    """The same for a long run: by coarser tables, and not kept."""
    return tables.quantiles_of_digits(distribution, sobol_points(seed).digits(index, start, size))


Aliases = tuple[tuple[str, str], ...]
Sums = tuple[tuple[str, tuple[str, ...]], ...]
Wiring = tuple[frozenset[str], Aliases, Sums]


@lru_cache(maxsize=64)
def graph_of(leaves: frozenset[str], aliases: Aliases, sums: Sums) -> Graph:
    """The cost graph so wired, without the equations of nodes that are given; kept, since runs that differ in draws share it."""
    return Graph({name: e for name, e in cost_equations().items() if name not in leaves}, dict(aliases), dict(sums))


@dataclass(frozen=True)
class Task:
    """One route of one scope: what to evaluate, and the node that is integrated out (None: nothing can be)."""

    scope: str
    route: Route | None
    weight: float
    aliases: Mapping[str, str]
    integrated: str | None
    distribution: d.Distribution
    floored: bool


class System:
    """The cost graph wired for one setting and subject, and the source of its draws."""

    def __init__(self, setting: Setting, registry: Registry, subject: Subject) -> None:
        self.setting, self.registry, self.subject = setting_of(setting, registry, subject), registry, subject
        self.own = {node: q for node, q in ((HOURS, subject.hours), (GPUS, subject.gpus)) if q}
        self.parameter_of = {node_name(name): name for name in setting.distributions}
        self.wiring = self._wiring()
        self.graph = graph_of(*self.wiring)
        self.copula: Copula | None = None
        if setting.correlations:
            order = sorted(registry.parameters.values(), key=lambda p: p.column if p.column is not None else 64)
            self.copula = copula_of(setting.correlations, [p.id for p in order])

    def _wiring(self) -> Wiring:
        setting, subject = self.setting, self.subject
        aliases = {
            "price": PRICE_NODES[setting.choices["price.basis"]][0],
            "staff_cost": STAFF_NODES[setting.choices["staff.route"]],
        }
        if subject.fleet:
            aliases[GPUS] = node_name(subject.fleet)
        if self._claimed:
            aliases |= {GPUS: "claimed_purchase", "fleet_h800": "claimed_training"}
        if subject.elapsed:
            aliases["executed_hours"] = HOURS  # elapsed time is what the run occupied
        own_hours = () if subject.hours is None else ("productive_hours",) if subject.elapsed else (HOURS,)
        entering = (name for name, c in self.registry.components.items() if c.component and c.component.enters == "bottom_up")
        sums = {
            "base_hours": own_hours or subject.run,
            "stage_hours": subject.stage,
            "lab_final_hours": subject.lab_finals,
            "bottom_up_components": tuple(sorted(entering)),
        }
        parts = {name: tuple(map(node_name, own)) for name, own in sums.items()}
        return frozenset(map(node_name, setting.replaced)), tuple(aliases.items()), tuple(parts.items())

    @cached_property
    def _claimed(self) -> Mapping[str, float]:
        """GPUs by chip of the fleet that is chosen; empty for the subject's own."""
        choice, chosen = self.registry.choices["fleet.claim"], self.setting.choices["fleet.claim"]
        other = chosen != choice.default and self.subject.fleet == DISCLOSED_FLEET
        return self.registry.fleets[chosen].gpus if other else {}

    def distribution(self, node: str) -> d.Distribution | None:
        """Distribution of a leaf, of a replaced component or of elapsed over productive time."""
        if node == FLOOR:
            goodput = self.setting.distributions["goodput"]
            return d.Fixed(1.0 / goodput.value) if isinstance(goodput, d.Fixed) else d.Reciprocal(goodput)
        if node in self.own:
            return self.setting.distributions.get(node) or quantity(self.own[node])
        if node in CLAIMED:
            return d.Fixed(self._claimed.get(CLAIMED[node], 0.0))
        for name, distribution in self.setting.replaced.items():
            if node_name(name) == node:
                return distribution
        return self.setting.distributions.get(self.parameter_of.get(node, ""))

    def _index(self, node: str) -> int:
        if node in self.parameter_of or node in self.own:
            holder = self.own[node] if node in self.own else self.registry.parameters[self.parameter_of[node]]
            index = holder.column
            assert index is not None  # refused when the setting was resolved
            return index
        return self._index_of_component(node)

    def _index_of_component(self, node: str) -> int:
        """A component that stands as a distribution takes the column of an input that feeds nothing else."""
        equations = cost_equations()
        users = [a for name, e in equations.items() if name != node for a in e.arguments]
        inputs = equations[node].arguments
        private = [self.registry.parameters[self.parameter_of[a]].column for a in inputs if a in self.parameter_of and a not in users]
        columns = [index for index in private if index is not None]
        if not columns:
            names = ", ".join(
                sorted(self.parameter_of.get(a, a) for a in self.graph.ancestors(node) | set(inputs) if a in self.parameter_of)
            )
            raise InputError(node, "feeds more than this component.", f"Set what it is computed from: {names or 'goodput'}.")
        return min(columns)

    def ledger(self, start: int, size: int) -> Ledger:
        """The ledger of one block of points."""
        return Ledger(self.graph, lambda node: self._leaf(node, start, size))

    def _leaf(self, node: str, start: int, size: int) -> Array:
        distribution = self.distribution(node)
        if distribution is None:
            raise KeyError(f"no equation or parameter gives {node}")
        if isinstance(distribution, d.Fixed):
            return np.asarray(distribution.value)
        name = self.parameter_of.get(node)
        if self.copula is not None and name in self.copula.names:
            scores = self.copula.correlate(name, [self._scores(other, start, size) for other in self.copula.names])
            return tables.scores_to_values(distribution, scores) if distribution.dear else distribution.ppf(special.ndtr(scores))
        read = long_column if points_per_scramble(self.setting.points) > LONG_RUN else column
        return read(distribution, self._index(node), self.setting.seed, start, size)

    def _scores(self, name: str, start: int, size: int) -> Array:
        index = self._index(node_name(name))
        return np.asarray(special.ndtri(sobol_points(self.setting.seed).column(index, start, size)))

    def given_others(self, node: str, start: int, size: int) -> tuple[Array | None, float]:
        """Mean and spread of an integrated variable's normal score, given the parameters it is correlated with."""
        name = self.parameter_of.get(node)
        if self.copula is None or name not in self.copula.names:
            return None, 1.0
        independent = [self._scores(other, start, size) for other in self.copula.names]
        return self.copula.conditional(name, [self.copula.correlate(other, independent) for other in self.copula.names])

    def absent(self, scope: str) -> str | None:
        """Why a scope has no answer for this subject, or None."""
        if self.subject.base_excluded and scope != "final_run":
            return "base_excluded"
        if scope == "lab_window" and not self.subject.lab_finals:
            return "no_lab_window"
        if scope == "fleet_capex" and not (self.subject.fleet or self.subject.gpus):
            return "no_fleet"
        if scope in OF_A_RUN and not self.subject.run:
            reason = why_absent(self.setting, self.registry, self.subject, scope) if self.subject.hours else "hours_unknown"
            if reason:
                return reason
        node = SCOPE_NODES[scope]
        return "no_route" if node.routes and not shares(self.setting.weights, node.routes) else None

    def tasks(self, scopes: Sequence[str] | None = None) -> list[Task]:
        """Every route of every scope that is present, of those asked for."""
        asked = [scope for scope in SCOPE_NODES.values() if scopes is None or scope.id in scopes]
        return [task for scope in asked if not self.absent(scope.id) for task in self._tasks_of(scope)]

    def _tasks_of(self, scope: ScopeNode) -> list[Task]:
        if not scope.routes:
            return [self._task(scope, None, 1.0)]
        weights = shares(self.setting.weights, scope.routes)
        return [self._task(scope, route, weights[route.id]) for route in scope.routes if route.id in weights]

    def _task(self, scope: ScopeNode, route: Route | None, weight: float) -> Task:
        aliases = {scope.alias: route.node} if route and scope.alias else {}
        graph = self.graph.wired(aliases)
        above = graph.ancestors(scope.id)
        candidates = [PRICE_NODES[self.setting.choices["price.basis"]][1], *(route.last if route else scope.last)]
        for node in candidates:
            distribution = self.distribution(node) if node in above else None
            if distribution is not None and not isinstance(distribution, d.Fixed):
                floored = any(f in above and node in graph.ancestors(plain) for f, plain in FLOORED.items())
                return Task(scope.id, route, weight, aliases, node, distribution, floored)
        return Task(scope.id, route, weight, aliases, None, UNIT_POINT, floored=False)

    def has_mean(self, task: Task) -> bool:
        """Whether no log-t enters the cost."""
        return self._without_mean.isdisjoint(self.graph.wired(task.aliases).ancestors(task.scope))

    @cached_property
    def _without_mean(self) -> frozenset[str]:
        return frozenset(node_name(name) for name, value in self.setting.distributions.items() if isinstance(value, d.LogT))

    def kernel(self, ledger: Ledger, task: Task, start: int, size: int) -> Kernel:
        """Scale, offset and floor of the cost in the integrated variable, from its values at 0 and 1."""
        if task.integrated is None:
            return Kernel(np.zeros(()), ledger.value(task.scope), None)
        plain = ledger.with_aliases(FLOORED) if task.floored else ledger
        offset = plain.with_values({task.integrated: np.zeros(())}).value(task.scope)
        scale = plain.with_values({task.integrated: np.ones(())}).value(task.scope) - offset
        floor = None
        if task.floored:
            floor = ledger.with_values(dict.fromkeys(FLOORED, ledger.value(FLOOR))).value(task.scope)
            least = task.distribution.ppf(np.array([NEVER_BELOW]))[0]
            floor = None if np.all(floor <= offset + scale * least) else floor
        return Kernel(scale, offset, floor, *self.given_others(task.integrated, start, size))
