"""Sobol' indices and Shapley effects against closed forms that are derived here."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from model.distributions import Array, Fixed, LogNormal, Normal, Uniform
from model.explain.indices import Index, Inputs, shapley_effects, sobol_indices

PI = np.pi
ALONE = [[0], [1], [2]]


def held(index: Index, expected: list[float], most: float) -> None:
    """Every value is near the expected one, within ``most`` and within twice the half-width of its interval."""
    off = np.abs(index.value[0] - expected)
    assert np.all(off <= most)
    assert np.all(off <= 1e-12 + (index.high - index.low)[0])


def ishigami(x: Array) -> Array:
    """Ishigami and Homma (1990), with a = 7 and b = 0.1."""
    return (np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0]))[None]


def test_ishigami_has_its_known_indices() -> None:
    """E x^4 = pi^4/5 and E x^8 = pi^8/9 on (-pi, pi): V1 = (1 + b pi^4/5)^2/2, V2 = a^2/8, V13 = b^2 pi^8 (1/18 - 1/50)."""
    v1, v2, v13 = 0.5 * (1 + 0.1 * PI**4 / 5) ** 2, 49 / 8, 0.01 * PI**8 * (1 / 18 - 1 / 50)
    whole = v1 + v2 + v13
    inputs = Inputs([Uniform(-PI, PI)] * 3)
    first, total = sobol_indices(ishigami, inputs, ALONE)
    held(first, [v1 / whole, v2 / whole, 0.0], 0.01)
    held(total, [(v1 + v13) / whole, v2 / whole, v13 / whole], 0.02)
    effects = shapley_effects(ishigami, inputs, ALONE)
    held(effects, [(v1 + v13 / 2) / whole, v2 / whole, v13 / 2 / whole], 0.02)
    assert effects.value.sum() == pytest.approx(1.0)


def test_the_g_function_of_sobol_has_its_known_indices() -> None:
    """Product of (|4 x - 2| + a)/(1 + a) on (0, 1): one factor has variance 1/(3 (1 + a)^2), and the product's is counted out."""
    a = np.array([0.0, 1.0, 4.5, 9.0])
    own = 1.0 / (3.0 * (1.0 + a) ** 2)
    whole = np.prod(1.0 + own) - 1.0
    value = {s: np.prod(own[list(s)]) for size in range(1, 5) for s in combinations(range(4), size)}
    inputs, groups = Inputs([Uniform(0.0, 1.0)] * 4), [[k] for k in range(4)]

    def g(x: Array) -> Array:
        return np.prod((np.abs(4 * x - 2) + a[:, None]) / (1 + a[:, None]), axis=0)[None]

    first, total = sobol_indices(g, inputs, groups)
    held(first, list(own / whole), 0.01)
    held(total, [sum(v for s, v in value.items() if k in s) / whole for k in range(4)], 0.01)
    held(shapley_effects(g, inputs, groups), [sum(v / len(s) for s, v in value.items() if k in s) / whole for k in range(4)], 0.01)


COVARIANCE = np.array([[1.0, 0.0, 0.3], [0.0, 1.0, 0.8], [0.3, 0.8, 1.0]])
SLOPES = np.array([1.0, 1.0, 2.0])


def explained(known: tuple[int, ...]) -> float:
    """Var E[b'X | X_known] of a Gaussian X: c' C^-1 c with C the covariance of the known and c theirs with b'X."""
    c = COVARIANCE[list(known)] @ SLOPES
    return float(c @ np.linalg.solve(COVARIANCE[np.ix_(known, known)], c)) if known else 0.0


def linear(x: Array) -> Array:
    return (SLOPES @ x)[None]


def test_shapley_effects_of_a_linear_gaussian_model_are_right_under_correlation() -> None:
    """Owen and Prieur (2017): mean over all orders of what one more known input explains."""
    gains = np.zeros(3)
    for order in permutations(range(3)):
        for k, name in enumerate(order):
            gains[name] += (explained(order[: k + 1]) - explained(order[:k])) / 6 / explained((0, 1, 2))
    held(shapley_effects(linear, Inputs([Normal(0, 1)] * 3, COVARIANCE), ALONE), list(gains), 0.01)


def test_sobol_indices_of_a_linear_gaussian_model_are_right_under_correlation() -> None:
    whole = explained((0, 1, 2))
    first, total = sobol_indices(linear, Inputs([Normal(0, 1)] * 3, COVARIANCE), [*ALONE, [1, 2]])
    held(first, [explained(s) / whole for s in ((0,), (1,), (2,), (1, 2))], 0.01)
    held(total, [1 - explained(s) / whole for s in ((1, 2), (0, 2), (0, 1), (0,))], 0.01)


def test_marginals_of_any_family_are_taken() -> None:
    """ln of a product of log-normals is linear: shares are those of the variances, whatever the scale."""
    inputs = Inputs([LogNormal(3.0, 0.3), LogNormal(-1.0, 0.4)])
    first, _ = sobol_indices(lambda x: np.log(x[0] * x[1])[None], inputs, [[0], [1]])
    held(first, [0.09 / 0.25, 0.16 / 0.25], 0.01)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    v1, v13 = 0.5 * (1 + 0.1 * PI**4 / 5) ** 2, 0.01 * PI**8 * (1 / 18 - 1 / 50)
    truth = (v1 + v13 / 2) / (v1 + 49 / 8 + v13)
    inputs = Inputs([Uniform(-PI, PI)] * 3)
    found = [shapley_effects(ishigami, inputs, ALONE, points=128, seed=seed) for seed in range(40)]
    inside = sum(bool(index.low[0, 0] <= truth <= index.high[0, 0]) for index in found)
    assert 34 <= inside <= 40


def test_where_nothing_varies_every_share_is_exactly_zero() -> None:
    inputs = Inputs([Uniform(0, 1)] * 2)
    for index in (
        *sobol_indices(lambda x: np.ones((1, x.shape[1])), inputs, [[0], [1]]),
        shapley_effects(lambda x: 0 * x[:1], inputs, [[0], [1]]),
    ):
        assert (index.value == 0.0).all()
        assert (index.high == index.low).all()


def test_more_inputs_than_the_sample_has_columns_still_work() -> None:
    count = 40
    first, _ = sobol_indices(lambda x: x.sum(axis=0)[None], Inputs([Normal(0, 1)] * count), [[k] for k in range(count)], points=256)
    assert first.value[0] == pytest.approx(np.full(count, 1 / count), abs=0.01)


def test_a_constant_input_explains_nothing() -> None:
    first, total = sobol_indices(linear, Inputs([Normal(0, 1), Fixed(3.0), Normal(0, 1)]), ALONE)
    assert (first.value[0, 1], total.value[0, 1]) == (0.0, 0.0)
