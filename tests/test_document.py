"""The JSON answers: every key of the contract, finite numbers everywhere, the same numbers as the Python objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from model.auditor.audit import Verdict, audit, judge
from model.comparison import compare
from model.document import (
    PERCENTILES,
    amount_document,
    audit_document,
    claim_document,
    comparison_document,
    run_document,
    side_document,
)
from model.engine import Run, run
from model.registry import Registry, load_registry
from model.schema.claim import Amount

V3, ZHENG, STAGE = "deepseek-v3-5.576m", "zheng-5.6m", "deepseek-r1-294k"
ORDER = ["final_run", "run_as_executed", "project", "programme", "programme_with_staff", "lab_window", "fleet_capex"]
NAMES = load_registry().names

# The keys that scripts rely on, as the contract lists them.
AUDIT_KEYS = {"engine", "registry_sha256", "scenario", "seed", "points", "scrambles", "claim", "checks", "scopes", "verdict"}
CLAIM_KEYS = {
    "id", "text", "language", "claimant", "date", "subject", "amount", "priced_scope", "declared_scope", "implied_scope", "objection",
    "source",
}  # fmt: skip
CHECK_KEYS = {"id", "status", "stated", "computed", "unit", "message"}
QUANTILE_KEYS = {"p05", "p10", "p25", "p50", "p75", "p90", "p95", "p70", "p80"}
AGAINST_KEYS = {"implication", "side", "probability_at_most_claim", "probability_standard_error", "ratio_p50"}
SCOPE_KEYS = {"id", "includes", "excludes", "unit", "price_year", "mean", "reason", "routes"} | QUANTILE_KEYS


@pytest.fixture(scope="module")
def verdict(registry: Registry) -> Verdict:
    return audit(ZHENG, registry=registry)


@pytest.fixture(scope="module")
def document(verdict: Verdict) -> dict[str, Any]:
    return audit_document(verdict)


def leaves(content: Any) -> Iterator[Any]:
    """Every value of a document, however deep."""
    if isinstance(content, dict):
        content = list(content.values())
    if not isinstance(content, list):
        yield content
        return
    for item in content:
        yield from leaves(item)


def test_an_audit_holds_every_key_of_the_contract(document: dict[str, Any]) -> None:
    assert document.keys() >= AUDIT_KEYS
    assert document["claim"].keys() >= CLAIM_KEYS
    assert document["claim"]["amount"].keys() >= {"value", "unit", "price_year", "relation"}
    assert document["claim"]["objection"].keys() >= {"who", "leaves_out", "asked_scope", "label", "size_usd"}
    assert document["claim"]["source"].keys() == {"id", "locator"}
    assert all(check.keys() == CHECK_KEYS for check in document["checks"])
    assert all(scope.keys() >= SCOPE_KEYS | AGAINST_KEYS for scope in document["scopes"])
    assert document["verdict"].keys() >= {"literal", "scope", "implication", "sentence"}
    for axis in ("literal", "scope", "implication"):
        assert document["verdict"][axis].keys() >= {"label", "reasons"}


def test_scopes_come_from_the_final_run_to_the_fleet(document: dict[str, Any], zheng: Run) -> None:
    assert [scope["id"] for scope in document["scopes"]] == ORDER
    assert [scope["id"] for scope in run_document(zheng)["scopes"]] == ORDER


def test_the_document_holds_the_numbers_of_the_objects(document: dict[str, Any], verdict: Verdict) -> None:
    amount = 5.6e6
    for scope in document["scopes"]:
        estimate = verdict.scope(scope["id"])
        assert [scope[name] for name in PERCENTILES] == list(estimate.quantile(list(PERCENTILES.values())))
        assert scope["mean"] == estimate.mean
        assert scope["p50_error"] == pytest.approx(estimate.cost_at(0.5).error, rel=1e-6, abs=1e-6)
        if scope["implication"] is not None:
            assert scope["probability_at_most_claim"] == estimate.probability_at_most(amount)
            assert scope["probability_standard_error"] == estimate.probability_at_most(amount).error
            assert scope["ratio_p50"] == pytest.approx(float(estimate.quantile(0.5)) / amount, rel=1e-15)
            assert scope["implication"] == verdict.implications[scope["id"]].label
    assert document["verdict"]["sentence"] == verdict.sentence
    assert document["verdict"]["implication"]["label"] == document["scopes"][0]["implication"]
    assert document["points"] == verdict.run.points == 4096
    assert document["claim"]["objection"]["size_usd"] == document["scopes"][2]["p50"] - amount


def test_routes_carry_their_weights_and_own_quantiles(document: dict[str, Any], verdict: Verdict) -> None:
    by_id = {scope["id"]: scope for scope in document["scopes"]}
    assert [by_id[name]["routes"] for name in ("final_run", "run_as_executed", "fleet_capex")] == [None, None, None]
    project = by_id["project"]["routes"]
    assert [route["id"] for route in project] == ["bottom_up", "reference_class", "cluster_window"]
    assert [route["weight"] for route in project] == pytest.approx([1 / 3] * 3)
    for route in project:
        alone = verdict.scope("project").route(route["id"])
        assert [route[name] for name in ("p05", "p50", "p95")] == list(alone.quantile([0.05, 0.5, 0.95]))


def test_a_cost_that_uses_the_reference_class_has_no_mean(document: dict[str, Any]) -> None:
    has_mean = {scope["id"]: scope["mean"] is not None for scope in document["scopes"]}
    assert has_mean == {name: name in {"final_run", "run_as_executed", "fleet_capex"} for name in ORDER}


@pytest.mark.parametrize("scenario", NAMES("scenarios"))
@pytest.mark.parametrize("claim", NAMES("claims"))
def test_every_audit_is_json_without_infinite_or_undefined_numbers(claim: str, scenario: str, registry: Registry) -> None:
    found = audit_document(audit(claim, scenario=scenario, registry=registry, points=64))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["scenario"] == scenario
    assert all(isinstance(leaf, str | int | float | None) for leaf in leaves(found))


def test_what_is_absent_is_null_and_says_why(registry: Registry) -> None:
    found = audit_document(audit(STAGE, registry=registry))
    present, *absent = found["scopes"]
    assert present["reason"] is None
    for scope in absent:
        assert scope["reason"] == "base_excluded"
        assert {scope[key] for key in (*QUANTILE_KEYS, *AGAINST_KEYS, "mean", "routes", "estimate_class")} == {None}
    assert all(scope["excludes"][0] == "The base model, DeepSeek-V3-Base" for scope in found["scopes"])
    assert found["side"]["ln_ratio_variance"] is None
    assert found["side"]["staff"] is None


def test_a_scope_without_a_route_says_so(registry: Registry) -> None:
    routes = [f"route.{name}=0" for name in ("bottom_up", "reference_class", "cluster_window", "fleet")]
    reasons = {scope["id"]: scope["reason"] for scope in run_document(run(registry=registry, changes=routes))["scopes"]}
    assert {name for name, reason in reasons.items() if reason == "no_route"} == {
        "project",
        "programme",
        "programme_with_staff",
        "lab_window",
    }


def test_a_fleet_has_no_label_against_a_flow(document: dict[str, Any]) -> None:
    fleet = document["scopes"][-1]
    assert [fleet[key] for key in AGAINST_KEYS] == [None] * 5
    assert fleet["p50"] > 0.0


def test_a_claim_without_an_amount_has_a_null_implication(registry: Registry, zheng: Run) -> None:
    claim = registry.claim(V3).model_copy(update={"amount": None})
    found = audit_document(judge(claim, zheng, "final_run"))
    assert found["claim"]["amount"] is None
    assert found["verdict"]["implication"]["label"] is None
    assert all(scope[key] is None for scope in found["scopes"] for key in AGAINST_KEYS)


def test_a_range_is_set_against_a_cost_by_its_part_nearest_the_median(registry: Registry, zheng: Run) -> None:
    low, high = 2e6, 20e6
    amount = Amount(low=low, high=high, relation="range", unit="USD", price_year=2024, digits=1, as_written="2 to 20 million")
    found = audit_document(judge(registry.claim(V3).model_copy(update={"amount": amount}), zheng, "final_run"))
    assert found["claim"]["amount"] == {"low": low, "high": high, "relation": "range", "unit": "USD", "price_year": 2024}
    for scope in found["scopes"][:-1]:
        part = min(max(scope["p50"], low), high)
        assert scope["ratio_p50"] == pytest.approx(scope["p50"] / part)
        assert scope["probability_at_most_claim"] == zheng.scope(scope["id"]).probability_at_most(part)


def test_a_claim_alone_shows_its_scopes_and_no_verdict(registry: Registry) -> None:
    found = claim_document(registry.claim(ZHENG))
    assert found.keys() >= CLAIM_KEYS
    assert found["objection"].keys() == {"who", "leaves_out", "asked_scope"}
    assert amount_document(None) is None


def test_the_spread_of_the_ratio_is_split_between_and_within_routes(zheng: Run) -> None:
    found = side_document(zheng)["ln_ratio_variance"]
    # domain document, section 5: 0.001 between the routes of V3, 0.134 within them
    assert found["between_routes"] == pytest.approx(0.001, abs=5e-4)
    assert found["within_routes"] == pytest.approx(0.134, abs=2e-3)


def test_both_routes_to_staff_stand_side_by_side_with_their_disagreement(zheng: Run) -> None:
    found = side_document(zheng)["staff"]
    assert found["used"] == "ratio"
    assert found["headcount_over_ratio_p50"] == pytest.approx(found["headcount"]["p50"] / found["ratio"]["p50"])


def test_correlations_show_what_was_asked_and_what_came_out(registry: Registry) -> None:
    found = side_document(run("dependent", registry=registry))["correlations"]
    assert len(found) == 10
    assert [pair["achieved"] for pair in found] == pytest.approx([pair["asked"] for pair in found], abs=0.02)


def test_a_comparison_holds_both_scenarios_and_their_difference(registry: Registry) -> None:
    found = comparison_document(compare(["zheng", "as_reported"], registry=registry))
    assert [scope["id"] for scope in found["scopes"]] == ORDER
    for scope in found["scopes"]:
        assert scope.keys() >= {"id", "scenarios", "difference"}
        assert scope["scenarios"].keys() == {"zheng", "as_reported"}
        assert scope["difference"].keys() == {"p05", "p50", "p95"}
    assert found["scopes"][0]["scenarios"]["as_reported"] == dict.fromkeys(("p05", "p50", "p95"), 5.576e6)


def test_what_one_scenario_lacks_has_no_difference(registry: Registry) -> None:
    found = comparison_document(compare(["zheng", "as_reported"], registry=registry, subject="deepseek-r1-stage"))
    assert {scope["reason"] for scope in found["scopes"][1:]} == {"base_excluded"}
    assert {scope["difference"] for scope in found["scopes"][1:]} == {None}
