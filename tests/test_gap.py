"""From a claimed amount to the estimate: parts that sum to the gap, whatever their order."""

from __future__ import annotations

import json
import math
from itertools import permutations

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from model import gap
from model.auditor.audit import audit
from model.cli.main import main
from model.errors import InputError, RefusedError
from model.explain.gap import PARTS, gap_of
from model.explain.shapley import coalitions, shapley_values
from model.registry import Registry
from model.views.why import gap_document

V3, ZHENG, R1, STAGE = "deepseek-v3-5.576m", "zheng-5.6m", "seed001-6m-r1", "deepseek-r1-294k"
POINTS = 1024
FIXED = ["price.rental=3", "goodput=0.8", "route.reference_class=0", "route.cluster_window=0", "ablations=1.5", "data_work=0"]
FIXED += ["derisk=0", "post_training_dev=0", "evaluation=0", "predecessors.hours=2e6", "predecessors.share=0.5", "staff.ratio=0.25"]


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=8))
def test_shapley_values_are_means_over_all_orders(worths: list[float]) -> None:
    value = {chosen: np.asarray(worth) for chosen, worth in zip(coalitions("abc"), worths, strict=True)}
    found = shapley_values("abc", value)
    for player in "abc":
        before = [frozenset(order[: order.index(player)]) for order in permutations("abc")]
        gains = [value[earlier | {player}] - value[earlier] for earlier in before]
        assert found[player] == pytest.approx(np.mean(gains), abs=1e-12)


@pytest.mark.parametrize("claim", [V3, R1])
@pytest.mark.parametrize(
    ("scenario", "scope"),
    [
        *(("zheng", scope) for scope in ("final_run", "run_as_executed", "project", "programme", "programme_with_staff", "lab_window")),
        *((name, "programme_with_staff") for name in ("as_reported", "owner", "lambert", "dependent", "disclosed_floor", "epoch")),
    ],
)
def test_parts_sum_to_the_gap_in_dollars_and_in_ratio(claim: str, scenario: str, scope: str, registry: Registry) -> None:
    found = gap(claim, scope=scope, scenario=scenario, registry=registry, points=POINTS)
    assert found.estimate_usd == audit(claim, scenario=scenario, registry=registry, points=POINTS).scope(scope).quantile(0.5)
    assert sum(part.usd for part in found.parts) == pytest.approx(found.gap_usd, rel=1e-9, abs=1e-9 * found.amount_usd)
    assert math.prod(part.factor for part in found.parts) == pytest.approx(found.estimate_usd / found.amount_usd, rel=1e-9)


@pytest.mark.parametrize("scope", ["final_run", "run_as_executed", "project"])
@pytest.mark.parametrize("claim", ["dbrx", "llama2-70b-aiindex"])
def test_parts_of_other_models_sum_to_the_gap(claim: str, scope: str, registry: Registry) -> None:
    """Of GPUs times calendar time the final run is what is left without rework, so the run as executed has that part too."""
    found = gap(claim, scope=scope, registry=registry, points=POINTS)
    assert sum(part.usd for part in found.parts) == pytest.approx(found.gap_usd, rel=1e-9)
    assert ("rework" in [part.id for part in found.parts]) == (scope != "final_run")


def test_with_nothing_uncertain_parts_are_those_of_hand_calculation(registry: Registry) -> None:
    """Hours F x (1 + w + r) + e, price p, staff factor s: the value of a set is a product, and a mean over orders is counted out."""
    run_hours, executed, research, earlier = 2.788e6, 2.788e6 * 0.25, 2.788e6 * 1.5, 1e6

    def value(chosen: frozenset[str]) -> float:
        parts = (("rework", executed), ("research", research), ("predecessors", earlier))
        hours = run_hours + sum(own for name, own in parts if name in chosen)
        return hours * (3.0 if "price" in chosen else 2.0) * (1.25 if "staff" in chosen else 1.0)

    names = [name for name in PARTS if name != "rounding"]
    orders = list(permutations(names))
    found = gap(V3, scope="programme_with_staff", registry=registry, changes=FIXED, points=POINTS)
    for part in found.parts:
        gains = [value(frozenset(o[: o.index(part.id) + 1])) - value(frozenset(o[: o.index(part.id)])) for o in orders if part.id in o]
        expected = float(np.mean(gains)) if gains else 0.0
        assert (part.usd, part.p05, part.p95) == pytest.approx((expected, expected, expected), rel=1e-9, abs=1e-3)


def test_what_the_claim_and_the_scenario_share_is_exactly_nothing(registry: Registry) -> None:
    parts = {part.id: part for part in gap(V3, scope="programme", scenario="as_reported", registry=registry, points=POINTS).parts}
    assert (parts["price"].usd, parts["price"].factor, parts["rounding"].usd) == (0.0, 1.0, 0.0)
    assert (parts["price"].p05, parts["price"].p95) == (0.0, 0.0)


def test_rounding_is_what_the_amount_differs_from_hours_times_price(registry: Registry) -> None:
    (part,) = [p for p in gap(ZHENG, scope="final_run", scenario="as_reported", registry=registry).parts if p.id == "rounding"]
    assert part.usd == pytest.approx(2.788e6 * 2 - 5.6e6)
    assert part.factor == pytest.approx(2.788e6 * 2 / 5.6e6)


def test_the_interval_of_a_part_is_that_of_its_amount_draw_by_draw(registry: Registry) -> None:
    found = gap(V3, scope="final_run", registry=registry)
    price = next(part for part in found.parts if part.id == "price")
    rent = found.verdict.run.system.distribution("price_rental").ppf(np.array([0.05, 0.95]))
    assert (price.p05, price.p95) == pytest.approx(2.788e6 * (rent - 2.0), rel=0.01)


def test_a_scope_has_the_parts_that_it_holds(registry: Registry) -> None:
    held = {s: [p.id for p in gap(V3, scope=s, registry=registry, points=POINTS).parts] for s in ("final_run", "project", "lab_window")}
    assert held == {
        "final_run": ["price", "rounding"],
        "project": ["price", "rework", "research", "rounding"],
        "lab_window": ["price", "rework", "research", "staff", "rounding"],
    }


def test_the_price_part_rises_with_the_price(registry: Registry) -> None:
    def price(usd: float) -> float:
        found = gap(V3, scope="project", registry=registry, changes=[f"price.rental={usd}"], points=POINTS)
        return next(part.usd for part in found.parts if part.id == "price")

    assert price(1.5) < price(2.0) == 0.0 < price(3.0)


def test_headcount_is_a_part_of_its_own_too(registry: Registry) -> None:
    found = gap(V3, scope="programme_with_staff", registry=registry, changes=["staff.route=headcount"], points=POINTS)
    assert sum(part.usd for part in found.parts) == pytest.approx(found.gap_usd)
    assert next(part.usd for part in found.parts if part.id == "staff") > 0.0


def test_a_run_that_lost_most_of_its_time_still_has_parts(registry: Registry) -> None:
    found = gap(V3, scope="project", registry=registry, changes=["goodput=0.4"], points=POINTS)
    assert next(part for part in found.parts if part.id == "rework").usd > found.amount_usd


def test_without_a_stated_price_the_amount_implies_one(registry: Registry) -> None:
    plain = registry.claim(V3)
    bare = plain.model_copy(update={"facts": tuple(fact for fact in plain.facts if fact.id != "price")})
    found = gap(bare, scope="final_run", registry=registry, points=POINTS)
    assert (found.price, found.price_is_stated) == (pytest.approx(2.0), False)
    assert found.parts[-1].usd == pytest.approx(0.0, abs=1e-6)
    elapsed = gap("dbrx", scope="final_run", registry=registry)
    assert not elapsed.price_is_stated
    assert abs(elapsed.parts[-1].usd) < 1e-5 * elapsed.amount_usd


def test_questions_without_an_honest_answer_are_refused(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="stock"):
        gap(V3, scope="fleet_capex", registry=registry)
    with pytest.raises(RefusedError, match="base_excluded"):
        gap(STAGE, scope="project", registry=registry)
    plain = registry.claim(V3)
    with pytest.raises(RefusedError, match="no amount"):
        gap(plain.model_copy(update={"amount": None}), scope="project", registry=registry)
    wide = plain.priced_scope.model_copy(update={"scope": "lab_window"})
    with pytest.raises(RefusedError, match="prices lab_window"):
        gap(plain.model_copy(update={"priced_scope": wide}), scope="project", registry=registry)
    with pytest.raises(InputError, match="project"):
        gap(V3, scope="projekt", registry=registry)


@pytest.mark.parametrize(("words", "status"), [(("--scope", "projekt"), 2), (("--scope", "fleet_capex"), 3), ((), 2)])
def test_the_command_refuses_with_the_names_that_would_do(words: tuple[str, ...], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["gap", V3, *words])
    assert end.value.code == status
    assert "Traceback" not in capsys.readouterr().err


def test_the_command_prints_the_figures_of_python(capsys: pytest.CaptureFixture[str], registry: Registry) -> None:
    main(["gap", ZHENG, "--scope", "project", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed == gap_document(gap_of(audit(ZHENG, registry=registry), "project"))
    assert sum(part["usd"] for part in printed["parts"]) == pytest.approx(printed["gap_usd"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_table_names_every_part_with_its_sign(language: str) -> None:
    from model.cli.main import costclaim

    out = CliRunner().invoke(costclaim, ["gap", V3, "--scope", "project", "--lang", language]).output
    assert {"en": "Research and testing", "fr": "Recherche et tests"}[language] in out
    assert {"en": "+$7.62M", "fr": "+7,62\u00a0M$"}[language] in out
