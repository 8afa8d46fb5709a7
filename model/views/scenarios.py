"""States side by side: quantiles and differences by scope, and what differs in their assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.comparison import Comparison
from model.document import Document, comparison_document
from model.engine import Run
from model.numerical_error import Estimated
from model.overrides import describe
from model.registry import Registry
from model.views.verdict import Row, quantile_row
from model.wording import Language

SIGNS = ("①", "②", "③", "④")
UNCHANGED = "computed from its parts"


@dataclass(frozen=True)
class Changed:
    """An assumption on which two runs differ: its value in each, and the reasons of those that set it."""

    id: str
    label: str
    is_parameter: bool
    values: tuple[str, ...]
    reasons: tuple[str, ...]


def scope_differences(comparison: Comparison) -> list[Document]:
    """By scope: P5, P50 and P95 of each run and of each other one minus the first, without the names of the runs."""
    document = comparison_document(comparison, changes=False)
    return [scope | {key: list(scope[key].values()) for key in ("scenarios", "differences")} for scope in document["scopes"]]


def step_rows(comparison: Comparison) -> list[tuple[str, str, Mapping[str, Estimated | None]]]:
    """What each change does alone to the medians: sign of the state, id of what changes ("" for what is left), effect by scope."""
    rows = []
    for other, sign in enumerate(SIGNS[1 : len(comparison.runs)], start=1):
        steps = comparison.steps(other)
        rows += [(sign, step.id, step.effect) for step in steps]
        if len(steps) > 1:
            rows.append((sign, "", comparison.remainder(steps, other)))
    return rows


def interval_rows(scopes: Sequence[Document], labels: Sequence[str], registry: Registry, language: Language) -> list[Row]:
    """Rows of the chart: each flow scope in every state, where it is present."""
    rows: list[Row] = []
    for scope in scopes:
        for sign, label, q in zip(SIGNS, labels, scope["scenarios"], strict=False):
            if q is None or not registry.scopes[scope["id"]].flow:
                continue
            name = f"{sign} {language.text(registry.scopes[scope['id']].label)}"
            text = language.money(q["p50"], 3)
            rows.append(quantile_row(name, list(q.values()), order=len(rows), group=f"{sign} {label}", text=text))
    return rows


def range_text(q: Mapping[str, float], language: Language) -> str:
    """Median with its central 90 %; the median alone where nothing is uncertain."""
    template = "{p50:usd3}" if q["p05"] == q["p95"] else "{p50:usd3} ({p05:usd3} to {p95:usd3})"
    return language.fill(template, q)


def changed_assumptions(runs: Sequence[Run]) -> list[Changed]:
    """Assumptions whose written value differs between the runs, in the order in which the runs change them."""
    written = [{override.id: override for override in run.setting.overrides} for run in runs]
    rows = []
    for name in dict.fromkeys(name for own in written for name in own):
        stated = _as_assumed(runs[0].registry, name)
        values = tuple(own[name].value if name in own else stated for own in written)
        if len(set(values)) > 1:
            reasons = tuple(own[name].reason if name in own else "" for own in written)
            label, is_parameter = _label(runs[0].registry, name)
            rows.append(Changed(name, label, is_parameter, values, reasons))
    return rows


def correlated(run: Run) -> tuple[str, ...]:
    """Labels of the sets of rank correlations that are switched on."""
    pairs = {(pair.first, pair.second) for pair in run.setting.correlations}
    sets = run.registry.correlation_sets.values()
    return tuple(group.label for group in sets if pairs.issuperset((pair.first, pair.second) for pair in group.pairs))


STEPS = {"route": "Weights of the routes", "correlations": "Rank correlations", "": "together beyond the sum"}


def step_label(registry: Registry, name: str) -> tuple[str, bool]:
    """Name in words of what a step changes, and whether it is a parameter."""
    return (STEPS[name], False) if name in STEPS else _label(registry, name)


def _label(registry: Registry, name: str) -> tuple[str, bool]:
    if name in registry.parameters:
        return registry.parameters[name].label, True
    case = registry.cases.get(name.removeprefix("case."))
    if name.startswith("case.") and case is not None:
        return case.label, False
    return {**registry.components, **registry.choices, **registry.weights}[name].label, False


def _as_assumed(registry: Registry, name: str) -> str:
    """The value of an assumption that nothing changes."""
    if name in registry.parameters:
        entry = registry.parameters[name]
        return f"{describe(entry.distribution)} {entry.unit}"
    if name in registry.choices:
        return registry.choices[name].default
    if name in registry.weights:
        return f"{registry.weights[name].default:g}"
    if name.startswith("case."):
        return f"{registry.cases[name.removeprefix('case.')].weight:g}"
    return UNCHANGED
