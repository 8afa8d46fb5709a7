"""Tables of runs: every kind of planted fault is found, clean rows are left alone, nothing is dropped, broken files end in a message."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from model.claims.table_checks import CheckedTable, check_table
from model.claims.table_chips import hardware
from model.claims.table_columns import NOTHING, columns_of
from model.cli.main import costclaim
from model.cli.main import main as command_line
from model.errors import InputError
from model.registry import Registry
from model.views_check_table import MESSAGES, export_csv, exported, flag_rows, json_flags, table_document, write_export, written
from model.wording import ENGLISH, FRENCH, LANGUAGES

Row = Mapping[str, object]
EPOCH = {
    "name": "Model",
    "date": "Publication date",
    "domain": "Domain",
    "parameters": "Parameters",
    "parameters_note": "Parameters notes",
    "flop": "Training compute (FLOP)",
    "tokens": "Training dataset size (datapoints)",
    "hours": "Training time (hours)",
    "chip": "Training hardware",
    "epochs": "Epochs",
    "base_model": "Base model",
    "finetune_flop": "Finetune compute (FLOP)",
    "gpus": "Hardware quantity",
    "mfu": "Hardware utilization (MFU)",
    "precision": "Numerical format",
    "gpu_hours": "Training chip-hours",
    "cost": "Training compute cost (2023 USD)",
    "power_w": "Training power draw (W)",
    "flop_low": "Training compute lower bound",
    "flop_high": "Training compute upper bound",
}
# DeepSeek-V3 as its report has it: 14.8T tokens, 37B of 671B active, 2.788M H800-hours on 2,048 GPUs at $2, FP8, MFU 0.389.
V3 = {
    "name": "DeepSeek-V3",
    "date": "2024-12-26",
    "chip": "NVIDIA H800 SXM5",
    "gpus": 2048,
    "hours": 1361.3,
    "gpu_hours": 2_788_000,
    "parameters": 671e9,
    "active_parameters": 37e9,
    "tokens": 14.8e12,
    "flop": 3.4078e24,
    "mfu": 0.389,
    "precision": "FP8",
    "price": 2.0,
    "cost": 5_576_000,
    "rate": 188_378,
    "power_w": 2_800_000,
}
# Llama 2 7B as its report has it: 2T tokens, 184,320 A100-hours (arXiv 2307.09288, table 2).
LLAMA = {
    "name": "Llama 2 7B",
    "date": "2023-07-18",
    "chip": "NVIDIA A100 SXM4 80 GB",
    "gpu_hours": 184_320,
    "parameters": 6.74e9,
    "tokens": 2e12,
    "flop": 8.4e22,
}
CIRCULAR = {**LLAMA, "flop": 184_320 * 3600 * 312e12 * 0.3}
TUNED = {"base_model": "DeepSeek-V3", "gpu_hours": 5_000.0, "gpus": None, "hours": None, "cost": 10_000, "rate": None, "power_w": None}
TUNED |= {"tokens": None, "mfu": None}


def plain(*rows: Row) -> bytes:
    """Rows as a CSV of plain columns."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(names)
    writer.writerows([row.get(name) for name in names] for row in rows)
    return buffer.getvalue().encode()


def epoch(*rows: Row) -> bytes:
    """Rows as a CSV of Epoch's columns, with the active parameters in a note of two lines."""
    told = []
    for row in rows:
        note = (
            f'Mixture of experts,\nwith {float(str(row["active_parameters"])) / 1e9:g}B active, "see paper"'
            if "active_parameters" in row
            else None
        )
        cost = f"${row['cost']:.2f}" if row.get("cost") else None
        kept = {EPOCH[name]: value for name, value in row.items() if name in EPOCH}
        told.append(kept | {EPOCH["parameters_note"]: note, EPOCH["cost"]: cost, EPOCH["domain"]: "Language", "Confidence": "Confident"})
    return plain(*told)


def found(table: CheckedTable, row: int = 1) -> dict[str, str]:
    """Severity by check of the findings in a row."""
    return dict(table.flags.filter(pl.col("row") == row).select("check", "severity").iter_rows())


PLANTED: list[tuple[str, str, Row]] = [
    ("wall_clock", "fail", {**V3, "gpus": 1024}),
    ("wall_clock", "fail", {**LLAMA, "gpus": 512, "hours": 180.0}),
    ("arithmetic", "fail", {**V3, "cost": 6_500_000}),
    ("arithmetic", "warn", {**LLAMA, "price": 2.0, "cost": 382_000}),
    ("rate_times_tokens", "fail", {**V3, "rate": 150_000}),
    ("rate_times_tokens", "fail", {**LLAMA, "rate": 120_000}),
    ("implied_mfu", "fail", {**V3, "gpu_hours": 400_000, "gpus": None}),
    ("implied_mfu", "fail", {**LLAMA, "gpu_hours": 60_000}),
    ("implied_mfu", "warn", {**LLAMA, "gpu_hours": 900_000}),
    ("peak_precision", "fail", {**V3, "mfu": 0.17}),
    ("peak_precision", "fail", {**LLAMA, "mfu": 20.3}),
    ("flop_6nd", "fail", {**V3, "flop": 2e25, "epochs": 1}),
    ("flop_6nd", "warn", {**V3, "flop": 2e25}),
    ("flop_6nd", "fail", {**LLAMA, "flop": 5e23, "epochs": 1}),
    ("parameters_active_vs_total", "fail", {**V3, "active_parameters": 700e9}),
    ("parameters_active_vs_total", "fail", {**V3, "flop": 6 * 671e9 * 14.8e12}),
    ("price_vs_market", "fail", {**V3, "cost": 100_000, "price": None}),
    ("price_vs_market", "fail", {**V3, "cost": 40_000_000, "price": None}),
    ("power", "fail", {**V3, "power_w": 100_000}),
    ("power", "fail", {**V3, "power_w": 20e6}),
    ("unit_slip", "fail", {**V3, "cost": 5_576}),
    ("unit_slip", "fail", {**V3, "gpu_hours": 2_788, "rate": None}),
    ("unit_slip", "fail", {**V3, "flop": 3.4078e27}),
    ("unit_slip", "warn", {**LLAMA, "gpu_hours": 184.32}),
    ("unit_slip", "warn", {**V3, "power_w": 2_800}),
    ("monthly_as_yearly", "fail", {**V3, "cost": 5_576_000 / 12}),
    ("monthly_as_yearly", "warn", {**V3, "cost": 5_576_000 * 12, "price": None}),
    ("rate_as_total", "fail", {**V3, "gpu_hours": 188_378, "gpus": None}),
    ("rate_as_total", "fail", {**V3, "cost": 5_576_000 / 14.8}),
    ("rate_as_total", "warn", {**LLAMA, "tokens": 15e12, "flop": 8.4e22 * 7.5, "gpu_hours": 184_320 / 2}),
    ("circular", "info", CIRCULAR),
    ("circular", "info", {**V3, "flop": 2_788_000 * 3600 * 989.4e12 * 0.3, "tokens": None}),
    ("base_model_compute", "warn", {**V3, **TUNED, "finetune_flop": 8e21}),
    ("base_model_compute", "warn", {**V3, **TUNED}),
    ("lost_exponent", "fail", {**V3, **TUNED, "finetune_flop": 6}),
    ("lost_exponent", "fail", {**LLAMA, "base_model": "Llama", "finetune_flop": 2}),
    ("bounds", "fail", {**LLAMA, "flop_low": 9e22}),
    ("bounds", "fail", {**LLAMA, "flop_low": 1e22, "flop_high": 8e22}),
    ("unreadable", "warn", {**LLAMA, "gpu_hours": "=1+1"}),
    ("unreadable", "warn", {**LLAMA, "tokens": "2 trillion"}),
    ("not_positive", "warn", {**LLAMA, "gpu_hours": 0}),
    ("not_positive", "warn", {**LLAMA, "tokens": -2e12}),
]


@pytest.mark.parametrize(("check", "severity", "row"), PLANTED)
def test_a_planted_fault_is_found(check: str, severity: str, row: Row, registry: Registry) -> None:
    table = check_table(plain(V3, row, LLAMA), registry=registry)
    assert found(table, 2)[check] == severity
    assert found(table, 1) == found(table, 3) == {}


# Epoch's table has neither price nor rate: what is left of a fault is what the market and physics say.
@pytest.mark.parametrize(("check", "severity", "row"), [fault for fault in PLANTED if not fault[2].keys() & {"price", "rate"}])
def test_a_planted_fault_is_found_in_epochs_format(check: str, severity: str, row: Row, registry: Registry) -> None:
    assert found(check_table(epoch(row), registry=registry))[check] == severity


SLIPS = [("unit_slip", {"cost": 5_576}), ("monthly_as_yearly", {"cost": 5_576_000 * 12}), ("rate_as_total", {"cost": 5_576_000 / 14.8})]


@pytest.mark.parametrize(("check", "changed"), SLIPS)
def test_a_slip_is_suspected_where_only_the_market_can_tell(check: str, changed: Row, registry: Registry) -> None:
    assert found(check_table(epoch({**V3, **changed}), registry=registry)).items() >= {("price_vs_market", "fail"), (check, "warn")}


def test_every_kind_of_fault_is_planted_twice() -> None:
    planted = [check for check, _, _ in PLANTED]
    assert {check for check in MESSAGES if planted.count(check) < 2} == set()


CLEAN: list[Row] = [
    V3,
    LLAMA,
    {name: value for name, value in V3.items() if name != "active_parameters"},  # a mixture of experts that tells its total alone
    {**LLAMA, "chip": "NVIDIA A100, NVIDIA H100 SXM5"},
    {**LLAMA, "epochs": None, "tokens": 1e12, "flop": 8.2e22 / 2},
    {**V3, "hours": None, "days": 57, "gpus": 2048},
    {**LLAMA, "date": "2023-07", "cost": 184_320 * 2.5},
    {**V3, "mfu": 34.3},
]


@pytest.mark.parametrize("write", [plain, epoch])
def test_clean_rows_are_not_flagged(write, registry: Registry) -> None:
    table = check_table(write(*CLEAN), registry=registry)
    assert table.flags.rows() == []
    assert (table.rows, table.checked, dict(table.unchecked)) == (len(CLEAN), len(CLEAN), {})


def test_the_fine_tunes_own_compute_tells_the_bases_from_an_impossible_row(registry: Registry) -> None:
    base, impossible = ({**V3, **TUNED, "finetune_flop": flop} for flop in (8e21, 8e22))
    table = check_table(plain(base, impossible), registry=registry)
    assert "implied_mfu" not in found(table, 1)
    assert found(table, 2)["implied_mfu"] == "fail"
    assert "base_model_compute" not in found(table, 2)


def test_a_circular_row_is_no_evidence_for_its_hours(registry: Registry) -> None:
    table = check_table(plain(CIRCULAR), registry=registry)
    assert table.results["implied_mfu"] == {"told_apart": 1}
    assert table.flags["figure"][0] == pytest.approx(0.3)


def test_utilisation_is_flop_over_hours_and_peak(registry: Registry) -> None:
    flags = check_table(plain({**LLAMA, "gpu_hours": 60_000}), registry=registry).flags
    (figure,) = flags.filter(pl.col("check") == "implied_mfu")["figure"]
    assert figure == pytest.approx(8.4e22 / (60_000 * 3600 * 312e12))


UNCHECKED: list[tuple[str, Row]] = [
    ("no_figures", {"name": "empty"}),
    ("no_hours", {"name": "a", "parameters": 7e9, "chip": "H100"}),
    ("no_chip", {"name": "b", "gpu_hours": 1e5, "parameters": 7e9}),
    ("unknown_chip", {"name": "c", "gpu_hours": 1e5, "chip": "NVIDIA H100 PCIe", "flop": 1e22}),
    ("no_compute", {"name": "d", "gpu_hours": 1e5, "chip": "H100", "parameters": 7e9}),
    ("unreadable", {"name": "e", "gpu_hours": "many", "chip": "H100"}),
]


def test_rows_that_cannot_be_checked_are_counted_by_reason(registry: Registry) -> None:
    rows = [row for _, row in UNCHECKED]
    table = check_table(plain(LLAMA, *rows, *rows), registry=registry)
    assert table.unchecked == {reason: 2 for reason, _ in UNCHECKED}
    assert table.checked + sum(table.unchecked.values()) == table.rows
    assert table.unknown_chips == {"NVIDIA H100 PCIe": 2}


def test_every_row_is_accounted_for_in_every_check(registry: Registry) -> None:
    table = check_table(plain(*CLEAN, *(row for _, _, row in PLANTED), *(row for _, row in UNCHECKED)), registry=registry)
    assert {name: sum(counts.values()) for name, counts in table.results.items()} == dict.fromkeys(table.results, table.rows)


def test_chips_are_known_by_maker_form_and_memory(registry: Registry) -> None:
    named = {"NVIDIA H800 SXM5": 989.4e12, "8x NVIDIA A100 SXM4 40 GB": 312e12, "A100-80GB": 312e12, "Google TPU v4": 275e12}
    named |= {"NVIDIA Tesla V100 DGXS 32 GB": 125e12, "h100": 989.4e12}
    cells = pl.DataFrame({"chip": [*named, "NVIDIA A100,NVIDIA H800 SXM5", "Google TPU v4, Dojo", "NVIDIA H100 PCIe"], "date": None})
    known = hardware(cells.cast(pl.String), registry).rows_by_key("chip", named=True, unique=True)
    assert {name: known[name]["peak_high"] for name in named} == named
    assert (known["NVIDIA A100,NVIDIA H800 SXM5"]["peak_low"], known["NVIDIA A100,NVIDIA H800 SXM5"]["peak_high"]) == (312e12, 989.4e12)
    assert known["Google TPU v4, Dojo"]["unknown"] == "Dojo"
    assert known["NVIDIA H100 PCIe"]["peak_high"] is None


def test_a_price_is_compared_with_the_market_of_its_own_date(registry: Registry) -> None:
    rows = [{**LLAMA, "date": date, "price": 6.0} for date in ("2023-07-18", "2010-01-01", "2024", "")]
    table = check_table(plain(*rows), registry=registry)
    assert table.results["price_vs_market"] == {"warn": 1, "no_market_low": 3}


# Files.


def test_bytes_files_and_formats_give_the_same_findings(tmp_path: Path, registry: Registry) -> None:
    rows = [{**V3, "cost": 5_576}, LLAMA]
    wanted = check_table(plain(*rows), registry=registry).flags
    frame = pl.DataFrame(rows)
    frame.write_parquet(tmp_path / "t.parquet")
    frame.write_excel(tmp_path / "t.xlsx")
    (tmp_path / "t.csv").write_bytes(plain(*rows))
    for file in ("t.csv", "t.parquet", "t.xlsx"):
        assert_frame_equal(check_table(tmp_path / file, registry=registry).flags, wanted)


GOOD = plain({**V3, "cost": 5_576}, LLAMA)
SAME = {
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "line feeds": GOOD.replace(b"\r\n", b"\n"),
    "carriage returns": GOOD.replace(b"\r\n", b"\r"),
    "mixed ends": GOOD.replace(b"\r\n", b"\n", 1),
    "semicolons": GOOD.replace(b",", b";"),
    "tabs": GOOD.replace(b",", b"\t"),
    "decimal commas": GOOD.replace(b",", b";").replace(b"0.389", b"0,389").replace(b"1361.3", b"1361,3"),
    "no last end": GOOD.rstrip(),
    "spaces": GOOD.replace(b"2788000", b" 2 788 000 ").replace(b"5576", b"$5576.00"),
}


@pytest.mark.parametrize("name", SAME)
def test_a_file_that_is_written_otherwise_gives_the_same(name: str, registry: Registry) -> None:
    wanted = check_table(GOOD, registry=registry).flags
    assert_frame_equal(check_table(SAME[name], registry=registry).flags, wanted)


def zipped(size: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    return buffer.getvalue()


BROKEN = {
    "nothing": (b"", "is empty"),
    "no columns that are known": (b"a,b\n1,2\n", 'no column of figures that is known; its 2 columns begin with "a", "b"'),
    "a near name": (b"gpu_hour,b\n1,2\n", 'Did you mean "gpu_hours"'),
    "UTF-16": ("gpu_hours\n1".encode("utf-16"), "UTF-16"),
    "bytes": (b"\x01\x00\x02", "is not text"),
    "an open quotation": (b'gpu_hours,name\n1,"x\n2,y\n', "not closed"),
    "a vast cell": (b'gpu_hours,name\n1,"' + b"x\n" * (9 << 20) + b'"\n', "more than 16 MiB"),
    "a vast row": (b"gpu_hours,name\n1," + b"x" * (17 << 20), "more than 16 MiB"),
    "a vast header": (b"gpu_hours" + b"x" * (1 << 21), "header of more than 1 MiB"),
    "many columns": (b",".join(b"c%d" % i for i in range(100_000)) + b"\n", "has 100,000 columns"),
    "a cut Parquet file": (b"PAR1" + b"x" * 100, "cut short"),
    "a Parquet file of nothing": (b"PAR1" + b"\0" * 20 + b"PAR1", "is broken"),
    "a vast footer": (b"PAR1" + struct.pack("<I", 1 << 30) + b"PAR1", "too many columns"),
    "a cut workbook": (b"PK\x03\x04" + b"x" * 100, "is broken"),
    "a workbook that unpacks to more than it should": (zipped((1 << 30) + 1), "unpacks to 1,024 MiB"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_reason(name: str, registry: Registry) -> None:
    data, message = BROKEN[name]
    with pytest.raises(InputError, match=message.replace("(", r"\(")) as raised:
        check_table(data, name="t.csv", registry=registry)
    assert str(raised.value).startswith("t.csv: ")


def test_a_wide_parquet_file_and_one_with_lists_are_refused(registry: Registry) -> None:
    for frame, message in (
        (pl.DataFrame({f"c{i}": [1.0] for i in range(5_000)}), "5,000 columns"),
        (pl.DataFrame({"gpu_hours": [[1.0]]}), 'column "gpu_hours" holds lists'),
    ):
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        with pytest.raises(InputError, match=message):
            check_table(buffer.getvalue(), registry=registry)


def test_rows_with_too_many_cells_and_too_few_are_counted(registry: Registry) -> None:
    table = check_table(b"name,gpu_hours,flop\na,1,000,5\nb,10\nc,20,1e20\n", registry=registry)
    assert (table.rows, table.unchecked) == (3, {"too_many_cells": 1, "no_chip": 2})


def test_letters_that_are_not_utf8_and_other_separators_are_remarked(registry: Registry) -> None:
    table = check_table("name;gpu_hours\ncoût;2\n".encode("latin-1"), registry=registry)
    assert table_document(table)["remarks"] == ['Cells are separated by ";".', "Some letters are not UTF-8 and stand as question marks."]


def test_formulas_of_a_workbook_are_their_values_or_flagged(tmp_path: Path, registry: Registry) -> None:
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["name", "gpu_hours", "price", "cost"])
    for row, value in ((1, 200.0), (2, 0)):
        sheet.write_row(row, 0, [f"r{row}", 100, 2])
        sheet.write_formula(row, 3, "=B2*C2", value=value)
    book.close()
    table = check_table(tmp_path / "t.xlsx", registry=registry)
    assert (found(table, 1), found(table, 2)) == ({}, {"not_positive": "warn"})


def test_a_file_that_is_not_there_is_refused(registry: Registry) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        check_table("nowhere.csv", registry=registry)


def test_a_header_alone_is_a_table_without_rows(registry: Registry) -> None:
    assert (check_table(b"gpu_hours,flop\n", registry=registry).rows, check_table(b"gpu_hours", registry=registry).checked) == (0, 0)


@given(data=st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_message(data: bytes, registry: Registry) -> None:
    try:
        table = check_table(b"gpu_hours,chip,flop,name\n" + data, registry=registry)
    except InputError:
        return
    assert table.checked + sum(table.unchecked.values()) == table.rows


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.text(max_size=12), st.floats(), st.sampled_from([*NOTHING, "$5", "1,000", "x", "NaN", "-inf", "=2"])), max_size=8)
)
def test_any_cells_are_numbers_or_flagged(rows: list[tuple[str, float, str]]) -> None:
    table = check_table(plain({"name": "", "flop": 1, "cost": 1}, *({"name": n, "flop": f, "cost": c} for n, f, c in rows)))
    assert table.rows == len(rows) + 1
    wrong = [text for _, _, text in rows if text in ("x", "-inf", "=2")]
    assert len(table.flags.filter((pl.col("check") == "unreadable") & pl.col("detail").str.starts_with("cost"))) == len(wrong)
    assert json.loads(json_flags(flag_rows(table, ENGLISH))) is not None


@given(st.lists(st.text(max_size=20), max_size=30))
def test_any_header_names_columns_once(header: list[str]) -> None:
    columns = columns_of(header)
    places = [column.place for column in columns.known.values()]
    assert len(places) == len(set(places))
    assert all(header[column.place] == column.header for column in columns.known.values())


def test_magnitudes_in_a_header_scale_its_numbers(registry: Registry) -> None:
    short = {"name": "x", "gpu_hours": 184_320, "chip": "A100", "params_total_b": 6.74, "tokens_t": 2.0, "flop": 8.4e22}
    table = check_table(plain(short), registry=registry)
    assert table.results["flop_6nd"] == {"pass": 1}


def test_the_format_is_told_by_the_header_or_asked_for(registry: Registry) -> None:
    assert check_table(epoch(V3), registry=registry).columns.format == "epoch"
    assert check_table(plain(V3), registry=registry).columns.format == "plain"
    with pytest.raises(InputError, match="no column of figures"):
        check_table(b"gpu_hours,flop\n1,2\n", format="epoch", registry=registry)


# What leaves the program.


def test_exports_hold_no_cell_that_a_spreadsheet_runs(tmp_path: Path, registry: Registry) -> None:
    table = check_table(plain({**LLAMA, "name": "=1+1", "gpu_hours": "@x"}, {"name": "+2", "flop": None}), registry=registry)
    assert [row[1] for row in csv.reader(io.StringIO(export_csv(table, ENGLISH).decode()))][1:] == ["'=1+1", "'+2"]
    for ending, read in ((".csv", pl.read_csv), (".parquet", pl.read_parquet), (".json", pl.read_json)):
        write_export(table, ENGLISH, tmp_path / f"o{ending}")
        assert read(tmp_path / f"o{ending}")["row"].to_list() == exported(table, ENGLISH)["row"].to_list()
    for name, message in (("o.txt", "Accepted: .csv"), ("no/o.csv", "cannot be written")):
        with pytest.raises(InputError, match=message):
            write_export(table, ENGLISH, tmp_path / name)


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
