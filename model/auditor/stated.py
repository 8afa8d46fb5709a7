"""What a check works on and what it finds: a claim's stated facts with the run of its subject, and a status with the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from model.distributions import Distribution
from model.engine import Run
from model.registry import Registry
from model.schema.assumption import Architecture
from model.schema.claim import Amount, Claim
from model.wording import ENGLISH, Language

Status = Literal["pass", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One check with what was stated, what comes out, and a sentence with the figures."""

    id: str
    status: Status
    stated: float | str
    computed: float | str
    unit: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The finding in English."""
        return self.message_in(ENGLISH)

    def message_in(self, language: Language) -> str:
        """The finding in a reader's language; values that are texts are translated too."""
        values = {name: language.text(v) if isinstance(v, str) else v for name, v in self.values.items()}
        return language.fill(self.template, {"stated": self.stated, "computed": self.computed, **values})


@dataclass(frozen=True)
class Evidence:
    """What checks work on: the claim, its facts (inherited from the claim that it restates), and the run of its subject."""

    claim: Claim
    facts: Mapping[str, float]
    run: Run
    restated: Claim | None

    @property
    def registry(self) -> Registry:
        return self.run.registry

    def rule(self, name: str) -> float:
        """A ground rule."""
        return self.registry.rules[name]

    def has(self, *names: str) -> bool:
        """Whether all these facts are stated."""
        return all(name in self.facts for name in names)

    def parts(self) -> dict[str, float]:
        """Stated GPU-hours by stage."""
        return {name: value for name, value in self.facts.items() if name.startswith("gpu_hours.")}

    @property
    def hours(self) -> float | None:
        """GPU-hours in all: stated, or GPUs times the calendar time of the whole run."""
        gpus, days = self.facts.get("gpus"), self.facts.get("days", self.facts.get("hours", 0.0) / 24.0)
        return self.facts.get("gpu_hours") or (gpus * days * 24.0 if gpus and days else None)

    @property
    def architecture(self) -> Architecture | None:
        """Shape of the model, where the claim or the one that it restates names it."""
        name = self.claim.architecture or (self.restated.architecture if self.restated else "")
        return self.registry.architecture(name) if name else None

    @property
    def market(self) -> Distribution | None:
        """Dated rent of an hour of the subject's chip."""
        own = self.run.subject.hours is not None or self.registry.parameters["price.rental"].chip == self.run.subject.chip
        return self.run.setting.distributions.get("price.rental") if own else None

    def implied_price(self, near: float) -> float | None:
        """Amount over hours, of a range its part nearest to the price ``near``; None for a bound and for more than a run."""
        amount, hours, of_a_run = self.claim.dollars, self.hours, self.claim.priced in ("final_run", "run_as_executed")
        if amount is None or not hours or not of_a_run or amount.relation in ("at_least", "at_most"):
            return None
        return part_nearest(amount, near * hours) / hours

    @property
    def peak_flop_per_s(self) -> float | None:
        """Dense BF16 peak of the subject's chip."""
        chip = self.registry.chips.get(self.run.subject.chip)
        return chip.peak_dense_flop_per_s.get("bf16") if chip else None

    def compare(self, stated: float, computed: float, digits: int | None = None) -> Status:
        """Pass when equal at the stated digits or within the tolerance, warn a little beyond, else fail."""
        difference = abs(computed / stated - 1.0)
        if difference <= self.rule("tolerance_pass") or (digits and _rounds_to(computed, stated, digits)):
            return "pass"
        return "warn" if difference <= self.rule("tolerance_warn") else "fail"

    def against(self, amount: Amount, computed: float) -> Status:
        """The same for an amount; a bound passes where it holds."""
        stated = part_nearest(amount, computed)
        held = {"at_most": computed <= stated, "at_least": computed >= stated}.get(amount.relation, False)
        return "pass" if held else self.compare(stated, computed, amount.digits)

    def compared(self, name: str, stated: float, computed: float, unit: str, template: str, **values: object) -> Check:
        """A check that compares two figures."""
        return Check(name, self.compare(stated, computed), stated, computed, unit, template, values)


def _rounds_to(computed: float, stated: float, digits: int) -> bool:
    return float(f"{computed:.{digits - 1}e}") == float(f"{stated:.{digits - 1}e}")


def stated_figure(claim: Claim, language: Language) -> str:
    """What a claim states: a sum of dollars in a reader's way of writing, anything else as it was written; "–" for nothing."""
    if claim.dollars is None:
        written = claim.amount or claim.stated
        return language.text(written.as_written) if written else "–"
    if claim.dollars.value is None:
        return language.fill("{low:usd} to {high:usd}", {"low": claim.dollars.low or 0.0, "high": claim.dollars.high or 0.0})
    return language.money(claim.dollars.value, claim.dollars.digits)


def part_nearest(amount: Amount, usd: float) -> float:
    """The stated amount, or the part of a stated range that is nearest to ``usd``."""
    if amount.value is not None:
        return amount.value
    assert amount.low is not None
    assert amount.high is not None
    return min(max(usd, amount.low), amount.high)
