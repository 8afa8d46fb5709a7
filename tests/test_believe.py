"""The nearest way to a claim: closed forms, optimality, probability, infeasibility; and what the stated sources support."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from model import believe, steelman
from model.engine import run_setting
from model.errors import RefusedError
from model.explain.believe import Surface, believe_question
from model.explain.question import Question, ask
from model.explain.steelman import stated_figures, steelman_question
from model.registry import Registry
from model.schema.assumption import Pair
from model.system import System

V3 = "deepseek-v3-5.576m"
HOURS = 2.788e6
# two log-normals, nothing else uncertain: cost = HOURS x R x price
TWO = ("price.rental=1.5..2.5", "overhead.stated=2..4", "goodput=0.999")
SPREAD = math.log(2.5 / 1.5) / (2 * special.ndtri(0.95)), math.log(4 / 2) / (2 * special.ndtri(0.95))
CENTRE = math.log(HOURS * math.sqrt(1.5 * 2.5) * math.sqrt(2 * 4))


@pytest.fixture(scope="module")
def project(registry: Registry) -> Question:
    return ask(V3, "project", registry=registry)


@pytest.mark.parametrize("amount", [7.5e6, 1.1e7, 3e7])
def test_two_log_normals_have_a_closed_form(registry: Registry, amount: float) -> None:
    # the nearest point of a plane: z_i = s_i/s x (ln A - m)/s, its distance |ln A - m|/s, the tail Phi(-distance)
    found = believe(V3, scope="project", amount=amount, scenario="epoch", registry=registry, changes=["price.basis=rental", *TWO])
    sd = math.hypot(*SPREAD)
    away = (math.log(amount) - CENTRE) / sd
    scores = {c.id: c.score for c in found.nearest.point}
    assert found.nearest.distance == pytest.approx(abs(away), abs=1e-5)
    assert scores["price.rental"] == pytest.approx(SPREAD[0] / sd * away, abs=1e-4)
    assert scores["overhead.stated"] == pytest.approx(SPREAD[1] / sd * away, abs=1e-4)
    assert found.joint_probability == pytest.approx(special.ndtr(-abs(away)), rel=0.02)
    assert found.nearest.cost_usd == pytest.approx(amount, rel=1e-9)


def test_correlated_quantities_move_together(registry: Registry) -> None:
    # s^2 = s1^2 + s2^2 + 2 rho s1 s2 with rho = 2 sin(pi rank / 6)
    plain = ask(V3, "project", amount=6e6, scenario="epoch", registry=registry, changes=["price.basis=rental", *TWO])
    pair = Pair(first="price.rental", second="overhead.stated", rank=0.5)
    setting = replace(plain.system.setting, correlations=(pair,))
    question = Question(plain.claim, System(setting, registry, plain.system.subject), "project", 6e6)
    rho = 2 * math.sin(math.pi * 0.5 / 6)
    sd = math.sqrt(SPREAD[0] ** 2 + SPREAD[1] ** 2 + 2 * rho * SPREAD[0] * SPREAD[1])
    found = believe_question(question)
    assert found.nearest.distance == pytest.approx((CENTRE - math.log(6e6)) / sd, abs=1e-5)
    expected = run_setting(setting, registry, "deepseek-v3", ["project"]).scope("project").probability_at_most(6e6)
    assert found.joint_probability == expected


def test_one_quantity_alone_needs_what_the_probability_says(registry: Registry) -> None:
    found = believe(V3, scope="final_run", registry=registry)
    (price,) = found.nearest.point
    assert found.side == "at_least"  # the claim lies above the median of the final run
    assert price.value == pytest.approx(2.0, rel=1e-6)
    assert found.joint_probability == pytest.approx(1.0 - 0.5836, abs=5e-5)
    assert special.ndtr(-found.nearest.distance) == pytest.approx(found.joint_probability, abs=1e-5)


def test_the_point_meets_the_amount_and_nothing_nearby_is_nearer(project: Question) -> None:
    rng = np.random.default_rng(1)
    for task, route in zip(project.system.tasks(["project"]), believe_question(project).routes, strict=True):
        surface = Surface(project, task)
        point = surface.nearest_point(project.amount, -1.0)
        assert point is not None
        assert route.cost_usd == pytest.approx(project.amount, rel=1e-8)
        assert route.distance == pytest.approx(float(np.linalg.norm(point)))
        tried = point + 0.2 * rng.standard_normal((4000, len(point)))
        nearer = np.linalg.norm(tried, axis=1) < route.distance - 1e-3
        assert nearer.any()
        assert np.all(surface.log_cost(tried[nearer]) > math.log(project.amount))


def test_the_slope_is_that_of_the_cost(project: Question) -> None:
    surface = Surface(project, project.system.tasks(["project"])[0])
    point, step = np.full(len(surface.names), 0.3), 1e-3
    for i, slope in enumerate(surface.slope(point)):
        ends = surface.log_cost(np.stack([point + step * np.eye(len(point))[i], point - step * np.eye(len(point))[i]]))
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-5)


def test_the_nearest_route_is_the_one_with_the_least_distance(project: Question) -> None:
    found = believe_question(project)
    assert found.nearest.route == min(found.routes, key=lambda r: r.distance).route == "reference_class"
    assert found.joint_probability == pytest.approx(sum(r.weight * r.probability for r in found.routes))
    assert found.joint_probability == project.plain.probability_at_most(project.amount)


def test_the_value_of_each_quantity_lies_where_its_percentile_says(project: Question) -> None:
    for c in believe_question(project).nearest.point:
        assert float(project.quantities[c.id].cdf(np.array([c.value]))[0]) == pytest.approx(c.percentile, abs=1e-5)


def test_an_amount_beyond_all_reach_is_said_with_the_nearest_one(registry: Registry) -> None:
    found = believe(V3, scope="project", scenario="disclosed_floor", registry=registry)
    assert not found.feasible
    assert found.nearest.distance is None
    assert found.joint_probability == 0.0
    # $2 x the run x (1 + the printed ablations), a log-normal with P5 0.24 and P95 0.33, six standard deviations down
    least = math.sqrt(0.24 * 0.33) * (0.24 / 0.33) ** (6 / (2 * special.ndtri(0.95)))
    assert found.nearest.cost_usd == pytest.approx(2 * HOURS * (1 + least), rel=1e-4)
    assert found.nearest.cost_usd > found.amount_usd


def test_a_cost_that_is_certain_holds_or_does_not(registry: Registry) -> None:
    found = believe(V3, scope="final_run", scenario="as_reported", registry=registry)
    assert (found.feasible, found.nearest.distance, found.nearest.point, found.joint_probability) == (True, 0.0, (), 1.0)
    other = believe(V3, scope="final_run", scenario="as_reported", amount=6e6, registry=registry)
    assert (other.feasible, other.nearest.cost_usd, other.joint_probability) == (False, pytest.approx(5.576e6), 0.0)


def test_an_amount_at_most_holds_where_the_medians_cost_less(registry: Registry) -> None:
    claim = registry.claim(V3)
    stated = claim.model_copy(update={"amount": claim.amount.model_copy(update={"relation": "at_most", "value": 3e7})})
    found = believe_question(ask(stated, "project", registry=registry))
    assert (found.side, found.nearest.distance) == ("at_most", 0.0)
    assert found.joint_probability > 0.9


def test_only_the_quantities_of_a_route_are_moved(project: Question) -> None:
    routes = {r.route: {c.id for c in r.point} for r in believe_question(project).routes}
    assert routes["reference_class"] == {"overhead.reference_class", "price.rental", "goodput"}
    assert "derisk" in routes["bottom_up"]
    assert "window.share" not in routes["bottom_up"]


def test_a_purchase_is_not_set_against_a_cost(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="never set against each other"):
        believe(V3, scope="fleet_capex", registry=registry)
    assert believe(V3, scope="fleet_capex", amount=8e7, registry=registry).feasible


def test_the_cases_of_the_final_run_are_the_lowest_and_highest_rent_that_was_read(registry: Registry) -> None:
    # $1.42 (PR-R052) and $2.99 (PR-R038) are the ends of what sources that were read say of the rent
    low, high = steelman(V3, scope="final_run", registry=registry)
    assert (low.cost_usd, high.cost_usd) == (pytest.approx(1.42 * HOURS), pytest.approx(2.99 * HOURS))
    assert (low.sources, high.sources) == (("china-business-journal-rents",), ("h100-price-notes",))
    assert low.weak == high.weak == ()


def test_a_case_is_what_its_premises_cost(registry: Registry) -> None:
    low, high = steelman(V3, scope="project", registry=registry)
    value = {p.id: p.value for p in low.premises}
    ratio = 1 / value["goodput"] + value["ablations.disclosed"] * value["ablations.undisclosed"]
    ratio += sum(value[name] for name in ("data_work", "derisk", "post_training_dev", "evaluation"))
    assert low.route == "bottom_up"
    assert low.cost_usd == pytest.approx(HOURS * ratio * value["price.rental"], rel=1e-6)
    ends = {p.id: p.value for p in high.premises}
    assert high.cost_usd == pytest.approx(HOURS * ends["overhead.reference_class"] * ends["price.rental"], rel=1e-6)
    assert low.cost_usd < high.cost_usd


def test_premises_name_their_source_or_stay_at_the_median(registry: Registry) -> None:
    low, _ = steelman(V3, scope="project", scenario="owner", registry=registry)
    occupancy = next(p for p in low.premises if p.id == "ownership.occupancy")
    assert occupancy.evidence is None  # its one source bounds it from below, and a higher one is cheaper
    assert "ownership.occupancy" in low.weak
    assert all(p.evidence is None or (p.evidence.read != "not read" and p.evidence.stance != "context") for p in low.premises)


def test_cases_without_weight_say_nothing(registry: Registry) -> None:
    question = ask(V3, "project", registry=registry)
    ratios = {f.value for f in stated_figures(question, "overhead.reference_class")}
    fitted = [c for c in registry.cases.values() if c.case_class == "project" and c.weight > 0.0]
    assert max(ratios) == max(c.high or c.ratio for c in fitted)
    top = max(fitted, key=lambda c: c.high or c.ratio)
    without = ask(V3, "project", registry=registry, changes=[f"case.{top.id}=0"])
    assert max(f.value for f in stated_figures(without, "overhead.reference_class")) < max(ratios)


def test_the_cases_of_another_model_rest_on_sources_about_it(registry: Registry) -> None:
    """Hours of an H100 in spring 2024 are priced by rents of H100 that were read, within half a year; goodput is that of the era."""
    low, high = steelman("dbrx", scope="run_as_executed", registry=registry)
    subject, window = registry.subject("dbrx"), registry.rules["market_window"]
    near = [o for o in registry.price_observations.values() if o.chip == subject.chip and abs((o.date - subject.released).days) <= window]
    rents = [o.usd_per_gpu_hour for o in near if o.evidence[0].read != "not read" and o.evidence[0].stance != "context"]
    assert len(rents) > 1
    median = float(ask("dbrx", "run_as_executed", registry=registry).quantities["price.rental"].ppf(np.array([0.5]))[0])
    for case, rent in ((low, min(*rents, median)), (high, max(*rents, median))):
        values = {p.id: p.value for p in case.premises}
        assert values["price.rental"] == pytest.approx(rent)
        assert case.cost_usd == pytest.approx(rent * values["stated_hours"])
    of_v3, of_bloom = (
        {figure.value for figure in stated_figures(ask(claim, "project", registry=registry), "goodput")} for claim in (V3, "bloom")
    )
    assert of_v3
    assert of_v3 == {v for e in registry.parameters["goodput"].evidence if e.stance != "context" for v in (e.low, e.high) if v}
    assert of_bloom == {v for e in registry.parameters["goodput.early"].evidence if e.stance != "context" for v in (e.low, e.high) if v}


def test_every_stated_figure_lies_where_its_quantity_may(registry: Registry) -> None:
    from model.overrides import domain_of

    for p in registry.parameters.values():
        stated = [v for e in p.evidence for v in (e.low, e.high) if v is not None]
        assert all(domain_of(p).low <= v <= domain_of(p).high for v in stated), p.id
        assert all(e.low <= e.high for e in p.evidence if e.low is not None and e.high is not None), p.id


def test_what_a_subject_brings_itself_is_moved_with_the_rest(registry: Registry) -> None:
    question = ask("dbrx", "run_as_executed", registry=registry)
    brought = question.leaves.keys() - question.quantities.keys()
    assert brought
    found = believe_question(question)
    assert {c.id for c in found.nearest.point} <= set(question.leaves)
    assert found.nearest.cost_usd == pytest.approx(question.amount, rel=1e-8) or found.nearest.distance == 0.0
    assert all(c.label for c in found.nearest.point)


def test_every_claim_about_a_cost_has_an_answer_or_a_reason(registry: Registry) -> None:
    answered, refused = {}, set()
    for name in registry.names("claims"):
        try:
            question = ask(name, "final_run", registry=registry)
            answered[name] = believe_question(question).joint_probability, steelman_question(question)
        except RefusedError as error:
            refused.add(str(error).partition(": ")[2].partition(" (")[0].partition(".")[0])
    assert refused <= {"has no answer here", "has no amount in USD"} | {r for r in refused if "never set against each other" in r}
    assert len(answered) >= 5
    assert all(0.0 <= chance <= 1.0 and low.cost_usd <= high.cost_usd for chance, (low, high) in answered.values())
