"""Laws already computed, by all that they rest on: a scenario that changes one assumption computes what depends on it, and no more."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from threading import Lock
from typing import Generic, TypeVar

from model.estimate import RouteEstimate, ScopeEstimate
from model.integration import ScaledLaw
from model.sampling import points_per_scramble
from model.system import System, Task

LARGEST_KEPT = 1 << 12  # points per scramble
LAWS_KEPT = 96  # of some 100 KiB
SCOPES_KEPT = 48
V = TypeVar("V")


class Kept(Generic[V]):
    """The values used last, by key; safe between threads."""

    def __init__(self, most: int) -> None:
        self._most, self._values, self._lock = most, OrderedDict[Hashable, V](), Lock()

    def get(self, key: Hashable) -> V | None:
        """The value of a key, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: V) -> V:
        """Keep a value; the one that nobody asked for longest goes."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value


_laws: Kept[RouteEstimate] = Kept(LAWS_KEPT)
_scalings: Kept[ScaledLaw] = Kept(LAWS_KEPT)
_scopes: Kept[ScopeEstimate] = Kept(SCOPES_KEPT)


def routes_of(system: System, tasks: Sequence[Task], compute: Callable[[Sequence[Task]], Sequence[RouteEstimate]]) -> list[RouteEstimate]:
    """Estimates of tasks; those that are not kept are computed together."""
    if points_per_scramble(system.setting.points) > LARGEST_KEPT:
        return list(compute(tasks))
    keys = [_rests_on(system, task) for task in tasks]
    found = [_laws.get((key, task.distribution)) or _rescaled(system, key, task) for key, task in zip(keys, tasks, strict=True)]
    missing = [task for task, known in zip(tasks, found, strict=True) if known is None]
    new = iter(compute(missing) if missing else ())
    estimates = [known or next(new) for known in found]
    for key, task, estimate in zip(keys, tasks, estimates, strict=True):
        _laws.put((key, task.distribution), estimate)
        if isinstance(estimate.law, ScaledLaw):
            _scalings.put(key, estimate.law)
    return [replace(estimate, weight=task.weight) for estimate, task in zip(estimates, tasks, strict=True)]


def scope_of(identifier: str, price_year: int, routes: tuple[RouteEstimate, ...], reason: str | None) -> ScopeEstimate:
    """The estimate of a scope; where it rests on the same laws the same one, with the curve that it has worked out."""
    # A kept estimate holds its laws, so that no other law can have come by their identity.
    key = (identifier, price_year, reason, tuple((route.id, route.weight, id(route.law)) for route in routes))
    return _scopes.get(key) or _scopes.put(key, ScopeEstimate(identifier, price_year, routes, reason))


def _rests_on(system: System, task: Task) -> Hashable:
    """All that a law rests on, but the law of the variable that is integrated out."""
    nodes = system.graph.wired(task.aliases).ancestors(task.scope)
    inputs = frozenset((node, system.distribution(node)) for node in nodes if node != task.integrated)
    own = (system.subject.id, task.scope, task.route.id if task.route else "", tuple(task.aliases.items()), task.integrated, task.floored)
    setting = system.setting
    return own, system.wiring, inputs, setting.correlations, setting.seed, points_per_scramble(setting.points), system.registry.sha256


def _rescaled(system: System, key: Hashable, task: Task) -> RouteEstimate | None:
    """The estimate from a kept law that differs in the integrated variable alone, if there is one that serves."""
    law, has_mean = _scalings.get(key), system.has_mean(task)
    if law is None or (has_mean and law.mean_scale is None):
        return None
    own = replace(law, integrated=task.distribution)
    return RouteEstimate(task.route.id if task.route else "", task.weight, own, own.means if has_mean else None)
