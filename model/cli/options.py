"""Options that commands share, and the three ways in which every table can be printed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
Row = Mapping[str, Any]


def estimate_options(command: F) -> F:
    """``--set``, ``--points``, ``--seed``."""
    for option in (
        click.option("--seed", type=int, help="Seed of the sample."),
        click.option("--points", type=int, help="Points in all, rounded up to 4 times a power of two."),
        click.option("--set", "changes", multiple=True, metavar="ID=VALUE", help='Change an assumption: "price.rental=2..3".'),
    ):
        command = option(command)
    return command


def scenario_option(command: F) -> F:
    """``--scenario``."""
    return click.option("--scenario", default="zheng", show_default=True, metavar="NAME|FILE", help="Scenario to compute with.")(command)


def table_options(command: F) -> F:
    """``--json`` and ``--csv``."""
    for option in (
        click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
    ):
        command = option(command)
    return command


def print_json(document: object) -> None:
    """JSON to standard output, non-ASCII text as it is."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def print_csv(rows: Sequence[Row]) -> None:
    """Rows as CSV with a header; a text that a spreadsheet would run is kept as text."""
    buffer = io.StringIO()
    names = list(rows[0]) if rows else []
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[_harmless(row.get(name)) for name in names] for row in rows])
    click.echo(buffer.getvalue(), nl=False)


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return "" if value is None else value


def print_table(rows: Sequence[Row], title: str = "", right: Sequence[str] = ()) -> None:
    """Rows as a table for a terminal; columns in ``right`` are aligned to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for name in rows[0] if rows else ():
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row.values()))
    console = Console(highlight=False)
    console.width = max(console.width, 80) if console.is_terminal else 132
    console.print(table)


def print_rows(rows: Sequence[Row], document: object, *, as_json: bool, as_csv: bool, title: str = "", right: Sequence[str] = ()) -> None:
    """The same rows in the form that was asked for; JSON prints the whole document."""
    if as_json:
        print_json(document)
    elif as_csv:
        print_csv(rows)
    else:
        print_table(rows, title, right)
