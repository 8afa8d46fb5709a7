"""Commands that show what the tool knows: claims, scopes, assumptions, sources, check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from model.cli.options import print_json, print_rows, print_table, table_options
from model.document import amount_document, claim_document
from model.overrides import describe
from model.registry import load_registry
from model.schema.base import Evidence
from model.schema.claim import Claim

ACTION = click.argument("action", default="list", metavar="[list|show]", type=click.Choice(["list", "show"]))
IDENTIFIER = click.argument("identifier", default="")


def _wanted(action: str, identifier: str, kind: str) -> str:
    if action == "show" and not identifier:
        raise click.UsageError(f"Name what to show: costclaim {kind} show ID.")
    return identifier if action == "show" else ""


def _amount(claim: Claim) -> str:
    return claim.amount.as_written if claim.amount else "no amount"


@click.command()
@ACTION
@IDENTIFIER
@table_options
def claims(*, action: str, identifier: str, as_json: bool, as_csv: bool) -> None:
    """List the claims, or show one with its facts and the words behind each scope."""
    registry = load_registry()
    if wanted := _wanted(action, identifier, "claims"):
        claim = registry.claim(wanted)
        if as_json or as_csv:
            print_json(claim_document(claim) | {"facts": [fact.model_dump() for fact in claim.facts]})
            return
        _print_claim(claim)
        return
    found = [registry.claim(name) for name in registry.names("claims")]
    rows = [{"id": c.id, "subject": c.subject, "amount": _amount(c), "source": c.source.id, "claimant": c.claimant} for c in found]
    document = [{"id": c.id, "subject": c.subject, "amount": amount_document(c.amount), "source": c.source.id} for c in found]
    print_rows(rows, document, as_json=as_json, as_csv=as_csv, title="Claims")


def _print_claim(claim: Claim) -> None:
    click.echo(f"{claim.id}: {claim.claimant}, {claim.date}\n\n{claim.text}")
    if claim.translation:
        click.echo(f"\n{claim.translation}")
    rows = [
        {"": "priced scope", "scope": claim.priced_scope.scope, "because": claim.priced_scope.because},
        {"": "declared scope", "scope": claim.declared_scope.scope, "because": claim.declared_scope.because},
        {"": "implied scope", "scope": claim.implied_scope.scope, "because": claim.implied_scope.because},
    ]
    if claim.objection:
        rows.append({"": f"objection of {claim.objection.who}", "scope": claim.objection.asked_scope, "because": claim.objection.because})
    print_table(rows)
    if claim.facts:
        facts = [{"fact": f.id, "value": f"{f.value:,.10g}", "unit": f.unit, "source": f.source, "where": f.locator} for f in claim.facts]
        print_table(facts, "Stated facts", ("value",))
    click.echo(f"Source: {claim.source.id}, {claim.source.locator}" + (f"\n{claim.note}" if claim.note else ""))


@click.command()
@table_options
def scopes(*, as_json: bool, as_csv: bool) -> None:
    """Accounting boundaries: what each holds and leaves out."""
    found = list(load_registry().scopes.values())
    document = [scope.model_dump() for scope in found]
    if as_json or as_csv:
        rows = [{"id": s.id, "label": s.label, "answers": s.answers, "formula": s.formula} for s in found]
        print_rows(rows, document, as_json=as_json, as_csv=as_csv)
        return
    for scope in found:
        click.echo(f"\n{scope.id}: {scope.label}\n  {scope.answers}\n  {scope.formula}")
        for head, lines in (("holds", scope.includes), ("leaves out", scope.excludes), ("remarks", scope.remarks)):
            for number, line in enumerate(lines):
                click.echo(f"  {head if number == 0 else '':10}  {line.strip()}")


@click.command()
@ACTION
@IDENTIFIER
@table_options
def assumptions(*, action: str, identifier: str, as_json: bool, as_csv: bool) -> None:
    """List every assumption, or show one with its evidence, grades and disputes."""
    registry = load_registry()
    if wanted := _wanted(action, identifier, "assumptions"):
        entry = registry.entry("parameter", wanted)
        file = registry.located("parameter")[wanted].file
        if as_json or as_csv:
            print_json(entry.model_dump(mode="json") | {"file": file})
            return
        _print_parameter(registry.parameters[wanted], file)
        return
    found = list(registry.parameters.values())
    rows = [
        {
            "id": p.id,
            "what": p.label,
            "unit": p.unit,
            "value": describe(p.distribution),
            "basis": p.basis,
            "grades": "".join(sorted({item.grade for item in p.evidence})),
        }
        for p in found
    ]
    document = [p.model_dump(mode="json") for p in found]
    print_rows(rows, document, as_json=as_json, as_csv=as_csv, title="Assumptions")


def _print_parameter(parameter: Any, file: str) -> None:
    year = f", {parameter.price_year} prices" if parameter.price_year else ""
    click.echo(f"{parameter.id}: {parameter.label}\n  {describe(parameter.distribution)} {parameter.unit}{year}, as of {parameter.as_of}")
    click.echo(f"  basis: {parameter.basis}\n  {parameter.rationale.strip()}\n  file: assumptions/{file}")
    print_table([_evidence_row(item) for item in parameter.evidence], "Evidence")


def _evidence_row(item: Evidence) -> dict[str, str]:
    return {
        "source": item.source,
        "where": item.locator,
        "figure": item.figure,
        "stance": item.stance,
        "grade": item.grade,
        "read": item.read,
        "disputed by": item.disputed_by,
    }


@click.command()
@ACTION
@IDENTIFIER
@table_options
def sources(*, action: str, identifier: str, as_json: bool, as_csv: bool) -> None:
    """List every source, or show one."""
    registry = load_registry()
    wanted = _wanted(action, identifier, "sources")
    found = [registry.entry("source", wanted)] if wanted else list(registry.sources.values())
    document = [source.model_dump() for source in found]
    rows = [{key: d[key] for key in ("id", "title", "author", "date", "read", "url")} for d in document]
    print_rows(rows, document[0] if wanted else document, as_json=as_json, as_csv=as_csv, title="Sources")


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@table_options
def check(*, path: Path | None, as_json: bool, as_csv: bool) -> None:
    """Validate every assumption, claim and scenario, of this project or of the folder PATH; all problems at once."""
    from model.check import check as run_check
    from model.errors import CheckFailed

    report = run_check(load_registry(path))
    rows = [{"kind": kind, "read": count} for kind, count in report.counts.items()]
    document = {
        "counts": dict(report.counts),
        "problems": [{"where": p.where, "found": p.found, "accepted": p.accepted} for p in report.problems],
    }
    if as_json or as_csv or not report.problems:
        print_rows(rows, document, as_json=as_json, as_csv=as_csv, title="Entries read, no problem found", right=("read",))
    if report.problems:
        raise CheckFailed(report.problems)
