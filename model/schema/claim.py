"""A claim as it was made, what it prices, and the facts that it can be checked against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from model.schema.base import Entry, Evidence, Identifier, Many, Text
from model.schema.distribution import Positive

ScopeId = Literal[
    "final_run",
    "run_as_executed",
    "project",
    "programme",
    "programme_with_staff",
    "lab_window",
    "fleet_capex",
]


# Stated figures that checks read, each in the one unit that they take it in.
FACT_UNITS: Mapping[str, str] = {
    "gpu_hours": "gpu_hour",
    "gpu_hours.pretraining": "gpu_hour",
    "gpu_hours.context_extension": "gpu_hour",
    "gpu_hours.post_training": "gpu_hour",
    "gpu_hours.sft_data": "gpu_hour",
    "price": "USD/gpu_hour",
    "tokens.pretraining": "token",
    "rate": "gpu_hour/(1e12 token)",
    "gpus": "gpu",
    "days.pretraining": "day",
    "months": "month",
    "hours.zero": "hour",
    "hours.final": "hour",
    "throughput": "token/day",
    "parameters.total": "parameter",
    "parameters.active": "parameter",
    "mfu.causal": "fraction",
    "mfu.non_causal": "fraction",
    "achieved.causal": "FLOP/s",
    "achieved.non_causal": "FLOP/s",
    "flop_per_token.causal": "FLOP/token",
    "site_power": "MW",
    "precision_bits": "bit",
}


class Amount(Entry):
    """The stated sum of money. ``digits`` counts its significant digits as written."""

    value: Positive | None = None
    low: Positive | None = None
    high: Positive | None = None
    relation: Literal["equal", "about", "at_least", "at_most", "range"]
    unit: Literal["USD"]
    price_year: int
    digits: Annotated[int, Field(ge=1)]
    as_written: Text

    @model_validator(mode="after")
    def _check(self) -> Amount:
        if self.relation == "range":
            if self.value is not None or self.low is None or self.high is None or self.low >= self.high:
                raise ValueError("a range needs low < high and no value")
        elif self.value is None or self.low is not None or self.high is not None:
            raise ValueError(f'relation "{self.relation}" needs value alone')
        return self


class ScopeReading(Entry):
    """A scope and the words or the source for it."""

    scope: ScopeId
    because: Text


class Declaration(Entry):
    """What the claimant says the number covers, or ``undeclared``."""

    scope: Literal[ScopeId, "undeclared"]
    because: Text


class Fact(Entry):
    """A stated figure that checks work on, in the unit of its name."""

    id: Identifier
    value: Positive
    unit: Text
    locator: Text
    source: Identifier
    note: str = ""


class Objection(Entry):
    """What somebody says that the number leaves out."""

    who: Text
    text: Text
    language: Text
    leaves_out: Text
    components: Annotated[Many[Identifier], Field(min_length=1)]
    asked_scope: ScopeId
    because: Text
    evidence: Annotated[Many[Evidence], Field(min_length=1)]


class ClaimSource(Entry):
    """Where the claim stands."""

    id: Identifier
    locator: Text


class Claim(Entry):
    """One checkable statement about what a model cost."""

    id: Identifier
    kind: Literal["cost", "ratio", "count", "duration"]
    text: Text
    translation: str = ""
    language: Text
    claimant: Text
    date: date
    subject: Identifier
    architecture: str = ""
    source_subject: Identifier | None = None
    restates: Identifier | None = None
    amount: Amount | None
    priced_scope: Declaration
    declared_scope: Declaration = Field(
        description='what the claimant says that the number covers, as a table with scope and because; scope may be "undeclared"'
    )
    implied_scope: ScopeReading
    source: ClaimSource
    facts: Many[Fact] = ()
    objection: Objection | None = None
    note: str = ""
