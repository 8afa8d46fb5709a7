"""The equations of the cost model against closed forms, hand calculations and published figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from model.cost import energy, overhead, price, scopes, staff

A = np.asarray
RATES = st.floats(0.001, 0.5)
YEARS = st.integers(1, 30)


def point(values: dict[str, float]) -> dict[str, np.ndarray]:
    return {name: A(value) for name, value in values.items()}


def epoch(**changes: float) -> float:
    """An H100 as a stand-in for V3's chip at V3's date, by Epoch's published code."""
    inputs = {
        "epoch_decay": 0.14,
        "epoch_interconnect_share": 0.19,
        "epoch_board_power": 0.7,
        "epoch_server_power_ratio": 1.82,
        "epoch_load_factor": 0.75,
        "epoch_pue": 1.25,
        "epoch_electricity_price": 0.0771,
    }
    depreciated = price.epoch_depreciated_price(A(44_490.0), A(0.14), A(changes["years"]))
    return float(price.epoch_hour(epoch_depreciated_price=depreciated, **point(inputs)))


@given(YEARS)
def test_without_interest_the_annuity_repays_in_equal_parts(n):
    assert float(price.capital_recovery_factor(A(0.0), A(float(n)))) == pytest.approx(1.0 / n, rel=1e-15)


@given(RATES)
def test_over_one_year_the_annuity_is_the_sum_and_its_interest(r):
    assert float(price.capital_recovery_factor(A(r), A(1.0))) == pytest.approx(1.0 + r, rel=1e-12)


@given(RATES, YEARS)
def test_discounted_payments_of_the_annuity_add_up_to_the_loan(r, n):
    payment = float(price.capital_recovery_factor(A(r), A(float(n))))
    assert sum(payment / (1.0 + r) ** year for year in range(1, n + 1)) == pytest.approx(1.0, rel=1e-9)


def test_the_annuity_tends_to_equal_parts_as_interest_vanishes():
    assert float(price.capital_recovery_factor(A(1e-9), A(5.0))) == pytest.approx(0.2, rel=1e-6)


@given(RATES, YEARS, st.floats(0.0, 0.5))
def test_capital_and_residual_are_paid_back_exactly(r, n, residual):
    recovery = price.capital_recovery_factor(A(r), A(float(n)))
    hourly = float(price.capital_hour(A(40_000.0), A(residual), A(r), A(float(n)), recovery))
    flows = sum(hourly * 8760.0 / (1.0 + r) ** year for year in range(1, n + 1)) + residual * 40_000.0 / (1.0 + r) ** n
    assert flows == pytest.approx(40_000.0, rel=1e-9)


def test_without_interest_capital_less_residual_is_spread_over_the_hours():
    recovery = price.capital_recovery_factor(A(0.0), A(4.0))
    hourly = price.capital_hour(A(40_000.0), A(0.1), A(0.0), A(4.0), recovery)
    assert float(hourly) == pytest.approx(36_000.0 / (4.0 * 8760.0), rel=1e-12)


def test_the_network_and_the_building_add_their_share_to_the_servers_price():
    assert float(price.cluster_capital(A(34_000.0), A(0.15))) == pytest.approx(40_000.0, rel=1e-12)


def test_an_owners_hour_at_the_central_inputs_has_the_parts_worked_out_by_hand():
    # K = 34,000/0.83; 7 % over 4.5 years, residual 10 %; 1.32 kW at 80 % load, PUE 1.28, $0.08/kWh; $95 per kW and month.
    k = 34_000.0 / 0.83
    capital = price.capital_hour(A(k), A(0.1), A(0.07), A(4.5), price.capital_recovery_factor(A(0.07), A(4.5)))
    power = price.power_hour(A(1.32), A(0.8), A(1.28), A(0.08))
    facility = price.facility_hour(A(1.32), A(95.0))
    upkeep = price.maintenance_hour(A(0.015), A(k))
    available = price.available_hour(capital, power, facility, upkeep, A(0.05))
    busy = price.busy_hour(available, A(0.92))
    parts = [round(float(part) + 1e-9, 2) for part in (capital, power, facility, upkeep, available, busy)]
    assert parts == [1.16, 0.11, 0.17, 0.07, 1.56, 1.69]


def test_epochs_amortised_hour_is_1_26_depreciated_and_2_11_undepreciated():
    # Cottier et al. (2024), arXiv 2405.21015, by its published code: hardware + interconnect + energy (PR-D005).
    assert epoch(years=1.71) == pytest.approx(0.943 + 0.221 + 0.092, abs=0.002)
    assert epoch(years=1.71) == pytest.approx(1.26, abs=0.005)
    assert epoch(years=0.0) == pytest.approx(2.11, abs=0.005)


def test_the_project_prices_epochs_hour_with_epochs_inputs(zheng):
    assert float(zheng.draws("epoch_hour")[0, 0]) == pytest.approx(epoch(years=1.71), rel=1e-12)


@given(st.floats(0.0, 5.0))
def test_a_decay_of_orders_of_magnitude_is_one_power_of_ten_in_its_own_time(years):
    depreciated = price.epoch_depreciated_price(A(44_490.0), A(0.14), A(years))
    assert float(price.epoch_depreciated_price(A(44_490.0), A(0.14), A(years + 1.0 / 0.14))) == pytest.approx(float(depreciated) / 10.0)


@pytest.mark.parametrize(("node", "quantiles"), [("busy_hour", (1.36, 1.87, 2.61)), ("available_hour", (1.22, 1.65, 2.27))])
def test_the_owners_hour_has_the_quantiles_of_an_independent_simulation(owner, node, quantiles):
    # Plain Monte Carlo of the same priors with 200,000 draws, apart from this code.
    np.testing.assert_allclose(np.quantile(owner.draws(node), [0.05, 0.5, 0.95]), quantiles, rtol=0.02)


def test_the_owners_final_run_is_its_hours_at_the_busy_hour(owner):
    np.testing.assert_allclose(owner.scope("final_run").quantile([0.05, 0.5, 0.95]) / 2_788_000.0, (1.36, 1.87, 2.61), rtol=0.02)


def test_the_marginal_hour_lies_below_the_available_and_that_below_the_busy_one_in_every_draw(owner):
    marginal, available, busy = (owner.draws(node) for node in ("marginal_hour", "available_hour", "busy_hour"))
    assert np.all(marginal < available)
    assert np.all(available < busy)


def test_a_busy_hour_holds_the_idle_ones(owner):
    idle_per_busy = 1.0 / owner.draws("ownership_occupancy") - 1.0
    np.testing.assert_allclose(owner.draws("busy_hour") / owner.draws("available_hour") - 1.0, idle_per_busy, rtol=1e-9)


def test_the_marginal_hour_is_electricity_and_operations_only():
    assert float(price.marginal_hour(price.power_hour(A(1.25), A(0.8), A(1.2), A(0.1)), A(0.05))) == pytest.approx(0.17)


def test_goodput_turns_productive_into_elapsed_hours():
    ratio = overhead.elapsed_ratio(A(0.8))
    assert float(ratio) == 1.25
    assert float(overhead.rework(ratio)) == 0.25
    assert float(scopes.executed_hours(A(2_788_000.0), ratio)) == 3_485_000.0


def test_ablations_are_the_disclosed_floor_times_what_stayed_undisclosed(zheng):
    # Both factors log-normal by P5 and P95: medians multiply, variances of the logarithms add.
    z = stats.norm.ppf(0.95)
    median = math.sqrt(0.24 * 0.33) * math.sqrt(1.5 * 6.0)
    spread = z * math.hypot(math.log(0.33 / 0.24) / (2 * z), math.log(6.0 / 1.5) / (2 * z))
    expected = [median * math.exp(-spread), median, median * math.exp(spread)]
    np.testing.assert_allclose(expected, [0.41, 0.84, 1.72], atol=0.006)
    np.testing.assert_allclose(np.quantile(zheng.draws("ablations"), [0.05, 0.5, 0.95]), expected, rtol=0.01)


def test_the_cluster_window_is_gpus_times_hours_times_shares_over_the_final_run():
    ratio = overhead.ratio_cluster_window(A(2048.0), A(233.0), A(0.9), A(0.7), A(2_788_000.0))
    assert float(ratio) == pytest.approx(2048 * 233 * 24 * 0.63 / 2_788_000, rel=1e-12)


@pytest.mark.parametrize(("route", "held"), [(1.02, 1.10), (1.10, 1.10), (2.40, 2.40)])
def test_no_ratio_falls_below_the_run_as_executed(route, held):
    assert float(overhead.research_ratio(A(route), A(1.10))) == held
    assert float(overhead.lab_ratio(A(route), A(1.10))) == held


def test_the_fleet_counts_its_older_gpus_by_what_they_are_worth():
    # (5,000 + 10,000 x 0.35 x 0.4) GPUs x 365 x 24 h x 0.9 x 0.7
    hours = overhead.lab_hours_fleet(A(5000.0), A(10_000.0), A(0.35), A(0.4), A(365.0), A(0.9), A(0.7))
    assert float(hours) == pytest.approx(6400.0 * 8760.0 * 0.63, rel=1e-12)


def test_a_stage_is_charged_its_own_rework_but_no_overhead():
    # R1 at R = 2.5, g = 0.8: 2,788 K x 2.5 + 147 K / 0.8
    hours = scopes.project_hours(A(2_788_000.0), A(147_000.0), A(2.5), A(1.25))
    assert float(hours) == 2_788_000.0 * 2.5 + 183_750.0


def test_the_predecessors_stand_in_by_their_share_at_the_same_price():
    predecessor = overhead.predecessor_hours(A(0.5), A(3_600_000.0))
    assert float(scopes.programme(scopes.programme_hours(A(7_000_000.0), predecessor), A(2.0))) == 17_600_000.0


def test_staff_by_ratio_and_by_headcount_are_in_the_same_dollars():
    assert float(scopes.programme_with_staff(A(17e6), staff.staff_by_ratio(A(17e6), A(0.35)))) == pytest.approx(17e6 * 1.35)
    # 166 people x $130,000 x 1.3 x 1.4 years x half the lab
    headcount = staff.staff_by_headcount(A(166.0), A(130_000.0), A(1.3), A(1.4), A(0.5))
    assert float(headcount) == pytest.approx(166 * 130_000 * 1.3 * 1.4 / 2)


def test_the_lab_window_adds_staff_to_its_hours():
    assert float(scopes.lab_window(A(30e6), A(2.0), A(0.5))) == 90e6


def test_electricity_is_hours_times_the_power_drawn_in_the_building():
    # 2.8 M hours x 1.25 kW x 0.8 x 1.2 = 3.36 GWh
    assert float(energy.energy_gwh(A(2_800_000.0), A(1.25), A(0.8), A(1.2))) == pytest.approx(3.36)
