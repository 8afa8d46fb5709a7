"""What the programme's page and command show of a simulation: ledger, calendar, occupancy, spread, and cards."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from model import __version__
from model.auditor.audit import Verdict
from model.cards import Card, mark_of, place_of
from model.distributions import Array
from model.document import HEAD, Document
from model.numerical_error import Estimated, error_of
from model.programme.plan import Plan
from model.programme.replications import Replay, Replications
from model.registry import Registry
from model.views.verdict import Row
from model.wording import Language

COMPONENTS: Mapping[str, str] = {
    "final_run": "Final run, productive hours",
    "rework": "Downtime and rework of the final run",
    "ablations": "Ablations",
    "data_work": "Data work",
    "derisk": "Runs given up or rehearsed",
    "post_training": "Rounds of post-training",
    "evaluation": "Evaluation",
    "idle": "Idle, or at other work",
}
LANES: Mapping[str, str] = {
    "small": "Small trials",
    "medium": "Trials at medium size",
    "near_scale": "Trials near full scale",
    "data_work": "Data work",
    "derisk": "Runs given up or rehearsed",
    "post_training_dev": "Rounds of post-training",
    "pretraining": "Final run: pre-training",
    "context_extension": "Final run: context extension",
    "post_training": "Final run: post-training",
    "evaluation": "Evaluation",
}
# Beginnings of the ids of what a component's hours rest on.
BEHIND: Mapping[str, tuple[str, ...]] = {
    "final_run": ("v3_run.", "window.gpus"),
    "rework": tuple(f"programme.{name}" for name in ("failure", "checkpoint", "detection", "restart", "spikes", "rollback")),
    "ablations": tuple(f"programme.{name}" for name in ("ideas", "replicates", "small", "medium", "near", "research")),
    "data_work": ("programme.data", "programme.small_gpus", "programme.research"),
    "derisk": ("programme.derisk", "window.gpus"),
    "post_training": ("programme.post", "programme.medium_gpus"),
    "evaluation": ("programme.evaluation", "programme.kept", "programme.small_gpus"),
    "idle": ("window.gpus", "programme.other", "window.days"),
}
APART = 0.25  # days; jobs of one kind with less between them are drawn as one
BINS = 120


def _head(plan: Plan, registry: Registry, seed: int, number: int) -> Document:
    written = [{"id": o.id, "value": o.value, "reason": o.reason} for o in plan.setting.overrides]
    made = {"engine": __version__, "registry_sha256": registry.sha256, "scenario": plan.setting.scenario, "overrides": written}
    return made | {"seed": seed, "replications": number}


def replay_document(plan: Plan, found: Replay, registry: Registry, seed: int) -> Document:
    """One simulated programme: GPU-hours, R, goodput, the day on which it was done, the calendar in days."""
    figures = {"capacity_gpu_hours": found.capacity, "ledger": dict(found.ledger), "R": found.ratio, "goodput": found.goodput}
    spans = [{"job": lane, "start": start, "end": end} for lane, parts in calendar(found).items() for start, end in parts]
    return _head(plan, registry, seed, 1) | figures | {"finished_day": found.finished_day, "calendar": spans}


def spread_of(values: Array) -> Document | None:
    """P5, P50, P95 and mean of what replications came to, with the standard error of the mean; None if none came to anything."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    quantiles = {name: _quantile(known, share) for name, share in HEAD.items()}
    mean = _mean(known)
    return quantiles | {"mean": mean, "standard_error": mean.error if len(known) > 1 else None}


def _mean(values: Array) -> Estimated:
    return Estimated(float(np.mean(values)), float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0)


def _quantile(values: Array, probability: float) -> Estimated:
    """A quantile of independent values; its error is half the distance of those that lie one standard error of a rank either side."""
    aside = math.sqrt(probability * (1.0 - probability) / len(values))
    ends = np.clip([probability - aside, probability, probability + aside], 0.0, 1.0)
    low, middle, high = np.quantile(values, ends).tolist()
    return Estimated(middle, 0.5 * (high - low))


def replications_document(found: Replications, registry: Registry, budget_usd: float | None, days: float | None) -> Document:
    """Many simulated programmes: mean ledger, medians of R, goodput and day, their spread, and the chance of a budget and a date."""
    ledger = {name: _mean(values) for name, values in found.ledgers.items()}
    spread = {
        name: spread_of(values) for name, values in (("R", found.ratio), ("goodput", found.goodput), ("finished_day", found.finished_day))
    }
    made = _head(found.plan, registry, found.seed, found.number) | {"capacity_gpu_hours": sum(ledger.values()), "ledger": ledger}
    made |= {name: None if q is None else q["p50"] for name, q in spread.items()}
    made |= {"finished": found.finished, "spread": spread, "R_table": list(found.table())}
    if budget_usd is not None or days is not None:
        asked = (math.inf if value is None else value for value in (budget_usd, days))
        chance = found.probability(*asked)
        made |= {"probability": chance, "standard_error": chance.error}
    return made


def ledger_rows(ledger: Mapping[str, float], final_hours: float, language: Language) -> list[tuple[str, str, str, str, str]]:
    """Component, its name, GPU-hours, multiple of the final run, share of the capacity."""
    capacity, text = sum(ledger.values()), language.text
    rows = []
    for name, value in ledger.items():
        hours = Estimated(value, error_of(value))
        shares = (language.number(hours.over(final_hours), 3), language.percent(hours.over(capacity), 3))
        rows.append((name, text(COMPONENTS[name]), language.count(hours), *shares))
    return rows


def calendar(found: Replay) -> dict[str, list[tuple[float, float]]]:
    """Days between which jobs of each kind held GPUs."""
    spans: dict[str, list[tuple[float, float]]] = {lane: [] for lane in LANES}
    for job in sorted(found.jobs, key=lambda job: job.start):
        lane = spans[job.component if job.component == "evaluation" else job.label]
        start, end = job.start / 24.0, min(job.end, found.inputs.window) / 24.0
        if lane and start - lane[-1][1] < APART:
            lane[-1] = (lane[-1][0], max(end, lane[-1][1]))
        else:
            lane.append((start, end))
    return {name: lane for name, lane in spans.items() if lane}


def gantt_rows(found: Replay, language: Language) -> list[Row]:
    """Rows of the calendar's chart."""
    hours: dict[str, float] = defaultdict(float)
    for job in found.jobs:
        held = min(job.end, found.inputs.window) - job.start
        hours[job.component if job.component == "evaluation" else job.label] += job.gpus * held
    return [
        {"label": language.text(LANES[lane]), "order": order, "start": start, "end": end, "text": language.count(hours[lane], 3)}
        for order, (lane, spans) in enumerate(calendar(found).items())
        for start, end in spans
    ]


def occupancy_rows(found: Replay) -> list[Row]:
    """Rows of the chart of how full the cluster was."""
    days = found.inputs.days / BINS
    return [{"day": days * i, "busy": float(share)} for i, share in enumerate(found.occupancy(BINS))]


def inputs_behind(names: Sequence[str], component: str) -> tuple[str, ...]:
    """Ids of the parameters that a component's hours rest on."""
    return tuple(name for name in names if name.startswith(BEHIND[component]))


def programme_card(verdict: Verdict, component: str, language: Language) -> Card:
    """The card of a simulated component: what it rests on."""
    registry = verdict.run.registry
    names = inputs_behind(tuple(registry.parameters), component)
    mark = next(filter(None, (mark_of(registry.parameters[name]) for name in names)), "")
    lines = ((language.text("Computed"), language.text("Added up job by job in a simulated programme; docs/programme.md tells how.")),)
    return Card(language.text(COMPONENTS[component]), lines, (), names, (), place_of(registry, "parameter", names[0]), mark)
