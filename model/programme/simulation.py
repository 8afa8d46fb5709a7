"""One programme, event by event: jobs queue for a cluster's GPUs, fail, restart, and are accounted to the last GPU-hour.

Time is in hours and moves in ticks of 1/4096, so that GPU-hours are exact binary numbers and the ledger balances to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import simpy
from simpy.resources.container import ContainerGet
from simpy.resources.resource import SortedQueue

TICKS = 4096.0
HOURS_PER_DAY = 24.0
RESERVED, EVALUATING, RESEARCH = range(3)  # who is served first
FINAL = "final_run"
COMPONENTS = (FINAL, "rework", "ablations", "data_work", "derisk", "post_training", "evaluation", "idle")

Steps = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Inputs:
    """What one replication runs with. GPU-hours end in ``hours``, hours in ``time`` or ``interval``; ``stages`` are of the final run."""

    stages: tuple[tuple[str, float], ...]
    days: float
    final_gpus: int
    other_gpus: int
    research_days: float
    ideas_per_day: float
    replicates: int
    small_hours: float
    small_gpus: int
    small_promoted: float
    medium_hours: float
    medium_gpus: int
    medium_promoted: float
    near_scale_hours: float
    near_scale_gpus: int
    derisk_runs: float
    derisk_share: float
    post_training_rounds: int
    post_training_hours: float
    kept_checkpoints: int
    evaluation_hours: float
    evaluation_share: float
    data_jobs_per_day: float
    data_job_hours: float
    failure_rate: float
    checkpoint_interval: float
    detection_time: float
    restart_time: float
    spikes: float
    rollback_time: float

    @property
    def final_hours(self) -> float:
        """Productive GPU-hours of the final run, F."""
        return sum(hours for _, hours in self.stages)

    @property
    def window(self) -> float:
        """Hours of the window, a whole number of ticks."""
        return whole(self.days * HOURS_PER_DAY)

    @property
    def gpus(self) -> int:
        """GPUs of the cluster."""
        return self.final_gpus + self.other_gpus


@dataclass(frozen=True, slots=True)
class Job:
    """GPUs held from ``start`` to ``end`` (hours), ``lost`` hours of it to stops."""

    component: str
    label: str
    gpus: int
    asked: float
    start: float
    end: float
    lost: float = 0.0


def whole(hours: float) -> float:
    """Hours rounded up to a whole number of ticks."""
    return math.ceil(hours * TICKS) / TICKS


def waiting(rng: np.random.Generator, rate: float) -> float:
    """Time to the next event of a Poisson process."""
    return rng.exponential(1.0 / rate) if rate > 0.0 else math.inf


def lost_time(
    work: float,
    rng: np.random.Generator,
    *,
    stop_rate: float,
    interval: float,
    downtime: float,
    spike_rate: float = 0.0,
    rollback: float = 0.0,
    most: float = math.inf,
) -> float:
    """Hours lost while ``work`` productive hours are done.

    A stop throws the run back to its last checkpoint, every ``interval`` hours of progress, a loss spike by ``rollback`` hours; both
    cost ``downtime``. Rates are per hour of running. Beyond ``most`` hours lost the count ends: no window would hold the run.
    """
    done = lost = 0.0
    while lost <= most and (step := waiting(rng, stop_rate + spike_rate)) < work - done:
        done += step
        spike = spike_rate > 0.0 and rng.random() * (stop_rate + spike_rate) < spike_rate
        back = rollback if spike else done % interval if interval else 0.0
        done -= back
        lost += back + downtime
    return lost


class _Claim(ContainerGet):
    """A request for GPUs, served by priority, then in the order of asking."""

    def __init__(self, cluster: Cluster, gpus: int, priority: int) -> None:
        self.key = priority
        super().__init__(cluster, gpus)


class Cluster(simpy.Container):
    """GPUs that are free; it adds up the hours for which they are, apart from any account of the jobs."""

    GetQueue: ClassVar = SortedQueue

    def __init__(self, env: simpy.Environment, gpus: int) -> None:
        super().__init__(env, gpus, gpus)
        self.idle_hours = self._since = 0.0

    def settle(self) -> None:
        """Add the free GPUs' hours up to now."""
        self.idle_hours += self._level * (self._env.now - self._since)
        self._since = self._env.now

    def release(self, gpus: int) -> None:
        """Give GPUs back, and serve who waits: ``put`` without an event of its own."""
        self.settle()
        self._level += gpus
        self._trigger_get(None)

    def _do_get(self, event: Any) -> bool | None:
        self.settle()
        return super()._do_get(event)


class Simulation:
    """The processes of a programme on one cluster."""

    def __init__(self, inputs: Inputs, rng: np.random.Generator) -> None:
        self.inputs = inputs
        self.rng = dict(zip(COMPONENTS, rng.spawn(len(COMPONENTS)), strict=True))  # so that more of one thing moves no other
        self.env = simpy.Environment()
        self.cluster = Cluster(self.env, inputs.gpus)
        self.freeze = whole(inputs.research_days * HOURS_PER_DAY)
        self.jobs: list[Job] = []
        self.finished: float | None = None
        # Smallest first: runs of an idea at each rung, their GPUs, and the chance that the idea goes on to the next.
        self.ladder = (
            ("small", inputs.small_hours, inputs.small_gpus, inputs.small_promoted),
            ("medium", inputs.medium_hours, inputs.medium_gpus, inputs.medium_promoted),
            ("near_scale", inputs.near_scale_hours, inputs.near_scale_gpus, 0.0),
        )

    def run(self) -> Simulation:
        """Run to the end of the window; returns itself."""
        start = self.env.process
        for steps in (self._ideas(), self._data(), self._derisk(), self._post_training(), self._final()):
            start(steps)
        self.env.run(until=self.inputs.window)
        self.cluster.settle()
        return self

    def ledger(self) -> dict[str, float]:
        """GPU-hours by component within the window; idle is measured, not what is left over."""
        found = dict.fromkeys(COMPONENTS, 0.0)
        for job in self.jobs:
            held = min(job.end, self.inputs.window) - job.start
            lost = min(job.lost, held) if job.component == FINAL else 0.0
            found[job.component] += job.gpus * (held - lost)
            found["rework"] += job.gpus * lost
        return found | {"idle": self.cluster.idle_hours}

    def _lost(self, component: str, work: float, gpus: int, spike_rate: float = 0.0) -> float:
        i = self.inputs
        stops = {"stop_rate": i.failure_rate * gpus / HOURS_PER_DAY, "interval": i.checkpoint_interval}
        down = i.detection_time + i.restart_time
        return lost_time(work, self.rng[component], **stops, downtime=down, spike_rate=spike_rate, rollback=i.rollback_time, most=i.window)

    def _hold(self, component: str, label: str, gpus: int, *, asked: float, work: float, lost: float = 0.0) -> simpy.Event:
        now, lost = self.env.now, whole(lost)
        end = now + whole(work) + lost
        self.jobs.append(Job(component, label, gpus, asked, now, end, lost))
        return self.env.timeout(end - now)

    def _job(self, component: str, label: str, gpus: int, hours: float, priority: int = RESEARCH) -> Steps:
        """A job queues, holds its GPUs and gives them back; research that has not begun when the final run asks is given up."""
        asked, gpus = self.env.now, min(gpus, self.inputs.gpus)
        yield _Claim(self.cluster, gpus, priority)
        if priority < RESEARCH or self.env.now < self.freeze:
            work = hours / gpus
            yield self._hold(component, label, gpus, asked=asked, work=work, lost=self._lost(component, work, gpus))
            if component == "ablations":
                yield self._hold("evaluation", label, gpus, asked=self.env.now, work=work * self.inputs.evaluation_share)
        self.cluster.release(gpus)

    def _arrivals(self, component: str, per_day: float) -> Steps:
        """Ends a wait at each arrival until the freeze."""
        while self.env.now + (gap := waiting(self.rng[component], per_day / HOURS_PER_DAY)) < self.freeze:
            yield self.env.timeout(whole(gap))

    def _ideas(self) -> Steps:
        for arrival in self._arrivals("ablations", self.inputs.ideas_per_day):
            yield arrival
            self.env.process(self._idea())

    def _idea(self) -> Steps:
        """An idea climbs the ladder of sizes until it is dropped or tried near full scale."""
        for label, hours, gpus, promoted in self.ladder:
            runs = [self.env.process(self._job("ablations", label, gpus, hours)) for _ in range(self.inputs.replicates)]
            yield self.env.all_of(runs)
            if self.env.now >= self.freeze or self.rng["ablations"].random() >= promoted:
                return

    def _data(self) -> Steps:
        for arrival in self._arrivals("data_work", self.inputs.data_jobs_per_day):
            yield arrival
            hours = self.rng["data_work"].exponential(self.inputs.data_job_hours)
            self.env.process(self._job("data_work", "data_work", self.inputs.small_gpus, hours))

    def _derisk(self) -> Steps:
        i, rng = self.inputs, self.rng["derisk"]
        for gap in np.diff(np.sort(rng.random(rng.poisson(i.derisk_runs))), prepend=0.0):
            yield self.env.timeout(whole(float(gap) * self.freeze))
            self.env.process(self._job("derisk", "derisk", i.final_gpus, i.derisk_share * i.final_hours))

    def _post_training(self) -> Steps:
        i = self.inputs
        for _ in range(i.post_training_rounds):
            self.env.process(self._job("post_training", "post_training_dev", i.medium_gpus, i.post_training_hours))
            yield self.env.timeout(whole(self.freeze / i.post_training_rounds))

    def _final(self) -> Steps:
        """The final run: its GPUs are reserved from the freeze on, so that nothing else starts until it has them."""
        i = self.inputs
        yield self.env.timeout(self.freeze)
        asked = self.env.now
        yield _Claim(self.cluster, i.final_gpus, RESERVED)
        for label, hours in i.stages:
            kept = max(1, round(i.kept_checkpoints * hours / i.final_hours))
            ends = [whole(hours / i.final_gpus * k / kept) for k in range(kept + 1)]
            for begin, end in pairwise(ends):
                work = end - begin
                lost = self._lost(FINAL, work, i.final_gpus, i.spikes * i.final_gpus / i.final_hours)
                yield self._hold(FINAL, label, i.final_gpus, asked=asked, work=work, lost=lost)
                self.env.process(self._job("evaluation", "evaluation", i.small_gpus, i.evaluation_hours, EVALUATING))
        self.finished = self.env.now
        self.cluster.release(i.final_gpus)
