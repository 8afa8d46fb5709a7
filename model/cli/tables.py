"""Commands on claims in bulk: check-table, reconcile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.cli.options import Output, output_options
from model.errors import need

if TYPE_CHECKING:
    from polars import DataFrame

    from model.claims.table_checks import CheckedTable

SHOWN = 40  # findings that are printed; --json, --csv and --out have all


@click.command("check-table")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["epoch", "plain"]), help="Whose column names; by the header when not given.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write what was found: .csv, .parquet or .json.")
@output_options
def check_table(*, file: Path, format_: str | None, out: Path | None, output: Output) -> None:
    """Check every row of a table of runs (CSV, Parquet, Excel) against itself, physics and the market."""
    need("polars", "tables")
    from model.claims.table_checks import check_table as check
    from model.views_check_table import exported, flag_rows, json_flags, table_document, write_export

    table = check(file, format=format_)  # type: ignore[arg-type] # click accepts no other word
    if out is not None:
        write_export(table, output.language, out)
    if output.as_csv:
        click.echo(exported(table, output.language).write_csv(), nl=False)
        return
    flags, document = flag_rows(table, output.language), table_document(table)
    if output.as_json:
        click.echo(f'{json.dumps(document, ensure_ascii=False, indent=2)[:-2]},\n  "flags": {json_flags(flags)}\n}}')
        return
    _print(table, flags, output)


def _print(table: CheckedTable, flags: DataFrame, output: Output) -> None:
    from model.views_check_table import NOT_CHECKED, check_label, count_rows, remark_texts, severity_label, worst_first

    language = output.language
    output.say(
        "{rows:number9} rows: {checked:number9} checked, {idle:number9} not.", rows=table.rows, checked=table.checked, idle=table.idle
    )
    for remark in remark_texts(table, language):
        click.echo(remark)
    if table.unknown_chips:
        output.say("Hardware that is not on file: {names}.", names=", ".join(table.unknown_chips))
    if table.unchecked:
        rows = [{"not checked because": language.text(NOT_CHECKED[name]), "rows": count} for name, count in table.unchecked.items()]
        output.table(rows, right=("rows",))
    output.table(count_rows(table, language), right=("pass", "remark", "warn", "fail"))
    rows = [
        {"row": row, "name": name, "check": check_label(check, language), "result": severity_label(severity, language), "finding": message}
        for row, name, check, severity, message in worst_first(flags).head(SHOWN).iter_rows()
    ]
    if rows:
        output.table(rows, language.text("Findings, the gravest first"), ("row",))
    if len(flags) > SHOWN:
        output.say("{more:number9} more; --json, --csv and --out have all.", more=len(flags) - SHOWN)
