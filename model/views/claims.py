"""The gallery of claims: amount, price of an hour against the dated market, implied utilisation, scopes and labels, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model.auditor.audit import Verdict, audit
from model.auditor.stated import stated_figure
from model.registry import Registry
from model.schema.claim import UNDECLARED
from model.views.verdict import LABELS
from model.wording import Language

ANY = "any"
NONE = "–"


@dataclass(frozen=True)
class Bill:
    """One claim as the gallery shows it; labels are codes, "" where an axis does not apply."""

    id: str
    subject: str
    claimant: str
    figure: str
    price: str
    market: str
    price_status: str
    utilisation: str
    scopes: str
    literal: str
    scope: str
    implication: str


@dataclass(frozen=True)
class Filter:
    """What a visitor asks for: words, and a label on the literal axis and of the implication."""

    words: str = ""
    literal: str = ANY
    implication: str = ANY

    def accepts(self, bill: Bill) -> bool:
        """Whether a row is asked for; every word has to stand in it."""
        held = f"{bill.id} {bill.subject} {bill.claimant} {bill.figure} {bill.scopes}".casefold()
        wanted = ((self.literal, bill.literal), (self.implication, bill.implication))
        return all(word in held for word in self.words.casefold().split()) and all(asked in (ANY, own) for asked, own in wanted)


def bills(registry: Registry, language: Language, *, scenario: str = "zheng", changes: Sequence[str] = ()) -> tuple[Bill, ...]:
    """Every claim on file, audited in one scenario."""
    return tuple(bill(audit(name, registry=registry, scenario=scenario, changes=changes), language) for name in registry.names("claims"))


def bill(verdict: Verdict, language: Language) -> Bill:
    """The row of one verdict."""
    claim, checks = verdict.claim, {check.id: check for check in verdict.checks}
    price, mfu, found = checks.get("price_vs_market"), checks.get("implied_mfu"), verdict.implication
    stated = verdict.facts.get("price")
    return Bill(
        id=claim.id,
        subject=language.text(verdict.run.subject.noun),
        claimant=language.text(claim.claimant),
        figure=stated_figure(claim, language),
        price=language.money(float(price.stated), 3) if price else language.money(stated, 3) if stated else NONE,
        market=language.fill("{low:usd3} to {high:usd3}", price.values) if price else NONE,
        price_status=price.status if price else "",
        utilisation=language.percent(float(mfu.computed), 2) if mfu else NONE,
        scopes=_scopes(verdict, language),
        literal=verdict.literal.label or "",
        scope=verdict.scope_axis.label or "",
        implication=found.label if found else "",
    )


def _scopes(verdict: Verdict, language: Language) -> str:
    """What the number prices, and after an arrow what the words mean where that is something else."""
    claim, registry = verdict.claim, verdict.run.registry
    if not claim.has_scopes:
        return NONE
    names = [language.text(UNDECLARED if s == UNDECLARED else registry.scopes[s].label) for s in (claim.priced, verdict.implied_scope)]
    return " → ".join(dict.fromkeys(names))


def label(code: str, language: Language) -> str:
    """A label's code in words."""
    return language.text(LABELS[code or None])
