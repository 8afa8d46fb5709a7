"""The page of prices: five bases as the engine has them, dated observations in dollars, and a basis that can be chosen."""

from __future__ import annotations

from functools import partial

import pytest

from model.auditor.audit import Verdict, audit
from model.cards import parameter_card
from model.engine import Run
from model.registry import Registry
from model.routes import PRICE_NODES
from model.views.price import (
    BASES,
    BUILD_UP,
    QUANTITIES,
    REGIONS,
    bases,
    basis_rows,
    build_up,
    card_name,
    epoch_steps,
    market_cells,
    market_rows,
    observations,
    quantity_card,
    range_usd,
    rental_parts,
    rental_rows,
    spread,
)
from model.wording import ENGLISH
from tests.app_pages import shown as shown_page

shown = partial(shown_page, "price")
CLAIM = "deepseek-v3-5.576m"


def test_each_basis_has_the_price_that_the_engine_uses_on_it(zheng: Run, as_reported: Run, owner: Run) -> None:
    hours = 2_788_000.0
    for run in (zheng, as_reported, owner):
        cost = run.scopes["final_run"].quantile([0.05, 0.5, 0.95])
        assert [hours * usd for usd in bases(run)[run.setting.choices["price.basis"]]] == pytest.approx(cost, rel=0.01)


def test_the_bases_are_those_that_a_scenario_can_choose(registry: Registry) -> None:
    assert tuple(BASES) == registry.choices["price.basis"].options == tuple(PRICE_NODES)


def test_the_basis_in_use_is_told_apart(owner: Run) -> None:
    assert [row["label"] for row in basis_rows(owner, ENGLISH) if row["group"] == "in use"] == ["Ownership"]


def test_the_mixture_lies_among_its_parts(zheng: Run) -> None:
    *parts, mixture = rental_parts(zheng)
    assert sum(part.weight for part in parts) == pytest.approx(1.0)
    assert min(part.usd[1] for part in parts) < mixture.usd[1] < max(part.usd[1] for part in parts)
    assert mixture.usd == pytest.approx((1.36, 1.92, 2.90), abs=0.005)
    assert [row["group"] for row in rental_rows([*parts, mixture], ENGLISH)] == ["one market"] * 3 + ["what is used"]


def test_a_replaced_rent_has_no_parts(registry: Registry) -> None:
    (only,) = rental_parts(audit(CLAIM, registry=registry, changes=["price.rental=2.5"]).run)
    assert only.usd == (2.5, 2.5, 2.5)


def test_medians_of_the_parts_of_an_hour_do_not_add_up_to_its_percentiles(zheng: Run) -> None:
    parts = ("capital_hour", "power_hour", "facility_hour", "maintenance_hour", "ownership.ops")
    whole = spread(zheng, "available_hour")
    assert sum(spread(zheng, part)[2] for part in parts) > whole[2]
    assert sum(spread(zheng, part)[0] for part in parts) < whole[0]
    assert [name for name, _, _ in build_up(zheng, ENGLISH)] == list(BUILD_UP)


def test_steps_of_epochs_method_add_up_to_its_published_hour(zheng: Run) -> None:
    *_, hardware, network, energy, hour, undepreciated = [step.value for step in epoch_steps(zheng)]
    assert hardware + network + energy == pytest.approx(hour)
    assert (round(hour, 2), round(undepreciated, 2)) == (1.26, 2.11)  # evidence row PR-D005
    assert network / (hardware + network) == pytest.approx(0.19)


def test_every_observation_has_a_region_and_a_range_around_it(registry: Registry) -> None:
    every = registry.price_observations.values()
    assert {o.region for o in every} <= set(REGIONS)
    for o in every:
        low, high = range_usd(o)
        assert low <= o.usd_per_gpu_hour <= high
    assert len(market_rows(every, 2.0, ENGLISH)) == len(every)


def test_observations_are_filtered_and_dated(registry: Registry) -> None:
    found = observations(registry, ["H800"], ["CN"])
    assert {(o.chip, o.region) for o in found} == {("H800", "CN")}
    assert [o.date for o in found] == sorted(o.date for o in found)
    assert market_cells(found[0], ENGLISH)[4] == "China"


def test_every_quantity_and_parameter_has_a_card(registry: Registry) -> None:
    verdict: Verdict = audit(CLAIM, registry=registry)
    for name in (*QUANTITIES, *BUILD_UP):
        kind, _, identifier = card_name(verdict.run, name).partition(":")
        card = (quantity_card if kind == "quantity" else parameter_card)(verdict, identifier, ENGLISH)
        assert card.lines
        assert card.rests_on or card.evidence


@pytest.mark.usefixtures("untranslated")
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "lambert"])
def test_the_page_draws(scenario: str, language: str) -> None:
    app = shown(scenario, language)
    assert not app.exception
    assert app.selectbox(key="price_basis").value == audit(CLAIM, scenario=scenario).run.setting.choices["price.basis"]


def test_a_chosen_basis_is_a_change_and_the_scenarios_own_takes_it_back() -> None:
    app = shown()
    app.selectbox(key="price_basis").select("ownership").run()
    assert app.session_state.choices.changes == (("price.basis", "ownership"),)
    app.selectbox(key="price_basis").select("rental").run()
    assert app.session_state.choices.changes == ()


def test_no_chip_leaves_no_observation() -> None:
    app = shown()
    app.button_group(key="market_chips").set_value([]).run()
    assert not app.exception
    assert "No observation" in app.info[0].value
