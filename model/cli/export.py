"""``costclaim export``: a verdict in a form that other programs read."""

from __future__ import annotations

from typing import IO, Any

import click

from model.auditor import audit
from model.cli.options import estimate_options, scenario_option
from model.errors import InputError
from model.export import FORMATS
from model.wording import LANGUAGES, language


@click.command()
@click.argument("claim")
@click.option("--claimreview", "form", flag_value="claimreview", help="JSON-LD for a web page, after schema.org.")
@click.option("--csv", "form", flag_value="csv", help="A row a scope, what it was computed with in front.")
@click.option("--parquet", "form", flag_value="parquet", help="The same for programs.")
@click.option("--json", "form", flag_value="json", help="The whole answer.")
@click.option("--svg", "form", flag_value="svg", help="The ladder of scopes as a drawing.")
@click.option("--png", "form", flag_value="png", help="The ladder of scopes as a picture.")
@click.option("-o", "file", required=True, metavar="FILE", type=click.File("wb", lazy=True), help="File to write; - prints.")
@scenario_option
@estimate_options
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Language of texts and numbers.")
def export(*, claim: str, form: str | None, file: IO[bytes], scenario: str, asked: dict[str, Any], lang: str) -> None:
    """Write the verdict on a claim to a file."""
    if form is None:
        raise InputError("export", "no format is named.", f"Add one of --{', --'.join(FORMATS)}.")
    file.write(FORMATS[form](audit(claim, scenario=scenario, **asked), language(lang)))
