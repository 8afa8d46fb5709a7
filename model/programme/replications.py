"""Programmes simulated: one to look at, or many for a distribution with its error."""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from model.distributions import Array
from model.errors import InputError
from model.numerical_error import Estimated
from model.programme.plan import Plan

if TYPE_CHECKING:
    from model.programme.simulation import Inputs, Job

CHUNK = 16  # replications that a process takes at once
ALONE = 64  # so few are not worth starting processes for
MOST = 100_000
REPLICATIONS = 128  # where a probability is asked for and their number is not
TABLE = 100  # values in which the law of R is kept


@dataclass(frozen=True)
class Replay:
    """One simulated programme. ``ledger`` holds GPU-hours by component and sums to the capacity; times are in days."""

    inputs: Inputs
    jobs: tuple[Job, ...]
    ledger: Mapping[str, float]
    finished_day: float | None

    @property
    def capacity(self) -> float:
        """GPU-hours of the cluster in the window."""
        return self.inputs.gpus * self.inputs.window

    @property
    def used(self) -> float:
        """GPU-hours that jobs held."""
        return self.capacity - self.ledger["idle"]

    @property
    def ratio(self) -> float | None:
        """R, all that was used over the final run's productive hours; None if that run did not finish in the window."""
        return None if self.finished_day is None else self.used / self.inputs.final_hours

    @property
    def goodput(self) -> float | None:
        """Productive over elapsed time inside the final run; None if it never began."""
        final = self.ledger["final_run"]
        return final / (final + self.ledger["rework"]) if final else None

    def occupancy(self, bins: int) -> Array:
        """Share of the GPUs in use in each of as many equal parts of the window."""
        edges = np.linspace(0.0, self.inputs.window, bins + 1)
        starts, ends = (np.array([getattr(job, name) for job in self.jobs]) for name in ("start", "end"))
        gpus = np.array([job.gpus for job in self.jobs])
        held = (np.clip(edges, starts[:, None], ends[:, None]) - starts[:, None]) * gpus[:, None]
        return np.asarray(np.diff(held.sum(axis=0)) * bins / self.capacity)


def replay(plan: Plan, *, seed: int = 1, replication: int = 0) -> Replay:
    """Simulate one programme: the first replication of a seed, or another one.

    Parameters
    ----------
    plan : what it is simulated with
    seed : of the draws
    replication : its number; numbers of one seed are independent of each other
    """
    from model.programme.simulation import HOURS_PER_DAY, Simulation

    rng = np.random.default_rng([seed, replication])
    done = Simulation(plan.drawn(rng), rng).run()
    finished = None if done.finished is None else done.finished / HOURS_PER_DAY
    return Replay(done.inputs, tuple(done.jobs), done.ledger(), finished)


@dataclass(frozen=True)
class Replications:
    """What many replications came to, one value each. NaN stands for a final run that did not finish, or never began."""

    plan: Plan
    seed: int
    ledgers: Mapping[str, Array]
    used: Array
    ratio: Array
    goodput: Array
    finished_day: Array

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.used)

    @property
    def finished(self) -> float:
        """Share of them whose final run finished in the window."""
        return float(np.mean(np.isfinite(self.finished_day)))

    def table(self) -> tuple[float, ...]:
        """R of those that finished at mid-ranks (i + 1/2)/100; empty if none did."""
        ratios = self.ratio[np.isfinite(self.ratio)]
        return tuple(np.quantile(ratios, (np.arange(TABLE) + 0.5) / TABLE, method="hazen").tolist()) if len(ratios) else ()

    def probability(self, budget_usd: float = math.inf, days: float = math.inf) -> Estimated:
        """Probability of finishing within a budget and a date, with its standard error over the replications.

        The price is integrated out: each replication counts by the share of prices at which its hours cost at most the budget.
        Where all agree, the error is that of one dissenter among two more.
        """
        affordable = np.searchsorted(self.plan.prices, budget_usd / self.used, side="right") / len(self.plan.prices)
        chances = np.where(self.finished_day <= days, affordable, 0.0)
        spread = float(np.std(chances, ddof=1)) if self.number > 1 else 0.0
        share = 1.0 / (self.number + 2.0)
        return Estimated(float(np.mean(chances)), (spread or math.sqrt(share * (1.0 - share))) / math.sqrt(self.number))


def _chunk(plan: Plan, seed: int, numbers: Sequence[int]) -> list[list[float]]:
    return [_row(replay(plan, seed=seed, replication=number)) for number in numbers]


def _row(one: Replay) -> list[float]:
    known = (math.nan if value is None else value for value in (one.ratio, one.goodput, one.finished_day))
    return [*one.ledger.values(), one.used, *known]


def replicate(plan: Plan, number: int, *, seed: int = 1, workers: int = 1, advance: Callable[[int], object] = bool) -> Replications:
    """Simulate many programmes, in processes; the result does not depend on their number.

    Parameters
    ----------
    plan : what they are simulated with
    number : of replications, 1 to 100,000
    seed : of the draws
    workers : processes to share the work; with more than one, a script of yours needs its ``if __name__ == "__main__"``
    advance : told how many more are done

    Raises
    ------
    InputError
        The number is out of range.
    """
    if not 1 <= number <= MOST:
        raise InputError("--replications", f"{number} is out of range.", f"Between 1 and {MOST:,}.")
    chunks = [range(start, min(start + CHUNK, number)) for start in range(0, number, CHUNK)]
    work = partial(_chunk, plan, seed)
    if workers == 1 or number <= ALONE:
        return _collected(plan, seed, map(work, chunks), advance)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        return _collected(plan, seed, pool.map(work, chunks), advance)


def _collected(plan: Plan, seed: int, chunks: Iterable[list[list[float]]], advance: Callable[[int], object]) -> Replications:
    from model.programme.simulation import COMPONENTS

    rows: list[list[float]] = []
    for chunk in chunks:
        rows += chunk
        advance(len(chunk))
    columns = np.array(rows).T
    ledgers = dict(zip(COMPONENTS, columns, strict=False))
    return Replications(plan, seed, ledgers, *columns[len(COMPONENTS) :])
