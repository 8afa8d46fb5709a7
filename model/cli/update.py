"""Commands that confront the model with evidence: update, fleets, route-scores."""

from __future__ import annotations

from typing import Any

import click

from model.cli.options import Output, estimate_options, output_options, subject_option
from model.views.scenarios import range_text
from model.views.update import (
    count_text,
    fleets_document,
    number_range,
    observed_text,
    scores_document,
    update_document,
    weight_words,
    why_not,
)
from model.wording import Language

Document = dict[str, Any]
NUMBERS = ("P5", "P50", "P95", "before", "after", "R", "log score", "CRPS", "weight that the scores suggest")


def _range(q: Document | None, language: Language) -> str:
    return "–" if q is None else range_text(q, language)


@click.command()
@click.argument("scenario")
@click.option("--evidence", multiple=True, metavar="ID|FILE", help="An observation on file, or a TOML file; may be repeated.")
@estimate_options
@subject_option
@output_options
def update(*, scenario: str, evidence: tuple[str, ...], asked: Document, subject: str, output: Output) -> None:
    """Prior and posterior of every scope in the light of evidence; ``costclaim check`` names faults in shipped files."""
    from model.posterior import update as run_update
    from model.registry import load_registry

    registry = load_registry()
    posterior = run_update(scenario, evidence, registry=registry, subject=subject, **asked)
    document = update_document(posterior, output.language)
    language = output.language
    if not output.is_plain:
        keys = [(when, name) for when in ("prior", "posterior") for name in ("p05", "p50", "p95")]
        rows = [{"id": s["id"]} | {f"{when}_{name}": (s[when] or {}).get(name) for when, name in keys} for s in document["scopes"]]
        output.rows(rows, document)
        return
    for item, found in zip(posterior.evidence, document["evidence"], strict=True):
        click.echo(f"\n{found['label']}")
        values = {"quantity": found["quantity"], "unit": found["unit"], "seen": observed_text(item.observation.observed, language)}
        output.say("  {quantity} [{unit}], seen: {seen}", **values)
        if found["applied"]:
            figures = {name: number_range(found[when], language) for name, when in (("before", "prior"), ("after", "posterior"))}
            output.say("  model before: {before}; after: {after}", **figures)
        for reason in why_not(item, language):
            click.echo(f"  {reason}")
    scopes = [
        {"scope": s["label"], "before": _range(s["prior"], language), "after": _range(s["posterior"], language)} for s in document["scopes"]
    ]
    output.table(scopes, language.text("Cost by scope before and after the evidence: P50 (P5 to P95)"), NUMBERS)
    weights = [{"scope": s, "route": r, "before": b, "after": a} for s, r, b, a in weight_words(document, language)]
    output.table(weights, language.text("Weights of the routes"), NUMBERS)
    text = "{left:number9} effective points of all routes and points; the ground rule asks for {floor:number3}."
    output.say(text, left=round(posterior.effective_sample_size), floor=document["effective_sample_floor"])
    if not evidence:
        output.say("No evidence was given. On file: {names}.", names=", ".join(registry.names("evidence")))


@click.command()
@click.argument("scenario", default="zheng")
@estimate_options
@subject_option
@output_options
def fleets(*, scenario: str, asked: Document, subject: str, output: Output) -> None:
    """Whose fleet: every count of the lab's GPUs, each priced alone; ``--set fleet.claim=ID`` chooses one."""
    from model.engine import run
    from model.fleets import priced_fleets

    computed = run(scenario, subject=subject, **asked)
    document = fleets_document(priced_fleets(computed), computed, output.language)
    language = output.language
    rows = [
        {
            "id": f["id"] + (" *" if f["chosen"] and output.is_plain else ""),
            "claimed by": f["claimant"],
            "GPUs": count_text(f["gpus"], language),
            "purchase": _range(f["fleet_capex"], language),
            "the lab's year": _range(f["lab_window"], language),
            "disputed by": "; ".join(f["disputed_by"]),
        }
        for f in document["fleets"]
    ]
    output.rows(rows, document, language.text("Whose fleet? Alternatives, never added: P50 (P5 to P95)"))
    if output.is_plain:
        output.say("* chosen. A purchase is a stock: it is compared with no run and no year. Another one: --set fleet.claim=ID.")


@click.command(name="route-scores")
@click.option("--points", type=int, help="Points in all, rounded up to 4 times a power of two.")
@click.option("--seed", type=int, help="Seed of the sample.")
@output_options
def route_scores(*, points: int | None, seed: int | None, output: Output) -> None:
    """How well each route foretells projects whose ratio R is known; nothing is applied to the weights."""
    from model.registry import load_registry
    from model.route_scores import route_scores as score_all
    from model.route_scores import summaries

    registry, language = load_registry(), output.language
    scores = score_all(registry, seed=seed, points=points)
    averages = summaries(scores)
    document = scores_document(scores, averages, registry.sha256)
    number = language.number
    rows = [
        {
            "case": language.text(s.case.label),
            "R": number(s.case.ratio, 3),
            "route": language.text(s.route.replace("_", " ")),
            "foretold without it": language.fill("{p50:number3} ({p05:number3} to {p95:number3})", s.foretold),
            "log score": language.text("outside its range") if s.log_score is None else number(s.log_score, 3),
            "CRPS": number(s.crps, 3),
        }
        for s in scores
    ]
    output.rows(rows, document, language.text("Scores of ln R, each case left out of the reference class"), NUMBERS)
    if not output.is_plain:
        return
    means = [
        {
            "route": language.text(a.route.replace("_", " ")),
            "cases": str(a.cases),
            "log score": "–" if a.log_score is None else number(a.log_score, 3),
            "CRPS": number(a.crps, 3),
            "reference class on the same": "–" if a.reference_log_score is None else number(a.reference_log_score, 3),
            "weight that the scores suggest": "–" if a.weight is None else number(a.weight, 2),
        }
        for a in averages
    ]
    output.table(means, language.text("Means over the cases whose inputs are known"), NUMBERS)
    output.say("Nothing is applied. To follow a score: --set route.ID=WEIGHT. Few cases, so the suggestion is weak.")
