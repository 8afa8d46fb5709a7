"""What each accounting boundary adds up, in GPU-hours and USD.

The first five are nested in every draw: each cost is at least the one before.
"""

from __future__ import annotations

from model.distributions import Array


def productive_hours(stated_hours: Array, goodput: Array) -> Array:
    """Productive GPU-hours of a run of which the elapsed ones are stated: GPUs times calendar time."""
    return stated_hours * goodput


def final_run_hours(base_hours: Array, stage_hours: Array) -> Array:
    """Productive GPU-hours of the official run and of a stage on top of it."""
    return base_hours + stage_hours


def executed_hours(final_run_hours: Array, elapsed_ratio: Array) -> Array:
    """GPU-hours that the run occupied."""
    return final_run_hours * elapsed_ratio


def project_hours(base_hours: Array, stage_hours: Array, research_ratio: Array, elapsed_ratio: Array) -> Array:
    """All development compute of the model: R times the official run; a later stage only gains rework."""
    return base_hours * research_ratio + stage_hours * elapsed_ratio


def programme_hours(project_hours: Array, predecessor_hours: Array) -> Array:
    """With the earlier models that it stands on."""
    return project_hours + predecessor_hours


def final_run(final_run_hours: Array, price: Array) -> Array:
    """USD of the final run."""
    return final_run_hours * price


def run_as_executed(executed_hours: Array, price: Array) -> Array:
    """USD of the run with its downtime and rework."""
    return executed_hours * price


def project(project_hours: Array, price: Array) -> Array:
    """USD of this model's research, testing and training."""
    return project_hours * price


def programme(programme_hours: Array, price: Array) -> Array:
    """USD with the attributed part of the predecessors, at the same price."""
    return programme_hours * price


def programme_with_staff(programme: Array, staff_cost: Array) -> Array:
    """USD with staff and other R&D that is not compute."""
    return programme + staff_cost


def lab_window(lab_hours: Array, price: Array, staff_ratio: Array) -> Array:
    """USD of the lab's R&D compute in the window, with staff."""
    return lab_hours * price * (1.0 + staff_ratio)


def fleet_capex(fleet_gpus: Array, cluster_capital: Array) -> Array:
    """USD to buy the fleet: a stock, never added to a flow."""
    return fleet_gpus * cluster_capital
