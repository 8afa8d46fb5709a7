"""From a claimed amount to the estimate in a scope, part by part, whatever the order of the parts.

The value of a set of parts is the median of the scope with those parts as the scenario has them and the others as the claim does: its
own price of an hour, the productive hours of the final run, nothing else. A part is its Shapley value over all such sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.auditor.audit import Verdict, audit
from model.auditor.stated import part_nearest
from model.distributions import Array
from model.engine import BLOCK, Run, accumulate, run_setting
from model.errors import RefusedError
from model.estimate import ScopeEstimate
from model.explain.shapley import Coalition, coalitions, shapley_values
from model.graph import Equation, Graph
from model.numerical_error import Estimated, mixed_quantiles
from model.registry import Registry
from model.sampling import SCRAMBLES, points_per_scramble
from model.schema.claim import Claim
from model.schema.scenario import Scenario
from model.setting import DEFAULT_SCENARIO, Setting
from model.system import System

# Part -> nodes of the cost graph of which a scope has to rest on one for the part to count.
NODES: Mapping[str, frozenset[str]] = {
    "price": frozenset({"price"}),
    "rework": frozenset({"elapsed_ratio", "executed_hours"}),
    "research": frozenset({"route_ratio", "lab_hours"}),
    "predecessors": frozenset({"predecessor_hours"}),
    "staff": frozenset({"staff_cost", "staff_ratio"}),
}
ROUNDING = "rounding"
PARTS = (*NODES, ROUNDING)
NOTHING = "nothing"
HOURS = ("project_hours", "lab_hours_reference_class", "lab_hours_fleet")  # hold the run as executed and research
STARTS = ("final_run", "undeclared")  # what a number may price for the parts to start from
ENDS = {"p05": 0.05, "p95": 0.95}
Game = dict[Coalition, Array]


@dataclass(frozen=True)
class Part:
    """What one part adds: USD and factor at the medians, and P5 and P95 of its amount draw by draw (USD)."""

    id: str
    usd: Estimated
    factor: Estimated
    p05: Estimated
    p95: Estimated


@dataclass(frozen=True)
class Gap:
    """Parts from the amount to the estimate: their USD sum to the gap, their factors multiply to the ratio."""

    verdict: Verdict
    scope: str
    amount_usd: float
    estimate_usd: Estimated
    price: float
    price_is_stated: bool
    parts: tuple[Part, ...]

    @property
    def gap_usd(self) -> Estimated:
        """Estimate less amount."""
        return self.estimate_usd.less(self.amount_usd)

    @property
    def ratio(self) -> Estimated:
        """Estimate over amount."""
        return self.estimate_usd.over(self.amount_usd)


def gap(
    claim: str | Claim,
    *,
    scope: str,
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    registry: Registry | None = None,
    changes: Sequence[str] = (),
    points: int | None = None,
    seed: int | None = None,
) -> Gap:
    """Split what lies between a claimed amount and the estimate in a scope.

    Parameters
    ----------
    claim : id of a claim of the registry, or a Claim
    scope : id of the scope whose median is explained
    scenario, registry, changes, points, seed : as for ``audit``

    Raises
    ------
    RefusedError
        The claim has no amount or prices more than a final run; the scope is absent or a stock.
    CostclaimError
        Anything wrong with names, values or files.
    """
    return gap_of(audit(claim, scenario=scenario, registry=registry, changes=changes, points=points, seed=seed), scope)


def gap_of(verdict: Verdict, scope: str) -> Gap:
    """The same for an audit that is there already."""
    _require(verdict, scope)
    assert verdict.claim.dollars is not None
    estimate = verdict.scope(scope)
    median = estimate.cost_at(0.5)
    usd = part_nearest(verdict.claim.dollars, median)
    price = verdict.facts.get("price") or _implied_price(verdict.run, usd)
    medians, draws = _values(verdict.run, scope, price)
    parts = _parts(medians, draws, usd, np.array([route.weight for route in estimate.routes]))
    return Gap(verdict, scope, usd, median, price, "price" in verdict.facts, parts)


def _require(verdict: Verdict, scope: str) -> None:
    verdict.scope(scope).quantile(0.5)  # says why where it is absent
    if verdict.claim.dollars is None:
        raise RefusedError(f"{verdict.claim.id}: has no amount in USD. Name a claim with one.")
    if not verdict.run.registry.scopes[scope].flow:
        raise RefusedError(f"{scope}: is a stock, no sum of parts of what is spent. Ask for a scope that is spent.")
    if (priced := verdict.claim.priced) not in STARTS:
        raise RefusedError(f"{verdict.claim.id}: prices {priced}, and the parts start from a final run. Name a claim that prices one.")


def _implied_price(run: Run, usd: float) -> Estimated:
    """USD per GPU-hour at which the median of the final run is the amount."""
    at_one = run_setting(_at_price(run.setting, 1.0), run.registry, run.subject.id, ["final_run"])
    hours = at_one.scope("final_run").cost_at(0.5)
    return Estimated(usd / hours, usd / hours**2 * hours.error)


def _at_price(setting: Setting, price: float) -> Setting:
    """The setting with one price of an hour (USD), as a claim has it."""
    return replace(setting.with_fixed("price.claimed", price), choices={**setting.choices, "price.basis": "claimed"})


def _values(run: Run, scope: str, price: float) -> tuple[Game, Game]:
    """Of the cost with each set of parts: its median, over all points and by each scramble, and draws by scramble and route."""
    tasks = run.system.tasks([scope])
    used = frozenset[str]().union(*(run.system.graph.wired(task.aliases).ancestors(scope) for task in tasks))
    players = [part for part, nodes in NODES.items() if not used.isdisjoint(nodes)]
    medians, draws = Game(), Game()
    for chosen in coalitions(players):
        system = _with(run.system, chosen, price)
        own = system.tasks([scope])
        own = own if "research" in chosen else [replace(own[0], weight=1.0)]  # without research all routes are one
        routes = tuple(accumulate(system, own, points_per_scramble(run.setting.points)))
        median = ScopeEstimate(scope, run.subject.price_year, routes).cost_at(0.5)
        medians[chosen] = np.array([median, *median.by_scramble])
        size = min(points_per_scramble(run.setting.points), BLOCK)
        ledger = system.ledger(0, size)
        costs = [np.broadcast_to(ledger.with_aliases(task.aliases).value(scope), (SCRAMBLES, size)) for task in own]
        draws[chosen] = np.broadcast_to(np.stack(costs, axis=1), (SCRAMBLES, len(tasks), size))
    return medians, draws


def _with(system: System, chosen: Coalition, price: float) -> System:
    """The system with the chosen parts as they are, the others as in the claim."""
    setting = system.setting if "price" in chosen else _at_price(system.setting, price)
    made = System(setting, system.registry, system.subject)
    made.graph = _cut(made.graph, chosen)
    return made


def _cut(graph: Graph, chosen: Coalition) -> Graph:
    """The graph without the parts that are not chosen."""
    equations = {**graph.equations, NOTHING: Equation(lambda: np.zeros(()), ())}
    aliases = dict(graph.aliases)
    if "staff" not in chosen:
        aliases |= {"staff_cost": NOTHING, "staff_ratio": NOTHING}
    if "predecessors" not in chosen:
        aliases["predecessor_hours"] = NOTHING
    if "rework" not in chosen:
        aliases["executed_hours"] = "final_run_hours"
    if "research" not in chosen:
        aliases |= dict.fromkeys(HOURS, "executed_hours")
    elif "rework" not in chosen:
        equations |= {name: _less_rework(equations[name]) for name in HOURS}
    return Graph(equations, aliases, graph.sums)


def _less_rework(hours: Equation) -> Equation:
    """Hours that hold the run as executed, without what it repeated."""

    def compute(*values: Array) -> Array:
        *own, final_run_hours, elapsed_ratio = values
        return hours.compute(*own) - final_run_hours * (elapsed_ratio - 1.0)

    return Equation(compute, (*hours.arguments, "final_run_hours", "elapsed_ratio"))


def _parts(medians: Game, draws: Game, usd: float, shares: Array) -> tuple[Part, ...]:
    """Shapley values of the parts; rounding is a factor on every set, from the claim's hours times price to its amount."""
    rounding = usd / float(medians[frozenset()][0])
    values = _rounded(medians, rounding)
    players = [part for part in PARTS if frozenset({part}) in values]
    amounts, by_draw = shapley_values(players, values), shapley_values(players, _rounded(draws, rounding))
    factors = shapley_values(players, {chosen: np.log(value) for chosen, value in values.items()})
    found = []
    for name in players:
        ends = mixed_quantiles([*zip(shares.tolist(), by_draw[name].swapaxes(0, 1), strict=True)], ENDS)
        usd_told, factor = (Estimated.of_scrambles(float(each[0]), each[1:]) for each in (amounts[name], np.exp(factors[name])))
        found.append(Part(name, usd_told, factor, ends["p05"], ends["p95"]))
    return tuple(found)


def _rounded(values: Game, rounding: float) -> Game:
    """The sets without rounding, at the claim's amount, and with it."""
    return {chosen: value * rounding for chosen, value in values.items()} | {chosen | {ROUNDING}: value for chosen, value in values.items()}
