"""Sweeps as they run: killed and resumed, on a full disk, on two machines' worth of workers, and always the same bytes."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from model.auditor.audit import audit
from model.cli.main import costclaim
from model.document import audit_document
from model.engine import run
from model.errors import InputError
from model.registry import Registry
from model.schema.sweep import Sweep
from model.sweep.blocks import compute_block, own_registry, rows_of
from model.sweep.design import COLUMNS, Combinations, check_sweep, read_sweep
from model.sweep.folder import Block, Folder, StorageError, opened
from model.sweep.query import query
from model.sweep.runner import run_blocks
from model.sweep.trial import tried

SWEEP = """
id = "small"
label = "Small"
description = "A sweep that ends soon."
claims = ["deepseek-v3-5.576m", "deepseek-r1-294k"]
scenarios = ["zheng", "as_reported"]
scopes = ["final_run", "project"]
points = 64

[[axes]]
id = "goodput"
grid = { low = 0.85, high = 0.97, count = 10 }
"""
COMBINATIONS, BLOCK = 40, 4


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweep") / "small.toml"
    path.write_text(SWEEP)
    return path


@pytest.fixture(scope="module")
def whole(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of an uninterrupted run."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert started(file, out).wait() == 0
    return out


def started(file: Path, out: Path, *more: str, **how) -> subprocess.Popen[bytes]:
    words = ["-m", "model.cli.main", "sweep", str(file), "--out", str(out), "--block", str(BLOCK), "--workers", "1", *more]
    how = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | how
    return subprocess.Popen([sys.executable, *words], **how)


def folder_of(file: Path, out: Path) -> Folder:
    registry = own_registry()
    sweep = read_sweep(file, registry)
    return Folder(out, sweep.model_dump_json(), check_sweep(sweep, registry).total, BLOCK, registry.sha256)


def content(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file() and path.stat().st_size}


def until(out: Path, count: int) -> None:
    while len(list(out.glob("rows/*.parquet"))) < count:
        time.sleep(0.005)


def test_each_row_is_the_engines_own(file: Path, whole: Path, registry: Registry) -> None:
    table = parquet.read_table(whole / "rows").to_pylist()
    assert len(table) == 2 * COMBINATIONS
    for row in table[::13]:
        subject = registry.claim(row["claim"]).subject
        found = run(row["scenario"], registry=registry, subject=subject, changes=[f"goodput={row['goodput']}"], points=64)
        estimate = found.scopes[row["scope"]]
        assert row["reason"] == estimate.reason
        if estimate.routes:
            assert [row["p05"], row["p50"], row["p95"]] == list(estimate.quantile([0.05, 0.5, 0.95]))
            assert row["probability_at_most_claim"] == pytest.approx(estimate.probability_at_most(row["amount_usd"]), abs=1e-12)


@pytest.mark.parametrize("claim", ["zheng-5.6m", "amodei-1b-fleet", "gpt2-original", "ling-plus"])
def test_each_claim_has_the_figures_of_its_audit(claim: str, registry: Registry) -> None:
    """Of a flow, of a fleet (a stock), of a model that the claim alone prices, and in another currency."""
    swept = Combinations(Sweep(id="own", label="Own", description="Own.", claims=(claim,), scenarios=("zheng",), points=64))
    rows = rows_of(swept, next(swept.points(0, 1)), registry)
    scopes = audit_document(audit(claim, registry=registry, points=64))["scopes"]
    for row, scope in zip(rows, scopes, strict=True):
        assert (row["reason"], row["price_year"]) == (scope["reason"], scope["price_year"])
        for name in ("p05", "p50", "p95", "probability_at_most_claim"):
            assert row.get(name) == (None if scope[name] is None else pytest.approx(scope[name], rel=1e-6))
        assert (row.get("amount_usd") is None) == (scope["probability_at_most_claim"] is None)


@pytest.mark.slow
def test_a_sweep_that_is_killed_goes_on_and_ends_with_the_same_bytes(file: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for blocks in (1, 4):
        process = started(file, out, "--resume")
        until(out, blocks)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = {path: path.stat().st_mtime_ns for path in out.glob("rows/*.parquet")}
    assert 0 < len(done) < COMBINATIONS // BLOCK
    assert started(file, out, "--resume").wait() == 0
    assert content(out) == content(whole)
    assert all(path.stat().st_mtime_ns == then for path, then in done.items())  # none was computed again


@pytest.mark.slow
def test_a_full_disk_ends_with_1_and_a_folder_that_can_be_resumed(file: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    least = min(path.stat().st_size for path in (whole / "rows").iterdir())

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least - 1, least - 1))

    process = started(file, out, stderr=subprocess.PIPE, preexec_fn=small_disk, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})
    said = process.communicate()[1].decode()
    assert process.returncode == 1
    assert "make room" in said
    assert "Traceback" not in said
    assert not list(out.glob("rows/*"))
    assert started(file, out, "--resume").wait() == 0
    assert content(out) == content(whole)


@pytest.mark.slow
def test_processes_of_its_own_give_the_same_bytes(file: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert started(file, out, "--workers", "2").wait() == 0
    assert content(out) == content(whole)


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_the_same_bytes(file: Path, whole: Path, tmp_path: Path) -> None:
    place = tmp_path / "scheduler.json"
    host = ["--host", "127.0.0.1"]
    common = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", *host, "--port", "0", "--no-dashboard"]
    processes = [subprocess.Popen([*scheduler, "--scheduler-file", str(place)], **common)]
    try:
        while not place.exists() or not place.read_text().strip():
            time.sleep(0.05)
        address = json.loads(place.read_text())["address"]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, *host, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        processes += [subprocess.Popen(worker, env=os.environ | {"PYTHONPATH": str(Path.cwd())}, **common) for _ in range(2)]
        own = folder_of(file, tmp_path / "out")
        lost = processes[1]

        def done(_block: Block) -> None:
            if lost.poll() is None:
                lost.kill()

        with opened(own, resume=False):
            run_blocks(own, workers=1, scheduler=address, done=done)
        assert lost.poll() is not None
        assert content(own.path) == content(whole)
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def test_a_scheduler_that_does_not_answer_is_named(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.sweep.runner.PATIENCE", 0.2)
    with pytest.raises(InputError, match="does not answer"):
        run_blocks(folder_of(file, tmp_path), workers=1, scheduler="tcp://127.0.0.1:9", done=lambda _: None)


def test_a_folder_is_held_by_one_sweep_at_a_time(file: Path, tmp_path: Path) -> None:
    own = folder_of(file, tmp_path / "out")
    with opened(own, resume=False):
        process = started(file, own.path, "--resume", stderr=subprocess.PIPE)
        assert "another sweep" in process.communicate()[1].decode()
        assert process.returncode == 2


def test_results_are_not_added_to_unasked_nor_mixed(file: Path, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--resume"), opened(folder_of(file, whole), resume=False):
        pass
    other = tmp_path / "other.toml"
    other.write_text(SWEEP.replace("points = 64", "points = 128"))
    with pytest.raises(InputError, match="another sweep or version"), opened(folder_of(other, whole), resume=True):
        pass
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match=r'holds "letter\.txt"'), opened(folder_of(file, tmp_path), resume=True):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"letter.txt", "other.toml"}
    with pytest.raises(InputError, match="cannot be written"), opened(folder_of(file, tmp_path / "letter.txt" / "out"), resume=False):
        pass


def test_a_block_that_cannot_be_written_leaves_nothing_behind(file: Path, tmp_path: Path) -> None:
    own = folder_of(file, tmp_path / "out")
    with pytest.raises(StorageError, match="make room"):
        own.store(Block(0, 1, tmp_path / "gone" / "block.parquet"), b"rows")


def test_a_block_left_half_written_is_swept_away(file: Path, tmp_path: Path) -> None:
    own = folder_of(file, tmp_path / "out")
    (own.path / "rows").mkdir(parents=True)
    half = own.path / "rows" / "000000000000-x.parquet.partial"
    half.write_bytes(b"half")
    with opened(own, resume=False):
        assert not half.exists()


def test_a_scenario_that_cannot_be_computed_says_why_in_its_row(file: Path, registry: Registry) -> None:
    sweep = read_sweep(file, registry)
    point = next(Combinations(sweep).points(0, 1))
    bad = type(point)(0, point.claim, point.scenario, ("goodput=7",), point.inputs)
    assert ["goodput" in row["reason"] for row in rows_of(Combinations(sweep), bad, registry)] == [True, True]


def test_equal_blocks_are_equal_bytes(file: Path, registry: Registry) -> None:
    text = read_sweep(file, registry).model_dump_json()
    first = compute_block(text, 4, 8)
    run("owner", registry=registry)
    assert compute_block(text, 4, 8) == first


def test_results_carry_what_they_were_computed_with(whole: Path, registry: Registry) -> None:
    schema = parquet.read_schema(min((whole / "rows").iterdir()))
    assert schema.metadata[b"registry_sha256"].decode() == registry.sha256
    assert schema.field("p50").metadata[b"unit"] == b"USD"
    assert set(schema.names) - COLUMNS == {"claim", "scenario", "goodput"}
    assert json.loads((whole / "manifest.json").read_text())["sweep"]["id"] == "small"


def test_sql_gives_what_duckdb_reads_for_itself(whole: Path) -> None:
    sql = "SELECT scope, avg(p50) AS middle FROM results GROUP BY scope ORDER BY scope"
    columns, rows = query(whole, sql)
    assert columns == ["scope", "middle"]
    pattern = str(whole / "rows" / "*.parquet")
    for found, meant in zip(rows, duckdb.connect().read_parquet(pattern).query("results", sql).fetchall(), strict=True):
        assert found[0] == meant[0]
        assert found[1] == pytest.approx(meant[1], rel=1e-12)  # DuckDB adds up in any order


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nope FROM results", "nope"),
        ("DROP TABLE results", "single SELECT"),
        ("SELECT 1; SELECT 2", "single SELECT"),
        ("COPY results TO 'own.csv'", "single SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "Permission"),
        ("SELEC", "syntax"),
        ("SELECT 1 AS one, 2 AS one", 'two columns "one"'),
        ("SELECT i FROM range(1000001) AS t(i)", "more than 1,000,000 rows"),
    ],
)
def test_sql_that_is_no_question_is_refused(sql: str, said: str, whole: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        query(whole, sql)
    with pytest.raises(InputError, match="holds no results"):
        query(tmp_path, "SELECT 1")


@pytest.mark.parametrize("name", ["one[1]", "all*", "own's"])
def test_a_folder_may_be_called_anything(name: str, whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / name)
    assert query(tmp_path / name, "SELECT count(*) FROM results") == (["count_star()"], [(2 * COMBINATIONS,)])


def test_a_trial_computes_scenarios_that_are_not_left_out(file: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    small, sizes = read_sweep(file, registry), []

    def counted(*asked) -> bytes:
        content = compute_block(*asked)
        sizes.append(parquet.read_table(io.BytesIO(content)).num_rows)
        return content

    monkeypatch.setattr("model.sweep.trial.compute_block", counted)
    middle = [{"claim": [small.claims[k]], "scenario": [small.scenarios[1 - k]]} for k in (0, 1)]
    ends = Sweep.model_validate(small.model_dump() | {"exclude": middle})
    found = tried(Combinations(ends), 1)
    assert (found.combinations, found.scenarios, sizes) == (COMBINATIONS, COMBINATIONS // 2, [2, 2 * COMBINATIONS // 4])
    none = Sweep.model_validate(small.model_dump() | {"exclude": [{"claim": small.claims}]})
    assert vars(tried(Combinations(none), 1)) == {"combinations": COMBINATIONS, "scenarios": 0, "workers": 1, "seconds": 0.0, "mib": 0.0}


def test_commands_print_their_answer(file: Path, whole: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    tried = json.loads(runner.invoke(costclaim, ["sweep", str(file), "--dry-run", "--json"], catch_exceptions=False).output)
    assert (tried["combinations"], tried["scenarios"]) == (COMBINATIONS, COMBINATIONS)
    assert 0.0 < tried["seconds"] < 600.0
    plain = runner.invoke(costclaim, ["sweep", str(file), "--dry-run", "--lang", "fr"], catch_exceptions=False).output
    assert "40" in plain
    words = ["sweep", str(file), "--out", str(tmp_path / "out"), "--workers", "1", "--json"]
    assert json.loads(runner.invoke(costclaim, words, catch_exceptions=False).output)["combinations"] == COMBINATIONS
    asked = ["query", str(whole), "SELECT count(*) AS n FROM results", "--json"]
    assert json.loads(runner.invoke(costclaim, asked, catch_exceptions=False).output) == [{"n": 2 * COMBINATIONS}]
    asked = ["query", str(whole), "SELECT 'nan'::DOUBLE AS n", "--json"]
    assert json.loads(runner.invoke(costclaim, asked, catch_exceptions=False).output) == [{"n": None}]
    nested = ["query", str(whole), "SELECT {'a': ['inf'::DOUBLE, 1.5]} AS n, map {DATE '2024-12-26': 'nan'::FLOAT} AS m", "--json"]
    told = json.loads(runner.invoke(costclaim, nested, catch_exceptions=False).output)
    assert told == [{"n": {"a": [None, 1.5]}, "m": {"2024-12-26": None}}]
    assert runner.invoke(costclaim, ["sweep", str(file)]).exit_code == 2
