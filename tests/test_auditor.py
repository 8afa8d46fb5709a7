"""The audit of the project's claims: three axes that are never merged, the objection with its own label, and the sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pytest

from model.auditor.audit import Verdict, audit, judge
from model.auditor.sentence import headline
from model.engine import Run, run
from model.errors import UnknownNameError
from model.registry import Registry
from model.schema.base import Entry
from model.schema.claim import Amount, Claim, Objection
from model.wording import money

V3, ZHENG, SIX, FIVE_AND_A_HALF, STAGE = (
    "deepseek-v3-5.576m",
    "zheng-5.6m",
    "seed001-6m-r1",
    "seed003-5.5m-r1",
    "deepseek-r1-294k",
)
NESTED = ("final_run", "run_as_executed", "project", "programme", "programme_with_staff")


@pytest.fixture(scope="module")
def verdicts(registry: Registry) -> Mapping[str, Verdict]:
    """The first five claims in the default scenario."""
    return {name: audit(name, registry=registry) for name in (V3, ZHENG, SIX, FIVE_AND_A_HALF, STAGE)}


def with_part(claim: Claim, part: str, **changes: object) -> Claim:
    """The claim with one of its tables changed."""
    own = getattr(claim, part)
    assert isinstance(own, Entry)
    return claim.model_copy(update={part: own.model_copy(update=changes)})


def rejudged(claim: Claim, computed: Run, implied: str | None = None) -> Verdict:
    return judge(claim, computed, implied or claim.implied_scope.scope)


@pytest.mark.parametrize(
    ("name", "declared", "implied", "axis"),
    [
        (V3, "final_run", "final_run", "match"),
        (ZHENG, "undeclared", "final_run", "match"),
        (SIX, "undeclared", "programme_with_staff", "mismatch"),
        (FIVE_AND_A_HALF, "undeclared", "final_run", "match"),
        (STAGE, "final_run", "final_run", "match"),
    ],
)
def test_each_claim_prices_the_final_run(verdicts: Mapping[str, Verdict], name: str, declared: str, implied: str, axis: str) -> None:
    found = verdicts[name]
    assert (found.claim.priced_scope.scope, found.claim.declared_scope.scope, found.implied_scope) == ("final_run", declared, implied)
    assert found.scope_axis.label == axis
    assert found.scope_axis.reasons == ("priced_final_run", f"implied_{implied}")


@pytest.mark.parametrize("name", [V3, ZHENG, SIX, FIVE_AND_A_HALF, STAGE])
def test_the_numbers_of_each_claim_hold_together(verdicts: Mapping[str, Verdict], name: str) -> None:
    found = verdicts[name]
    assert found.literal.label == "supported"
    assert ("wrong_subject" in found.literal.reasons) == (name in {SIX, FIVE_AND_A_HALF})


def test_the_amount_is_supported_in_its_own_scope_and_refuted_in_wider_ones(verdicts: Mapping[str, Verdict]) -> None:
    for name in (V3, ZHENG, FIVE_AND_A_HALF, SIX):
        labels = {scope: found.label for scope, found in verdicts[name].implications.items()}
        assert labels["final_run"] == "supported"
        assert {labels[scope] for scope in ("project", "programme", "programme_with_staff", "lab_window")} == {"refuted"}
        assert {verdicts[name].implications[scope].side for scope in ("project", "lab_window")} == {"below"}


def test_the_implication_is_that_of_the_implied_scope(verdicts: Mapping[str, Verdict]) -> None:
    for name, label in ((V3, "supported"), (ZHENG, "supported"), (SIX, "refuted"), (FIVE_AND_A_HALF, "supported"), (STAGE, "supported")):
        found = verdicts[name].implication
        assert found is not None
        assert found.label == label
    assert verdicts[SIX].implication == verdicts[SIX].implications["programme_with_staff"]


def test_a_purchase_gets_no_label_against_a_flow(verdicts: Mapping[str, Verdict]) -> None:
    for name in (V3, ZHENG, SIX, FIVE_AND_A_HALF):
        assert verdicts[name].scope("fleet_capex").routes
        assert "fleet_capex" not in verdicts[name].implications


def test_a_claim_about_a_fleet_gets_a_label_for_the_purchase_alone(registry: Registry, zheng: Run) -> None:
    claim = with_part(registry.claim(V3), "priced_scope", scope="fleet_capex")
    assert rejudged(claim, zheng).implications.keys() == {"fleet_capex"}


def test_zhengs_objection_is_supported_and_its_size_is_what_the_project_adds(verdicts: Mapping[str, Verdict], zheng: Run) -> None:
    found = verdicts[ZHENG].objection
    assert found is not None
    assert found.label == "supported"
    assert found.size_usd == pytest.approx(float(zheng.scope("project").quantile(0.5)) - 5.6e6, rel=1e-12)
    assert found.implication is not None
    assert (found.implication.label, found.implication.side) == ("refuted", "below")
    assert all(verdict.objection is None for name, verdict in verdicts.items() if name != ZHENG)


def test_an_objection_is_refuted_when_the_priced_scope_holds_what_it_names(registry: Registry, zheng: Run) -> None:
    for scope, label in (("run_as_executed", "supported"), ("project", "refuted"), ("undeclared", "not_enough_info")):
        found = rejudged(with_part(registry.claim(ZHENG), "priced_scope", scope=scope), zheng).objection
        assert found is not None
        assert found.label == label


def test_an_objection_to_one_thing_left_out_and_one_held_is_refuted(registry: Registry, zheng: Run) -> None:
    claim = with_part(registry.claim(ZHENG), "priced_scope", scope="run_as_executed")
    found = rejudged(with_part(claim, "objection", components=("ablations", "rework")), zheng).objection
    assert found is not None
    assert found.label == "refuted"


def test_each_reading_of_the_words_changes_scope_axis_and_implication_alone(verdicts: Mapping[str, Verdict], registry: Registry) -> None:
    plain, read = verdicts[V3], audit(V3, registry=registry, implied="project")
    assert (read.scope_axis.label, read.scope_axis.reasons) == ("mismatch", ("priced_final_run", "implied_project"))
    assert read.implication is not None
    assert (read.implication.label, read.implication.side) == ("refuted", "below")
    assert (read.literal, read.checks, read.implications) == (plain.literal, plain.checks, plain.implications)


def test_an_unknown_reading_names_the_nearest_scope(registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match=r'--implied: there is no scope "projct"\. Did you mean "project"'):
        audit(V3, registry=registry, implied="projct")


def test_an_undeclared_price_leaves_the_scope_axis_open(registry: Registry, zheng: Run) -> None:
    found = rejudged(with_part(registry.claim(V3), "priced_scope", scope="undeclared"), zheng)
    assert (found.scope_axis.label, found.scope_axis.reasons) == ("undeclared", ("implied_final_run",))
    assert found.sentence.startswith("No source says what the $5.576M is the price of")


def test_the_reported_price_gives_the_reported_amount_at_every_quantile(registry: Registry) -> None:
    found = audit(V3, scenario="as_reported", registry=registry)
    everywhere = found.scope("final_run").quantile([0.001, 0.05, 0.5, 0.95, 0.999])
    assert np.array_equal(everywhere, np.full(5, 5.576e6))
    assert found.scope("final_run").probability_at_most(5.576e6) == 1.0
    assert found.literal.label == "supported"


def test_a_stage_has_no_wider_scope_than_its_own_run(verdicts: Mapping[str, Verdict]) -> None:
    found = verdicts[STAGE]
    assert found.implications.keys() == {"final_run"}
    reasons = {name: estimate.reason for name, estimate in found.run.scopes.items() if name != "final_run"}
    assert set(reasons.values()) == {"base_excluded"}
    assert "the base model that it stands on is not in it" in found.sentence


def test_a_claim_without_an_amount_has_no_implication(registry: Registry, zheng: Run) -> None:
    found = rejudged(registry.claim(ZHENG).model_copy(update={"amount": None}), zheng)
    assert found.implication is None
    assert found.implications == {}
    assert found.literal.label == "supported"  # its hours still hold together
    assert found.objection is not None
    assert found.objection.size_usd is None
    assert found.sentence.startswith(found.checks[0].message.removesuffix(".") + ": supported")


def test_a_range_stands_in_the_sentence_with_both_ends(registry: Registry, zheng: Run) -> None:
    low, high = 5.0e6, 6.0e6
    amount = Amount(low=low, high=high, relation="range", unit="USD", price_year=2024, digits=1, as_written="5 to 6 million")
    found = rejudged(registry.claim(V3).model_copy(update={"amount": amount}), zheng)
    assert found.sentence.startswith("The $5M to $6M is the price of")
    assert found.implication is not None
    assert found.implication.label == "supported"


def test_a_failed_check_refutes_the_literal_axis_and_is_named(registry: Registry, zheng: Run) -> None:
    found = rejudged(with_part(registry.claim(V3), "amount", value=9e6), zheng)
    assert (found.literal.label, found.literal.reasons) == ("refuted", ("arithmetic_fail",))
    assert "do not hold together (arithmetic)" in found.sentence


def test_nothing_to_compute_is_not_enough_information(registry: Registry, zheng: Run) -> None:
    bare = registry.claim(V3).model_copy(update={"facts": ()})
    assert rejudged(bare, zheng).literal.reasons == ("missing_gpu_hours", "missing_price")
    priced = tuple(fact for fact in registry.claim(V3).facts if fact.id == "price")
    found = rejudged(bare.model_copy(update={"facts": priced}), zheng)
    assert (found.literal.label, found.literal.reasons) == ("not_enough_info", ("price_vs_market_pass", "missing_gpu_hours"))


def test_a_retelling_inherits_facts_and_its_own_come_first(verdicts: Mapping[str, Verdict], registry: Registry) -> None:
    found = verdicts[FIVE_AND_A_HALF]
    assert found.facts["months"] == 2.0
    assert found.facts["gpu_hours"] == 2_788_000.0
    own = registry.claim(V3).facts[0].model_copy(update={"id": "price", "value": 3.0})
    claim = registry.claim(FIVE_AND_A_HALF).model_copy(update={"facts": (own,)})
    assert rejudged(claim, found.run).facts["price"] == 3.0


def test_the_sentence_holds_the_figures_at_two_digits(verdicts: Mapping[str, Verdict], zheng: Run) -> None:
    low, median, high = (money(float(zheng.scope("project").quantile(p)), 2) for p in (0.05, 0.5, 0.95))
    said = verdicts[ZHENG].sentence
    assert f"the earlier research and testing that Zheng Xiaoqing names bring it to {median} (90 %: {low} to {high})" in said
    assert said.startswith("The $5.6M is the price of the final run of DeepSeek-V3 (2.788M H800-hours at $2)")
    assert verdicts[V3].sentence.startswith("The $5.576M is")
    for verdict in verdicts.values():
        figures = [re.sub(r"[^0-9]", "", text).strip("0") for text in re.findall(r"(?:to|comes to|90 %:) \$([0-9.]+)", verdict.sentence)]
        assert all(len(figure) <= 2 for figure in figures)


def test_the_sentence_names_whose_price_a_moved_number_is(verdicts: Mapping[str, Verdict]) -> None:
    for name in (SIX, FIVE_AND_A_HALF):
        assert "of DeepSeek-V3 (2.788M H800-hours at $2), not of DeepSeek-R1" in verdicts[name].sentence
    assert "the words mean the programme with staff, which comes to" in verdicts[SIX].sentence
    assert "more than the amount" in verdicts[SIX].sentence


def test_more_points_settle_a_headline_digit(registry: Registry) -> None:
    coarse = run("zheng", registry=registry, points=16)
    fine = run("zheng", registry=registry, points=2**16)
    found = headline(coarse, "project")
    estimate = fine.scope("project")
    assert (found.low, found.median) == tuple(money(float(estimate.quantile(p)), 2) for p in (0.05, 0.5))


def test_scopes_are_nested_in_the_audit(verdicts: Mapping[str, Verdict]) -> None:
    for name in (V3, SIX):
        medians = [float(verdicts[name].scope(scope).quantile(0.5)) for scope in NESTED]
        assert medians == sorted(medians)


def test_a_claim_may_be_given_as_it_stands(registry: Registry, verdicts: Mapping[str, Verdict]) -> None:
    assert audit(registry.claim(V3), registry=registry).sentence == verdicts[V3].sentence


def test_an_objection_stands_on_evidence(registry: Registry) -> None:
    objection = registry.claim(ZHENG).objection
    assert isinstance(objection, Objection)
    assert {item.row for item in objection.evidence} == {"DS-200", "DS-018"}
