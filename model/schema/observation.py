"""Evidence to set against the model: one quantity of the ledger, what was seen of it, how far that may be off, and who says so."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from model.schema.base import Entry, Evidence, Identifier, Many, Text
from model.schema.distribution import LogNormal, Positive, ordered

Softness = Annotated[float, Field(ge=0, description="standard deviation beyond the bound, in the unit of the observation; 0 is hard")]
MOST_TRIALS = 1_000_000_000


class NormalError(Entry):
    """Seen with a normal error of standard deviation ``sd``."""

    family: Literal["normal"]
    value: float
    sd: Positive


class Interval(Entry):
    """Seen to lie between two bounds."""

    family: Literal["interval"]
    low: float
    high: float
    softness: Softness

    @model_validator(mode="after")
    def _check(self) -> Interval:
        ordered(low=self.low, high=self.high)
        return self


class AtLeast(Entry):
    """Seen to be at least ``value``."""

    family: Literal["at_least"]
    value: float
    softness: Softness


class AtMost(Entry):
    """Seen to be at most ``value``."""

    family: Literal["at_most"]
    value: float
    softness: Softness


class Counted(Entry):
    """A share seen as ``successes`` out of ``trials`` independent draws."""

    family: Literal["count"]
    successes: Annotated[int, Field(ge=0, le=MOST_TRIALS)]
    trials: Annotated[int, Field(ge=1, le=MOST_TRIALS)]

    @model_validator(mode="after")
    def _check(self) -> Counted:
        ordered(successes=self.successes, trials=self.trials)
        return self


ErrorModel = Annotated[NormalError | LogNormal | Interval | AtLeast | AtMost | Counted, Field(discriminator="family")]
POINTS = (NormalError, LogNormal, Counted)


class Observation(Entry):
    """One observation.

    ``quantity`` is an assumption or a node of the cost graph, or two of them as ``A / B``. ``holds_for`` are options without which
    the observation is about something else, as ``ID=OPTION``; ``subjects`` are the models that it is about, any when none is named.
    """

    id: Identifier
    label: Text
    quantity: Annotated[str, Field(pattern=r"^[\w.]+( / [\w.]+)?$", description='a name of the ledger, or "A / B"')]
    unit: Text
    observed: ErrorModel
    as_of: date
    rationale: Text
    holds_for: Many[Annotated[str, Field(pattern=r"^[\w.]+=\w+$")]] = ()
    subjects: Many[Identifier] = ()
    evidence: Evidence

    @model_validator(mode="after")
    def _check(self) -> Observation:
        if self.evidence.read == "not read" and isinstance(self.observed, POINTS):
            raise ValueError("a source that was not read bounds a quantity at most: write an interval, at_least or at_most")
        return self

    @property
    def terms(self) -> tuple[str, ...]:
        """Numerator, and denominator where there is one."""
        return tuple(self.quantity.split(" / "))
