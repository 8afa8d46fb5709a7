"""Routes scored on projects whose R is known: each left out, nothing applied."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import special, stats

from model.cli.main import main
from model.reference_class import fit
from model.registry import Registry
from model.route_scores import RouteScore, crps, route_scores, summaries


@pytest.fixture(scope="module")
def scores(registry: Registry) -> tuple[RouteScore, ...]:
    return route_scores(registry)


def of(scores: tuple[RouteScore, ...], route: str, case: str) -> RouteScore:
    (found,) = [score for score in scores if (score.route, score.case.id) == (route, case)]
    return found


def test_crps_is_that_of_the_normal_in_closed_form() -> None:
    """Gneiting and Raftery (2007), Sec. 4.2: sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1/sqrt(pi))."""
    quantiles = 2.0 + 0.5 * special.ndtri((np.arange(4000) + 0.5) / 4000)
    for outcome in (1.0, 2.0, 3.5):
        z = (outcome - 2.0) / 0.5
        closed = 0.5 * (z * (2 * special.ndtr(z) - 1) + 2 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi) - 1 / math.sqrt(math.pi))
        assert crps(quantiles, outcome) == pytest.approx(closed, rel=2e-3)


@pytest.mark.parametrize("name", ["opt-175b", "llama-1", "olmo-1-2", "smollm3-3b", "bloom-compute"])
def test_the_reference_class_is_scored_by_the_log_t_of_the_other_cases(
    name: str, registry: Registry, scores: tuple[RouteScore, ...]
) -> None:
    """Density of ln R: that of ln(R - 1) times R / (R - 1)."""
    others = [c for c in registry.cases.values() if c.case_class == "project" and c.id != name]
    law = fit([c.ratio for c in others], [c.weight for c in others]).predictive()
    ratio = registry.cases[name].ratio
    density = stats.t.pdf(math.log(ratio - 1), law.freedom, law.location, law.scale) * ratio / (ratio - 1)
    known_goodput = any(change.startswith("goodput") for change in registry.cases[name].inputs)
    assert of(scores, "reference_class", name).log_score == pytest.approx(math.log(density), abs=0.02 if not known_goodput else 0.1)


def test_the_cluster_window_of_llama_is_its_published_gpus_and_months(registry: Registry, scores: tuple[RouteScore, ...]) -> None:
    """Touvron et al. (2023), Sec. 6 and Table 15: 2,048 GPUs for about 5 months, 1,770,394 GPU-hours of the released models."""
    use, share = (registry.parameters[f"window.{name}"].distribution for name in ("use", "share"))
    most = 2048 * 152 * 24 / 1_770_394
    foretold = of(scores, "cluster_window", "llama-1").foretold
    assert most * use.min * share.min < foretold["p05"] < foretold["p50"] < foretold["p95"] < most * use.max * share.max
    assert foretold["p50"] == pytest.approx(most * 0.875 * 0.70, rel=0.02)


def test_a_route_is_scored_where_its_inputs_are_known_and_nowhere_else(scores: tuple[RouteScore, ...]) -> None:
    cases = {route: {s.case.id for s in scores if s.route == route} for route in {s.route for s in scores}}
    assert cases["cluster_window"] == {"llama-1"}
    assert cases["bottom_up"] == {"opt-175b", "smollm3-3b", "bloom-energy"}
    assert {"bloom-compute", "olmo-1-2", "smollm3-3b", "opt-175b", "llama-1"} <= cases["reference_class"]


def test_a_case_that_a_route_cannot_give_has_no_log_score_and_suggests_no_weight(scores: tuple[RouteScore, ...]) -> None:
    """OPT lost 40 % of its time, so the sum of components foretells more than the total that its authors state."""
    assert of(scores, "bottom_up", "opt-175b").log_score is None
    (bottom_up,) = [average for average in summaries(scores) if average.route == "bottom_up"]
    assert (bottom_up.log_score, bottom_up.weight) == (None, None)


def test_suggested_weights_compare_on_the_same_cases(scores: tuple[RouteScore, ...]) -> None:
    averages = {average.route: average for average in summaries(scores)}
    assert averages["reference_class"].weight == 1.0
    window, reference = of(scores, "cluster_window", "llama-1"), of(scores, "reference_class", "llama-1")
    assert averages["cluster_window"].weight == pytest.approx(math.exp(window.log_score - reference.log_score))
    assert averages["stated"].cases == averages["reference_class"].cases == 11  # one vote a project


def test_the_command_prints_scores_and_applies_nothing(capsys: pytest.CaptureFixture[str], registry: Registry) -> None:
    main(["route-scores", "--json", "--points", "256"])
    answer = json.loads(capsys.readouterr().out)
    assert {row["route"] for row in answer["scores"]} == {row["route"] for row in answer["routes"]}
    main(["route-scores", "--points", "256"])
    printed = capsys.readouterr().out
    assert "outside its range" in printed
    assert "Nothing is applied" in printed
    assert registry.weights["route.cluster_window"].default == 1.0
