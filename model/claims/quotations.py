"""Finds each quotation in its article, character for character. The articles stay outside the project: only their hashes are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model.errors import InputError
from model.registry import Registry
from model.schema.claim import Claim, Quotation

FOUND = "found"


@dataclass(frozen=True)
class Place:
    """A quotation looked up in a folder of articles: ``found``, or what is wrong."""

    claim: str
    quotation: Quotation
    found: str
    problem: InputError | None = None


def quoted(registry: Registry) -> Iterator[tuple[Claim, Quotation]]:
    """Claims that store the place of their words."""
    for name in registry.names("claims"):
        claim = registry.claim(name)
        if claim.quotation:
            yield claim, claim.quotation


def look_up(registry: Registry, folder: Path) -> list[Place]:
    """Every quotation in the articles of a folder.

    Raises
    ------
    InputError
        The folder does not exist.
    """
    if not folder.is_dir():
        raise InputError(str(folder), "is not a folder.", "Name the folder that holds the articles, one text file each.")
    return [_place(claim, quotation, folder / quotation.article) for claim, quotation in quoted(registry)]


def _place(claim: Claim, quotation: Quotation, article: Path) -> Place:
    where = f"claims/{claim.id}.toml: quotation"
    if not article.is_file():
        return Place(claim.id, quotation, "no article", InputError(where, f"{article} is not there.", "Put the article into the folder."))
    content = article.read_bytes()
    if hashlib.sha256(content).hexdigest() != quotation.sha256:
        problem = InputError(
            where, f"{article.name} has another SHA-256.", "Quote the text with this hash, or store the new hash and place."
        )
        return Place(claim.id, quotation, "another text", problem)
    text = content.decode("utf-8", errors="replace")
    if text[quotation.start : quotation.end] == claim.text:
        return Place(claim.id, quotation, FOUND)
    at = text.find(claim.text)
    elsewhere = f"The words stand at {at} to {at + len(claim.text)}." if at >= 0 else "The words stand nowhere in it."
    found = f"characters {quotation.start} to {quotation.end} of {article.name} are not the text."
    return Place(claim.id, quotation, "elsewhere" if at >= 0 else "not in it", InputError(where, found, elsewhere))
