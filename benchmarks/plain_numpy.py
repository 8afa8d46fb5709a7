"""The cost model by hand, in plain NumPy Monte Carlo: what a competent user would write without the package.

It is the yardstick for speed and the second opinion on the numbers. It shares no code with ``model/`` and reads no assumption
file, so its priors are written out below. Run it to print the seven scopes under each price basis.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Draws: TypeAlias = Mapping[str, Array]
Basis: TypeAlias = Literal["claimed", "rental", "ownership", "marginal", "epoch_amortised"]

FINAL_RUN_HOURS = 2_788e3
LAB_FINAL_RUNS_HOURS = 5_456e3
CLUSTER_GPUS = 2_048
CLAIM_USD = 5.576e6
HOURS_A_YEAR = 365 * 24
Z95 = 1.6448536269514722

# (P5, P95) of log-normals; (min, mode, max) of triangular and PERT; (alpha, beta); (min, max); degrees of freedom.
PRIORS: dict[str, tuple[str, tuple[float, ...]]] = {
    "goodput": ("beta", (40, 2.6)),
    "ablations_disclosed": ("lognormal", (0.24, 0.33)),
    "ablations_multiplier": ("lognormal", (1.5, 6)),
    "data_work": ("pert", (0.03, 0.10, 0.35)),
    "derisk": ("triangular", (0, 0, 0.7)),
    "post_training_dev": ("pert", (0.02, 0.07, 0.25)),
    "evaluation": ("pert", (0.02, 0.05, 0.12)),
    "predecessor_hours": ("lognormal", (3.0e6, 4.4e6)),
    "attribution": ("triangular", (0, 0.5, 1)),
    "staff": ("lognormal", (0.2, 0.6)),
    "project_t": ("t", (10.12 - 1,)),
    "cluster_use": ("triangular", (0.75, 0.90, 0.96)),
    "cluster_share": ("triangular", (0.5, 0.7, 0.9)),
    "lab_t": ("t", (3.77 - 1,)),
    "fleet_gpus": ("lognormal", (2_048, 10_000)),
    "fleet_h800_per_a100": ("uniform", (0.3, 0.4)),
    "fleet_a100_share": ("uniform", (0.1, 0.8)),
    "fleet_use": ("triangular", (0.75, 0.90, 0.96)),
    "fleet_share": ("triangular", (0.5, 0.7, 0.9)),
    "stated_ratio": ("lognormal", (1.2, 4.0)),
    "rent_pick": ("uniform", (0, 1)),
    "rent_score": ("normal", ()),
    "server_usd": ("lognormal", (34e3**2 / 46e3, 46e3)),
    "nonserver_share": ("triangular", (0.08, 0.17, 0.30)),
    "life_years": ("triangular", (3, 4.5, 6)),
    "capital_rate": ("triangular", (0.03, 0.07, 0.14)),
    "residual_share": ("triangular", (0, 0.10, 0.25)),
    "kw_per_gpu": ("triangular", (1.15, 1.32, 1.45)),
    "load_factor": ("triangular", (0.60, 0.80, 1.0)),
    "pue": ("triangular", (1.10, 1.28, 1.50)),
    "electricity_usd_per_kwh": ("lognormal", (0.080**2 / 0.115, 0.115)),
    "facility_usd_per_kw_month": ("lognormal", (95**2 / 170, 170)),
    "maintenance_share": ("triangular", (0.005, 0.015, 0.04)),
    "operations_usd": ("lognormal", (0.05**2 / 0.14, 0.14)),
    "occupancy": ("triangular", (0.75, 0.92, 0.98)),
}
RENT_WEIGHTS = np.array([0.45, 0.35, 0.20])
RENT_MU = np.log([1.65, 2.00, 2.60])
RENT_SIGMA = np.log([2.15 / 1.65, 2.35 / 2.00, 3.40 / 2.60]) / Z95
PROJECT_MU, PROJECT_SCALE = 0.3228, 0.8531 * math.sqrt(1 + 1 / 10.12)
LAB_MU, LAB_SCALE = 1.665, 0.622 * math.sqrt(1 + 1 / 3.77)
V3_ROUTES = ("bottom_up", "reference_class", "cluster_window")
PROGRAMME_PRIORS = (
    "goodput",
    "ablations_disclosed",
    "ablations_multiplier",
    "data_work",
    "derisk",
    "post_training_dev",
    "evaluation",
    "project_t",
    "cluster_use",
    "cluster_share",
    "predecessor_hours",
    "attribution",
    "rent_pick",
    "rent_score",
)

SCENARIOS: dict[str, tuple[Basis, tuple[str, ...]]] = {
    "zheng": ("rental", V3_ROUTES),
    "as_reported": ("claimed", V3_ROUTES),
    "owner": ("ownership", V3_ROUTES),
    "marginal": ("marginal", V3_ROUTES),
    "epoch": ("epoch_amortised", ("stated",)),
}


def lognormal(p05: float, p95: float) -> tuple[float, float]:
    """Return mu and sigma of the log-normal with these 5 % and 95 % quantiles."""
    return math.log(p05 * p95) / 2, math.log(p95 / p05) / (2 * Z95)


def pert(low: float, mode: float, high: float) -> tuple[float, float]:
    """Return alpha and beta of the PERT distribution (lambda 4) on its own range."""
    return 1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low)


def draw(rng: np.random.Generator, n: int, names: Iterable[str] = PRIORS) -> dict[str, Array]:
    """Draw the named priors ``n`` times each, independently."""

    def one(family: str, args: tuple[float, ...]) -> Array:
        match family:
            case "lognormal":
                return rng.lognormal(*lognormal(*args), n)
            case "pert":
                return args[0] + (args[2] - args[0]) * rng.beta(*pert(*args), n)
            case "t":
                return rng.standard_t(args[0], n)
            case _:
                return np.asarray(getattr(rng, family)(*args, size=n))

    return {name: one(*PRIORS[name]) for name in names}


def hour_price(x: Draws, basis: Basis) -> Array | float:
    """Price of one H800-hour in USD on one basis, shape (n,) or a constant."""
    match basis:
        case "claimed":
            return 2.0
        case "rental":
            pick = np.searchsorted(np.cumsum(RENT_WEIGHTS)[:-1], x["rent_pick"])
            return np.exp(RENT_MU[pick] + RENT_SIGMA[pick] * x["rent_score"])
        case "marginal":
            return power_usd(x) + x["operations_usd"]
        case "ownership":
            return available_hour_usd(x) / x["occupancy"]
        case "epoch_amortised":
            return epoch_hour_usd()


def power_usd(x: Draws) -> Array:
    """Electricity of one GPU-hour in USD, shape (n,)."""
    return x["kw_per_gpu"] * x["load_factor"] * x["pue"] * x["electricity_usd_per_kwh"]


def gpu_capex_usd(x: Draws) -> Array:
    """Server with its network, storage and installation, in USD per GPU, shape (n,)."""
    return x["server_usd"] / (1 - x["nonserver_share"])


def available_hour_usd(x: Draws) -> Array:
    """Full cost of one available GPU-hour to its owner in USD, shape (n,)."""
    discount = (1 + x["capital_rate"]) ** -x["life_years"]
    annuity = x["capital_rate"] / (1 - discount)
    yearly_share = (1 - x["residual_share"] * discount) * annuity + x["maintenance_share"]
    facility = x["kw_per_gpu"] * x["facility_usd_per_kw_month"] / 730
    return gpu_capex_usd(x) * yearly_share / 8_760 + power_usd(x) + facility + x["operations_usd"]


def epoch_hour_usd() -> float:
    """H100 hour by Epoch AI's published method (its defaults, arXiv 2405.21015), in USD."""
    value = 44_490 * 10 ** (-0.14 * 1.71)
    hardware = value * 0.14 * math.log(10) / 8_766
    energy = 10.2 / 8 * 0.75 * 1.25 * 0.0771
    return hardware / (1 - 0.19) + energy


def development_ratio(x: Draws, route: str) -> Array:
    """Total development compute over that of the final run (R, project scope) by one route, shape (n,)."""
    executed: Array = 1 / x["goodput"]
    match route:
        case "bottom_up":
            ablations = x["ablations_disclosed"] * x["ablations_multiplier"]
            return executed + ablations + x["data_work"] + x["derisk"] + x["post_training_dev"] + x["evaluation"]
        case "reference_class":
            ratio = 1 + np.exp(PROJECT_MU + PROJECT_SCALE * x["project_t"])
        case "cluster_window":
            ratio = CLUSTER_GPUS * 233 * 24 / FINAL_RUN_HOURS * x["cluster_use"] * x["cluster_share"]
        case "stated":
            ratio = x["stated_ratio"]
        case _:
            message = f"unknown route: {route}"
            raise ValueError(message)
    return np.asarray(np.maximum(ratio, executed))


def lab_hours(x: Draws, route: str) -> Array:
    """R&D hours of the laboratory in the year to the report by one route, shape (n,)."""
    if route == "reference_class":
        ratio = 1 + np.exp(LAB_MU + LAB_SCALE * x["lab_t"])
        return np.asarray(LAB_FINAL_RUNS_HOURS * np.maximum(ratio, 1 / x["goodput"]))
    gpus = x["fleet_gpus"] + 10_000 * x["fleet_h800_per_a100"] * x["fleet_a100_share"]
    hours: Array = gpus * HOURS_A_YEAR * x["fleet_use"] * x["fleet_share"]
    return hours


def costs(x: Draws, basis: Basis = "rental", routes: tuple[str, ...] = V3_ROUTES) -> dict[str, Array]:
    """Price all seven scopes in USD.

    Parameters
    ----------
    x : mapping of str to ndarray, shape (n,)
        The draws, from `draw`.
    basis : str
        Price basis of the GPU-hour.
    routes : tuple of str
        Routes to R, of equal weight.

    Returns
    -------
    dict of str to ndarray, shape (routes of the scope, n)
        Every route holds the same draws, so pooling the rows gives the equal mixture exactly.
    """
    price = hour_price(x, basis)
    loaded = price * (1 + x["staff"])
    project = np.stack([FINAL_RUN_HOURS * development_ratio(x, route) for route in routes])
    programme = project + x["attribution"] * x["predecessor_hours"]
    lab_routes = ("reference_class", "fleet") if "reference_class" in routes else ("fleet",)
    return {
        "final_run": np.atleast_2d(FINAL_RUN_HOURS * price),
        "run_as_executed": np.atleast_2d(FINAL_RUN_HOURS / x["goodput"] * price),
        "project": project * price,
        "programme": programme * price,
        "programme_with_staff": programme * loaded,
        "lab_window": np.stack([lab_hours(x, route) for route in lab_routes]) * loaded,
        "fleet_capex": np.atleast_2d(CLUSTER_GPUS * gpu_capex_usd(x)),
    }


def plain_probability(n: int, seed: int, threads: int = 1, *, usd: float = 3 * CLAIM_USD) -> float:
    """Estimate P(programme <= usd) in scenario ``zheng`` as one writes it down: draw, price, pick a route at random, count.

    Its error is that of plain Monte Carlo, sqrt(p (1 - p) / n). Parameters as in `programme_probability`.
    """
    generators = np.random.default_rng(seed).spawn(threads)
    share = -(-n // threads)
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(_counted, generators, [share] * threads, [usd] * threads)) / threads


def _counted(rng: np.random.Generator, n: int, usd: float, chunk: int = 1 << 17) -> float:
    """Share of one generator's draws that cost at most ``usd``, in chunks so that memory stays small."""
    hits = 0
    for size in [chunk] * (n // chunk) + [n % chunk] * (n % chunk > 0):
        x = draw(rng, size, PROGRAMME_PRIORS)
        ratios = np.stack([development_ratio(x, route) for route in V3_ROUTES])
        ratio = ratios[rng.integers(len(V3_ROUTES), size=size), np.arange(size)]
        hours = FINAL_RUN_HOURS * ratio + x["attribution"] * x["predecessor_hours"]
        hits += np.count_nonzero(hours * hour_price(x, "rental") <= usd)
    return hits / n


def programme_probability(n: int, seed: int, threads: int = 1, *, usd: float = 3 * CLAIM_USD) -> float:
    """Estimate P(programme <= usd) in scenario ``zheng`` as an expert would tune it for this one figure.

    Routes and price segments are strata with exact weights: each draw belongs to one route and one segment, and draws that
    route's inputs alone. The price is compared as a normal score, which saves an exponential.

    Parameters
    ----------
    n : int
        Number of draws, rounded up to fill the nine strata of each thread.
    seed : int
        Seed; the result depends on `threads` too.
    threads : int
        Threads, each with its own spawned generator. NumPy releases the lock while it draws.
    usd : float
        The amount.

    Returns
    -------
    float
        The probability.
    """
    generators = np.random.Generator(np.random.SFC64(seed)).spawn(threads)
    share = -(-n // threads)
    if threads == 1:
        return _stratified(generators[0], share, usd)
    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(_stratified, generators, [share] * threads, [usd] * threads)) / threads


def _stratified(rng: np.random.Generator, n: int, usd: float, chunk: int = 1 << 15) -> float:
    """Weight the hits of one generator's draws, chunk by chunk: the arrays stay in the processor's cache."""
    hits, counts = np.zeros((2, len(V3_ROUTES), len(RENT_WEIGHTS)))
    for row, route in enumerate(V3_ROUTES):
        left = max(-(-n // len(V3_ROUTES)), 10)
        while left > 0:
            size = left if left < chunk + 10 else chunk
            score_limit = np.log(usd / _programme_hours(rng, size, route))
            score = rng.standard_normal(size)
            edges = [0, *np.rint(np.cumsum(RENT_WEIGHTS) * size).astype(int)]
            for k, (start, stop) in enumerate(itertools.pairwise(edges)):
                score[start:stop] *= RENT_SIGMA[k]
                score[start:stop] += RENT_MU[k]
                hits[row, k] += np.count_nonzero(score[start:stop] <= score_limit[start:stop])
                counts[row, k] += stop - start
            left -= size
    return float(np.mean(hits / counts @ RENT_WEIGHTS))


def _programme_hours(rng: np.random.Generator, n: int, route: str) -> Array:
    """Draw the hours of `programme` by one route, shape (n,)."""
    executed = rng.beta(40, 2.6, n)
    np.divide(1, executed, out=executed)
    if route == "bottom_up":
        mu_disclosed, sigma_disclosed = lognormal(0.24, 0.33)
        mu_multiplier, sigma_multiplier = lognormal(1.5, 6)
        ablations = rng.normal(mu_disclosed + mu_multiplier, sigma_disclosed, n)
        ablations += sigma_multiplier * rng.standard_normal(n)
        hours = executed
        hours += np.exp(ablations, out=ablations)
        hours += rng.triangular(0, 0, 0.7, n)
        for low, mode, high in ((0.03, 0.10, 0.35), (0.02, 0.07, 0.25), (0.02, 0.05, 0.12)):
            part = rng.beta(*pert(low, mode, high), n)
            part *= high - low
            part += low
            hours += part
    elif route == "reference_class":
        hours = rng.standard_t(10.12 - 1, n)
        hours *= PROJECT_SCALE
        hours += PROJECT_MU
        np.exp(hours, out=hours)
        hours += 1
        np.maximum(hours, executed, out=hours)
    else:
        hours = rng.triangular(0.75, 0.90, 0.96, n)
        hours *= rng.triangular(0.5, 0.7, 0.9, n)
        hours *= CLUSTER_GPUS * 233 * 24 / FINAL_RUN_HOURS
        np.maximum(hours, executed, out=hours)
    hours *= FINAL_RUN_HOURS
    predecessors = rng.lognormal(*lognormal(3.0e6, 4.4e6), n)
    predecessors *= rng.triangular(0, 0.5, 1, n)
    hours += predecessors
    return hours


def main(n: int = 1_000_000, seed: int = 20241226) -> None:
    """Print P5, P50, P95 in M USD and P(cost <= claim) of every scope in every scenario."""
    x = draw(np.random.default_rng(seed), n)
    for name, (basis, routes) in SCENARIOS.items():
        print(f"\n{name}: price {basis}, routes {', '.join(routes)}")
        for scope, usd in costs(x, basis, routes).items():
            p05, p50, p95 = np.quantile(usd, [0.05, 0.5, 0.95]) / 1e6
            below = np.mean(usd <= CLAIM_USD * (1 + 1e-9))
            print(f"  {scope:22}{p05:9.3f}{p50:9.3f}{p95:9.3f}   P(<= claim) {below:.4f}")
    print(f"\nzheng: P(programme <= 3 x claim) {programme_probability(n, seed):.4f}")


if __name__ == "__main__":
    main(*(int(float(word)) for word in sys.argv[1:]))
