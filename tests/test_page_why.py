"""The page Why the gap: the figures of the engine and of the command line, in both languages."""

from __future__ import annotations

from functools import partial

import pytest

from model.auditor.audit import audit
from model.engine import Run
from model.explain.gap import gap_of
from model.explain.information import voi_of
from model.explain.scope_cost import groups_of
from model.explain.sensitivity import sensitivity_of
from model.registry import Registry
from model.views.why import driver_rows, gap_document, group_card, sensitivity_document, voi_document, waterfall_rows
from model.wording import ENGLISH, LANGUAGES
from tests.app_pages import sent
from tests.app_pages import shown as shown_page

pytestmark = pytest.mark.usefixtures("untranslated")
shown = partial(shown_page, "why")
CLAIM, STAGE, AMOUNT = "deepseek-v3-5.576m", "deepseek-r1-294k", 5.576e6


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("scenario", "claim"), [("zheng", CLAIM), ("as_reported", "seed001-6m-r1")])
def test_the_page_shows_the_engines_figures(scenario: str, claim: str, language: str, registry: Registry) -> None:
    app = shown(scenario, language, claim)
    assert not app.exception
    page, money, verdict = sent(app), partial(LANGUAGES[language].money, digits=3), audit(claim, scenario=scenario, registry=registry)
    for part in gap_of(verdict, "project").parts:
        assert LANGUAGES[language].shift(part.usd) in page
        assert money(part.p95) in page
    for bar in sensitivity_of(verdict.run, "project", method="tornado").bars:
        assert money(bar.low_usd) in page
    usd = verdict.claim.dollars.value
    found = voi_document(voi_of(verdict.run, "project", usd=usd), LANGUAGES[language])
    assert found["sentence"].replace("$", "\\$") in page.replace("\\\\$", "\\$") or money(found["items"][0]["width_removed_usd"]) in page


def test_method_output_and_inputs_can_be_chosen(zheng: Run) -> None:
    app = shown()
    app.selectbox(key="why_method").set_value("shapley").run()
    app.selectbox(key="why_by").set_value("group").run()
    assert not app.exception
    effect = sensitivity_of(zheng, "project", method="shapley", by="group").indices[0].effect
    assert effect
    assert ENGLISH.number(effect.value, 2) in sent(app)
    app.selectbox(key="why_method").set_value("sobol").run()
    app.selectbox(key="why_of").set_value("verdict").run()
    assert not app.exception
    app.selectbox(key="why_scope").set_value("programme_with_staff").run()
    assert "nearly always the same" in sent(app)


def test_a_stage_has_the_gap_of_its_only_scope() -> None:
    app = shown(claim=STAGE)
    assert not app.exception
    assert app.selectbox(key="why_scope").options == ["Final run"]


def test_a_claim_without_a_cost_of_its_own_says_so() -> None:
    app = shown(claim="stargate-500b")
    assert not app.exception
    assert "nothing to explain" in sent(app)


def test_a_claim_without_a_sum_has_no_gap_and_keeps_the_rest(registry: Registry) -> None:
    app = shown(claim="seed000-full-costs")
    assert not app.exception
    assert "There is no such gap" in sent(app)
    found = audit("seed000-full-costs", registry=registry).run
    assert ENGLISH.money(sensitivity_of(found, "project", method="tornado").bars[0].low_usd, 3) in sent(app)


def test_nothing_uncertain_is_said() -> None:
    app = shown("as_reported", claim=STAGE)
    assert "Nothing is uncertain here." in sent(app)
    assert "Nothing that could be published" in sent(app)


def test_the_waterfall_leads_from_the_amount_to_the_estimate(registry: Registry) -> None:
    document = gap_document(gap_of(audit(CLAIM, registry=registry), "programme_with_staff"))
    first, *steps, last = waterfall_rows(document, ENGLISH)
    assert (first["start"], first["end"], last["start"]) == (0.0, document["amount_usd"], 0.0)
    assert [row["start"] for row in steps] == [first["end"], *(row["end"] for row in steps[:-1])]
    assert steps[-1]["end"] == pytest.approx(last["end"]) == document["estimate_usd"]
    assert {row["group"] for row in steps} == {"adds", "takes off"}


def test_bars_stand_around_the_median_and_indices_in_their_intervals(zheng: Run) -> None:
    median = float(zheng.scope("project").quantile(0.5))
    for method in ("tornado", "sobol"):
        rows = driver_rows(sensitivity_document(sensitivity_of(zheng, "project", method=method)), median, ENGLISH)
        assert len(rows) == 12
        assert [row["label"] for row in rows if not row["low"] <= row["mid"] <= row["high"]] == []


def test_the_card_of_a_group_says_what_to_ask_and_what_it_holds(registry: Registry) -> None:
    verdict = audit(CLAIM, registry=registry)
    for name in groups_of(registry):
        assert group_card(verdict, name, ENGLISH).place.startswith("assumptions/groups.toml:")
    card = group_card(verdict, "rework", ENGLISH)
    assert card.rests_on == ("goodput",)
    assert "What to ask for" in dict(card.lines)
    assert group_card(verdict, "price", ENGLISH).rests_on == ("price.rental",)


def test_a_figure_opens_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    from model.dashboard import drawing

    monkeypatch.setattr(drawing, "number_table", lambda *_, **more: "group:research" if more["key"] == "voi" else None)
    app = shown()
    assert not app.exception
    assert "assumptions/groups.toml" in sent(app)
