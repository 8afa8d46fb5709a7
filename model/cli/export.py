"""``costclaim export``: a verdict in a form that other programs read."""

from __future__ import annotations

from typing import Any

import click

from model.auditor.audit import audit
from model.cli.files import write
from model.cli.options import estimate_options, scenario_option
from model.errors import InputError
from model.export import FORMATS
from model.wording import LANGUAGES, language


@click.command()
@click.argument("claim")
@click.option("--claimreview", "forms", flag_value="claimreview", multiple=True, help="JSON-LD for a web page, after schema.org.")
@click.option("--csv", "forms", flag_value="csv", multiple=True, help="A row a scope, what it was computed with in front.")
@click.option("--parquet", "forms", flag_value="parquet", multiple=True, help="The same for programs.")
@click.option("--json", "forms", flag_value="json", multiple=True, help="The whole answer.")
@click.option("--svg", "forms", flag_value="svg", multiple=True, help="The ladder of scopes as a drawing.")
@click.option("--png", "forms", flag_value="png", multiple=True, help="The ladder of scopes as a picture.")
@click.option("-o", "file", required=True, metavar="FILE", help="File to write; - prints.")
@scenario_option
@estimate_options
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Language of texts and numbers.")
def export(*, claim: str, forms: tuple[str, ...], file: str, scenario: str, asked: dict[str, Any], lang: str) -> None:
    """Write the verdict on a claim to a file."""
    if len(forms) != 1:
        found = "no format is named." if not forms else "several formats are named."
        raise InputError("export", found, f"Give one of --{', --'.join(FORMATS)}.")
    write(file, FORMATS[forms[0]](audit(claim, scenario=scenario, **asked), language(lang)))
