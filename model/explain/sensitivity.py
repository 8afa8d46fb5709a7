"""What drives a scope's cost, or the verdict on an amount: tornado bars, Sobol' indices, Shapley effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from model.auditor.audit import run_for
from model.auditor.stated import part_nearest
from model.distributions import Array
from model.engine import Run, run_setting
from model.errors import InputError, RefusedError, UnknownNameError
from model.explain.indices import POINTS, REPLICATES, Index, shapley_effects, sobol_indices
from model.explain.scope_cost import ROUTE, ScopeCost
from model.numerical_error import Estimated
from model.registry import Registry, load_registry
from model.schema.claim import Claim, Relation
from model.schema.scenario import Scenario
from model.setting import DEFAULT_SCENARIO
from model.tables import quantiles

Method = Literal["tornado", "sobol", "shapley"]
METHODS = ("tornado", "sobol", "shapley")
OUTPUTS = ("cost", "verdict")  # variance of ln cost; of 1 where the amount fits the cost, else 0
BY = ("parameter", "group")
DEFAULT_CLAIM = "deepseek-v3-5.576m"
ENDS = (0.1, 0.9)


@dataclass(frozen=True)
class Bar:
    """A scope's median with one input fixed at its P10 and at its P90 (USD); for the route, lowest and highest of the routes alone."""

    id: str
    at_p10_usd: Estimated
    at_p90_usd: Estimated

    @property
    def low_usd(self) -> Estimated:
        """Lower end."""
        return min(self.at_p10_usd, self.at_p90_usd)

    @property
    def high_usd(self) -> Estimated:
        """Upper end."""
        return max(self.at_p10_usd, self.at_p90_usd)


@dataclass(frozen=True)
class Share:
    """An index with its 95 % interval; 0 with no width for what does not vary."""

    value: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def is_about_zero(self) -> bool:
        """Whether the interval holds zero."""
        return self.low <= 0.0 <= self.high


@dataclass(frozen=True)
class Indices:
    """Shares of variance of one input or group: first-order and total, or the Shapley effect."""

    id: str
    first: Share | None = None
    total: Share | None = None
    effect: Share | None = None


@dataclass(frozen=True)
class Sensitivity:
    """What was asked and what came out, largest first."""

    run: Run
    scope: str
    method: str
    output: str
    by: str
    usd: float | None
    bars: tuple[Bar, ...] = ()
    indices: tuple[Indices, ...] = ()


def sensitivity(
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    *,
    scope: str,
    method: str = "sobol",
    of: str = "cost",
    by: str = "parameter",
    only: Sequence[str] = (),
    claim: str | Claim = DEFAULT_CLAIM,
    registry: Registry | None = None,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Sensitivity:
    """What drives the cost in a scope.

    Parameters
    ----------
    scenario : id of a scenario, path of a TOML file, or Scenario
    scope : whose cost
    method : "tornado", "sobol" or "shapley"
    of : "cost" (variance of ln cost) or "verdict" (of whether the cost is within the materiality factor of the claimed amount, or keeps
        the bound that is claimed)
    by : "parameter" or "group"
    only : these inputs or groups alone
    claim : whose subject is priced, and whose amount the verdict is about
    registry, changes, points, seed : as for ``run``; indices have points of their own

    Raises
    ------
    CostclaimError
        Anything wrong with names, values or files; the scope is absent; the verdict of a claim without an amount.
    """
    registry = registry or load_registry()
    stated = registry.claim(claim) if isinstance(claim, str) else claim
    found = run_for(stated, scenario, registry, changes=changes, points=points, seed=seed, scopes=[scope])
    usd = amount_for(stated, found, scope)
    return sensitivity_of(found, scope, method=method, of=of, by=by, only=only, usd=usd, relation=relation_of(stated))


def amount_for(claim: Claim, run: Run, scope: str) -> float | None:
    """The claimed sum of dollars; of a range the part nearest the median."""
    return None if claim.dollars is None else part_nearest(claim.dollars, float(run.scope(scope).quantile(0.5)))


def relation_of(claim: Claim) -> Relation:
    """How the claimed sum stands to the cost: a bound or an amount."""
    return claim.dollars.relation if claim.dollars else "equal"


def fitting(usd: float, relation: Relation, factor: float) -> tuple[float, float]:
    """Ends of ln cost between which an amount fits: within the materiality factor of it; of a bound all that keeps it."""
    middle, reach = float(np.log(usd)), float(np.log(factor))
    if relation == "at_most":
        return -np.inf, middle
    return (middle, np.inf) if relation == "at_least" else (middle - reach, middle + reach)


def sensitivity_of(
    run: Run,
    scope: str,
    *,
    method: str,
    of: str = "cost",
    by: str = "parameter",
    only: Sequence[str] = (),
    usd: float | None = None,
    relation: Relation = "equal",
) -> Sensitivity:
    """The same for a run that is there already; ``usd`` is the amount that a verdict is about, ``relation`` how it is meant."""
    for where, word, known in (("--method", method, METHODS), ("--of", of, OUTPUTS), ("--by", by, BY)):
        if word not in known:
            raise UnknownNameError(where, "option", word, known)
    model = ScopeCost(run, scope)
    if method == "tornado":
        if (of, by) != ("cost", "parameter"):
            raise InputError("--method", "a tornado bar is the median cost with one parameter fixed.", "For the rest use sobol or shapley.")
        bars = [_bar(model, name) for name in model.named(only, model.used, "parameter")]
        return Sensitivity(run, scope, method, of, by, usd, bars=tuple(sorted(bars, key=lambda bar: bar.low_usd - bar.high_usd)))
    fits = _require_verdict(model, usd, relation) if of == "verdict" else None
    groups = model.groups() if by == "group" else {name: [name] for name in model.used}
    wanted = model.named(only, [*groups], by)
    shares = _shares(model, method, {name: own for name, own in groups.items() if set(own) <= set(model.names)}, fits)
    found = [shares.get(name, _nothing(name, method)) for name in wanted]
    return Sensitivity(run, scope, method, of, by, usd, indices=tuple(sorted(found, key=_size)))


def _require_verdict(model: ScopeCost, usd: float | None, relation: Relation) -> tuple[float, float]:
    """Where the amount fits; refuses where there is none, or where too few points differ from the others to tell why."""
    if usd is None:
        raise RefusedError("verdict: needs a claim with an amount in USD. Name one with --claim.")
    factor, floor = (model.run.registry.rules[name] for name in ("materiality_factor", "effective_sample_floor"))
    low, high = fitting(usd, relation, factor)
    estimate = model.run.scope(model.scope)
    above, below = (estimate.probability_at_most(float(np.exp(end))) if np.isfinite(end) else float(end > 0.0) for end in (low, high))
    fits = below - above
    if min(fits, 1.0 - fits) * REPLICATES * POINTS < floor:
        bound = "the bound holds" if relation in ("at_least", "at_most") else "the amount is within the materiality factor of the cost"
        words = f"verdict: {bound} in {fits:.3%} of the draws, too near to always the same"
        raise RefusedError(f"{words} to say what decides it. Ask what drives the cost, or name another scope.")
    return low, high


def _size(index: Indices) -> float:
    share = index.effect or index.total
    assert share is not None
    return -share.value


def _nothing(name: str, method: str) -> Indices:
    """Of an input that does not vary."""
    return Indices(name, effect=Share()) if method == "shapley" else Indices(name, Share(), Share())


def _shares(model: ScopeCost, method: str, groups: dict[str, list[str]], fits: tuple[float, float] | None) -> dict[str, Indices]:
    """Shares of the variance of ln cost, or of whether it lies where an amount fits."""
    if not groups:
        return {}
    places = [[model.names.index(name) for name in own] for own in groups.values()]

    def output(values: Array) -> Array:
        log_cost = np.log(model.cost(values))
        return np.atleast_2d(log_cost if fits is None else (fits[0] <= log_cost) & (log_cost <= fits[1])).astype(float)

    seed = model.run.setting.seed
    if method == "shapley":
        effect = _each(shapley_effects(output, model.inputs, places, seed=seed))
        return {name: Indices(name, effect=effect[k]) for k, name in enumerate(groups)}
    first, total = map(_each, sobol_indices(output, model.inputs, places, seed=seed))
    return {name: Indices(name, first[k], total[k]) for k, name in enumerate(groups)}


def _each(index: Index) -> list[Share]:
    """The shares of the only output."""
    return [Share(*map(float, own)) for own in zip(index.value[0], index.low[0], index.high[0], strict=True)]


def _bar(model: ScopeCost, name: str) -> Bar:
    estimate = model.run.scope(model.scope)
    if name == ROUTE:
        alone = [estimate.route(route.id).cost_at(0.5) for route in estimate.routes]
        return Bar(name, min(alone), max(alone))
    if name not in model.names:
        return Bar(name, *[estimate.cost_at(0.5)] * 2)
    ends = quantiles(model.marginal(name), np.array(ENDS))
    return Bar(name, *(_median_with(model, name, float(value)) for value in ends))


def _median_with(model: ScopeCost, name: str, value: float) -> Estimated:
    """Median of the scope with one input at a value, whatever it is correlated with."""
    fixed = model.run.setting.with_fixed(name, value)
    found = run_setting(fixed, model.run.registry, model.run.subject.id, [model.scope])
    return found.scope(model.scope).cost_at(0.5)
