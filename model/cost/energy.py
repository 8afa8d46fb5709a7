"""Electricity as a side output; it is inside every price basis and never added to one."""

from __future__ import annotations

from model.distributions import Array

KWH_PER_GWH = 1e6
KG_PER_TONNE = 1e3


def energy_gwh(executed_hours: Array, ownership_kw_provisioned: Array, ownership_load_factor: Array, ownership_pue: Array) -> Array:
    """Electricity of the run as executed, host and building included (GWh)."""
    return executed_hours * ownership_kw_provisioned * ownership_load_factor * ownership_pue / KWH_PER_GWH


def co2e_tonnes(energy_gwh: Array, energy_grid_factor: Array) -> Array:
    """Emissions of that electricity (tonnes of CO2e) at an average grid factor in kg per kWh."""
    return energy_gwh * KWH_PER_GWH * energy_grid_factor / KG_PER_TONNE
