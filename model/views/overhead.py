"""What the page on research overhead shows: R by route, components, cases and their fit, earlier models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.cards import COMPONENT_NODES, inputs_behind, mark_of
from model.distributions import Array
from model.document import HEAD, ratio_variance
from model.engine import Run
from model.graph import node_name
from model.numerical_error import mixed_quantiles
from model.routes import RATIO_ROUTES
from model.schema.assumption import Case, Parameter
from model.setting import Setting, fit_of
from model.views.verdict import UNITS, Row, quantile_row
from model.wording import Language

SCOPE = "project"
MIXTURE = ""  # in place of a route's id
MIXED = "All routes by their weights"
ALONE: Mapping[bool, str] = {True: "one route alone", False: "mixture"}
OFF_BY_DEFAULT = ("stated", "simulated")  # shown where they have weight
FAR = 5.0  # times the largest R in the fit: further out a case that is not in it is left to the table
ENTERS: Mapping[str, str] = {
    "bottom_up": "in the sum of components",
    "own_line": "on a line of its own: the programme",
    "no_default_scope": "in no default scope",
}
CLASSES: Mapping[str, str] = {
    "project": "Projects: all compute over the final run",
    "lab_year": "Labs: a year's compute over all final runs",
}
CLASS_PARAMETERS: Mapping[str, str] = {"project": "overhead.reference_class", "lab_year": "overhead.lab_reference_class"}


@dataclass(frozen=True)
class Spread:
    """P5, P50 and P95 of something, with its English name and the labels of inputs that are placeholders or rest on grade C alone.

    ``note`` says of a component where it enters, of hours and shares their unit; ``weight`` is a route's share of the mixture.
    """

    id: str
    label: str
    values: tuple[float, float, float]
    doubtful: tuple[str, ...] = ()
    note: str = ""
    code: str = ""
    weight: float = 1.0

    def name(self, language: Language) -> str:
        """Code and translated name."""
        return f"{self.code} {language.text(self.label)}".strip()


@dataclass(frozen=True)
class Overhead:
    """R by route and mixed, the spread of ln R, components and earlier models, for one run."""

    ratios: tuple[Spread, ...]
    variance: Mapping[str, float] | None
    components: tuple[Spread, ...]
    hours: tuple[Spread, ...]


@dataclass(frozen=True)
class FitRow:
    """The fit of a reference class and what it foretells for R of one more case."""

    m: float
    s: float
    n_eff: float
    values: tuple[float, float, float]


def overhead_of(run: Run) -> Overhead | None:
    """The figures of the page; None where R means nothing for the subject (no hours are known, or its base model is excluded)."""
    if run.scopes[SCOPE].reason not in (None, "no_route"):
        return None
    return Overhead(_ratios(run), ratio_variance(run), _components(run), _hours(run))


def _spread(parts: Sequence[tuple[float, Array]]) -> tuple[float, float, float]:
    low, middle, high = mixed_quantiles(parts, HEAD).values()
    return low, middle, high


def _doubtful(parameters: Sequence[Parameter]) -> tuple[str, ...]:
    return tuple(p.label for p in parameters if mark_of(p))


def _ratios(run: Run) -> tuple[Spread, ...]:
    """R by each route alone, and the mixture in front if any route has weight; those off by default only where they have weight."""
    shares = {route.id: route.weight for route in run.scopes[SCOPE].routes}
    routes = [route for route in RATIO_ROUTES if route.id not in OFF_BY_DEFAULT or route.id in shares]
    draws = {route.id: run.draws("research_ratio", route.id) for route in routes}
    alone = []
    for route in routes:
        doubtful = _doubtful(inputs_behind(run, "research_ratio", route))
        label = run.registry.weights[f"route.{route.id}"].label
        alone.append(Spread(route.id, label, _spread([(1.0, draws[route.id])]), doubtful, weight=shares.get(route.id, 0.0)))
    if not shares:
        return tuple(alone)
    doubtful = tuple(dict.fromkeys(label for row in alone if row.weight for label in row.doubtful))
    return (Spread(MIXTURE, MIXED, _spread([(share, draws[name]) for name, share in shares.items()]), doubtful), *alone)


def _components(run: Run) -> tuple[Spread, ...]:
    """Each component over the final run's productive hours, by code."""
    rows = []
    for name, entry in run.registry.components.items():
        if entry.component is None:
            continue
        node = COMPONENT_NODES.get(name, name)
        draws = run.draws(node) / (run.draws("base_hours") if node.endswith("_hours") else 1.0)
        doubtful = _doubtful(inputs_behind(run, node))
        rows.append(Spread(name, entry.label, _spread([(1.0, draws)]), doubtful, ENTERS[entry.component.enters], entry.component.code))
    return tuple(sorted(rows, key=lambda row: row.code))


def _hours(run: Run) -> tuple[Spread, ...]:
    """Earlier models: their hours, the share charged to this one, and the final runs in the window that have an entry."""
    earlier = [name for name in run.subject.lab_finals if name not in run.subject.run]
    parameters = [run.registry.parameters[name] for name in ("predecessors.hours", "predecessors.share", *earlier)]
    return tuple(Spread(p.id, p.label, _spread([(1.0, run.draws(node_name(p.id)))]), _doubtful([p]), UNITS[p.unit]) for p in parameters)


def spread_rows(spreads: Sequence[Spread], language: Language) -> list[Row]:
    """Rows of an interval chart, by where a component enters, or a route apart from the mixture."""
    return [
        quantile_row(
            row.name(language),
            row.values,
            order=order,
            group=language.text(row.note or ALONE[row.id != MIXTURE]),
            text=language.number(row.values[1], 3),
        )
        for order, row in enumerate(spreads)
    ]


def spread_words(spreads: Sequence[Spread], language: Language) -> str:
    """The same in words, with the intervals."""
    return "; ".join(f"{row.name(language)}: {range_of(row.values, language)}" for row in spreads)


def range_of(values: tuple[float, float, float], language: Language) -> str:
    """Median with its central 90 %, plain numbers."""
    return language.fill("{p50:number3} ({p05:number3} to {p95:number3})", dict(zip(HEAD, values, strict=True)))


def cases_of(run: Run, case_class: str) -> list[tuple[Case, float]]:
    """Cases of a class with their weights in this run, those in the fit first, by R."""
    weights = run.setting.cases
    cases = [(case, weights[f"case.{case.id}"]) for case in run.registry.cases.values() if case.case_class == case_class]
    return sorted(cases, key=lambda item: (item[1] == 0.0, item[0].ratio))


def drawn_cases(cases: Sequence[tuple[Case, float]]) -> list[tuple[Case, float]]:
    """Cases that a chart has room for: all in the fit, and others unless their R lies far beyond those."""
    most = FAR * max(case.ratio for case, weight in cases if weight > 0.0)
    return [(case, weight) for case, weight in cases if weight > 0.0 or case.ratio <= most]


def case_rows(cases: Sequence[tuple[Case, float]], language: Language) -> list[Row]:
    """Rows of the chart of cases."""
    return [
        {"label": language.text(case.label), "order": order, "ratio": case.ratio, "low": case.low, "high": case.high}
        | {"weight": weight, "used": weight > 0.0}
        for order, (case, weight) in enumerate(cases)
    ]


def fit_row(run: Run, case_class: str) -> FitRow:
    """The fit with this run's case weights."""
    setting: Setting = run.setting
    found = fit_of(setting, run.registry, case_class)
    low, middle, high = (float(q) for q in found.predictive().ppf(np.array(list(HEAD.values()))))
    return FitRow(found.m, found.s, found.n_eff, (low, middle, high))


def with_cases(changes: Sequence[tuple[str, str]], before: Run, case_class: str, chosen: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Changes that leave exactly the chosen cases of a class in the fit: each at the scenario's weight, or 1 where that is 0."""
    made = dict(changes)
    for case, weight in cases_of(before, case_class):
        name, wanted = f"case.{case.id}", case.id in chosen
        if wanted == (float(made.get(name, weight)) > 0.0):
            continue
        made.pop(name, None)
        if wanted != (weight > 0.0):
            made[name] = "1" if wanted else "0"
    return tuple(sorted(made.items()))
