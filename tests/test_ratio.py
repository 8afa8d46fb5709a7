"""Ratios of costs: refused where scope, basis or year differ, like for like at rents of one date, on the same draws."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

from model.claims.ratio import COMPARED, ratio
from model.cli.main import costclaim
from model.engine import run
from model.errors import InputError, RefusedError, UnknownNameError
from model.other_models import market_price
from model.registry import Registry
from tests.other_subject import with_other

V3, RETOLD = "deepseek-v3-5.576m", "zheng-5.6m"


def with_h800(registry: Registry, chip: str = "H800", hours: float = 2.788e6) -> Registry:
    """A model of others with the hours of V3, of a date before it."""
    return with_other(registry, chip=chip, hours=hours, released="2023-07-18", price_year=2023)


def test_the_same_hours_on_the_same_chip_cost_the_same(registry: Registry) -> None:
    found = {o.scope: o for o in ratio("deepseek-v3", "other", registry=with_h800(registry)).offers}
    assert found["final_run"].quantiles == pytest.approx({"p05": 1.0, "p50": 1.0, "p95": 1.0})
    assert [scope for scope, offer in found.items() if offer.reason == "inputs_unknown"] == ["programme", "programme_with_staff"]


def test_twice_the_hours_cost_twice_as_much(registry: Registry) -> None:
    twice = ratio("deepseek-v3", "other", registry=with_h800(registry, hours=2 * 2.788e6)).offers[0]
    assert twice.quantiles == pytest.approx({"p05": 2.0, "p50": 2.0, "p95": 2.0})


def test_another_chip_is_priced_at_its_own_market_of_the_same_date(registry: Registry) -> None:
    known = with_h800(registry, chip="A100", hours=1e6)
    answer = ratio("deepseek-v3", "other", registry=known)
    market = market_price(registry, "A100", answer.day)
    assert market is not None
    assert answer.day == registry.subject("deepseek-v3").released
    assert answer.offers[0].cost is not None
    assert answer.offers[0].cost["p50"] == pytest.approx(1e6 * float(market.ppf(np.array([0.5]))[0]), rel=1e-3)


def test_the_ratio_to_r1_is_that_of_their_hours(registry: Registry) -> None:
    """V3's 2,788K hours and the 147K of R1's stage come at one price: 2,935.3K over 2,788K in every draw."""
    (r1,) = [o for o in ratio(V3, registry=registry).rivals if o.subject == "deepseek-r1"]
    hours = [
        float(np.median(run("zheng", registry=registry, subject=s).ledger.value("final_run_hours"))) for s in ("deepseek-r1", "deepseek-v3")
    ]
    assert r1.quantiles == pytest.approx(dict.fromkeys(("p05", "p50", "p95"), hours[0] / hours[1]))


def test_rivals_are_every_whole_model_with_hours(registry: Registry) -> None:
    found = ratio(V3, registry=registry)
    subjects = map(registry.subject, registry.names("subjects"))
    wanted = {s.id for s in subjects if (s.hours or s.run) and not s.base_excluded} - {"deepseek-v3"}
    assert {o.subject for o in found.rivals} == wanted
    assert {o.scope for o in found.rivals} == {"final_run"}
    assert [o for o in found.rivals if (o.quantiles is None) == (o.reason is None)] == []
    assert (found.offers, found.refused, found.stated) == ((), (), None)


def test_two_claims_of_one_scope_basis_and_year_have_a_ratio(registry: Registry) -> None:
    found = ratio(V3, V3, registry=registry)
    assert (found.stated, found.refused) == (1.0, ())


def test_what_differs_is_named(registry: Registry) -> None:
    found = ratio(V3, "seed001-6m-r1", registry=registry)
    assert found.stated is None
    assert "basis_undeclared" in found.refused
    assert ratio(V3, "deepseek-r1-stage", registry=registry).refused == ("no_amount",)
    assert ratio("deepseek-r1-stage", "other", registry=with_h800(registry)).refused == ()


def test_scopes_and_years_must_be_shared(registry: Registry) -> None:
    told = registry.text(f"claims/{V3}.toml").replace(f'id = "{V3}"', 'id = "other-v3"')
    lab = told.replace("price_year = 2024", "price_year = 2023").replace(
        '[priced_scope]\nscope = "final_run"', '[priced_scope]\nscope = "project"'
    )
    known = Registry(registry.root, {**registry._texts, "claims/other-v3.toml": lab})
    assert ratio(V3, "other-v3", registry=known).refused == ("scope_differs", "year_differs")


def test_every_scope_of_both_is_offered_beside_a_refusal(registry: Registry) -> None:
    found = ratio(V3, "deepseek-r1-294k", registry=registry)
    assert [o.scope for o in found.offers] == list(COMPARED)
    assert {o.reason for o in found.offers} == {"base_excluded"}
    assert found.refused == ("base_differs",)


def test_unknown_names_and_first_sides_without_hours_are_refused(registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match='Did you mean "deepseek-v3"'):
        ratio("deepseek-v33", registry=registry)
    with pytest.raises(InputError, match="hours_unknown"):
        ratio("stargate", registry=registry)
    with pytest.raises(InputError, match="no_price"):
        ratio("other", registry=with_h800(registry, chip="V100"))


def test_a_side_without_a_market_says_so(registry: Registry) -> None:
    found = ratio(V3, "other", registry=with_h800(registry, chip="V100"))
    assert {o.reason for o in found.offers} == {"no_price"}


def test_the_command_prints_what_can_be_compared_and_refuses_the_rest() -> None:
    result = CliRunner().invoke(costclaim, ["ratio", V3, RETOLD])
    assert isinstance(result.exception, RefusedError)
    assert result.exception.exit_status == 3
    assert "Times the cost of DeepSeek-V3, both at rents of 2024-12-26" in result.output
    document = json.loads(CliRunner().invoke(costclaim, ["ratio", V3, RETOLD, "--json"]).output)
    assert document["refused"]
    assert document["ratio"] is None
    assert document["offers"][0]["quantiles"]["p50"] == pytest.approx(1.0)
    assert "as stated: 1." in CliRunner().invoke(costclaim, ["ratio", V3, V3]).output
    assert "deepseek-r1,final_run,1.05" in CliRunner().invoke(costclaim, ["ratio", V3, "--csv"]).output
