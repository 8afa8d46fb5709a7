"""Gap, sensitivity and value of information; SALib's Sobol' and Shapley of the same model for intervals as narrow as ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import numpy as np
from SALib.analyze import shapley as shapley_analysis
from SALib.analyze import sobol as sobol_analysis
from SALib.sample import shapley as shapley_sample
from SALib.sample import sobol as sobol_sample
from scipy.special import ndtri

from benchmarks.speed import interleaved, ratio
from benchmarks.table import Row, at_least, at_most, median
from model.auditor.audit import audit
from model.explain.gap import gap_of
from model.explain.indices import POINTS, REPLICATES, shapley_effects, sobol_indices
from model.explain.information import voi_of
from model.explain.scope_cost import ScopeCost
from model.explain.sensitivity import sensitivity_of

CLAIM, SCOPE, USD = "deepseek-v3-5.576m", "project", 5.576e6
ROUNDS = 3
QUICK, SLOW = 0.5, 3.0  # seconds
FEWEST, MOST = 1 << 10, 1 << 17  # SALib's base sample, doubled until its intervals are as narrow as ours

fresh_seed = count(1).__next__
Answer = tuple[float, int]  # widest half interval, evaluations


def ours(model: ScopeCost, method: str) -> Answer:
    """Our total indices or Shapley effects of ln cost."""
    groups = [[k] for k in range(len(model.names))]

    def output(values: np.ndarray) -> np.ndarray:
        return np.log(model.cost(values))[None]

    if method == "sobol":
        found, calls = sobol_indices(output, model.inputs, groups, seed=fresh_seed())[1], len(groups) + 2
    else:
        found, calls = shapley_effects(output, model.inputs, groups, seed=fresh_seed()), len(groups) + 1
    return float(np.max(found.high - found.value)), REPLICATES * POINTS * calls


def salib(model: ScopeCost, method: str, samples: int) -> Answer:
    """The same by SALib, on a base sample of this size."""
    names = list(model.names)
    problem: dict[str, Any] = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    if method == "sobol":
        shares = sobol_sample.sample(problem, samples, calc_second_order=False, seed=fresh_seed())
    else:
        shares = shapley_sample.sample(problem, samples, seed=fresh_seed())
    scores = ndtri(np.clip(shares.T, 1e-12, 1.0 - 1e-12))
    cost = np.log(model.cost(model.inputs.values(scores)))
    if method == "sobol":
        found = sobol_analysis.analyze(problem, cost, calc_second_order=False, seed=1)["ST_conf"]
    else:
        found = shapley_analysis.analyze(problem, shares, cost)["shapley_normalized_conf"]
    return float(np.max(found)), len(shares)


def peers(model: ScopeCost, method: str) -> list[Row]:
    """Evaluations and time that SALib needs over ours."""
    half, calls = ours(model, method)
    samples = FEWEST
    while (found := salib(model, method, samples))[0] > half and samples < MOST:
        samples *= 2
    times = interleaved({"ours": lambda: ours(model, method), "SALib": lambda: salib(model, method, samples)}, ROUNDS)
    return [
        Row(f"{method}: widest half interval and evaluations, ours; SALib's", f"{half:.3f}, {calls:,}; {found[0]:.3f}, {found[1]:,}"),
        at_least(f"{method}: SALib's evaluations over ours", found[1] / calls, 1.0),
        at_least(f"{method}: SALib's time over ours", ratio(times["SALib"], times["ours"]), 1.0),
    ]


def rows() -> list[Row]:
    """Seconds of each answer for the default scenario, and the peer's figures."""
    verdict = audit(CLAIM)
    run = verdict.run
    work: Mapping[str, tuple[float, Callable[[], object]]] = {
        "gap": (QUICK, lambda: gap_of(verdict, "programme_with_staff")),
        "tornado": (QUICK, lambda: sensitivity_of(run, SCOPE, method="tornado")),
        "Sobol'": (SLOW, lambda: sensitivity_of(run, SCOPE, method="sobol")),
        "Shapley": (SLOW, lambda: sensitivity_of(run, SCOPE, method="shapley")),
        "value of information": (SLOW, lambda: voi_of(run, SCOPE, usd=USD)),
    }
    times = interleaved({name: call for name, (_, call) in work.items()}, ROUNDS)
    limits = [at_most(f"{name}, seconds", median(times[name]), most) for name, (most, _) in work.items()]
    model = ScopeCost(run, SCOPE)
    return [*limits, *peers(model, "sobol"), *peers(model, "shapley")]
