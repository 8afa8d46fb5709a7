"""Commands on what would have to be true: solve, believe, break-even."""

from __future__ import annotations

from typing import Any

import click

from model.cli.options import Output, estimate_options, output_options, scenario_option
from model.explain.question import Question, ask
from model.explain.steelman import Case
from model.views.believe import (
    MEANING,
    VERDICTS,
    believe_document,
    believe_sentence,
    break_even_document,
    case_sentence,
    map_sentence,
    one_in,
    premise_source,
    quantity,
    solve_document,
    solve_sentence,
    stretched,
)
from model.wording import Language

FIGURES = ("value", "median", "share below", "distance", "probability", "cost")
claim_argument = click.argument("claim")
scope_option = click.option("--scope", required=True, help="Scope whose cost is set against the amount.")
amount_option = click.option("--amount", type=float, metavar="USD", help="Another amount than the claim's.")


@click.command()
@claim_argument
@scope_option
@click.option("--for", "parameter", required=True, metavar="ID", help="The quantity that is moved; all others stay as they are.")
@amount_option
@click.option("--percentile", type=float, help="Percentile of the cost that meets the amount, in (0, 1); the median by default.")
@click.option("--probability", type=float, help="The same said the other way: P(cost ≤ amount), in (0, 1).")
@scenario_option
@estimate_options
@output_options
def solve(
    *,
    claim: str,
    scope: str,
    parameter: str,
    amount: float | None,
    percentile: float | None,
    probability: float | None,
    scenario: str,
    asked: dict[str, Any],
    output: Output,
) -> None:
    """The value of one quantity at which a scope's cost meets the amount, or how far it gets."""
    from model.explain.solve import solve_question

    if percentile is not None and probability is not None:
        raise click.UsageError("--percentile and --probability say the same: give one.")
    question = ask(claim, scope, amount=amount, scenario=scenario, **asked)
    where, wanted = ("--percentile", percentile) if probability is None else ("--probability", probability)
    found = solve_question(question, parameter, 0.5 if wanted is None else wanted, where=where)
    document = solve_document(question, found)
    if output.is_plain:
        click.echo(solve_sentence(question, found, output.language))
        return
    columns = ("parameter", "value", "unit", "feasible", "amount_usd", "probability", "median", "percentile")
    nearest = document["nearest"] or {"value": None, "cost_usd": None}
    output.rows([{c: document[c] for c in columns} | {f"nearest_{k}": v for k, v in nearest.items()}], document)


@click.command()
@claim_argument
@scope_option
@amount_option
@scenario_option
@estimate_options
@output_options
def believe(*, claim: str, scope: str, amount: float | None, scenario: str, asked: dict[str, Any], output: Output) -> None:
    """What would have to be true for the amount to hold in a scope, how likely that is, and the best case of either side."""
    from model.explain.believe import believe_question
    from model.explain.steelman import steelman_question

    question = ask(claim, scope, amount=amount, scenario=scenario, **asked)
    found, cases = believe_question(question), steelman_question(question)
    document, language = believe_document(question, found, cases), output.language
    if not output.is_plain:
        output.rows(document["point"], document)
        return
    rows = [
        {
            "quantity": language.text(c.label),
            "value": quantity(c.value, c.unit, language),
            "median": quantity(c.median, c.unit, language),
            "share below": language.chance(c.percentile),
            "id": c.id,
        }
        for c in stretched(found.nearest.point)
    ]
    output.table(rows, believe_sentence(question, found, language), FIGURES)
    routes = [
        {
            "route": language.text(r.route.replace("_", " ")),
            "distance": "" if r.distance is None else language.number(r.distance, 3),
            "cost": language.money(r.cost_usd, 3),
            "probability": one_in(r.probability, language),
        }
        for r in found.routes
    ]
    output.table(routes, language.text("By each route"), FIGURES)
    output.say(MEANING)
    for case in cases:
        _print_case(question, case, output, language)


def _print_case(question: Question, case: Case, output: Output, language: Language) -> None:
    rows = []
    for premise in case.premises:
        source, disputed = premise_source(premise, language)
        value = quantity(premise.value, premise.unit, language)
        rows.append({"quantity": language.text(premise.label), "value": value, "source": source, "disputed by": disputed})
    output.table(rows, case_sentence(question, case, language), FIGURES)


@click.command("break-even")
@claim_argument
@scope_option
@click.option("--x", required=True, metavar="ID[=LOW..HIGH]", help="Quantity across.")
@click.option("--y", required=True, metavar="ID[=LOW..HIGH]", help="Quantity upwards.")
@amount_option
@scenario_option
@estimate_options
@output_options
def break_even(
    *, claim: str, scope: str, x: str, y: str, amount: float | None, scenario: str, asked: dict[str, Any], output: Output
) -> None:
    """Where the verdict flips over two quantities, and where the median is the amount."""
    from model.explain.break_even import break_even_question

    question = ask(claim, scope, amount=amount, scenario=scenario, **asked)
    found = break_even_question(question, x, y)
    language = output.language
    if not output.is_plain:
        contours = (("median", found.break_even), ("flip", found.flips))
        rows = [{"line": kind, found.x.id: c.x, found.y.id: c.y, "between": " | ".join(c.between)} for kind, own in contours for c in own]
        output.rows(rows, break_even_document(question, found))
        return
    signs = dict(zip(VERDICTS, "+·<>", strict=True))
    click.echo(map_sentence(question, found, language))
    for value, verdicts in zip(found.y.values[::-1], found.verdicts[::-1], strict=True):
        click.echo(f"  {language.number(value, 3):>10}  {' '.join(signs[v] for v in verdicts)}")
    ends = (language.number(value, 3) for value in (found.x.values[0], found.x.values[-1]))
    output.say("{low} to {high} across: {x}; upwards: {y}", low=next(ends), high=next(ends), x=found.x.id, y=found.y.id)
    click.echo(f"  {', '.join(f'{sign} {language.text(VERDICTS[name])}' for name, sign in signs.items())}")
