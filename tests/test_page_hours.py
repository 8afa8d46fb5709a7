"""The page of GPU-hours: its rows agree with the checks, conventions never mix, and it draws for every claim."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from model import audit, wording
from model.auditor.audit import Verdict
from model.cards import evidenced_card
from model.errors import InputError
from model.registry import Registry
from model.views.hours import (
    Physics,
    convention_rows,
    density_rows,
    evidence_of,
    hours_rows,
    missing,
    parameter_rows,
    physics,
    shape_rows,
    stages,
)
from model.wording import ENGLISH
from tests.app_pages import shown as shown_page

shown = partial(shown_page, "hours")
CLAIM = "deepseek-v3-5.576m"


@pytest.fixture(scope="module")
def verdict(registry: Registry) -> Verdict:
    return audit(CLAIM, registry=registry)


@pytest.fixture(scope="module")
def run(verdict: Verdict) -> Physics:
    found = physics(evidence_of(verdict))
    assert found is not None
    return found


def test_stages_add_up_to_the_stated_total_and_its_days(verdict: Verdict) -> None:
    *parts, total = stages(evidence_of(verdict))
    assert sum(stage.gpu_hours for stage in parts) == total.gpu_hours == 2_788_000.0
    assert total.days == pytest.approx(total.gpu_hours / 2048 / 24)


def test_hours_from_physics_are_those_of_the_check(verdict: Verdict, run: Physics) -> None:
    checks = {check.id: check.computed for check in verdict.checks}
    assert run.hours("causal", "causal") == checks["physics_hours"]
    assert run.implied_mfu("causal") == checks["implied_mfu"]


def test_a_count_is_refused_with_the_utilisation_of_another_convention(run: Physics) -> None:
    with pytest.raises(InputError, match="convention"):
        run.hours("6N", "causal")


def test_both_published_conventions_give_the_same_hours_but_not_the_same_utilisation(run: Physics) -> None:
    assert run.hours("causal", "causal") == pytest.approx(run.hours("non_causal", "non_causal"), rel=1e-3)
    assert run.implied_mfu("6N") < run.implied_mfu("causal") < run.implied_mfu("non_causal")
    assert [row[1][2] for row in convention_rows(run, ENGLISH)][-1] == "–"  # nobody published one by 6N


def test_hours_of_the_class_are_those_at_its_quantiles(verdict: Verdict, run: Physics) -> None:
    reference = verdict.run.setting.distributions["mfu.reference_class"]
    among = hours_rows(run, reference, ENGLISH)[-1]
    assert among["low"] < run.gpu_hours / 1e6 < among["high"]
    high_mfu = float(reference.ppf(np.array([0.95]))[0])
    assert among["low"] * 1e6 * high_mfu == pytest.approx(run.gpu_hours * run.implied_mfu("causal"))


def test_a_density_holds_nearly_all_probability(verdict: Verdict) -> None:
    rows = density_rows(verdict.run.setting.distributions["mfu.reference_class"], 0.4, "here")
    area = np.trapezoid([row["density"] for row in rows], [row["x"] for row in rows])
    assert area == pytest.approx(0.996, abs=0.003)
    assert {row["marker"] for row in rows} == {0.4}


def test_a_claim_without_a_shape_says_what_it_lacks(registry: Registry) -> None:
    e = evidence_of(audit("deepseek-r1-294k", registry=registry))
    assert physics(e) is None
    assert len(missing(e)) == 3
    assert shape_rows(e) == parameter_rows(e, ENGLISH) == []


def test_active_parameters_stand_against_all_and_against_the_count(verdict: Verdict) -> None:
    figures = [figure for _, figure, _ in parameter_rows(evidence_of(verdict), ENGLISH)]
    assert figures == ["37B", "671B", "5.51\u00a0%", "36.62B"]


def test_published_sizes_have_a_card_with_their_sources(registry: Registry) -> None:
    card = evidenced_card(registry, "architecture", "deepseek-v3", ENGLISH)
    assert dict(card.lines)["Attention"].startswith("heads 128")
    assert card.evidence
    assert card.place.startswith("assumptions/architectures.toml:")


@pytest.mark.usefixtures("untranslated")
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("scenario", ["zheng", "as_reported", "lambert"])
def test_the_page_draws(scenario: str, language: str) -> None:
    app = shown(scenario, language)
    assert not app.exception
    hours = wording.language(language).count(audit(CLAIM, scenario=scenario).facts["gpu_hours.pretraining"])
    assert any(hours in element.value for element in app.markdown)


def test_mixed_conventions_show_why_they_are_refused() -> None:
    app = shown()
    app.button_group(key="flop_by").set_value("6N").run()
    assert not app.exception
    assert "higher MFU" in app.warning[0].value


def test_a_claim_without_architecture_is_told_so() -> None:
    app = shown(claim="deepseek-r1-294k")
    assert not app.exception
    assert "It lacks" in app.info[0].value
