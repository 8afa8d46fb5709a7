"""Whose fleet: every count of the lab's GPUs on file, each priced alone in one scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from model.engine import Run, run_setting
from model.estimate import ScopeEstimate
from model.routes import DISCLOSED_FLEET
from model.schema.assumption import Fleet

SCOPES = ("fleet_capex", "lab_window")


@dataclass(frozen=True)
class PricedFleet:
    """A fleet with its purchase and the lab's year on it; ``scopes`` is empty where the claim gives no count."""

    fleet: Fleet
    chosen: bool
    scopes: Mapping[str, ScopeEstimate]


def priced_fleets(run: Run) -> tuple[PricedFleet, ...]:
    """Each fleet in place of the one that a run has chosen; nothing where the subject has no fleet, or one that is counted for it alone."""
    if run.system.absent("fleet_capex") or run.subject.fleet != DISCLOSED_FLEET:
        return ()
    return tuple(_priced(run, fleet) for fleet in run.registry.fleets.values())


def _priced(run: Run, fleet: Fleet) -> PricedFleet:
    chosen = run.setting.choices["fleet.claim"] == fleet.id
    if not fleet.gpus:
        return PricedFleet(fleet, chosen, {})
    setting = replace(run.setting, choices={**run.setting.choices, "fleet.claim": fleet.id})
    alone = run_setting(setting, run.registry, run.subject.id, SCOPES)
    return PricedFleet(fleet, chosen, {scope: alone.scopes[scope] for scope in SCOPES})
