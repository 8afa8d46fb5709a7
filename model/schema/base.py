"""What every file entry shares: strict, frozen, no unknown keys."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator

T = TypeVar("T")

# TOML has lists only; entries are frozen, so they are kept as tuples.
Many = Annotated[tuple[T, ...], Strict(False)]

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
Text = Annotated[str, Field(min_length=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]

Grade = Literal["A", "B", "C"]
Reading = Literal["read", "restated", "derived", "not read"]
Basis = Literal["measured", "disclosed", "reported", "derived", "elicited", "placeholder"]
Stance = Literal["supports", "contradicts", "context"]


class Entry(BaseModel):
    """Base of all entries of the assumption files."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Source(Entry):
    """A publication, page or file that evidence is taken from."""

    id: Identifier
    title: Text
    author: Text
    date: Text
    url: str = ""
    read: Reading
    note: str = ""


class Evidence(Entry):
    """One figure that a source gives for an assumption.

    ``figure`` is the source's figure in our words, ``row`` the row of the evidence collection that it was checked in. ``low`` and
    ``high`` are the ends of what it says of the entry's own quantity, in its unit; one alone where it bounds one side.
    """

    source: Identifier
    locator: Text
    figure: Text
    low: float | None = None
    high: float | None = None
    stance: Stance = "supports"
    grade: Grade
    read: Reading
    disputed_by: str = ""
    row: str = ""

    @model_validator(mode="after")
    def _check(self) -> Evidence:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low = {self.low:g} is above high = {self.high:g}; write them in rising order")
        return self
