"""What a checked table is told by: sentences, exports that no spreadsheet runs, the command."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from model.claims.table_checks import check_table
from model.cli.main import costclaim, main
from model.cli.main import main as command_line
from model.errors import InputError
from model.registry import Registry
from model.views.check_table import FORMS, MESSAGES, export_bytes, exported, flag_rows, form_of, written
from model.wording import ENGLISH, FRENCH, LANGUAGES
from tests.run_tables import LLAMA, PLANTED, V3, epoch, found, plain


def test_exports_hold_no_cell_that_a_spreadsheet_runs(registry: Registry) -> None:
    table = check_table(plain({**LLAMA, "name": "=1+1", "gpu_hours": "@x"}, {"name": "+2", "flop": None}), registry=registry)
    assert [row[1] for row in csv.reader(io.StringIO(export_bytes(table, ENGLISH, FORMS[".csv"]).decode()))][1:] == ["'=1+1", "'+2"]
    for ending, read in ((".csv", pl.read_csv), (".parquet", pl.read_parquet), (".json", pl.read_json)):
        content = export_bytes(table, ENGLISH, form_of(Path(f"o{ending.upper()}")))
        assert read(io.BytesIO(content))["row"].to_list() == exported(table, ENGLISH)["row"].to_list()


def test_where_nothing_can_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match=r"Accepted: \.csv, \.parquet, \.json"):
        form_of(Path("o.txt"))
    example = "assumptions/tables/example.csv"
    for name, message in (("o.txt", "Accepted: .csv"), ("no/o.csv", "cannot be written")):
        with pytest.raises(SystemExit, match="2"):
            main(["check-table", example, "--out", str(tmp_path / name)])
        assert message in capsys.readouterr().err
    main(["check-table", example, "--out", str(tmp_path / "o.csv")])
    assert (tmp_path / "o.csv").read_text(encoding="utf-8").startswith("row,")


@given(st.floats(1e-6, 1e11), st.sampled_from(["number3", "percent2", "count4", "usd3"]), st.sampled_from(sorted(LANGUAGES)))
def test_figures_are_written_as_everywhere_else(value: float, kind: str, code: str) -> None:
    language = LANGUAGES[code]
    shown = pl.select(written(pl.lit(value), kind, language)).item()
    told = language.fill(f"{{x:{kind}}}", {"x": value}).replace(language.group, "")
    assert _number(shown, language.decimal) == pytest.approx(_number(told, language.decimal), rel=1e-9)
    assert re.sub(r"[\d.,e-]+", "", shown) == re.sub(r"[\d.,-]+", "", told)


def _number(text: str, decimal: str) -> float:
    return float(re.sub(r"[^\d.e-]", "", text.replace(decimal, ".").rstrip("BKMTdk$\u00a0%")))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_finding_has_its_sentence(code: str, registry: Registry) -> None:
    flags = flag_rows(check_table(plain(*(row for _, _, row in PLANTED)), registry=registry), LANGUAGES[code])
    assert set(flags["check"]) == MESSAGES.keys()
    assert [message for message in flags["message"] if "{" in message or "null" in message] == []
    assert flags["message"].null_count() == 0


def test_the_command_prints_json_csv_and_tables(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(epoch({**V3, "mfu": 0.17}, {"name": "idle"}, {**LLAMA, "chip": "Dojo"}))
    call = CliRunner().invoke
    document = json.loads(call(costclaim, ["check-table", str(file), "--json"]).output)
    assert {key: document[key] for key in ("rows", "checked", "unchecked")} == {"rows": 3, "checked": 2, "unchecked": {"no_figures": 1}}
    (flag,) = document["flags"]
    assert {
        "row": 1,
        "name": "DeepSeek-V3",
        "check": "peak_precision",
        "severity": "fail",
        "reason": "peak_precision_fail",
    }.items() <= flag.items()
    assert "peak_precision,fail" in call(costclaim, ["check-table", str(file), "--csv"]).output
    shown = call(costclaim, ["check-table", str(file), "--lang", "fr", "--out", str(tmp_path / "o.csv")]).output
    assert "Matériel qui ne figure pas au dossier : Dojo." in shown.replace("\u00a0", " ")
    assert (tmp_path / "o.csv").is_file()


def test_the_command_shows_the_gravest_findings_and_counts_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(plain(*[{**LLAMA, "gpu_hours": 60_000}] * 60))
    assert "20 more; --json, --csv and --out have all." in CliRunner().invoke(costclaim, ["check-table", str(file)]).output


def test_the_example_has_every_fault_that_it_names(registry: Registry) -> None:
    table = check_table(registry.root / "tables" / "example.csv", registry=registry)
    assert (table.rows, dict(table.unchecked)) == (14, {"no_hours": 1, "unknown_chip": 1})
    assert found(table, 1) == found(table, 2) == {}
    assert set(table.flags["row"]) == set(range(3, 13))


def test_a_wrong_file_ends_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line(["check-table", "nowhere.csv"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("Error: nowhere.csv: ")


def test_french_figures_have_a_decimal_comma() -> None:
    assert pl.select(written(pl.lit(0.1234), "percent3", FRENCH)).item() == "12,3\u00a0%"
