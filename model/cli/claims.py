"""``costclaim claims``: list, show, check, drift, contradictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from model.cli.listings import IDENTIFIER, wanted_id
from model.cli.options import Output, output_options
from model.document import amount_document, claim_document
from model.errors import CheckFailed, InputError
from model.registry import Registry, load_registry
from model.schema.claim import Claim

ACTIONS = ("list", "show", "check", "drift", "contradictions")


@click.command()
@click.argument("action", default="list", metavar=f"[{'|'.join(ACTIONS)}]", type=click.Choice(ACTIONS))
@IDENTIFIER
@click.option("--articles", type=click.Path(path_type=Path), help="With check: the folder of articles to find the quotations in.")
@output_options
def claims(*, action: str, identifier: str, articles: Path | None, output: Output) -> None:
    """List the claims, show one, check the quotations, or tell how retellings drifted and which claims contradict each other."""
    if articles and action != "check":
        raise click.UsageError("--articles goes with: costclaim claims check.")
    wanted = wanted_id(action, identifier, "claims")
    registry = load_registry()
    if action == "check":
        _check(registry, articles, output)
    elif action in WHOLE:
        WHOLE[action](registry, output)
    elif wanted:
        _show(registry.claim(wanted), output)
    else:
        _list(registry, output)


def _show(claim: Claim, output: Output) -> None:
    if output.is_plain:
        _print_claim(claim, output)
    else:
        output.rows([claim_document(claim)], claim_document(claim) | {"facts": [fact.model_dump() for fact in claim.facts]})


def _amount(claim: Claim) -> str:
    return claim.amount.as_written if claim.amount else claim.stated.as_written if claim.stated else "no amount"


def _list(registry: Registry, output: Output) -> None:
    found = [registry.claim(name) for name in registry.names("claims")]
    rows = [
        {"id": c.id, "subject": c.subject, "amount": _amount(c), "source": c.source.id, "claimant": output.language.text(c.claimant)}
        for c in found
    ]
    document = [{"id": c.id, "subject": c.subject, "amount": amount_document(c.amount), "source": c.source.id} for c in found]
    output.rows(rows, document, output.language.text("Claims"))


def _print_claim(claim: Claim, output: Output) -> None:
    text = output.language.text
    click.echo(f"{claim.id}: {text(claim.claimant)}, {claim.date}\n\n{claim.text}")
    if claim.translation:
        click.echo(f"\n{claim.translation}")
    rows = [
        {"of": text(name), "scope": reading.scope, "because": text(reading.because)}
        for name, reading in (
            ("what the number prices", claim.priced_scope),
            ("what the claimant says", claim.declared_scope),
            ("what the words suggest", claim.implied_scope),
        )
        if reading
    ]
    if claim.objection:
        asked = {"of": text(claim.objection.who), "scope": claim.objection.asked_scope, "because": text(claim.objection.because)}
        rows.append(asked)
    if rows:
        output.table(rows)
    if claim.facts:
        facts = [{"fact": f.id, "value": f"{f.value:,.10g}", "unit": f.unit, "source": f.source, "where": f.locator} for f in claim.facts]
        output.table(facts, text("Stated figures"), ("value",))
    if claim.primary:
        sources = [{"source": p.source, "where": p.locator, "figure": text(p.figure), "grade": p.grade} for p in claim.primary]
        output.table(sources, text("What its sources say"))
    output.say("Source: {source}, {locator}", source=claim.source.id, locator=claim.source.locator)
    click.echo(text(claim.note))


def _check(registry: Registry, articles: Path | None, output: Output) -> None:
    """What is stored of every quotation; with ``articles``, whether it stands there."""
    from model.check.claims import quotations
    from model.check.files import claims as named
    from model.claims.quotations import FOUND, look_up, quoted

    problems = [*named(registry), *quotations(registry)]
    places = {place.claim: place for place in look_up(registry, articles)} if articles else {}
    problems += [place.problem for place in places.values() if place.problem]
    rows = [
        {
            "claim": claim.id,
            "article": q.article,
            "start": q.start,
            "end": q.end,
            "found": output.language.text(places[claim.id].found) if articles else output.language.text("not looked for"),
        }
        for claim, q in quoted(registry)
    ]
    document = {
        "claims": len(registry.names("claims")),
        "quoted": len(rows),
        "found": sum(place.found == FOUND for place in places.values()) if articles else None,
        "quotations": [{"claim": c.id, **q.model_dump(), "found": places[c.id].found if articles else None} for c, q in quoted(registry)],
        "problems": [_problem(problem) for problem in problems],
    }
    output.rows(rows, document, output.language.text("Quotations, the places as stored"), ("start", "end"))
    if problems:
        raise CheckFailed(problems)


def _problem(problem: InputError) -> Mapping[str, str]:
    return {"where": problem.where, "found": problem.found, "accepted": problem.accepted}


def _drift(registry: Registry, output: Output) -> None:
    from model.claims.drift import drifts, graph

    found, language = drifts(registry), output.language
    rows = [
        {
            "claim": item.claim,
            "goes back to": item.origin,
            "axis": language.text(axis),
            "moved": language.text("moved" if s.moved else "–"),
            "how": s.text(language),
        }
        for item in found
        for axis, s in item.shifts.items()
    ]
    document = [
        {
            "claim": item.claim,
            "origin": item.origin,
            "origin_is_claim": item.is_claim,
            "moved": list(item.moved),
            "axes": {axis: {"code": s.code, "moved": s.moved, "text": s.text(language)} for axis, s in item.shifts.items()},
        }
        for item in found
    ]
    output.rows(rows, {"drift": document, "graph": graph(registry)}, language.text("How wordings moved from their source"))


def _contradictions(registry: Registry, output: Output) -> None:
    from model.claims.contradictions import contradictions

    found = [{"first": c.first, "second": c.second, "rule": c.rule, "why": c.text(output.language)} for c in contradictions(registry)]
    output.rows(found, found, output.language.text("Claims that cannot both stand"))


WHOLE: Mapping[str, Callable[[Registry, Output], None]] = {"drift": _drift, "contradictions": _contradictions}
