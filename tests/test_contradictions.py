"""Claims that cannot both stand: found with their reason, gone when the cause is mended."""

from __future__ import annotations

from model.claims.contradictions import contradictions
from model.registry import Registry
from model.schema.claim import Claim
from tests.article_claims import FIVE_AND_A_HALF, SIX, V3, ZHENG, Edited, changed


def test_claims_that_cannot_both_stand_are_found_with_their_reason(registry: Registry) -> None:
    found = {(frozenset((c.first, c.second)), c.rule) for c in contradictions(registry)}
    expected = {
        (frozenset((SIX, ZHENG)), "one_sum_two_models"),
        (frozenset((FIVE_AND_A_HALF, ZHENG)), "one_sum_two_models"),
        (frozenset((SIX, V3)), "declared"),
        (frozenset((SIX, "seed002-zheng-objection")), "left_out"),
        (frozenset(("seed001-500m-stargate", "stargate-500b")), "amounts"),
        (frozenset(("seed002-hedge-fund", "seed004-venture-fund")), "quantities"),
        (frozenset(("seed001-barely-a-year", "seed002-founded-may-2023")), "quantities"),
    }
    assert expected <= found
    assert not any("seed004-synthetic-data" in pair or "seed000-full-costs" in pair for pair, _ in found)


def test_a_contradiction_goes_when_its_cause_is_mended(registry: Registry) -> None:
    def left(*claims: Claim) -> set[tuple[frozenset[str], str]]:
        return {(frozenset((c.first, c.second)), c.rule) for c in contradictions(Edited(registry, *claims))}

    fund = registry.claim("seed004-venture-fund")
    assert fund.stated is not None
    mended = changed(fund, stated=fund.stated.model_copy(update={"name": "hedge fund"}))
    assert (frozenset((fund.id, "seed002-hedge-fund")), "quantities") not in left(mended)
    slip = registry.claim("seed001-500m-stargate")
    assert slip.amount is not None
    assert (frozenset((slip.id, "stargate-500b")), "amounts") not in left(
        changed(slip, amount=slip.amount.model_copy(update={"value": 5e11}))
    )
    assert (frozenset((SIX, V3)), "one_sum_two_models") not in left(changed(registry.claim(SIX), subject="deepseek-v3"))
    doubted = changed(registry.claim(SIX), hedged=True)
    assert not any(SIX in pair for pair, _ in left(doubted))


def test_a_part_that_costs_more_than_its_whole_is_told(registry: Registry) -> None:
    wide = registry.claim("seed004-5m-overnight")
    sums = {"value": 2e6, "relation": "about"}
    assert wide.amount is not None
    cheap = changed(wide, subject="deepseek-v3", amount=wide.amount.model_copy(update=sums))
    found = [c for c in contradictions(Edited(registry, cheap)) if c.rule == "part_above_whole" and wide.id in (c.first, c.second)]
    assert {c.first if c.second == wide.id else c.second for c in found} == {V3, ZHENG, "deepseek-v3"}
    assert "would cost more than" in found[0].text()


def test_figures_of_the_same_thing_that_overlap_do_not_contradict(registry: Registry) -> None:
    claim = registry.claim("seed004-tens-of-thousands-gpus")
    assert claim.stated is not None
    more, fewer = (
        changed(claim, id=f"other-{n}", stated=claim.stated.model_copy(update={"value": n, "relation": "about", "digits": 2}))
        for n in (50e3, 2048.0)
    )
    found = {(c.first, c.second) for c in contradictions(Edited(registry, more, fewer)) if c.rule == "quantities"}
    assert (claim.id, fewer.id) in found
    assert (claim.id, more.id) not in found
