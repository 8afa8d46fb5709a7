"""The implication rule, the class of an estimate and the digits that an error settles, on hand-made costs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model import distributions as d
from model.auditor.verdict import Implication, estimate_class, implication, settled_digits
from model.estimate import RouteEstimate, ScopeEstimate
from model.integration import Kernel, PointLaw, scalar_law
from model.registry import Registry
from model.schema.assumption import EstimateClass
from model.schema.claim import Amount

RULES = {"materiality_factor": 1.2, "support_width": 30.0, "bound_supported": 0.75, "bound_refuted": 0.05}
MEDIAN = 10e6
Z25, Z95 = 0.6744897501960817, 1.6448536269514722  # normal scores of 0.75 and 0.95
Z10 = 1.2815515655446004


def scope_of(sd: float, median: float = MEDIAN) -> ScopeEstimate:
    """A cost whose logarithm is normal: quantile(p) = median x exp(sd x score of p)."""
    law = scalar_law(Kernel(np.asarray(1.0), np.asarray(0.0), None), d.LogNormal(math.log(median), sd))
    return ScopeEstimate("project", 2024, (RouteEstimate("", 1.0, law, None),))


def point(cost: float) -> ScopeEstimate:
    return ScopeEstimate("final_run", 2024, (RouteEstimate("", 1.0, PointLaw(cost), None),))


def amount(value: float, relation: str = "equal") -> Amount:
    return Amount.model_validate(
        {"value": value, "relation": relation, "unit": "USD", "price_year": 2024, "digits": 4, "as_written": f"${value:g}"}
    )


def between(low: float, high: float) -> Amount:
    return Amount(low=low, high=high, relation="range", unit="USD", price_year=2024, digits=2, as_written="a range")


def judged(stated: Amount, sd: float) -> Implication:
    return implication(stated, scope_of(sd), RULES)


def test_the_rules_here_are_those_of_the_assumptions(registry: Registry) -> None:
    assert {name: registry.rules[name] for name in RULES} == RULES


def test_the_hand_made_cost_has_the_quantiles_that_the_tests_assume() -> None:
    found = scope_of(0.5).quantile([0.05, 0.25, 0.5, 0.75, 0.95])
    assert found == pytest.approx(MEDIAN * np.exp(0.5 * np.array([-Z95, -Z25, 0.0, Z25, Z95])), rel=1e-4)


@pytest.mark.parametrize("factor", [1.0, 1.199, 1 / 1.199])
def test_within_the_materiality_factor_supports(factor: float) -> None:
    found = judged(amount(MEDIAN * factor), sd=0.1)  # central 50 %: 0.935 to 1.070
    assert (found.label, found.side) == ("supported", None)
    assert found.reasons[0] == "within_materiality_factor"


@pytest.mark.parametrize(("factor", "side"), [(1.201, "above"), (1 / 1.201, "below"), (100.0, "above"), (0.01, "below")])
def test_outside_90_per_cent_and_beyond_the_factor_refutes_with_its_side(factor: float, side: str) -> None:
    found = judged(amount(MEDIAN * factor), sd=0.1)  # central 90 %: 0.848 to 1.179
    assert (found.label, found.side) == ("refuted", side)


def test_outside_90_per_cent_but_within_the_factor_supports() -> None:
    found = judged(amount(MEDIAN * 1.1), sd=0.01)  # central 90 %: 0.984 to 1.017
    assert (found.label, found.reasons) == ("supported", ("within_materiality_factor",))


@pytest.mark.parametrize("sign", [-1, 1])
def test_the_central_50_per_cent_supports_and_what_follows_to_90_tells_nothing(sign: int) -> None:
    sd = 0.6  # central 50 %: factor 1.499; central 90 %: factor 2.683
    inside, outside = (MEDIAN * math.exp(sign * sd * Z25 * share) for share in (0.999, 1.001))
    assert judged(amount(inside), sd) == Implication("supported", None, ("inside_central_50",))
    assert judged(amount(outside), sd) == Implication("not_enough_info", None, ("between_central_50_and_90",))


@pytest.mark.parametrize(("sign", "side"), [(-1, "below"), (1, "above")])
def test_the_ends_of_the_central_90_per_cent_divide_refuted_from_unknown(sign: int, side: str) -> None:
    sd = 0.6
    inside, outside = (MEDIAN * math.exp(sign * sd * Z95 * share) for share in (0.999, 1.001))
    assert judged(amount(inside), sd).label == "not_enough_info"
    assert judged(amount(outside), sd) == Implication("refuted", side, ("outside_central_90", "beyond_materiality_factor"))


def test_support_ends_where_p95_is_thirty_times_p05() -> None:
    widest = math.log(30.0) / (2.0 * Z95)
    assert judged(amount(MEDIAN), widest * 0.999).label == "supported"
    assert judged(amount(MEDIAN), widest * 1.001) == Implication(
        "not_enough_info", None, ("within_materiality_factor", "inside_central_50", "interval_too_wide")
    )


@given(
    sd=st.floats(0.02, 3.0),
    score=st.floats(1.001, 4.0),
    side=st.sampled_from([-1, 1]),
)
def test_a_wide_interval_never_shelters_an_amount_outside_it(sd: float, score: float, side: int) -> None:
    stated = MEDIAN * math.exp(side * sd * Z95 * score)
    assume(max(stated / MEDIAN, MEDIAN / stated) > 1.2001)
    assume(sd * Z95 * (score - 1.0) > 1e-3)  # clear of the grid's own step
    found = judged(amount(stated), sd)
    assert (found.label, found.side) == ("refuted", "above" if side > 0 else "below")


@given(sd=st.floats(0.02, 3.0), shift=st.floats(-3.0, 3.0))
def test_support_always_rests_on_a_stated_reason(sd: float, shift: float) -> None:
    stated = MEDIAN * math.exp(shift)
    found = judged(amount(stated), sd)
    near, inside = abs(shift) <= math.log(1.2), abs(shift) <= sd * Z25
    narrow = 2 * Z95 * sd <= math.log(30.0)
    if found.label == "supported":
        assert narrow or 2 * Z95 * sd < math.log(30.0) + 1e-3
        assert near or inside or abs(shift) < sd * Z25 + 1e-3
    if (near or abs(shift) < sd * Z25 - 1e-3) and 2 * Z95 * sd < math.log(30.0) - 1e-3:
        assert found.label == "supported"


def test_a_point_supports_itself_and_refutes_what_is_far() -> None:
    assert implication(amount(5.576e6), point(5.576e6), RULES).label == "supported"
    assert implication(amount(5.576e6 / 1.25), point(5.576e6), RULES).side == "below"


@pytest.mark.parametrize(
    ("probability", "label"), [(0.751, "supported"), (0.749, "not_enough_info"), (0.051, "not_enough_info"), (0.049, "refuted")]
)
def test_an_upper_bound_is_judged_by_its_probability(probability: float, label: str) -> None:
    stated = float(scope_of(0.5).quantile(probability))
    found = judged(amount(stated, "at_most"), 0.5)
    assert (found.label, found.side) == (label, "below" if label == "refuted" else None)


@pytest.mark.parametrize(
    ("probability", "label"), [(0.249, "supported"), (0.251, "not_enough_info"), (0.949, "not_enough_info"), (0.951, "refuted")]
)
def test_a_lower_bound_is_judged_by_what_is_beyond_it(probability: float, label: str) -> None:
    stated = float(scope_of(0.5).quantile(probability))
    found = judged(amount(stated, "at_least"), 0.5)
    assert (found.label, found.side) == (label, "above" if label == "refuted" else None)


def test_a_range_is_judged_by_its_part_nearest_the_median() -> None:
    for low, high, part in ((0.5, 2.0, 1.0), (0.1, 0.9, 0.9), (1.1, 3.0, 1.1), (3.0, 9.0, 3.0), (0.01, 0.2, 0.2)):
        assert judged(between(low * MEDIAN, high * MEDIAN), 0.3).label == judged(amount(part * MEDIAN), 0.3).label
    assert judged(between(3 * MEDIAN, 9 * MEDIAN), 0.3).side == "above"
    assert judged(between(MEDIAN / 9, MEDIAN / 3), 0.3).side == "below"


def sd_reaching(excess: float) -> float:
    """Spread at which P90 lies ``excess`` above the median, as a fraction of it."""
    return math.log(1.0 + excess) / Z10


def test_the_class_is_the_tightest_band_that_holds_the_central_80_per_cent(registry: Registry) -> None:
    classes = registry.estimate_classes
    ordered = sorted(classes.values(), key=lambda c: c.high)
    assert [c.id for c in ordered] == ["1", "2", "3", "4", "5"]
    for tighter, wider in zip(ordered, [*ordered[1:], None], strict=True):
        # the upper side binds in every class but one whose lower side is narrower
        binding = min(sd_reaching(tighter.high), -math.log(1.0 - tighter.low) / Z10)
        assert estimate_class(scope_of(binding * 0.99), classes) == tighter.id
        assert estimate_class(scope_of(binding * 1.01), classes) == (wider.id if wider else "looser_than_5")


def test_both_sides_of_a_band_count() -> None:
    lopsided = EstimateClass.model_construct(id="x", label="", low=0.01, high=9.0, evidence=())
    assert estimate_class(scope_of(0.5), {"x": lopsided}) == "looser_than_5"


@pytest.mark.parametrize(
    ("value", "error", "digits"),
    [
        (13.18e6, 0.0, 2),
        (13.18e6, 0.01e6, 2),  # 13.16 to 13.20: 13
        (13.49e6, 0.02e6, 1),  # 13.45 to 13.53: 13 or 14, but 1 ten million
        (14.99e6, 0.3e6, 0),  # 14.39 to 15.59: 14 or 16, and 1 or 2 ten million
        (9.96e6, 0.01e6, 1),  # 9.94 to 9.98: 9.9 or 10, so one digit says 1 ten million
    ],
)
def test_two_standard_errors_either_way_settle_the_digits(value: float, error: float, digits: int) -> None:
    assert settled_digits(value, error, 2) == digits


@given(value=st.floats(1e3, 1e9), share=st.floats(0.0, 0.2))
def test_settled_digits_print_the_same_at_both_ends(value: float, share: float) -> None:
    error = value * share
    digits = settled_digits(value, error, 3)
    if digits and error > 1e-6:
        assert f"{value - 2 * error:.{digits - 1}e}" == f"{value + 2 * error:.{digits - 1}e}"
    assert settled_digits(value, 0.0, 3) == 3
    assert 0 <= digits <= 3
