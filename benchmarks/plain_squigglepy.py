"""P(programme <= 3 x claim) of scenario ``zheng`` in squigglepy, as its users would write it.

squigglepy names 90 % intervals directly, which makes the priors short. Where one draw must be shared (goodput, predecessors),
its samples are taken first and combined with NumPy, since an expression draws each of its terms afresh. Its generator is
global, so the seed is too.
"""

from __future__ import annotations

import sys

import numpy as np
import squigglepy as sq

FINAL_RUN_HOURS = 2_788e3
CLAIM_USD = 5.576e6


def log_normal(median: float, p95: float) -> sq.LognormalDistribution:
    """Log-normal by its median and 95 % quantile."""
    return sq.lognorm(median**2 / p95, p95)


def programme_probability(n: int, seed: int, *, usd: float = 3 * CLAIM_USD) -> float:
    """Estimate P(programme <= usd) from ``n`` draws of each of the three equal routes.

    Parameters
    ----------
    n : int
        Number of draws.
    seed : int
        Seed of squigglepy's global generator.
    usd : float
        The amount.

    Returns
    -------
    float
        The probability.
    """
    sq.set_seed(seed)
    rent = sq.mixture([log_normal(1.65, 2.15), log_normal(2.00, 2.35), log_normal(2.60, 3.40)], weights=[0.45, 0.35, 0.20])
    price = sq.sample(rent, n, verbose=False)
    executed = 1 / sq.sample(sq.beta(40, 2.6), n, verbose=False)
    predecessor_hours = sq.sample(sq.triangular(0, 0.5, 1) * sq.lognorm(3.0e6, 4.4e6), n, verbose=False)

    ablations = sq.lognorm(0.24, 0.33) * sq.lognorm(1.5, 6)
    other = sq.pert(0.03, 0.10, 0.35) + sq.triangular(0, 0, 0.7) + sq.pert(0.02, 0.07, 0.25) + sq.pert(0.02, 0.05, 0.12)
    bottom_up = executed + sq.sample(ablations + other, n, verbose=False)

    scale = 0.8531 * np.sqrt(1 + 1 / 10.12)
    reference_class = 1 + np.exp(0.3228 + scale * sq.sample(sq.tdist(t=9.12), n, verbose=False))

    cluster_hours = 2_048 * 233 * 24 * sq.triangular(0.75, 0.90, 0.96) * sq.triangular(0.5, 0.7, 0.9)
    cluster_window = sq.sample(cluster_hours / FINAL_RUN_HOURS, n, verbose=False)

    routes = np.maximum([bottom_up, reference_class, cluster_window], executed)
    cost = (routes * FINAL_RUN_HOURS + predecessor_hours) * price
    return float(np.mean(cost <= usd))


if __name__ == "__main__":
    draws = int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000
    print(f"zheng: P(programme <= 3 x claim) {programme_probability(draws, 20241226):.4f}")
