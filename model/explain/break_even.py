"""Break-even maps: for any two quantities, where the median meets the amount and where the verdict flips.

Both quantities are held at a value, all others stay uncertain: the scope's cost is drawn once by each route and looked at at every node
of a grid, and the implication rule is asked there. Between nodes the cost is taken as linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np

from model import distributions as d
from model.auditor.verdict import implication
from model.distributions import Array
from model.engine import BLOCK
from model.errors import InputError
from model.explain.question import Question, ask
from model.graph import node_name
from model.numerical_error import Estimated
from model.overrides import Domain
from model.sampling import SCRAMBLES, points_per_scramble
from model.schema.claim import Amount

NODES = 13
HALVINGS = 12
LEVELS = np.array([0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95])
MEDIAN = int(np.flatnonzero(LEVELS == 0.5)[0])
ENDS = np.array([0.01, 0.99])


@dataclass(frozen=True)
class Axis:
    """One quantity of a map: the values of its nodes, in rising order, and its median."""

    id: str
    unit: str
    values: tuple[float, ...]
    median: float


@dataclass(frozen=True)
class Crossing:
    """A point of a contour, on the line between two nodes of the map, and the verdicts on its two sides."""

    x: float
    y: float
    between: tuple[str, str]


@dataclass(frozen=True)
class BreakEven:
    """A map of verdicts: ``verdicts[j][i]`` and ``medians_usd[j][i]`` stand at ``y.values[j]`` and ``x.values[i]``.

    A verdict is ``supported``, ``not_enough_info``, ``refuted_below`` or ``refuted_above`` (where the amount lies against the cost).
    ``break_even`` is where the median is the amount, ``flips`` where the verdict changes.
    """

    scope: str
    amount_usd: float
    x: Axis
    y: Axis
    verdicts: tuple[tuple[str, ...], ...]
    medians_usd: tuple[tuple[Estimated, ...], ...]
    break_even: tuple[Crossing, ...]
    flips: tuple[Crossing, ...]


@dataclass(frozen=True)
class Quantiles:
    """A cost known by its quantiles at ``LEVELS``."""

    usd: Array

    def quantile(self, probability: Sequence[float]) -> Array:
        return np.asarray(np.interp(probability, LEVELS, self.usd))

    def probability_at_most(self, usd: float) -> float:
        return float(np.interp(usd, self.usd, LEVELS, left=0.0, right=1.0))


def break_even(claim: str, *, scope: str, x: str, y: str, amount: float | None = None, **asked: Any) -> BreakEven:
    """Map the verdict over two quantities.

    Parameters
    ----------
    claim : id of a claim
    scope : id of a scope
    x, y : the quantities, as ``ID`` (from P1 to P99 of what is assumed) or ``ID=LOW..HIGH``
    amount : USD; the claim's own when none is given
    asked : scenario, registry, changes, points and seed, as in ``audit``

    Raises
    ------
    CostclaimError
        A quantity that the scope does not use, the same one twice, a range out of order or out of bounds, wrong names.
    """
    return break_even_question(ask(claim, scope, amount=amount, **asked), x, y)


def break_even_question(question: Question, x: str, y: str) -> BreakEven:
    """The same of a question that has been put."""
    across, up = _axis(question, x, "--x"), _axis(question, y, "--y")
    if across.id == up.id:
        raise InputError("--y", f'"{up.id}" stands on both axes.', "Name two quantities.")
    rule, (costs, by_scramble) = _rule(question), _grid(question, across, up)
    verdicts = [[rule(costs[j, i]) for i in range(NODES)] for j in range(NODES)]
    meets = [[_against(costs[j, i], question.amount) for i in range(NODES)] for j in range(NODES)]
    return BreakEven(
        question.scope,
        question.amount,
        across,
        up,
        tuple(map(tuple, verdicts)),
        tuple(tuple(map(Estimated.of_scrambles, *row)) for row in zip(costs[:, :, MEDIAN].tolist(), by_scramble, strict=True)),
        tuple(_crossings(across, up, costs, meets, lambda at: _against(at, question.amount))),
        tuple(_crossings(across, up, costs, verdicts, rule)),
    )


def span_with(question: Question, name: str, value: float | None) -> str:
    """A quantity written as an axis, its range widened so that it holds a value and some room beyond."""
    axis = _axis(question, name, "--x")
    low, high, domain = axis.values[0], axis.values[-1], question.domain(name)
    if value is None or low <= value <= high:
        return name
    room = 0.15 * (max(high, value) - min(low, value))
    least, most = min(low, 0.5 * (domain.low + value)), max(high, 0.5 * (value + domain.high))
    return f"{name}={max(min(low, value - room), least)!r}..{min(max(high, value + room), most)!r}"


def _against(usd: Array, amount: float) -> str:
    return "above" if usd[MEDIAN] > amount else "at_most"


def _rule(question: Question) -> Callable[[Array], str]:
    """The verdict on the amount, from the cost at ``LEVELS``."""
    own = question.claim.dollars if question.asked_amount is None else None
    year, sum_ = question.system.subject.price_year, question.amount
    asked = own or Amount(value=sum_, relation="equal", unit="USD", price_year=year, digits=4, as_written=f"{sum_:g}")

    def verdict(usd: Array) -> str:
        found = implication(asked, Quantiles(usd), question.registry.rules)
        return f"{found.label}_{found.side}" if found.side else found.label

    return verdict


def _axis(question: Question, written: str, where: str) -> Axis:
    name, sign, span = (part.strip() for part in written.partition("="))
    held, domain = question.require(name, where), question.domain(name)
    median = float(held.ppf(np.array([0.5]))[0])
    low, high = _span(span, where) if sign else _around(median, domain) if isinstance(held, d.Fixed) else held.ppf(ENDS)
    if not (low < high and all(domain.holds(float(end), float(end)) for end in (low, high))):
        raise InputError(where, f"{low:g} to {high:g} is no range of {name}.", f"Write ID=LOW..HIGH, rising, {domain}.")
    return Axis(name, question.unit(name), tuple(float(v) for v in np.linspace(low, high, NODES)), median)


def _around(value: float, domain: Domain) -> tuple[float, float]:
    """A third to three times what a single value has above the least of its domain, within it; 1 more where it has nothing above."""
    above = value - domain.low
    low, high = (domain.low + above / 3.0, domain.low + 3.0 * above) if above else (value, value + 1.0)
    most = 0.5 * (value + domain.high) if domain.open_high else domain.high
    return low, min(high, most)


def _span(written: str, where: str) -> tuple[float, float]:
    low, _, high = written.partition("..")
    try:
        return float(low), float(high)
    except ValueError:
        raise InputError(where, f'"{written}" is no range.', 'Write LOW..HIGH, for example "1.5..3".') from None


def _grid(question: Question, x: Axis, y: Axis) -> tuple[Array, Array]:
    """Quantiles of the cost at every node, shape (y, x, level), over the first points of the run, at most 4 x 4,096.

    And its median by each scramble alone, shape (y, x, scramble).
    """
    system, tasks = question.system, question.system.tasks([question.scope])
    size = min(points_per_scramble(system.setting.points), BLOCK)
    ledger = system.ledger(0, size)
    routed = [ledger.with_aliases(task.aliases) if task.aliases else ledger for task in tasks]
    across = np.array(x.values)[:, None, None]
    weights, rows, by_scramble = [task.weight for task in tasks], [], []
    for value in y.values:
        held = {node_name(x.id): across, node_name(y.id): np.asarray(value)}
        costs = [np.broadcast_to(own.with_values(held).value(question.scope), (NODES, SCRAMBLES, size)) for own in routed]
        rows.append(_quantiles([own.reshape(NODES, -1) for own in costs], weights))
        medians = [_quantiles([own[:, k] for own in costs], weights)[:, MEDIAN] for k in range(SCRAMBLES)]
        by_scramble.append(np.stack(medians, axis=1))
    return np.stack(rows), np.stack(by_scramble)


def _quantiles(costs: Sequence[Array], weights: Sequence[float]) -> Array:
    """Weighted quantiles at ``LEVELS`` of the routes' draws, row by row."""
    values = np.concatenate(costs, axis=1)
    shares = np.concatenate([np.full(own.shape[1], weight / own.shape[1]) for own, weight in zip(costs, weights, strict=True)])
    if not np.ptp(shares):
        return np.asarray(np.quantile(values, LEVELS, axis=1).T)
    order = np.argsort(values, axis=1)
    below = np.cumsum(shares[order], axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    return np.stack([np.interp(LEVELS, own - 0.5 * shares[rank], row) for own, rank, row in zip(below, order, ordered, strict=True)])


def _crossings(x: Axis, y: Axis, costs: Array, names: Sequence[Sequence[str]], rule: Callable[[Array], str]) -> Iterator[Crossing]:
    """Where the name changes between neighbouring nodes, along rows and columns, each place found by halving."""
    for j, (i, k) in product(range(NODES), pairwise(range(NODES))):
        if names[j][i] != names[j][k]:
            part = _flip(rule, costs[j, i], costs[j, k], names[j][i])
            yield Crossing(x.values[i] + part * (x.values[k] - x.values[i]), y.values[j], (names[j][i], names[j][k]))
        if names[i][j] != names[k][j]:
            part = _flip(rule, costs[i, j], costs[k, j], names[i][j])
            yield Crossing(x.values[j], y.values[i] + part * (y.values[k] - y.values[i]), (names[i][j], names[k][j]))


def _flip(rule: Callable[[Array], str], first: Array, second: Array, name: str) -> float:
    """Part of the way from one node to the next up to which the name stays."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        same = rule(first + middle * (second - first)) == name
        low, high = (middle, high) if same else (low, middle)
    return 0.5 * (low + high)
