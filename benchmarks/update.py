"""Evidence updates: time over the run that they stand on, and error against plain importance weighting of the drawn costs."""

from __future__ import annotations

import numpy as np

from benchmarks.speed import fresh_seed, interleaved, ratio
from benchmarks.table import Row, at_least, at_most, root_mean_square
from model.engine import Run, run
from model.numerical_error import drawn_quantiles
from model.posterior import condition
from model.posterior_evidence import EXAMPLE, load_observation, log_likelihood
from model.registry import load_registry

ROUNDS, SEEDS = 9, range(1, 17)
MANY = 1 << 17
SCOPE, MEDIAN = "project", {"p50": 0.5}


def _medians(prior: Run) -> tuple[float, float]:
    """Posterior median of the project: ours, and by weighting the drawn costs of every route."""
    observation = load_observation(EXAMPLE, prior.registry)
    ours = float(condition(prior, [observation]).scopes[SCOPE].quantile(0.5))
    costs, weights = [], []
    for route in prior.scopes[SCOPE].routes:
        costs.append(prior.draws(SCOPE, route.id))
        weights.append(route.weight * np.exp(log_likelihood(observation.observed, prior.draws("research_ratio", route.id))))
    return ours, drawn_quantiles(np.concatenate(costs, axis=1), MEDIAN, np.concatenate(weights, axis=1))["p50"]


def rows() -> list[Row]:
    """Time and error of one observation on every scope, at the default number of points."""
    registry = load_registry()
    observation = load_observation(EXAMPLE, registry)

    def updated() -> object:
        return condition(run(registry=registry, seed=fresh_seed()), [observation])

    times = interleaved({"run": lambda: run(registry=registry, seed=fresh_seed()), "update": updated}, ROUNDS)
    truth = float(condition(run(registry=registry, points=MANY, seed=99), [observation]).scopes[SCOPE].quantile(0.5))
    pairs = np.array([_medians(run(registry=registry, seed=seed)) for seed in SEEDS]) / truth - 1.0
    ours, plain = (root_mean_square(pairs[:, k].tolist()) for k in range(2))
    return [
        at_most("update: a run and its posterior, over the run", ratio(times["update"], times["run"]), 5.0),
        at_least("update: error of plain weighting over ours, posterior median", plain / ours, 1.0, f" (ours {ours:.2e})"),
    ]
