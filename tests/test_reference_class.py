"""The fit of a reference class, by hand and for the project's own cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from model.distributions import LogT
from model.engine import run
from model.errors import InputError
from model.reference_class import Fit, fit
from model.setting import fit_of, resolve

RATIOS = st.lists(st.floats(1.01, 100.0), min_size=3, max_size=12, unique=True)


def test_two_cases_of_equal_weight_have_their_mid_point_and_sample_deviation():
    fitted = fit([1.0 + math.e, 1.0 + math.exp(3.0)], [1.0, 1.0])  # ln(R - 1) = 1 and 3
    assert fitted.m == pytest.approx(2.0, rel=1e-12)
    assert fitted.n_eff == pytest.approx(2.0, rel=1e-12)
    assert fitted.s == pytest.approx(math.sqrt(2.0), rel=1e-12)  # ((1-2)^2 + (3-2)^2)/(2 - 1) = 2


def test_a_half_weight_counts_half():
    # h = 0, 1, 2; w = 1, 1, 1/2: m = 2/2.5 = 0.8; n_eff = 6.25/2.25 = 25/9;
    # sum w (h - m)^2 = 0.64 + 0.04 + 0.72 = 1.40; /2.5 = 0.56; x n_eff/(n_eff - 1) = 25/16 -> 0.875.
    fitted = fit([2.0, 1.0 + math.e, 1.0 + math.exp(2.0)], [1.0, 1.0, 0.5])
    assert fitted.m == pytest.approx(0.8, rel=1e-12)
    assert fitted.n_eff == pytest.approx(25.0 / 9.0, rel=1e-12)
    assert fitted.s == pytest.approx(math.sqrt(0.875), rel=1e-12)


@given(RATIOS)
def test_equal_weights_give_the_sample_moments(ratios):
    h = np.log(np.array(ratios) - 1.0)
    fitted = fit(ratios, [1.0] * len(ratios))
    assert fitted.m == pytest.approx(h.mean(), rel=1e-9, abs=1e-12)
    assert fitted.s == pytest.approx(h.std(ddof=1), rel=1e-9)
    assert fitted.n_eff == pytest.approx(len(ratios), rel=1e-12)


@given(RATIOS, st.floats(0.01, 100.0), st.randoms(use_true_random=False))
def test_scaling_all_weights_changes_nothing(ratios, factor, random):
    weights = [random.choice([0.5, 1.0]) for _ in ratios]
    plain, scaled = fit(ratios, weights), fit(ratios, [factor * w for w in weights])
    assert (scaled.m, scaled.s, scaled.n_eff) == pytest.approx((plain.m, plain.s, plain.n_eff), rel=1e-9, abs=1e-12)


@given(RATIOS, st.sampled_from([2000.0, 1.0, math.inf]))
def test_a_case_of_weight_zero_drops_out(ratios, other):
    weights = [1.0] * len(ratios)
    assert fit([*ratios, other], [*weights, 0.0]) == fit(ratios, weights)


def test_the_predictive_law_is_a_t_with_n_eff_less_one_degrees_of_freedom():
    fitted = Fit(m=0.3228, s=0.8531, n_eff=10.12)
    predictive = fitted.predictive()
    assert predictive == LogT(0.3228, 0.8531 * math.sqrt(1.0 + 1.0 / 10.12), 9.12)
    t = stats.t(9.12).ppf(0.95) * 0.8531 * math.sqrt(1.0 + 1.0 / 10.12)
    assert float(predictive.ppf(np.array(0.95))) == pytest.approx(1.0 + math.exp(0.3228 + t), rel=1e-9)


def test_fewer_than_two_cases_are_refused():
    with pytest.raises(ValueError, match="fewer than two"):
        fit([3.0, 4.0], [1.0, 0.0])


def test_a_case_that_has_all_the_weight_is_refused():
    with pytest.raises(ValueError, match="all the weight"):
        fit([3.0, 4.0], [1.0, 1e-20])


@pytest.mark.parametrize("ratio", [2.0, 3.4, 7.7])
@pytest.mark.parametrize("weights", [[1.0, 1.0, 1.0], [1.0, 0.5, 0.5], [0.3, 0.7, 0.9]])
def test_cases_without_spread_are_refused(ratio, weights):
    with pytest.raises(ValueError, match="do not differ"):
        fit([ratio] * 3, weights)


def test_the_case_table_gives_the_fits_of_record(registry, zheng):
    project = fit_of(zheng.setting, registry, "project")
    assert (project.m, project.s, project.n_eff) == pytest.approx((0.3228, 0.8531, 10.12), rel=2e-3)
    lab_year = fit_of(zheng.setting, registry, "lab_year")
    assert (lab_year.m, lab_year.s, lab_year.n_eff) == pytest.approx((1.665, 0.622, 3.77), rel=2e-3)


def test_each_reference_class_is_the_fit_of_its_own_cases(registry, zheng):
    for name, kind in (("overhead.reference_class", "project"), ("overhead.lab_reference_class", "lab_year")):
        cases = [case for case in registry.cases.values() if case.case_class == kind]
        h = np.log([case.ratio - 1.0 for case in cases])
        w = np.array([case.weight for case in cases])
        m = np.average(h, weights=w)
        n_eff = w.sum() ** 2 / (w**2).sum()
        s = math.sqrt(np.average((h - m) ** 2, weights=w) * n_eff / (n_eff - 1.0))
        fitted = zheng.setting.distributions[name]
        assert isinstance(fitted, LogT)
        assert (fitted.location, fitted.scale, fitted.freedom) == pytest.approx((m, s * math.sqrt(1 + 1 / n_eff), n_eff - 1))


def test_giving_a_case_weight_changes_the_fit(registry, zheng):
    changed = resolve("zheng", registry, changes=["case.openai-five=1"])
    before, after = fit_of(zheng.setting, registry, "project"), fit_of(changed, registry, "project")
    assert after.n_eff > before.n_eff
    assert after.m > before.m  # ln(5.13 - 1) = 1.42 lies above the mean of 0.32


def test_a_class_left_with_one_case_is_refused(registry):
    cases = [name for name, case in registry.cases.items() if case.case_class == "lab_year"]
    with pytest.raises(InputError, match="lab_year"):
        run("zheng", registry=registry, changes=[f"case.{name}=0" for name in cases[1:]])
