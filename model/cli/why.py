"""Commands that explain: gap, sensitivity, voi."""

from __future__ import annotations

from typing import Any

import click

from model.cli.options import Output, estimate_options, output_options, scenario_option
from model.views.why import (
    LEARNT,
    gap_document,
    sensitivity_document,
    share_text,
    varies,
    voi_document,
)

FIGURES = ("P5", "P95", "adds", "factor", "low", "high", "first", "total", "effect", "width removed", "wrong verdicts removed")
scope_option = click.option("--scope", required=True, help="Scope that is explained.")
claim_option = click.option(
    "--claim", default="deepseek-v3-5.576m", show_default=True, help="Whose model is priced, and whose amount judged."
)
only_option = click.option("--only", multiple=True, metavar="ID", help="This input or group alone; may be given more than once.")


@click.command()
@click.argument("claim")
@scope_option
@scenario_option
@estimate_options
@output_options
def gap(*, claim: str, scope: str, scenario: str, asked: dict[str, Any], output: Output) -> None:
    """From the claimed amount to the estimate in a scope, part by part, whatever the order of the parts."""
    from model.explain.gap import gap as explain

    found = explain(claim, scope=scope, scenario=scenario, **asked)
    document, language = gap_document(found, output.language), output.language
    if not output.is_plain:
        output.rows(document["parts"], document)
        return
    rows = [
        {
            "part": part["label"],
            "adds": language.shift(part["usd"]),
            "P5": language.money(part["p05"], 3),
            "P95": language.money(part["p95"], 3),
            "factor": language.number(part["factor"], 3),
        }
        for part in document["parts"]
    ]
    output.table(rows, document["sentence"], FIGURES)
    click.echo(document["remark"])


@click.command()
@click.argument("scenario")
@scope_option
@click.option("--method", default="tornado", show_default=True, metavar="tornado|sobol|shapley", help="How to measure.")
@click.option("--of", default="cost", show_default=True, metavar="cost|verdict", help="What varies: ln cost, or whether the amount fits.")
@click.option("--by", default="parameter", show_default=True, metavar="parameter|group", help="What is varied.")
@only_option
@claim_option
@estimate_options
@output_options
def sensitivity(*, scenario: str, asked: dict[str, Any], output: Output, **given: Any) -> None:
    """Which assumptions drive the cost in a scope, or the verdict on an amount."""
    from model.explain.sensitivity import sensitivity as explain

    document = sensitivity_document(explain(scenario, **given, **asked), output.language)
    name = "bars" if document["method"] == "tornado" else "indices"
    if not output.is_plain:
        output.rows(document[name], document)
        return
    language = output.language
    shown = [row for row in document[name] if varies(row)]
    if name == "bars":
        rows = [
            {"input": row["label"], "low": language.money(row["low_usd"], 3), "high": language.money(row["high_usd"], 3)} for row in shown
        ]
    else:
        columns = ("effect",) if document["method"] == "shapley" else ("first", "total")
        rows = [{"input": row["label"]} | {column: share_text(row, column, language) for column in columns} for row in shown]
    output.table(rows, document["remark"], FIGURES)
    idle = [row["id"] for row in document[name] if not varies(row)]
    if idle:
        output.say("Fixed here, so without effect: {names}.", names=", ".join(idle))


@click.command()
@click.argument("scenario")
@scope_option
@only_option
@claim_option
@estimate_options
@output_options
def voi(*, scenario: str, asked: dict[str, Any], output: Output, **given: Any) -> None:
    """Which fact to ask for next: what learning it exactly would take off the interval, and off the risk of a wrong verdict."""
    from model.explain.information import voi as explain

    document, language = voi_document(explain(scenario, **given, **asked), output.language), output.language
    if not output.is_plain:
        output.rows(document["items"], document)
        return
    rows = [
        {
            "what is learnt": item["label"],
            "kind": language.text(LEARNT[item["kind"]]),
            "width removed": language.money(item["width_removed_usd"], 3),
            "wrong verdicts removed": "" if item["wrong_verdict_removed"] is None else language.chance(item["wrong_verdict_removed"]),
        }
        for item in document["items"]
        if varies(item)
    ]
    output.table(rows, document["remark"], FIGURES)
    click.echo(document["sentence"])
