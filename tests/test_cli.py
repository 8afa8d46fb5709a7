"""The command line: what it prints, that it repeats itself to the byte, and that it says the same as Python."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import model
from model.auditor.audit import audit
from model.cli.main import COMMANDS, main
from model.cli.options import Output
from model.document import audit_document, run_document
from model.engine import Run
from model.registry import Registry
from model.results import MANIFEST, SUMMARY
from model.views.verdict import ABSENT, CHECKS
from model.wording import ENGLISH

V3, ZHENG, STAGE = "deepseek-v3-5.576m", "zheng-5.6m", "deepseek-r1-294k"
FEW = ("--points", "256")


@dataclass(frozen=True)
class Answer:
    """What one call of the command left behind."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def table(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


Call = Callable[..., Answer]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the command in this process."""

    def called(*arguments: str) -> Answer:
        status = 0
        try:
            main(list(arguments))
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return Answer(status, captured.out, captured.err)

    return called


def process(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command as a process of its own, warnings as errors."""
    command = [sys.executable, "-W", "error", "-m", "model.cli.main", *arguments]
    return subprocess.run(command, capture_output=True, check=False, cwd=Path(model.__file__).parents[1])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(call: Call, command: str) -> None:
    found = call(command, "--help")
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith(f"Usage: costclaim {command}") or f" {command} " in found.out.splitlines()[0]
    assert "--help" in found.out


def test_help_lists_every_command(call: Call) -> None:
    found = call("--help")
    assert found.status == 0
    assert all(f"  {command} " in found.out for command in COMMANDS)


def test_an_objection_to_no_sum_has_no_size(call: Call) -> None:
    told = [line for line in call("audit", "seed002-zheng-objection", "--points", "64").out.splitlines() if "  objection" in line]
    assert told == ["  objection    Zheng Xiaoqing, Fudan University: supported"]


def test_version_is_that_of_engine_and_data(call: Call, registry: Registry) -> None:
    assert call("--version").out == f"costclaim {model.__version__}, data {registry.sha256[:12]}\n"


def test_an_audit_repeats_itself_to_the_byte_and_equals_python(registry: Registry) -> None:
    first, second = (process("audit", V3, "--json") for _ in range(2))
    assert (first.returncode, first.stderr) == (0, b"")
    assert first.stdout == second.stdout
    assert json.loads(first.stdout) == audit_document(audit(V3, registry=registry))


def test_the_options_reach_the_model(call: Call, registry: Registry) -> None:
    found = call("audit", V3, "--json", "--scenario", "as_reported", "--set", "goodput=0.9", "--seed", "7", *FEW, "--implied", "project")
    expected = audit(V3, scenario="as_reported", registry=registry, changes=["goodput=0.9"], seed=7, points=256, implied="project")
    assert found.document == audit_document(expected)
    assert (found.document["seed"], found.document["points"]) == (7, 256)
    assert found.document["overrides"][-1] == {"id": "goodput", "value": "0.9", "reason": "set by the user", "has_effect": True}


def test_as_reported_prices_the_final_run_at_the_claim(call: Call) -> None:
    final = call("audit", V3, "--scenario", "as_reported", "--json").document["scopes"][0]
    assert {final[name] for name in ("p05", "p10", "p25", "p50", "p70", "p75", "p80", "p90", "p95")} == {5.576e6}


def test_an_audit_prints_sentence_axes_scopes_and_checks(call: Call, registry: Registry) -> None:
    found = call("audit", ZHENG)
    verdict = audit(ZHENG, registry=registry)
    assert found.status == 0
    assert verdict.sentence in found.out
    for scope in registry.scopes.values():
        assert scope.label in found.out
    for check in verdict.checks:
        assert CHECKS[check.id] in found.out
    for axis in ("literal      supported", "scope        match", "implication  supported", "objection    Zheng Xiaoqing"):
        assert axis in found.out
    assert "4,096 points, seed 1" in found.out


def test_an_absent_scope_is_printed_with_its_reason(call: Call) -> None:
    assert call("audit", STAGE).out.count(ABSENT["base_excluded"]) == 6


def test_changes_are_printed_below_the_answer(call: Call) -> None:
    assert "Changed: goodput = 0.9" in call("audit", V3, "--set", "goodput=0.9", *FEW).out


def test_a_refuted_amount_says_on_which_side(call: Call) -> None:
    assert "refuted, the amount lies below the cost" in call("audit", "seed001-6m-r1").out


def test_audit_csv_holds_the_same_figures_as_json(call: Call) -> None:
    rows, document = call("audit", V3, "--csv", *FEW).table, call("audit", V3, "--json", *FEW).document
    for row, scope in zip(rows, document["scopes"], strict=True):
        assert (row["id"], float(row["p50"])) == (scope["id"], scope["p50"])
    assert rows[-1]["implication"] == ""


def test_run_prints_every_scope_and_route(call: Call, zheng: Run) -> None:
    assert call("run", "zheng", "--json").document == run_document(zheng)
    rows = call("run", "zheng", "--csv").table
    assert [row["route"] for row in rows if row["weight"]] == ["bottom up", "reference class", "cluster window"] * 3 + [
        "reference class",
        "fleet",
    ]
    assert "4,096 points, seed 1" in call("run", "zheng").out


def test_run_out_writes_manifest_and_summary_and_refuses_a_full_folder(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "run"
    found = call("run", "zheng", "--out", str(folder), "--json", *FEW)
    summary, manifest = (json.loads((folder / name).read_text(encoding="utf-8")) for name in (SUMMARY, MANIFEST))
    assert summary == found.document
    assert manifest.keys() >= {"engine", "registry_sha256", "scenario", "seed", "points", "platform", "distributions"}
    assert "scopes" not in manifest
    again = call("run", "zheng", "--out", str(folder), *FEW)
    assert again.status == 2
    assert "already holds files" in again.err


def test_run_out_refuses_a_place_that_cannot_be_written(call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    found = call("run", "zheng", "--out", str(tmp_path / "file" / "run"), *FEW)
    assert (found.status, found.out) == (2, "")
    assert "cannot be written" in found.err


def test_percentile_inverts_quantile(call: Call, zheng: Run) -> None:
    for probability in (0.05, 0.5, 0.8):
        usd = float(zheng.scope("project").quantile(probability))
        found = call("percentile", "zheng", "--scope", "project", "--usd", repr(usd), "--json").document
        assert found.keys() >= {"scope", "usd", "percentile", "standard_error"}
        assert found["percentile"] == pytest.approx(probability, abs=1e-6)
        assert 0.0 < found["standard_error"] < 0.01
    assert "80.0\u00a0%" in call("percentile", "zheng", "--scope", "project", "--usd", repr(usd)).out
    assert float(call("percentile", "zheng", "--scope", "project", "--usd", repr(usd), "--csv").table[0]["usd"]) == usd


def test_a_scenario_differs_from_itself_by_exactly_nothing(call: Call) -> None:
    found = call("compare", "zheng", "zheng", "--json").document
    assert [scope["difference"] for scope in found["scopes"]] == [{"p05": 0.0, "p50": 0.0, "p95": 0.0}] * 7
    assert found["scopes"][2]["scenarios"].keys() == {"zheng (1)", "zheng (2)"}


def test_compare_prints_a_range_for_each_side_and_the_difference(call: Call) -> None:
    found = call("compare", "as_reported", "disclosed_floor", *FEW)
    assert "differences are against as_reported" in found.out
    assert "disclosed_floor: each change alone, on the median" in found.out
    assert "together beyond" in found.out
    assert "-$" in found.out
    table = call("compare", "zheng", "as_reported", "--subject", "deepseek-r1-stage", "--csv", *FEW).table
    assert [row["difference"] for row in table if row["scenario"] == "as_reported"][1:] == ["absent"] * 6
    assert [row["difference"] for row in table if row["scenario"] == "zheng"] == [""] * 7


def test_solve_answers_in_all_three_forms(call: Call) -> None:
    words = ("solve", V3, "--scope", "final_run", "--for", "price.claimed", "--scenario", "as_reported")
    found = call(*words, "--json").document
    assert found.keys() >= {"parameter", "value", "unit", "feasible", "nearest"}
    assert (found["value"], found["unit"], found["nearest"]) == (pytest.approx(2.0, abs=1e-6), "USD/gpu_hour", None)
    assert float(call(*words, "--csv").table[0]["value"]) == found["value"]
    assert "2 (US dollars per GPU-hour)" in call(*words).out
    words = ("solve", V3, "--scope", "project", "--for", "data_work", "--probability", "0.3")
    missed = call(*words, "--json").document
    assert (missed["feasible"], missed["value"], missed["nearest"]["value"]) == (False, None, 0.03)
    assert "comes nearest" in call(*words).out


def test_believe_answers_in_all_three_forms(call: Call) -> None:
    words = ("believe", V3, "--scope", "project")
    found = call(*words, "--json").document
    assert found.keys() >= {"feasible", "point", "joint_probability", "cost_usd", "steelman"}
    assert found["point"][0].keys() >= {"id", "value", "unit", "percentile"}
    assert [row["id"] for row in call(*words, "--csv").table] == [c["id"] for c in found["point"]]
    audited = next(s for s in call("audit", V3, "--json").document["scopes"] if s["id"] == "project")
    assert found["joint_probability"] == pytest.approx(audited["probability_at_most_claim"], rel=1e-12)
    printed = call(*words).out
    assert "1.85 standard deviations" in printed
    assert "The lowest case" in printed
    beyond = call("believe", V3, "--scope", "project", "--scenario", "disclosed_floor")
    assert "Nothing within reach" in beyond.out
    assert "less than 1 in 1,000,000,000" in beyond.out


def test_break_even_answers_in_all_three_forms(call: Call) -> None:
    words = ("break-even", V3, "--scope", "project", "--x", "price.rental=0.5..3", "--y", "goodput")
    found = call(*words, "--json").document
    assert (found["x"]["id"], found["y"]["id"]) == ("price.rental", "goodput")
    assert {row["line"] for row in call(*words, "--csv").table} == {"median", "flip"}
    assert call(*words).out.count("+") > len(found["y"]["values"])


@pytest.mark.parametrize("kind", ["claims", "assumptions", "sources"])
def test_lists_hold_every_entry_in_all_three_forms(call: Call, registry: Registry, kind: str) -> None:
    names = set(registry.names({"claims": "claims", "assumptions": "parameter", "sources": "source"}[kind]))
    assert {entry["id"] for entry in call(kind, "--json").document} == names
    assert {row["id"] for row in call(kind, "--csv").table} == names
    assert call(kind).status == 0


def test_one_entry_is_shown_with_its_evidence(call: Call) -> None:
    shown = call("assumptions", "show", "price.rental").out
    assert "mixture: 0.45 Chinese whole server: log_normal(p50 = 1.65, p95 = 2.15)" in shown
    assert "grade" in shown
    assert call("assumptions", "show", "price.rental", "--json").document["file"] == "parameters/price.toml"
    assert call("sources", "show", "deepseek-v3-report", "--json").document["id"] == "deepseek-v3-report"
    assert "Zheng Xiaoqing, Fudan University" in call("claims", "show", ZHENG).out
    assert "Stated figures" in call("claims", "show", V3).out
    facts = {fact["id"]: fact["value"] for fact in call("claims", "show", V3, "--json").document["facts"]}
    assert facts["gpu_hours"] == 2_788_000.0


def test_scopes_say_what_they_hold_and_leave_out(call: Call, registry: Registry) -> None:
    plain = call("scopes").out
    assert all(line.strip() in plain for scope in registry.scopes.values() for line in (*scope.includes, *scope.excludes))
    assert [scope["id"] for scope in call("scopes", "--json").document] == list(registry.scopes)
    assert len(call("scopes", "--csv").table) == 7


def test_check_counts_what_it_read(call: Call, registry: Registry) -> None:
    counts = call("check", "--json").document["counts"]
    assert (counts["claims"], counts["parameter"]) == (len(registry.names("claims")), len(registry.parameters))
    assert call("check").status == 0


def test_csv_keeps_what_a_spreadsheet_would_run_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "plain", "a,b", None]
    Output(as_json=False, as_csv=True, language=ENGLISH).rows([{"text": text, "number": -1.5} for text in texts], None)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["text"] for row in rows] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "plain", "a,b", ""]
    assert {row["number"] for row in rows} == {"-1.5"}


def test_a_reader_who_leaves_early_sees_no_traceback() -> None:
    command = f"{sys.executable} -m model.cli.main assumptions --json | head -c 10"
    found = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False, cwd=Path(model.__file__).parents[1])
    assert (len(found.stdout), found.stderr) == (10, b"")
