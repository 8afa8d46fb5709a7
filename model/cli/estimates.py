"""Commands that compute: audit, run, compare, percentile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from model.auditor.audit import Verdict
from model.cli.options import Output, estimate_options, output_options, scenario_option, subject_option
from model.document import HEAD, audit_document, comparison_document, provenance, run_document
from model.engine import Run
from model.views.verdict import ABSENT, CHECKS, LABELS, MISSING, reason_text
from model.wording import Language

Document = dict[str, Any]

FIGURES = ("P5", "P50", "P95", "P(cost ≤ claim)", "weight", "cost", "difference")
AGAINST_CLAIM = ("implication", "side", "probability_at_most_claim", "probability_standard_error", "ratio_p50", "reason")
CHANGE = "change"
SIDES = {None: "", "below": ", the amount lies below the cost", "above": ", the amount lies above the cost"}


@click.command()
@click.argument("claim")
@scenario_option
@estimate_options
@click.option("--implied", metavar="SCOPE", help="Read the claim in this scope instead of the one that its words suggest.")
@output_options
def audit(*, claim: str, scenario: str, asked: Document, implied: str | None, output: Output) -> None:
    """Audit a claim: what the number is the price of, whether it is right, what the words would cost.

    CLAIM is an id; ``costclaim claims`` lists them.
    """
    from model.auditor.audit import audit as run_audit

    verdict = run_audit(claim, scenario=scenario, implied=implied, **asked)
    document = audit_document(verdict, output.language)
    if not output.is_plain:
        columns = ("id", "unit", "price_year", *HEAD, *AGAINST_CLAIM)
        output.rows([{key: scope[key] for key in columns} for scope in document["scopes"] or []], document)
        return
    click.echo(f"\n{document['verdict']['sentence']}\n")
    _print_axes(document, verdict, output)
    click.echo()
    if document["scopes"]:
        _print_scopes(document, output)
    text = output.language.text
    checks = [{"check": text(CHECKS[c["id"]]), "result": text(LABELS[c["status"]]), "finding": c["message"]} for c in document["checks"]]
    if checks:
        output.table(checks, text("Consistency checks"))
    _print_provenance(verdict.run, output)


def _print_scopes(document: Document, output: Output) -> None:
    title = "Cost by scope, {year} USD, scenario {scenario}"
    rows = [_scope_row(scope, output.language) for scope in document["scopes"]]
    output.table(rows, output.language.fill(title, {"year": _price_year(document), "scenario": document["scenario"]}), FIGURES)


def _price_year(document: Document) -> int:
    return int(document["scopes"][0]["price_year"])


def _print_axes(document: Document, audited: Verdict, output: Output) -> None:
    verdict, claim, text = document["verdict"], document["claim"], output.language.text
    nouns = {name: text(scope.label) for name, scope in audited.run.registry.scopes.items()} | {"undeclared": text("undeclared"), None: "–"}

    def why(axis: str) -> str:
        """What is missing, in words; nothing where a check or a rule says it below."""
        codes = (code for code in verdict[axis]["reasons"] if code in MISSING or code in ABSENT)
        return "".join(f" ({reason_text(code, audited, output.language)})" for code in codes)

    output.say("  literal      {label}", label=text(LABELS[verdict["literal"]["label"]]) + why("literal"))
    output.say(
        "  scope        {label} (the number prices: {priced}; the words suggest: {implied})",
        label=text(LABELS[verdict["scope"]["label"]]),
        priced=nouns[claim["priced_scope"]],
        implied=nouns[claim["implied_scope"]],
    )
    found = verdict["implication"]
    side = text(SIDES[found["side"]]) if found["side"] else why("implication")
    output.say("  implication  {label}{side}", label=text(LABELS[found["label"]]), side=side)
    if objection := claim["objection"]:
        who, label, size = text(objection["who"]), text(LABELS[objection["label"]]), objection["size_usd"]
        if size is None:  # no single sum of dollars is stated
            output.say("{axis}: {text}", axis=f"  objection    {who}", text=label)
            return
        template = "  objection    {who}: {label} (asks for: {asked}, {size:usd2} beyond the amount)"
        output.say(template, who=who, label=label, asked=nouns[objection["asked_scope"]], size=size)


def _figures(document: Document | None, language: Language) -> dict[str, str]:
    named = (("P5", "p05"), ("P50", "p50"), ("P95", "p95"))
    return {name: "" if document is None or document[key] is None else language.money(document[key], 3) for name, key in named}


def _scope_row(scope: Document, language: Language) -> dict[str, str]:
    chance, reason = scope["probability_at_most_claim"], scope["reason"]
    return {
        "scope": scope["label"],
        **_figures(scope, language),
        "P(cost ≤ claim)": "" if chance is None else language.chance(chance),
        "claim": language.text(ABSENT[reason] if reason else LABELS[scope["implication"]]),
    }


def _print_provenance(run: Run, output: Output) -> None:
    of = provenance(run)
    output.say(
        "{points:number9} points, seed {seed}, engine {engine}, data {data}. costclaim scopes: what each holds and leaves out.",
        points=of["points"],
        seed=of["seed"],
        engine=of["engine"],
        data=of["registry_sha256"][:12],
    )
    if run.points != run.setting.points:
        output.say("{asked:number9} points were asked for; they are rounded up to 4 times a power of two.", asked=run.setting.points)
    idle = [o["id"] for o in of["overrides"] if not o["has_effect"]]
    if idle:
        output.say("No effect in this scenario: {names}.", names=", ".join(idle))
    if of["overrides"]:
        output.say("Changed: {changes}", changes="; ".join(f"{o['id']} = {o['value']}" for o in of["overrides"]))


@click.command()
@click.argument("scenario")
@estimate_options
@subject_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write a run folder: manifest and summary.")
@click.option("--save-draws", is_flag=True, help="Write the draws into it too, as Parquet.")
@click.option("--tol", type=float, metavar="SHARE", help="Spend points until every printed figure is right within this share of it.")
@output_options
def run(*, scenario: str, asked: Document, subject: str, out: Path | None, save_draws: bool, tol: float | None, output: Output) -> None:
    """Compute one scenario: every scope, with its routes.

    SCENARIO is an id, a TOML file, or the folder or manifest of an earlier run, which is then computed again.
    """
    if save_draws and out is None:
        raise click.UsageError("Draws are written into a run folder: name it with --out DIR.")
    computed = _computed(scenario, asked, subject)
    if tol is not None:
        from model.precision import run_within

        computed = run_within(tol, computed)
    document = run_document(computed, output.language)
    if out is not None:
        from model.results import write_run

        write_run(computed, document, out, with_draws=save_draws)
    rows = [row for scope in document["scopes"] for row in _route_rows(scope, output.language)]
    values = {"scenario": output.language.text(computed.setting.label), "year": _price_year(document)}
    output.rows(rows, document, output.language.fill("{scenario}: cost by scope and route, {year} USD", values), FIGURES)
    if output.is_plain:
        _print_provenance(computed, output)
        if tol is not None:
            output.say("Every figure above is right within {tol:percent} of it, two standard errors either way.", tol=tol)


def _computed(scenario: str, asked: Document, subject: str) -> Run:
    """The run of a scenario, or again that of a manifest."""
    from model.engine import run as run_scenario

    if not (scenario.endswith(".json") or Path(scenario).is_dir()):
        return run_scenario(scenario, subject=subject, **asked)
    from model.registry import load_registry
    from model.results import read_request

    if any(value for value in asked.values()):
        raise click.UsageError("A manifest says what is computed: leave out --set, --points and --seed.")
    registry = load_registry()
    request = read_request(Path(scenario), registry)
    return run_scenario(request.scenario, registry=registry, subject=request.subject)


def _route_rows(scope: Document, language: Language) -> list[dict[str, str]]:
    absent = language.text(ABSENT[scope["reason"]]) if scope["reason"] else ""
    rows = [{"scope": scope["label"], "route": absent, "weight": "", **_figures(scope, language)}]
    for route in scope["routes"] or ():
        name = language.text(route["id"].replace("_", " "))
        rows.append({"scope": "", "route": name, "weight": language.number(route["weight"], 3), **_figures(route, language)})
    return rows


@click.command()
@click.argument("scenarios", nargs=-1, required=True)
@estimate_options
@subject_option
@output_options
def compare(*, scenarios: tuple[str, ...], asked: Document, subject: str, output: Output) -> None:
    """Compare scenarios on the same draws: each against the first, with the interval of the difference and what each change does."""
    from model.comparison import compare as run_compare

    comparison = run_compare(scenarios, subject=subject, **asked)
    document, language = comparison_document(comparison), output.language
    labels = {name: scope.label for name, scope in comparison.runs[0].registry.scopes.items()}
    rows = [
        {
            "scope": language.text(labels[scope["id"]]),
            "scenario": name,
            "cost": _range(scope["scenarios"][name], language),
            "difference": _range(scope["differences"][name], language) if name in scope["differences"] else "",
        }
        for scope in document["scopes"]
        for name in comparison.names
    ]
    title = "P50 (P5 to P95), USD; differences are against {first}, on the same draws"
    output.rows(rows, document, language.fill(title, {"first": comparison.names[0]}), FIGURES)
    if output.is_plain:
        for changes in document["changes"]:
            _print_changes(changes, labels, output)


def _print_changes(changes: Document, labels: dict[str, str], output: Output) -> None:
    """What each change does alone to the medians, and what is left when all act together."""
    rows = [
        {CHANGE: name} | {labels[scope]: output.language.shift(usd) for scope, usd in effect.items()}
        for name, effect in (
            *((step["id"], step["effect_usd"]) for step in changes["steps"]),
            (output.language.text("together beyond the sum"), changes["remainder_usd"]),
        )
    ]
    output.table(rows, output.language.fill("{scenario}: each change alone, on the median", changes), tuple(labels.values()))


def _range(figures: dict[str, float] | None, language: Language) -> str:
    return language.text("absent") if figures is None else language.fill("{p50:usd3} ({p05:usd3} to {p95:usd3})", figures)


@click.command()
@click.argument("scenario")
@click.option("--scope", required=True, help="Scope on whose S-curve the budget is placed.")
@click.option("--usd", required=True, type=float, help="The budget.")
@estimate_options
@subject_option
@output_options
def percentile(*, scenario: str, scope: str, usd: float, asked: Document, subject: str, output: Output) -> None:
    """Where a budget sits on the S-curve of a scope: the probability that the cost stays within it."""
    from model.engine import run as run_scenario

    computed = run_scenario(scenario, subject=subject, **asked)
    estimate = computed.scope(scope)
    chance = estimate.probability_at_most(usd)
    answer = {"scope": scope, "usd": usd, "percentile": chance, "standard_error": chance.error}
    if not output.is_plain:
        output.rows([answer], provenance(computed) | answer)
        return
    values = {"chance": output.language.chance(chance), "usd": usd, "scenario": computed.setting.scenario}
    noun = output.language.text(computed.registry.scopes[scope].noun)
    output.say("{chance}: the probability that {scope} stays within {usd:usd} (scenario {scenario}).", scope=noun, **values)
