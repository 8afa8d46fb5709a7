"""Claims of the five articles, and a registry in which some are replaced. Texts of the tests, not a test."""

from __future__ import annotations

from model.registry import Registry
from model.schema.claim import Claim

V3, SIX, FIVE_AND_A_HALF, ZHENG = "deepseek-v3-5.576m", "seed001-6m-r1", "seed003-5.5m-r1", "zheng-5.6m"

# Every claim of the articles with its kind and the label of its literal axis.
SEEDS = {
    ZHENG: ("cost", "supported"),
    SIX: ("cost", "supported"),
    FIVE_AND_A_HALF: ("cost", "supported"),
    "seed000-fraction-of-price": ("ratio", "supported"),
    "seed000-full-costs": ("scope", "supported"),
    "seed001-500m-stargate": ("cost", "refuted"),
    "seed001-barely-a-year": ("duration", "refuted"),
    "seed001-fraction-of-budget": ("ratio", "not_enough_info"),
    "seed001-fraction-of-cost": ("ratio", "not_enough_info"),
    "seed002-founded-may-2023": ("date", "supported"),
    "seed002-fraction-of-cost": ("ratio", "not_enough_info"),
    "seed002-hedge-fund": ("entity", "supported"),
    "seed002-lower-training-costs": ("ratio", "supported"),
    "seed002-total-not-disclosed": ("scope", "supported"),
    "seed002-weeks-earlier": ("duration", "supported"),
    "seed002-zheng-objection": ("scope", "supported"),
    "seed003-rivals-billions": ("cost", "supported"),
    "seed003-two-months": ("duration", "supported"),
    "seed004-5m-overnight": ("cost", "not_enough_info"),
    "seed004-synthetic-data": ("forecast", "not_enough_info"),
    "seed004-tens-of-thousands-gpus": ("count", "supported"),
    "seed004-venture-fund": ("entity", "refuted"),
}


def changed(claim: Claim, **parts: object) -> Claim:
    return claim.model_copy(update=parts)


class Edited(Registry):
    """The project's registry with some claims replaced or added."""

    def __init__(self, registry: Registry, *claims: Claim) -> None:
        super().__init__(registry.root, {name: registry.text(name) for name in registry.files})
        self._edited = {claim.id: claim for claim in claims}

    def claim(self, identifier: str) -> Claim:
        return self._edited.get(identifier) or super().claim(identifier)

    def names(self, kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*super().names(kind), *(self._edited if kind == "claims" else ()))))
