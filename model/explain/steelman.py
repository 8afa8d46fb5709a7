"""The steelman of either side: the lowest and the highest cost that the stated sources support, and the sources that each needs.

Every uncertain quantity goes to the end of what sources say of it, or stays at its median where none goes beyond. Evidence that was not
read is left out; judgements and grade C may set an end, since they widen a range, and say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.explain.believe import SWEEPS, Surface
from model.explain.question import Question, ask
from model.other_models import GOODPUT, RENTAL, rents_near
from model.schema.base import Evidence
from model.schema.distribution import LogT


@dataclass(frozen=True)
class Figure:
    """A value that a source gives for a quantity, and the evidence for it; the median where no source gives one."""

    value: float
    evidence: Evidence | None


@dataclass(frozen=True)
class Premise:
    """What one case takes for one quantity. Without ``evidence`` it stays at its median: no source goes beyond."""

    id: str
    label: str
    unit: str
    value: float
    evidence: Evidence | None


@dataclass(frozen=True)
class Case:
    """One end of what the sources support: its cost in USD by the route that goes farthest, and what it takes for each quantity."""

    side: str
    cost_usd: float
    route: str
    premises: tuple[Premise, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources that the case needs, each once."""
        return tuple(dict.fromkeys(p.evidence.source for p in self.premises if p.evidence))

    @property
    def weak(self) -> tuple[str, ...]:
        """Quantities whose value rests on grade C evidence, or on none."""
        return tuple(p.id for p in self.premises if p.evidence is None or p.evidence.grade == "C")


def steelman(claim: str, *, scope: str, **asked: Any) -> tuple[Case, Case]:
    """The lowest and the highest case; arguments and errors as those of ``believe``."""
    return steelman_question(ask(claim, scope, **asked))


def steelman_question(question: Question) -> tuple[Case, Case]:
    """The same of a question that has been put."""
    surfaces = [Surface(question, task) for task in question.system.tasks([question.scope])]
    cases = [[_case(surface, sign) for surface in surfaces] for sign in (-1.0, 1.0)]
    return min(cases[0], key=lambda case: case.cost_usd), max(cases[1], key=lambda case: case.cost_usd)


def stated_figures(question: Question, name: str) -> tuple[Figure, ...]:
    """All figures that sources give for a quantity, in its unit, the best grade first; of a reference class those of its cases."""
    found = [Figure(v, e) for values, e in _stated(question, name) if _counts(e) for v in values if v is not None]
    return tuple(sorted(found, key=lambda figure: figure.evidence.grade if figure.evidence else ""))


def _stated(question: Question, name: str) -> Iterator[tuple[tuple[float | None, ...], Evidence]]:
    """Figures with their evidence; of a model with hours of its own for its own hours, its era's goodput and the rents of its chip."""
    registry, system, setting = question.registry, question.system, question.system.setting
    subject = system.subject
    if name in setting.replaced:
        return
    if name == RENTAL and setting.terms_of and subject.released:
        yield from (((rent.usd_per_gpu_hour,), rent.evidence[0]) for rent in rents_near(registry, subject.chip, subject.released))
        return
    entry = system.own.get(name) or registry.parameters[subject.goodput if name == GOODPUT else name]
    yield from (((e.low, e.high), e) for e in entry.evidence)
    if isinstance(entry.distribution, LogT):
        known = (c for c in registry.cases.values() if c.case_class == entry.distribution.cases and setting.cases[f"case.{c.id}"] > 0.0)
        yield from (((c.low, c.ratio, c.high), c.evidence[0]) for c in known)


def _counts(evidence: Evidence) -> bool:
    return evidence.read != "not read" and evidence.stance != "context"


def _case(surface: Surface, sign: float) -> Case:
    """Every quantity at the figure, or median, that pulls the cost the wanted way, swept until none moves it further."""
    question = surface.question
    medians = surface.values(np.zeros((1, len(surface.names))))
    known = {name: (*stated_figures(question, name), Figure(float(medians[name][0]), None)) for name in surface.names}
    chosen, moves = {name: figures[-1] for name, figures in known.items()}, dict.fromkeys(known, False)
    for _ in range(SWEEPS):
        for name, figures in known.items():
            tried = {other: np.array([own.value]) for other, own in chosen.items()} | {name: np.array([f.value for f in figures])}
            cost = surface.log_cost_at(tried, len(figures))
            chosen[name], moves[name] = figures[int(np.argmax(sign * cost))], len(figures) == 1 or bool(np.ptp(cost) > 0.0)
    usd = float(np.exp(surface.log_cost_at({name: np.array([own.value]) for name, own in chosen.items()})[0]))
    premises = (Premise(n, question.label(n), question.unit(n), own.value, own.evidence) for n, own in chosen.items() if moves[n])
    return Case("low" if sign < 0 else "high", usd, surface.task.route.id if surface.task.route else "", tuple(premises))
