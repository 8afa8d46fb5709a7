"""The scenarios of a sweep: each is known by its number alone, so that a billion of them take no memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from model.errors import CheckFailed, InputError, UnknownNameError
from model.registry import Registry, read_entry
from model.routes import SCOPE_NODES
from model.sampling import sobol_points
from model.schema.sweep import Axis, Design, Grid, Levels, Sweep, Varied
from model.setting import resolve

QUANTILES = {"p05": 0.05, "p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95}
FIGURES = (*QUANTILES, "p05_error", "p50_error", "p95_error", "amount_usd", "probability_at_most_claim", "probability_error")
COLUMNS = {"number", "scope", "reason", *FIGURES, "price_year", "points", "seed"}  # of every row, beside its inputs
MOST_CHECKED = 2000  # levels of a factor that are resolved before a sweep starts
LARGEST = 10**12  # scenarios
ALL_TRIED = 10**6  # scenarios of which it is seen beforehand whether any is left
Value = str | float


@dataclass(frozen=True)
class Level:
    """One level of a factor: its name, the changes that it makes, and its value in each column of the results."""

    name: str
    changes: tuple[str, ...]
    inputs: tuple[Value, ...]


@dataclass(frozen=True)
class Factor:
    """What is crossed with the others."""

    id: str
    columns: tuple[str, ...]
    numeric: bool
    count: int
    level: Callable[[int], Level]
    when: Levels


@dataclass(frozen=True)
class Point:
    """One scenario of a sweep; ``inputs`` has None where a factor does not apply."""

    number: int
    claim: str
    scenario: str
    changes: tuple[str, ...]
    inputs: Mapping[str, Value | None]


def read_sweep(path: str | Path, registry: Registry) -> Sweep:
    """A sweep of the registry by id, or one from a TOML file.

    Raises
    ------
    InputError, CheckFailed, UnknownNameError
        No such file or sweep, or the file is wrong.
    """
    text = str(path)
    if not text.endswith(".toml"):
        entry = registry.entry("sweeps", text)
        assert isinstance(entry, Sweep)
        return entry
    return read_entry(text, Sweep, registry.names("sweeps"))


def span_value(span: Grid | Varied, share: float) -> float:
    """The value at a share of a span, 0 and 1 being its ends."""
    if span.spacing == "log":
        return math.exp(math.log(span.low) + share * (math.log(span.high) - math.log(span.low)))
    return span.low + share * (span.high - span.low)


def _named(factor: str, names: tuple[str, ...]) -> Factor:
    return Factor(factor, (factor,), False, len(names), lambda i: Level(names[i], (), (names[i],)), {})


def _axis(axis: Axis) -> Factor:
    grid = axis.grid
    if grid is None:
        return Factor(axis.id, (axis.id,), False, len(axis.values), lambda i: _set(axis.id, axis.values[i]), axis.when)
    return Factor(axis.id, (axis.id,), True, grid.count, lambda i: _number(axis.id, span_value(grid, i / (grid.count - 1))), axis.when)


def _set(name: str, value: str) -> Level:
    return Level(value, (f"{name}={value}",), (value,))


def _number(name: str, value: float) -> Level:
    written = f"{value:.12g}"
    return Level(written, (f"{name}={written}",), (float(written),))


def _group(identifier: str, options: Levels) -> Factor:
    names = tuple(options)
    return Factor(identifier, (identifier,), False, len(names), lambda i: Level(names[i], options[names[i]], (names[i],)), {})


def _design(design: Design) -> Factor:
    def level(i: int) -> Level:
        parts = [_number(p.id, span_value(p, share)) for p, share in zip(design.parameters, _shares(design, i), strict=True)]
        return Level(str(i), tuple(c for part in parts for c in part.changes), tuple(v for part in parts for v in part.inputs))

    return Factor(design.id, tuple(p.id for p in design.parameters), True, design.count, level, {})


def _shares(design: Design, i: int) -> list[float]:
    """Place of the i-th point in the unit box: of the sequence's first scramble, or of a generator of its own."""
    size = len(design.parameters)
    if design.kind == "random":
        return list(np.random.default_rng([design.seed, i]).random(size))
    return [float(sobol_points(design.seed).column(k, i, 1)[0, 0]) for k in range(size)]


class Combinations:
    """All scenarios of a sweep, numbered; the last factor changes fastest."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        plain = [_named("claim", sweep.claims), _named("scenario", sweep.scenarios)]
        written = [*map(_axis, sweep.axes), *(_group(g.id, g.options) for g in sweep.groups), *map(_design, sweep.designs)]
        self.factors = (*plain, *written)
        self.total = math.prod(factor.count for factor in self.factors)

    def point(self, number: int) -> Point | None:
        """One scenario, or None where ``exclude`` or ``when`` leave it out."""
        levels, rest = {}, number
        for factor in reversed(self.factors):
            rest, place = divmod(rest, factor.count)
            levels[factor.id] = (place, factor.level(place))
        names = {name: level.name for name, (_, level) in levels.items()}
        idle = self._idle(names)
        applied = {name: level for name, level in names.items() if name not in idle}
        if any(levels[name][0] for name in idle) or any(_matches(rule, applied) for rule in self.sweep.exclude):
            return None  # a factor that does not apply is counted once, at its first level
        active = [factor for factor in self.factors if factor.id not in idle]
        changes = tuple(change for factor in active for change in levels[factor.id][1].changes)
        inputs: dict[str, Value | None] = dict.fromkeys(column for factor in self.factors for column in factor.columns)
        for factor in active:
            inputs |= zip(factor.columns, levels[factor.id][1].inputs, strict=True)
        return Point(number, names["claim"], names["scenario"], changes, inputs)

    def _idle(self, names: Mapping[str, str]) -> set[str]:
        """Factors whose condition does not hold; one on a factor that does not apply itself does not hold."""
        idle = set[str]()
        while more := {f.id for f in self.factors if f.when and f.id not in idle and not _matches(f.when, names)}:
            idle |= more
            names = {name: level for name, level in names.items() if name not in more}
        return idle

    def points(self, start: int, stop: int) -> Iterator[Point]:
        """The scenarios of a range of numbers, without those left out."""
        return (point for number in range(start, min(stop, self.total)) if (point := self.point(number)))


def _matches(rule: Levels, names: Mapping[str, str]) -> bool:
    """Whether every factor of a rule applies, at a level that the rule names."""
    return all(names.get(factor) in accepted for factor, accepted in rule.items())


@lru_cache(maxsize=8)
def combinations(sweep_json: str) -> Combinations:
    """The scenarios of a sweep that came as JSON, as it goes to workers."""
    return Combinations(Sweep.model_validate_json(sweep_json, strict=False))


def check_sweep(sweep: Sweep, registry: Registry) -> Combinations:
    """The scenarios of a sweep whose every name and value has been tried.

    Raises
    ------
    CheckFailed
        All problems at once: unknown names, factors that stand twice, values that cannot be read.
    """
    whole, problems = Combinations(sweep), list[InputError]()
    problems += _named_twice(sweep, whole)
    if whole.total > LARGEST:
        problems.append(InputError(f"sweep {sweep.id}", f"has {whole.total:.3g} scenarios.", f"A sweep has at most {LARGEST:.0e}."))
    kinds = (("claim", sweep.claims, registry.names("claims")), ("scenario", sweep.scenarios, registry.names("scenarios")))
    for kind, named, known in (*kinds, ("scope", sweep.scopes, tuple(SCOPE_NODES))):
        problems += [UnknownNameError(f"sweep {sweep.id}", kind, name, known) for name in named if name not in known]
    problems += _unknown_levels(sweep, whole)
    if not problems:
        problems += _unreadable(sweep, whole, registry)
    if problems:
        raise CheckFailed(problems)
    if whole.total <= ALL_TRIED and next(whole.points(0, whole.total), None) is None:
        raise CheckFailed([InputError(f"sweep {sweep.id}", "leaves out all scenarios.", "Exclude fewer.")])
    return whole


def _named_twice(sweep: Sweep, whole: Combinations) -> Iterator[InputError]:
    """What two factors vary in every combination, names of factors and of levels that are not their own, columns that every row has."""
    where = f"sweep {sweep.id}"
    always = {group.id: set.intersection(*map(_changed, group.options.values())) for group in sweep.groups}
    varied = Counter(name for factor in whole.factors for name in {factor.id, *factor.columns, *always.get(factor.id, ())})
    yield from (InputError(where, f'"{name}" is varied twice.', "Vary each quantity once.") for name in sorted(varied) if varied[name] > 1)
    for name in sorted(COLUMNS.intersection(varied)):
        yield InputError(where, f'"{name}" is a column of every result.', "Call the group or the design something else.")
    levels = {"claims": sweep.claims, "scenarios": sweep.scenarios, "scopes": sweep.scopes, **{a.id: a.values for a in sweep.axes}}
    for name, named in levels.items():
        for level in sorted({level for level in named if named.count(level) > 1}):
            yield InputError(f"{where}: {name}", f'"{level}" stands twice.', "Name each once.")


def _changed(changes: Iterable[str]) -> set[str]:
    return {change.partition("=")[0].strip() for change in changes}


def _unknown_levels(sweep: Sweep, whole: Combinations) -> Iterator[InputError]:
    """Rules on factors, or on levels, that there are none of."""
    factors = {factor.id: factor for factor in whole.factors}
    for rule in (*sweep.exclude, *(axis.when for axis in sweep.axes)):
        for name, accepted in rule.items():
            if name not in factors:
                yield UnknownNameError(f"sweep {sweep.id}", "factor", name, factors)
                continue
            known = [factors[name].level(i).name for i in range(min(factors[name].count, MOST_CHECKED))]
            yield from (UnknownNameError(f"sweep {sweep.id}: {name}", "level", level, known) for level in accepted if level not in known)


def _unreadable(sweep: Sweep, whole: Combinations, registry: Registry) -> Iterator[InputError]:
    for factor in whole.factors:
        for i in range(min(factor.count, MOST_CHECKED)):
            try:
                resolve(sweep.scenarios[0], registry, changes=factor.level(i).changes)
            except InputError as error:
                yield error.at(f"sweep {sweep.id}: {error.where}")
                break
