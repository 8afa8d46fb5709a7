"""Every family against its inverse, its closed forms and scipy.stats."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from scipy.optimize import brentq

from model import distributions as d
from model import tables
from model.schema import distribution as spec
from model.setting import build

RENTAL = d.Mixture((0.45, 0.35, 0.2), (d.LogNormal(0.50, 0.16), d.LogNormal(0.69, 0.10), d.LogNormal(0.96, 0.16)))
OBSERVED = d.Empirical((3.0, 1.0, 2.5, 7.0, 4.0))
FAMILIES: dict[str, d.Distribution] = {
    "uniform": d.Uniform(0.3, 0.4),
    "log-uniform": d.LogUniform(2.0, 50.0),
    "normal": d.Normal(-3.0, 2.0),
    "truncated normal": d.TruncatedNormal(1.0, 0.5, 0.2, 1.4),
    "truncated normal in its upper tail": d.TruncatedNormal(0.0, 1.0, 9.0, 10.0),
    "log-normal": d.LogNormal(0.5, 0.8),
    "triangular": d.Triangular(0.75, 0.90, 0.96),
    "triangular from its mode": d.Triangular(0.0, 0.0, 0.7),
    "triangular up to its mode": d.Triangular(0.0, 0.7, 0.7),
    "beta": d.ScaledBeta(40.0, 2.6),
    "PERT": d.pert(0.03, 0.10, 0.35),
    "PERT from its mode": d.pert(0.0, 0.0, 0.7),
    "log-t": d.LogT(0.3228, 0.894, 9.12),
    "log-t with a heavy tail": d.LogT(1.665, 0.70, 2.77),
    "mixture": RENTAL,
    "mixture with a gap": d.Mixture((0.5, 0.5), (d.Uniform(1.0, 2.0), d.Uniform(3.0, 4.0))),
    "mixture of two narrow parts": d.Mixture((0.3, 0.7), (d.LogNormal(0.0, 0.01), d.LogNormal(2.0, 0.01))),
    "reciprocal": d.Reciprocal(d.ScaledBeta(40.0, 2.6)),
}
U = special.ndtr(np.linspace(special.ndtri(1e-9), special.ndtri(1.0 - 1e-9), 20_011))


def legible(distribution: d.Distribution) -> np.ndarray:
    """Probabilities at which R itself holds R - 1 to eight digits (in a log-t, R - 1 passes below and above every float)."""
    if not isinstance(distribution, d.LogT):
        return U
    excess = distribution.log_excess(U)
    return U[(excess > -18.0) & (excess < d.LARGEST_LOG_EXCESS)]


every_family = pytest.mark.parametrize("distribution", FAMILIES.values(), ids=FAMILIES.keys())


@every_family
def test_the_quantile_function_inverts_the_distribution_function(distribution):
    u = legible(distribution)
    np.testing.assert_allclose(distribution.cdf(distribution.ppf(u)), u, rtol=0, atol=2e-9)


@every_family
def test_quantiles_rise_with_probability(distribution):
    assert np.all(np.diff(distribution.ppf(U)) >= 0.0)


@every_family
def test_quantiles_as_the_engine_reads_them_are_within_1e_7_in_probability(distribution):
    u = legible(distribution)
    np.testing.assert_allclose(distribution.cdf(tables.quantiles(distribution, u)), u, rtol=0, atol=1e-7)


def test_quantiles_of_every_distribution_of_the_project_are_within_1e_7_in_probability(zheng):
    distributions = [x for x in zheng.setting.distributions.values() if not isinstance(x, d.Fixed | d.Empirical)]
    assert {d.LogT, d.LogNormal, d.Uniform, d.Triangular, d.ScaledBeta, d.Mixture} <= {type(x) for x in distributions}
    for distribution in distributions:
        u = legible(distribution)
        np.testing.assert_allclose(distribution.cdf(tables.quantiles(distribution, u)), u, rtol=0, atol=1e-7)


def test_quantiles_keep_the_shape_that_they_are_asked_in():
    u = np.linspace(0.1, 0.9, 12).reshape(4, 3)
    for distribution in FAMILIES.values():
        assert tables.quantiles(distribution, u).shape == (4, 3)


def test_an_empirical_distribution_passes_through_its_values_at_mid_ranks():
    ranks = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    np.testing.assert_allclose(OBSERVED.ppf(ranks), [1.0, 2.5, 3.0, 4.0, 7.0], rtol=1e-15)
    np.testing.assert_allclose(OBSERVED.cdf(np.array([1.0, 2.5, 3.0, 4.0, 7.0])), ranks, rtol=1e-15)
    inner = np.linspace(0.1, 0.9, 33)
    np.testing.assert_allclose(OBSERVED.cdf(OBSERVED.ppf(inner)), inner, rtol=1e-12)
    np.testing.assert_array_equal(OBSERVED.ppf(np.array([1e-9, 1.0 - 1e-9])), [1.0, 7.0])
    np.testing.assert_array_equal(OBSERVED.cdf(np.array([0.99, 7.01])), [0.0, 1.0])


def test_a_fixed_value_is_a_step():
    value = d.Fixed(2.0)
    np.testing.assert_array_equal(value.ppf(np.array([0.1, 0.9])), [2.0, 2.0])
    np.testing.assert_array_equal(value.cdf(np.array([1.999, 2.0, 2.001])), [0.0, 1.0, 1.0])
    assert value.mean == 2.0


@pytest.mark.parametrize(
    ("own", "reference"),
    [
        (FAMILIES["uniform"], stats.uniform(0.3, 0.1)),
        (FAMILIES["log-uniform"], stats.loguniform(2.0, 50.0)),
        (FAMILIES["normal"], stats.norm(-3.0, 2.0)),
        (FAMILIES["truncated normal"], stats.truncnorm(-1.6, 0.8, loc=1.0, scale=0.5)),
        (FAMILIES["truncated normal in its upper tail"], stats.truncnorm(9.0, 10.0)),
        (FAMILIES["log-normal"], stats.lognorm(0.8, scale=math.exp(0.5))),
        (FAMILIES["triangular"], stats.triang(0.15 / 0.21, loc=0.75, scale=0.21)),
        (FAMILIES["triangular from its mode"], stats.triang(0.0, loc=0.0, scale=0.7)),
        (FAMILIES["beta"], stats.beta(40.0, 2.6)),
        # Lambda 4: alpha = 1 + 4 (mode - min)/(max - min), beta = 1 + 4 (max - mode)/(max - min).
        (FAMILIES["PERT"], stats.beta(1 + 4 * 0.07 / 0.32, 1 + 4 * 0.25 / 0.32, loc=0.03, scale=0.32)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_family_agrees_with_scipy(own, reference):
    u = np.linspace(0.001, 0.999, 999)
    x = reference.ppf(u)
    np.testing.assert_allclose(own.ppf(u), x, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(own.cdf(x), u, rtol=1e-9, atol=1e-12)
    assert own.mean == pytest.approx(float(reference.mean()), rel=1e-9)


def test_the_log_of_the_excess_of_a_log_t_is_students_t():
    u = np.linspace(0.001, 0.999, 999)
    excess = np.log(FAMILIES["log-t"].ppf(u) - 1.0)
    np.testing.assert_allclose(excess, stats.t(9.12, loc=0.3228, scale=0.894).ppf(u), rtol=1e-9, atol=1e-11)


def test_a_mixture_is_the_weighted_sum_of_its_parts_and_its_quantiles_are_the_roots():
    x = np.linspace(0.5, 6.0, 200)
    weighted = sum(w * part.cdf(x) for w, part in zip(RENTAL.weights, RENTAL.parts, strict=True))
    np.testing.assert_allclose(RENTAL.cdf(x), weighted, rtol=1e-14)
    for probability in (0.05, 0.5, 0.95):
        root = brentq(lambda v, p=probability: float(RENTAL.cdf(np.array(v))) - p, 0.1, 50.0, xtol=1e-13)
        assert float(RENTAL.ppf(np.array(probability))) == pytest.approx(root, rel=1e-10)


def test_a_reciprocal_turns_the_quantiles_around():
    goodput = d.ScaledBeta(40.0, 2.6)
    u = np.linspace(0.01, 0.99, 99)
    np.testing.assert_allclose(d.Reciprocal(goodput).ppf(u), 1.0 / goodput.ppf(1.0 - u), rtol=1e-12)
    np.testing.assert_array_equal(d.Reciprocal(goodput).cdf(np.array([-1.0, 0.0, 1.0])), [0.0, 0.0, 0.0])


@pytest.mark.parametrize("name", [name for name in FAMILIES if "log-t" not in name and name != "reciprocal"])
def test_a_mean_is_the_integral_of_the_quantile_function(name):
    distribution = FAMILIES[name]
    z = np.linspace(-8.0, 8.0, 100_001)
    by_quadrature = np.trapezoid(distribution.ppf(special.ndtr(z)) * stats.norm.pdf(z), z)
    assert distribution.mean == pytest.approx(by_quadrature, rel=1e-4 if name.startswith("mixture ") else 1e-7)


def test_the_mean_of_an_empirical_distribution_is_the_integral_of_its_quantile_function():
    # Pieces between mid-ranks 0.1, 0.3, ... are trapezia; the ends are level over 0.1 each.
    trapezia = 0.2 * (0.5 * 1.0 + 2.5 + 3.0 + 4.0 + 0.5 * 7.0)
    assert OBSERVED.mean == pytest.approx(trapezia + 0.1 * 1.0 + 0.1 * 7.0, rel=1e-12)


@pytest.mark.parametrize("name", ["log-t", "log-t with a heavy tail", "reciprocal"])
def test_a_log_t_and_a_reciprocal_state_no_mean(name):
    assert FAMILIES[name].mean is None


def test_a_mixture_with_a_log_t_has_no_mean():
    assert d.Mixture((0.5, 0.5), (d.Uniform(2.0, 3.0), FAMILIES["log-t"])).mean is None


def test_a_log_t_stays_finite_in_its_tail():
    assert np.all(np.isfinite(FAMILIES["log-t with a heavy tail"].ppf(np.array([1e-12, 1.0 - 1e-12]))))


@pytest.mark.parametrize("kind", [spec.LogNormal, spec.Normal])
@pytest.mark.parametrize(("first", "second"), [("p05", "p95"), ("p05", "p50"), ("p50", "p95")])
@given(low=st.floats(0.01, 100.0), factor=st.floats(1.01, 50.0))
def test_a_distribution_given_by_two_quantiles_has_them(kind, first, second, low, factor):
    family = "log_normal" if kind is spec.LogNormal else "normal"
    built = build(kind(family=family, **{first: low, second: low * factor}), {})
    probabilities = np.array([int(first[1:]), int(second[1:])]) / 100.0
    np.testing.assert_allclose(built.ppf(probabilities), [low, low * factor], rtol=1e-9)


@given(low=st.floats(-5.0, 5.0), rise=st.floats(0.0, 1.0), span=st.floats(0.01, 10.0))
def test_a_pert_is_the_beta_with_lambda_4(low, rise, span):
    mode, high = low + rise * span, low + span
    built = build(spec.Pert(family="pert", min=low, mode=mode, max=high), {})
    u = np.array([0.05, 0.5, 0.95])
    reference = stats.beta(1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low), loc=low, scale=high - low)
    np.testing.assert_allclose(built.ppf(u), reference.ppf(u), rtol=1e-9, atol=1e-9 * span)
    assert built.mean == pytest.approx((low + 4 * mode + high) / 6, rel=1e-9, abs=1e-9)


def test_written_weights_of_a_mixture_are_scaled_to_one():
    part = {"label": "a", "weight": 3.0, "distribution": {"family": "fixed", "value": 1.0}}
    other = {"label": "b", "weight": 1.0, "distribution": {"family": "fixed", "value": 5.0}}
    built = build(spec.Mixture.model_validate({"family": "mixture", "parts": [part, other]}), {})
    assert built == d.Mixture((0.75, 0.25), (d.Fixed(1.0), d.Fixed(5.0)))
    assert built.mean == pytest.approx(0.75 * 1.0 + 0.25 * 5.0)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (spec.Fixed(family="fixed", value=2.0), d.Fixed(2.0)),
        (spec.Uniform(family="uniform", low=1.0, high=2.0), d.Uniform(1.0, 2.0)),
        (spec.LogUniform(family="log_uniform", low=1.0, high=2.0), d.LogUniform(1.0, 2.0)),
        (spec.Triangular(family="triangular", min=0.0, mode=0.5, max=1.0), d.Triangular(0.0, 0.5, 1.0)),
        (spec.Beta(family="beta", alpha=40.0, beta=2.6), d.ScaledBeta(40.0, 2.6)),
        (spec.Empirical(family="empirical", values=(3.0, 1.0)), d.Empirical((3.0, 1.0))),
        (spec.TruncatedNormal(family="truncated_normal", mean=1.0, sd=0.5, low=0.2, high=1.4), d.TruncatedNormal(1.0, 0.5, 0.2, 1.4)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_written_family_is_built_as_written(written, expected):
    assert build(written, {}) == expected
