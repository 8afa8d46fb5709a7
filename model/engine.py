"""Setting -> draws -> ledger -> estimate of every scope."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from model.distributions import Array
from model.errors import InputError, UnknownNameError
from model.estimate import RouteEstimate, ScopeEstimate
from model.graph import Ledger, node_name
from model.integration import DirectSum, Histogram, Kernel, Law, scalar_law
from model.kept_laws import routes_of, scope_of
from model.registry import Registry, load_registry
from model.routes import SCOPE_NODES
from model.sampling import SCRAMBLES, points_per_scramble
from model.schema.assumption import Subject
from model.schema.scenario import Scenario
from model.setting import DEFAULT_SCENARIO, Setting, resolve
from model.system import LONG_RUN, UNIT_POINT, System, Task

DEFAULT_SUBJECT = "deepseek-v3"
BLOCK = 1 << 12  # points per scramble that are worked on at once
LONG_BLOCK = 1 << 15  # the same in a long run, where threads share the work
MMAP_THRESHOLD, TRIM_THRESHOLD, HEAP_KEPT = -3, -1, 1 << 28  # glibc's names for mallopt, and bytes


@dataclass
class Accumulated:
    """A route's law as it builds up over blocks; ``mean_total`` sums means of the cost, in a histogram those of its scale."""

    task: Task
    law: Histogram | DirectSum | Law
    mean_total: Array | None

    def empty(self) -> Accumulated:
        """The same with nothing added yet."""
        law = self.law.empty() if isinstance(self.law, Histogram | DirectSum) else self.law
        return Accumulated(self.task, law, None if self.mean_total is None else np.zeros(SCRAMBLES))

    def finished(self, blocks: int) -> RouteEstimate:
        """The route's estimate after all blocks."""
        law = self.law
        means = None if self.mean_total is None else self.mean_total / blocks
        if isinstance(law, Histogram):
            law = law.law(self.task.distribution, means)
            means = law.means
        elif isinstance(law, DirectSum):
            law = law.law()
        return RouteEstimate(self.task.route.id if self.task.route else "", self.task.weight, law, means)


def accumulate(system: System, tasks: Sequence[Task], points: int) -> list[RouteEstimate]:
    """Work through all blocks of ``points`` per scramble; the answer depends neither on threads nor on how blocks are cut."""
    long = points > LONG_RUN
    size = min(points, LONG_BLOCK if long else BLOCK)
    total = _block(system, tasks, 0, size, None)
    starts = range(size, points, size)
    if long:
        keep_blocks_on_the_heap()
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            for part in pool.map(lambda start: _block(system, tasks, start, size, total), starts):
                _merge(total, part)
        finally:
            pool.shutdown(cancel_futures=True)  # what stops a run does not wait for the blocks that nobody asks for any more
    else:
        for start in starts:
            _merge(total, _block(system, tasks, start, size, total))
    return [item.finished(points // size) for item in total]


def _block(system: System, tasks: Sequence[Task], start: int, size: int, begun: Sequence[Accumulated] | None) -> list[Accumulated]:
    """One block of every task; the first one sets how the others accumulate."""
    ledger = system.ledger(start, size)
    routed: dict[tuple[tuple[str, str], ...], Ledger] = {}
    state: list[Accumulated] = []
    for position, task in enumerate(tasks):
        key = tuple(task.aliases.items())
        own = routed.setdefault(key, ledger.with_aliases(task.aliases) if task.aliases else ledger)
        kernel = system.kernel(own, task, start, size)
        _check_finite(kernel, task)
        state.append(begun[position].empty() if begun else _begin(system, own, task, kernel))
        _add(state[-1], own, kernel, size)
    return state


def _merge(total: Sequence[Accumulated], part: Sequence[Accumulated]) -> None:
    """Add a block's sums, in the order of the blocks."""
    for whole, own in zip(total, part, strict=True):
        if isinstance(whole.law, Histogram) and isinstance(own.law, Histogram):
            whole.law.merge(own.law)
        if isinstance(whole.law, DirectSum) and isinstance(own.law, DirectSum):
            whole.law.merge(own.law)
        if whole.mean_total is not None and own.mean_total is not None:
            whole.mean_total += own.mean_total


@cache
def keep_blocks_on_the_heap() -> None:
    """Tell glibc to keep freed blocks: else every array of a long run faults its pages in anew, which costs a third of the time."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            library.mallopt(MMAP_THRESHOLD, HEAP_KEPT)
            library.mallopt(TRIM_THRESHOLD, HEAP_KEPT)


def _begin(system: System, ledger: Ledger, task: Task, kernel: Kernel) -> Accumulated:
    mean = np.zeros(SCRAMBLES) if system.has_mean(task) else None
    if kernel.is_scalar:
        integrated = UNIT_POINT if task.integrated is None else task.distribution
        return Accumulated(task, scalar_law(kernel, integrated), mean)
    if kernel.is_scaling:
        return Accumulated(task, Histogram(), mean)
    return Accumulated(task, DirectSum.at_quantiles_of(ledger.value(task.scope)), mean)


def _add(item: Accumulated, ledger: Ledger, kernel: Kernel, size: int) -> None:
    if isinstance(item.law, Histogram):
        scale = np.broadcast_to(kernel.scale, (SCRAMBLES, size))
        item.law.add(np.log(scale))
        if item.mean_total is not None:
            item.mean_total += scale.mean(axis=1)
        return
    if isinstance(item.law, DirectSum):
        item.law.add(kernel, item.task.distribution, size)
    if item.mean_total is not None:
        expected = item.task.distribution.mean
        plain = expected is not None and kernel.floor is None and kernel.mean_score is None
        cost = kernel.scale * expected + kernel.offset if plain and expected is not None else ledger.value(item.task.scope)
        item.mean_total += np.broadcast_to(cost, (SCRAMBLES, size)).mean(axis=1)


def _check_finite(kernel: Kernel, task: Task) -> None:
    if not (np.all(np.isfinite(kernel.scale)) and np.all(np.isfinite(kernel.offset))):
        raise InputError(task.scope, "comes out infinite.", "A share or a time that others are divided by reaches 0: raise it.")
    least = 0.0 if kernel.floor is None else kernel.floor
    if not np.all(np.maximum(kernel.scale + kernel.offset, least) > 0.0):
        raise InputError(task.scope, "comes out as no cost at all.", "Its GPU-hours, GPUs or price are 0: raise them.")


@dataclass(frozen=True)
class Run:
    """One scenario computed for one subject: an estimate of every scope, and the draws behind them on demand."""

    system: System
    scopes: Mapping[str, ScopeEstimate]

    @property
    def setting(self) -> Setting:
        return self.system.setting

    @property
    def registry(self) -> Registry:
        return self.system.registry

    @property
    def subject(self) -> Subject:
        return self.system.subject

    @property
    def points(self) -> int:
        """Points actually used: four times a power of two."""
        return SCRAMBLES * points_per_scramble(self.setting.points)

    @cached_property
    def _used(self) -> frozenset[str]:
        """Every node that some scope's cost rests on."""
        tasks = self.system.tasks()
        return frozenset().union(*(self.system.graph.wired(task.aliases).ancestors(task.scope) for task in tasks))

    def has_effect(self, identifier: str) -> bool:
        """Whether an assumption enters any cost here; options, weights and cases always count as doing so."""
        node = "goodput" if identifier == self.subject.goodput else node_name(identifier)
        return identifier not in self.setting.distributions or node in self._used

    def scope(self, identifier: str) -> ScopeEstimate:
        """Estimate of one scope.

        Raises
        ------
        UnknownNameError
            There is no such scope.
        """
        if identifier not in self.scopes:
            raise UnknownNameError("--scope", "scope", identifier, self.scopes)
        return self.scopes[identifier]

    @cached_property
    def ledger(self) -> Ledger:
        """Ledger over the first points of the run, at most 4 x 4,096."""
        return self.system.ledger(0, min(points_per_scramble(self.setting.points), BLOCK))

    def draws(self, node: str, route: str = "") -> Array:
        """Drawn values of a node of the cost graph, shape (4, m); of a scope, or of what enters its routes, by one of them."""
        scope = SCOPE_NODES[node if node in SCOPE_NODES else "lab_window" if node.startswith("lab_") else "project"]
        own = next((r for r in scope.routes if r.id == route), None)
        ledger = self.ledger.with_aliases({scope.alias: own.node}) if own and scope.alias else self.ledger
        size = min(points_per_scramble(self.setting.points), BLOCK)
        return np.broadcast_to(ledger.value(node), (SCRAMBLES, size))


def run(
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    *,
    registry: Registry | None = None,
    subject: str = DEFAULT_SUBJECT,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
    scopes: Sequence[str] | None = None,
    stated_price: float | None = None,
) -> Run:
    """Compute a scenario.

    Parameters
    ----------
    scenario : id of a scenario, path of a TOML file, or Scenario
    registry : assumptions; the project's own when none is given
    subject : whose GPU-hours are priced
    changes : ``"ID=VALUE"`` overrides, applied last
    points : points in all, rounded up to 4 times a power of two
    seed : of the scrambles
    scopes : only these, when given
    stated_price : USD per GPU-hour that a claim names; prices a model of which no dated rents are known

    Raises
    ------
    CostclaimError
        Anything wrong with names, values or files.
    """
    registry = registry or load_registry()
    setting = resolve(scenario, registry, changes=changes, points=points, seed=seed)
    return run_setting(replace(setting, stated_price=stated_price), registry, subject, scopes)


def run_setting(setting: Setting, registry: Registry, subject: str, scopes: Sequence[str] | None = None) -> Run:
    """Compute a resolved setting."""
    system = System(setting, registry, registry.subject(subject))
    tasks = system.tasks(scopes)
    routes = routes_of(system, tasks, lambda missing: accumulate(system, missing, points_per_scramble(setting.points)))
    estimates = {}
    for scope in SCOPE_NODES:
        own = tuple(route for task, route in zip(tasks, routes, strict=True) if task.scope == scope)
        reason = None if own else system.absent(scope) or "not_asked"
        estimates[scope] = scope_of(scope, system.subject.price_year, own, reason)
    return Run(system, estimates)
