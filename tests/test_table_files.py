"""Files of tables: written otherwise they give the same, broken ones end in a message, any bytes are a table or a message."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from model.claims.table_checks import check_table
from model.claims.table_columns import NOTHING, columns_of
from model.errors import InputError
from model.registry import Registry
from model.views.check_table import flag_rows, json_flags, table_document
from model.wording import ENGLISH
from tests.run_tables import LLAMA, V3, epoch, found, plain


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


def without_sheets() -> bytes:
    """A workbook whose list of sheets is empty."""
    whole, left = io.BytesIO(), io.BytesIO()
    book = xlsxwriter.Workbook(whole)
    book.add_worksheet()
    book.close()
    with zipfile.ZipFile(whole) as given, zipfile.ZipFile(left, "w") as archive:
        for name in given.namelist():
            archive.writestr(name, re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", given.read(name)))
    return left.getvalue()


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
    "a workbook without a sheet": (without_sheets(), "holds no sheet"),
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
    assert check_table(epoch(V3), registry=registry).columns.layout == "epoch"
    assert check_table(plain(V3), registry=registry).columns.layout == "plain"
    with pytest.raises(InputError, match="no column of figures"):
        check_table(b"gpu_hours,flop\n1,2\n", layout="epoch", registry=registry)
