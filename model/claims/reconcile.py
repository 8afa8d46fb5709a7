"""Which combination of stated facts gives a stated total: every sum of stages by every way in which a stage is told."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field

from model.auditor.audit import facts_of
from model.auditor.checks import DAYS_PER_MONTH
from model.cost.compute import HOURS_PER_DAY
from model.errors import InputError, RefusedError
from model.registry import Registry, load_registry, read_entry
from model.schema.base import Entry, Identifier, Many
from model.schema.claim import FACT_UNITS
from model.wording import ENGLISH, Language

TRILLION = 1e12
MOST = 100_000  # combinations
BIN = 0.01  # fits within one per cent of each other rank by the facts that they use
TOTAL = "gpu_hours"
HOURS_IN = {"hour": 1.0, "day": HOURS_PER_DAY, "month": DAYS_PER_MONTH * HOURS_PER_DAY}
Unit = Literal["gpu_hour", "gpu", "hour", "day", "month", "USD/gpu_hour", "USD", "token", "gpu_hour/(1e12 token)", "token/day"]


Stated = Annotated[float, Field(ge=1e-9, le=1e18)]  # products of such figures stay finite


class StatedTotal(Entry):
    """The total that the facts should give."""

    value: Stated
    unit: Literal["USD", "gpu_hour"]


class StatedFact(Entry):
    """A stated figure; what follows the dot of its id is the stage that it is about."""

    id: Identifier
    value: Stated
    unit: Unit
    note: str = ""


class StatedFacts(Entry):
    """A file of stated facts."""

    target: StatedTotal
    facts: Annotated[Many[StatedFact], Field(min_length=1)]


@dataclass(frozen=True)
class Term:
    """GPU-hours of one stage, told in one way: ``per`` GPUs of ``written`` hours each, or hours in all; or a sum of money."""

    amount: float
    facts: tuple[str, ...]
    factors: tuple[float, ...]
    per: float = 1.0
    is_money: bool = False


@dataclass(frozen=True)
class Combination:
    """A sum of terms at a price, set against the target; ``relative_error`` is value over target, less one."""

    terms: tuple[Term, ...]
    price: float | None
    value: float
    relative_error: float
    facts: tuple[str, ...]

    def expression(self, language: Language = ENGLISH) -> str:
        """The sum as it is calculated: (512 × (198 h + 80 h) + 5,000 h) × $2."""
        groups: dict[float, list[str]] = {}
        for term in (t for t in self.terms if not t.is_money):
            groups.setdefault(term.per, []).append(
                " × ".join(language.number(factor, 9 if factor.is_integer() else 6) for factor in term.factors) + " h"
            )
        sums = [_times(language.number(per, 9), own) if per > 1.0 else " + ".join(own) for per, own in sorted(groups.items(), reverse=True)]
        hours = " + ".join(sums)
        money = [language.money(term.amount, 6) for term in self.terms if term.is_money]
        if self.price is not None and hours:
            bracket = len(sums) > 1 or (sums and " + " in sums[0] and not sums[0].endswith(")"))
            hours = f"{f'({hours})' if bracket else hours} × {language.money(self.price, 6)}"
        return " + ".join([*([hours] if hours else []), *money])

    def document(self) -> dict[str, object]:
        """The combination for scripts."""
        told = {"value": self.value, "relative_error": self.relative_error, "facts_used": len(self.facts), "facts": list(self.facts)}
        return {"expression": self.expression(), **told}


def _times(count: str, parts: Sequence[str]) -> str:
    whole = " + ".join(parts)
    return f"{count} × ({whole})" if len(parts) > 1 else f"{count} × {whole}"


@dataclass(frozen=True)
class Reconciliation:
    """Combinations that give the target within the tolerance, and those that miss it, best first."""

    target: float
    unit: str
    fits: tuple[Combination, ...]
    misses: tuple[Combination, ...]
    unused: tuple[str, ...]
    hours: Reconciliation | None = None

    def document(self) -> dict[str, object]:
        """The answer for scripts; a total of hours that is stated beside the target is reconciled as well."""
        return {
            "target": self.target,
            "unit": self.unit,
            "fits": [c.document() for c in self.fits],
            "misses": [c.document() for c in self.misses],
            "unused": list(self.unused),
            "hours": None if self.hours is None else self.hours.document(),
        }


def reconcile(source: str | Path, *, registry: Registry | None = None) -> Reconciliation:
    """Find the combinations of stated facts that give a stated total.

    Parameters
    ----------
    source : id of a claim, or path of a TOML file with a target and facts
    registry : assumptions; the project's own when none is given

    Raises
    ------
    InputError
        The file or the claim is wrong, or the facts give no total of that unit.
    RefusedError
        The facts combine in more ways than a fit would mean anything.
    """
    registry = registry or load_registry()
    path = Path(source)
    is_file = path.suffix == ".toml" or isinstance(source, Path)
    stated = read_entry(path, StatedFacts, registry.names("claims")) if is_file else _from_claim(str(source), registry)
    return combined(stated, str(source), registry.rules["tolerance_pass"])


def _from_claim(name: str, registry: Registry) -> StatedFacts:
    claim = registry.claim(name)
    amount = claim.amount
    if amount is None or amount.unit != "USD" or amount.value is None:
        raise InputError(name, "states no single sum of US dollars.", "Name a claim with an amount (costclaim claims), or a file.")
    facts = facts_of(claim, registry.claim(claim.restates) if claim.restates else None)
    units = {name: FACT_UNITS[name] for name in facts if FACT_UNITS[name] in get_args(Unit) and not name.startswith("compared")}
    own = [StatedFact.model_validate({"id": name, "value": facts[name], "unit": unit}) for name, unit in units.items()]
    if not own:
        raise InputError(name, "has no stated facts to add up.", "A claim's facts stand in its file (costclaim claims show ID).")
    return StatedFacts(target=StatedTotal(value=amount.value, unit="USD"), facts=tuple(own))


def combined(stated: StatedFacts, where: str, tolerance: float) -> Reconciliation:
    """All combinations for the target; where it is money and a total of hours is stated as well, also for that."""
    facts, target = {fact.id: fact for fact in stated.facts}, stated.target
    if len(facts) < len(stated.facts):
        raise InputError(where, "has two facts of one id.", "Ids are unique; write what differs behind a dot: hours.first.")
    found = sorted(_combinations(stages(facts), target, facts, where), key=_rank)
    used = {name for combination in found for name in combination.facts}
    total = facts.get(TOTAL)
    hours = None
    if target.unit == "USD" and total is not None and TOTAL not in used:
        own = StatedFacts(target=StatedTotal(value=total.value, unit="gpu_hour"), facts=stated.facts)
        hours = combined(own, where, tolerance)
    fits, misses = (tuple(c for c in found if (abs(c.relative_error) <= tolerance) == inside) for inside in (True, False))
    return Reconciliation(target.value, target.unit, fits, misses, tuple(name for name in facts if name not in used), hours)


def _rank(c: Combination) -> tuple[float, int, float]:
    off = abs(c.relative_error)
    return math.floor(off / BIN), -len(c.facts), off


def stages(facts: Mapping[str, StatedFact]) -> dict[str, list[Term]]:
    """By stage, the ways in which its hours or its cost are told; the whole stands under an empty name."""
    found: dict[str, list[Term]] = {}
    counts = [fact for fact in facts.values() if fact.unit == "gpu"]
    for fact in facts.values():
        if fact.id != TOTAL:
            found.setdefault(fact.id.partition(".")[2], []).extend(_terms(fact, counts, facts))
    told = {name: own for name, own in found.items() if own}
    return told or ({"": [Term(facts[TOTAL].value, (TOTAL,), (facts[TOTAL].value,))]} if TOTAL in facts else {})


def _terms(fact: StatedFact, counts: Sequence[StatedFact], facts: Mapping[str, StatedFact]) -> Iterator[Term]:
    """What one fact says of the hours of its stage, with the counts and rates that it needs."""
    if fact.unit == "gpu_hour":
        yield Term(fact.value, (fact.id,), (fact.value,))
    elif fact.unit == "USD":
        yield Term(fact.value, (fact.id,), (), is_money=True)
    elif fact.unit in HOURS_IN:
        hours = HOURS_IN[fact.unit]
        factors = (fact.value,) if hours == 1.0 else (fact.value, hours)
        yield from (Term(c.value * fact.value * hours, (c.id, fact.id), factors, per=c.value) for c in counts)
    elif fact.unit == "token":
        trillions = fact.value / TRILLION
        rates, speeds = ([f for f in facts.values() if f.unit == unit] for unit in ("gpu_hour/(1e12 token)", "token/day"))
        yield from (Term(rate.value * trillions, (rate.id, fact.id), (rate.value, trillions)) for rate in rates)
        for speed, c in itertools.product(speeds, counts):
            days = fact.value / speed.value
            yield Term(c.value * days * HOURS_PER_DAY, (c.id, fact.id, speed.id), (days, HOURS_PER_DAY), per=c.value)


def _combinations(
    told: Mapping[str, Sequence[Term]], target: StatedTotal, facts: Mapping[str, StatedFact], where: str
) -> Iterator[Combination]:
    prices = [fact for fact in facts.values() if fact.unit == "USD/gpu_hour"] if target.unit == "USD" else []
    ways: list[list[Term | None]] = [[None, *own] for name, own in told.items() if name]
    count = (math.prod(len(own) for own in ways) + len(told.get("", ()))) * max(len(prices), 1)
    if count > MOST:
        raise RefusedError(f"{where}: its facts combine in {count:,} ways; with so many, some fit by chance. At most {MOST:,}.")
    sums = itertools.chain((tuple(t for t in pick if t) for pick in itertools.product(*ways)), ((term,) for term in told.get("", ())))
    found = [c for terms in sums if terms for c in _priced(terms, target, prices)]
    if not found:
        accepted = "Money needs a price of an hour or parts in USD; hours need GPUs with a duration, stages, or a rate with tokens."
        raise InputError(where, f"has no facts that give a total in {target.unit}.", accepted)
    yield from found


def _priced(terms: tuple[Term, ...], target: StatedTotal, prices: Sequence[StatedFact]) -> Iterator[Combination]:
    """A sum of terms at every price that is stated; money needs none, and hours alone are no money."""
    hours, money = (sum(t.amount for t in terms if t.is_money == kind) for kind in (False, True))
    names = tuple(dict.fromkeys(name for term in terms for name in term.facts))
    if target.unit == "gpu_hour":
        if not money:
            yield Combination(terms, None, hours, hours / target.value - 1.0, names)
    elif not hours:
        yield Combination(terms, None, money, money / target.value - 1.0, names)
    else:
        for price in prices:
            value = hours * price.value + money
            yield Combination(terms, price.value, value, value / target.value - 1.0, (*names, price.id))
