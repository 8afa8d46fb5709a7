"""What no quantity can be: refused where it is written, before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.check.files import check
from model.engine import run
from model.errors import InputError, RefusedError
from model.registry import Registry, load_registry


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("price.rental=0", "above 0"),
        ("price.rental=normal(0.1, 5)", "values reach -"),
        ("price.rental=log_normal(1e-300, 1e300)", "values reach"),
        ("price.rental=1e300", "at most 1e+18"),
        ("price.rental=truncated_normal(2, 0.1, 50, 60)", "next to nothing"),
        ("price.rental=1,5", "comma inside a number"),
        ("staff.ratio=normal(0.01, 5)", "at or above 0"),
        ("window.gpus=0", "above 0"),
        ("lab.days=0", "above 0"),
        ("goodput=0", "between 0 excluded and 1"),
        ("goodput=log_normal(0.5, 0.999)", "beta, pert, triangular or uniform"),
        ("ownership.nonserver_share=1", "1 excluded"),
        ("overhead.stated=0.5", "at or above 1"),
        ("route.fleet=1e308", "is no weight"),
    ],
)
def test_a_value_outside_its_domain_is_refused_with_the_domain(registry: Registry, change: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        run("zheng", registry=registry, changes=[change], points=64)
    assert change.partition("=")[0] in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize("change", ["staff.ratio=0", "derisk=0", "data_work=normal(0.1, 0.12)", "overhead.stated=1.2..4", "goodput=1"])
def test_the_ends_that_mean_something_are_accepted(registry: Registry, change: str) -> None:
    assert run("zheng", registry=registry, changes=[change], points=64).scope("programme_with_staff").quantile(0.5) > 0


def test_a_run_of_no_hours_is_refused_in_words(registry: Registry) -> None:
    stages = ("pretraining", "context_extension", "post_training")
    with pytest.raises(InputError, match="no cost at all"):
        run("zheng", registry=registry, changes=[f"v3_run.{stage}=0" for stage in stages], points=64)


def test_a_scope_without_an_answer_is_refused_as_a_question(registry: Registry) -> None:
    stage = run("zheng", registry=registry, subject="deepseek-r1-stage", points=64)
    with pytest.raises(RefusedError, match="base_excluded"):
        stage.scope("project").quantile(0.5)


def test_a_change_that_enters_no_cost_says_so(registry: Registry) -> None:
    found = run("zheng", registry=registry, changes=["price.claimed=100", "goodput=0.9"], points=64)
    assert [found.has_effect(o.id) for o in found.setting.overrides] == [False, True]
    assert run("as_reported", registry=registry, points=64).has_effect("price.claimed")


def test_a_scenario_that_names_no_base_stands_on_the_assumptions_alone(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('id = "mine"\nlabel = "Mine"\ndescription = "Nothing changed."\n', encoding="utf-8")
    mine, plain = (run(name, registry=registry, points=64) for name in (str(file), "zheng"))
    assert mine.scope("project").quantile(0.5) == plain.scope("project").quantile(0.5)


def test_a_fact_in_another_unit_and_a_lost_file_are_found(registry: Registry, tmp_path: Path) -> None:
    for name in registry.files:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(registry.text(name), encoding="utf-8")
    claim = tmp_path / "claims" / "deepseek-v3-5.576m.toml"
    claim.write_text(claim.read_text(encoding="utf-8").replace('unit = "gpu_hour"', 'unit = "kWh"', 1), encoding="utf-8")
    (tmp_path / "parameters" / "mfu.toml").write_text("", encoding="utf-8")
    found = [str(problem) for problem in check(load_registry(tmp_path)).problems]
    assert any("facts gpu_hours: unit" in message and "gpu_hour" in message for message in found)
    assert any("mfu_reference_class" in message for message in found)
