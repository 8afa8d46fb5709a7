"""``costclaim backtest``: how often the estimate of GPU-hours was right."""

from __future__ import annotations

from pathlib import Path

import click

from model.backtest.document import backtest_document
from model.backtest.score import backtest as run_backtest
from model.cli.options import Output, output_options
from model.registry import load_registry
from model.views.track_record import COVERAGE_HEADS, METHOD_HEADS, SLICE_HEADS, coverage_rows, headline, method_rows, place_text, slice_rows


@click.command()
@click.option("--data", metavar="FILE", type=click.Path(path_type=Path), help="CSV of unseen runs, in the columns of the evidence table.")
@output_options
def backtest(*, data: Path | None, output: Output) -> None:
    """Predict GPU-hours that are known, and count how often the intervals held them."""
    registry, language = load_registry(), output.language
    found = run_backtest(data, registry=registry)
    document = backtest_document(found, registry)
    if not output.is_plain:
        output.rows(document["runs"], document)
        return
    click.echo(f"\n{headline(found, language)}\n")
    output.table(coverage_rows(found, language), language.text("Coverage"), COVERAGE_HEADS[1:])
    output.table(method_rows(found, language), language.text("Against two baselines"), METHOD_HEADS[1:])
    output.table(slice_rows(found, language), language.text("By kind of run"), SLICE_HEADS[2:])
    if place := place_text(document["deepseek_v3"], language):
        click.echo(place)
    if read := document["without_unread"]:
        template = "Without the runs whose source was not read, {share:percent3} of {n} lie inside 80 %; CRPS {crps:number3}."
        output.say(template, share=read["coverage"]["80"], n=read["n"], crps=read["crps"])
    table = found.table
    for template, names in (("Columns that the file lacks: {names}.", table.missing), ("Columns that are not used: {names}.", table.extra)):
        if names:
            output.say(template, names=", ".join(names))
    for row, reason in table.unscored.items():
        output.say("Not scored: {row} ({reason}).", row=row, reason=reason)
