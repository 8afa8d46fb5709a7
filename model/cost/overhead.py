"""From the final run to all compute that went into the model: components and routes to R.

R is total development compute over the final run's productive GPU-hours. Every route's R is at least the elapsed time per
productive hour, since the run itself was paid for as it was executed.
"""

from __future__ import annotations

import numpy as np

from model.distributions import Array

HOURS_PER_DAY = 24.0


def elapsed_ratio(goodput: Array) -> Array:
    """Elapsed over productive time inside the named run, 1/g."""
    return 1.0 / goodput


def rework(elapsed_ratio: Array) -> Array:
    """C1, downtime and repeated work inside the run, as a multiple of its productive hours."""
    return elapsed_ratio - 1.0


def ablations(ablations_disclosed: Array, ablations_undisclosed: Array) -> Array:
    """C2, experiments on architecture, scaling and precision: the disclosed floor times what stayed undisclosed."""
    return ablations_disclosed * ablations_undisclosed


def ratio_bottom_up(bottom_up_components: Array) -> Array:
    """R as one plus the sum of the components that enter bottom-up."""
    return 1.0 + bottom_up_components


def ratio_cluster_window(window_gpus: Array, window_days: Array, window_use: Array, window_share: Array, base_hours: Array) -> Array:
    """R as what the disclosed cluster could run for training R&D between two releases, over the final run."""
    return window_gpus * window_days * HOURS_PER_DAY * window_use * window_share / base_hours


def research_ratio(route_ratio: Array, elapsed_ratio: Array) -> Array:
    """R of a route, never below the run as executed."""
    return np.maximum(route_ratio, elapsed_ratio)


def predecessor_hours(predecessors_share: Array, predecessors_hours: Array) -> Array:
    """C7, the part of the earlier models' final runs that this model is charged with (GPU-hours)."""
    return predecessors_share * predecessors_hours


def lab_ratio(overhead_lab_reference_class: Array, elapsed_ratio: Array) -> Array:
    """R of a lab-year, at least the run as executed."""
    return np.maximum(overhead_lab_reference_class, elapsed_ratio)


def lab_hours_reference_class(lab_final_hours: Array, lab_ratio: Array) -> Array:
    """R&D compute of the lab in the window, from the final runs that it released in it (GPU-hours)."""
    return lab_final_hours * lab_ratio


def claimed_training(claimed_h800: Array, claimed_h100: Array) -> Array:
    """GPUs of a claimed fleet that train like an H800; the H20 is left out, since no source that was read gives its peak (GPUs)."""
    return claimed_h800 + claimed_h100


def lab_hours_fleet(
    fleet_h800: Array,
    fleet_a100: Array,
    fleet_a100_equivalent: Array,
    fleet_a100_share: Array,
    lab_days: Array,
    fleet_use: Array,
    fleet_share: Array,
) -> Array:
    """R&D compute of the lab in the window, from the fleet that it could use (H800-equivalent GPU-hours)."""
    gpus = fleet_h800 + fleet_a100 * fleet_a100_equivalent * fleet_a100_share
    return gpus * lab_days * HOURS_PER_DAY * fleet_use * fleet_share
