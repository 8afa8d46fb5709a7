"""Claims of the five French articles: what each says and what its sources say of it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from click.testing import CliRunner

from model.auditor.audit import Verdict, audit
from model.auditor.quantities import by_source
from model.auditor.stated import Check
from model.claims.contradictions import contradictions
from model.claims.drift import drifts, graph
from model.claims.quotations import quoted
from model.cli.main import costclaim
from model.registry import Registry
from model.wording import FRENCH
from tests.article_claims import SEEDS, V3, changed


@pytest.fixture(scope="module")
def verdicts(registry: Registry) -> Mapping[str, Verdict]:
    """Every claim of the articles, audited on few points: literal and scope rest on no draw."""
    return {name: audit(name, registry=registry, points=64) for name in SEEDS}


def check_of(verdict: Verdict, name: str) -> Check:
    (found,) = [check for check in verdict.checks if check.id == name]
    return found


def test_at_least_sixteen_claims_of_the_articles_are_quoted(registry: Registry) -> None:
    quoting = {claim.id for claim, _ in quoted(registry)}
    assert quoting == SEEDS.keys()
    assert len(quoting) >= 16
    assert {q.article for _, q in quoted(registry)} == {f"seed_00{number}.txt" for number in range(5)}


@pytest.mark.parametrize("name", SEEDS)
def test_a_claim_has_the_kind_and_the_literal_label_that_its_sources_give(name: str, verdicts: Mapping[str, Verdict]) -> None:
    kind, label = SEEDS[name]
    assert (verdicts[name].claim.kind, verdicts[name].literal.label) == (kind, label)


def test_five_hundred_million_is_a_slip_of_a_thousand(verdicts: Mapping[str, Verdict]) -> None:
    found = check_of(verdicts["seed001-500m-stargate"], "unit_slip")
    assert (found.status, found.stated, found.computed, found.values["power"]) == ("fail", 5e8, 5e11, -3)
    assert "the amount of its source, $500B" in found.message
    assert "le montant de sa source" in found.message_in(FRENCH)


def test_two_months_hold_the_54_to_57_days_of_the_run(verdicts: Mapping[str, Verdict], registry: Registry) -> None:
    facts = {fact.id: fact.value for fact in registry.claim(V3).facts}
    days = [facts[name] / facts["gpus"] / 24.0 for name in ("gpu_hours.pretraining", "gpu_hours")]
    low, high = by_source(registry.claim("seed003-two-months")) or (0.0, 0.0)
    assert [low, high] == pytest.approx([day / (365.25 / 12) for day in days], rel=1e-4)
    assert check_of(verdicts["seed003-two-months"], "primary_figure").status == "pass"


def test_barely_a_year_is_eighteen_months_at_least(verdicts: Mapping[str, Verdict], registry: Registry) -> None:
    claim = registry.claim("seed001-barely-a-year")
    founded = [p.date for p in claim.primary if p.date]
    years = sorted((claim.date - day).days / 365.25 for day in founded)
    assert by_source(claim) == pytest.approx((years[0], years[-1]))
    assert years[0] > 1.5
    assert check_of(verdicts[claim.id], "primary_figure").status == "fail"


def test_a_few_weeks_are_the_25_days_between_two_releases(registry: Registry) -> None:
    days = [registry.subject(name).released for name in ("deepseek-v3", "deepseek-r1")]
    assert days[0]
    assert days[1]
    assert by_source(registry.claim("seed002-weeks-earlier")) == pytest.approx(((days[1] - days[0]).days / 7,) * 2)


def test_price_and_training_ratios_come_from_figures_on_file(registry: Registry) -> None:
    assert by_source(registry.claim("seed000-fraction-of-price")) == pytest.approx((2.19 / 60,) * 2, rel=1e-3)
    both = 5.576 + 0.294  # DS-045, in millions
    assert by_source(registry.claim("seed002-lower-training-costs")) == pytest.approx((both / 78.4, both / 68.8), rel=1e-3)


def test_the_fund_is_a_hedge_fund_and_no_venture_fund(verdicts: Mapping[str, Verdict]) -> None:
    assert check_of(verdicts["seed002-hedge-fund"], "primary_name").status == "pass"
    found = check_of(verdicts["seed004-venture-fund"], "primary_name")
    assert (found.status, found.stated, found.computed) == ("fail", "venture capital fund", "hedge fund")


def test_a_hedged_forecast_is_logged_and_not_checked(verdicts: Mapping[str, Verdict]) -> None:
    found = verdicts["seed004-synthetic-data"]
    assert (found.literal.label, found.literal.reasons) == ("not_enough_info", ("hedged_forecast",))
    assert "hedged forecast" in found.sentence
    assert verdicts["seed001-fraction-of-cost"].literal.reasons == ("hedged",)


def test_a_hedged_figure_is_not_checked_even_with_a_source(registry: Registry) -> None:
    from model.auditor.audit import judge
    from model.engine import run

    claim = changed(registry.claim("seed001-barely-a-year"), hedged=True)
    assert judge(claim, run(registry=registry, subject=claim.subject, points=64), claim.implied).checks == ()


def test_what_the_objections_name_is_left_out_of_the_number(verdicts: Mapping[str, Verdict]) -> None:
    for name in ("seed002-zheng-objection", "seed000-full-costs", "seed002-total-not-disclosed"):
        assert check_of(verdicts[name], "left_out").status == "pass"
        assert verdicts[name].scope_axis.label == "match"
        objection = verdicts[name].objection
        assert objection is not None
        assert objection.label == "supported"


def test_more_than_five_million_to_build_is_a_bound_that_holds(verdicts: Mapping[str, Verdict]) -> None:
    found = verdicts["seed004-5m-overnight"]
    assert found.implied_scope == "programme_with_staff"
    assert found.implication is not None
    assert (found.implication.label, found.implication.reasons) == ("supported", ("bound_holds",))


def answer(*words: str) -> object:
    result = CliRunner().invoke(costclaim, ["claims", *words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_commands_answer_in_json(registry: Registry) -> None:
    checked = answer("check")
    assert isinstance(checked, dict)
    assert (checked["quoted"], checked["found"], checked["problems"]) == (len(SEEDS), None, [])
    told = answer("drift")
    assert isinstance(told, dict)
    assert {item["claim"] for item in told["drift"]} == {item.claim for item in drifts(registry)}
    assert told["graph"] == graph(registry)
    pairs = answer("contradictions")
    assert isinstance(pairs, list)
    assert [(p["first"], p["second"], p["rule"]) for p in pairs] == [(c.first, c.second, c.rule) for c in contradictions(registry)]


def test_a_shown_statement_prints_what_its_sources_say() -> None:
    result = CliRunner().invoke(costclaim, ["claims", "show", "seed001-barely-a-year", "--lang", "fr"])
    assert result.exit_code == 0, result.output
    assert "Ce que disent ses sources" in result.output
    assert "17 juillet 2023" in result.output
