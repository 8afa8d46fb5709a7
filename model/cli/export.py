"""``costclaim export``: a verdict in a form that other programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO, Any

import click

from model.auditor import Verdict, audit
from model.claims.claim_review import claim_review, dumped
from model.cli.options import estimate_options, scenario_option
from model.errors import InputError
from model.wording import LANGUAGES, Language, language

# Flag -> what makes the bytes of the file.
FORMATS: Mapping[str, Callable[[Verdict, Language], bytes]] = {
    "claimreview": lambda verdict, language: dumped(claim_review(verdict, language)).encode(),
}


@click.command()
@click.argument("claim")
@click.option("--claimreview", "form", flag_value="claimreview", help="JSON-LD for a web page, after schema.org.")
@click.option("-o", "file", required=True, metavar="FILE", type=click.File("wb", lazy=True), help="File to write; - prints.")
@scenario_option
@estimate_options
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default="en", show_default=True, help="Language of texts and numbers.")
def export(*, claim: str, form: str | None, file: IO[bytes], scenario: str, asked: dict[str, Any], lang: str) -> None:
    """Write the verdict on a claim to a file."""
    if form is None:
        raise InputError("export", "no format is named.", f"Add one of --{', --'.join(FORMATS)}.")
    file.write(FORMATS[form](audit(claim, scenario=scenario, **asked), language(lang)))
