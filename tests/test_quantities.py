"""Stated figures as intervals: half a unit of the last digit, gaps, bounds and dates."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.auditor.quantities import by_source, gap, missed_by, span
from model.registry import Registry
from model.schema.claim import Primary, Stated
from tests.article_claims import changed


def stated(value: float, digits: int, relation: str = "about") -> Stated:
    return Stated.model_validate({"value": value, "digits": digits, "relation": relation, "unit": "day", "as_written": "x"})


def test_a_figure_leaves_half_a_unit_of_its_last_digit() -> None:
    assert span(stated(2.0, 1)) == (1.5, 2.5)
    assert span(stated(54.25, 4)) == pytest.approx((54.245, 54.255))
    assert span(stated(2.0, 1, "at_least")) == (2.0, math.inf)
    assert span(stated(2.0, 1, "at_most")) == (0.0, 2.0)
    months = [Stated(date=dt.date(2023, 2, 1), digits=digits, as_written="x") for digits in (1, 2, 3)]
    assert [high - low for low, high in map(span, months)] == [333.0, 27.0, 0.0]


@given(value=st.floats(1e-3, 1e12), digits=st.integers(1, 6))
def test_a_figure_lies_within_its_own_span_and_rounds_back(value: float, digits: int) -> None:
    written = float(f"{value:.{digits - 1}e}")
    low, high = span(stated(written, digits))
    assert low <= value * (1 + 1e-12)
    assert value <= high * (1 + 1e-12)
    assert gap((low, high), (value, value)) <= 1 + 1e-9


@given(st.tuples(*[st.floats(1e-6, 1e6)] * 4))
def test_a_gap_is_symmetric_and_one_where_intervals_meet(ends: tuple[float, float, float, float]) -> None:
    first, second = (min(ends[:2]), max(ends[:2])), (min(ends[2:]), max(ends[2:]))
    assert gap(first, second) == gap(second, first) >= 1.0
    assert (gap(first, second) == 1.0) == (max(first[0], second[0]) <= min(first[1], second[1]))


def test_only_bounds_speak_where_nothing_else_is_said(registry: Registry) -> None:
    claim = registry.claim("seed004-tens-of-thousands-gpus")
    assert by_source(claim) == (20_000.0, 60_000.0)
    bounds = tuple(p for p in claim.primary if p.relation == "at_least")
    assert by_source(changed(claim, primary=bounds)) == (12_048.0, math.inf)
    assert by_source(changed(claim, primary=())) is None


def test_a_date_misses_its_source_altogether_or_not_at_all(registry: Registry) -> None:
    claim = registry.claim("seed002-founded-may-2023")
    assert missed_by(claim) == 1.0
    assert claim.stated is not None
    late = changed(claim, stated=claim.stated.model_copy(update={"date": dt.date(2023, 8, 1)}))
    assert missed_by(late) == math.inf


def test_a_primary_source_says_one_kind_of_thing() -> None:
    whole = {"source": "x", "locator": "x", "figure": "x", "grade": "A", "read": "read"}
    assert Primary.model_validate(whole | {"value": 1.0, "unit": "day"}).is_number
    with pytest.raises(ValueError, match="write one of"):
        Primary.model_validate(whole | {"value": 1.0, "unit": "day", "name": "hedge fund"})
