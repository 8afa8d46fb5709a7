"""Drift: how a retelling moved from its source, and the graph of who restates whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.claims.drift import AXES, Drift, drift, drifts, graph
from model.registry import Registry
from model.schema.claim import Amount
from tests.article_claims import FIVE_AND_A_HALF, SIX, V3, ZHENG, changed


def of(found: list[Drift], name: str) -> Drift:
    (one,) = [item for item in found if item.claim == name]
    return one


def test_each_retelling_of_the_v3_sum_moved_as_its_words_did(registry: Registry) -> None:
    found = drifts(registry)
    six, five, zheng = (of(found, name) for name in (SIX, FIVE_AND_A_HALF, ZHENG))
    assert six.moved == ("entity", "scope", "hedge")
    assert (six.shifts["scope"].code, six.shifts["amount"].code) == ("widened", "rounded")
    assert five.shifts["amount"].code == "off"  # $5.576M rounds to 5.6, not to 5.5
    assert five.shifts["amount"].values["change"] == pytest.approx(5.5 / 5.576 - 1)
    assert zheng.shifts["entity"].code == "misnamed"
    assert "DeepSeek R1-V3" in zheng.shifts["entity"].text()
    assert zheng.shifts["hedge"].text() == "dropped: at an assumed price, research left out"


def test_the_unit_moved_and_the_digits_did_not(registry: Registry) -> None:
    found = of(drifts(registry), "seed001-500m-stargate")
    assert found.shifts["unit"].values == {"power": -3, "times": 1000.0}
    assert not found.shifts["amount"].moved
    assert {"unit", "hedge"} <= set(found.moved)


@given(power=st.sampled_from([-9, -6, -3, 0, 3, 6, 9]), rounding=st.floats(0.97, 1.03))
def test_a_slip_is_told_from_a_rounding(power: int, rounding: float) -> None:
    registry = _registry()
    claim = registry.claim(SIX)
    value = 5.576e6 * rounding * 10.0**power
    sum_ = Amount(value=value, relation="about", unit="USD", price_year=2024, digits=6, as_written="x")
    shifts = drift(changed(claim, amount=sum_), registry).shifts
    assert shifts["unit"].moved == (power != 0)
    assert shifts["unit"].values.get("power", 0) == power
    assert shifts["amount"].moved == (abs(rounding * 5.576 - 5.576) > 5.1e-6)


def _registry() -> Registry:
    from model.registry import load_registry

    return load_registry()


def test_a_retelling_word_for_word_does_not_move(registry: Registry) -> None:
    same = changed(registry.claim(V3), id="echo", restates=V3)
    found = drift(same, registry)
    assert found.moved == ()
    assert set(found.shifts) == set(AXES)


def test_a_range_retold_moves_only_if_it_misses(registry: Registry) -> None:
    def retold(low: float, high: float) -> bool:
        sum_ = Amount(low=low, high=high, relation="range", unit="USD", price_year=2024, digits=2, as_written="x")
        return drift(changed(registry.claim(SIX), amount=sum_), registry).shifts["amount"].moved

    assert [retold(5e6, 6e6), retold(6e6, 7e6)] == [False, True]


def test_the_graph_joins_every_retelling_to_its_origin(registry: Registry) -> None:
    found = graph(registry)
    nodes = {node["id"] for node in found["nodes"]}
    restating = {name for name in registry.names("claims") if registry.claim(name).restates}
    edges = {edge["from"]: edge["to"] for edge in found["edges"]}
    assert {name: edges[name] for name in restating} == {name: registry.claim(name).restates for name in restating}
    assert nodes == {*edges, *edges.values()}
    assert len(found["nodes"]) == len(nodes)
