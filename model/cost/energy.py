"""Electricity as a side output; it is inside every price basis and never added to one."""

from __future__ import annotations

from model.distributions import Array

KWH_PER_GWH = 1e6


def energy_gwh(executed_hours: Array, ownership_kw_provisioned: Array, ownership_load_factor: Array, ownership_pue: Array) -> Array:
    """Electricity of the run as executed, host and building included (GWh)."""
    return executed_hours * ownership_kw_provisioned * ownership_load_factor * ownership_pue / KWH_PER_GWH
