"""Commands that show what the tool knows: scopes, assumptions, sources, check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from model.cli.options import Output, output_options
from model.overrides import describe
from model.registry import load_registry
from model.schema.base import Evidence
from model.wording import Language

ACTION = click.argument("action", default="list", metavar="[list|show]", type=click.Choice(["list", "show"]))
IDENTIFIER = click.argument("identifier", default="")


def wanted_id(action: str, identifier: str, kind: str) -> str:
    """The id to show; empty for the whole list."""
    if action == "show" and not identifier:
        raise click.UsageError(f"Name what to show: costclaim {kind} show ID.")
    if identifier and action != "show":
        raise click.UsageError(f"Only show takes an id: costclaim {kind} show {identifier}.")
    return identifier if action == "show" else ""


@click.command()
@output_options
def scopes(*, output: Output) -> None:
    """Accounting boundaries: what each holds and leaves out."""
    found = list(load_registry().scopes.values())
    document = [scope.model_dump() for scope in found]
    if not output.is_plain:
        rows = [{"id": s.id, "label": s.label, "answers": s.answers, "formula": s.formula} for s in found]
        output.rows(rows, document)
        return
    for scope in found:
        text = output.language.text
        click.echo(f"\n{scope.id}: {text(scope.label)}\n  {text(scope.answers)}\n  {text(scope.formula)}")
        for head, lines in (("holds", scope.includes), ("leaves out", scope.excludes), ("remarks", scope.remarks)):
            for number, line in enumerate(lines):
                click.echo(f"  {text(head) if number == 0 else '':12}  {text(line.strip())}")


@click.command()
@ACTION
@IDENTIFIER
@output_options
def assumptions(*, action: str, identifier: str, output: Output) -> None:
    """List every assumption, or show one with its evidence, grades and disputes."""
    registry = load_registry()
    if wanted := wanted_id(action, identifier, "assumptions"):
        entry = registry.entry("parameter", wanted)
        file = registry.located("parameter")[wanted].file
        if not output.is_plain:
            shown = entry.model_dump(mode="json") | {"file": file}
            output.rows([shown], shown)
            return
        _print_parameter(registry.parameters[wanted], file, output)
        return
    found = list(registry.parameters.values())
    rows = [
        {
            "id": p.id,
            "what": output.language.text(p.label),
            "unit": p.unit,
            "value": describe(p.distribution),
            "basis": output.language.text(p.basis),
            "grades": "".join(sorted({item.grade for item in p.evidence})),
        }
        for p in found
    ]
    document = [p.model_dump(mode="json") for p in found]
    output.rows(rows, document, output.language.text("Assumptions"))


def _print_parameter(parameter: Any, file: str, output: Output) -> None:
    text = output.language.text
    click.echo(f"{parameter.id}: {text(parameter.label)}\n  {describe(parameter.distribution)} {parameter.unit}")
    output.say("  as of {date}, price year {year}", date=parameter.as_of, year=parameter.price_year or "-")
    click.echo(f"  {text(parameter.basis)}: {text(parameter.rationale.strip())}\n  assumptions/{file}")
    output.table([_evidence_row(item, output.language) for item in parameter.evidence], text("Evidence"))


def _evidence_row(item: Evidence, language: Language) -> dict[str, str]:
    return {
        "source": item.source,
        "where": item.locator,
        "figure": language.text(item.figure),
        "stance": language.text(item.stance),
        "grade": item.grade,
        "read": language.text(item.read),
        "disputed by": language.text(item.disputed_by),
    }


@click.command()
@ACTION
@IDENTIFIER
@output_options
def sources(*, action: str, identifier: str, output: Output) -> None:
    """List every source, or show one."""
    registry = load_registry()
    wanted = wanted_id(action, identifier, "sources")
    found = [registry.entry("source", wanted)] if wanted else list(registry.sources.values())
    document = [source.model_dump() for source in found]
    told = [d | {"read": output.language.text(d["read"])} for d in document]
    rows = [{key: d[key] for key in ("id", "title", "author", "date", "read", "url")} for d in told]
    output.rows(rows, document[0] if wanted else document, output.language.text("Sources"))


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@output_options
def check(*, path: Path | None, output: Output) -> None:
    """Validate every assumption, claim and scenario, of this project or of the folder PATH; all problems at once."""
    from model.check.files import check as run_check
    from model.errors import CheckFailed

    report = run_check(load_registry(path))
    rows = [{"kind": kind, "read": count} for kind, count in report.counts.items()]
    document = {
        "counts": dict(report.counts),
        "problems": [{"where": p.where, "found": p.found, "accepted": p.accepted} for p in report.problems],
    }
    if not output.is_plain or not report.problems:
        output.rows(rows, document, output.language.text("Entries read, no problem found"), ("read",))
    if report.problems:
        raise CheckFailed(report.problems)
