"""Models with hours of their own: which goodput, price and routes they get, and what is absent with which reason."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from model.engine import Run, run
from model.other_models import market_price
from model.registry import Registry
from model.setting import fit_of, resolve
from tests.other_subject import HOURS, with_other


def model_run(
    registry: Registry,
    *,
    released: str = "2024-09-01",
    chip: str = "H100",
    more: str = "",
    hours: float = HOURS,
    scenario: str = "zheng",
    price: float | None = None,
    changes: tuple[str, ...] = (),
) -> Run:
    """The run of a model with hours of its own."""
    known = with_other(registry, released=released, chip=chip, more=more, hours=hours)
    return run(scenario, registry=known, subject="other", stated_price=price, changes=changes, points=256)


def reasons(found: Run) -> list[str | None]:
    return [estimate.reason for estimate in found.scopes.values()]


def test_the_market_runs_through_the_lowest_and_highest_rent_of_half_a_year(registry: Registry) -> None:
    day = date(2024, 9, 1)
    seen = [o.usd_per_gpu_hour for o in registry.price_observations.values() if o.chip == "H100" and abs((o.date - day).days) <= 183]
    found = market_price(registry, "H100", day)
    assert found is not None
    np.testing.assert_allclose(found.ppf(np.array([0.05, 0.95])), [min(seen), max(seen)])


@pytest.mark.parametrize(("chip", "day"), [("TPUv4", date(2022, 4, 4)), ("H100", date(2020, 1, 1))])
def test_fewer_than_two_rents_are_no_market(chip: str, day: date, registry: Registry) -> None:
    assert market_price(registry, chip, day) is None


def test_the_final_run_is_the_hours_at_the_market_price(registry: Registry) -> None:
    market = market_price(registry, "H100", date(2024, 9, 1))
    assert market is not None
    final = model_run(registry).scope("final_run")
    np.testing.assert_allclose(final.quantile([0.05, 0.5, 0.95]), HOURS * market.ppf(np.array([0.05, 0.5, 0.95])), rtol=1e-3)


def test_the_project_takes_the_reference_class_alone(registry: Registry) -> None:
    found = model_run(registry, chip="TPUv4", price=2.0).scope("project")
    fit = fit_of(resolve("zheng", registry), registry, "project")
    assert [route.id for route in found.routes] == ["reference_class"]
    np.testing.assert_allclose(found.quantile(0.5), HOURS * 2.0 * (1.0 + np.exp(fit.m)), rtol=2e-3)


def test_elapsed_hours_price_the_run_as_executed_and_the_final_run_is_productive(registry: Registry) -> None:
    found = model_run(registry, chip="TPUv4", price=2.0, more="elapsed = true")
    goodput = found.setting.distributions["goodput"].ppf(np.array([0.05, 0.5, 0.95]))
    assert found.scope("run_as_executed").quantile([0.05, 0.95]) == pytest.approx([2.0 * HOURS] * 2)
    np.testing.assert_allclose(found.scope("final_run").quantile([0.05, 0.5, 0.95]), 2.0 * HOURS * goodput, rtol=1e-3)


def test_elapsed_hours_keep_the_scopes_nested(registry: Registry) -> None:
    found = model_run(registry, more="elapsed = true")
    final, executed, project = (found.draws(scope, "reference_class") for scope in ("final_run", "run_as_executed", "project"))
    assert np.all(final <= executed * (1 + 1e-12))
    assert np.all(executed <= project * (1 + 1e-12))


def test_a_run_of_an_early_era_lost_more_of_its_time(registry: Registry) -> None:
    early = model_run(registry, more='goodput = "goodput.early"')
    assert early.setting.distributions["goodput"] == early.setting.distributions["goodput.early"]
    assert early.scope("run_as_executed").quantile(0.5) > 1.2 * model_run(registry).scope("run_as_executed").quantile(0.5)
    assert early.has_effect("goodput.early")


def test_what_was_set_by_hand_wins_over_the_model_s_own_terms(registry: Registry) -> None:
    found = model_run(registry, more='goodput = "goodput.early"', changes=("goodput=0.5", "price.rental=3 USD/gpu_hour"))
    assert found.scope("run_as_executed").quantile(0.5) == pytest.approx(HOURS * 3.0 / 0.5)


def test_what_has_no_input_is_absent_with_its_reason(registry: Registry) -> None:
    beyond = ["inputs_unknown", "inputs_unknown", "no_lab_window", "no_fleet"]
    assert reasons(model_run(registry)) == [None, None, None, *beyond]
    assert reasons(model_run(registry, chip="TPUv4")) == ["no_price"] * 5 + beyond[2:]
    assert reasons(model_run(registry, hours=9_999.0)) == [None, None, *["outside_reference_class"] * 3, *beyond[2:]]
    assert reasons(model_run(registry, hours=10_000.0))[2] is None
    assert reasons(model_run(registry, more="base_excluded = true")) == [None] + ["base_excluded"] * 6
    assert reasons(model_run(registry, scenario="owner"))[:2] == ["basis_of_another_chip"] * 2
    assert reasons(model_run(registry, scenario="lambert"))[2] == "no_route"


def test_the_claimed_basis_is_the_price_of_the_claim_and_never_deepseek_s(registry: Registry) -> None:
    assert model_run(registry, scenario="as_reported", price=3.5).scope("final_run").quantile(0.5) == pytest.approx(3.5 * HOURS)
    assert reasons(model_run(registry, scenario="as_reported"))[0] == "no_price"
