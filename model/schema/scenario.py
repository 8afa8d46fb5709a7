"""A scenario: a named set of differences from another one, each with its reason."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from model.schema.base import Entry, Identifier, Many, Text


class Override(Entry):
    """One changed value, written as on the command line: a number, an interval, a family or an option."""

    id: Identifier
    value: Text
    reason: Text


class Scenario(Entry):
    """What a scripted run or a named view of the model changes."""

    id: Identifier
    label: Text
    description: Text
    base: Identifier | None = None
    points: Annotated[int, Field(ge=4)] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    correlations: Many[Identifier] = ()
    overrides: Many[Override] = ()
