"""What one more fact would be worth: the width that it would take off an interval, the wrong verdicts that it would spare.

Law of ln cost given some inputs, by regression on drawn points: its middle is what they alone bring about, all others at their medians;
the rest has a law of its own in each bin of equal probability. Routes are mixed by their weights, unless the route itself is learnt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.auditor.audit import run_for
from model.distributions import Array
from model.engine import Run
from model.explain.indices import SETS, sample
from model.explain.scope_cost import ROUTE, ScopeCost, groups_of
from model.explain.sensitivity import DEFAULT_CLAIM, amount_for, fitting, relation_of
from model.numerical_error import Estimated
from model.registry import Registry, load_registry
from model.schema.claim import Claim, Relation
from model.schema.scenario import Scenario
from model.setting import DEFAULT_SCENARIO

POINTS = 4096  # of a replicate
BINS = 8
CASES = 1024  # points of a set that stand for what may be found
CELLS = 2048  # of what an input leaves open
SMALLEST = 1e-9  # spread of ln cost that counts as one
LEAST = 1.0  # USD: a narrower interval counts as this wide
GRID = np.linspace(-6.5, 6.5, 261)  # normal scores
HALVINGS = 18
REACH = 1.0  # of ln cost beyond the drawn ones
# Below this share of the width, and this probability, the points do not tell a change from none: it is 0.
RESOLVED_WIDTH, RESOLVED_CHANCE = 1e-3, 5e-4
ENDS = (0.05, 0.95)
Bins = NDArray[np.intp]


@dataclass(frozen=True)
class Item:
    """What learning something exactly would remove, on average: interval width (USD) and wrong verdicts (a probability).

    ``kind`` is "parameter", "group", or "answer": a group with the groups that the same answer settles.
    """

    id: str
    kind: str
    group: str
    width_removed_usd: Estimated
    wrong_verdict_removed: Estimated | None


@dataclass(frozen=True)
class Information:
    """Items by the width that they remove, and what there is to remove: the width of the central 90 % and the wrong verdicts.

    ``best`` removes most width among all answers that somebody could give; None where nothing would.
    """

    run: Run
    scope: str
    usd: float | None
    width_usd: Estimated
    wrong_verdict: Estimated | None
    items: tuple[Item, ...]
    best: Item | None


def voi(
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    *,
    scope: str,
    only: Sequence[str] = (),
    claim: str | Claim = DEFAULT_CLAIM,
    registry: Registry | None = None,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Information:
    """Which fact to ask for next: expected value of perfect information about each input and group.

    Parameters
    ----------
    scenario : id of a scenario, path of a TOML file, or Scenario
    scope : whose cost
    only : these inputs or groups alone
    claim : whose subject is priced, and whose amount a verdict is about
    registry, changes, points, seed : as for ``run``; the regression has points of its own

    Raises
    ------
    CostclaimError
        Anything wrong with names, values or files; the scope is absent.
    """
    registry = registry or load_registry()
    stated = registry.claim(claim) if isinstance(claim, str) else claim
    found = run_for(stated, scenario, registry, changes=changes, points=points, seed=seed, scopes=[scope])
    return voi_of(found, scope, only=only, usd=amount_for(stated, found, scope), relation=relation_of(stated))


def voi_of(run: Run, scope: str, *, only: Sequence[str] = (), usd: float | None = None, relation: Relation = "equal") -> Information:
    """The same for a run that is there already; without an amount there is no verdict that could be wrong."""
    model = ScopeCost(run, scope)
    groups = model.groups()
    wanted = [*model.used, *(name for name in groups if name not in model.used)]
    model.named(only, wanted, "parameter or group")
    if not model.names:
        none = Estimated(0.0)
        nothing = [Item(name, "parameter", "", none, None if usd is None else none) for name in wanted]
        return Information(run, scope, usd, none, None if usd is None else none, tuple(nothing), None)
    scores = np.split(sample(model.inputs, POINTS, run.setting.seed), SETS, axis=1)
    laws = [ConditionalLaws(model, usd, relation, own) for own in scores]
    widths, wrongs = _expected(laws, [])
    width, wrong = _told(widths, 0.0), None if usd is None else _told(wrongs, 0.0)
    items = []
    for identifier, kind, group, learnt in _candidates(run, groups, wanted):
        left, still_wrong = _expected(laws, [name for name in learnt if name in model.names])
        removed = None if usd is None else _told(wrongs - still_wrong, RESOLVED_CHANCE)
        items.append(Item(identifier, kind, group, _told(widths - left, RESOLVED_WIDTH * width), removed))
    items.sort(key=lambda item: -item.width_removed_usd)
    asked = [item for item in items if item.group and groups_of(run.registry)[item.group].ask and item.width_removed_usd > 0.0]
    shown = tuple(item for item in items if not only or {item.id, item.group} & {*only})
    return Information(run, scope, usd, width, wrong, shown, next(iter(asked), None))


def _expected(laws: Sequence[ConditionalLaws], learnt: Sequence[str]) -> Array:
    """Width and probability of a wrong verdict once these inputs are known, by each set of points, shape (2, sets)."""
    return np.transpose([own.expected(learnt) for own in laws])


def _told(by_set: Array, resolved: float) -> Estimated:
    """The mean over the sets of points with its error; nothing below what they resolve."""
    mean = float(by_set.mean())
    return Estimated.of_scrambles(mean if abs(mean) > resolved else 0.0, by_set)


def _candidates(run: Run, groups: Mapping[str, list[str]], wanted: Sequence[str]) -> Iterator[tuple[str, str, str, list[str]]]:
    """Id, kind, group and inputs of all that could be learnt."""
    for name in wanted:
        if name not in groups or name == ROUTE:
            yield name, "parameter", "", [name]
            continue
        yield name, "group", name, groups[name]
        settled = [name, *(other for other in groups_of(run.registry)[name].settles if other in groups)]
        if len(settled) > 1:
            yield "+".join(settled), "answer", name, [own for other in settled for own in groups[other]]


@dataclass(frozen=True)
class Regression:
    """Ln cost by one route given some inputs: where its middle lies at each case, and the law of the rest in its bin.

    ``below`` holds the share of points whose rest is at most ``start`` + k ``step``, shape (bins, cells).
    """

    middle: Array
    bins: Bins
    start: float
    step: float
    below: Array

    @classmethod
    def of(cls, middle: Array, bins: Bins, log_costs: Array) -> Regression:
        """Fit to all points; the first of them stand for the cases that may be found."""
        rest = log_costs - middle
        start, step = float(rest.min()), max(float(np.ptp(rest)), SMALLEST) / CELLS
        cells = np.ceil((rest - start) / step).astype(np.intp)
        rows, count = int(bins.max()) + 1, int(cells.max()) + 1
        counts = np.bincount(bins * count + cells, minlength=rows * count).reshape(rows, count)
        return cls(middle[:CASES], bins[:CASES], start, step, np.cumsum(counts, axis=1) / counts.sum(axis=1, keepdims=True))

    def at(self, log_cost: Array) -> Array:
        """Probability of at most this, case by case, linear between cells."""
        place = np.clip((log_cost - self.middle - self.start) / self.step, -1.0, self.below.shape[1] - 1.0)
        cell = np.floor(place).astype(np.intp)
        low = np.where(cell < 0, 0.0, self.below[self.bins, cell])
        high = self.below[self.bins, np.minimum(cell + 1, self.below.shape[1] - 1)]
        return np.asarray(low + (place - cell) * (high - low))


class ConditionalLaws:
    """Law of ln cost given some of the inputs, by points with these normal scores, shape (inputs, points)."""

    def __init__(self, model: ScopeCost, usd: float | None, relation: Relation, scores: Array) -> None:
        self.model, self.scores = model, scores
        self.log_costs = np.log(model.by_route(model.inputs.values(self.scores)))
        ends = () if usd is None else fitting(usd, relation, model.run.registry.rules["materiality_factor"])
        self.thresholds = [end for end in ends if np.isfinite(end)]

    def expected(self, learnt: Sequence[str]) -> tuple[float, float]:
        """Width of the central 90 % (USD, geometric mean) and probability of a wrong verdict (0 without one), once these are known.

        A plain mean of the width does not exist where the cost itself has none.
        """
        routes = [self._regression(route, learnt) for route in range(len(self.model.tasks))]
        shares = self.model.shares
        known = [([1.0], [own]) for own in routes] if ROUTE in learnt else [(shares, routes)]
        found = [self._outcome(weights, mixed) for weights, mixed in known]
        width, wrong = np.transpose(found) @ (shares if ROUTE in learnt else np.ones(1))
        return float(np.exp(width)), float(wrong)

    def _outcome(self, weights: Sequence[float] | Array, routes: Sequence[Regression]) -> tuple[float, float]:
        """Mean over the cases of the log of the interval's width and of the probability that the likeliest verdict is wrong."""

        def below(log_cost: Array) -> Array:
            return np.asarray(sum(weight * route.at(log_cost) for weight, route in zip(weights, routes, strict=True)))

        low, high = (np.exp(self._quantile(below, p)) for p in ENDS)
        at_most = np.array([below(np.full(low.shape, own)) for own in self.thresholds] or [np.ones(low.shape)])
        likeliest = np.diff(at_most, axis=0, prepend=0.0, append=1.0).max(axis=0)
        return float(np.log(np.maximum(high - low, LEAST)).mean()), float(1.0 - likeliest.mean())

    def _quantile(self, below: Callable[[Array], Array], probability: float) -> Array:
        """Ln cost that is not exceeded with this probability, case by case, by bisection."""
        low, high = (np.full(CASES, end) for end in (self.log_costs.min() - REACH, self.log_costs.max() + REACH))
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            short = below(middle) < probability
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.asarray(0.5 * (low + high))

    def _regression(self, route: int, learnt: Sequence[str]) -> Regression:
        model, count = self.model, self.scores.shape[1]
        used = model.used_by(route)
        entering = [k for k, name in enumerate(model.names) if name in learnt and name in used]
        if not entering:
            return Regression.of(np.zeros(count), np.zeros(count, dtype=np.intp), self.log_costs[route])
        alone = len(entering) == 1
        scores = np.zeros((len(model.names), GRID.size if alone else count))
        scores[entering] = GRID if alone else self.scores[entering]
        middle = np.log(model.by_route(model.inputs.values(scores), [route])[0])
        if alone:
            middle = np.interp(self.scores[entering[0]], GRID, middle)
        bins = np.empty(count, dtype=np.intp)
        bins[np.argsort(self.scores[entering[0]] if alone else middle)] = np.arange(count) * BINS // count
        return Regression.of(middle, bins, self.log_costs[route])
