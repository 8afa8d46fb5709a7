"""Runs with disclosed hours: the project's own, and those of a file of the same columns."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from model.backtest.predict import full_use_hours
from model.errors import CheckFailed, InputError, suggestion
from model.registry import Registry
from model.schema.run import BacktestRun, DisclosedRun

REQUIRED = ("params_active_b", "tokens_t", "gpu_hours_disclosed")
OPTIONAL = tuple(name for name in DisclosedRun.model_fields if name not in REQUIRED)
EXCLUDED = "exclude"
LARGEST_FILE = 50_000_000  # bytes
FORMS = ("PCIE", "NVL")  # sold under the name of a faster chip


@dataclass(frozen=True)
class Table:
    """Runs of a file that can be scored; columns that it lacks or has too many of; rows that are not scored, with why."""

    runs: tuple[DisclosedRun, ...]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    unscored: Mapping[str, str] = field(default_factory=dict)


def own_runs(registry: Registry) -> tuple[BacktestRun, ...]:
    """The runs of ``assumptions/backtest.toml`` that count."""
    entries = (item.entry for item in registry.located("backtest_run").values())
    return tuple(run for run in entries if isinstance(run, BacktestRun) and run.use != EXCLUDED)


def read_runs(path: Path, known: Sequence[DisclosedRun]) -> Table:
    """Runs of a CSV file with the columns of ``DisclosedRun``.

    Generation and peak of a chip that ``known`` runs used may be left out. Rows of use ``exclude`` and rows that lack a required
    figure are not scored, and named.

    Raises
    ------
    InputError, CheckFailed
        The file cannot be read, lacks a required column or a row to score, or a cell is wrong: by row and column.
    """
    names, rows = _rows(path)
    for column in REQUIRED:
        if column not in names:
            raise InputError(str(path), f'has no column "{column}".', f"Required: {', '.join(REQUIRED)}. {suggestion(column, names)}")
    runs, unscored, problems = list[DisclosedRun](), dict[str, str](), list[InputError]()
    for number, row in rows:
        run = _completed(row | {"id": row.get("id") or f"row {number}"}, known)
        name = f"row {number}: {run['id']}"
        lacking = [column for column in (*REQUIRED, "peak_bf16_dense_tflops") if column not in run]
        if run.get("use") == EXCLUDED or lacking:
            unscored[name] = f"no {', '.join(lacking)}" if run.get("use") != EXCLUDED else EXCLUDED
            continue
        try:
            runs.append(_validated(path, number, run))
        except CheckFailed as error:
            problems += error.problems
    if problems:
        raise CheckFailed(problems)
    if not runs:
        raise InputError(str(path), "holds no row that can be scored.", f"Give {', '.join(REQUIRED)} and hardware or its peak.")
    extra = tuple(name for name in names if name not in DisclosedRun.model_fields)
    return Table(tuple(runs), tuple(name for name in OPTIONAL if name not in names), extra, unscored)


def _rows(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Column names, and the filled cells of each row with its number as a spreadsheet counts."""
    if not path.is_file():
        raise InputError(str(path), "cannot be read: it is no file.", "Give a CSV file in UTF-8.")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(str(path), f"has more than {LARGEST_FILE:,} bytes.", "Give a table of runs.")
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(path), f"cannot be read: {error}.", "Give a CSV file in UTF-8.") from None
    try:
        return _table(path, csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(str(path), f"is not CSV: {error}.", "Separate cells by commas and quote those that hold one.") from None


def _table(path: Path, lines: Iterator[list[str]]) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    names = [name.strip() for name in next(lines, [])]
    if len(names) != len(set(names)):
        raise InputError(str(path), "has a column that stands twice.", "Name each column once.")
    rows = []
    for number, cells in enumerate(lines, start=2):
        if len(cells) > len(names):
            raise InputError(f"{path}: row {number}", f"has {len(cells)} cells.", f"The header names {len(names)} columns.")
        filled = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if cell.strip()}
        rows += [(number, filled)] if filled else []
    return names, rows


def _completed(row: dict[str, str], known: Sequence[DisclosedRun]) -> dict[str, str]:
    """The row with generation and peak of its chip, where other runs used the same."""
    chips = {_chip(run.hardware): run for run in known}
    alike = chips.get(_chip(row.get("hardware", "")))
    told = {"hw_gen": alike.hw_gen, "peak_bf16_dense_tflops": str(alike.peak_bf16_dense_tflops)} if alike else {}
    return told | row


def _chip(hardware: str) -> str:
    """H100 of ``H100-SXM`` or ``NVIDIA H100 80GB``; a form with a peak of its own is another chip, ``H100 PCIE``."""
    words = hardware.replace("-", " ").replace("+", " ").upper().removeprefix("NVIDIA ").split()
    return " ".join(words[:1] + [word for word in words[1:] if word in FORMS])


def _validated(path: Path, number: int, row: Mapping[str, str]) -> DisclosedRun:
    """The run of a row, whose hours at full use are a number."""
    try:
        run = DisclosedRun.model_validate({k: v for k, v in row.items() if k in DisclosedRun.model_fields}, strict=False)
    except ValidationError as error:
        raise CheckFailed([_problem(path, number, str(e["loc"][0]), e) for e in error.errors(include_url=False)]) from None
    hours = (full_use_hours(run, attention=False), full_use_hours(run))
    if not 0.0 < hours[0] <= hours[1] < math.inf:
        found = f"would take {hours[0]:g} hours at the peak of its chip."
        raise CheckFailed([InputError(f"{path}: row {number}", found, "Write parameters in billions and tokens in trillions.")])
    return run


def _problem(path: Path, number: int, column: str, error: Mapping[str, object]) -> InputError:
    return InputError(f"{path}: row {number}, column {column}", f"found {error['input']!r};", f"{error['msg']}.")
