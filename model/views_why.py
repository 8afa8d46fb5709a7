"""What explains a verdict, as documents and rows: the gap part by part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model.document import Document, provenance
from model.explain.gap import Gap
from model.wording import ENGLISH, Language

PARTS: Mapping[str, str] = {
    "price": "Price of an hour",
    "rework": "Rework inside the run",
    "research": "Research and testing",
    "predecessors": "Earlier models",
    "staff": "Staff",
    "rounding": "Rounding of the claim",
}
ADDING_UP = "Parts sum to the gap, and factors multiply to the ratio; intervals are draw by draw and do not add."


def gap_document(found: Gap, language: Language = ENGLISH) -> Document:
    """``costclaim gap --json``."""
    return {
        **provenance(found.verdict.run),
        "claim": found.verdict.claim.id,
        "scope": found.scope,
        "amount_usd": found.amount_usd,
        "estimate_usd": found.estimate_usd,
        "gap_usd": found.gap_usd,
        "ratio": found.estimate_usd / found.amount_usd,
        "claimed_price": {"usd_per_gpu_hour": found.price, "stated": found.price_is_stated},
        "parts": [
            {
                "id": part.id,
                "label": language.text(PARTS[part.id]),
                "usd": part.usd,
                "p05": part.p05,
                "p95": part.p95,
                "factor": part.factor,
            }
            for part in found.parts
        ],
        "remark": language.text(ADDING_UP),
    }


def signed(usd: float, language: Language) -> str:
    """A sum that is added: its sign is always written."""
    return ("+" if usd > 0.0 else "") + language.money(usd, 3)


def gap_sentence(found: Gap, language: Language) -> str:
    """The gap in one sentence."""
    template = "From {amount:usd} to {estimate:usd3}, the median of {scope}: {gap:usd3}, a factor of {ratio:number3}."
    noun = language.text(found.verdict.run.registry.scopes[found.scope].noun)
    values: dict[str, Any] = {"amount": found.amount_usd, "estimate": found.estimate_usd, "scope": noun}
    return language.fill(template, values | {"gap": found.gap_usd, "ratio": found.estimate_usd / found.amount_usd})
