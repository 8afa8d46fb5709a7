"""Figures with their numerical error: as large as it really is, and no digit printed that it does not support."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.auditor.audit import audit
from model.comparison import compare
from model.document import ratio_variance
from model.engine import Run, run
from model.explain.break_even import break_even
from model.explain.gap import gap
from model.explain.information import voi
from model.explain.sensitivity import sensitivity
from model.explain.solve import solve
from model.numerical_error import Estimated, drawn_quantiles, mixed_quantiles, supported_digits
from model.posterior import update
from model.registry import Registry
from model.route_scores import route_scores, summaries
from model.views.programme import spread_of
from model.wording import ENGLISH, FRENCH

CLAIM = "deepseek-v3-5.576m"
SEEDS = range(1, 13)


@pytest.mark.parametrize(
    ("value", "error", "digits"),
    [
        (13.18, 0.05, 3),
        (13.18, 0.051, 2),
        (13.18, 0.5, 2),
        (13.18, 0.51, 1),
        (13.18, 4.0, 1),
        (13.18, 0.0, 3),
        (9.99, 0.005, 3),
        (0.0, 1.0, 3),
    ],
)
def test_the_last_digit_is_right_within_one_unit(value: float, error: float, digits: int) -> None:
    assert supported_digits(value, error) == digits


@given(st.floats(1e-3, 1e12), st.floats(1e-6, 0.02))
def test_two_standard_errors_are_at_most_a_unit_of_the_last_digit(value: float, share: float) -> None:
    digits = supported_digits(value, share * value, most=9)
    unit = 10.0 ** (int(f"{value:e}".split("e")[1]) - digits + 1)
    assert digits == 1 or 2 * share * value <= unit * (1 + 1e-9)
    assert 20 * share * value > unit * (1 - 1e-9) or digits == 9


def test_an_estimate_is_a_float_and_keeps_its_error() -> None:
    one = Estimated(13.18e6, 2e4)
    assert json.dumps({"usd": one}) == '{"usd": 13180000.0}'
    copy = deepcopy(one)
    assert (copy, copy.error) == (one, 2e4)
    assert (one.over(2.0), one.over(-2.0).error) == (6.59e6, 1e4)
    assert one.less(1e6).error == 2e4
    assert one.less(Estimated(1e6, 1.5e4)).error == pytest.approx(2.5e4)
    assert type(float(one)) is float


@pytest.mark.parametrize(
    ("error", "usd", "percent", "count"),
    [
        (0.0, "$13.18M", "13.18\u00a0%", "13.18"),
        (2e-2, "$13.2M", "13.2\u00a0%", "13.2"),
        (0.4, "$13M", "13\u00a0%", "13"),
        (9.0, "$10M", "10\u00a0%", "10"),
    ],
)
def test_a_reader_sees_as_many_digits_as_are_supported(error: float, usd: str, percent: str, count: str) -> None:
    assert ENGLISH.money(Estimated(13.18e6, error * 1e6)) == usd
    assert ENGLISH.money(Estimated(-13.18e6, error * 1e6)) == f"-{usd}"
    assert ENGLISH.percent(Estimated(0.1318, error / 100)) == percent
    assert ENGLISH.number(Estimated(13.18, error)) == count
    assert FRENCH.count(Estimated(13.18e6, error * 1e6)) == f"{count.replace('.', ',')}\u00a0M"


@pytest.mark.parametrize(
    ("share", "error", "text"),
    [
        (0.1234, 0.0, "12.3"),
        (0.1234, 4e-4, "12.3"),
        (0.1234, 6e-4, "12"),
        (0.1234, 6e-3, "10"),
        (0.004, 6e-4, "< 1"),
        (0.996, 6e-4, "> 99"),
        (0.0004, 1e-6, "< 0.1"),
        (0.84, 0.08, "80"),
        (0.02, 0.02, "< 10"),
        (0.98, 0.2, "> 90"),
        (0.05, 0.04, "< 10"),
        (0.0, 0.002, "< 1"),
        (1.0, 0.08, "> 90"),
        (0.9999, 1e-6, "> 99.9"),
        (0.0, 0.0, "0.0"),
        (1.0, 0.0, "100.0"),
    ],
)
def test_a_probability_has_the_decimals_that_its_error_supports(share: float, error: float, text: str) -> None:
    assert ENGLISH.chance(Estimated(share, error)) == f"{text}\u00a0%"


@pytest.mark.parametrize(("usd", "error", "text"), [(3e6, 1e4, "+$3M"), (-3e6, 1e4, "-$3M"), (3e6, 2e6, "about 0"), (0.0, 0.0, "0")])
def test_a_shift_has_a_sign_only_where_that_is_known(usd: float, error: float, text: str) -> None:
    assert ENGLISH.shift(Estimated(usd, error)) == text


def test_weighted_quantiles_are_the_values_where_the_weight_is_reached() -> None:
    values, weights = np.array([[3.0, 1.0, 2.0]] * 4), np.array([[0.5, 0.25, 0.25]] * 4)
    found = drawn_quantiles(values, {"low": 0.2, "quarter": 0.25, "half": 0.5, "high": 0.51, "top": 1.0}, weights)
    assert found == {"low": 1.0, "quarter": 1.0, "half": 2.0, "high": 3.0, "top": 3.0}
    assert {q.error for q in found.values()} == {0.0}


def test_a_mixture_weighs_its_parts_whatever_their_number_of_draws() -> None:
    rng = np.random.default_rng(1)
    low, high = rng.uniform(0.0, 1.0, (4, 8192)), rng.uniform(10.0, 11.0, (4, 128))
    found = mixed_quantiles([(0.75, low), (0.25, high)], {"in": 0.375, "out": 0.875})
    assert found["in"] == pytest.approx(0.5, abs=0.02)  # the middle of the first part
    assert found["out"] == pytest.approx(10.5, abs=0.1)  # and of the second


def test_the_error_of_independent_draws_is_that_of_the_theory() -> None:
    """The median of n normal draws has the standard error sqrt(pi / 2 n)."""
    rng, n = np.random.default_rng(1), 4096
    errors = [drawn_quantiles(rng.standard_normal((4, n // 4)), {"p50": 0.5})["p50"].error for _ in range(200)]
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(math.sqrt(math.pi / (2 * n)), rel=0.2)
    found = [spread_of(rng.standard_normal(n)) for _ in range(50)]
    assert np.mean([told["p50"].error for told in found if told]) == pytest.approx(math.sqrt(math.pi / (2 * n)), rel=0.2)


Answer = Callable[[Registry, int], list[Estimated]]


def parts(registry: Registry, seed: int) -> list[Estimated]:
    return [
        x for part in gap(CLAIM, scope="project", registry=registry, points=256, seed=seed).parts for x in (part.usd, part.factor, part.p95)
    ]


def bars(registry: Registry, seed: int) -> list[Estimated]:
    found = sensitivity("zheng", scope="project", method="tornado", only=["price.rental"], registry=registry, points=256, seed=seed)
    return [found.bars[0].low_usd, found.bars[0].high_usd]


def shifts(registry: Registry, seed: int) -> list[Estimated]:
    found = compare(["zheng", "owner"], registry=registry, points=256, seed=seed)
    shift = found.steps()[0].effect["project"]
    assert shift is not None
    return [shift, *found.difference("project", {"p50": 0.5, "p95": 0.95}).values()]


def widths(registry: Registry, seed: int) -> list[Estimated]:
    found = voi("zheng", scope="project", only=["price.rental"], registry=registry, points=256, seed=seed)
    return [found.width_usd, found.items[0].width_removed_usd]


def root(registry: Registry, seed: int) -> list[Estimated]:
    found = solve(CLAIM, scope="project", parameter="price.rental", amount=1.2e7, registry=registry, points=256, seed=seed)
    return [figure for figure in (found.value, found.percentile) if figure is not None]


def distances(registry: Registry, seed: int) -> list[Estimated]:
    found = sensitivity("zheng", scope="project", method="tornado", only=["goodput"], registry=registry, points=256, seed=seed)
    return [bar.high_usd.less(bar.low_usd) for bar in found.bars]


def nearest(registry: Registry, seed: int) -> list[Estimated]:
    found = solve(CLAIM, scope="project", parameter="evaluation", registry=registry, points=256, seed=seed)
    return [found.nearest_usd] if found.nearest_usd is not None else []


def remainders(registry: Registry, seed: int) -> list[Estimated]:
    found = compare(["zheng", "owner", "lambert"], registry=registry, points=256, seed=seed)
    rest = found.remainder(found.steps(2), 2)["project"]
    return [] if rest is None else [rest]


def variances(registry: Registry, seed: int) -> list[Estimated]:
    return [*(ratio_variance(run("zheng", registry=registry, points=256, seed=seed)) or {}).values()]


def medians(registry: Registry, seed: int) -> list[Estimated]:
    found = break_even(CLAIM, scope="project", x="price.rental", y="goodput", registry=registry, points=256, seed=seed)
    return [found.medians_usd[0][0], found.medians_usd[-1][-1]]


def scores(registry: Registry, seed: int) -> list[Estimated]:
    bottom_up = next(average for average in summaries(route_scores(registry, seed=seed, points=256)) if average.route == "cluster_window")
    assert bottom_up.log_score is not None
    return [bottom_up.log_score, bottom_up.crps]


def updated(registry: Registry, seed: int) -> list[Estimated]:
    found = update("zheng", ["lambert-experiments"], registry=registry, points=4096, seed=seed)
    return [found.scopes[scope].cost_at(0.5) for scope in ("run_as_executed", "project")]


def weights(registry: Registry, seed: int) -> list[Estimated]:
    found = update("zheng", ["lambert-experiments"], registry=registry, points=4096, seed=seed)
    return [after for _, after in found.route_weights("project").values() if isinstance(after, Estimated)]


@pytest.mark.parametrize(
    "answer", [parts, bars, distances, shifts, remainders, widths, root, nearest, medians, variances, weights, updated, scores]
)
def test_errors_are_as_large_as_the_answers_scatter_over_seeds(answer: Answer, registry: Registry) -> None:
    told = [answer(registry, seed) for seed in SEEDS]
    assert told[0]
    for figures in zip(*told, strict=True):
        scatter, stated = float(np.std(figures, ddof=1)), float(np.sqrt(np.mean([figure.error**2 for figure in figures])))
        assert scatter == pytest.approx(stated, abs=1e-9) or 0.4 < stated / scatter < 2.5, (scatter, stated)


def test_where_nothing_is_uncertain_there_is_no_error(registry: Registry) -> None:
    fixed = ("ownership.kw_provisioned=1.3", "ownership.load_factor=0.8", "ownership.pue=1.2")
    power = next(check for check in audit("zheng-5.6m", registry=registry, changes=fixed, points=64).checks if check.id == "power")
    assert power.values["low"] == power.computed == power.values["high"]
    assert drawn_quantiles(np.asarray(2.0), {"p50": 0.5})["p50"].error == 0.0


def test_one_change_leaves_nothing_over(registry: Registry) -> None:
    found = compare(["zheng", "owner"], registry=registry, points=256)
    assert {(rest, rest.error) for rest in found.remainder(found.steps()).values() if rest is not None} == {(0.0, 0.0)}


def test_an_error_that_cannot_be_told_supports_one_digit() -> None:
    for error in (math.nan, math.inf):
        assert ENGLISH.money(Estimated(13.18e6, error)) == "$10M"
        assert ENGLISH.chance(Estimated(0.5, error)) == "–"


def test_a_scale_is_that_of_the_digits_that_are_written() -> None:
    assert ENGLISH.money(Estimated(958_538.0, 4_000.0)) == "$960K"
    assert ENGLISH.money(Estimated(958_538.0, 6_550.0)) == "$1M"
    assert ENGLISH.money(Estimated(-952_539.0, 341_065.0)) == "-$1M"
    assert ENGLISH.count(Estimated(999.5e6, 3e5)) == "1.00B"


def test_more_points_support_more_digits(registry: Registry) -> None:
    def digits(of: Run) -> int:
        cost = of.scope("project").cost_at(0.95)
        return supported_digits(cost, cost.error, 9)

    assert digits(run(registry=registry, points=64)) < digits(run(registry=registry, points=65536))
