"""Scenarios change what they say and nothing else; what cannot be resolved is refused in words."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from model import distributions as d
from model.engine import run
from model.errors import CheckFailed, InputError, RefusedError, UnknownNameError
from model.reference_class import fit
from model.registry import Registry, default_root, load_registry
from model.setting import Setting, fit_of, resolve

Z95 = 1.6448536269514722  # 95 % point of the standard normal


@pytest.fixture(scope="module")
def base(registry: Registry) -> Setting:
    """The default scenario."""
    return resolve("zheng", registry)


def changed(base: Setting, other: Setting) -> set[str]:
    """Names of everything in which two settings differ."""
    found = set[str]()
    for name in ("distributions", "replaced", "choices", "weights", "cases"):
        first, second = getattr(base, name), getattr(other, name)
        found |= {key for key in {*first, *second} if first.get(key) != second.get(key)}
    return found | {name for name in ("correlations", "points", "seed") if getattr(base, name) != getattr(other, name)}


def ends(distribution: d.Distribution) -> list[float]:
    return [float(q) for q in distribution.ppf(np.array([0.05, 0.95]))]


# What each scenario changes from the default, from the list of scenarios in the contract; a value, an option or P5 and P95.
ROUTES_OFF = {"route.reference_class": 0.0, "route.cluster_window": 0.0}
CHANGES: dict[str, dict[str, object]] = {
    "zheng": {},
    "as_reported": {"price.basis": "claimed"},
    "disclosed_floor": {
        "price.basis": "claimed",
        **ROUTES_OFF,
        "goodput": 1.0,
        "ablations.undisclosed": 1.0,
        "data_work": 0.0,
        "derisk": 0.0,
        "post_training_dev": 0.0,
        "evaluation": 0.0,
        "staff.ratio": 0.0,
        "predecessors.hours": 3.04e6,
        "predecessors.share": 0.0,
    },
    "owner": {"price.basis": "ownership"},
    "lambert": {**ROUTES_OFF, "ablations": (2.0, 4.0)},
    # The default of overhead.stated is the same published interval, so that only weights and price differ.
    "epoch": {"price.basis": "epoch_amortised", **ROUTES_OFF, "route.bottom_up": 0.0, "route.stated": 1.0},
    "dependent": {"correlations": 0.3},
}


def test_the_scenarios_are_those_of_the_contract(registry: Registry) -> None:
    assert set(CHANGES) <= set(registry.names("scenarios"))


@pytest.mark.parametrize("name", CHANGES)
def test_a_scenario_changes_exactly_what_it_says(name: str, registry: Registry, base: Setting) -> None:
    setting = resolve(name, registry)
    assert changed(base, setting) == set(CHANGES[name])
    for key, expected in CHANGES[name].items():
        if isinstance(expected, str):
            assert setting.choices[key] == expected
        elif isinstance(expected, tuple):
            assert ends(setting.replaced[key]) == pytest.approx(expected, rel=1e-9)
        elif key.startswith("route."):
            assert setting.weights[key] == expected
        elif key != "correlations":
            assert setting.distributions[key] == d.Fixed(float(str(expected)))


def test_the_epoch_ratio_is_log_normal_with_its_published_interval(registry: Registry) -> None:
    assert ends(resolve("epoch", registry).distributions["overhead.stated"]) == pytest.approx([1.2, 4.0], rel=1e-9)


def test_the_dependent_scenario_correlates_the_five_components_by_0_3(registry: Registry) -> None:
    pairs = resolve("dependent", registry).correlations
    five = {"ablations.undisclosed", "data_work", "derisk", "post_training_dev", "evaluation"}
    assert {frozenset((p.first, p.second)) for p in pairs} == {frozenset((a, b)) for a in five for b in five if a < b}
    # The multiplier alone is correlated: its part in the spread of the product of two log-normals brings 0.3079 down to 0.3.
    spread = [np.log(0.33 / 0.24), np.log(6 / 1.5)]
    part = spread[1] / np.hypot(*spread)
    for pair in pairs:
        score = 2 * np.sin(np.pi * pair.rank / 6) * (part if "ablations.undisclosed" in (pair.first, pair.second) else 1.0)
        assert 6 / np.pi * np.arcsin(score / 2) == pytest.approx(0.3, abs=1e-4)


def test_the_default_weighs_three_routes_equally_and_uses_rent(base: Setting) -> None:
    assert base.choices["price.basis"] == "rental"
    weights = {name: base.weights[f"route.{name}"] for name in ("bottom_up", "reference_class", "cluster_window", "fleet", "stated")}
    assert weights == {"bottom_up": 1.0, "reference_class": 1.0, "cluster_window": 1.0, "fleet": 1.0, "stated": 0.0}
    assert (base.points, base.seed) == (4096, 1)


def test_every_change_is_kept_with_its_reason(registry: Registry) -> None:
    setting = resolve("as_reported", registry, changes=["goodput=1"])
    assert [o.id for o in setting.overrides] == ["price.basis", "goodput"]
    assert "DS-005" in setting.overrides[0].reason


def test_a_change_is_applied_after_the_scenario_and_only_once(registry: Registry) -> None:
    setting = resolve("as_reported", registry, changes=["price.basis=marginal", "goodput = 0.95"])
    assert setting.choices["price.basis"] == "marginal"
    assert setting.distributions["goodput"] == d.Fixed(0.95)
    with pytest.raises(InputError, match="--set: goodput: is changed twice"):
        resolve("as_reported", registry, changes=["goodput=0.9", "goodput = 0.95"])


@pytest.mark.parametrize(
    ("change", "nearest"),
    [
        ("price.rentl=2", "price.rental"),
        ("good_put=1", "goodput"),
        ("ablation=2..4", "ablations"),
        ("route.bottomup=1", "route.bottom_up"),
        ("price.bases=rental", "price.basis"),
        ("case.opt175b=0", "case.opt-175b"),
    ],
)
def test_a_misspelt_name_offers_the_nearest(change: str, nearest: str, registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match=rf'--set: there is no parameter .* Did you mean "{nearest}"\?'):
        resolve("zheng", registry, changes=[change])


def test_a_misspelt_option_offers_the_nearest(registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match=r'price\.basis: there is no option "rentl"\. Did you mean "rental"\?'):
        resolve("zheng", registry, changes=["price.basis=rentl"])


def test_an_unknown_scenario_offers_the_nearest(registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match=r'there is no scenario "zhneg"\. Did you mean "zheng"\?'):
        resolve("zhneg", registry)


@pytest.mark.parametrize("change", ["goodput", "=1", "goodput=", " = "])
def test_a_change_without_name_or_value_is_refused_with_an_example(change: str, registry: Registry) -> None:
    with pytest.raises(InputError, match="Write ID=VALUE, for example"):
        resolve("zheng", registry, changes=[change])


@pytest.mark.parametrize(
    "change", ["route.bottom_up=-1", "route.bottom_up=inf", "route.bottom_up=much", "case.opt-175b=1.5", "case.opt-175b=nan"]
)
def test_a_weight_that_is_none_is_refused(change: str, registry: Registry) -> None:
    with pytest.raises(InputError, match=r"is no weight\. Write 0, or a number from"):
        resolve("zheng", registry, changes=[change])


def test_a_spread_for_a_quantity_without_column_is_refused(registry: Registry) -> None:
    with pytest.raises(InputError, match=r"energy\.grid_factor: this quantity has no column"):
        resolve("zheng", registry, changes=["energy.grid_factor=0.4..0.6"])
    assert resolve("zheng", registry, changes=["energy.grid_factor=0.5"]).distributions["energy.grid_factor"] == d.Fixed(0.5)


def test_a_quantity_that_is_a_spread_without_being_drawn_can_be_another_spread(registry: Registry) -> None:
    setting = resolve("zheng", registry, changes=["mfu.reference_class=0.2..0.5"])
    assert ends(setting.distributions["mfu.reference_class"]) == pytest.approx([0.2, 0.5], rel=1e-9)


SCENARIO = """
id = "mine"
label = "Mine"
description = "A scenario in a file of its own."
base = "{base}"
points = 8192

[[overrides]]
id = "goodput"
value = "0.9"
reason = "As I see it."
"""


def test_a_scenario_can_stand_in_a_file(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SCENARIO.format(base="owner"), encoding="utf-8")
    setting = resolve(path, registry)
    assert changed(resolve("owner", registry), setting) == {"goodput", "points"}
    assert (setting.scenario, setting.label, setting.points, setting.seed) == ("mine", "Mine", 8192, 1)
    assert resolve(str(path), registry, points=64, seed=7).points == 64


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SCENARIO.format(base="mine"), "leads back to itself"),
        (SCENARIO.format(base="ownr"), 'Did you mean "owner"'),
        (SCENARIO.format(base="owner").replace("value", "valu"), 'Did you mean "value"'),
        (SCENARIO.format(base="owner").replace('"0.9"', '"9"'), "lies between 0 excluded and 1"),
        (SCENARIO.format(base="owner").replace("8192", "3"), "greater than or equal to 4"),
        ("id = \n", "not valid TOML"),
    ],
)
def test_a_scenario_file_that_is_wrong_is_refused_in_words(content: str, said: str, tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((InputError, CheckFailed)) as caught:
        resolve(path, registry)
    assert said in str(caught.value)


def test_a_scenario_file_that_is_missing_or_not_utf8_is_named(tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml: no such file"):
        resolve(tmp_path / "nowhere.toml", registry)
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(InputError, match=r"latin\.toml: is not UTF-8"):
        resolve(tmp_path / "latin.toml", registry)


def test_a_circle_of_two_scenarios_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(default_root(), tmp_path / "assumptions"))
    path = folder / "scenarios" / "zheng.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("points = 4096", 'base = "owner"'), encoding="utf-8")
    with pytest.raises(InputError, match="leads back to itself"):
        resolve("owner", load_registry(folder))


@pytest.mark.parametrize(("points", "seed"), [(3, None), (2**31, None), (None, -1)])
def test_points_and_seed_out_of_range_are_refused(points: int | None, seed: int | None, registry: Registry) -> None:
    with pytest.raises(InputError, match="is out of range"):
        resolve("zheng", registry, points=points, seed=seed)


def test_the_weight_of_a_case_changes_its_fit_and_no_other(registry: Registry, base: Setting) -> None:
    setting = resolve("zheng", registry, changes=["case.opt-175b=0"])
    assert changed(base, setting) == {"case.opt-175b", "overhead.reference_class"}
    kept = [c for c in registry.cases.values() if c.case_class == "project" and c.id != "opt-175b"]
    expected = fit([c.ratio for c in kept], [c.weight for c in kept])
    assert fit_of(setting, registry, "project") == expected
    assert setting.distributions["overhead.reference_class"] == expected.predictive()


def test_a_reference_class_without_cases_is_refused(registry: Registry) -> None:
    changes = [f"case.{c.id}=0" for c in registry.cases.values() if c.case_class == "lab_year"]
    with pytest.raises(InputError, match=r"reference class lab_year: .* Give at least two different cases a weight"):
        resolve("zheng", registry, changes=changes)


def test_no_route_at_all_leaves_the_scopes_that_need_one_absent(registry: Registry) -> None:
    changes = [f"route.{name}=0" for name in ("bottom_up", "reference_class", "cluster_window", "fleet", "stated")]
    estimate = run("zheng", registry=registry, changes=changes, points=64)
    absent = {name: scope.reason for name, scope in estimate.scopes.items() if scope.reason}
    assert absent == dict.fromkeys(("project", "programme", "programme_with_staff", "lab_window"), "no_route")
    with pytest.raises(RefusedError, match="no_route"):
        estimate.scope("project").quantile(0.5)


def test_a_replaced_component_is_drawn_in_its_place(registry: Registry) -> None:
    ablations = run("zheng", registry=registry, changes=["ablations=2..4"], points=4096).draws("ablations")
    assert np.quantile(ablations, [0.05, 0.5, 0.95]) == pytest.approx([2.0, np.sqrt(8.0), 4.0], rel=5e-3)


@pytest.mark.parametrize(
    ("change", "inputs"), [("rework=0.1", ["goodput"]), ("predecessors=2e6", ["predecessors.hours", "predecessors.share"])]
)
def test_a_component_that_cannot_be_replaced_names_what_it_is_computed_from(change: str, inputs: list[str], registry: Registry) -> None:
    with pytest.raises(InputError, match="Set what it is computed from") as caught:
        run("zheng", registry=registry, changes=[change, "route.reference_class=0"], points=64)
    assert all(name in str(caught.value) for name in inputs)


def test_a_setting_cannot_be_changed_in_place(base: Setting) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        base.seed = 2
