"""Commands on claims in bulk and against each other: check-table, reconcile, ratio."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.cli.files import write
from model.cli.options import Output, output_options
from model.errors import RefusedError, need
from model.views.verdict import ABSENT

if TYPE_CHECKING:
    from polars import DataFrame

    from model.claims.ratio import LikeForLike, Ratio
    from model.claims.reconcile import Combination
    from model.claims.table_checks import CheckedTable
    from model.registry import Registry

DIFFERENCES = {
    "no_amount": "one of them states no sum of US dollars",
    "base_differs": "one of them is a stage without its base model",
    "scope_undeclared": "one of them does not say what its number prices",
    "basis_undeclared": "one of them does not say what price an hour was counted at",
    "scope_differs": "the numbers price different scopes",
    "year_differs": "the dollars are of different years",
}
MISSES = 10  # combinations that miss and are printed
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
    from model.views.check_table import export_bytes, exported, flag_rows, form_of, json_flags, table_document

    form = None if out is None else form_of(out)
    table = check(file, layout=format_)
    if form is not None:
        write(str(out), export_bytes(table, output.language, form))
    if output.as_csv:
        click.echo(exported(table, output.language).write_csv(), nl=False)
        return
    flags, document = flag_rows(table, output.language), table_document(table)
    if output.as_json:
        click.echo(f'{json.dumps(document, ensure_ascii=False, indent=2)[:-2]},\n  "flags": {json_flags(flags)}\n}}')
        return
    _print(table, flags, output)


def _print(table: CheckedTable, flags: DataFrame, output: Output) -> None:
    from model.views.check_table import NOT_CHECKED, check_label, count_rows, remark_texts, severity_label, worst_first

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


@click.command()
@click.argument("source", metavar="FILE|CLAIM")
@output_options
def reconcile(*, source: str, output: Output) -> None:
    """Find which combination of stated facts gives a stated total: of a claim, or of a TOML file with [target] and [[facts]]."""
    from model.claims.reconcile import reconcile as run_reconcile

    answer = run_reconcile(source)
    rows = [_combination_row(c, "fits", output) for c in answer.fits]
    rows += [_combination_row(c, "misses", output) for c in answer.misses[: None if output.as_csv else MISSES]]
    title = "What gives {target:usd6}" if answer.unit == "USD" else "What gives {target:count6} GPU-hours"
    output.rows(rows, answer.document(), output.language.fill(title, {"target": answer.target}), ("value", "off by", "facts"))
    if not output.is_plain:
        return
    if len(answer.misses) > MISSES:
        output.say("{more:number9} more miss; --json and --csv have all.", more=len(answer.misses) - MISSES)
    if answer.hours is not None and answer.hours.fits:
        template = "The stated {target:count6} GPU-hours are {expression} = {value:count6}."
        best = answer.hours.fits[0]
        output.say(template, target=answer.hours.target, expression=best.expression(output.language), value=best.value)


def _combination_row(found: Combination, result: str, output: Output) -> dict[str, object]:
    language = output.language
    plain = output.is_plain
    return {
        "expression": found.expression(language),
        "value": language.number(found.value, 9) if plain else found.value,
        "off by": language.percent(found.relative_error, 3) if plain else found.relative_error,
        "facts": len(found.facts),
        "result": language.text("fits" if result == "fits" else "misses"),
    }


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="[B]", required=False)
@click.option("--scenario", default="zheng", show_default=True, metavar="NAME|FILE", help="Scenario to compute with.")
@output_options
def ratio(*, first: str, second: str | None, scenario: str, output: Output) -> None:
    """Set the cost of B over that of A (claims or models): refused unless scope, price basis and year are shared.

    What can be compared is printed in any case: each scope of both at rents of one date, and the final run of every other model
    whose hours are known.
    """
    from model.claims.ratio import ratio as run_ratio
    from model.registry import load_registry

    registry = load_registry()
    answer = run_ratio(first, second, registry=registry, scenario=scenario)
    rows = [_ratio_row(o, registry, output) for o in (*answer.offers, *answer.rivals)]
    if output.is_plain:
        _print_ratio(answer, rows, output)
    else:
        output.rows(rows, answer.document())
    if answer.refused:
        because = "; ".join(output.language.text(DIFFERENCES[code]) for code in answer.refused)
        raise RefusedError(
            output.language.fill("{first} against {second}: {because}.", {"first": first, "second": second, "because": because})
        )


def _print_ratio(answer: Ratio, rows: list[dict[str, object]], output: Output) -> None:
    name = output.language.text(answer.first.subject.noun)
    if answer.stated is not None and answer.second is not None:
        output.say(
            "{second} over {first}, as stated: {ratio:number3}.", second=answer.second.id, first=answer.first.id, ratio=answer.stated
        )
    title = output.language.fill("Times the cost of {name}, both at rents of {day}", {"name": name, "day": answer.day.isoformat()})
    output.table(rows, title, ("P5", "P50", "P95"))
    output.say("Equal points are drawn for both, so that a dear market is dear for both and cancels.")


def _ratio_row(found: LikeForLike, registry: Registry, output: Output) -> dict[str, object]:
    language, plain = output.language, output.is_plain
    figures = found.quantiles or {}
    return {
        "model": language.text(registry.subject(found.subject).noun) if plain else found.subject,
        "scope": language.text(registry.scopes[found.scope].label) if plain else found.scope,
        "P5": _factor(figures.get("p05"), output),
        "P50": _factor(figures.get("p50"), output),
        "P95": _factor(figures.get("p95"), output),
        "remark": language.text(ABSENT[found.reason]) if found.reason and plain else found.reason or "",
    }


def _factor(value: float | None, output: Output) -> object:
    return "" if value is None else output.language.number(value, 3) if output.is_plain else value
