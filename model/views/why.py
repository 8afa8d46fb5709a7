"""What explains a verdict, as documents and texts: the gap part by part, sensitivity, the value of information."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Any

from model.auditor.audit import Verdict
from model.cards import Card, inputs_of, mark_of, place_of
from model.document import Document, provenance
from model.engine import Run
from model.explain.gap import Gap
from model.explain.information import Information
from model.explain.scope_cost import ROUTE, groups_of
from model.explain.sensitivity import Indices, Sensitivity
from model.numerical_error import Estimated
from model.other_models import label_in
from model.registry import Registry
from model.views.verdict import Row, quantile_row
from model.wording import ENGLISH, Language

PARTS: Mapping[str, str] = {
    "price": "Price of an hour",
    "rework": "Rework inside the run",
    "research": "Research and testing",
    "predecessors": "Earlier models",
    "staff": "Staff",
    "rounding": "Rounding of the claim",
}
REMARKS: Mapping[str, str] = {
    "tornado": "Each bar is the median of the scope with that input at its P10 and at its P90, all others as they are.",
    "sobol": "Shares of the variance, with 95 % intervals: first alone, total with all that it does together with others.",
    "shapley": "Shares of the variance that sum to 1, with 95 % intervals: the mean over all orders in which inputs become known.",
    "voi": "Mean over what may be found; widths as geometric means, since the cost itself has no mean. Items do not add.",
}
LEARNT: Mapping[str, str] = {"parameter": "one assumption", "group": "a group", "answer": "one answer to several"}
HALF_INTERVAL = 2.1  # standard errors on either side of an index: 95 % of Student's t with 15 degrees of freedom
SMALLEST_STEP = 1e-6  # of the amount, that a waterfall shows
OF_THE_MODEL: Mapping[str, str] = {"stated_hours": "GPU-hours in all", "fleet_gpus": "GPUs"}  # its own quantities, no assumptions
ADDING_UP = "Parts sum to the gap, and factors multiply to the ratio; intervals are draw by draw and do not add."


def gap_document(found: Gap, language: Language = ENGLISH) -> Document:
    """``costclaim gap --json``."""
    return {
        **provenance(found.verdict.run),
        "claim": found.verdict.claim.id,
        "scope": found.scope,
        "amount_usd": found.amount_usd,
        "estimate_usd": found.estimate_usd,
        "gap_usd": found.gap_usd,
        "ratio": found.ratio,
        "claimed_price": {"usd_per_gpu_hour": found.price, "stated": found.price_is_stated},
        "parts": [
            {
                "id": part.id,
                "label": language.text(PARTS[part.id]),
                "usd": part.usd,
                "p05": part.p05,
                "p95": part.p95,
                "factor": part.factor,
            }
            for part in found.parts
        ],
        "sentence": gap_sentence(found, language),
        "remark": language.text(ADDING_UP),
    }


def gap_sentence(found: Gap, language: Language) -> str:
    """The gap in one sentence."""
    template = "From {amount:usd} to {estimate:usd3}, the median of {scope}: {gap:usd3}, a factor of {ratio:number3}."
    noun = language.text(found.verdict.run.registry.scopes[found.scope].noun)
    values: dict[str, Any] = {"amount": found.amount_usd, "estimate": found.estimate_usd, "scope": noun}
    return language.fill(template, values | {"gap": found.gap_usd, "ratio": found.ratio})


def label_of(run: Run, name: str, kind: str) -> str:
    """English name of an input, a group, or of groups that one answer settles."""
    if kind == "answer":
        return groups_of(run.registry)[name.partition("+")[0]].answer
    if kind == "group" or name == ROUTE:
        return groups_of(run.registry)[name].label
    known = {**run.registry.components, **run.registry.parameters}
    return label_in(run.setting, known[name]) if name in known else OF_THE_MODEL[name]


def sensitivity_document(found: Sensitivity, language: Language = ENGLISH) -> Document:
    """``costclaim sensitivity --json``."""
    document = {**provenance(found.run), "scope": found.scope, "method": found.method, "output": found.output, "by": found.by}
    document["amount_usd"] = found.usd
    document["remark"] = language.text(REMARKS[found.method])
    if found.method == "tornado":
        figures = ("low_usd", "high_usd", "at_p10_usd", "at_p90_usd")
        return document | {
            "bars": [
                {"id": bar.id, "label": language.text(label_of(found.run, bar.id, found.by))}
                | {name: getattr(bar, name) for name in figures}
                for bar in found.bars
            ]
        }
    return document | {"indices": [_index_document(found.run, index, found.by, language) for index in found.indices]}


def _index_document(run: Run, index: Indices, by: str, language: Language) -> Document:
    document: Document = {"id": index.id, "label": language.text(label_of(run, index.id, by))}
    for name, share in (("first", index.first), ("total", index.total), ("effect", index.effect)):
        if share is not None:
            document |= {name: max(share.value, 0.0), f"{name}_low": share.low, f"{name}_high": share.high}
            document[f"{name}_about_zero"] = share.is_about_zero
    return document


def share_text(index: Document, name: str, language: Language) -> str:
    """An index with its interval; "about 0" where that holds zero, "0" for what does not vary."""
    if name not in index:
        return ""
    value, low, high = (index[key] for key in (name, f"{name}_low", f"{name}_high"))
    if value == low == high == 0.0:
        return "0"
    if index[f"{name}_about_zero"]:
        return language.text("about 0")
    return language.fill("{value:number2} ({low:number2} to {high:number2})", {"value": value, "low": low, "high": high})


def varies(row: Document) -> bool:
    """Whether an input does anything here: what is fixed stands in documents, not in tables."""
    keys = ("first_high", "effect_high", "width_removed_usd", "wrong_verdict_removed")
    return any(row.get(key) for key in keys) or row.get("low_usd") != row.get("high_usd")


def voi_document(found: Information, language: Language = ENGLISH) -> Document:
    """``costclaim voi --json``."""
    return {
        **provenance(found.run),
        "scope": found.scope,
        "amount_usd": found.usd,
        "width_usd": found.width_usd,
        "wrong_verdict": found.wrong_verdict,
        "items": [
            {
                "id": item.id,
                "label": language.text(label_of(found.run, item.id, item.kind)),
                "kind": item.kind,
                "width_removed_usd": item.width_removed_usd,
                "wrong_verdict_removed": item.wrong_verdict_removed,
            }
            for item in found.items
        ],
        "sentence": voi_sentence(found, language),
        "remark": language.text(REMARKS["voi"]),
    }


def voi_sentence(found: Information, language: Language) -> str:
    """What to ask the makers of the model, and why."""
    registry, best = found.run.registry, found.best
    values: dict[str, Any] = {"scope": language.text(registry.scopes[found.scope].noun)}
    if best is None:
        return language.fill("Nothing that could be published would narrow what is known of {scope} here.", values)
    template = (
        "Ask the makers of {model} to publish {ask}; it would take {removed:usd3} off the {width:usd3} of the 90 % interval of {scope}"
    )
    values |= {"model": language.text(found.run.subject.noun), "ask": language.text(groups_of(registry)[best.group].ask)}
    values |= {"removed": best.width_removed_usd, "width": found.width_usd}
    said = language.fill(template, values)
    if not best.wrong_verdict_removed or found.wrong_verdict is None:
        return f"{said}."
    template = ", and bring the risk of a wrong verdict on {usd:usd} from {before} to {after}."
    risks = (found.wrong_verdict, found.wrong_verdict.less(best.wrong_verdict_removed))
    before, after = map(language.chance, risks)
    return said + language.fill(template, {"usd": found.usd, "before": before, "after": after})


def waterfall_rows(document: Document, language: Language) -> list[Row]:
    """Rows of the waterfall: the amount, every part that is not nothing, the estimate."""
    amount, estimate = document["amount_usd"], document["estimate_usd"]
    at, steps = amount, [(language.text("Claimed amount"), 0.0, amount, "amount", language.money(amount))]
    for part in document["parts"]:
        if abs(part["usd"]) >= SMALLEST_STEP * amount:
            steps.append((part["label"], at, at + part["usd"], "adds" if part["usd"] > 0.0 else "takes off", language.shift(part["usd"])))
            at += part["usd"]
    steps.append((language.text("Estimate"), 0.0, estimate, "amount", language.money(estimate, 3)))
    return [
        {"label": label, "start": start, "end": end, "group": language.text(kind), "text": text, "order": order}
        for order, (label, start, end, kind, text) in enumerate(steps)
    ]


def drivers(document: Document) -> list[Document]:
    """Bars or indices of what varies."""
    found: list[Document] = document["bars"] if "bars" in document else document["indices"]
    return [own for own in found if varies(own)]


def driver_rows(document: Document, estimate_usd: float, language: Language) -> list[Row]:
    """Rows of an interval chart: tornado bars around the median, or indices with their intervals."""
    rows: list[Row] = []
    for own in drivers(document):
        if "low_usd" in own:
            ends = (own["low_usd"], estimate_usd, own["high_usd"])
            text = language.money(own["high_usd"].less(own["low_usd"]), 3)
            rows.append(
                quantile_row(
                    own["label"], ends, order=len(rows), group=language.text("input from P10 to P90; at the right, the distance"), text=text
                )
            )
            continue
        name = "effect" if "effect" in own else "total"
        values = (own[f"{name}_low"], own[name], own[f"{name}_high"])
        alone = Estimated(own[name], (values[2] - values[0]) / (2.0 * HALF_INTERVAL))
        text = language.text("about 0") if own[f"{name}_about_zero"] else language.number(alone, 2)
        rows.append(quantile_row(own["label"], values, order=len(rows), group=language.text(f"{name}, 95 %"), text=text))
    return rows


def card_for(registry: Registry, name: str, kind: str) -> str:
    """The card behind an input, a group, or an answer."""
    if kind in ("group", "answer") or name == ROUTE:
        return f"group:{name.partition('+')[0]}"
    return f"parameter:{name}" if name in registry.parameters else f"component:{name}"


def group_card(verdict: Verdict, name: str, language: Language) -> Card:
    """The card of a group: why these inputs stand together, what would settle it, and all that it holds here."""
    registry, text = verdict.run.registry, language.text
    group = groups_of(registry)[name]
    lines = [(text("Why"), text(group.rationale))]
    if group.ask:
        lines.append((text("What to ask for"), text(group.ask)))
    spent = [scope for scope, own in verdict.run.scopes.items() if own.routes and registry.scopes[scope].flow]
    used = {p.id: p for scope in spent for p in inputs_of(verdict, scope)}
    inputs = [p for p in used.values() if any(fnmatch(p.id, own) for own in group.members)]
    mark = next(filter(None, map(mark_of, inputs)), "")
    return Card(text(group.label), tuple(lines), (), tuple(p.id for p in inputs), (), place_of(registry, "group", name), mark)
