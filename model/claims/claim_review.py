"""A verdict as ClaimReview (https://schema.org/ClaimReview): the scope in its text, one rating an axis, none of them a number."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from model import __version__
from model.auditor.audit import Axis, Verdict
from model.auditor.sentence import sentence
from model.schema.base import Source
from model.schema.claim import UNDECLARED
from model.wording import ENGLISH, Language

# What would end the script element of a page that the document is put into.
UNSAFE = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def claim_review(verdict: Verdict, language: Language = ENGLISH) -> dict[str, Any]:
    """The verdict as JSON-LD.

    ``reviewRating`` holds one rating for each axis, told by name; there is no ``ratingValue``, since the three are never merged into
    one. ``schema()`` is its JSON Schema.
    """
    claim, registry, text = verdict.claim, verdict.run.registry, language.text
    item = {"@type": "Claim", "text": claim.text, "inLanguage": claim.language, "creditText": text(claim.claimant)}
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "inLanguage": language.code,
        "claimReviewed": f"{claim.text} [{_scope(verdict, language)}]",
        "reviewBody": sentence(verdict, language),
        "itemReviewed": item | {"datePublished": claim.date.isoformat(), "appearance": _work(registry.sources[claim.source.id])},
        "author": {"@type": "Organization", "name": "costclaim"},
        "version": f"{__version__}, {registry.sha256[:12]}, {verdict.run.setting.scenario}",
        "reviewRating": [
            _rating("literal", "Do the numbers hold together?", verdict.literal, language),
            _rating("scope", "Do the words mean what the number prices?", verdict.scope_axis, language),
            _rating("implication", "Does the amount fit what the words suggest?", _implied(verdict), language),
        ],
    }


def dumped(document: dict[str, Any]) -> str:
    """JSON that can stand in a ``<script>`` of a page: nothing in it ends the element."""
    return json.dumps(document, ensure_ascii=False, indent=2).translate(UNSAFE) + "\n"


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema that every exported review keeps to."""
    found: dict[str, Any] = json.loads(resources.files("model.claims").joinpath("claim_review.schema.json").read_text(encoding="utf-8"))
    return found


def _scope(verdict: Verdict, language: Language) -> str:
    if not verdict.claim.has_scopes:
        return language.text("no scope applies: the claim is about no cost")
    names = {name: language.text(scope.label) for name, scope in verdict.run.registry.scopes.items()} | {
        UNDECLARED: language.text(UNDECLARED)
    }
    values = {"priced": names[verdict.claim.priced], "implied": names[verdict.implied_scope]}
    return language.fill("the number prices: {priced}; the words suggest: {implied}", values)


def _implied(verdict: Verdict) -> Axis:
    found = verdict.implication
    return Axis(found.label, found.reasons) if found else Axis(None, ())


def _rating(axis: str, question: str, found: Axis, language: Language) -> dict[str, str]:
    label = language.text((found.label or "not compared").replace("_", " "))
    return {
        "@type": "Rating",
        "reviewAspect": axis,
        "alternateName": label,
        "ratingExplanation": f"{language.text(question)} {label}" + (f" ({', '.join(found.reasons)})" if found.reasons else ""),
    }


def _work(source: Source) -> dict[str, str]:
    work = {"@type": "CreativeWork", "name": source.title, "creditText": source.author}
    return work | ({"url": source.url.strip()} if source.url else {})
