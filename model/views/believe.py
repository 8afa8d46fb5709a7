"""What would have to be true, as documents, sentences and rows: solve, believe, the steelman, break-even maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from textwrap import shorten
from typing import Any

from model.document import Document, provenance
from model.explain.believe import Belief, Coordinate, RouteBelief
from model.explain.break_even import BreakEven
from model.explain.question import Question
from model.explain.solve import Solution
from model.explain.steelman import Case, Premise
from model.numerical_error import Estimated, error_of
from model.registry import Registry
from model.views.verdict import UNITS, Row
from model.wording import Language

FEW = 1e-9  # a probability below is no more than said to be smaller
OFTEN = 0.1  # a probability from which "1 in N" says nothing more
LONGEST = 60  # letters of a source's title; its card has the rest
STAYS = 0.01  # normal scores within which a quantity is at its median
VERDICTS: Mapping[str, str] = {
    "supported": "supported",
    "not_enough_info": "not enough info",
    "refuted_below": "refuted: the amount is too low",
    "refuted_above": "refuted: the amount is too high",
}
SIDES: Mapping[str, str] = {"low": "The lowest case", "high": "The highest case"}
MEANING = "As favourable: a cost of at most the amount where it lies below the median, of at least it where it lies above, all else free."


def _head(question: Question) -> Document:
    return {**provenance(question.run), "claim": question.claim.id, "scope": question.scope, "amount_usd": question.amount}


def solve_document(question: Question, found: Solution) -> Document:
    """``costclaim solve --json``."""
    nearest = None if found.feasible else {"value": found.nearest, "cost_usd": found.nearest_usd}
    names = ("parameter", "value", "unit", "feasible", "probability", "median", "percentile")
    return _head(question) | {name: getattr(found, name) for name in names} | {"nearest": nearest}


def believe_document(question: Question, found: Belief, cases: tuple[Case, Case]) -> Document:
    """``costclaim believe --json``."""
    shown = found.nearest
    return _head(question) | {
        "feasible": found.feasible,
        "side": found.side,
        "route": shown.route or None,
        "distance": shown.distance,
        "cost_usd": shown.cost_usd,
        "nearest_feasible_usd": None if found.feasible else shown.cost_usd,
        "joint_probability": found.joint_probability,
        "standard_error": found.standard_error,
        "point": [_coordinate(c) for c in shown.point],
        "routes": [asdict(route) | {"point": [_coordinate(c) for c in route.point]} for route in found.routes],
        "steelman": {case.side: _case_document(case) for case in cases},
    }


def _coordinate(of: Coordinate) -> Document:
    return {"id": of.id, "value": of.value, "unit": of.unit, "percentile": of.percentile, "median": of.median, "score": of.score}


def _case_document(case: Case) -> Document:
    premises = [
        {"id": p.id, "value": p.value, "unit": p.unit, "evidence": p.evidence.model_dump(mode="json") if p.evidence else None}
        for p in case.premises
    ]
    return {
        "cost_usd": case.cost_usd,
        "route": case.route or None,
        "sources": list(case.sources),
        "weak": list(case.weak),
        "premises": premises,
    }


def break_even_document(question: Question, found: BreakEven) -> Document:
    """``costclaim break-even --json``."""
    return _head(question) | asdict(found)


def one_in(probability: float, language: Language) -> str:
    """A probability in words and figures: 0.85 %, 1 in 117."""
    if probability < FEW:
        return language.text("less than 1 in 1,000,000,000")
    if probability >= OFTEN:
        return language.chance(probability)
    odds = Estimated(round(1.0 / probability), error_of(probability) / probability**2)
    return language.fill("{share}, 1 in {odds:number3}", {"share": language.percent(probability, 2), "odds": odds})


def solve_sentence(question: Question, found: Solution, language: Language) -> str:
    """The answer of solve in one sentence."""
    text, values = language.text, _names(question, language)
    values |= {"what": text(question.label(found.parameter)), "unit": text(UNITS[found.unit]), "chance": language.chance(found.probability)}
    values |= {"value": found.value, "median": found.median, "nearest": found.nearest, "usd": found.nearest_usd}
    if not found.feasible:
        return language.fill(
            "{what}: no value that it may have puts {scope} at {amount:usd} or less with a probability of {chance}; "
            "{nearest:number4} ({unit}) comes nearest, with {usd:usd4}.",
            values,
        )
    said = language.fill(
        "{what}: {value:number4} ({unit}) puts {scope} at {amount:usd} or less with a probability of {chance}; "
        "the median is {median:number4}.",
        values,
    )
    if found.percentile is None:
        return said
    share = {"share": one_in(found.percentile, language)}
    return f"{said} {language.fill('What is assumed of it lies at or below that value with a probability of {share}.', share)}"


def believe_sentence(question: Question, found: Belief, language: Language) -> str:
    """The answer of believe in one or two sentences."""
    shown, values = found.nearest, _names(question, language)
    route = route_text(shown, language)
    values |= {"cost": shown.cost_usd, "distance": shown.distance, "route": route, "share": one_in(found.joint_probability, language)}
    if not found.feasible:
        return language.fill("Nothing within reach brings {scope} to {amount:usd}; the nearest amount is {cost:usd4}{route}.", values)
    if not shown.distance:
        template = "At the medians {scope} comes to {cost:usd4}{route}: {amount:usd} holds without stretching any value."
    else:
        template = "{amount:usd} for {scope} lies {distance:number3} standard deviations from the medians by the nearest way{route}."
    return f"{language.fill(template, values)} {language.fill('Anything as favourable has a probability of {share}.', values)}"


def _names(question: Question, language: Language) -> dict[str, Any]:
    return {"scope": language.text(question.registry.scopes[question.scope].noun), "amount": question.amount}


def route_text(route: RouteBelief | Case, language: Language) -> str:
    """The route in brackets; nothing where a scope has one way only."""
    return f" ({language.text(route.route.replace('_', ' '))})" if route.route else ""


def stretched(point: Sequence[Coordinate]) -> list[Coordinate]:
    """Quantities of a point that do not stay at their medians."""
    return [c for c in point if abs(c.score) >= STAYS]


def quantity(value: float, unit: str, language: Language) -> str:
    """A value in its unit: dollars as money, hours and heads by magnitude, shares in percent."""
    if unit.startswith("USD"):
        return language.money(value, 3)
    if unit == "fraction":
        return language.percent(value, 3)
    return language.count(value, 3) if value >= 1e4 else language.number(value, 3)


def case_sentence(question: Question, case: Case, language: Language) -> str:
    """What one end of the sources comes to, set against the amount."""
    template = (
        "{side}{route}: {cost:usd3}, {factor:number2} times {amount:usd}. Sources needed: {sources:number}; weak values: {weak:number}."
    )
    values = {
        "side": language.text(SIDES[case.side]),
        "route": route_text(case, language),
        "cost": case.cost_usd,
        "amount": question.amount,
    }
    values |= {"factor": case.cost_usd / question.amount, "sources": len(case.sources), "weak": len(case.weak)}
    return language.fill(template, values)


def premise_source(premise: Premise, language: Language, registry: Registry | None = None) -> tuple[str, str]:
    """Source with grade, and who disputes it, of what a case takes for a quantity; by its title where a registry is given, else its id."""
    item = premise.evidence
    if item is None:
        return language.text("median: no source goes beyond"), ""
    read = "" if item.read == "read" else f", {language.text(item.read)}"
    against = [language.text("contradicts what is assumed")] if item.stance == "contradicts" else []
    name = shorten(language.text(registry.sources[item.source].title), LONGEST, placeholder="…") if registry else item.source
    return f"{name} ({item.grade}{read})", " – ".join([*against, *([language.text(item.disputed_by)] if item.disputed_by else [])])


def map_rows(question: Question, found: BreakEven, language: Language) -> list[Row]:
    """Rows of the chart: the nodes with their verdicts, then the contours, the median's in the order of its line."""
    names = {"x_name": _axis_name(question, found.x.id, language), "y_name": _axis_name(question, found.y.id, language)}
    nodes = [
        {"x": x, "y": y, "verdict": language.text(VERDICTS[verdict]), "usd": usd, "text": language.money(usd, 3)}
        for y, verdicts, medians in zip(found.y.values, found.verdicts, found.medians_usd, strict=True)
        for x, verdict, usd in zip(found.x.values, verdicts, medians, strict=True)
    ]
    rising = _rises(found)
    ordered = sorted(found.break_even, key=lambda c: (c.x, c.y if rising else -c.y))
    lines = [("flip", c) for c in found.flips] + [("median", c) for c in ordered]
    contours = [{"x": c.x, "y": c.y, "line": kind, "step": step} for step, (kind, c) in enumerate(lines)]
    empty = dict.fromkeys(("x", "y", "verdict", "usd", "text", "line", "step"))
    return [empty | row | names for row in (*nodes, *contours)]


def _rises(found: BreakEven) -> bool:
    """Whether the line of the median rises: one quantity raises the cost and the other lowers it."""
    usd = found.medians_usd
    return (usd[0][-1] - usd[0][0]) * (usd[-1][0] - usd[0][0]) < 0.0


def _axis_name(question: Question, name: str, language: Language) -> str:
    return f"{language.text(question.label(name))} ({language.text(UNITS[question.unit(name)])})"


def map_sentence(question: Question, found: BreakEven, language: Language) -> str:
    """What a map shows, in one sentence."""
    verdicts = [verdict for row in found.verdicts for verdict in row]
    counts = {name: verdicts.count(name) for name in VERDICTS if name in verdicts}
    said = ", ".join(f"{language.text(VERDICTS[name])} {language.percent(n / len(verdicts), 2)}" for name, n in counts.items())
    values = _names(question, language) | {"said": said}
    return language.fill("{amount:usd} against {scope} over this map: {said}.", values)


def starting_pair(question: Question) -> tuple[str, str]:
    """Two quantities to start a map with: the price of an hour, then a ratio of overhead, else what is uncertain."""
    names = list(question.quantities)
    prices = [name for name in names if name.startswith("price.")]
    ratios = [name for name in names if name.startswith("overhead.")]
    uncertain = [name for name in names if name not in question.system.setting.fixed]
    ordered = list(dict.fromkeys([*prices, *ratios, *uncertain, *names]))
    return ordered[0], ordered[-1 if len(ordered) < 2 else 1]
