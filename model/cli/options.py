"""Options that commands share, and the three ways in which every table can be printed."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from model.tabular import neutralised
from model.wording import ENGLISH, LANGUAGES, Language, language

Command = Callable[..., None]
Row = Mapping[str, Any]
WIDTH = 132  # of a table that is not printed to a terminal


@dataclass(frozen=True)
class Output:
    """How to print: JSON, CSV, or a table in the reader's language."""

    as_json: bool
    as_csv: bool
    language: Language

    @property
    def is_plain(self) -> bool:
        """Whether a person reads it."""
        return not (self.as_json or self.as_csv)

    def say(self, template: str, **values: object) -> None:
        """Print a text in the reader's language."""
        click.echo(self.language.fill(template, values))

    def rows(self, rows: Sequence[Row], document: object, title: str = "", right: Sequence[str] = ()) -> None:
        """The same rows in the form that was asked for; JSON prints the whole document."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str))
        elif self.as_csv:
            click.echo(_as_csv(rows), nl=False)
        else:
            self.table(rows, title, right)

    def table(self, rows: Sequence[Row], title: str = "", right: Sequence[str] = ()) -> None:
        """Rows as a table for a terminal; columns in ``right`` are aligned to the right."""
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for name in rows[0] if rows else ():
            table.add_column(self.language.text(name), justify="right" if name in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text("" if value is None else str(value)) for value in row.values()))
        console = Console(highlight=False)
        console.width = max(console.width, 80) if console.is_terminal else WIDTH
        if title:
            console.print(Text(title, style="bold"))
        console.print(table)


def output_options(command: Command) -> Command:
    """``--json``, ``--csv`` and ``--lang``, handed over as one ``output``."""

    @click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Language of texts and numbers.")
    @click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @functools.wraps(command)
    def wrapped(*, as_json: bool, as_csv: bool, lang: str, **given: Any) -> None:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv are two forms of one answer: give one.")
        command(output=Output(as_json, as_csv, language(lang)), **given)

    return wrapped


def asked_language(words: Sequence[str]) -> Language:
    """The language that ``--lang`` asks for, read off the words of a command: an error may come before they are understood."""
    codes = [code for option, code in itertools.pairwise(words) if option == "--lang"]
    codes += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    return LANGUAGES.get(codes[-1], ENGLISH) if codes else ENGLISH


def estimate_options(command: Command) -> Command:
    """``--set``, ``--points`` and ``--seed``, handed over as one ``asked``."""

    @click.option("--set", "changes", multiple=True, metavar="ID=VALUE", help='Change an assumption: "price.rental=2..3".')
    @click.option("--points", type=int, help="Points in all, rounded up to 4 times a power of two.")
    @click.option("--seed", type=int, help="Seed of the sample.")
    @functools.wraps(command)
    def wrapped(*, changes: tuple[str, ...], points: int | None, seed: int | None, **given: Any) -> None:
        command(asked={"changes": changes, "points": points, "seed": seed}, **given)

    return wrapped


scenario_option = click.option("--scenario", default="zheng", show_default=True, metavar="NAME|FILE", help="Scenario to compute with.")
subject_option = click.option("--subject", default="deepseek-v3", show_default=True, help="Whose GPU-hours are priced.")


def _as_csv(rows: Sequence[Row]) -> str:
    """Rows as CSV with a header; a text that a spreadsheet would run is kept as text."""
    buffer = io.StringIO()
    names = list(rows[0]) if rows else []
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[neutralised(row.get(name)) for name in names] for row in rows])
    return buffer.getvalue()
