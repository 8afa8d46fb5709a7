"""The page of evidence: prior against posterior, what a visitor writes or loads, fleets; scores of routes on the overhead page."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from model.auditor.audit import audit
from model.errors import CheckFailed
from model.posterior import update
from model.posterior_evidence import EXAMPLE, place
from model.registry import Registry
from model.views.scenarios import range_text
from model.views.update import ERRORS, figures_of, interval_rows, observation_card, update_document, written_observation
from model.wording import ENGLISH, LANGUAGES
from tests.app_pages import CLAIM, sent
from tests.app_pages import shown as shown_page

pytestmark = pytest.mark.usefixtures("untranslated")
shown = partial(shown_page, "update")
WORDS = {"label": "Mine", "quantity": "research_ratio", "unit": "ratio", "source": "notes"}
NUMBERS = {"interval": [2, 3, 0.1], "at_least": [2, 0.1], "at_most": [3, 0.1], "normal": [2, 1], "log_normal": [2, 4], "count": [3, 4]}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scenario", ["zheng", "as_reported"])
def test_the_page_shows_the_figures_of_the_command(scenario: str, language: str, registry: Registry) -> None:
    app = shown(scenario, language)
    assert not app.exception
    text = sent(app)
    document = update_document(update(scenario, [EXAMPLE], registry=registry))
    for scope in document["scopes"]:
        for q in (scope["prior"], scope["posterior"]):
            assert range_text(q, LANGUAGES[language]) in text
    for route in document["routes"]:
        assert LANGUAGES[language].percent(route["posterior"], 3) in text
    assert LANGUAGES[language].number(round(document["effective_sample_size"]), 9) in text


def test_evidence_taken_back_leaves_the_prior() -> None:
    app = shown()
    app.multiselect(key="picked_evidence").set_value([]).run()
    assert not app.exception
    assert "what stands below is the prior" in sent(app)


def test_evidence_that_a_route_rests_on_says_so_and_opens_its_card(registry: Registry) -> None:
    app = shown()
    app.multiselect(key="picked_evidence").set_value(["v3-ablations", "fire-flyer-capex"]).run()
    text = sent(app)
    assert "its source already stands in ablations.disclosed" in text
    assert "it is about another option (fleet.claim=fire_flyer)" in text
    assert "observation:v3-ablations" in text
    card = observation_card(audit(CLAIM, registry=registry), "fire-flyer-capex", ENGLISH)
    assert ("Holds for", "fleet.claim=fire_flyer") in card.lines
    assert card.place == "assumptions/evidence/fire-flyer-capex.toml:1"


def test_a_visitor_writes_an_observation() -> None:
    app = shown()
    app.text_input(key="own_quantity").set_value("research_ratio")
    app.text_input(key="own_unit").set_value("ratio").run()
    app.button(key="own_use").click().run()
    assert [error.value for error in app.error] == ["A figure is missing."]
    for name, value in zip(figures_of("interval"), NUMBERS["interval"], strict=True):
        app.number_input(key=f"own_interval_{name}").set_value(value)
    app.button(key="own_use").click().run()
    assert not app.exception
    assert "between 2 and 3, give or take 0.1" in sent(app)


def test_a_quantity_that_does_not_exist_is_told_with_the_nearest() -> None:
    app = shown()
    app.selectbox(key="own_family").set_value("at_least").run()
    app.text_input(key="own_quantity").set_value("research_rato")
    for name, value in zip(figures_of("at_least"), NUMBERS["at_least"], strict=True):
        app.number_input(key=f"own_at_least_{name}").set_value(value)
    app.button(key="own_use").click().run()
    assert 'Did you mean "research\\_ratio"?' in app.error[0].value


def test_an_observation_is_loaded_from_a_file_once_and_contradiction_is_told() -> None:
    text = Path("assumptions/evidence/lambert-experiments.toml").read_text(encoding="utf-8")
    app = shown()
    app.file_uploader(key="evidence_file").upload("own.toml", text.replace('id = "', 'id = "my-').encode(), "application/toml").run()
    assert not app.exception
    assert len(app.session_state.own_evidence) == 1
    impossible = text.replace('id = "', 'id = "no-').replace("p05 = 3.0, p95 = 5.0", "p05 = 3e6, p95 = 5e6")
    app.file_uploader(key="evidence_file").upload("no.toml", impossible.encode(), "application/toml").run()
    assert "effective points" in app.error[0].value
    assert "Whose fleet?" in sent(app)
    assert "Cost by scope before and after" in sent(app)  # of the evidence before, which stays


@pytest.mark.parametrize("family", ERRORS)
def test_every_error_model_of_the_form_is_an_observation(family: str, zheng) -> None:
    found = written_observation(1, WORDS, family, NUMBERS[family])
    assert place(found, zheng.system).reason == ""
    assert found.observed.family == family
    with pytest.raises(CheckFailed):
        written_observation(1, WORDS | {"label": ""}, family, NUMBERS[family])


def test_the_chart_holds_flows_before_and_after_and_no_stock(registry: Registry, zheng) -> None:
    rows = interval_rows(update_document(update("zheng", [EXAMPLE], registry=registry)), zheng, ENGLISH)
    flows = [scope.label for scope in registry.scopes.values() if scope.flow]
    assert [row["label"] for row in rows] == [f"{sign} {label}" for label in flows for sign in "①②"]


def test_a_fleet_is_chosen_on_the_page() -> None:
    app = shown()
    app.selectbox(key="fleet_claim").set_value("semianalysis").run()
    assert not app.exception
    assert app.session_state.choices.changes == (("fleet.claim", "semianalysis"),)
    assert "About 50,000 Hopper of all kinds, and the A100 ✓" in sent(app)


def test_a_stage_has_no_fleet_and_no_routes() -> None:
    app = shown(claim="deepseek-r1-294k")
    assert not app.exception
    assert "absent: no fleet is known" in sent(app)


def test_the_overhead_page_scores_the_routes_when_asked() -> None:
    app = shown_page("overhead")
    assert "Weight that the scores suggest" not in sent(app)
    app.toggle(key="score_routes").set_value(True).run()
    assert not app.exception
    assert "Weight that the scores suggest" in sent(app)
