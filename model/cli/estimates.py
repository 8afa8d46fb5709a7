"""Commands that compute: audit, run, compare, percentile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from model.cli.options import estimate_options, print_csv, print_json, print_rows, print_table, scenario_option, table_options
from model.document import HEAD, audit_document, comparison_document, provenance, run_document
from model.engine import Run
from model.wording import ENGLISH, money

FIGURES = ("P5", "P50", "P95", "P(cost ≤ claim)", "claim", "first", "second", "difference")
LABELS = {"supported": "supported", "refuted": "refuted", "not_enough_info": "not enough info"}


@click.command()
@click.argument("claim")
@scenario_option
@estimate_options
@click.option("--implied", metavar="SCOPE", help="Read the claim in this scope instead of the one that its words suggest.")
@table_options
def audit(
    *,
    claim: str,
    scenario: str,
    changes: tuple[str, ...],
    points: int | None,
    seed: int | None,
    implied: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Audit a claim: what the number is the price of, whether it is right, what the words would cost.

    CLAIM is an id; ``costclaim claims`` lists them.
    """
    from model.auditor import audit as run_audit

    verdict = run_audit(claim, scenario=scenario, implied=implied, changes=changes, points=points, seed=seed)
    document = audit_document(verdict)
    if as_json:
        print_json(document)
        return
    rows = [_scope_row(scope) for scope in document["scopes"]]
    if as_csv:
        print_csv([{key: scope[key] for key in ("id", "unit", "price_year", *HEAD, *CLAIM_KEYS)} for scope in document["scopes"]])
        return
    click.echo(f"\n{document['verdict']['sentence']}\n")
    _print_axes(document)
    print_table(rows, f"\nCost by scope, {_price_year(document)} USD, scenario {document['scenario']}", FIGURES)
    print_table(
        [{"check": c["id"].replace("_", " "), "result": c["status"], "finding": c["message"]} for c in document["checks"]],
        "Consistency checks",
    )
    _print_provenance(verdict.run)


CLAIM_KEYS = ("implication", "side", "probability_at_most_claim", "probability_standard_error", "ratio_p50", "reason")


def _price_year(document: dict[str, Any]) -> int:
    return int(document["scopes"][0]["price_year"])


def _print_axes(document: dict[str, Any]) -> None:
    verdict, claim = document["verdict"], document["claim"]
    scope = verdict["scope"]["label"]
    implied = claim["implied_scope"].replace("_", " ")
    words = f"{scope} (the number prices: {claim['priced_scope'].replace('_', ' ')}; the words suggest: {implied})"
    found = verdict["implication"]
    side = f", the amount lies {found['side']} the cost" if found["side"] else ""
    click.echo(f"  literal      {LABELS[verdict['literal']['label']]}")
    click.echo(f"  scope        {words}")
    click.echo(f"  implication  {LABELS.get(found['label'] or '', 'none')} in {implied}{side}")
    if objection := claim["objection"]:
        size = f", {money(objection['size_usd'], 2)} beyond the amount" if objection["size_usd"] is not None else ""
        asked = objection["asked_scope"].replace("_", " ")
        click.echo(f"  objection    {objection['who']}: {LABELS[objection['label']]} (asks for: {asked}{size})")


def _scope_row(scope: dict[str, Any]) -> dict[str, str]:
    row = {"scope": scope["label"]} | {name: _money(scope[key]) for name, key in (("P5", "p05"), ("P50", "p50"), ("P95", "p95"))}
    chance = scope["probability_at_most_claim"]
    label = LABELS.get(scope["implication"] or "", "")
    return row | {
        "P(cost ≤ claim)": "" if chance is None else ENGLISH.chance(chance),
        "claim": f"absent: {scope['reason'].replace('_', ' ')}" if scope["reason"] else label,
    }


def _money(value: float | None) -> str:
    return "" if value is None else money(value, 3)


def _print_provenance(run: Run) -> None:
    of = provenance(run)
    click.echo(
        f"{of['points']:,} points, seed {of['seed']}, engine {of['engine']}, data {of['registry_sha256'][:12]}. "
        "costclaim scopes: what each holds and leaves out."
    )
    if not of["overrides"]:
        return
    click.echo("Changed: " + "; ".join(f"{o['id']} = {o['value']}" for o in of["overrides"]))


@click.command()
@click.argument("scenario")
@estimate_options
@click.option("--subject", default="deepseek-v3", show_default=True, help="Whose GPU-hours are priced.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write a run folder: manifest and summary.")
@table_options
def run(
    *,
    scenario: str,
    changes: tuple[str, ...],
    points: int | None,
    seed: int | None,
    subject: str,
    out: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Compute one scenario: every scope, with its routes."""
    from model.engine import run as run_scenario

    computed = run_scenario(scenario, subject=subject, changes=changes, points=points, seed=seed)
    document = run_document(computed)
    if out is not None:
        from model.results import write_run

        write_run(computed, document, out)
    rows = [row for scope in document["scopes"] for row in _route_rows(scope)]
    print_rows(
        rows,
        document,
        as_json=as_json,
        as_csv=as_csv,
        title=f"{computed.setting.label}: cost by scope and route, {_price_year(document)} USD",
        right=("weight", *FIGURES),
    )
    if not (as_json or as_csv):
        _print_provenance(computed)


def _route_rows(scope: dict[str, Any]) -> list[dict[str, str]]:
    figures = (("P5", "p05"), ("P50", "p50"), ("P95", "p95"))
    whole = {"scope": scope["label"], "route": scope["reason"] or "", "weight": ""}
    rows = [whole | {name: _money(scope[key]) for name, key in figures}]
    for route in scope["routes"] or ():
        own = {"scope": "", "route": route["id"].replace("_", " "), "weight": ENGLISH.number(route["weight"], 3)}
        rows.append(own | {name: _money(route[key]) for name, key in figures})
    return rows


@click.command()
@click.argument("scenarios", nargs=-1, required=True)
@estimate_options
@click.option("--subject", default="deepseek-v3", show_default=True, help="Whose GPU-hours are priced.")
@table_options
def compare(
    *,
    scenarios: tuple[str, ...],
    changes: tuple[str, ...],
    points: int | None,
    seed: int | None,
    subject: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Compare two scenarios on the same draws; the difference has its own interval."""
    from model.comparison import compare as run_compare

    comparison = run_compare(scenarios, subject=subject, changes=changes, points=points, seed=seed)
    document = comparison_document(comparison)
    first, second = comparison.names
    rows = [
        {
            "scope": comparison.runs[0].registry.scopes[scope["id"]].label,
            "first": _range(scope["scenarios"][first]),
            "second": _range(scope["scenarios"][second]),
            "difference": _range(scope["difference"]),
        }
        for scope in document["scopes"]
    ]
    title = f"{first} against {second}: P50 (P5 to P95), USD; difference is second minus first"
    print_rows(rows, document, as_json=as_json, as_csv=as_csv, title=title, right=FIGURES)


def _range(figures: dict[str, float] | None) -> str:
    if figures is None:
        return "absent"
    return f"{_signed(figures['p50'])} ({_signed(figures['p05'])} to {_signed(figures['p95'])})"


def _signed(value: float) -> str:
    return ("-" if value < 0 else "") + money(abs(value), 3)


@click.command()
@click.argument("scenario")
@click.option("--scope", required=True, help="Scope on whose S-curve the budget is placed.")
@click.option("--usd", required=True, type=float, help="The budget.")
@estimate_options
@click.option("--subject", default="deepseek-v3", show_default=True, help="Whose GPU-hours are priced.")
@table_options
def percentile(
    *,
    scenario: str,
    scope: str,
    usd: float,
    changes: tuple[str, ...],
    points: int | None,
    seed: int | None,
    subject: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Where a budget sits on the S-curve of a scope: the probability that the cost stays within it."""
    from model.engine import run as run_scenario

    computed = run_scenario(scenario, subject=subject, changes=changes, points=points, seed=seed)
    estimate = computed.scope(scope)
    document = {
        **provenance(computed),
        "scope": scope,
        "usd": usd,
        "percentile": estimate.probability_at_most(usd),
        "standard_error": estimate.probability_error(usd),
    }
    if as_json or as_csv:
        print_rows(
            [{key: document[key] for key in ("scope", "usd", "percentile", "standard_error")}], document, as_json=as_json, as_csv=as_csv
        )
        return
    share = 100.0 * float(document["percentile"])
    click.echo(
        f"{money(usd)} sits at the {share:.1f}th percentile of {computed.registry.scopes[scope].noun} in {computed.setting.scenario}."
    )
