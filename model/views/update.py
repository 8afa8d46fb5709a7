"""What evidence does, as rows and as the JSON answer: observations, prior and posterior of scopes and routes; fleets; scores of routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from model.auditor.audit import Verdict
from model.cards import Card, place_of
from model.document import HEAD, Document, provenance, quantiles_document
from model.engine import Run
from model.estimate import ScopeEstimate
from model.fleets import PricedFleet
from model.overrides import moments
from model.posterior import FLOOR_RULE, Posterior
from model.posterior_evidence import FAMILIES, Placed
from model.registry import parse_entry
from model.route_scores import RouteScore, RouteSummary
from model.schema.base import Entry
from model.schema.distribution import LogNormal
from model.schema.observation import AtLeast, AtMost, Counted, ErrorModel, Interval, NormalError, Observation
from model.views.verdict import Row, quantile_row
from model.wording import ENGLISH, Language

REASONS: Mapping[str, str] = {
    "another_subject": "not applied: it is about another model ({subjects})",
    "another_option": "not applied: it is about another option ({options})",
    "quantity_absent": "not applied: the subject has no such quantity",
    "source_in_every_route": "not applied: its source already stands in {entries}",
    "fixed": "not applied: nothing about this quantity is uncertain here",
}
STANDS = "not applied to the route {route}: its source already stands in {entry}"
OBSERVED: Mapping[str, str] = {
    "normal": "{value:number4}, give or take {sd:number3} (one standard deviation)",
    "log_normal": "{p05:count3} to {p95:count3} (90 %)",
    "interval": "between {low:count4} and {high:count4}, give or take {softness:count3}",
    "at_least": "at least {value:count4}, give or take {softness:count3}",
    "at_most": "at most {value:count4}, give or take {softness:count3}",
    "count": "{successes} of {trials}",
}
BEFORE, AFTER = "before the evidence", "after it"


def observed_text(observed: ErrorModel, language: Language) -> str:
    """What was seen, with its error, in words."""
    values = observed.model_dump()
    if observed.family == "log_normal":
        middle, spread = moments(*(None if q is None else float(np.log(q)) for q in observed.pair()))
        values |= {name: float(np.exp(middle + sign * spread * 1.6448536269514722)) for name, sign in (("p05", -1), ("p95", 1))}
    return language.fill(OBSERVED[observed.family], values)


def number_range(q: Mapping[str, float] | None, language: Language) -> str:
    """Median with its central 90 %, plain numbers; a dash for nothing."""
    return "–" if q is None else language.fill("{p50:count3} ({p05:count3} to {p95:count3})", q)


def why_not(item: Placed, language: Language) -> list[str]:
    """Why an observation is not applied, at all or to some routes; empty where it is applied throughout."""
    if item.reason:
        told = {
            "options": item.observation.holds_for,
            "subjects": item.observation.subjects,
            "entries": dict.fromkeys(item.stands.values()),
        }
        values = {name: ", ".join(own) for name, own in told.items()}
        return [language.fill(REASONS[item.reason], values)]
    names = {route: language.text(route.replace("_", " ")) for route in item.stands}
    return [language.fill(STANDS, {"route": names[route], "entry": entry}) for route, entry in item.stands.items()]


def update_document(posterior: Posterior, language: Language = ENGLISH) -> Document:
    """``costclaim update --json``."""
    prior = posterior.prior
    return {
        **provenance(prior),
        "evidence": [_evidence(posterior, item, language) for item in posterior.evidence],
        "effective_sample_size": posterior.effective_sample_size,
        "effective_sample_sizes": dict(posterior.effective),
        "effective_sample_floor": prior.registry.rules[FLOOR_RULE],
        "routes": [
            {"scope": scope, "id": route, "prior": before, "posterior": after}
            for scope in FAMILIES
            for route, (before, after) in posterior.route_weights(scope).items()
        ],
        "scopes": [
            {
                "id": scope,
                "label": language.text(prior.registry.scopes[scope].label),
                "reason": before.reason,
                "prior": quantiles_document(before, HEAD) if before.routes else None,
                "posterior": quantiles_document(posterior.scopes[scope], HEAD) if before.routes else None,
            }
            for scope, before in prior.scopes.items()
        ],
    }


def _evidence(posterior: Posterior, item: Placed, language: Language) -> Document:
    observation = item.observation
    before, after = posterior.observed.get(observation.id, (None, None))
    return {
        "id": observation.id,
        "label": language.text(observation.label),
        "quantity": observation.quantity,
        "unit": observation.unit,
        "observed": observation.observed.model_dump(),
        "source": observation.evidence.source,
        "locator": observation.evidence.locator,
        "grade": observation.evidence.grade,
        "applied": not item.reason,
        "reason": item.reason or None,
        "not_applied_to": dict(item.stands),
        "not_applied": why_not(item, language),
        "prior": before,
        "posterior": after,
    }


def interval_rows(document: Document, run: Run, language: Language) -> list[Row]:
    """Rows of the chart: every scope that is a flow, before and after."""
    rows: list[Row] = []
    for scope in document["scopes"]:
        if scope["prior"] is None or not run.registry.scopes[scope["id"]].flow:
            continue
        for sign, kind, group in (("①", "prior", BEFORE), ("②", "posterior", AFTER)):
            q, name = scope[kind], f"{sign} {scope['label']}"
            text = language.money(q["p50"], 3)
            rows.append(quantile_row(name, list(q.values()), order=len(rows), group=f"{sign} {language.text(group)}", text=text))
    return rows


def weight_words(document: Document, language: Language) -> list[tuple[str, str, str, str]]:
    """Scope, route, prior and posterior weight of every route."""
    labels = {scope["id"]: scope["label"] for scope in document["scopes"]}
    return [
        (labels[r["scope"]], language.text(r["id"].replace("_", " ")), language.percent(r["prior"], 3), language.percent(r["posterior"], 3))
        for r in document["routes"]
    ]


def count_text(gpus: Mapping[str, float], language: Language) -> str:
    """GPUs by chip: 10,000 H800 + 10,000 A100."""
    return " + ".join(f"{language.number(count, 6)} {chip}" for chip, count in gpus.items()) or "–"


def fleets_document(fleets: Sequence[PricedFleet], run: Run, language: Language = ENGLISH) -> Document:
    """``costclaim fleets --json``."""
    return {**provenance(run), "fleets": [_fleet(item, language) for item in fleets]}


def _fleet(item: PricedFleet, language: Language) -> Document:
    fleet = item.fleet
    figures = {scope: _quantiles(estimate) for scope, estimate in item.scopes.items()}
    return {
        "id": fleet.id,
        "label": language.text(fleet.label),
        "claimant": language.text(fleet.claimant),
        "gpus": dict(fleet.gpus),
        "chosen": item.chosen,
        "fleet_capex": figures.get("fleet_capex"),
        "lab_window": figures.get("lab_window"),
        "sources": [{"id": e.source, "locator": e.locator, "grade": e.grade, "read": e.read} for e in fleet.evidence],
        "disputed_by": [language.text(e.disputed_by) for e in fleet.evidence if e.disputed_by],
    }


def _quantiles(estimate: ScopeEstimate) -> Mapping[str, float] | None:
    return quantiles_document(estimate, HEAD) if estimate.routes else None


def scores_document(scores: Sequence[RouteScore], averages: Sequence[RouteSummary], registry_sha256: str) -> Document:
    """``costclaim route-scores --json``."""
    return {
        "registry_sha256": registry_sha256,
        "scores": [
            {"case": s.case.id, "ratio": s.case.ratio, "route": s.route, **s.foretold, "log_score": s.log_score, "crps": s.crps}
            for s in scores
        ],
        "routes": [vars(average) for average in averages],
    }


ERRORS: Mapping[str, str] = {
    "interval": "between two bounds",
    "at_least": "at least",
    "at_most": "at most",
    "normal": "normal error",
    "log_normal": "log-normal error",
    "count": "so many out of so many",
}
FIGURES: Mapping[str, str] = {
    "low": "Lower bound",
    "high": "Upper bound",
    "value": "Value",
    "softness": "Give or take beyond the bound",
    "sd": "Standard deviation",
    "p05": "P5",
    "p95": "P95",
    "successes": "Hits",
    "trials": "Trials",
}
MODELS: Mapping[str, type[Entry]] = {
    "interval": Interval,
    "at_least": AtLeast,
    "at_most": AtMost,
    "normal": NormalError,
    "log_normal": LogNormal,
    "count": Counted,
}


def figures_of(family: str) -> tuple[str, ...]:
    """Fields that a form asks for."""
    return tuple(name for name in MODELS[family].model_fields if name in FIGURES)


def written_observation(number: int, words: Mapping[str, str], family: str, figures: Sequence[float]) -> Observation:
    """The observation of a filled form; ``words`` are label, quantity, unit and source.

    Raises
    ------
    CheckFailed
        A field is empty or out of range.
    """
    whole = [int(figure) for figure in figures] if family == "count" else figures
    content = {
        "id": f"own-{number}",
        "label": words["label"],
        "quantity": words["quantity"].strip(),
        "unit": words["unit"].strip(),
        "observed": {"family": family, **dict(zip(figures_of(family), whole, strict=True))},
        "as_of": datetime.now(UTC).astimezone().date(),
        "rationale": words["source"],
        "evidence": {"source": f"own-{number}", "locator": words["source"], "figure": words["label"], "grade": "C", "read": "read"},
    }
    return parse_entry(f"own-{number}", content, Observation)


def observation_card(verdict: Verdict, identifier: str, language: Language) -> Card:
    """The card of an observation on file."""
    registry, text = verdict.run.registry, language.text
    entry = registry.one("evidence", identifier, Observation)
    lines = [
        (text("Quantity"), f"{entry.quantity} [{entry.unit}]"),
        (text("Observed"), observed_text(entry.observed, language)),
        (text("As of"), entry.as_of.isoformat()),
        (text("Why"), text(entry.rationale)),
        *((text("Holds for"), named) for named in (*entry.subjects, *entry.holds_for)),
    ]
    return Card(text(entry.label), tuple(lines), (entry.evidence,), (), (), place_of(registry, "evidence", identifier), "")
