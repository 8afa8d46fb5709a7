"""Tables from CSV, Parquet and Excel files, told apart by their first bytes: whole, in part and saying so, or refused at once."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

import polars as pl
from fastexcel import FastExcelError

from model.claims.table_columns import Columns, cells, columns_of, require_numbers
from model.errors import InputError

BLOCK = 1 << 18
TOP = 1 << 20  # bytes that hold the header
LONGEST_CELL = 1 << 24  # bytes without the end of a row
MOST_COLUMNS = 4096
MOST_UNPACKED = 1 << 30  # bytes of an Excel file's sheets
LARGEST_FOOTER = 1 << 24  # of a Parquet file, which describes its columns
SEPARATORS = (",", ";", "\t", "|")
EXCESS = "_excess"  # what stands beyond the last named column
Data = Path | bytes
Remark = tuple[str, str]  # code and what it is about


@dataclass(frozen=True)
class TableFile:
    """The known columns of a table by quantity, with the cells that hold no plain number; ``remarks`` say how it was read."""

    frame: pl.DataFrame
    columns: Columns
    decimal_comma: bool
    remarks: tuple[Remark, ...]


def read_table(where: str, data: Data, asked: str | None = None) -> TableFile:
    """Read a table.

    Raises
    ------
    InputError
        The file is missing, empty, broken, no table, or too large in one of its dimensions.
    """
    if isinstance(data, Path) and data.exists() and not data.is_file():
        raise InputError(where, "cannot be read: it is no file.", "Name a CSV, Parquet or Excel file.")
    try:
        with _opened(data) as stream:
            head = stream.read(8)
            reader = _reader(where, head)
            stream.seek(0)
            return reader(where, data, stream, asked)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, zipfile.BadZipFile) as error:
        raise _broken(where, error) from None
    except OSError as error:
        raise InputError(where, f"cannot be read: {error.strerror or error}.", "Name a CSV, Parquet or Excel file.") from None


def _opened(data: Data) -> IO[bytes]:
    return data.open("rb") if isinstance(data, Path) else io.BytesIO(data)


def _reader(where: str, head: bytes) -> Callable[[str, Data, IO[bytes], str | None], TableFile]:
    if not head:
        raise InputError(where, "is empty.", "Name a table with a header and rows.")
    if head.startswith(b"PAR1"):
        return _parquet
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _excel
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(where, "is text in UTF-16.", "Save it as UTF-8.")
    if b"\0" in head:
        raise InputError(where, "is not text.", "Name a CSV, Parquet or Excel file.")
    return _csv


def _broken(where: str, error: BaseException) -> InputError:
    return InputError(where, f"is broken: {str(error).strip().splitlines()[0][:200]}.", "Write it again from its source.")


def _csv(where: str, data: Data, stream: IO[bytes], asked: str | None) -> TableFile:
    lone = _scan(where, stream)
    if lone:  # rows that end as on old Macs
        data = (data.read_bytes() if isinstance(data, Path) else data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        stream = io.BytesIO(data)
    stream.seek(0)
    top = stream.read(TOP)
    header, separator = _header(where, top, asked)
    columns = columns_of(header, asked)
    require_numbers(where, header, columns)
    places = {name: str(column.place) for name, column in columns.known.items()}
    wanted = [pl.col(EXCESS).is_not_null(), *cells(columns, places, {})]
    remarks = [] if separator == "," else [("separator", repr(separator)[1:-1])]
    try:
        frame = _rows(data, separator, len(header), "utf8").select(wanted).collect(engine="streaming")
    except pl.exceptions.ComputeError as error:
        if "utf-8" not in str(error).lower():
            raise
        remarks.append(("not_utf8", ""))
        frame = _rows(data, separator, len(header), "utf8-lossy").select(wanted).collect(engine="streaming")
    return TableFile(frame, columns, separator == ";", tuple(remarks))


def _rows(data: Data, separator: str, width: int, encoding: Literal["utf8", "utf8-lossy"]) -> pl.LazyFrame:
    """Rows below the header; columns are called by their places, and one more holds what stands beyond them."""
    return pl.scan_csv(
        data,
        separator=separator,
        has_header=False,
        skip_rows=1,
        schema=dict.fromkeys([*map(str, range(width)), EXCESS], pl.String),
        encoding=encoding,
        truncate_ragged_lines=True,
        extra_columns="ignore",
        missing_columns="insert",
        raise_if_empty=False,
    )


def _scan(where: str, stream: IO[bytes]) -> bool:
    """Whether carriage returns end rows by themselves; refuses a row without end."""
    since, quoted, lone = 0, False, 0
    while block := stream.read(BLOCK):
        if block.endswith(b"\r"):
            block += stream.read(1)
        returns = block.count(b"\r")
        lone += returns - block.count(b"\r\n") if returns else 0
        quotes = block.count(b'"')
        ends = (b"\n" in block or returns) and (quotes or not quoted)
        quoted ^= bool(quotes % 2)
        since = 0 if ends else since + len(block)
        if since >= LONGEST_CELL:
            raise InputError(where, f"has a cell of more than {LONGEST_CELL >> 20} MiB.", "Close its quotation mark, or end its row.")
    if quoted:
        raise InputError(where, "has a quotation mark that is not closed.", 'Write a quotation mark inside a cell twice ("").')
    return lone > 0


def _header(where: str, top: bytes, asked: str | None) -> tuple[list[str], str]:
    """The header and its separator: the one that makes most columns known."""
    text = top.decode("utf-8-sig", errors="replace")
    if len(top) == TOP and "\n" not in text:
        raise InputError(where, "has a header of more than 1 MiB.", f"At most {MOST_COLUMNS:,} columns are read.")
    found = []
    for separator in SEPARATORS:
        try:
            header = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])
        except csv.Error as error:
            raise _broken(where, error) from None
        _check_width(where, len(header))
        found.append((len(columns_of(header, asked).known), header, separator))
    _, header, separator = max(found, key=lambda item: item[0])
    return [name.strip() for name in header], separator


def _check_width(where: str, width: int) -> None:
    if width > MOST_COLUMNS:
        raise InputError(where, f"has {width:,} columns.", f"At most {MOST_COLUMNS:,} are read; name those of docs/check_table.md.")


def _parquet(where: str, data: Data, stream: IO[bytes], asked: str | None) -> TableFile:
    stream.seek(-8, io.SEEK_END)
    footer, mark = struct.unpack("<I4s", stream.read(8))
    if mark != b"PAR1":
        raise InputError(where, "is broken: a Parquet file that is cut short.", "Write it again from its source.")
    if footer > LARGEST_FOOTER:
        raise InputError(where, "describes too many columns.", f"At most {MOST_COLUMNS:,} are read.")
    source: Any = data if isinstance(data, Path) else io.BytesIO(data)
    header = list(pl.read_parquet_schema(source))
    _check_width(where, len(header))
    return _typed(where, header, asked, lambda names: pl.read_parquet(source, columns=names))


def _excel(where: str, data: Data, stream: IO[bytes], asked: str | None) -> TableFile:
    if (unpacked := _unpacked(where, stream)) > MOST_UNPACKED:
        accepted = f"At most {MOST_UNPACKED >> 20:,} MiB; save it as CSV or Parquet."
        raise InputError(where, f"unpacks to {unpacked >> 20:,} MiB.", accepted)
    source: Any = data if isinstance(data, Path) else io.BytesIO(data)
    try:
        frame = pl.read_excel(source, engine="calamine", infer_schema_length=0, raise_if_empty=False)
    except (FastExcelError, pl.exceptions.PolarsError, ValueError) as error:
        raise _broken(where, error) from None
    except IndexError:  # the first of no sheets
        raise InputError(where, "holds no sheet.", "Write it again from its source.") from None
    return _typed(where, frame.columns, asked, frame.select)


def _unpacked(where: str, stream: IO[bytes]) -> int:
    """Bytes that the sheets of a file unpack to."""
    try:
        return sum(item.file_size for item in zipfile.ZipFile(stream).infolist()) if zipfile.is_zipfile(stream) else 0
    except (RuntimeError, ValueError, zipfile.BadZipFile) as error:  # a version that zipfile does not read is a RuntimeError
        raise _broken(where, error) from None


def _typed(where: str, header: list[str], asked: str | None, read: Callable[[list[str]], pl.DataFrame]) -> TableFile:
    """A table whose file names its columns: only the known ones are read."""
    columns = columns_of(header, asked)
    require_numbers(where, header, columns)
    frame = read([column.header for column in columns.known.values()])
    nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind == pl.Binary]
    if nested:
        raise InputError(where, f'column "{nested[0]}" holds lists or bytes.', "One number or text a cell is read.")
    known = cells(columns, {name: column.header for name, column in columns.known.items()}, frame.schema)
    return TableFile(frame.select(pl.lit(value=False).alias(EXCESS), *known), columns, decimal_comma=False, remarks=())
