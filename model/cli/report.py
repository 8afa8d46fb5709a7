"""``costclaim report``: a verdict as a file that can be sent."""

from __future__ import annotations

from typing import Any

import click

from model.cli.files import write
from model.cli.options import estimate_options, scenario_option
from model.wording import LANGUAGES, language


@click.command()
@click.argument("claim")
@click.option("-o", "file", required=True, metavar="FILE", help="File to write: .html, .pdf or .md.")
@scenario_option
@estimate_options
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Language of texts and numbers.")
def report(*, claim: str, file: str, scenario: str, asked: dict[str, Any], lang: str) -> None:
    """Write the report on a claim: a page in front, an annex with every footnote and source."""
    from model.report.annex import report as made
    from model.report.render import writer

    written = writer(file)
    write(file, written(made(claim, language=language(lang), scenario=scenario, **asked)))
