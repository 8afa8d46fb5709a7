"""``costclaim programme``: one simulated programme, or many."""

from __future__ import annotations

import os
import sys

import click

from model.cli.options import Output, output_options
from model.document import Document
from model.errors import InputError
from model.registry import load_registry
from model.schema.claim import LARGEST_AMOUNT
from model.views.programme import ledger_rows, replay_document, replications_document

FIGURES = ("GPU-hours", "times the final run", "of capacity")


@click.command()
@click.argument("scenario")
@click.option("--set", "changes", multiple=True, metavar="ID=VALUE", help='Change an input: "programme.ideas_per_day=2".')
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**30), help="Seed of the simulation.")
@click.option("--replications", type=int, help="Simulate so many programmes in place of one.")
@click.option("--budget", type=float, help="USD: the probability of finishing within it.")
@click.option("--days", type=float, help="The same, by this day of the window.")
@output_options
def programme(
    *,
    scenario: str,
    changes: tuple[str, ...],
    seed: int,
    replications: int | None,
    budget: float | None,
    days: float | None,
    output: Output,
) -> None:
    """Simulate the research programme behind a model: ideas, trials, failures, the final run, and the GPU-hours of each."""
    from model.programme.plan import plan
    from model.programme.replications import REPLICATIONS, replay, replicate

    registry = load_registry()
    made = plan(scenario, registry=registry, changes=changes)
    if replications is None and budget is None and days is None:
        one = replay(made, seed=seed)
        document = replay_document(made, one, registry, seed)
        final_hours = one.inputs.final_hours
    else:
        _check_bounds(budget, days, made.middle().days)
        number = REPLICATIONS if replications is None else replications
        with click.progressbar(length=number, file=sys.stderr, hidden=not output.is_plain) as bar:
            many = replicate(made, number, seed=seed, workers=os.cpu_count() or 1, advance=bar.update)
        document = replications_document(many, registry, budget, days)
        final_hours = made.middle().final_hours
    _print(document, final_hours, output)


def _check_bounds(budget: float | None, days: float | None, window: float) -> None:
    for name, value in (("--budget", budget), ("--days", days)):
        if value is not None and not 0.0 < value <= LARGEST_AMOUNT:  # NaN is in no range
            raise InputError(name, f"{value:g} is out of range.", f"Write a number above 0, at most {LARGEST_AMOUNT:g}.")
    if days is not None and days > window:
        mend = f'Ask for at most {window:g}, or lengthen it: --set "window.days={days:g}".'
        raise InputError("--days", f"{days:g} is beyond the window of {window:g} days.", mend)


def _print(document: Document, final_hours: float, output: Output) -> None:
    language = output.language
    rows = [
        {"component": name, "GPU-hours": hours, "times the final run": ratio, "of capacity": share}
        for _, name, hours, ratio, share in ledger_rows(document["ledger"], final_hours, language)
    ]
    title = "Programme {scenario}: GPU-hours by component, {replications} replications, seed {seed}"
    if not output.is_plain:
        rows = [{"component": name, "gpu_hours": hours} for name, hours in document["ledger"].items()]
    output.rows(rows, document, language.fill(title, document), FIGURES)
    if not output.is_plain:
        return
    if document["R"] is None:
        output.say("The final run did not finish within the window, so there is no R.")
    else:
        output.say("R {R:number3}, goodput {goodput:percent3}, the final run done on day {finished_day:number3}.", **document)
    if spread := document.get("spread", {}).get("R"):
        template = "R: {p05:number3} to {p95:number3} (90 %), mean {mean:number4} with standard error {standard_error:number2}."
        if spread["standard_error"] is not None:  # of more than one replication
            output.say(template, **spread)
        done = round(document["finished"] * document["replications"])
        output.say("Finished within the window: {done:number9} of {all:number9}.", done=done, all=document["replications"])
    if "probability" in document:
        chance, error = document["probability"], document["standard_error"]
        output.say(
            "{chance}: the probability of finishing within the budget and the date (standard error {error:percent2}).",
            chance=language.chance(chance),
            error=error,
        )
