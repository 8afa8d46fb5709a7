"""Price of one GPU-hour, in USD, on the bases that need a formula. Bases are alternatives: never add one to another.

Owner's cost: standard annuity of the all-in price K of a GPU less its residual, plus power, building, upkeep and operations
(per hour that the GPU is available), divided by occupancy (per hour that it works).
Epoch's method: Cottier et al. (2024), arXiv 2405.21015, as their published code applies it.
"""

from __future__ import annotations

import numpy as np

from model.distributions import Array

HOURS_PER_YEAR = 8760.0
HOURS_PER_MONTH = 730.0
EPOCH_HOURS_PER_YEAR = 8766.0  # their code counts leap years


def cluster_capital(ownership_server_price: Array, ownership_nonserver_share: Array) -> Array:
    """K, all-in purchase price per GPU (USD): the server's price plus the share that network, storage and installation add."""
    return ownership_server_price / (1.0 - ownership_nonserver_share)


def claimed_purchase(
    claimed_h800: Array,
    claimed_h100: Array,
    claimed_h20: Array,
    claimed_a100: Array,
    fleet_h100_price_ratio: Array,
    fleet_h20_price_ratio: Array,
    fleet_a100_price_ratio: Array,
) -> Array:
    """GPUs of a claimed fleet, each counted at its price over that of an H800 (GPUs)."""
    hopper = claimed_h800 + claimed_h100 * fleet_h100_price_ratio + claimed_h20 * fleet_h20_price_ratio
    return hopper + claimed_a100 * fleet_a100_price_ratio


def capital_recovery_factor(ownership_cost_of_capital: Array, ownership_life: Array) -> Array:
    """Yearly payment per USD borrowed (1/year): r / (1 - (1 + r)^-n), and 1/n where r = 0."""
    r = np.asarray(ownership_cost_of_capital)
    safe = np.where(r == 0.0, 1.0, r)
    return np.asarray(np.where(r == 0.0, 1.0 / ownership_life, safe / (1.0 - (1.0 + safe) ** -ownership_life)))


def capital_hour(
    cluster_capital: Array,
    ownership_residual_share: Array,
    ownership_cost_of_capital: Array,
    ownership_life: Array,
    capital_recovery_factor: Array,
) -> Array:
    """Capital cost of an available hour: annuity of K less the discounted residual, over 8,760 hours."""
    discounted = ownership_residual_share / (1.0 + ownership_cost_of_capital) ** ownership_life
    return cluster_capital * (1.0 - discounted) * capital_recovery_factor / HOURS_PER_YEAR


def power_hour(
    ownership_kw_provisioned: Array,
    ownership_load_factor: Array,
    ownership_pue: Array,
    ownership_electricity_price: Array,
) -> Array:
    """Electricity of one hour, with the building's overhead (PUE)."""
    return ownership_kw_provisioned * ownership_load_factor * ownership_pue * ownership_electricity_price


def facility_hour(ownership_kw_provisioned: Array, ownership_facility_price: Array) -> Array:
    """Building of one hour, paid by provisioned kW and month."""
    return ownership_kw_provisioned * ownership_facility_price / HOURS_PER_MONTH


def maintenance_hour(ownership_maintenance_share: Array, cluster_capital: Array) -> Array:
    """Repairs and spares of one hour, as a yearly share of K."""
    return ownership_maintenance_share * cluster_capital / HOURS_PER_YEAR


def available_hour(capital_hour: Array, power_hour: Array, facility_hour: Array, maintenance_hour: Array, ownership_ops: Array) -> Array:
    """Owner's full cost of an hour in which the GPU is available."""
    return capital_hour + power_hour + facility_hour + maintenance_hour + ownership_ops


def busy_hour(available_hour: Array, ownership_occupancy: Array) -> Array:
    """Owner's full cost of an hour in which the GPU works: idle hours are charged to the work."""
    return available_hour / ownership_occupancy


def marginal_hour(power_hour: Array, ownership_ops: Array) -> Array:
    """What one more hour of capacity that is already owned costs: electricity and operations."""
    return power_hour + ownership_ops


def epoch_depreciated_price(epoch_purchase_price: Array, epoch_decay: Array, epoch_years_depreciated: Array) -> Array:
    """Purchase price after ``years`` of falling ``decay`` orders of magnitude a year."""
    return epoch_purchase_price * 10.0 ** (-epoch_decay * epoch_years_depreciated)


def epoch_hour(
    epoch_depreciated_price: Array,
    epoch_decay: Array,
    epoch_interconnect_share: Array,
    epoch_board_power: Array,
    epoch_server_power_ratio: Array,
    epoch_load_factor: Array,
    epoch_pue: Array,
    epoch_electricity_price: Array,
) -> Array:
    """Epoch AI's amortised hour: the depreciated price charged at its own rate of decay, interconnect on top, plus energy."""
    hardware = epoch_depreciated_price * epoch_decay * np.log(10.0) / EPOCH_HOURS_PER_YEAR / (1.0 - epoch_interconnect_share)
    drawn_kw = epoch_board_power * epoch_server_power_ratio * epoch_load_factor
    return np.asarray(hardware + drawn_kw * epoch_pue * epoch_electricity_price)
