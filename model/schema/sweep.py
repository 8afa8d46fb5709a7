"""A sweep: many scenarios from crossed factors, as it is written in a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from model.schema.base import Entry, Identifier, Many, Text

Levels = dict[str, Many[Text]]
Seed = Annotated[int, Field(ge=0, le=1 << 30)]


class Span(Entry):
    """Numbers from ``low`` to ``high``, at equal steps or at equal ratios."""

    low: float
    high: float
    spacing: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _check(self) -> Span:
        if self.low >= self.high or (self.spacing == "log" and self.low <= 0.0):
            raise ValueError("a span needs low < high, and low above 0 where spacing is log")
        return self


class Grid(Span):
    """``count`` numbers, both ends included."""

    count: Annotated[int, Field(ge=2, le=1_000_000)]


class Axis(Entry):
    """One assumption, option or weight and the values that it takes; ``when`` names the levels of other factors that it applies to."""

    id: Identifier
    values: Many[Text] = ()
    grid: Grid | None = None
    when: Levels = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> Axis:
        if bool(self.values) == (self.grid is not None):
            raise ValueError("an axis needs either values or grid")
        return self


class Group(Entry):
    """Changes that go together under a name: ``options`` maps each name to its changes."""

    id: Identifier
    options: Annotated[Levels, Field(min_length=1)]


class Varied(Span):
    """One quantity of a design."""

    id: Identifier


class Design(Entry):
    """``count`` points that fill a box of quantities: a Sobol' sequence or random points."""

    id: Identifier
    kind: Literal["sobol", "random"]
    count: Annotated[int, Field(ge=1, le=1_000_000_000)]
    seed: Seed = 1
    parameters: Annotated[Many[Varied], Field(min_length=1, max_length=32)]


class Sweep(Entry):
    """Everything in it is crossed: claims x scenarios x axes x groups x designs, without what ``exclude`` names."""

    id: Identifier
    label: Text
    description: Text
    claims: Annotated[Many[Identifier], Field(min_length=1)]
    scenarios: Annotated[Many[Identifier], Field(min_length=1)]
    scopes: Many[Identifier] = ()
    points: Annotated[int, Field(ge=4, le=1 << 20)] = 4096
    seed: Seed = 1
    axes: Many[Axis] = ()
    groups: Many[Group] = ()
    designs: Many[Design] = ()
    exclude: Many[Levels] = ()
