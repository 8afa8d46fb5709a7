"""Commands that explain: gap."""

from __future__ import annotations

from typing import Any

import click

from model.cli.options import Output, estimate_options, output_options, scenario_option
from model.views_why import ADDING_UP, gap_document, gap_sentence, signed

FIGURES = ("P5", "P95", "adds", "factor")
scope_option = click.option("--scope", required=True, help="Scope that is explained.")


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
            "adds": signed(part["usd"], language),
            "P5": language.money(part["p05"], 3),
            "P95": language.money(part["p95"], 3),
            "factor": language.number(part["factor"], 3),
        }
        for part in document["parts"]
    ]
    output.table(rows, gap_sentence(found, language), FIGURES)
    output.say(ADDING_UP)
