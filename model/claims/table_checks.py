"""Consistency checks over all rows of a table at once: each check is a few column expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from model.claims.row_checks import CHECKS, PASS, RowCheck, derived, suspect
from model.claims.table_chips import every_rent, hardware
from model.claims.table_columns import NUMBERS, ODD, TEXTS, Columns, numbers
from model.claims.table_files import EXCESS, Data, Remark, TableFile, read_table
from model.registry import Registry, load_registry
from model.setting import DEFAULT_SCENARIO, resolve
from model.system import System

SEVERITIES = ("pass", "warn", "fail", "info")
FLAG = {"row": pl.Int64, "name": pl.String, "check": pl.String, "severity": pl.String, "figure": pl.Float64}
FLAG |= {"stated": pl.Float64, "computed": pl.Float64, "low": pl.Float64, "high": pl.Float64, "detail": pl.String}
TOLD = ("row", "name", "check", "severity", "figure", "message")  # of a finding, in files
KEPT_CELL = 40  # letters of a cell that are shown
DRAWS = 1024
CODES = 1 << 32  # of the texts of a column
NAMED_CHIPS = 20
# Why a row was not checked, in the order in which the reasons are looked for.
REASONS = ("too_many_cells", "no_figures", "unreadable", "no_hours", "no_chip", "unknown_chip", "no_compute")


@dataclass(frozen=True)
class CheckedTable:
    """What the checks of a table found; ``flags`` has a line for every finding, ``unchecked_rows`` one for every row without a check.

    ``results`` counts by check how many rows passed, were flagged, or lack the quantity that is named.
    """

    rows: int
    checked: int
    unchecked: Mapping[str, int]
    results: Mapping[str, Mapping[str, int]]
    flags: pl.DataFrame
    unchecked_rows: pl.DataFrame
    columns: Columns
    unknown_chips: Mapping[str, int]
    remarks: tuple[Remark, ...]

    @property
    def idle(self) -> int:
        """Rows without a check."""
        return self.rows - self.checked


def check_table(data: str | Data, *, name: str = "", layout: str | None = None, registry: Registry | None = None) -> CheckedTable:
    """Check every row of a table of runs.

    Parameters
    ----------
    data : path of a CSV, Parquet or Excel file, or its bytes
    name : what messages call the table; its path when none is given
    layout : ``"epoch"`` or ``"plain"`` columns; by its header when none is given
    registry : assumptions; the project's own when none is given

    Raises
    ------
    InputError
        The file cannot be read as a table, or none of its columns is known.
    """
    source = Path(data) if isinstance(data, str) else data
    table = read_table(name or (str(source) if isinstance(source, Path) else "table"), source, layout)
    registry = registry or load_registry()
    figures, problems = _figures(table)
    columns, remarks = table.columns, table.remarks
    del table  # the texts of the cells
    frame = _with_hardware(figures, registry)
    amortised = pl.lit(columns.layout == "epoch").alias("amortised")
    frame = derived(frame.lazy().with_columns(amortised), registry.rules, _limits(registry)).collect()
    checks = tuple(check(registry.rules) for check in CHECKS)
    found = _statuses(frame, checks)
    return _gathered(columns, remarks, frame, found, problems=problems, checks=checks)


def _statuses(frame: pl.DataFrame, checks: Sequence[RowCheck]) -> pl.DataFrame:
    """Status of every row by check; causes are looked for where something was found."""
    found = frame.select(check.status.alias(check.id) for check in checks if not check.is_cause)
    odd = found.select(pl.any_horizontal(pl.all().is_between(1, 2)).fill_null(value=False)).to_series()
    places = (odd | frame.select(suspect().fill_null(value=False)).to_series()).arg_true()
    rows = frame[places]
    causes = []
    for check in checks:
        if check.present is not None:
            usual = frame.select(pl.when(check.present).then(PASS).alias(check.id)).to_series()
            causes.append(usual.scatter(places, rows.select(check.status).to_series()))
    return found.hstack(causes)


def _figures(table: TableFile) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Numbers above zero, absent columns as nulls; and flags for cells that hold something else."""
    frame, flags = table.frame, []
    columns = [pl.lit(None, pl.Float64).alias(name) for name in NUMBERS if name not in table.columns.known]
    for name in table.columns.numbers:
        column = table.columns.known[name]
        found, wrong = numbers(frame, name, decimal_comma=table.decimal_comma)
        negative = (found <= 0.0).fill_null(value=False)
        flags += [_cell_flags(frame, column.header, "unreadable", wrong, frame[f"{name}{ODD}"])]
        flags += [_cell_flags(frame, column.header, "not_positive", negative, found)]
        columns.append(pl.when(pl.lit(found) > 0.0).then(pl.lit(found) * column.scale).alias(name))
    texts = [pl.col(name) if name in table.columns.known else pl.lit(None, pl.String).alias(name) for name in TEXTS]
    return frame.select(EXCESS, *texts, *columns), [own for own in flags if len(own)]


def _cell_flags(frame: pl.DataFrame, header: str, check: str, bad: pl.Series, shown: pl.Series) -> pl.DataFrame:
    places = bad.arg_true()
    cells = shown.gather(places).cast(pl.String).str.slice(0, KEPT_CELL)
    names = frame["name"].gather(places) if "name" in frame.columns else None
    found = pl.DataFrame({"row": places.cast(pl.Int64) + 1, "name": names, "detail": f"{header[:KEPT_CELL]}: " + cells})
    return _completed(found.with_columns(check=pl.lit(check), severity=pl.lit("warn")))


def _completed(flags: pl.DataFrame) -> pl.DataFrame:
    """Flags with all their columns."""
    return flags.select((pl.col(name) if name in flags.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in FLAG.items())


def _with_hardware(frame: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Each pair of chip and date is looked up once, by the numbers of its texts among all texts."""
    chip, date = (frame[name].cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1) + 1 for name in ("chip", "date"))
    frame = frame.with_columns(pair=chip * CODES + date)
    pairs = frame.select("pair", "chip", "date").unique("pair")
    return frame.join(hardware(pairs, registry).drop("chip", "date"), on="pair", how="left", maintain_order="left")


@lru_cache(maxsize=2)
def _limits(registry: Registry) -> Mapping[str, float]:
    """Ends of the central 90 % of utilisation, and of the power of a GPU at work, host and building included, over that of its board."""
    setting = resolve(DEFAULT_SCENARIO, registry)
    system = System(setting, registry, registry.subject("deepseek-v3"))
    low, high = setting.distributions["mfu.reference_class"].ppf(np.array([0.05, 0.95]))
    value = system.ledger(0, DRAWS).value
    board = registry.chips[system.subject.chip].board_power_w or np.nan
    watt = 1e3 * value("ownership_kw_provisioned") * value("ownership_load_factor") * value("ownership_pue") / board
    ends = np.quantile(watt, [0.05, 0.95])
    names = ("mfu_low", "mfu_high", "power_low", "power_high", "rent_low", "rent_high")
    return dict(zip(names, (float(low), float(high), float(ends[0]), float(ends[1]), *every_rent(registry)), strict=True))


def _gathered(
    columns: Columns,
    remarks: tuple[Remark, ...],
    frame: pl.DataFrame,
    found: pl.DataFrame,
    *,
    problems: list[pl.DataFrame],
    checks: tuple[RowCheck, ...],
) -> CheckedTable:
    worked = found.select(pl.any_horizontal(pl.col(check.id).is_not_null() for check in checks)).to_series()
    broken = pl.concat([flags["row"] for flags in problems]).unique() if problems else pl.Series(dtype=pl.Int64)
    lacking = frame.select("name", EXCESS, "hours_all", "chip", "unknown", *NUMBERS).with_row_index("row", offset=1)
    reasons = lacking.filter(~worked).select(pl.col("row").cast(pl.Int64), "name", reason=_reason(broken))
    counts = dict(reasons["reason"].value_counts().iter_rows())
    return CheckedTable(
        rows=len(frame),
        checked=int(worked.sum()),
        unchecked={name: counts[name] for name in REASONS if name in counts},
        results={check.id: _results(check, frame, found[check.id]) for check in checks},
        flags=pl.concat([pl.DataFrame(schema=FLAG), *problems, *_flags(frame, found, checks)]).sort("row", maintain_order=True),
        unchecked_rows=reasons,
        columns=columns,
        unknown_chips=dict(frame["unknown"].drop_nulls().value_counts(sort=True).head(NAMED_CHIPS).iter_rows()),
        remarks=remarks,
    )


def _reason(broken: pl.Series) -> pl.Expr:
    """Why a row was not checked: the first thing that it lacks."""
    lacks = {
        "too_many_cells": pl.col(EXCESS),
        "unreadable": pl.col("row").is_in(broken.implode()),
        "no_figures": pl.all_horizontal(pl.col(name).is_null() for name in NUMBERS),
        "no_hours": pl.col("hours_all").is_null(),
        "no_chip": pl.col("chip").is_null(),
        "unknown_chip": pl.col("unknown").is_not_null(),
    }
    return pl.coalesce(*(pl.when(lack).then(pl.lit(name)) for name, lack in lacks.items()), pl.lit(REASONS[-1]))


def _results(check: RowCheck, frame: pl.DataFrame, status: pl.Series) -> dict[str, int]:
    """Rows by what the check found, or else by the first quantity that it lacks; told apart where it lacks none."""
    counted = {SEVERITIES[code]: count for code, count in status.drop_nulls().value_counts().sort(check.id).iter_rows()}
    if not status.has_nulls():
        return counted
    left, lacks = pl.lit(status.is_null()), {}
    for name in check.needs:
        lacks[f"no_{name}"] = (left & pl.col(name).is_null()).sum()
        left &= pl.col(name).is_not_null()
    idle = frame.select(**lacks, told_apart=left.sum()).row(0, named=True)
    return counted | {name: count for name, count in idle.items() if count}


def _flags(frame: pl.DataFrame, found: pl.DataFrame, checks: tuple[RowCheck, ...]) -> Iterator[pl.DataFrame]:
    for check in checks:
        places = (found[check.id] > 0).arg_true()
        if len(places) == 0:
            continue
        values = {
            "figure": check.figure,
            "stated": check.stated,
            "computed": check.computed,
            "low": check.low,
            "high": check.high,
            "detail": check.detail,
        }
        own = frame[places].select("name", *(value.alias(name) for name, value in values.items() if value is not None))
        status = found[check.id].gather(places)
        yield _completed(
            own.with_columns(
                places.cast(pl.Int64).alias("row") + 1,
                pl.lit(check.id).alias("check"),
                status.replace_strict(list(range(4)), list(SEVERITIES), return_dtype=pl.String).alias("severity"),
            )
        )
