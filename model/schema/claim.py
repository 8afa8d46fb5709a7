"""A claim as it was made, what it prices, and the facts that it can be checked against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

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
UNDECLARED = "undeclared"
MOST_DIGITS = 15  # that a number of the program can hold
LARGEST_AMOUNT = 1e18  # USD, or another currency: beyond all that is spent
Sum = Annotated[Positive, Field(le=LARGEST_AMOUNT)]

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
    "days": "day",
    "hours": "hour",
    "also.gpu_hours": "gpu_hour",
    "also.price": "USD/gpu_hour",
    "compared.gpu_hours": "gpu_hour",
    "compared.rate": "gpu_hour/(1e12 token)",
    "amount": "USD",
    "compared.amount": "USD",
    "compared.tokens": "token",
}
# Sums of money that a claim can state; figures stay in the unit that they were stated in.
AmountUnit = Literal["USD", "CNY", "EUR", "USD/(1e12 token)", "CNY/(1e12 token)"]
Relation = Literal["equal", "about", "at_least", "at_most", "range"]


def _check_range(stated: Amount | Measure) -> None:
    """A range has low < high and no value; any other relation has a value alone."""
    if stated.relation == "range":
        if stated.value is not None or stated.low is None or stated.high is None or stated.low >= stated.high:
            raise ValueError("a range needs low < high and no value")
    elif stated.value is None or stated.low is not None or stated.high is not None:
        raise ValueError(f'relation "{stated.relation}" needs value alone')


class Amount(Entry):
    """The stated sum of money. ``digits`` counts its significant digits as written."""

    value: Sum | None = None
    low: Sum | None = None
    high: Sum | None = None
    relation: Relation
    unit: AmountUnit
    price_year: int
    digits: Annotated[int, Field(ge=1, le=MOST_DIGITS)]
    as_written: Text

    @model_validator(mode="after")
    def _check(self) -> Amount:
        _check_range(self)
        return self


class Measure(Entry):
    """A number in ``unit``, or a ``name`` or a ``date`` alone."""

    value: Positive | None = None
    low: Positive | None = None
    high: Positive | None = None
    relation: Relation = "equal"
    unit: str = ""
    name: str = ""
    date: dt.date | None = None

    @property
    def is_number(self) -> bool:
        """Whether it is a number, and no name or date."""
        return not self.name and self.date is None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.is_number:
            _check_range(self)
            if not self.unit:
                raise ValueError('a number needs its unit, for example unit = "gpu"')
        elif any(x is not None for x in (self.value, self.low, self.high)) or (self.name and self.date):
            raise ValueError("write one of: a number with its unit, a name, a date")
        return self


class Stated(Measure):
    """What a claim that is about no cost states. ``of`` names what is measured, the same in every claim about it."""

    digits: Annotated[int, Field(ge=1, le=MOST_DIGITS)] = 2
    as_written: Text
    of: Identifier | None = None


class Primary(Measure, Evidence):
    """What the source that a statement goes back to says of the same thing; ``figure`` tells it in our words."""


class Quotation(Entry):
    """Where the claim's exact words stand: characters ``start`` to ``end`` of an article whose text has this SHA-256."""

    article: Text
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]


class Declaration(Entry):
    """A scope, or ``undeclared``, and the words or the source for it."""

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


MISSING_PART = "missing_part"  # what a validator calls a key that one kind of claim needs
# What a claim of each kind has to hold; any other kind needs the figure, name or date that it states.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "cost": ("amount", "priced_scope", "declared_scope", "implied_scope"),
    "no_claim": (),
    "forecast": (),
    "scope": ("priced_scope", "implied_scope"),
}
# Words by which a statement holds back: what a retelling may drop or add.
Qualifier = Literal["assumed_price", "research_left_out", "base_left_out", "intention", "period", "doubt", "possibility", "condition"]
KindOfClaim = Literal["cost", "ratio", "count", "duration", "date", "entity", "scope", "forecast", "no_claim"]


class Claim(Entry):
    """One statement about what a model cost, or about what goes with it.

    A claim about a cost has an amount and three scopes. Another one has what it is about in ``stated``, and scopes only where they
    apply. ``also`` holds further amounts by another method: two amounts are no range. ``same_sentence_as`` links another entry
    about the same sentence; both are kept. ``named`` is what the words call the subject where that is no name of it.
    """

    id: Identifier
    kind: KindOfClaim
    text: Text
    translation: str = ""
    language: Text
    claimant: Text
    date: dt.date
    subject: Identifier
    named: str = ""
    architecture: str = ""
    source_subject: Identifier | None = None
    restates: Identifier | None = None
    same_sentence_as: Identifier | None = None
    hedged: bool = False
    qualifiers: Many[Qualifier] = ()
    quotation: Quotation | None = None
    amount: Amount | None = None
    also: Many[Amount] = ()
    stated: Stated | None = None
    primary: Many[Primary] = ()
    priced_scope: Declaration | None = None
    declared_scope: Declaration | None = Field(
        default=None,
        description='what the claimant says that the number covers, as a table with scope and because; scope may be "undeclared"',
    )
    implied_scope: Declaration | None = None
    source: ClaimSource
    facts: Many[Fact] = ()
    objection: Objection | None = None
    note: str = ""

    @property
    def dollars(self) -> Amount | None:
        """The amount, where it is a sum of US dollars: other units are never converted in silence."""
        return self.amount if self.amount and self.amount.unit == "USD" else None

    @property
    def priced(self) -> str:
        """The scope that the number prices; "undeclared" where no source says or none applies."""
        return self.priced_scope.scope if self.priced_scope else UNDECLARED

    @property
    def declared(self) -> str:
        """The scope that the claimant says it covers, or "undeclared"."""
        return self.declared_scope.scope if self.declared_scope else UNDECLARED

    @property
    def implied(self) -> str:
        """The scope that the words suggest, or "undeclared"."""
        return self.implied_scope.scope if self.implied_scope else UNDECLARED

    @property
    def about_cost(self) -> bool:
        """Whether costs by scope answer it: a ratio, count, duration, date or name has none, even where its words name scopes."""
        return self.has_scopes and self.kind not in ("ratio", "count", "duration", "date", "entity")

    @property
    def has_scopes(self) -> bool:
        """Whether a cost in some scope is what the claim is about."""
        return any((self.priced_scope, self.declared_scope, self.implied_scope))

    @model_validator(mode="after")
    def _check(self) -> Claim:
        for name in NEEDED.get(self.kind, ("stated",)):
            if getattr(self, name) is None:
                raise PydanticCustomError(MISSING_PART, "is missing", {"part": name})
        return self


Claim.model_rebuild()
