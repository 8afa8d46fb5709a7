"""Stated rank correlations: reached, consistent, and without effect on the single distributions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import special, stats

from model.copula import Copula, copula_of, rank_correlation, score_correlation
from model.engine import run
from model.errors import InputError
from model.graph import node_name
from model.sampling import sobol_points
from model.schema.assumption import Pair

NAMES = ("a", "b", "c")
RANKS = {("a", "b"): 0.6, ("b", "c"): -0.3, ("a", "c"): 0.2}
PAIRS = [Pair(first=first, second=second, rank=rank) for (first, second), rank in RANKS.items()]


def made(pairs) -> Copula:
    copula = copula_of(pairs, NAMES)
    assert copula is not None
    return copula


def independent_scores(size: int) -> list[np.ndarray]:
    return [special.ndtri(sobol_points(3).column(index, 0, size)) for index in range(3)]


@pytest.fixture(scope="module")
def scores() -> dict[str, np.ndarray]:
    independent = independent_scores(4096)
    return {name: made(PAIRS).correlate(name, independent) for name in NAMES}


def test_no_pair_needs_no_copula():
    assert copula_of([], NAMES) is None


def test_the_score_correlation_has_the_asked_rank_correlation_in_a_binormal_sample():
    rng = np.random.default_rng(1)
    for rank in (-0.8, -0.3, 0.3, 0.9):
        rho = score_correlation(rank)
        x = rng.standard_normal(200_000)
        y = rho * x + math.sqrt(1.0 - rho**2) * rng.standard_normal(200_000)
        assert stats.spearmanr(x, y).statistic == pytest.approx(rank, abs=0.006)


def test_score_correlation_keeps_its_fixed_points():
    assert score_correlation(0.0) == 0.0
    assert score_correlation(1.0) == pytest.approx(1.0, abs=1e-15)
    assert score_correlation(-0.4) == -score_correlation(0.4)


def test_rank_correlation_agrees_with_scipy():
    rng = np.random.default_rng(2)
    x = rng.standard_normal((4, 500))
    y = x + rng.standard_normal((4, 500))
    assert rank_correlation(x, y) == pytest.approx(stats.spearmanr(x.ravel(), y.ravel()).statistic, abs=1e-12)


@pytest.mark.parametrize(("first", "second"), RANKS)
def test_the_stated_rank_correlations_are_reached(scores, first, second):
    assert rank_correlation(scores[first], scores[second]) == pytest.approx(RANKS[first, second], abs=0.01)


def test_correlated_scores_stay_standard_normal(scores):
    for values in scores.values():
        assert stats.kstest(values.ravel(), "norm").statistic < 0.005  # 1.36/sqrt(16,384) = 0.011 is the 5 % point of random samples


def test_the_first_parameter_keeps_its_own_scores(scores):
    np.testing.assert_array_equal(scores["a"], independent_scores(4096)[0])


def test_the_order_in_which_pairs_are_listed_does_not_matter():
    turned = [Pair(first=pair.second, second=pair.first, rank=pair.rank) for pair in reversed(PAIRS)]
    assert made(turned).names == NAMES
    np.testing.assert_array_equal(made(turned).factor, made(PAIRS).factor)


def test_correlations_that_contradict_each_other_are_refused():
    contradictory = [
        Pair(first="a", second="b", rank=0.9),
        Pair(first="b", second="c", rank=0.9),
        Pair(first="a", second="c", rank=-0.9),
    ]
    with pytest.raises(InputError, match="not positive definite"):
        copula_of(contradictory, NAMES)


@given(ab=st.floats(-0.95, 0.95), bc=st.floats(-0.95, 0.95), ac=st.floats(-0.95, 0.95))
def test_a_matrix_is_accepted_exactly_when_its_determinant_allows_it(ab, bc, ac):
    x, y, z = (score_correlation(rank) for rank in (ab, bc, ac))
    determinant = 1.0 + 2.0 * x * y * z - x**2 - y**2 - z**2  # with |entries| < 1, Sylvester's criterion
    assume(abs(determinant) > 1e-6)
    pairs = [Pair(first="a", second="b", rank=ab), Pair(first="b", second="c", rank=bc), Pair(first="a", second="c", rank=ac)]
    if determinant > 0.0:
        np.testing.assert_allclose(made(pairs).factor @ made(pairs).factor.T, [[1, x, z], [x, 1, y], [z, y, 1]], atol=1e-12)
    else:
        with pytest.raises(InputError):
            copula_of(pairs, NAMES)


def test_the_conditional_law_is_that_of_the_draws_near_the_condition():
    rng = np.random.default_rng(4)
    independent = list(rng.standard_normal((3, 4_000_000)))
    copula = made(PAIRS)
    drawn = {name: copula.correlate(name, independent) for name in NAMES}
    near = (np.abs(drawn["a"] - 0.8) < 0.05) & (np.abs(drawn["c"] + 0.5) < 0.05)
    sample = drawn["b"][near]
    mean, sd = copula.conditional("b", [np.array(0.8), np.array(np.nan), np.array(-0.5)])
    error = sd / math.sqrt(sample.size)
    assert sample.size > 3000
    assert float(mean) == pytest.approx(sample.mean(), abs=4 * error)
    assert sd == pytest.approx(sample.std(), abs=4 * error)


def test_the_conditional_law_is_the_regression_on_the_other_scores(scores):
    mean, sd = made(PAIRS).conditional("b", [scores[name] for name in NAMES])
    others = np.stack([scores["a"].ravel(), scores["c"].ravel()], axis=1)
    slopes, *_ = np.linalg.lstsq(others, scores["b"].ravel(), rcond=None)
    np.testing.assert_allclose(mean.ravel(), others @ slopes, atol=0.02)
    assert sd == pytest.approx((scores["b"].ravel() - others @ slopes).std(), abs=0.005)


def test_two_parameters_have_the_textbook_conditional_law():
    copula = copula_of([Pair(first="a", second="b", rank=0.5)], NAMES)
    assert copula is not None
    rho = 2.0 * math.sin(math.pi * 0.5 / 6.0)
    mean, sd = copula.conditional("a", [np.array(0.0), np.array(1.5)])
    assert float(mean) == pytest.approx(1.5 * rho, rel=1e-12)
    assert sd == pytest.approx(math.sqrt(1.0 - rho**2), rel=1e-12)


def test_the_dependent_scenario_reaches_its_correlations_and_keeps_every_single_distribution(registry, zheng):
    dependent = run("dependent", registry=registry)
    pairs = registry.correlation_sets["components"].pairs
    assert dependent.setting.correlations == pairs
    for pair in pairs:
        first, second = (dependent.draws(node_name(name)) for name in (pair.first, pair.second))
        assert rank_correlation(first, second) == pytest.approx(pair.rank, abs=0.03)
    probabilities = [0.05, 0.25, 0.5, 0.75, 0.95]
    for name in {name for pair in pairs for name in (pair.first, pair.second)}:
        own, plain = (np.quantile(r.draws(node_name(name)), probabilities) for r in (dependent, zheng))
        np.testing.assert_allclose(own, plain, rtol=0.02)


def test_the_dependent_scenario_has_rank_correlation_0_3_between_whole_components(registry):
    dependent = run("dependent", registry=registry, points=1 << 14)
    components = [dependent.draws(name) for name in ("ablations", "data_work", "derisk", "post_training_dev", "evaluation")]
    for i, first in enumerate(components):
        for second in components[:i]:
            assert rank_correlation(first, second) == pytest.approx(0.3, abs=0.02)
