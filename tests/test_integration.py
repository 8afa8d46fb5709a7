"""The law of a cost against plain sums over the points, solved directly.

Each direct law is written out here from the drawn hours and prices: the mean over the points of the distribution function of the
one variable that is integrated out. Its quantiles are roots found by scipy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from scipy.optimize import brentq

from model import distributions as d
from model import integration
from model.engine import Run, run, run_setting
from model.integration import DirectSum, GridLaw, Histogram, Kernel, PointLaw, conditional_cdf, scalar_law
from model.schema.assumption import Pair

PROBABILITIES = (0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99)
ROUTES = ("bottom_up", "reference_class", "cluster_window")
NESTED = ("project", "programme", "programme_with_staff")
Cdf = Callable[[float], float]


def roots(cdf: Cdf, low: float, high: float) -> list[float]:
    return [np.exp(brentq(lambda y, p=p: cdf(float(np.exp(y))) - p, np.log(low), np.log(high), xtol=1e-9)) for p in PROBABILITIES]


def affine(scale: np.ndarray, offset: np.ndarray | float, distribution: d.Distribution, floor: np.ndarray | float = 0.0) -> Cdf:
    """Mean over the points of P(scale X + offset <= cost), 0 below the floor."""
    return lambda cost: float(np.mean(np.where(cost >= floor, distribution.cdf((cost - offset) / scale), 0.0)))


def staff(run: Run, scope: str) -> np.ndarray | float:
    return 1.0 + run.draws("staff_ratio") if scope == "programme_with_staff" else 1.0


def hours(run: Run, scope: str, route: str) -> np.ndarray:
    return run.draws("project_hours" if scope == "project" else "programme_hours", route) * staff(run, scope)


def check(run: Run, scope: str, laws: dict[str, Cdf], low: float = 5e5, high: float = 1e10) -> None:
    estimate = run.scope(scope)
    for route, cdf in laws.items():
        np.testing.assert_allclose(estimate.route(route).quantile(PROBABILITIES), roots(cdf, low, high), rtol=1e-4)
    mixed = roots(lambda cost: sum(cdf(cost) for cdf in laws.values()) / len(laws), low, high)
    np.testing.assert_allclose(estimate.quantile(PROBABILITIES), mixed, rtol=1e-4)


@pytest.mark.parametrize("scope", NESTED)
def test_the_rented_scopes_are_within_1e_4_of_direct_roots(zheng, scope):
    price = zheng.setting.distributions["price.rental"]
    check(zheng, scope, {route: affine(hours(zheng, scope, route), 0.0, price) for route in ROUTES})


@pytest.mark.parametrize("scope", NESTED)
def test_the_owned_scopes_are_within_1e_4_of_direct_roots(owner, scope):
    server = owner.setting.distributions["ownership.server_price"]
    bought = owner.draws("capital_hour") + owner.draws("maintenance_hour")
    running = owner.draws("power_hour") + owner.draws("facility_hour") + owner.draws("ownership_ops")
    occupancy = owner.draws("ownership_occupancy")
    slope, rest = bought / owner.draws("ownership_server_price") / occupancy, running / occupancy
    laws = {}
    for route in ROUTES:
        amount = hours(owner, scope, route)
        laws[route] = affine(amount * slope, amount * rest, server)
    check(owner, scope, laws)


@pytest.mark.parametrize("scope", NESTED)
def test_at_a_fixed_price_the_routes_own_variable_is_integrated_above_the_floor(as_reported, scope):
    distributions = as_reported.setting.distributions
    run_hours = 2_788_000.0
    factor = 2.0 * staff(as_reported, scope)
    added = 0.0 if scope == "project" else factor * as_reported.draws("predecessor_hours")
    executed = factor * run_hours / as_reported.draws("goodput") + added
    others = 1.0 + sum(as_reported.draws(name) for name in ("rework", "ablations", "data_work", "post_training_dev", "evaluation"))
    window = 2048.0 * 233.0 * 24.0 * as_reported.draws("window_use")
    laws = {
        "bottom_up": affine(factor * run_hours, factor * run_hours * others + added, distributions["derisk"], executed),
        "reference_class": affine(factor * run_hours, added, distributions["overhead.reference_class"], executed),
        "cluster_window": affine(factor * window, added, distributions["window.share"], executed),
    }
    check(as_reported, scope, laws)


@pytest.mark.parametrize("rank", [-0.5, 0.5])
def test_a_price_that_is_correlated_with_an_input_is_integrated_given_that_input(registry, zheng, rank):
    pair = Pair(first="price.rental", second="ablations.undisclosed", rank=rank)
    correlated = run_setting(dataclasses.replace(zheng.setting, correlations=(pair,)), registry, "deepseek-v3")
    distributions = correlated.setting.distributions
    rho = 2.0 * np.sin(np.pi * rank / 6.0)
    given_score = special.ndtri(distributions["ablations.undisclosed"].cdf(correlated.draws("ablations_undisclosed")))

    def law(amount: np.ndarray) -> Cdf:
        def cdf(cost: float) -> float:
            score = special.ndtri(np.clip(distributions["price.rental"].cdf(cost / amount), 1e-15, 1 - 1e-15))
            return float(np.mean(special.ndtr((score - rho * given_score) / np.sqrt(1.0 - rho**2))))

        return cdf

    check(correlated, "project", {route: law(hours(correlated, "project", route)) for route in ROUTES})


def test_a_cost_with_one_uncertain_factor_has_that_factors_law(zheng, as_reported):
    price = zheng.setting.distributions["price.rental"]
    p = np.array(PROBABILITIES)
    np.testing.assert_allclose(zheng.scope("final_run").quantile(p), 2_788_000.0 * price.ppf(p), rtol=1e-4)
    executed = as_reported.scope("run_as_executed").quantile(p)
    np.testing.assert_allclose(executed, 5_576_000.0 / stats.beta(40.0, 2.6).ppf(1.0 - p), rtol=1e-4)


def test_a_scope_with_nothing_uncertain_is_a_point_within_1e_9(as_reported):
    scope = as_reported.scope("final_run")
    assert scope.is_point
    np.testing.assert_allclose(scope.quantile([0.01, 0.5, 0.99]), 5_576_000.0, rtol=1e-9)
    assert scope.cost_at(0.5).error == 0.0
    amounts = [5_576_000.0 * factor for factor in (1.0, 1.0 - 5e-10, 1.0 + 5e-10, 1.0 - 2e-9)]
    assert [scope.probability_at_most(amount) for amount in amounts] == [1.0, 1.0, 1.0, 0.0]


def test_what_is_uncertain_without_a_variable_to_integrate_is_still_a_distribution(registry):
    changes = ["predecessors.share=triangular(0, 0.5, 1)"]
    floor = run("disclosed_floor", registry=registry, changes=changes)
    added = 2.0 * 3.04e6 * stats.triang(0.5).ppf([0.25, 0.5, 0.75])
    fixed = run("disclosed_floor", registry=registry).scope("programme").quantile(0.5)
    np.testing.assert_allclose(floor.scope("programme").quantile([0.25, 0.5, 0.75]), fixed + added, rtol=2e-3)


def test_a_histogram_does_not_depend_on_the_order_or_the_size_of_its_blocks():
    values = np.random.default_rng(1).normal(15.0, 0.7, (4, 4096))
    whole, turned, cut = Histogram(), Histogram(), Histogram()
    whole.add(values)
    for start in range(3072, -1, -1024):
        turned.add(values[:, start : start + 1024])
    for start in range(0, 4096, 64):
        cut.add(values[:, start : start + 64])
    for other in (turned, cut):
        assert other.start == whole.start
        np.testing.assert_allclose(other.counts, whole.counts, rtol=0, atol=1e-9)
    np.testing.assert_allclose(whole.counts.sum(axis=1), 4096.0, rtol=1e-12)


def test_a_histogram_keeps_the_mean_of_what_it_bins():
    values = np.random.default_rng(1).normal(15.0, 0.7, (4, 500))
    binned = Histogram()
    binned.add(values)
    nodes = (binned.start + np.arange(binned.counts.shape[1])) * integration.STEP
    np.testing.assert_allclose(binned.counts @ nodes / 500.0, values.mean(axis=1), rtol=1e-12)


def test_the_product_of_two_log_normals_is_log_normal():
    first, second = stats.norm(14.0, 0.4), d.LogNormal(0.7, 0.3)
    binned = Histogram()
    binned.add(np.tile(first.ppf((np.arange(1 << 14) + 0.5) / (1 << 14)), (4, 1)))
    law = binned.law(second)
    product = stats.norm(14.7, 0.5)  # 0.4^2 + 0.3^2 = 0.5^2
    y = product.ppf(np.array(PROBABILITIES))
    np.testing.assert_allclose(law.rows(y), np.tile(PROBABILITIES, (4, 1)), atol=2e-5)


def test_the_conditional_distribution_function_is_that_of_the_affine_cost():
    kernel = Kernel(np.array([[2.0, 4.0]]), np.array([[1.0, 0.0]]), None)
    # 2 X + 1 <= 2 where X <= 1/2; 4 X <= 2 where X <= 1/2; X uniform on [0, 1].
    np.testing.assert_allclose(conditional_cdf(2.0, kernel, d.Uniform(0.0, 1.0)), [[0.5, 0.5]])
    np.testing.assert_allclose(conditional_cdf(3.0, kernel, d.Uniform(0.0, 1.0)), [[1.0, 0.75]])


def test_below_its_floor_a_cost_has_no_probability_and_at_it_all_that_lies_below():
    kernel = Kernel(np.array([[2.0, 2.0]]), np.array([[0.0, 0.0]]), np.array([[1.0, 0.5]]))
    np.testing.assert_allclose(conditional_cdf(0.99, kernel, d.Uniform(0.0, 1.0)), [[0.0, 0.495]])
    np.testing.assert_allclose(conditional_cdf(1.0, kernel, d.Uniform(0.0, 1.0)), [[0.5, 0.5]])


@given(mean=st.floats(-2.0, 2.0), rho=st.floats(-0.9, 0.9), cost=st.floats(0.1, 10.0))
def test_given_the_score_of_others_the_variable_is_normal_on_its_own_scale(mean, rho, cost):
    sd = float(np.sqrt(1.0 - rho**2))
    kernel = Kernel(np.array(1.0), np.array(0.0), None, np.array(rho * mean), sd)
    expected = stats.norm(rho * mean, sd).cdf(np.log(cost) / 0.5)
    assert float(conditional_cdf(cost, kernel, d.LogNormal(0.0, 0.5))) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("family", [d.LogT(0.32, 0.89, 9.12), d.LogT(1.665, 0.70, 2.77), d.pert(0.03, 0.1, 0.35)], ids=str)
def test_a_tabulated_distribution_function_is_the_exact_one(family):
    x = family.ppf(np.random.default_rng(1).uniform(1e-6, 1.0 - 1e-6, 5000))
    np.testing.assert_allclose(integration.cdf(x, family), family.cdf(x), rtol=0, atol=1e-6)


def test_a_direct_sum_over_equal_costs_is_a_point():
    total = DirectSum.at_quantiles_of(np.full((4, 8), 3.0))
    total.add(Kernel(np.ones((4, 8)), np.full((4, 8), 2.0), None), d.Fixed(1.0), 8)
    law = total.law()
    assert isinstance(law, PointLaw)
    assert law.cost == pytest.approx(3.0, rel=1e-12)


def test_a_cost_that_one_variable_makes_uncertain_has_all_its_probability_above_its_offset():
    law = scalar_law(Kernel(np.array(3.0), np.array(1.0), None), d.LogNormal(0.0, 0.4))
    assert isinstance(law, GridLaw)
    outside = np.log([1.0, 1.0 + 3.0 * np.exp(0.4 * 7.0)])
    np.testing.assert_allclose(law.rows(outside), np.tile([0.0, 1.0], (4, 1)), atol=1e-10)
    np.testing.assert_allclose(law.rows(np.log(np.array([4.0]))), np.full((4, 1), 0.5), atol=1e-5)  # median 3 x 1 + 1


@pytest.mark.parametrize("scenario", ["as_reported", "zheng"])
def test_a_normal_price_with_a_tail_below_zero_keeps_its_law(scenario: str) -> None:
    name = {"as_reported": "price.claimed", "zheng": "price.rental"}[scenario]
    made = run(scenario, changes=[f"{name}=normal(1.5, 2.5)"])
    hours, mean, sd = 2.788e6, 2.0, 0.5 / special.ndtri(0.95)
    for p in (0.01, 0.05, 0.5, 0.95, 0.99):
        assert made.scope("final_run").quantile(p) == pytest.approx(hours * (mean + sd * special.ndtri(p)), rel=1e-4)
    assert made.scope("project").quantile(0.05) > made.scope("final_run").quantile(0.05)
