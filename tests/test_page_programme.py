"""The page of the simulated programme: a replay by its seed, calendar, occupancy, ledger, route and the sentence put to the test."""

from __future__ import annotations

from functools import partial

import pytest

from model.auditor.audit import audit
from model.programme.plan import plan
from model.programme.replications import REPLICATIONS, Replay, Replications, replay, replicate
from model.registry import Registry
from model.views.programme import BEHIND, COMPONENTS, gantt_rows, inputs_behind, ledger_rows, occupancy_rows, programme_card
from model.wording import ENGLISH, LANGUAGES
from tests.app_pages import CLAIM, sent
from tests.app_pages import shown as shown_page

pytestmark = pytest.mark.usefixtures("untranslated")
shown = partial(shown_page, "programme")


@pytest.fixture(scope="module")
def one(registry: Registry) -> Replay:
    return replay(plan(registry=registry))


@pytest.fixture(scope="module")
def cox(registry: Registry) -> Replications:
    return replicate(plan("cox", registry=registry), REPLICATIONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_simulations_figures(language: str, one: Replay, cox: Replications) -> None:
    app = shown(language=language)
    assert not app.exception
    page, tongue = sent(app), LANGUAGES[language]
    for _, *cells in ledger_rows(one.ledger, one.inputs.final_hours, tongue):
        assert [cell for cell in cells if cell not in page] == []
    assert tongue.fill("**R {ratio:number3}**", {"ratio": one.ratio}) in app.info[0].value
    chance = cox.probability(5e6, 30)
    assert f"**{tongue.chance(chance)}**" in app.success[0].value
    assert tongue.percent(chance.error, 2) in app.success[0].value


def test_another_seed_is_another_programme(registry: Registry) -> None:
    app = shown()
    app.number_input(key="programme_seed").set_value(7).run()
    found = replay(plan(registry=registry), seed=7)
    assert ENGLISH.number(found.ratio, 3) in app.info[0].value
    assert ENGLISH.count(found.ledger["ablations"]) in sent(app)


def test_a_larger_budget_has_a_better_chance(cox: Replications) -> None:
    app = shown()
    app.number_input(key="cox_budget").set_value(12.0).run()
    chance = cox.probability(12e6, 30)
    assert ENGLISH.chance(chance) in app.success[0].value
    assert chance > 0.5
    assert "--budget 12000000 --days 30" in app.code[0].value


def test_the_route_is_switched_on_and_off() -> None:
    app = shown()
    app.toggle(key="simulated").set_value(True).run()
    assert app.session_state.choices.changes == (("route.simulated", "1"),)
    app.toggle(key="simulated").set_value(False).run()
    assert app.session_state.choices.changes == ()


def test_what_the_visitor_changed_moves_the_programme(registry: Registry) -> None:
    changes = (("programme.failure_rate", "0"), ("programme.spikes", "0"))
    app = shown(changes=changes)
    assert "goodput 100" in app.info[0].value


def test_a_programme_that_cannot_be_simulated_says_why() -> None:
    app = shown(changes=(("window.days", "150"),))
    assert not app.exception
    assert "Raise window.days or window.gpus" in app.error[0].value


def test_a_final_run_that_is_not_done_says_so() -> None:
    app = shown(changes=(("programme.failure_rate", "0.01"), ("window.days", "183")))
    assert "did not finish within the window of 183 days" in app.warning[0].value


def test_rows_of_the_charts_are_the_jobs(one: Replay) -> None:
    rows = gantt_rows(one, ENGLISH)
    final = [row for row in rows if row["label"] == "Final run: pre-training"]
    jobs = [job for job in one.jobs if job.label == "pretraining"]
    assert (final[0]["start"], final[-1]["end"]) == (jobs[0].start / 24.0, jobs[-1].end / 24.0)
    assert all(0.0 <= row["start"] < row["end"] <= one.inputs.days for row in rows)
    busy = occupancy_rows(one)
    assert sum(row["busy"] for row in busy) / len(busy) == pytest.approx(one.used / one.capacity)


def test_every_component_has_a_card_with_what_it_rests_on(registry: Registry) -> None:
    verdict = audit(CLAIM, registry=registry)
    for component in COMPONENTS:
        card = programme_card(verdict, component, ENGLISH)
        assert card.rests_on
        assert card.title == COMPONENTS[component]
    told = {name for component in BEHIND for name in inputs_behind(tuple(registry.parameters), component)}
    assert {name for name in registry.parameters if name.startswith("programme.")} <= told
