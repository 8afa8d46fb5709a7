"""The JSON answers that scripts rely on. The same functions serve the command line and Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from model import __version__
from model.auditor.audit import Verdict
from model.auditor.sentence import sentence
from model.auditor.stated import part_nearest
from model.auditor.verdict import estimate_class
from model.comparison import Comparison
from model.copula import rank_correlation
from model.distributions import Array
from model.engine import Run
from model.estimate import ScopeEstimate
from model.graph import node_name
from model.numerical_error import Estimated, drawn_quantiles, error_of, mixed_quantiles
from model.sampling import SCRAMBLES
from model.schema.claim import Amount, Claim
from model.wording import ENGLISH, Language

Document = dict[str, Any]
PERCENTILES: Mapping[str, float] = {
    "p05": 0.05,
    "p10": 0.10,
    "p25": 0.25,
    "p50": 0.50,
    "p70": 0.70,
    "p75": 0.75,
    "p80": 0.80,
    "p90": 0.90,
    "p95": 0.95,
}
HEAD: Mapping[str, float] = {"p05": 0.05, "p50": 0.50, "p95": 0.95}
ERRORS = tuple(f"{name}_error" for name in HEAD)


def provenance(run: Run) -> Document:
    """What an answer was computed with."""
    return {
        "engine": __version__,
        "registry_sha256": run.registry.sha256,
        "scenario": run.setting.scenario,
        "overrides": [
            {"id": o.id, "value": o.value, "reason": o.reason, "has_effect": run.has_effect(o.id)} for o in run.setting.overrides
        ],
        "seed": run.setting.seed,
        "points": run.points,
        "scrambles": SCRAMBLES,
    }


def quantiles_document(estimate: ScopeEstimate, wanted: Mapping[str, float] = PERCENTILES) -> Document:
    """Named quantiles in USD."""
    return dict(zip(wanted, estimate.figures(list(wanted.values()), []).costs, strict=True))


def _with_errors(quantiles: Document) -> Document:
    """Quantiles, and the numerical standard errors in USD of those that tables print."""
    return quantiles | {f"{name}_error": error_of(quantiles[name]) for name in HEAD}


def scope_document(run: Run, scope: str, language: Language = ENGLISH) -> Document:
    """One scope: boundary, quantiles, routes; every figure null with a reason where it is absent."""
    entry, estimate = run.registry.scopes[scope], run.scopes[scope]
    base = [f"The base model, {run.subject.base}"] if run.subject.base_excluded else []
    document: Document = {
        "id": scope,
        "label": language.text(entry.label),
        "includes": [language.text(line) for line in entry.includes],
        "excludes": [language.text(line) for line in (*base, *entry.excludes)],
        "unit": "USD",
        "price_year": estimate.price_year,
        "reason": estimate.reason,
    }
    if not estimate.routes:
        return document | dict.fromkeys((*PERCENTILES, "mean", "mean_error", *ERRORS, "estimate_class", "routes"))
    return (
        document
        | _with_errors(quantiles_document(estimate))
        | {
            "mean": estimate.mean,
            "mean_error": None if estimate.mean is None else estimate.mean.error,
            "estimate_class": estimate_class(estimate, run.registry.estimate_classes),
            "routes": _routes(estimate),
        }
    )


def _routes(estimate: ScopeEstimate) -> list[Document] | None:
    if len(estimate.routes) == 1 and not estimate.routes[0].id:
        return None
    return [{"id": r.id, "weight": r.weight, **_with_errors(quantiles_document(estimate.route(r.id), HEAD))} for r in estimate.routes]


def run_document(run: Run, language: Language = ENGLISH) -> Document:
    """``costclaim run --json``."""
    return {
        **provenance(run),
        "subject": run.subject.id,
        "scopes": [scope_document(run, scope, language) for scope in run.scopes],
        "side": side_document(run),
    }


def side_document(run: Run) -> Document:
    """What stands beside the scopes: the spread of ln R, staff by both routes, correlations; electricity where the chip's is known."""
    powered = bool(run.subject.run)  # power and grid are those of DeepSeek's servers
    return {
        "ln_ratio_variance": ratio_variance(run),
        "staff": _staff(run),
        "energy": {"unit": "GWh", "of": "run_as_executed", **drawn_quantiles(run.draws("energy_gwh"), HEAD)} if powered else None,
        "co2e": {"unit": "t", "of": "run_as_executed", **drawn_quantiles(run.draws("co2e_tonnes"), HEAD)} if powered else None,
        "correlations": _correlations(run),
    }


def ratio_variance(run: Run) -> Document | None:
    """Variance of ln R between the routes of a project, and within them, by their weights."""
    routes = run.scopes["project"].routes
    if not routes:
        return None
    logs = [np.log(run.draws("research_ratio", route.id)) for route in routes]
    weights = np.array([route.weight for route in routes])
    whole = _variances(weights, np.stack([log.ravel() for log in logs])[:, None])
    by_scramble = _variances(weights, np.stack(logs))
    return {name: Estimated.of_scrambles(float(whole[name][0]), by_scramble[name]) for name in whole}


def _variances(weights: Array, logs: Array) -> dict[str, Array]:
    """Variance between and within routes, from ln R of shape (routes, samples, points), by sample."""
    means, variances = logs.mean(axis=2), logs.var(axis=2)
    return {"between_routes": weights @ (means - weights @ means) ** 2, "within_routes": weights @ variances}


def _staff(run: Run) -> Document | None:
    routes = run.scopes["programme_with_staff"].routes
    if not routes:
        return None
    ratio = mixed_quantiles([(r.weight, run.draws("staff_by_ratio", r.id)) for r in routes], HEAD)
    headcount = drawn_quantiles(run.draws("staff_by_headcount"), HEAD)
    used = run.setting.choices["staff.route"]
    factor = headcount["p50"] / ratio["p50"] if ratio["p50"] else None
    return {"unit": "USD", "used": used, "ratio": ratio, "headcount": headcount, "headcount_over_ratio_p50": factor}


def _correlations(run: Run) -> list[Document]:
    return [
        {
            "first": pair.first,
            "second": pair.second,
            "asked": pair.rank,
            "achieved": rank_correlation(run.draws(node_name(pair.first)), run.draws(node_name(pair.second))),
        }
        for pair in run.setting.correlations
    ]


def audit_document(verdict: Verdict, language: Language = ENGLISH) -> Document:
    """``costclaim audit --json``."""
    return {
        **provenance(verdict.run),
        "claim": claim_document(verdict.claim, verdict),
        "checks": [
            {
                "id": check.id,
                "status": check.status,
                "stated": check.stated,
                "computed": check.computed,
                "unit": check.unit,
                "message": check.message_in(language),
            }
            for check in verdict.checks
        ],
        "scopes": _scopes(verdict, language) if verdict.claim.about_cost else None,
        "side": side_document(verdict.run) if verdict.claim.about_cost else None,
        "verdict": _verdict(verdict, language),
    }


def _scopes(verdict: Verdict, language: Language) -> list[Document]:
    return [scope_document(verdict.run, scope, language) | _against_claim(verdict, scope) for scope in verdict.run.scopes]


def claim_document(claim: Claim, verdict: Verdict | None = None) -> Document:
    """A claim with its three scopes; with the objection's verdict when there is one."""
    return {
        "id": claim.id,
        "kind": claim.kind,
        "text": claim.text,
        "translation": claim.translation,
        "language": claim.language,
        "claimant": claim.claimant,
        "date": claim.date.isoformat(),
        "subject": claim.subject,
        "source_subject": claim.source_subject,
        "restates": claim.restates,
        "amount": amount_document(claim.amount),
        "also": [amount_document(amount) for amount in claim.also],
        "stated": claim.stated.model_dump(mode="json") if claim.stated else None,
        "hedged": claim.hedged,
        "qualifiers": list(claim.qualifiers),
        "named": claim.named or None,
        "primary": [primary.model_dump(mode="json") for primary in claim.primary],
        "same_sentence_as": claim.same_sentence_as,
        "quotation": claim.quotation.model_dump() if claim.quotation else None,
        "priced_scope": claim.priced if claim.has_scopes else None,
        "declared_scope": claim.declared if claim.has_scopes else None,
        "implied_scope": (verdict.implied_scope if verdict else claim.implied) if claim.has_scopes else None,
        "objection": _objection(claim, verdict),
        "source": {"id": claim.source.id, "locator": claim.source.locator},
    }


def amount_document(amount: Amount | None) -> Document | None:
    """An amount: value, or low and high."""
    if amount is None:
        return None
    sum_ = {"value": amount.value} if amount.value is not None else {"low": amount.low, "high": amount.high}
    return sum_ | {"relation": amount.relation, "unit": amount.unit, "price_year": amount.price_year}


def _objection(claim: Claim, verdict: Verdict | None) -> Document | None:
    if claim.objection is None:
        return None
    document: Document = {
        "who": claim.objection.who,
        "leaves_out": claim.objection.leaves_out,
        "asked_scope": claim.objection.asked_scope,
    }
    if verdict is None or verdict.objection is None:
        return document
    found = verdict.objection.implication
    return document | {
        "label": verdict.objection.label,
        "size_usd": verdict.objection.size_usd,
        "implication": found.label if found else None,
    }


def _against_claim(verdict: Verdict, scope: str) -> Document:
    estimate, found = verdict.run.scopes[scope], verdict.implications.get(scope)
    document: Document = {
        "implication": found.label if found else None,
        "side": found.side if found else None,
        "probability_at_most_claim": None,
        "probability_standard_error": None,
        "ratio_p50": None,
        "ratio_p05": None,
        "ratio_p95": None,
    }
    amount = verdict.claim.dollars
    if found is None or amount is None:
        return document
    quantiles = quantiles_document(estimate, HEAD)
    stated = part_nearest(amount, quantiles["p50"])
    chance = estimate.probability_at_most(stated)
    return document | {
        "probability_at_most_claim": chance,
        "probability_standard_error": chance.error,
        **{f"ratio_{name}": value.over(stated) for name, value in quantiles.items()},
    }


def no_implication(verdict: Verdict) -> str:
    """Why an amount has no label in the scope that the words suggest."""
    if verdict.claim.dollars is None:
        return "no_amount"
    estimate = verdict.run.scopes.get(verdict.implied_scope)
    return "words_name_no_scope" if estimate is None else estimate.reason or "stock_against_flow"


def _verdict(verdict: Verdict, language: Language) -> Document:
    found = verdict.implication
    implication: Document = {"label": None, "side": None, "reasons": [no_implication(verdict)]}
    if found:
        implication = {"label": found.label, "side": found.side, "reasons": list(found.reasons)}
    return {
        "literal": {"label": verdict.literal.label, "reasons": list(verdict.literal.reasons)},
        "scope": {"label": verdict.scope_axis.label, "reasons": list(verdict.scope_axis.reasons)},
        "implication": implication,
        "rules": dict(verdict.run.registry.rules),
        "sentence": sentence(verdict, language),
    }


def comparison_document(comparison: Comparison, *, changes: bool = True) -> Document:
    """``costclaim compare --json``; without ``changes``, what each change does is not computed."""
    return {
        **{key: value for key, value in provenance(comparison.runs[0]).items() if key not in ("scenario", "overrides")},
        "scenarios": [
            {"id": name, "overrides": provenance(run)["overrides"]} for name, run in zip(comparison.names, comparison.runs, strict=True)
        ],
        "scopes": [_difference(comparison, scope) for scope in comparison.runs[0].scopes],
        "changes": [_changes(comparison, other) for other in range(1, len(comparison.runs))] if changes else None,
    }


def _changes(comparison: Comparison, other: int) -> Document:
    steps = comparison.steps(other)
    return {
        "scenario": comparison.names[other],
        "steps": [{"id": step.id, "effect_usd": dict(step.effect)} for step in steps],
        "remainder_usd": comparison.remainder(steps, other),
    }


def _difference(comparison: Comparison, scope: str) -> Document:
    estimates = [run.scopes[scope] for run in comparison.runs]
    absent = [estimate.reason for estimate in estimates]
    differences = {
        name: dict(comparison.difference(scope, HEAD, other)) if not (absent[0] or absent[other]) else None
        for other, name in enumerate(comparison.names)
        if other
    }
    return {
        "id": scope,
        "scenarios": {
            name: quantiles_document(estimate, HEAD) if estimate.routes else None
            for name, estimate in zip(comparison.names, estimates, strict=True)
        },
        "difference": differences[comparison.names[1]],
        "differences": differences,
        "reason": next(filter(None, absent), None),
    }
