"""Exports and run folders: read back equal, each with what it was computed with, and a folder that can be computed again."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from pyarrow import parquet

from model.auditor.audit import Verdict, audit
from model.cli.main import main
from model.document import audit_document
from model.engine import run
from model.errors import CheckFailed, CostclaimError, InputError, RefusedError
from model.export import AGAINST, COLUMNS, FORMATS, metadata, rows
from model.registry import Registry
from model.results import MANIFEST, draws_parquet, read_request, request_of
from model.sampling import SCRAMBLES
from model.wording import ENGLISH, FRENCH

HOSTILE = '=HYPERLINK("http://x"),<script>alert(1)</script>'


@pytest.fixture(scope="module")
def verdict(registry: Registry) -> Verdict:
    return audit("zheng-5.6m", registry=registry, points=256, changes=["goodput=0.93"])


def test_csv_reads_back_equal_behind_what_it_was_computed_with(verdict: Verdict) -> None:
    lines = FORMATS["csv"](verdict, ENGLISH).decode().splitlines()
    told = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("#"))
    assert {name: value.strip() for name, value in told.items()} == metadata(verdict)
    table = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    for found, meant in zip(table, rows(verdict, ENGLISH), strict=True):
        assert {name: float(text) for name, text in found.items() if isinstance(meant[name], float)} == {
            name: value for name, value in meant.items() if isinstance(value, float)
        }
        assert [found["scope"], found["label"]] == [meant["scope"], meant["label"]]


def test_parquet_reads_back_equal_with_its_metadata(verdict: Verdict) -> None:
    table = parquet.read_table(io.BytesIO(FORMATS["parquet"](verdict, FRENCH)))
    assert table.to_pylist() == rows(verdict, FRENCH)
    assert {key.decode(): value.decode() for key, value in table.schema.metadata.items()} == metadata(verdict)


def test_json_reads_back_as_the_answer_itself(verdict: Verdict) -> None:
    assert json.loads(FORMATS["json"](verdict, ENGLISH)) == json.loads(json.dumps(audit_document(verdict)))


def test_the_ladder_is_drawn_with_the_medians_in_it(verdict: Verdict) -> None:
    drawing = FORMATS["svg"](verdict, ENGLISH).decode()
    ET.fromstring(drawing)
    assert all(ENGLISH.money(row["p50"], 3) in drawing for row in rows(verdict, ENGLISH) if row["p50"] is not None)
    assert FORMATS["png"](verdict, ENGLISH).startswith(b"\x89PNG")


def test_markup_and_formulas_of_a_claim_stay_text(verdict: Verdict) -> None:
    from dataclasses import replace

    hostile = replace(verdict, claim=verdict.claim.model_copy(update={"claimant": HOSTILE, "text": HOSTILE}))
    assert json.loads(FORMATS["json"](hostile, ENGLISH))["claim"]["text"] == HOSTILE
    assert b"<script" not in FORMATS["claimreview"](hostile, ENGLISH)


def test_a_cell_that_a_spreadsheet_would_run_stays_text(verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    formulas = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "a\r=1", HOSTILE]
    told = [dict.fromkeys((*COLUMNS, *AGAINST), formula) for formula in formulas]
    monkeypatch.setattr("model.export.rows", lambda *_: told)
    lines = FORMATS["csv"](verdict, ENGLISH).decode().split("\n", len(metadata(verdict)))[-1]
    found = list(csv.DictReader(io.StringIO(lines, newline="")))
    assert [set(row.values()) for row in found] == [
        {("" if formula == "a\r=1" else "'") + formula.replace("\r", "\n")} for formula in formulas
    ]


def test_a_claim_about_no_cost_has_no_table_and_says_what_would_do(registry: Registry) -> None:
    name = next(name for name in registry.names("claims") if not registry.claim(name).has_scopes)
    found = audit(name, registry=registry, points=64)
    for form in ("csv", "parquet", "svg", "png"):
        with pytest.raises(RefusedError, match="--claimreview"):
            FORMATS[form](found, ENGLISH)
    assert FORMATS["json"](found, ENGLISH)


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_the_command_writes_the_same_bytes(form: str, tmp_path: Path, registry: Registry) -> None:
    file = tmp_path / f"own.{form}"
    main(["export", "zheng-5.6m", f"--{form}", "--points", "256", "--set", "goodput=0.93", "-o", str(file)])
    again = audit("zheng-5.6m", registry=registry, points=256, changes=["goodput=0.93"])
    assert file.read_bytes() == FORMATS[form](again, ENGLISH)


@pytest.mark.parametrize(("claim", "form", "status"), [("critics-266-times", "csv", 3), ("zheng", "json", 2)])
def test_a_refused_export_leaves_a_file_as_it_was(claim: str, form: str, status: int, tmp_path: Path) -> None:
    there, new = tmp_path / "there", tmp_path / "new"
    there.write_text("mine")
    for file in (there, new):
        with pytest.raises(SystemExit) as ended:
            main(["export", claim, f"--{form}", "--points", "64", "-o", str(file)])
        assert ended.value.code == status
    assert there.read_text() == "mine"
    assert not new.exists()


def test_an_export_is_printed_or_says_why_it_is_not_written(tmp_path: Path, verdict: Verdict, capfdbinary) -> None:
    words = ["export", "zheng-5.6m", "--csv", "--points", "256", "--set", "goodput=0.93", "-o"]
    main([*words, "-"])
    assert capfdbinary.readouterr().out == FORMATS["csv"](verdict, ENGLISH)
    with pytest.raises(SystemExit) as ended:
        main([*words, str(tmp_path / "none" / "own.csv")])
    assert ended.value.code == 2
    assert b"cannot be written" in capfdbinary.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["zheng"],
        ["dependent"],
        ["owner", "--set", "route.bottom_up=2", "--seed", "7"],
        ["zheng", "--set", "case.olmo-3=0", "--subject", "deepseek-r1"],
    ],
)
def test_a_run_folder_is_computed_again_to_the_same_bytes(words: list[str], tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    main(["run", *words, "--points", "256", "--out", str(first), "--save-draws"])
    main(["run", str(first / MANIFEST), "--out", str(second), "--save-draws"])
    assert {f.name: f.read_bytes() for f in first.iterdir()} == {f.name: f.read_bytes() for f in second.iterdir()}
    assert len(list(first.iterdir())) == 3


def test_draws_are_those_of_the_run(registry: Registry) -> None:
    found = run("zheng", registry=registry, points=256)
    table = parquet.read_table(io.BytesIO(draws_parquet(found)))
    assert table.num_rows == found.points
    assert table["scramble"].to_pylist()[:: found.points // SCRAMBLES] == list(range(SCRAMBLES))
    assert table["project[bottom_up]"].to_pylist() == found.draws("project", "bottom_up").ravel().tolist()
    assert table["goodput"].to_pylist() == found.draws("goodput").ravel().tolist()
    assert "price.claimed" not in table.column_names


def test_a_manifest_that_cannot_be_computed_again_says_why(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / MANIFEST

    def said(content: str | bytes, kind: type[CostclaimError]) -> str:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(kind) as caught:
            read_request(file, registry)
        return str(caught.value)

    request = request_of(run("zheng", registry=registry, points=64)).model_dump(mode="json")
    whole = {"engine": "0.1.0", "registry_sha256": registry.sha256, "request": request}
    assert "is not JSON" in said("{", InputError)
    assert "is not JSON" in said(b"\xff", InputError)
    assert "no manifest of a run" in said("[]", InputError)
    assert "no manifest of a run" in said('{"kind": "sweep"}', InputError)
    assert "too large" in said(" " * 1_000_001, InputError)
    assert "made by engine 0.0.9" in said(json.dumps(whole | {"engine": "0.0.9"}), RefusedError)
    assert "data 123" in said(json.dumps(whole | {"registry_sha256": "123"}), RefusedError)
    assert "is not a known key" in said(json.dumps(whole | {"request": request | {"more": 1}}), CheckFailed)
    with pytest.raises(InputError, match="holds no manifest"):
        read_request(tmp_path / "none", registry)


@pytest.mark.parametrize("words", [["zheng", "--save-draws"], ["{folder}", "--seed", "3"]])
def test_words_that_do_not_go_together_are_refused(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", *(word.format(folder=tmp_path) for word in words)])
    assert ended.value.code == 2
    assert "Traceback" not in capsys.readouterr().err
