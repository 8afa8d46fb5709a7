"""Faults planted in a copy of the assumptions: each is found, with its file, its key and the way to mend it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from model.check.files import RULES, check
from model.registry import Registry, default_root, load_registry


@dataclass(frozen=True)
class Fault:
    """One edit of one file, and what the message must hold."""

    name: str
    file: str
    old: str
    new: str
    said: tuple[str, ...]


PRICE = "parameters/price.toml"
OVERHEAD = "parameters/overhead.toml"
PREDECESSORS = "parameters/predecessors.toml"
V3 = "claims/deepseek-v3-5.576m.toml"
ZHENG = "claims/zheng-5.6m.toml"
FAULTS = (
    Fault(
        "chip of a fleet", "fleets.toml", "gpus = { H800 = 2224.0 }", "gpus = { H900 = 2224.0 }", ("fleet serving: gpus", "H900", "H800")
    ),
    Fault(
        "evidence on nothing",
        "evidence/v3-ablations.toml",
        '"research_ratio"',
        '"reserch_ratio"',
        ("evidence/v3-ablations.toml: quantity", "reserch_ratio", "research_ratio"),
    ),
    Fault("evidence for no option", "evidence/fire-flyer-capex.toml", "=fire_flyer", "=fire_fly", ("holds_for", "fire_fly", "fire_flyer")),
    Fault(
        "evidence on no model", "evidence/v3-ablations.toml", '"deepseek-v3"]', '"deepseek-v4"]', ("subjects", "deepseek-v4", "deepseek-v3")
    ),
    Fault(
        "a sum beyond all that is spent",
        "claims/deepseek-v3-5.576m.toml",
        "value = 5576000.0\nrelation",
        "value = 1e300\nrelation",
        ("amount.value", "1e+300", "1000000000000000000"),
    ),
    Fault("bad TOML", PRICE, 'basis = "disclosed"', "basis = disclosed", (PRICE, "not valid TOML", "line")),
    Fault(
        "unknown key", PRICE, 'basis = "disclosed"', 'basis = "disclosed"\nrationalle = "x"', ("price.claimed", "rationalle", '"rationale"')
    ),
    Fault("unknown kind", "settings.toml", "[[weight]]", "[[wieght]]", ("settings.toml", '"wieght"', '"weight"')),
    Fault("missing key", PRICE, "as_of = 2024-12-26", "", ("price.claimed: as_of", "is missing")),
    Fault("infinite number", PRICE, "value = 2.0", "value = inf", ("price.claimed", "distribution", "finite")),
    Fault(
        "quantiles out of order",
        OVERHEAD,
        "p05 = 0.24, p95 = 0.33",
        "p05 = 0.33, p95 = 0.24",
        ("ablations.disclosed", "p05", "rising order"),
    ),
    Fault("id twice", PRICE, 'id = "price.rental"', 'id = "goodput"', ("goodput", "stands twice", PRICE)),
    Fault("id is not the file's", ZHENG, 'id = "zheng-5.6m"', 'id = "zheng"', (ZHENG, 'id = "zheng"', '"zheng-5.6m"')),
    Fault("claim of unknown scope", V3, 'scope = "final_run"', 'scope = "final"', (V3, "priced_scope.scope", "'project'")),
    Fault(
        "unknown source of evidence",
        PRICE,
        'source = "own-arithmetic"',
        'source = "own-arithmetics"',
        ("price.rental: evidence.source", '"own-arithmetics"', '"own-arithmetic"'),
    ),
    Fault(
        "unknown source of a fact", V3, 'source = "epoch-model-database"', 'source = "epoch-models"', (V3, "facts.source", '"epoch-models"')
    ),
    Fault(
        "unknown source of a claim",
        ZHENG,
        'id = "seed-article-002"',
        'id = "seed-article-02"',
        (ZHENG, "source.id", "seed-article-02", '"seed-article-002"'),
    ),
    Fault("orphan source", V3, "epoch-model-database", "deepseek-v3-report", ("epoch-model-database", "used by no entry", "remove")),
    Fault(
        "unit of another dimension",
        PRICE,
        'unit = "USD/gpu_hour"',
        'unit = "kWh"',
        (PRICE, "price.claimed", '"kWh" is energy', 'unit = "USD/gpu_hour"'),
    ),
    Fault(
        "unknown unit",
        "parameters/ownership.toml",
        'unit = "kW/gpu"',
        'unit = "blorps"',
        ("ownership.kw_provisioned", "blorps", '"kW/gpu"'),
    ),
    Fault("component that is no ratio", OVERHEAD, 'unit = "ratio"\ndistribution = { family = "pert", min = 0.03', "", ()),
    Fault("unit of a fact", V3, 'unit = "token"', 'unit = "tokenz"', (V3, "tokens.pretraining", '"tokenz"', "token")),
    Fault("money without its year", PRICE, "price_year = 2024\n", "", ("price.claimed: price_year", "is missing", "2024")),
    Fault("hours without their chip", PRICE, 'chip = "H800"\n', "", ("price.claimed: chip", "is missing", "H800")),
    Fault("unknown chip", PRICE, 'chip = "H800"', 'chip = "H808"', ("price.claimed: chip", '"H808"', "Did you mean")),
    Fault("chips mixed", PREDECESSORS, 'unit = "gpu_hour"\nchip = "H800"\ndistribution = { family = "fixed"', "", ()),
    Fault("fraction above one", OVERHEAD, "max = 0.96", "max = 1.96", ("window.use", "1.96", "between 0 and 1")),
    Fault(
        "evidence out of bounds",
        OVERHEAD,
        "high = 0.99\n",
        "high = 1.99\n",
        ("window.use: evidence of fire-flyer", "1.99", "between 0 and 1"),
    ),
    Fault("evidence with its ends exchanged", OVERHEAD, "low = 0.91\n", "low = 0.98\n", ("low = 0.98 is above high = 0.97", "rising")),
    Fault("column taken twice", PRICE, "column = 5\n", "column = 39\n", ("price.rental: column", "price.claimed", "column = 5")),
    Fault("uncertain input without column", PRICE, "column = 5\n", "", ("price.rental: column", "is missing", "column = 5")),
    Fault(
        "point on weak evidence",
        "parameters/run.toml",
        'figure = "119 thousand H800-hours"\ngrade = "A"',
        'figure = "119 thousand H800-hours"\ngrade = "C"',
        ("v3_run.context_extension", "grade C", "range"),
    ),
    Fault(
        "point on what was not read",
        "parameters/run.toml",
        'figure = "119 thousand H800-hours"\ngrade = "A"\nread = "read"',
        'figure = "119 thousand H800-hours"\ngrade = "A"\nread = "not read"',
        ("v3_run.context_extension", "not read", "placeholder"),
    ),
    Fault(
        "elicited point in silence",
        "parameters/fleet.toml",
        "An elicited convention",
        "A convention",
        ("lab.days: rationale", '"elicited"'),
    ),
    Fault(
        "class without cases", OVERHEAD, 'cases = "project"', 'cases = "projects"', ("overhead.reference_class", '"projects"', '"project"')
    ),
    Fault(
        "correlation of an unknown id",
        "correlations.toml",
        'first = "data_work", second = "derisk"',
        'first = "data_wrok", second = "derisk"',
        ("components: pairs", '"data_wrok"', '"data_work"'),
    ),
    Fault("correlation without column", OVERHEAD, "column = 7\n", "", ("components: pairs", "data_work", "no column")),
    Fault(
        "correlations that contradict each other",
        "correlations.toml",
        'first = "data_work", second = "derisk", rank = 0.3',
        'first = "data_work", second = "derisk", rank = -0.95',
        ("correlations.toml", "not positive definite", "nearer to 0"),
    ),
    Fault(
        "default that is no option",
        "settings.toml",
        'default = "rental"',
        'default = "rent"',
        ("price.basis: default", '"rent"', '"rental"'),
    ),
    Fault("option that nothing computes", "settings.toml", '"marginal",', '"margin",', ("price.basis: options", '"margin"', '"marginal"')),
    Fault(
        "weight of no route",
        "settings.toml",
        'id = "route.fleet"',
        'id = "route.flet"',
        ("settings.toml: weight", "route.flet", '"route.fleet"'),
    ),
    Fault("component code twice", OVERHEAD, 'code = "C3"', 'code = "C4"', ("data_work: component.code", '"C4"', "its own")),
    Fault(
        "scope that omits the unknown",
        "scopes.toml",
        '"idle", "staff"]',
        '"idel", "staff"]',
        ("scope run_as_executed: omits_components", '"idel"', '"idle"'),
    ),
    Fault(
        "scope out of the list",
        "scopes.toml",
        'id = "project"',
        'id = "projects"',
        ("scopes.toml", "projects", "final_run, run_as_executed"),
    ),
    Fault("phrase of no scope", "ground_rules.toml", 'scope = "lab_window"', 'scope = "lab"', ("phrase lab: scope", '"lab"', "lab_window")),
    Fault("rule missing", "ground_rules.toml", 'id = "support_width"', 'id = "width_of_support"', ("rule support_width", "is missing")),
    Fault(
        "claim about nobody", V3, 'subject = "deepseek-v3"', 'subject = "deepseek-v4"', (V3, "subject", '"deepseek-v4"', '"deepseek-v3"')
    ),
    Fault("claim that restates nothing", ZHENG, 'restates = "deepseek', 'restates = "deepsek', (ZHENG, "restates", "Did you mean")),
    Fault("claim of no shape", V3, 'architecture = "deepseek-v3"', 'architecture = "deepseek-v33"', (V3, "architecture", '"deepseek-v3"')),
    Fault("objection to no component", ZHENG, '"derisk", "eval', '"derisking", "eval', (ZHENG, "objection.components", '"derisk"')),
    Fault(
        "override of no parameter",
        "scenarios/lambert.toml",
        'id = "ablations"',
        'id = "ablation"',
        ("scenarios/lambert.toml", '"ablation"', '"ablations"'),
    ),
    Fault(
        "scenario of no base", "scenarios/owner.toml", 'base = "zheng"', 'base = "zhneg"', ("scenarios/owner.toml", '"zhneg"', '"zheng"')
    ),
    Fault("circle of bases", "scenarios/zheng.toml", "points = 4096", 'base = "owner"', ("scenarios/zheng.toml", "leads back", "circle")),
    Fault("no such option", "scenarios/owner.toml", '"ownership"', '"owner"', ("scenarios/owner.toml", '"owner"', '"ownership"')),
)
# The two whose text stands more than once: named by what is edited around it.
COMPONENT = (
    'label = "Evaluation and testing, over the final run"\nunit = "ratio"',
    'label = "Evaluation and testing, over the final run"\nunit = "fraction"',
)
MIXED = (
    'label = "Pre-training of DeepSeek-V2"\nunit = "gpu_hour"\nchip = "H800"',
    'label = "Pre-training"\nunit = "gpu_hour"\nchip = "A100"',
)
REPLACED = {
    "component that is no ratio": (*COMPONENT, ("parameter evaluation", '"fraction"', "need ratio")),
    "chips mixed": (*MIXED, ("subjects/deepseek-v3.toml: lab_finals", "A100-hours (lab_finals.v2)", "H800-hours")),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the assumptions to spoil."""
    return Path(shutil.copytree(default_root(), tmp_path / "assumptions"))


def spoil(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def messages(folder: Path) -> list[str]:
    return [str(problem) for problem in check(load_registry(folder)).problems]


def test_the_assumptions_of_the_project_have_no_problem(registry: Registry) -> None:
    assert [str(problem) for problem in check(registry).problems] == []


def test_the_report_counts_what_was_read(registry: Registry) -> None:
    counts = check(registry).counts
    assert counts["claims"] == len(list((registry.root / "claims").glob("*.toml")))
    assert counts["scenarios"] == len(list((registry.root / "scenarios").glob("*.toml")))
    assert counts["parameter"] == len(registry.parameters)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found_with_its_place_and_mend(fault: Fault, folder: Path) -> None:
    old, new, said = REPLACED.get(fault.name, (fault.old, fault.new, fault.said))
    spoil(folder, fault.file, old, new)
    found = messages(folder)
    assert any(all(part in message for part in said) for message in found), found
    if fault.name != "circle of bases":  # which every scenario stands on
        assert len(found) <= 5, "one fault is told once, with its direct consequences only"


def test_all_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    planted = (
        "unknown key",
        "quantiles out of order",
        "class without cases",
        "claim about nobody",
        "override of no parameter",
        "unit of a fact",
    )
    for fault in FAULTS:
        if fault.name in planted:
            spoil(folder, fault.file, fault.old, fault.new)
    found = messages(folder)
    for fault in FAULTS:
        if fault.name in planted:
            assert any(all(part in message for part in fault.said) for message in found), fault.name
    places = [message.partition(":")[0] for message in found]
    assert places == sorted(places), "problems stand in the order of the files"


def test_what_refers_to_an_entry_that_cannot_be_read_is_not_told_again(folder: Path) -> None:
    spoil(folder, "sources/deepseek.toml", 'read = "read"', 'read = "seen"')
    found = messages(folder)
    assert len(found) == 1
    assert "deepseek-v3-report: read" in found[0]


def test_files_that_are_not_utf8_are_all_named(folder: Path) -> None:
    from model.errors import CheckFailed

    for name in ("cases.toml", "scopes.toml"):
        (folder / name).write_bytes(b"# caf\xe9\n")
    with pytest.raises(CheckFailed, match=r"(?s)cases\.toml: byte 5 is not UTF-8.*scopes\.toml: byte 5"):
        load_registry(folder)


def test_every_rule_that_the_code_reads_is_required() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in Path(str(default_root().parent / "model")).rglob("*.py"))
    assert set(re.findall(r'(?:rules\[|\brule\()"([a-z0-9_]+)"', code)) <= set(RULES)
