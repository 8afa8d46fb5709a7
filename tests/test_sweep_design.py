"""Sweeps as they are written: crossed factors, conditions, designs, and every fault of a file named before anything runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from model.errors import CheckFailed, CostclaimError, InputError, UnknownNameError
from model.registry import LARGEST_FILE, Registry
from model.schema.sweep import Sweep
from model.sweep.design import Combinations, check_sweep, read_sweep

HEAD = {"id": "own", "label": "Own", "description": "Own.", "claims": ["deepseek-v3-5.576m"], "scenarios": ["zheng"]}
PRICES = {"id": "price.rental", "values": ["1..2", "2..3"]}
GOODPUT = {"id": "goodput", "grid": {"low": 0.8, "high": 0.9, "count": 3}}
TRUST = {"id": "trust", "options": {"all": ["route.bottom_up=1"], "cases": ["route.bottom_up=0", "route.cluster_window=0"]}}
RANDOM = {"id": "b", "kind": "random", "count": 10**9, "parameters": [{"id": "goodput", "low": 0.8, "high": 0.9}]}


def sweep(**more) -> Sweep:
    return Sweep.model_validate(HEAD | more)


def points(**more):
    whole = Combinations(sweep(**more))
    return list(whole.points(0, whole.total))


def test_every_level_meets_every_other_once() -> None:
    found = points(scenarios=["zheng", "owner"], axes=[PRICES, GOODPUT], groups=[TRUST])
    assert len(found) == 2 * 2 * 3 * 2
    assert len({(point.scenario, point.changes) for point in found}) == len(found)
    assert [point.number for point in found] == list(range(len(found)))
    assert found[0].changes == ("price.rental=1..2", "goodput=0.8", "route.bottom_up=1")
    assert found[-1].inputs == {
        "claim": "deepseek-v3-5.576m",
        "scenario": "owner",
        "price.rental": "2..3",
        "goodput": 0.9,
        "trust": "cases",
    }


def test_an_axis_applies_only_where_it_is_said_to() -> None:
    claimed = {"id": "price.claimed", "values": ["1", "2", "3"], "when": {"price.basis": ["claimed"]}}
    found = points(axes=[{"id": "price.basis", "values": ["rental", "claimed"]}, claimed])
    assert [point.changes for point in found] == [
        ("price.basis=rental",),
        *[("price.basis=claimed", f"price.claimed={usd}") for usd in (1, 2, 3)],
    ]
    assert found[0].inputs["price.claimed"] is None


def test_what_is_excluded_is_left_out_and_all_else_stays() -> None:
    found = points(axes=[PRICES], groups=[TRUST], exclude=[{"price.rental": ["1..2"], "trust": ["cases"]}])
    assert [(p.inputs["price.rental"], p.inputs["trust"]) for p in found] == [("1..2", "all"), ("2..3", "all"), ("2..3", "cases")]


def test_a_rule_on_a_factor_that_does_not_apply_there_does_not_apply_either() -> None:
    second = {"id": "goodput", "values": ["0.9", "0.95"], "when": {"price.rental": ["2..3"]}}
    third = {"id": "evaluation", "values": ["0.03", "0.05"], "when": {"goodput": ["0.9"]}}
    found = points(axes=[PRICES, second, third])
    assert [p.changes for p in found] == [
        ("price.rental=1..2",),
        ("price.rental=2..3", "goodput=0.9", "evaluation=0.03"),
        ("price.rental=2..3", "goodput=0.9", "evaluation=0.05"),
        ("price.rental=2..3", "goodput=0.95"),
    ]
    assert points(axes=[PRICES, second, third], exclude=[{"goodput": ["0.9"]}]) == [found[0], found[3]]


def test_grids_hold_both_ends_at_equal_steps_or_ratios() -> None:
    def values(spacing: str) -> list[float]:
        grid = {"low": 1.0, "high": 100.0, "count": 3, "spacing": spacing}
        return [point.inputs["ablations.undisclosed"] for point in points(axes=[{"id": "ablations.undisclosed", "grid": grid}])]

    assert values("linear") == pytest.approx([1.0, 50.5, 100.0])
    assert values("log") == pytest.approx([1.0, 10.0, 100.0])


def box(kind: str, count: int, seed: int = 1) -> np.ndarray:
    parameters = [{"id": "goodput", "low": 0.5, "high": 1.0}, {"id": "data_work", "low": 0.0, "high": 1.0}]
    found = points(designs=[{"id": "box", "kind": kind, "count": count, "seed": seed, "parameters": parameters}])
    return np.array([[2.0 * point.inputs["goodput"] - 1.0, point.inputs["data_work"]] for point in found])


def test_a_sobol_design_fills_its_box_more_evenly_than_chance() -> None:
    assert qmc.discrepancy(box("sobol", 64)) < 0.2 * qmc.discrepancy(box("random", 64))


@pytest.mark.parametrize("kind", ["sobol", "random"])
def test_a_design_is_the_same_however_far_it_goes_and_another_with_another_seed(kind: str) -> None:
    np.testing.assert_array_equal(box(kind, 16), box(kind, 64)[:16])
    assert np.all(box(kind, 16) != box(kind, 16, seed=2))


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 20))
def test_blocks_of_any_size_hold_the_same_scenarios(claims: int, values: int, size: int) -> None:
    whole = Combinations(sweep(scenarios=["zheng"] * claims, axes=[{"id": "goodput", "values": [f"0.{n}" for n in range(1, values + 1)]}]))
    cut = [point for start in range(0, whole.total, size) for point in whole.points(start, start + size)]
    assert cut == list(whole.points(0, whole.total))


def test_a_billion_scenarios_are_numbered_without_listing_them() -> None:
    design = {"id": "box", "kind": "random", "count": 10**9, "parameters": [{"id": "goodput", "low": 0.8, "high": 0.9}]}
    whole = Combinations(sweep(designs=[design]))
    assert whole.point(10**9 - 1).inputs["goodput"] != whole.point(10**9 - 2).inputs["goodput"]


def test_our_own_sweep_is_right(registry: Registry) -> None:
    assert check_sweep(read_sweep("example", registry), registry).total == 4 * 11 * 3 * 16


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"axes": [{"id": "price.rentl", "values": ["1"]}]}, 'Did you mean "price.rental"'),
        ({"axes": [{"id": "price.rental", "values": ["3 kWh"]}]}, "kWh"),
        ({"axes": [PRICES, PRICES]}, "varied twice"),
        (
            {"axes": [PRICES], "groups": [{"id": "dear", "options": {"a": ["price.rental=4", "goodput=0.9"]}}]},
            '"price.rental" is varied twice',
        ),
        ({"designs": [RANDOM, RANDOM | {"parameters": [{"id": "data_work", "low": 0.1, "high": 0.2}]}]}, '"b" is varied twice'),
        ({"groups": [TRUST | {"id": "p50"}]}, '"p50" is a column of every result'),
        ({"claims": HEAD["claims"] * 2}, '"deepseek-v3-5.576m" stands twice'),
        ({"axes": [{"id": "goodput", "values": ["0.9", "0.9"]}]}, '"0.9" stands twice'),
        ({"claims": ["deepseek-v4"]}, "there is no claim"),
        ({"scenarios": ["zhang"]}, 'Did you mean "zheng"'),
        ({"scopes": ["projet"]}, 'Did you mean "project"'),
        ({"exclude": [{"trust": ["all"]}]}, 'no factor "trust"'),
        ({"groups": [TRUST], "exclude": [{"trust": ["none"]}]}, 'no level "none"'),
        ({"scenarios": ["zheng"], "exclude": [{"scenario": ["zheng"]}]}, "leaves out all scenarios"),
        ({"axes": [{"id": "goodput", "grid": {"low": 0.8, "high": 1.9, "count": 3}}]}, "goodput"),
        (
            {
                "designs": [
                    {"id": str(k), "kind": "random", "count": 10**9, "parameters": [{"id": f"x{k}", "low": 0, "high": 1}]} for k in (1, 2)
                ]
            },
            "e+18",
        ),
    ],
)
def test_wrong_names_and_values_are_named_before_anything_runs(more, said: str, registry: Registry) -> None:
    with pytest.raises(CheckFailed) as caught:
        check_sweep(sweep(**more), registry)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [
        {"axes": [{"id": "goodput"}]},
        {"axes": [{"id": "goodput", "grid": {"low": 2.0, "high": 1.0, "count": 3}}]},
        {"claims": []},
        {"seed": 10**20},
        {"designs": [RANDOM | {"seed": (1 << 30) + 1}]},
        {"axs": []},
    ],
)
def test_a_file_of_another_form_is_refused(more, registry: Registry, tmp_path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("\n".join(f"{key} = {toml(value)}" for key, value in (HEAD | more).items()))
    with pytest.raises(CheckFailed):
        read_sweep(file, registry)


def toml(value) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def test_files_that_cannot_be_read_say_so(registry: Registry, tmp_path) -> None:
    large, latin = tmp_path / "large.toml", tmp_path / "latin.toml"
    large.write_bytes(b"#" * (LARGEST_FILE + 1))
    latin.write_bytes("label = 'é'".encode("latin-1"))
    with pytest.raises(InputError, match="bytes"):
        read_sweep(large, registry)
    with pytest.raises(InputError, match="UTF-8"):
        read_sweep(latin, registry)
    with pytest.raises(InputError, match="no such file"):
        read_sweep(tmp_path / "none.toml", registry)
    with pytest.raises(UnknownNameError, match="example"):
        read_sweep("exampel", registry)


@given(st.text(max_size=200))
def test_no_text_brings_the_reader_down(text: str) -> None:
    from model.registry import parse_entry, read_toml

    with pytest.raises(CostclaimError, match=r"own\.toml"):  # no text of that length is a whole sweep
        parse_entry("own.toml", read_toml("own.toml", text), Sweep)
