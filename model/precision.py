"""Precision on demand: as many points as the printed figures need."""

from __future__ import annotations

from collections.abc import Iterator

from model.engine import Run, run_setting
from model.errors import InputError, RefusedError
from model.estimate import ScopeEstimate
from model.numerical_error import STANDARD_ERRORS

FIGURES = (0.05, 0.5, 0.95)  # the quantiles that tables print
GROWTH = 4  # of the points from one attempt to the next


def run_within(tolerance: float, begun: Run) -> Run:
    """The run with as many points as it takes until two standard errors of every printed figure are within a share of it.

    Parameters
    ----------
    tolerance : as a fraction, 0.01 for 1 %
    begun : the run with the points to start from

    Raises
    ------
    InputError
        The tolerance is not between 0 and 1.
    RefusedError
        The most points that are allowed do not reach it; the message has what they reach.
    """
    if not 0.0 < tolerance < 1.0:
        raise InputError("--tol", f"{tolerance:g} is no tolerance.", "Write a share between 0 and 1, such as 0.01 for 1 %.")
    most, asked = int(begun.registry.rules["headline_points"]), [scope for scope, own in begun.scopes.items() if own.routes]
    while (worst := worst_error(begun)) > tolerance:
        if begun.points >= most:
            least = format(worst, ".2g")  # as it is typed, in whatever language
            raise RefusedError(
                f"--tol {tolerance:g}: {begun.points:,} points leave {least} in the least certain figure, and no more are spent. "
                f"Ask for {least} or more."
            )
        setting = begun.setting.with_points(min(GROWTH * begun.points, most))
        begun = run_setting(setting, begun.registry, begun.subject.id, asked)
    return begun


def worst_error(run: Run) -> float:
    """Two standard errors of the least certain printed figure, as a share of it."""
    return max((STANDARD_ERRORS * share for estimate in _estimates(run) for share in _shares(estimate)), default=0.0)


def _estimates(run: Run) -> Iterator[ScopeEstimate]:
    """Every scope and each of its routes, as a run prints them."""
    for estimate in run.scopes.values():
        if estimate.routes:
            yield estimate
            yield from (estimate.route(route.id) for route in estimate.routes if route.id)


def _shares(estimate: ScopeEstimate) -> Iterator[float]:
    told = estimate.figures(FIGURES, [])
    return (float(error / value) for value, error in zip(told.quantiles, told.quantile_errors, strict=True))
