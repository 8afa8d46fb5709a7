"""Staff and other R&D that is not compute, by two routes."""

from __future__ import annotations

from model.distributions import Array


def staff_by_ratio(programme: Array, staff_ratio: Array) -> Array:
    """USD: a ratio per dollar of R&D compute."""
    return programme * staff_ratio


def staff_by_headcount(
    staff_people: Array, staff_pay: Array, staff_overhead: Array, staff_years: Array, predecessors_share: Array
) -> Array:
    """USD: people times loaded pay times years, times the part of the lab on this programme."""
    return staff_people * staff_pay * staff_overhead * staff_years * predecessors_share
