"""The bills of others: every row of the evidence is a claim, each is audited, published figures are derived again, special rows hold."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from model.auditor.audit import Verdict, audit
from model.auditor.stated import part_nearest
from model.check.files import check
from model.cli.main import costclaim
from model.document import audit_document
from model.registry import Registry
from model.views.claims import bills
from model.wording import ENGLISH

# Ids of the rows of the evidence table of claims, 40 in all.
ROWS = (
    *("deepseek-v3", "deepseek-r1", "deepseek-semianalysis", "gpt4-altman", "gpt4-aiindex", "gpt4-epoch", "gemini-ultra-aiindex"),
    *("palm-aiindex", "gpt3-12m", "gpt3-aiindex", "mtnlg-aiindex", "llama2-70b-aiindex", "grok4-epoch", "grok3-epoch", "claude35-amodei"),
    *("s1-32b", "tinyzero", "deepscaler", "mpt-7b", "mpt-30b", "sd-mosaic-160k", "sd-mosaic-50k", "dbrx", "jetmoe", "bloom"),
    *("mistral-large", "ling-plus", "smollm2", "vicuna", "dolly", "gpt2-original", "nanochat-100", "nanochat-48", "zamba-7b"),
    *("dsv2-savings", "dots-4x", "apertus", "qwen", "baichuan", "gpt-oss"),
)
CRITICS = (
    "deepseek-semianalysis",
    "critics-1.6b-hardware",
    "critics-50000-h100",
    "critics-266-times",
    "lambert-500m-year",
    "amodei-1b-fleet",
)
NO_CLAIM = ("apertus", "qwen", "baichuan", "gpt-oss")


@pytest.fixture(scope="module")
def verdicts(registry: Registry) -> Mapping[str, Verdict]:
    """The audit of every row and of the critics."""
    return {name: audit(name, registry=registry) for name in dict.fromkeys((*ROWS, *CRITICS))}


def checks(verdict: Verdict) -> dict[str, str]:
    return {check.id: check.status for check in verdict.checks}


def test_every_row_of_the_evidence_is_a_claim(registry: Registry) -> None:
    assert len(set(ROWS)) == 40
    assert set(ROWS) - set(registry.names("claims")) == set()


def test_the_files_are_without_fault(registry: Registry) -> None:
    assert [str(problem) for problem in check(registry).problems] == []


def test_every_claim_is_audited_and_said_in_one_sentence(verdicts: Mapping[str, Verdict]) -> None:
    for verdict in verdicts.values():
        document = audit_document(verdict)
        assert document["verdict"]["sentence"].endswith(".")
        assert verdict.literal.label in ("supported", "refuted", "not_enough_info")
        assert document["verdict"]["implication"]["reasons"]
        assert verdict.literal.label != "not_enough_info" or verdict.literal.reasons


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_command_line_tells_every_claim(language: str, registry: Registry) -> None:
    for name in registry.names("claims"):
        result = CliRunner().invoke(costclaim, ["audit", name, "--points", "64", "--lang", language])
        assert result.exit_code == 0, (name, result.output, result.exception)


def test_the_command_line_says_what_is_missing() -> None:
    said = {name: CliRunner().invoke(costclaim, ["audit", name, "--points", "64"]).output for name in ("gpt3-12m", "ling-plus")}
    assert "not enough info (missing: its GPU-hours) (missing: a stated price of an hour)" in said["gpt3-12m"]
    assert "not compared (absent: its GPU-hours are not known)" in said["gpt3-12m"]
    assert "not enough info (the amount is per trillion tokens and stays so)" in said["ling-plus"]


def test_where_too_little_is_known_the_answer_says_what_is_missing(verdicts: Mapping[str, Verdict]) -> None:
    assert verdicts["gpt3-12m"].literal.reasons == ("missing_gpu_hours", "missing_price")
    assert verdicts["mpt-7b"].literal.reasons[-1] == "missing_price"
    assert verdicts["mistral-large"].literal.reasons == ("missing_exchange_rate",)
    assert audit_document(verdicts["gpt3-12m"])["verdict"]["implication"] == {"label": None, "side": None, "reasons": ["hours_unknown"]}
    assert audit_document(verdicts["palm-aiindex"])["verdict"]["implication"]["reasons"] == ["no_price"]
    assert audit_document(verdicts["dbrx"])["verdict"]["implication"]["reasons"] == ["words_name_no_scope"]


def test_a_row_about_a_sentence_that_another_claim_holds_is_linked_and_agrees_with_it(verdicts: Mapping[str, Verdict]) -> None:
    for name, twin in (("deepseek-v3", "deepseek-v3-5.576m"), ("deepseek-r1", "deepseek-r1-294k")):
        row, other = verdicts[name], audit(twin, registry=verdicts[name].run.registry)
        assert (row.claim.same_sentence_as, row.claim.amount) == (twin, other.claim.amount)
        assert all(check in other.checks for check in row.checks)
        assert (row.literal.label, row.implication) == (other.literal.label, other.implication)


@pytest.mark.parametrize("name", NO_CLAIM)
def test_a_row_without_a_dollar_claim_supports_and_refutes_nothing(name: str, verdicts: Mapping[str, Verdict]) -> None:
    found = verdicts[name]
    assert (found.claim.kind, found.claim.amount, found.literal.label) == ("no_claim", None, "not_enough_info")
    assert (found.scope_axis.label, found.implication, found.literal.reasons) == (None, None, ("no_amount_claimed",))
    assert audit_document(found)["scopes"] is None


def test_two_amounts_by_two_methods_are_no_range(verdicts: Mapping[str, Verdict]) -> None:
    """MPT-30B on H100 and on A100: 512 x 11.6 d at $5, 512 x 28.3 d at $2.5 (MosaicML's cost section). Ling-Plus: two kinds of chip."""
    mpt, ling = verdicts["mpt-30b"], verdicts["ling-plus"]
    for found, first, second in ((mpt, 714e3, 871e3), (ling, 5.08e6, 6.35e6)):
        assert found.claim.amount is not None
        assert (found.claim.amount.value, found.claim.amount.low) == (first, None)
        assert [amount.value for amount in found.claim.also] == [second]
    by_id = {check.id: check for check in mpt.checks}
    assert by_id["arithmetic"].computed == pytest.approx(512 * 11.6 * 24 * 5.0)
    assert by_id["second_amount"].computed == pytest.approx(512 * 28.3 * 24 * 2.5)
    assert checks(mpt)["arithmetic"] == checks(mpt)["second_amount"] == "pass"


def test_an_amount_per_trillion_tokens_stays_in_its_unit(verdicts: Mapping[str, Verdict]) -> None:
    found = verdicts["ling-plus"]
    document = audit_document(found)["claim"]
    assert document["amount"]["unit"] == document["also"][0]["unit"] == "CNY/(1e12 token)"
    assert (found.implications, found.literal.reasons) == ({}, ("unit_is_per_token",))


def test_a_saving_by_token_is_right_and_is_no_saving_by_model(verdicts: Mapping[str, Verdict]) -> None:
    """DeepSeek-V2 report, p. 16: 172.8K against 300.6K hours per trillion tokens; 8.1T against 2T tokens."""
    by_id = {check.id: check for check in verdicts["dsv2-savings"].checks}
    assert by_id["stated_ratio"].computed == pytest.approx(1 - 172.8 / 300.6)
    assert by_id["ratio_as_total"].computed == pytest.approx(172.8 * 8.1 / (300.6 * 2.0))
    assert (by_id["stated_ratio"].status, by_id["ratio_as_total"].status) == ("pass", "warn")


def test_four_times_fewer_hours_is_four_at_its_one_digit(verdicts: Mapping[str, Verdict]) -> None:
    """dots.llm1 report, Table 4: 1.456M against 6.12M hours."""
    (found,) = verdicts["dots-4x"].checks
    assert (found.status, found.computed) == ("pass", pytest.approx(6.12 / 1.456))


def test_published_products_of_hours_and_price_are_derived_again(verdicts: Mapping[str, Verdict]) -> None:
    published = {
        "deepseek-v3": 2.788e6 * 2.0,  # report, Table 1
        "llama2-70b-aiindex": 1_720_320 * 2.29,  # hours: Llama 2 model card
        "gpt2-original": 32 * 168 * 8.0,  # nanochat leaderboard, line 5
        "nanochat-100": 8 * 4 * 3.0,
        "nanochat-48": 8 * 2 * 3.0,
        "sd-mosaic-160k": 79_000 * 2.0,
    }
    for name, usd in published.items():
        by_id = {check.id: check for check in verdicts[name].checks}
        assert by_id["arithmetic"].computed == pytest.approx(usd)
        assert by_id["arithmetic"].status == "pass"
        assert verdicts[name].literal.label == "supported"


def test_implied_prices_are_those_of_the_evidence(registry: Registry) -> None:
    """Column of implied dollars per GPU-hour; the ones for which a dated market exists."""
    rows = {bill.id: bill for bill in bills(registry, ENGLISH)}
    implied = {
        "gpt4-epoch": "$1.21",
        "deepscaler": "$1.18",
        "mpt-7b": "$1.99",
        "jetmoe": "$2.48",
        "vicuna": "$1.56",
        "grok3-epoch": "$2.11",
    }
    assert {name: rows[name].price for name in implied} == implied
    assert rows["palm-aiindex"].price == "–"


def test_implied_utilisation_is_that_of_published_runs(verdicts: Mapping[str, Verdict]) -> None:
    """Six FLOP per parameter and token over hours at the dense peak: BLOOM 0.318, PaLM 0.304, MPT-7B 0.354, JetMoE 0.144."""
    expected = {"bloom": 0.3181, "palm-aiindex": 0.3039, "mpt-7b": 0.3541, "jetmoe": 0.1436}
    for name, mfu in expected.items():
        (found,) = (check for check in verdicts[name].checks if check.id == "implied_mfu")
        assert found.computed == pytest.approx(mfu, abs=5e-4)


def test_the_bloom_card_prices_the_project_and_the_project_agrees(verdicts: Mapping[str, Verdict]) -> None:
    """BLOOM's card: $2-5M with preliminary experiments. The reference class gives the project, not told of the card."""
    found = verdicts["bloom"]
    assert (found.scope_axis.label, found.implied_scope) == ("match", "project")
    assert found.implication is not None
    assert found.implication.label == "supported"
    assert found.implications["final_run"].label != "supported" or found.scope("final_run").quantile(0.5) < 2e6


def test_a_fine_tune_has_no_wider_scope_than_its_own_run(verdicts: Mapping[str, Verdict]) -> None:
    for name in ("s1-32b", "tinyzero", "deepscaler", "vicuna"):
        reasons = [scope.reason for scope in verdicts[name].run.scopes.values()]
        assert reasons == [None, *["base_excluded"] * 6]
        assert audit_document(verdicts[name])["scopes"][0]["excludes"][0].startswith("The base model, ")


def test_critics_and_claimants_meet_the_same_rule(verdicts: Mapping[str, Verdict]) -> None:
    times = verdicts["critics-266-times"]
    assert (checks(times), times.literal.label, times.scope_axis.label) == ({"stated_ratio": "pass"}, "supported", "mismatch")
    assert times.scope_axis.reasons == ("priced_fleet_capex", "implied_final_run")
    assert times.sentence.endswith("supported; but it sets the purchase of the machines against the final run, which are different things.")
    assert verdicts["critics-50000-h100"].literal.label == "not_enough_info"
    year = verdicts["lambert-500m-year"].implication
    assert year is not None
    assert (year.label, year.side) == ("refuted", "above")


def test_a_claim_about_a_fleet_is_priced_at_its_own_count(verdicts: Mapping[str, Verdict], registry: Registry) -> None:
    disclosed = audit("deepseek-v3", registry=registry).scope("fleet_capex").quantile([0.05, 0.5, 0.95])
    claimed = verdicts["critics-1.6b-hardware"].scope("fleet_capex").quantile([0.05, 0.5, 0.95])
    assert claimed == pytest.approx(disclosed * 50_000 / 2_048, rel=1e-6)
    assert verdicts["deepseek-semianalysis"].implications.keys() == {"fleet_capex"}


def test_an_unread_source_fixes_no_hours(registry: Registry) -> None:
    for name in registry.names("subjects"):
        hours = registry.subject(name).hours
        if hours and hours.distribution.family == "fixed":
            assert any(item.grade != "C" and item.read != "not read" for item in hours.evidence)


@given(factor=st.floats(min_value=0.1, max_value=10.0))
def test_a_bound_passes_exactly_where_it_holds(factor: float, registry: Registry) -> None:
    verdict = audit("sd-mosaic-160k", registry=registry)
    amount = verdict.claim.dollars
    assert amount is not None
    from model.auditor.stated import Evidence

    evidence = Evidence(verdict.claim, verdict.facts, verdict.run, None)
    stated = part_nearest(amount, 1.0)
    assert (evidence.against(amount, stated * factor) == "pass") == (
        factor <= 1.0 or evidence.compare(stated, stated * factor, 2) == "pass"
    )
