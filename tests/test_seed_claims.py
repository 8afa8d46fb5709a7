"""Claims of the five French articles: their words and places, what their sources say, drift, and which cannot both stand."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from model.auditor import Verdict, audit
from model.claim_rules import MOST_SENTENCES, SENTENCE_END, quotations
from model.claims.contradictions import contradictions
from model.claims.drift import AXES, Drift, drift, drifts, graph
from model.claims.quotations import look_up, quoted
from model.cli.main import costclaim
from model.errors import CheckFailed, InputError
from model.quantities import by_source, gap, missed_by, span
from model.registry import Registry
from model.schema.claim import Amount, Claim, Primary, Stated
from model.stated import Check
from model.wording import FRENCH

V3, SIX, FIVE_AND_A_HALF, ZHENG = "deepseek-v3-5.576m", "seed001-6m-r1", "seed003-5.5m-r1", "zheng-5.6m"
# Every claim of the articles with its kind and the label of its literal axis.
SEEDS = {
    ZHENG: ("cost", "supported"),
    SIX: ("cost", "supported"),
    FIVE_AND_A_HALF: ("cost", "supported"),
    "seed000-fraction-of-price": ("ratio", "supported"),
    "seed000-full-costs": ("scope", "supported"),
    "seed001-500m-stargate": ("cost", "refuted"),
    "seed001-barely-a-year": ("duration", "refuted"),
    "seed001-fraction-of-budget": ("ratio", "not_enough_info"),
    "seed001-fraction-of-cost": ("ratio", "not_enough_info"),
    "seed002-founded-may-2023": ("date", "supported"),
    "seed002-fraction-of-cost": ("ratio", "not_enough_info"),
    "seed002-hedge-fund": ("entity", "supported"),
    "seed002-lower-training-costs": ("ratio", "supported"),
    "seed002-total-not-disclosed": ("scope", "supported"),
    "seed002-weeks-earlier": ("duration", "supported"),
    "seed002-zheng-objection": ("scope", "supported"),
    "seed003-rivals-billions": ("cost", "supported"),
    "seed003-two-months": ("duration", "supported"),
    "seed004-5m-overnight": ("cost", "not_enough_info"),
    "seed004-synthetic-data": ("forecast", "not_enough_info"),
    "seed004-tens-of-thousands-gpus": ("count", "supported"),
    "seed004-venture-fund": ("entity", "refuted"),
}


@pytest.fixture(scope="module")
def verdicts(registry: Registry) -> Mapping[str, Verdict]:
    """Every claim of the articles, audited on few points: literal and scope rest on no draw."""
    return {name: audit(name, registry=registry, points=64) for name in SEEDS}


def check_of(verdict: Verdict, name: str) -> Check:
    (found,) = [check for check in verdict.checks if check.id == name]
    return found


def changed(claim: Claim, **parts: object) -> Claim:
    return claim.model_copy(update=parts)


class Edited(Registry):
    """The project's registry with some claims replaced or added."""

    def __init__(self, registry: Registry, *claims: Claim) -> None:
        super().__init__(registry.root, {name: registry.text(name) for name in registry.files})
        self._edited = {claim.id: claim for claim in claims}

    def claim(self, identifier: str) -> Claim:
        return self._edited.get(identifier) or super().claim(identifier)

    def names(self, kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*super().names(kind), *(self._edited if kind == "claims" else ()))))


def test_at_least_sixteen_claims_of_the_articles_are_quoted(registry: Registry) -> None:
    quoting = {claim.id for claim, _ in quoted(registry)}
    assert quoting == SEEDS.keys()
    assert len(quoting) >= 16
    assert {q.article for _, q in quoted(registry)} == {f"seed_00{number}.txt" for number in range(5)}


@pytest.mark.parametrize("name", SEEDS)
def test_a_claim_has_the_kind_and_the_literal_label_that_its_sources_give(name: str, verdicts: Mapping[str, Verdict]) -> None:
    kind, label = SEEDS[name]
    assert (verdicts[name].claim.kind, verdicts[name].literal.label) == (kind, label)


@pytest.mark.parametrize("name", SEEDS)
def test_a_quotation_is_short_french_and_translated(name: str, registry: Registry) -> None:
    claim = registry.claim(name)
    assert claim.language == "fr"
    assert 1 <= len(SENTENCE_END.findall(claim.text)) <= MOST_SENTENCES
    assert claim.translation
    assert claim.translation != claim.text


def test_what_is_stored_of_the_quotations_holds(registry: Registry) -> None:
    assert list(quotations(registry)) == []


def test_a_stored_quotation_that_cannot_be_right_is_told(registry: Registry) -> None:
    claim = registry.claim(SIX)
    assert claim.quotation is not None
    faults = {
        "spans 171 characters": changed(claim, quotation=claim.quotation.model_copy(update={"end": claim.quotation.end - 1})),
        "quotes 4 sentences": changed(claim, text="Un. " * 3 + claim.text),
        "translation: is missing": changed(claim, translation=""),
        "another_sentence": changed(claim, same_sentence_as="another_sentence"),
        "is not that of": changed(claim, quotation=claim.quotation.model_copy(update={"sha256": "0" * 64})),
        "as seed-article-": changed(claim, source=claim.source.model_copy(update={"id": "seed-article-003"})),
    }
    for words, wrong in faults.items():
        problems = [str(problem) for problem in quotations(_Located(registry, wrong))]
        assert any(words in problem for problem in problems), (words, problems)


class _Located(Edited):
    def located(self, kind: str):
        from model.registry import Located

        if kind != "claims":
            return super().located(kind)
        return {name: Located(self.claim(name), f"claims/{name}.toml") for name in self.names("claims")}


def article(folder: Path, *sentences: str) -> str:
    """An article that holds these sentences; its SHA-256."""
    text = "Avant. " + " ".join(sentences)
    (folder / "article.txt").write_text(text, encoding="utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def placed(registry: Registry, digest: str, start: int, text: str = "Il a coûté 5 M$, dit-on.") -> Registry:
    claim = registry.claim(SIX)
    assert claim.quotation is not None
    where = claim.quotation.model_copy(update={"article": "article.txt", "sha256": digest, "start": start, "end": start + len(text)})
    others = (changed(other, quotation=None) for other, _ in quoted(registry))
    return Edited(registry, *others, changed(claim, text=text, quotation=where))


def test_a_quotation_is_found_character_for_character(registry: Registry, tmp_path: Path) -> None:
    digest = article(tmp_path, "Il a coûté 5 M$, dit-on.", "Après.")
    (place,) = look_up(placed(registry, digest, 7), tmp_path)
    assert (place.found, place.problem) == ("found", None)


@pytest.mark.parametrize(
    ("start", "text", "told"),
    [
        (8, "Il a coûté 5 M$, dit-on.", ("elsewhere", "The words stand at 7 to 31")),
        (7, "Il a couté 5 M$, dit-on.", ("not in it", "stand nowhere")),
    ],
)
def test_words_that_stand_elsewhere_are_told(registry: Registry, tmp_path: Path, start: int, text: str, told: tuple[str, str]) -> None:
    digest = article(tmp_path, "Il a coûté 5 M$, dit-on.")
    (place,) = look_up(placed(registry, digest, start, text), tmp_path)
    assert place.found == told[0]
    assert told[1] in str(place.problem)


def test_an_article_that_is_missing_or_altered_is_told(registry: Registry, tmp_path: Path) -> None:
    altered = placed(registry, "0" * 64, 7)
    (place,) = look_up(altered, tmp_path)
    assert place.found == "no article"
    article(tmp_path, "Il a coûté 5 M$, dit-on.")
    (place,) = look_up(altered, tmp_path)
    assert place.found == "another text"
    with pytest.raises(InputError, match="is not a folder"):
        look_up(altered, tmp_path / "nowhere")


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
    from model.auditor import judge
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


def stated(value: float, digits: int, relation: str = "about") -> Stated:
    return Stated.model_validate({"value": value, "digits": digits, "relation": relation, "unit": "day", "as_written": "x"})


def test_a_figure_leaves_half_a_unit_of_its_last_digit() -> None:
    assert span(stated(2.0, 1)) == (1.5, 2.5)
    assert span(stated(54.25, 4)) == pytest.approx((54.245, 54.255))
    assert span(stated(2.0, 1, "at_least")) == (2.0, math.inf)
    assert span(stated(2.0, 1, "at_most")) == (0.0, 2.0)
    months = [Stated(date=dt.date(2023, 2, 1), digits=digits, as_written="x") for digits in (1, 2, 3)]
    assert [high - low for low, high in map(span, months)] == [333.0, 27.0, 0.0]


@given(value=st.floats(1e-3, 1e12), digits=st.integers(1, 6))
def test_a_figure_lies_within_its_own_span_and_rounds_back(value: float, digits: int) -> None:
    written = float(f"{value:.{digits - 1}e}")
    low, high = span(stated(written, digits))
    assert low <= value * (1 + 1e-12)
    assert value <= high * (1 + 1e-12)
    assert gap((low, high), (value, value)) <= 1 + 1e-9


@given(st.tuples(*[st.floats(1e-6, 1e6)] * 4))
def test_a_gap_is_symmetric_and_one_where_intervals_meet(ends: tuple[float, float, float, float]) -> None:
    first, second = (min(ends[:2]), max(ends[:2])), (min(ends[2:]), max(ends[2:]))
    assert gap(first, second) == gap(second, first) >= 1.0
    assert (gap(first, second) == 1.0) == (max(first[0], second[0]) <= min(first[1], second[1]))


def test_only_bounds_speak_where_nothing_else_is_said(registry: Registry) -> None:
    claim = registry.claim("seed004-tens-of-thousands-gpus")
    assert by_source(claim) == (20_000.0, 60_000.0)
    bounds = tuple(p for p in claim.primary if p.relation == "at_least")
    assert by_source(changed(claim, primary=bounds)) == (12_048.0, math.inf)
    assert by_source(changed(claim, primary=())) is None


def test_a_date_misses_its_source_altogether_or_not_at_all(registry: Registry) -> None:
    claim = registry.claim("seed002-founded-may-2023")
    assert missed_by(claim) == 1.0
    assert claim.stated is not None
    late = changed(claim, stated=claim.stated.model_copy(update={"date": dt.date(2023, 8, 1)}))
    assert missed_by(late) == math.inf


def of(found: list[Drift], name: str) -> Drift:
    (one,) = [item for item in found if item.claim == name]
    return one


def test_each_retelling_of_the_v3_sum_moved_as_its_words_did(registry: Registry) -> None:
    found = drifts(registry)
    six, five, zheng = (of(found, name) for name in (SIX, FIVE_AND_A_HALF, ZHENG))
    assert six.moved == ("entity", "scope", "hedge")
    assert (six.shifts["scope"].code, six.shifts["amount"].code) == ("widened", "rounded")
    assert five.shifts["amount"].code == "off"  # $5.576M rounds to 5.6, not to 5.5
    assert five.shifts["amount"].values["change"] == pytest.approx(5.5 / 5.576 - 1)
    assert zheng.shifts["entity"].code == "misnamed"
    assert "DeepSeek R1-V3" in zheng.shifts["entity"].text()
    assert zheng.shifts["hedge"].text() == "dropped: at an assumed price, research left out"


def test_the_unit_moved_and_the_digits_did_not(registry: Registry) -> None:
    found = of(drifts(registry), "seed001-500m-stargate")
    assert found.shifts["unit"].values == {"power": -3}
    assert not found.shifts["amount"].moved
    assert {"unit", "hedge"} <= set(found.moved)


@given(power=st.sampled_from([-9, -6, -3, 0, 3, 6, 9]), rounding=st.floats(0.97, 1.03))
def test_a_slip_is_told_from_a_rounding(power: int, rounding: float) -> None:
    registry = _registry()
    claim = registry.claim(SIX)
    value = 5.576e6 * rounding * 10.0**power
    sum_ = Amount(value=value, relation="about", unit="USD", price_year=2024, digits=6, as_written="x")
    shifts = drift(changed(claim, amount=sum_), registry).shifts
    assert shifts["unit"].moved == (power != 0)
    assert shifts["unit"].values.get("power", 0) == power
    assert shifts["amount"].moved == (abs(rounding * 5.576 - 5.576) > 5.1e-6)


def _registry() -> Registry:
    from model.registry import load_registry

    return load_registry()


def test_a_retelling_word_for_word_does_not_move(registry: Registry) -> None:
    same = changed(registry.claim(V3), id="echo", restates=V3)
    found = drift(same, registry)
    assert found.moved == ()
    assert set(found.shifts) == set(AXES)


def test_a_range_retold_moves_only_if_it_misses(registry: Registry) -> None:
    def retold(low: float, high: float) -> bool:
        sum_ = Amount(low=low, high=high, relation="range", unit="USD", price_year=2024, digits=2, as_written="x")
        return drift(changed(registry.claim(SIX), amount=sum_), registry).shifts["amount"].moved

    assert [retold(5e6, 6e6), retold(6e6, 7e6)] == [False, True]


def test_the_graph_joins_every_retelling_to_its_origin(registry: Registry) -> None:
    found = graph(registry)
    nodes = {node["id"] for node in found["nodes"]}
    restating = {name for name in registry.names("claims") if registry.claim(name).restates}
    edges = {edge["from"]: edge["to"] for edge in found["edges"]}
    assert {name: edges[name] for name in restating} == {name: registry.claim(name).restates for name in restating}
    assert nodes == {*edges, *edges.values()}
    assert len(found["nodes"]) == len(nodes)


def test_claims_that_cannot_both_stand_are_found_with_their_reason(registry: Registry) -> None:
    found = {(frozenset((c.first, c.second)), c.rule) for c in contradictions(registry)}
    expected = {
        (frozenset((SIX, ZHENG)), "one_sum_two_models"),
        (frozenset((FIVE_AND_A_HALF, ZHENG)), "one_sum_two_models"),
        (frozenset((SIX, V3)), "declared"),
        (frozenset((SIX, "seed002-zheng-objection")), "left_out"),
        (frozenset(("seed001-500m-stargate", "stargate-500b")), "amounts"),
        (frozenset(("seed002-hedge-fund", "seed004-venture-fund")), "quantities"),
        (frozenset(("seed001-barely-a-year", "seed002-founded-may-2023")), "quantities"),
    }
    assert expected <= found
    assert not any("seed004-synthetic-data" in pair or "seed000-full-costs" in pair for pair, _ in found)


def test_a_contradiction_goes_when_its_cause_is_mended(registry: Registry) -> None:
    def left(*claims: Claim) -> set[tuple[frozenset[str], str]]:
        return {(frozenset((c.first, c.second)), c.rule) for c in contradictions(Edited(registry, *claims))}

    fund = registry.claim("seed004-venture-fund")
    assert fund.stated is not None
    mended = changed(fund, stated=fund.stated.model_copy(update={"name": "hedge fund"}))
    assert (frozenset((fund.id, "seed002-hedge-fund")), "quantities") not in left(mended)
    slip = registry.claim("seed001-500m-stargate")
    assert slip.amount is not None
    assert (frozenset((slip.id, "stargate-500b")), "amounts") not in left(
        changed(slip, amount=slip.amount.model_copy(update={"value": 5e11}))
    )
    assert (frozenset((SIX, V3)), "one_sum_two_models") not in left(changed(registry.claim(SIX), subject="deepseek-v3"))
    doubted = changed(registry.claim(SIX), hedged=True)
    assert not any(SIX in pair for pair, _ in left(doubted))


def test_a_part_that_costs_more_than_its_whole_is_told(registry: Registry) -> None:
    wide = registry.claim("seed004-5m-overnight")
    sums = {"value": 2e6, "relation": "about"}
    assert wide.amount is not None
    cheap = changed(wide, subject="deepseek-v3", amount=wide.amount.model_copy(update=sums))
    found = [c for c in contradictions(Edited(registry, cheap)) if c.rule == "part_above_whole" and wide.id in (c.first, c.second)]
    assert {c.first if c.second == wide.id else c.second for c in found} == {V3, ZHENG, "deepseek-v3"}
    assert "would cost more than" in found[0].text()


def test_figures_of_the_same_thing_that_overlap_do_not_contradict(registry: Registry) -> None:
    claim = registry.claim("seed004-tens-of-thousands-gpus")
    assert claim.stated is not None
    more, fewer = (
        changed(claim, id=f"other-{n}", stated=claim.stated.model_copy(update={"value": n, "relation": "about", "digits": 2}))
        for n in (50e3, 2048.0)
    )
    found = {(c.first, c.second) for c in contradictions(Edited(registry, more, fewer)) if c.rule == "quantities"}
    assert (claim.id, fewer.id) in found
    assert (claim.id, more.id) not in found


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


def test_every_quotation_that_is_not_found_is_a_problem(registry: Registry, tmp_path: Path) -> None:
    result = CliRunner().invoke(costclaim, ["claims", "check", "--articles", str(tmp_path)])
    assert isinstance(result.exception, CheckFailed)
    assert len(result.exception.problems) == len(list(quoted(registry)))
    assert "no article" in result.output


def test_articles_go_with_check_alone() -> None:
    result = CliRunner().invoke(costclaim, ["claims", "list", "--articles", "x"])
    assert result.exit_code == 2
    assert "claims check" in result.output


def test_a_shown_statement_prints_what_its_sources_say() -> None:
    result = CliRunner().invoke(costclaim, ["claims", "show", "seed001-barely-a-year", "--lang", "fr"])
    assert result.exit_code == 0, result.output
    assert "Ce que disent ses sources" in result.output
    assert "17 juillet 2023" in result.output


def test_a_primary_source_says_one_kind_of_thing() -> None:
    whole = {"source": "x", "locator": "x", "figure": "x", "grade": "A", "read": "read"}
    assert Primary.model_validate(whole | {"value": 1.0, "unit": "day"}).is_number
    with pytest.raises(ValueError, match="write one of"):
        Primary.model_validate(whole | {"value": 1.0, "unit": "day", "name": "hedge fund"})
