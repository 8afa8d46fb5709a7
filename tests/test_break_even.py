"""Maps over two quantities: the audit's own verdicts at the nodes, contours where they are solved to be."""

from __future__ import annotations

import numpy as np
import pytest

from model import break_even, solve
from model.auditor.verdict import implication
from model.engine import run
from model.errors import InputError
from model.explain.break_even import Quantiles, span_with
from model.explain.question import ask
from model.registry import Registry

V3 = "deepseek-v3-5.576m"
MAPS = [("price.rental=0.4..3", "ablations.undisclosed"), ("price.rental=0.5..3", "overhead.reference_class=1.05..6")]


@pytest.mark.parametrize(("x", "y"), MAPS)
def test_the_contour_of_the_median_passes_through_what_solve_finds(registry: Registry, x: str, y: str) -> None:
    found = break_even(V3, scope="project", x=x, y=y, registry=registry)
    cell = found.x.values[1] - found.x.values[0]
    on_rows = [c for c in found.break_even if c.y in found.y.values]
    assert len(on_rows) == len(found.y.values)
    for crossing in on_rows[::4]:
        answer = solve(V3, scope="project", parameter=found.x.id, registry=registry, changes=[f"{found.y.id}={crossing.y!r}"])
        assert crossing.x == pytest.approx(answer.value, abs=0.05 * cell)


def test_the_verdict_flips_where_the_ground_rule_says(registry: Registry) -> None:
    # refuted below until the amount is the 5th percentile, or the median within the factor of 1.2
    found = break_even(V3, scope="project", x="price.rental=0.6..2.4", y="data_work", registry=registry)
    cell = found.x.values[1] - found.x.values[0]
    row = found.y.values[6]
    flip = next(c for c in found.flips if c.y == row and c.between[1] == "refuted_below")
    given = {"scope": "project", "parameter": "price.rental", "registry": registry, "changes": [f"data_work={row!r}"]}
    edges = [solve(V3, percentile=0.05, **given).value, solve(V3, amount=5.576e6 * 1.2, **given).value]
    assert flip.x == pytest.approx(max(edges), abs=0.2 * cell)


def test_a_node_has_the_audits_verdict(registry: Registry) -> None:
    found = break_even(V3, scope="project", x="price.rental=0.5..3", y="window.share", registry=registry)
    claim = registry.claim(V3)
    for i, j in ((0, 0), (2, 5), (6, 6), (12, 12)):
        changes = [f"price.rental={found.x.values[i]!r}", f"window.share={found.y.values[j]!r}"]
        estimate = run("zheng", registry=registry, changes=changes, scopes=["project"]).scope("project")
        told = implication(claim.dollars, estimate, registry.rules)
        assert found.verdicts[j][i] == (f"{told.label}_{told.side}" if told.side else told.label)
        assert found.medians_usd[j][i] == pytest.approx(float(estimate.quantile(0.5)), rel=2e-3)


def test_a_certain_cost_breaks_even_on_a_hyperbola(registry: Registry) -> None:
    # (v3_run.pretraining + 124 K hours) x price = $5.576M
    found = break_even(V3, scope="final_run", x="price.claimed", y="v3_run.pretraining", scenario="as_reported", registry=registry)
    assert len(found.break_even) > 10
    cell = found.x.values[1] - found.x.values[0]
    for c in found.break_even:
        assert c.x == pytest.approx(5.576e6 / (c.y + 124e3), abs=0.1 * cell)


def test_unequal_weights_count(registry: Registry) -> None:
    changes = ["route.bottom_up=3", "route.cluster_window=0"]
    found = break_even(V3, scope="project", x="price.rental", y="goodput", registry=registry, changes=changes)
    held = [*changes, f"price.rental={found.x.values[4]!r}", f"goodput={found.y.values[4]!r}"]
    expected = run("zheng", registry=registry, changes=held, scopes=["project"]).scope("project").quantile(0.5)
    assert found.medians_usd[4][4] == pytest.approx(float(expected), rel=2e-3)


def test_a_bound_is_mapped_by_its_own_rule(registry: Registry) -> None:
    claim = registry.claim(V3)
    bound = claim.model_copy(update={"amount": claim.amount.model_copy(update={"relation": "at_most", "value": 1e7})})
    found = break_even(bound, scope="project", x="price.rental=0.5..3", y="goodput", registry=registry)
    row = found.verdicts[6]
    assert row[0] == "supported"
    assert row[-1] == "refuted_below"


def test_quantiles_answer_as_an_estimate_does(registry: Registry) -> None:
    from model.explain.break_even import LEVELS

    estimate = run("zheng", registry=registry, scopes=["project"]).scope("project")
    short = Quantiles(estimate.quantile(LEVELS.tolist()))
    assert list(short.quantile([0.05, 0.5])) == pytest.approx(list(estimate.quantile([0.05, 0.5])))
    assert short.probability_at_most(1e5) == 0.0
    assert short.probability_at_most(float(estimate.quantile(0.75))) == pytest.approx(0.75)


def test_every_probability_of_the_ground_rules_is_one_of_the_levels(registry: Registry) -> None:
    from model.explain.break_even import LEVELS

    asked = [registry.rules["bound_supported"], registry.rules["bound_refuted"]]
    assert {0.05, 0.25, 0.5, 0.75, 0.95, *asked, *(round(1.0 - p, 12) for p in asked)} <= set(LEVELS.tolist())


def test_a_range_is_widened_to_hold_a_value(registry: Registry) -> None:
    question = ask(V3, "project", registry=registry)
    assert span_with(question, "price.rental", 2.0) == span_with(question, "price.rental", None) == "price.rental"
    name, _, span = span_with(question, "price.rental", 0.8).partition("=")
    low, _, high = span.partition("..")
    assert name == "price.rental"
    assert 0.0 < float(low) < 0.8 < float(high)
    assert 0.0 < float(span_with(question, "price.rental", 1e-3).partition("=")[2].partition("..")[0]) < 1e-3


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ("overhead.stated=1.6", (1.2, 2.8)),  # a third to three times the 0.6 that are overhead
        ("overhead.stated=1", (1.0, 2.0)),
        ("derisk=0", (0.0, 1.0)),
        ("goodput=0.9", (0.3, 1.0)),
        ("ownership.nonserver_share=0.4", (0.4 / 3, 0.7)),  # 1 would make a cluster of nothing but network: half-way to it
    ],
)
def test_a_single_value_spans_an_axis_within_its_domain(change: str, ends: tuple[float, float], registry: Registry) -> None:
    name = change.partition("=")[0]
    changes = ["route.stated=1", "price.basis=ownership", change]
    found = break_even(V3, scope="project", x=name, y="ownership.server_price", registry=registry, changes=changes, points=64)
    assert (found.x.values[0], found.x.values[-1]) == pytest.approx(ends)
    assert np.all(np.isfinite(found.medians_usd))


def test_hours_that_a_model_brings_itself_are_an_axis(registry: Registry) -> None:
    # hours x median price = the amount: a hyperbola
    found = break_even("dbrx", scope="run_as_executed", x="stated_hours=1e6..8e6", y="price.rental=1.5..8", registry=registry)
    cell = found.x.values[1] - found.x.values[0]
    assert len(found.break_even) > 10
    for c in found.break_even:
        assert c.x == pytest.approx(1e7 / c.y, abs=0.2 * cell)


def test_a_range_is_widened_to_no_open_end(registry: Registry) -> None:
    question = ask(V3, "project", registry=registry, changes=["price.basis=ownership"])
    high = float(span_with(question, "ownership.nonserver_share", 0.99).rpartition("..")[2])
    assert 0.99 < high < 1.0


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ("price.rental", "price.rental", "stands on both axes"),
        ("price.rental=3..1", "goodput", "is no range of price.rental"),
        ("price.rental=0..1", "goodput", "is no range of price.rental"),
        ("goodput=0.5..1.5", "price.rental", "is no range of goodput"),
        ("price.rental=nan..3", "goodput", "is no range of price.rental"),
        ("goodput=wide", "price.rental", 'Write LOW..HIGH, for example "1.5..3"'),
        ("goodput", "staff.ratio", "These do:"),
    ],
)
def test_bad_axes_are_wrong_input(registry: Registry, x: str, y: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        break_even(V3, scope="project", x=x, y=y, registry=registry)
    assert said in str(error.value)


def test_an_axis_does_not_reach_an_end_at_which_there_is_no_cost(registry: Registry) -> None:
    with pytest.raises(InputError, match=r"0\.1 to 1 is no range of ownership\.nonserver_share"):
        break_even(
            V3, scope="project", x="ownership.nonserver_share=0.1..1", y="goodput", registry=registry, changes=["price.basis=ownership"]
        )
