"""What can be wrong with a stored quotation, without the article at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping

from model.check.findings import Problems, claims_of, known
from model.errors import InputError
from model.registry import Registry
from model.schema.claim import Claim, Quotation

MOST_SENTENCES = 3
SENTENCE_END = re.compile(r"[.!?…](?:\s*[»”\"])?(?=\s|$)")

Quoted = tuple[str, Claim, Quotation]


def quotations(registry: Registry) -> Problems:
    """Quotations that are not as long as their text, too long, untranslated, or at odds with another of the same article."""
    first: dict[str, Quoted] = {}
    for where, claim in claims_of(registry):
        linked = [claim.same_sentence_as] if claim.same_sentence_as else []
        yield from known(f"{where}: same_sentence_as", "claim", linked, registry.names("claims"))
        if claim.quotation is None:
            continue
        item = (where, claim, claim.quotation)
        yield from _alone(*item)
        yield from _beside(item, first)
        first.setdefault(claim.quotation.article, item)


def _alone(where: str, claim: Claim, quotation: Quotation) -> Problems:
    length = quotation.end - quotation.start
    if length != len(claim.text):
        found = f"spans {length} characters, the text has {len(claim.text)}."
        yield InputError(f"{where}: quotation", found, f"Write end = {quotation.start + len(claim.text)}, or correct the text.")
    sentences = len(SENTENCE_END.findall(claim.text))
    if sentences > MOST_SENTENCES:
        yield InputError(f"{where}: text", f"quotes {sentences} sentences.", f"Quote at most {MOST_SENTENCES}: only what is claimed.")
    if claim.language != "en" and not claim.translation:
        yield InputError(f"{where}: translation", "is missing.", "Put the quotation into English.")


def _beside(item: Quoted, first: Mapping[str, Quoted]) -> Problems:
    """What one article cannot have: two hashes, two sources."""
    where, claim, quotation = item
    _, other, before = first.get(quotation.article, item)
    if quotation.sha256 != before.sha256:
        found = f"is not that of {other.id}, which quotes the same article."
        yield InputError(f"{where}: quotation.sha256", found, "One article has one text and one hash.")
    if claim.source.id != other.source.id:
        yield InputError(
            f"{where}: source.id", f"{other.id} quotes {quotation.article} as {other.source.id}.", "One article is one source."
        )
