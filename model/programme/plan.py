"""What a programme is simulated with: the assumptions behind it, and one replication's draw of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.distributions import Array, Distribution
from model.engine import DEFAULT_SUBJECT
from model.errors import InputError, need
from model.registry import Registry, load_registry
from model.sampling import SCRAMBLES
from model.schema.assumption import Subject
from model.schema.scenario import Scenario
from model.setting import DEFAULT_SCENARIO, Setting, resolve
from model.system import System

if TYPE_CHECKING:
    from model.programme.simulation import Inputs

PREFIX = "programme."
SHARED: Mapping[str, str] = {"window.days": "days", "window.gpus": "final_gpus"}
COUNTS = ("replicates", "post_training_rounds", "kept_checkpoints")
PRICE_POINTS = 256  # per scramble
MOST_EVENTS = 1e6
MEDIAN = 0.5


@dataclass(frozen=True)
class Plan:
    """The distributions of a programme's inputs, by parameter id, and prices of a GPU-hour (USD), rising."""

    setting: Setting
    stages: tuple[str, ...]
    distributions: Mapping[str, Distribution]
    prices: Array

    def at(self, shares: Sequence[float]) -> Inputs:
        """Inputs at one share in (0, 1) each, in the order of ``distributions``; GPUs and other counts are whole."""
        from model.programme.simulation import Inputs

        drawn = {n: float(d.ppf(np.array([u]))[0]) for (n, d), u in zip(self.distributions.items(), shares, strict=True)}
        stages = tuple((name.partition(".")[2], drawn.pop(name)) for name in self.stages)
        named: dict[str, Any] = {SHARED.get(name, name.removeprefix(PREFIX)): value for name, value in drawn.items()}
        counted = {name: max(1, round(value)) for name, value in named.items() if name in COUNTS or name.endswith("_gpus")}
        return Inputs(stages, **(named | counted))

    def drawn(self, rng: np.random.Generator) -> Inputs:
        """Inputs of one replication.

        Raises
        ------
        InputError
            It has too many events to simulate.
        """
        found = self.at(rng.random(len(self.distributions)).tolist())
        _check_events(found)
        return found

    def middle(self) -> Inputs:
        """Every input at its median."""
        return self.at([MEDIAN] * len(self.distributions))


def plan(scenario: str | Path | Scenario = DEFAULT_SCENARIO, *, registry: Registry | None = None, changes: Sequence[str] = ()) -> Plan:
    """The programme behind DeepSeek-V3 in a scenario.

    Parameters
    ----------
    scenario : id of a scenario, path of a TOML file, or Scenario
    registry : assumptions; the project's own when none is given
    changes : ``"ID=VALUE"`` overrides, applied last

    Raises
    ------
    InputError
        The window is shorter than the final run, or the programme has too many events to simulate.
    """
    registry = registry or load_registry()
    return plan_of(resolve(scenario, registry, changes=changes), registry, registry.subject(DEFAULT_SUBJECT))


def plan_of(setting: Setting, registry: Registry, subject: Subject) -> Plan:
    """The programme of a resolved setting."""
    need("simpy", "programme")
    own = sorted(name for name in setting.distributions if name.startswith(PREFIX))
    names = (*subject.run, *SHARED, *own)
    prices = System(setting, registry, subject).ledger(0, PRICE_POINTS).value("price")
    ordered = np.sort(np.broadcast_to(prices, (SCRAMBLES, PRICE_POINTS)), axis=None)
    made = Plan(setting, tuple(subject.run), {name: setting.distributions[name] for name in names}, ordered)
    _check_window(made.middle())
    _check_events(made.middle())
    return made


def _check_window(i: Inputs) -> None:
    needed = i.final_hours / i.final_gpus / 24.0
    if needed <= 0.0:
        raise InputError("programme", "the final run has no hours.", "Give its stages GPU-hours.")
    left = i.days - i.research_days
    if needed > left:
        found = f"the window of {i.days:g} days is shorter than the final run:" if needed > i.days else "the window is too short:"
        need_days = f"{needed:.4g} days on {i.final_gpus:,} GPUs, after {i.research_days:.4g} days of research."
        mend = "Raise window.days or window.gpus, or lower programme.research_days."
        raise InputError("window.days", f"{found} it needs {need_days}", mend)


def _check_events(i: Inputs) -> None:
    jobs = i.research_days * (3 * i.replicates * i.ideas_per_day + i.data_jobs_per_day)
    stops = i.failure_rate * i.gpus * i.days + i.spikes
    events = jobs + stops + i.kept_checkpoints + i.post_training_rounds + i.derisk_runs
    if events > MOST_EVENTS:
        raise InputError("programme", f"some {events:.2g} jobs and stops are expected.", f"At most {MOST_EVENTS:.0e} are simulated.")
