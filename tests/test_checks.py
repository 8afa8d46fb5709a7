"""Each consistency check on the project's claims, on planted facts at its boundaries, and without anything to work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from model.auditor.audit import audit, facts_of
from model.auditor.checks import CHECKS, COMPUTING, run_checks
from model.auditor.stated import Check, Evidence
from model.engine import Run, run
from model.registry import Registry
from model.schema.claim import Amount, Claim

V3, ZHENG, SIX, FIVE_AND_A_HALF, STAGE = (
    "deepseek-v3-5.576m",
    "zheng-5.6m",
    "seed001-6m-r1",
    "seed003-5.5m-r1",
    "deepseek-r1-294k",
)
HOURS, STAGE_HOURS, PRICE, GPUS, TOKENS = 2_788_000.0, 147_000.0, 2.0, 2048.0, 14.8e12
PRETRAINING, RATE, DAILY_TOKENS, BF16_PEAK, PUBLISHED_MFU = 2_664_000.0, 180_000.0, 272.8e9, 989.4e12, 0.3894


@pytest.fixture(scope="module")
def runs(registry: Registry, zheng: Run) -> Mapping[str, Run]:
    """The run of every subject that a claim is about."""
    others = ("deepseek-r1", "deepseek-r1-stage")
    return {"deepseek-v3": zheng} | {subject: run(registry=registry, subject=subject) for subject in others}


@pytest.fixture(scope="module")
def evidence(registry: Registry, runs: Mapping[str, Run]) -> Mapping[str, Evidence]:
    """What the checks of every claim work on."""
    found = {}
    for name in registry.names("claims"):
        claim = registry.claim(name)
        restated = registry.claim(claim.restates) if claim.restates else None
        if claim.subject in runs:
            found[name] = Evidence(claim, facts_of(claim, restated), runs[claim.subject], restated)
    return found


def checks_of(e: Evidence) -> dict[str, Check]:
    return {check.id: check for check in run_checks(e)}


def with_facts(e: Evidence, changes: Mapping[str, float]) -> Evidence:
    return replace(e, facts={**e.facts, **changes})


def without(e: Evidence, *names: str) -> Evidence:
    return replace(e, facts={name: value for name, value in e.facts.items() if name not in names})


def with_amount(e: Evidence, value: float, digits: int = 4) -> Evidence:
    assert e.claim.amount is not None
    amount = e.claim.amount.model_copy(update={"value": value, "digits": digits, "as_written": f"{value:g} USD"})
    return replace(e, claim=e.claim.model_copy(update={"amount": amount}))


def a_range(low: float, high: float) -> Amount:
    return Amount(low=low, high=high, relation="range", unit="USD", price_year=2024, digits=2, as_written=f"{low:g} to {high:g} USD")


def with_claim(e: Evidence, **changes: object) -> Evidence:
    claim: Claim = e.claim.model_copy(update=changes)
    return replace(e, claim=claim)


OF_OTHER_CLAIMS = {
    "primary_source",
    "entity",
    "primary_figure",
    "primary_name",
    "left_out",
    "stated_ratio",
    "ratio_as_total",
    "second_amount",
}


def test_every_check_of_the_v3_report_passes(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[V3])
    assert {name: check.status for name, check in found.items()} == dict.fromkeys(found, "pass")
    assert found.keys() == {check.__name__ for check in CHECKS} - OF_OTHER_CLAIMS


def test_the_checks_that_lend_support_are_checks() -> None:
    assert {check.__name__ for check in CHECKS} > COMPUTING


def test_audit_and_run_checks_agree(evidence: Mapping[str, Evidence], registry: Registry) -> None:
    assert audit(V3, registry=registry).checks == run_checks(evidence[V3])


def test_arithmetic_multiplies_hours_by_price(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[V3])["arithmetic"]
    assert (found.stated, found.computed, found.unit) == (5.576e6, HOURS * PRICE, "USD")
    assert "2.788M GPU-hours at $2 are $5.576M" in found.message


def test_days_come_to_54_point_2_and_56_point_7_for_all(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[V3])["wall_clock"]
    assert found.computed == pytest.approx(PRETRAINING / GPUS / 24.0)
    assert round(found.computed, 1) == 54.2
    assert round(found.values["whole"], 1) == round(HOURS / GPUS / 24.0, 1) == 56.7
    assert "54.2 days" in found.message
    assert "56.7 for all" in found.message


def test_rate_times_tokens_is_exactly_the_hours(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[V3])["rate_times_tokens"]
    assert found.computed == pytest.approx(RATE * TOKENS / 1e12, rel=1e-15)
    assert found.computed == found.stated == PRETRAINING


def test_throughput_comes_from_tokens_a_day(evidence: Mapping[str, Evidence]) -> None:
    assert checks_of(evidence[V3])["throughput"].computed == pytest.approx(TOKENS / DAILY_TOKENS * GPUS * 24.0)


def test_implied_mfu_is_0_3906_against_0_3894_published(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[V3])["implied_mfu"]
    causal = 250.45e9  # the domain document's count, to five digits
    assert found.computed == pytest.approx(causal * TOKENS / (PRETRAINING * 3600 * BF16_PEAK), rel=3e-4)
    assert (round(found.computed, 4), found.stated) == (0.3906, PUBLISHED_MFU)
    assert found.values["low"] < found.computed < found.values["high"]


def test_physics_gives_the_hours_within_one_per_cent(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[V3])["physics_hours"]
    assert found.computed == pytest.approx(PRETRAINING, rel=0.01)
    assert found.computed / found.stated == pytest.approx(checks_of(evidence[V3])["implied_mfu"].computed / PUBLISHED_MFU)


def test_the_r1_stage_is_147336_hours(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[STAGE])
    assert found["wall_clock"].computed == 512 * (198 + 80) + 5000 == 147_336
    assert {check.status for check in found.values()} == {"pass"}
    assert found["arithmetic"].computed == 2 * STAGE_HOURS == 294_000


def test_six_million_is_5_576_million_at_its_one_digit(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[SIX])
    assert found["arithmetic"].status == found["primary_source"].status == "pass"
    assert checks_of(with_amount(evidence[SIX], 6.0e6, digits=2))["arithmetic"].status == "fail"


def test_two_months_are_56_point_7_days_at_one_digit(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(evidence[FIVE_AND_A_HALF])["wall_clock"]
    assert found.computed == pytest.approx(HOURS / GPUS / 24.0 / (365.25 / 12.0))
    assert found.status == "pass"
    assert checks_of(with_facts(evidence[FIVE_AND_A_HALF], {"months": 3.0}))["wall_clock"].status == "fail"


def test_a_moved_number_that_also_fits_its_subject_only_warns(evidence: Mapping[str, Evidence]) -> None:
    whole = (HOURS + STAGE_HOURS) * PRICE
    assert whole == 5.87e6
    for name in (SIX, FIVE_AND_A_HALF):
        found = checks_of(evidence[name])["entity"]
        assert found.computed == pytest.approx(whole)
        assert found.status == "warn"
    assert "entity" not in checks_of(evidence[ZHENG])


@pytest.mark.parametrize(("factor", "status"), [(1.199, "warn"), (1 / 1.199, "warn"), (1.201, "fail"), (1 / 1.201, "fail")])
def test_entity_fails_beyond_the_materiality_factor(evidence: Mapping[str, Evidence], factor: float, status: str) -> None:
    changed = with_amount(evidence[SIX], (HOURS + STAGE_HOURS) * PRICE * factor)
    assert checks_of(changed)["entity"].status == status


@pytest.mark.parametrize(("factor", "status"), [(1.019, "pass"), (1.021, "warn"), (1.049, "warn"), (1.053, "fail"), (0.9, "fail")])
def test_arithmetic_passes_to_two_per_cent_and_warns_to_five(evidence: Mapping[str, Evidence], factor: float, status: str) -> None:
    changed = with_facts(with_amount(evidence[V3], 5e6), {"price": factor * 5e6 / HOURS})
    assert checks_of(changed)["arithmetic"].status == status


@pytest.mark.parametrize(("factor", "status"), [(1.01, "pass"), (1.19, "warn"), (1 / 1.19, "warn"), (1.21, "fail"), (1 / 1.21, "fail")])
def test_a_retelling_warns_up_to_the_materiality_factor(evidence: Mapping[str, Evidence], factor: float, status: str) -> None:
    assert checks_of(with_amount(evidence[ZHENG], 5.576e6 * factor))["primary_source"].status == status


@pytest.mark.parametrize(
    ("relation", "usd", "status"),
    [("at_most", 1e7, "pass"), ("at_most", 4e6, "fail"), ("at_least", 4e6, "pass"), ("at_least", 1e7, "fail")],
)
def test_a_retelling_as_a_bound_passes_where_it_holds(evidence: Mapping[str, Evidence], relation: str, usd: float, status: str) -> None:
    e = with_amount(evidence[ZHENG], usd)
    assert e.claim.amount is not None
    bound = e.claim.model_copy(update={"amount": e.claim.amount.model_copy(update={"relation": relation})})
    found = checks_of(replace(e, claim=bound))
    assert found["arithmetic"].status == found["primary_source"].status == status


@pytest.mark.parametrize(
    ("check", "fact", "factor", "status"),
    [
        ("stage_sum", "gpu_hours.pretraining", 1.04, "warn"),
        ("stage_sum", "gpu_hours.pretraining", 1.10, "fail"),
        ("rate_times_tokens", "rate", 1.04, "warn"),
        ("rate_times_tokens", "tokens.pretraining", 1.06, "fail"),
        ("throughput", "throughput", 2.0, "fail"),
        ("wall_clock", "gpus", 1.03, "warn"),
        ("wall_clock", "days.pretraining", 2.0, "fail"),
        ("physics_hours", "mfu.causal", 0.97, "warn"),
        ("physics_hours", "tokens.pretraining", 1.5, "fail"),
        ("flop_per_token", "flop_per_token.causal", 1.03, "warn"),
        ("flop_per_token", "flop_per_token.causal", 2.0, "fail"),
        ("parameters_active_vs_total", "parameters.active", 1.03, "warn"),
        ("parameters_active_vs_total", "parameters.active", 671 / 37, "fail"),
        ("power", "site_power", 2.0, "warn"),
        ("power", "site_power", 10.0, "fail"),
        ("power", "site_power", 0.1, "fail"),
    ],
)
def test_a_changed_fact_is_found(evidence: Mapping[str, Evidence], check: str, fact: str, factor: float, status: str) -> None:
    e = evidence[V3]
    assert checks_of(with_facts(e, {fact: e.facts[fact] * factor}))[check].status == status


def test_more_active_than_total_parameters_fail(evidence: Mapping[str, Evidence]) -> None:
    assert checks_of(with_facts(evidence[V3], {"parameters.total": 36e9}))["parameters_active_vs_total"].status == "fail"


def test_a_sparse_peak_under_the_published_utilisation_fails(evidence: Mapping[str, Evidence]) -> None:
    changed = with_facts(evidence[V3], {"mfu.causal": PUBLISHED_MFU / 2})
    found = checks_of(changed)["peak_precision"]
    assert found.computed == pytest.approx(2 * BF16_PEAK, rel=0.01)
    assert found.status == "fail"


def test_utilisation_outside_its_class_warns_and_above_one_fails(evidence: Mapping[str, Evidence]) -> None:
    e = evidence[V3]
    mfu = checks_of(e)["implied_mfu"].computed
    for wanted, status in ((0.05, "warn"), (0.90, "warn"), (0.999, "warn"), (1.001, "fail")):
        changed = with_facts(e, {"gpu_hours.pretraining": PRETRAINING * mfu / wanted, "precision_bits": 16.0})
        assert checks_of(changed)["implied_mfu"].status == status


def test_fp8_may_reach_twice_the_bf16_peak(evidence: Mapping[str, Evidence]) -> None:
    e = evidence[V3]
    mfu = checks_of(e)["implied_mfu"].computed
    for wanted, status in ((1.001, "warn"), (1.999, "warn"), (2.001, "fail")):
        changed = with_facts(e, {"gpu_hours.pretraining": PRETRAINING * mfu / wanted, "precision_bits": 8.0})
        assert checks_of(changed)["implied_mfu"].status == status


def test_price_passes_inside_the_market_and_fails_beyond_three_times_either_end(evidence: Mapping[str, Evidence]) -> None:
    e = evidence[V3]
    low, high = e.run.setting.distributions["price.rental"].ppf(np.array([0.05, 0.95]))
    places = {low * 1.001: "pass", high * 0.999: "pass", low * 0.999: "warn", high * 1.001: "warn"}
    places |= {low / 2.99: "warn", high * 2.99: "warn", low / 3.01: "fail", high * 3.01: "fail"}
    for price, status in places.items():
        assert checks_of(with_facts(e, {"price": float(price)}))["price_vs_market"].status == status


def test_without_a_stated_price_the_amount_over_the_hours_stands_in(evidence: Mapping[str, Evidence]) -> None:
    found = checks_of(without(evidence[V3], "price"))["price_vs_market"]
    assert found.stated == pytest.approx(5.576e6 / 2.788e6)
    assert found.message.startswith("Amount over hours is $2 per H800-hour")
    assert "price_vs_market" not in checks_of(without(without(evidence[V3], "price"), "gpu_hours"))


def test_a_month_read_as_a_year_fails(evidence: Mapping[str, Evidence]) -> None:
    for factor, status in ((12.0, "fail"), (1.0 / 12.0, "fail"), (11.0, "pass"), (1.0, "pass")):
        found = checks_of(with_facts(evidence[V3], {"price": 2.0 * factor}))["month_as_year"]
        assert found.status == status


def test_a_slip_of_a_thousand_fails_with_its_size(evidence: Mapping[str, Evidence]) -> None:
    for power in (-3, 3, 6, 9):
        found = checks_of(with_amount(evidence[V3], 5.576e6 * 10.0**power))["unit_slip"]
        assert found.status == "fail"
        size = "large" if power > 0 else "small"
        assert f"{10 ** abs(power):,} times too {size}" in found.message
    assert checks_of(with_amount(evidence[SIX], 6e9, digits=1))["unit_slip"].status == "fail"


def test_a_rate_read_as_a_total_fails(evidence: Mapping[str, Evidence]) -> None:
    assert checks_of(with_amount(evidence[V3], RATE * PRICE))["rate_as_total"].status == "fail"


def test_a_range_is_checked_at_its_part_nearest_to_hours_times_price(evidence: Mapping[str, Evidence]) -> None:
    for amount, stated, status in ((a_range(5e6, 6e6), 5.576e6, "pass"), (a_range(7e6, 8e6), 7e6, "fail")):
        found = checks_of(with_claim(evidence[V3], amount=amount))["arithmetic"]
        assert (found.stated, found.status) == (stated, status)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_check_without_input_is_absent(evidence: Mapping[str, Evidence], check: object) -> None:
    assert callable(check)
    bare = with_claim(evidence[V3], amount=None, architecture="")
    assert check(without(bare, *bare.facts)) is None


@pytest.mark.parametrize(
    ("check", "fact"),
    [
        ("arithmetic", "price"),
        ("stage_sum", "gpu_hours"),
        ("rate_times_tokens", "rate"),
        ("throughput", "throughput"),
        ("wall_clock", "gpus"),
        ("implied_mfu", "tokens.pretraining"),
        ("physics_hours", "mfu.causal"),
        ("flop_per_token", "flop_per_token.causal"),
        ("peak_precision", "achieved.causal"),
        ("parameters_active_vs_total", "parameters.active"),
        ("unit_slip", "gpu_hours"),
        ("rate_as_total", "rate"),
        ("power", "site_power"),
    ],
)
def test_a_check_is_absent_when_one_fact_is_missing(evidence: Mapping[str, Evidence], check: str, fact: str) -> None:
    assert check not in checks_of(without(evidence[V3], fact))


def test_every_message_is_a_finished_sentence(evidence: Mapping[str, Evidence]) -> None:
    messages = [check.message for e in evidence.values() for check in run_checks(e)]
    assert [m for m in messages if "{" in m or not m.endswith(".")] == []
