"""The value of one quantity at which a cost meets an amount: exact where it can be derived, honest where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import distributions as d
from model import solve
from model.engine import run
from model.errors import InputError, RefusedError, UnknownNameError
from model.explain.solve import search, support
from model.overrides import Domain
from model.registry import Registry

V3 = "deepseek-v3-5.576m"


def test_deepseeks_own_price_is_the_one_at_which_its_run_costs_what_it_says(registry: Registry) -> None:
    # Table 1 of the V3 report (arXiv 2412.19437): 2.788M H800-hours at $2 are $5.576M
    found = solve(V3, scope="final_run", parameter="price.claimed", scenario="as_reported", registry=registry)
    assert found.value == pytest.approx(2.0, abs=1e-6)
    assert (found.unit, found.feasible, found.nearest, found.percentile) == ("USD/gpu_hour", True, None, None)


@given(amount=st.floats(1e5, 1e9))
def test_the_price_of_a_final_run_is_the_amount_over_its_hours(registry: Registry, amount: float) -> None:
    found = solve(V3, scope="final_run", parameter="price.claimed", scenario="as_reported", registry=registry, amount=amount)
    assert found.value == pytest.approx(amount / 2.788e6, rel=1e-8)


@pytest.mark.parametrize(
    ("name", "percentile"),
    [("price.rental", 0.05), ("price.rental", 0.95), ("window.share", 0.5), ("v3_run.pretraining", 0.5), ("goodput", 0.95)],
)
def test_setting_the_value_brings_the_percentile_to_the_amount(registry: Registry, name: str, percentile: float) -> None:
    amount = 1.01 * float(run("zheng", registry=registry, scopes=["project"]).scope("project").quantile(percentile))
    found = solve(V3, scope="project", parameter=name, amount=amount, percentile=percentile, registry=registry)
    assert found.value is not None
    set_there = run("zheng", registry=registry, changes=[f"{name}={found.value!r}"], scopes=["project"]).scope("project")
    assert float(set_there.quantile(percentile)) == pytest.approx(amount, rel=1e-6)
    assert set_there.probability_at_most(amount) == pytest.approx(percentile, abs=1e-4)


def test_the_percentile_is_the_share_of_what_is_assumed(registry: Registry) -> None:
    found = solve(V3, scope="final_run", parameter="price.rental", registry=registry)
    # final run = 2.788M x price, so the share of prices at or below $2 is P(cost <= claim): 0.5836 in domain reference
    assert found.value == pytest.approx(2.0, rel=1e-8)
    assert found.percentile == pytest.approx(0.5836, abs=5e-5)


def test_where_the_support_holds_no_value_it_says_how_far_it_gets(registry: Registry) -> None:
    found = solve(V3, scope="project", parameter="data_work", registry=registry)
    assert (found.feasible, found.value, found.percentile) == (False, None, None)
    assert found.nearest == 0.03  # the end of its PERT
    at_end = run("zheng", registry=registry, changes=["data_work=0.03"], scopes=["project"]).scope("project")
    assert found.nearest_usd == pytest.approx(float(at_end.quantile(0.5)), rel=1e-9)


def test_an_open_tail_is_followed_beyond_what_is_likely(registry: Registry) -> None:
    found = solve(V3, scope="programme_with_staff", parameter="price.rental", registry=registry)
    assert found.value is not None
    assert found.percentile is not None
    assert found.percentile < 1e-9


def test_a_component_that_stands_as_a_distribution_can_be_solved_for(registry: Registry) -> None:
    found = solve(V3, scope="project", parameter="ablations", amount=1e7, scenario="lambert", registry=registry)
    assert found.unit == "ratio"
    changed = run("lambert", registry=registry, changes=[f"ablations={found.value!r}"], scopes=["project"]).scope("project")
    assert float(changed.quantile(0.5)) == pytest.approx(1e7, rel=1e-6)


def test_the_hours_that_a_model_brings_itself_can_be_solved_for(registry: Registry) -> None:
    """The run as executed costs hours times price: its median is the amount at the amount over the median price."""
    found = solve("dbrx", scope="run_as_executed", parameter="stated_hours", amount=2.5e7, registry=registry)
    price = run("zheng", registry=registry, subject="dbrx", scopes=["run_as_executed"]).system.distribution("price_rental")
    assert found.value == pytest.approx(2.5e7 / float(price.ppf(np.array([0.5]))[0]), rel=1e-4)
    low, high = 4_485_120.0, 6_727_680.0  # what the model's file states of them
    assert (found.unit, found.percentile) == ("gpu_hour", pytest.approx((found.value - low) / (high - low)))
    assert solve("dbrx", scope="run_as_executed", parameter="stated_hours", registry=registry).nearest == low


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"scope": "final_run", "parameter": "data_work"}, "These do: price.rental, v3_run.context_extension"),
        ({"scope": "project", "parameter": "price.rentel"}, 'Did you mean "price.rental"?'),
        ({"scope": "project", "parameter": "price.basis"}, "does not enter project in scenario zheng"),
        ({"scope": "project", "parameter": "price.rental", "percentile": 1.0}, "1 is not a probability"),
        ({"scope": "project", "parameter": "price.rental", "percentile": 0.0}, "0 is not a probability"),
        ({"scope": "project", "parameter": "price.rental", "amount": -1.0}, "-1 USD is not an amount"),
    ],
)
def test_bad_questions_are_wrong_input(registry: Registry, asked: dict, said: str) -> None:
    with pytest.raises(InputError, match=None) as error:
        solve(V3, registry=registry, **asked)
    assert said in str(error.value)
    assert error.value.exit_status == 2


def test_what_has_no_honest_answer_is_refused(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="never set against each other"):
        solve(V3, scope="fleet_capex", parameter="window.gpus", registry=registry)
    with pytest.raises(RefusedError, match="base_excluded"):
        solve("deepseek-r1-294k", scope="project", parameter="price.rental", registry=registry)
    with pytest.raises(UnknownNameError, match="project"):
        solve(V3, scope="projet", parameter="price.rental", registry=registry)


def test_supports_end_where_the_quantity_does() -> None:
    assert [support(d.Triangular(0.0, 0.0, 0.7), Domain())[i] for i in (0, -1)] == [0.0, 0.7]
    price = support(d.LogNormal(0.0, 0.2), Domain(open_low=True))
    assert price[0] > 0.0
    assert price[-1] > math.exp(0.2 * 6)
    assert support(d.LogT(0.3, 0.9, 9.0), Domain(low=1.0)).min() == 1.0
    assert list(support(d.Fixed(0.25), Domain(high=1.0))[[0, -1]]) == [0.0, 1.0]
    assert support(d.Fixed(0.25), Domain(high=1.0, open_high=True))[-1] < 1.0


@given(root=st.floats(0.05, 9.5), start=st.sampled_from([0.5, 3.0, 8.0]))
def test_a_root_is_found_wherever_it_lies(root: float, start: float) -> None:
    found, _ = search(lambda x: math.log(x / root), np.array([0.01, 1.0, 5.0, 10.0]), start)
    assert found == pytest.approx(root, rel=1e-8)


def test_the_other_side_is_searched_where_the_near_one_leads_nowhere() -> None:
    found, _ = search(lambda x: (x - 0.5) * (x + 9.0) * (1.0 if x < 4 else 0.1), np.array([0.1, 2.0, 4.0, 6.0]), 3.0)
    assert found == pytest.approx(0.5)
    assert search(lambda x: 1.0 + x, np.array([0.0, 1.0, 2.0]), 1.0)[0] is None
    assert search(lambda _: 0.0, np.array([1.0]), 1.0)[0] == 1.0
