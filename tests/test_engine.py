"""The engine as a whole: figures of independent calculations, and properties that must hold whatever the inputs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from model import engine, system
from model.engine import Run, run
from model.errors import InputError, RefusedError, UnknownNameError

CLAIM = 5_576_000.0
ROUTES = ("bottom_up", "reference_class", "cluster_window")
NESTED = ("final_run", "run_as_executed", "project", "programme", "programme_with_staff")
P = [0.05, 0.5, 0.95]

# P5, P50, P95 in million USD: an independent calculation of the same priors, agreed by plain Monte Carlo.
AGREED = [
    ("as_reported", "final_run", None, (5.576, 5.576, 5.576)),
    ("as_reported", "run_as_executed", None, (5.661, 5.896, 6.411)),
    ("as_reported", "project", "bottom_up", (10.57, 13.59, 18.67)),
    ("as_reported", "project", "reference_class", (7.076, 13.28, 45.1)),
    ("as_reported", "project", "cluster_window", (11.06, 13.93, 16.95)),
    ("as_reported", "project", None, (8.457, 13.71, 26.3)),
    ("zheng", "final_run", None, (3.780, 5.361, 8.094)),
    ("zheng", "run_as_executed", None, (4.006, 5.707, 8.656)),
    ("zheng", "project", "bottom_up", (8.505, 13.13, 21.67)),
    ("zheng", "project", "reference_class", (6.199, 13.01, 46.0)),
    ("zheng", "project", "cluster_window", (8.830, 13.30, 20.85)),
    ("zheng", "project", None, (7.467, 13.18, 27.6)),
]
# The same: independent plain Monte Carlo / 2e7-point calculation with benchmarks/plain_numpy.py.
REMAINING = [
    ("zheng", "programme", None, (9.9785, 16.7433, 32.6717)),
    ("zheng", "programme", "bottom_up", (10.7604, 16.6696, 27.0551)),
    ("zheng", "programme", "reference_class", (8.6953, 16.798, 50.1484)),
    ("zheng", "programme", "cluster_window", (11.055, 16.7839, 26.4056)),
    ("zheng", "programme_with_staff", None, (13.3262, 22.7781, 45.2937)),
    ("zheng", "programme_with_staff", "bottom_up", (14.3272, 22.6707, 37.6174)),
    ("zheng", "programme_with_staff", "reference_class", (11.6424, 22.9048, 68.8887)),
    ("zheng", "programme_with_staff", "cluster_window", (14.7073, 22.8101, 36.7281)),
    ("zheng", "lab_window", None, (32.684, 87.5137, 286.1142)),
    ("zheng", "lab_window", "reference_class", (26.6526, 90.4698, 452.3073)),
    ("zheng", "lab_window", "fleet", (40.0806, 85.6181, 187.9224)),
    ("zheng", "fleet_capex", None, (62.291, 85.3752, 117.1648)),
    ("as_reported", "programme", None, (11.7731, 17.4088, 30.0859)),
    ("as_reported", "programme", "bottom_up", (13.2704, 17.3429, 22.9345)),
    ("as_reported", "programme", "reference_class", (10.1027, 17.0897, 48.8895)),
    ("as_reported", "programme", "cluster_window", (13.7638, 17.572, 21.568)),
    ("as_reported", "programme_with_staff", None, (15.6888, 23.6201, 41.5557)),
    ("as_reported", "programme_with_staff", "bottom_up", (17.4748, 23.5479, 32.4974)),
    ("as_reported", "programme_with_staff", "reference_class", (13.4672, 23.338, 67.1626)),
    ("as_reported", "programme_with_staff", "cluster_window", (18.0924, 23.7904, 30.9108)),
    ("as_reported", "lab_window", None, (36.1879, 90.4753, 277.824)),
    ("as_reported", "lab_window", "reference_class", (28.9097, 93.3743, 449.0465)),
    ("as_reported", "lab_window", "fleet", (45.3434, 88.718, 176.8138)),
    ("as_reported", "fleet_capex", None, (62.291, 85.3752, 117.1648)),
]


@pytest.fixture(scope="module")
def runs(zheng: Run, as_reported: Run, owner: Run) -> dict[str, Run]:
    return {"zheng": zheng, "as_reported": as_reported, "owner": owner}


@pytest.fixture(scope="module")
def small(registry):
    """A run of few points; price fixed at $2 unless changed."""

    def compute(*changes: str, scenario: str = "as_reported", points: int = 256, **options) -> Run:
        return run(scenario, registry=registry, changes=changes, points=points, **options)

    return compute


@pytest.mark.parametrize(("scenario", "scope", "route", "millions"), AGREED + REMAINING)
def test_the_quantiles_are_those_of_an_independent_calculation(runs, scenario, scope, route, millions):
    estimate = runs[scenario].scope(scope)
    found = (estimate.route(route) if route else estimate).quantile(P) / 1e6
    heavy = any(own.id == "reference_class" for own in estimate.routes) and route in (None, "reference_class")
    np.testing.assert_allclose(found[:2], millions[:2], rtol=0.01)
    np.testing.assert_allclose(found[2], millions[2], rtol=0.03 if heavy else 0.01)


def test_the_final_run_stays_below_the_claim_with_the_agreed_probability(zheng):
    assert zheng.scope("final_run").probability_at_most(CLAIM) == pytest.approx(0.5836, abs=1e-4)


@pytest.mark.parametrize("seed", [None, 2, 3])
def test_the_programme_stays_below_three_claims_with_the_agreed_probability(registry, seed):
    # 0.498806 +- 6e-8 by 2e7 points with the price integrated, 0.49884 +- 5e-5 by 1e8 plain draws.
    found = run("zheng", registry=registry, seed=seed, scopes=["programme"]).scope("programme").probability_at_most(3 * CLAIM)
    assert found == pytest.approx(0.498806, abs=4e-4)


def test_ln_r_varies_as_agreed_between_and_within_routes(zheng):
    logs = [np.log(zheng.draws("research_ratio", route)) for route in ROUTES]
    assert np.var([log.mean() for log in logs]) == pytest.approx(0.001, abs=0.0005)
    assert np.mean([log.var() for log in logs]) == pytest.approx(0.134, abs=0.003)


@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "owner"])
@pytest.mark.parametrize("route", ROUTES)
def test_each_nested_scope_costs_at_least_the_one_before_in_every_draw(runs, scenario, route):
    costs = [runs[scenario].draws(scope, route) for scope in NESTED]
    for narrow, wide in pairwise(costs):
        assert np.all(wide >= narrow * (1.0 - 1e-15))


@given(g=st.floats(0.5, 1.0), share=st.floats(0.05, 0.5), disclosed=st.floats(0.0, 0.05))
@settings(max_examples=10)
def test_nesting_survives_ratios_that_fall_below_the_run_as_executed(small, g, share, disclosed):
    low = small(f"goodput={g!r}", f"window.share={share!r}", f"ablations.disclosed={disclosed!r}", points=64)
    for route in ROUTES:
        costs = [low.draws(scope, route) for scope in NESTED]
        for narrow, wide in pairwise(costs):
            assert np.all(wide >= narrow * (1.0 - 1e-15))


@given(price=st.floats(0.5, 10.0), rise=st.floats(1.01, 3.0))
@settings(max_examples=10)
def test_every_cost_rises_with_the_price(small, price, rise):
    cheap, dear = (small(f"price.claimed={p!r} USD/gpu_hour", points=64) for p in (price, price * rise))
    for scope in (*NESTED, "lab_window"):
        assert np.all(dear.scope(scope).quantile(P) > cheap.scope(scope).quantile(P))


@given(hours=st.floats(1e6, 4e6), rise=st.floats(1.01, 2.0), route=st.sampled_from(ROUTES))
@settings(max_examples=10)
def test_no_cost_falls_when_the_run_takes_more_hours(small, hours, rise, route):
    short, long = (small(f"v3_run.pretraining={h!r} gpu_hour", points=64) for h in (hours, hours * rise))
    for scope in NESTED:
        assert np.all(long.draws(scope, route) >= short.draws(scope, route) * (1.0 - 1e-15))
    assert np.all(long.scope("final_run").quantile(P) > short.scope("final_run").quantile(P))


def test_doubling_the_price_doubles_every_cost(small):
    single, double = (small(f"price.claimed={p} USD/gpu_hour", points=1024) for p in (2, 4))
    for scope in NESTED:
        np.testing.assert_array_equal(double.draws(scope, "bottom_up"), 2.0 * single.draws(scope, "bottom_up"))
    for scope in (*NESTED, "lab_window"):
        np.testing.assert_allclose(double.scope(scope).quantile(P), 2.0 * single.scope(scope).quantile(P), rtol=2e-5)


def test_a_factor_on_the_price_that_the_grid_holds_multiplies_every_quantile_exactly(small):
    factor = float(np.exp(355 / 512))  # a whole number of steps of ln cost
    single, scaled = (small(f"price.claimed={p!r} USD/gpu_hour", points=1024) for p in (2.0, 2.0 * factor))
    for scope in (*NESTED, "lab_window"):
        np.testing.assert_allclose(scaled.scope(scope).quantile(P), factor * single.scope(scope).quantile(P), rtol=1e-9)


@pytest.mark.parametrize("scenario", ["zheng", "as_reported"])
@pytest.mark.parametrize("route", ROUTES)
def test_a_route_of_weight_one_is_that_route_bit_for_bit(registry, runs, scenario, route):
    changes = [f"route.{other}={int(other == route)}" for other in ROUTES]
    alone = run(scenario, registry=registry, changes=changes, scopes=["programme"]).scope("programme")
    within = runs[scenario].scope("programme").route(route)
    np.testing.assert_array_equal(alone.quantile(P), within.quantile(P))
    assert alone.probability_at_most(3 * CLAIM) == within.probability_at_most(3 * CLAIM)


def test_a_mixture_of_routes_is_the_weighted_sum_of_their_distribution_functions(small):
    mixed = small("route.bottom_up=1", "route.reference_class=2", "route.cluster_window=5", scenario="zheng").scope("project")
    for amount in (8e6, 13e6, 25e6):
        parts = [mixed.route(route).probability_at_most(amount) for route in ROUTES]
        assert mixed.probability_at_most(amount) == pytest.approx(np.average(parts, weights=[1, 2, 5]), rel=1e-12)


@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "owner"])
def test_two_runs_alike_are_identical_bit_for_bit(registry, runs, scenario, forget):
    forget()
    system.column.cache_clear()
    again = run(scenario, registry=registry)
    for name, estimate in runs[scenario].scopes.items():
        np.testing.assert_array_equal(again.scope(name).quantile(P), estimate.quantile(P))
        assert again.scope(name).probability_at_most(2 * CLAIM) == estimate.probability_at_most(2 * CLAIM)
        assert again.scope(name).mean == estimate.mean


@pytest.mark.parametrize(("asked", "used"), [(4, 4), (4096, 4096), (4097, 8192), (10_000, 16_384)])
def test_points_are_used_in_four_times_a_power_of_two(small, asked, used):
    assert small(points=asked, scopes=["final_run"]).points == used


def test_the_size_of_the_blocks_changes_nothing(registry, zheng, monkeypatch, forget):
    forget()
    monkeypatch.setattr(engine, "BLOCK", 128)
    cut = run("zheng", registry=registry)
    for name, estimate in zheng.scopes.items():
        np.testing.assert_allclose(cut.scope(name).quantile(P), estimate.quantile(P), rtol=1e-12)
        assert cut.scope(name).probability_at_most(3 * CLAIM) == pytest.approx(estimate.probability_at_most(3 * CLAIM), abs=1e-12)
    assert cut.scope("final_run").mean == pytest.approx(zheng.scope("final_run").mean, rel=1e-12)


def test_the_size_of_the_blocks_changes_a_direct_sum_by_less_than_its_tolerance(registry, owner, monkeypatch, forget):
    forget()
    monkeypatch.setattr(engine, "BLOCK", 512)
    cut = run("owner", registry=registry)
    for name, estimate in owner.scopes.items():
        np.testing.assert_allclose(cut.scope(name).quantile(P), estimate.quantile(P), rtol=1e-4)


@pytest.mark.parametrize("scope", NESTED[1:])
def test_another_seed_changes_an_answer_within_its_stated_error(registry, zheng, scope):
    # The error is a standard error of four, so Student's t with three degrees of freedom bounds the difference.
    other, own = run("zheng", registry=registry, seed=99).scope(scope), zheng.scope(scope)
    bound = stats.t(3).ppf(0.9995)
    amount = float(own.quantile(0.5))
    errors = np.hypot(own.probability_at_most(amount).error, other.probability_at_most(amount).error)
    assert abs(other.probability_at_most(amount) - own.probability_at_most(amount)) < bound * errors
    errors = np.hypot(own.cost_at(0.5).error, other.cost_at(0.5).error)
    assert abs(other.quantile(0.5) - own.quantile(0.5)) < bound * errors


def test_more_points_make_the_error_smaller(small):
    few, many = (small(scenario="zheng", points=points, scopes=["programme"]).scope("programme") for points in (256, 65_536))
    assert many.probability_at_most(3 * CLAIM).error < 0.1 * few.probability_at_most(3 * CLAIM).error


@pytest.mark.parametrize("scope", ["project", "programme", "programme_with_staff", "lab_window"])
def test_no_mean_is_stated_where_a_reference_class_enters(zheng, scope):
    assert zheng.scope(scope).mean is None
    assert zheng.scope(scope).route("reference_class").mean is None


def test_means_are_those_of_closed_forms_where_they_exist(zheng, as_reported):
    price = zheng.setting.distributions["price.rental"].mean
    assert zheng.scope("final_run").mean == pytest.approx(2_788_000.0 * price, rel=1e-9)
    elapsed = (40.0 + 2.6 - 1.0) / (40.0 - 1.0)  # E[1/g] of Beta(40, 2.6)
    assert as_reported.scope("run_as_executed").mean == pytest.approx(CLAIM * elapsed, rel=1e-4)
    z = 2 * stats.norm.ppf(0.95)
    spreads = [np.log(0.33 / 0.24) / z, np.log(6.0 / 1.5) / z]
    ablations = np.sqrt(0.24 * 0.33 * 1.5 * 6.0) * np.exp(0.5 * sum(s**2 for s in spreads))
    perts = sum((low + 4 * mode + high) / 6 for low, mode, high in ((0.03, 0.10, 0.35), (0.02, 0.07, 0.25), (0.02, 0.05, 0.12)))
    ratio = elapsed + ablations + perts + 0.7 / 3
    assert as_reported.scope("project").route("bottom_up").mean == pytest.approx(CLAIM * ratio, rel=1e-3)
    window = 2048 * 233 * 24 * 2 * (0.75 + 0.90 + 0.96) / 3 * 0.7
    assert as_reported.scope("project").route("cluster_window").mean == pytest.approx(window, rel=1e-3)


def test_r1_adds_its_stage_to_v3_and_the_overhead_multiplies_v3_alone(registry, as_reported):
    r1 = run("as_reported", registry=registry, subject="deepseek-r1")
    assert float(r1.scope("final_run").quantile(0.5)) == pytest.approx(2.0 * 2_935_000.0, rel=1e-9)
    elapsed = 1.0 / r1.draws("goodput")
    np.testing.assert_allclose(r1.draws("run_as_executed"), 2.0 * 2_935_000.0 * elapsed, rtol=1e-12)
    for route in ROUTES:
        expected = as_reported.draws("project", route) + 2.0 * 147_000.0 * elapsed
        np.testing.assert_allclose(r1.draws("project", route), expected, rtol=1e-12)


def test_a_stage_alone_has_no_wider_scope_since_its_base_is_left_out(registry):
    stage = run("as_reported", registry=registry, subject="deepseek-r1-stage")
    assert float(stage.scope("final_run").quantile(0.5)) == pytest.approx(294_000.0, rel=1e-9)
    reasons = {name: estimate.reason for name, estimate in stage.scopes.items()}
    assert reasons == {"final_run": None, **dict.fromkeys([*NESTED[1:], "lab_window", "fleet_capex"], "base_excluded")}
    with pytest.raises(RefusedError, match="base_excluded"):
        stage.scope("project").quantile(0.5)


def test_a_scope_that_was_not_asked_says_so(small):
    assert small(scopes=["final_run"]).scope("project").reason == "not_asked"


def test_an_unknown_scope_is_refused(small):
    with pytest.raises(UnknownNameError, match="projects"):
        small(scopes=["final_run"]).scope("projects")


@pytest.mark.parametrize("probability", [0.0, 1.0, -0.1, 1.5])
def test_a_quantile_outside_the_open_unit_interval_is_refused(zheng, probability):
    with pytest.raises(InputError, match="not a probability"):
        zheng.scope("project").quantile(probability)


@given(st.floats(0.01, 0.99), st.sampled_from(NESTED[1:]))
def test_the_probability_of_a_quantile_is_its_own(zheng, probability, scope):
    estimate = zheng.scope(scope)
    assert estimate.probability_at_most(float(estimate.quantile(probability))) == pytest.approx(probability, abs=1e-9)
