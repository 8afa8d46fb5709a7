"""What a report consists of: texts that name the footnotes of their figures, tables, lists, one picture, sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from model.cards import Card
from model.schema.base import Source


@dataclass(frozen=True)
class Said:
    """A text with the keys of the footnotes that its figures rest on: ``scope:project``, ``check:arithmetic``."""

    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, a quotation, or words for a machine."""

    kind: ClassVar[str] = "paragraph"
    said: Said
    role: str = "plain"  # or "quote", "lead", "code"


@dataclass(frozen=True)
class Listing:
    """A list of points."""

    kind: ClassVar[str] = "listing"
    items: tuple[Said, ...]


@dataclass(frozen=True)
class Table:
    """A table; its columns in ``figures`` are numbers."""

    kind: ClassVar[str] = "table"
    heads: tuple[str, ...]
    rows: tuple[tuple[Said, ...], ...]
    caption: str = ""
    figures: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A chart by its name and rows, and what it shows in words."""

    kind: ClassVar[str] = "picture"
    name: str
    rows: Sequence[Mapping[str, Any]]
    words: str


Block: TypeAlias = Paragraph | Listing | Table | Picture


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    title: str
    blocks: tuple[Block, ...]

    def said(self) -> Iterator[Said]:
        """Every text of the section that may hold a figure, in order."""
        for block in self.blocks:
            match block:
                case Paragraph(said=said):
                    yield said
                case Listing(items=items):
                    yield from items
                case Table(rows=rows):
                    yield from (cell for row in rows for cell in row)


@dataclass(frozen=True)
class Report:
    """A report in one language: at most a page in front, the annex, footnotes by key in their order, sources by id."""

    language: str
    title: str
    about: str
    front: tuple[Section, ...]
    annex: tuple[Section, ...]
    notes: Mapping[str, Card]
    sources: Mapping[str, Source]
    words: Mapping[str, str]
