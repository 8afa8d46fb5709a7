"""Stated facts that should give a stated total: published sums are found again, others miss, wrong files are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from model.claims.reconcile import StatedFact, StatedFacts, StatedTotal, combined, reconcile
from model.cli.main import costclaim
from model.errors import CheckFailed, CostclaimError, InputError, RefusedError
from model.registry import Registry

TOLERANCE = 0.02


def stated(target: float, unit: str = "USD", **facts: tuple[float, str]) -> StatedFacts:
    """Facts by id; two underscores are a dot."""
    own = [StatedFact.model_validate({"id": n.replace("__", "."), "value": v, "unit": u}) for n, (v, u) in facts.items()]
    return StatedFacts(target=StatedTotal.model_validate({"value": target, "unit": unit}), facts=tuple(own))


def test_r1s_294_thousand_is_two_runs_and_the_data_at_two_dollars(registry: Registry) -> None:
    """DeepSeek-R1, supplement B.4.4 and table 7: 64 x 8 GPUs for 198 h and about 80 h, some 5K hours of data, $2."""
    found = reconcile("deepseek-r1-294k", registry=registry)
    (best,) = found.fits
    assert best.expression() == "(512 × (198 h + 80 h) + 5,000 h) × $2"
    assert best.value == (512 * (198 + 80) + 5_000) * 2.0
    assert abs(best.relative_error) < 0.01
    assert min(abs(miss.relative_error) for miss in found.misses) > 0.03


def test_the_total_of_the_hours_is_reconciled_for_itself(registry: Registry) -> None:
    found = reconcile("deepseek-r1-294k", registry=registry)
    assert found.hours is not None
    assert found.hours.target == 147_000
    assert found.hours.fits[0].value == 147_336
    assert found.unused == ("gpu_hours",)


def test_v3s_hours_are_found_by_stages_and_by_rate(registry: Registry) -> None:
    """DeepSeek-V3, table 1: 2,664K + 119K + 5K hours at $2; section 1: 180K hours a trillion tokens, 14.8T tokens."""
    expressions = [fit.expression() for fit in reconcile("deepseek-v3-5.576m", registry=registry).fits]
    assert "(2,664,000 h + 119,000 h + 5,000 h) × $2" in expressions
    assert "(180,000 × 14.8 h + 119,000 h + 5,000 h) × $2" in expressions


def test_fits_rank_by_the_facts_that_they_use(registry: Registry) -> None:
    fits = reconcile("deepseek-v3-5.576m", registry=registry).fits
    assert [len(fit.facts) for fit in fits] == sorted((len(fit.facts) for fit in fits), reverse=True)


def test_a_stage_is_told_in_one_way_at_a_time() -> None:
    twice = stated(1000, "gpu_hour", gpus=(10, "gpu"), hours__a=(100, "hour"), days__a=(5, "day"))
    found = combined(twice, "t", TOLERANCE)
    assert [c.expression() for c in found.fits] == ["10 × 100 h"]
    assert [c.expression() for c in found.misses] == ["10 × 5 × 24 h"]


def test_a_total_alone_is_taken_with_its_price() -> None:
    found = combined(stated(200, gpu_hours=(100, "gpu_hour"), price=(2, "USD/gpu_hour")), "t", TOLERANCE)
    assert [(c.expression(), c.value) for c in found.fits] == [("100 h × $2", 200.0)]


def test_parts_in_dollars_are_added_to_priced_hours() -> None:
    facts = stated(250, gpu_hours__run=(100, "gpu_hour"), price=(2, "USD/gpu_hour"), usd__data=(50, "USD"))
    (best,) = combined(facts, "t", TOLERANCE).fits
    assert (best.expression(), best.facts) == ("100 h × $2 + $50", ("gpu_hours.run", "usd.data", "price"))


def test_tokens_over_throughput_are_days() -> None:
    facts = stated(48_000, "gpu_hour", gpus=(100, "gpu"), tokens__run=(2e12, "token"), speed=(1e11, "token/day"))
    assert combined(facts, "t", TOLERANCE).fits[0].value == pytest.approx(100 * 20 * 24)


@given(st.integers(1, 5000), st.lists(st.integers(1, 2000), min_size=1, max_size=4), st.floats(0.1, 20))
def test_the_true_sum_is_always_among_the_fits(gpus: int, hours: list[int], price: float) -> None:
    total = gpus * sum(hours) * price
    facts = {f"hours__s{i}": (float(h), "hour") for i, h in enumerate(hours)}
    found = combined(stated(total, gpus=(gpus, "gpu"), price=(price, "USD/gpu_hour"), **facts), "t", TOLERANCE)
    assert any(fit.value == pytest.approx(total, rel=1e-12) and len(fit.facts) == len(hours) + 2 for fit in found.fits)
    assert all(abs(fit.relative_error) <= TOLERANCE < abs(miss.relative_error) for fit in found.fits for miss in found.misses)


FILE = """
[target]
value = 294000.0
unit = "USD"
[[facts]]
id = "gpus"
value = 512.0
unit = "gpu"
[[facts]]
id = "hours.zero"
value = 287.0
unit = "hour"
[[facts]]
id = "price"
value = 2.0
unit = "USD/gpu_hour"
"""
WRONG = {
    "an unknown key": (FILE + 'colour = "red"\n', "colour: is not a known key"),
    "an unknown unit": (FILE.replace('"gpu"', '"kWh"'), "facts.0.unit"),
    "no target": (FILE.partition("[[")[1] + FILE.partition("[[")[2], "target: is missing"),
    "no TOML": ("= 1", "is not valid TOML"),
    "one id twice": (FILE.replace("hours.zero", "gpus"), "two facts of one id"),
    "no price": (FILE.replace('"price"', '"people"').replace('"USD/gpu_hour"', '"gpu"'), "no facts that give a total in USD"),
}  # fmt: skip


def test_a_file_of_facts_is_read(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "facts.toml").write_text(FILE, encoding="utf-8")
    assert reconcile(tmp_path / "facts.toml", registry=registry).fits[0].expression() == "512 × 287 h × $2"


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_says_what_is_wrong(name: str, tmp_path: Path, registry: Registry) -> None:
    text, message = WRONG[name]
    (tmp_path / "facts.toml").write_text(text, encoding="utf-8")
    with pytest.raises((InputError, CheckFailed), match=message):
        reconcile(str(tmp_path / "facts.toml"), registry=registry)


def test_unknown_claims_missing_files_and_claims_without_facts_are_refused(registry: Registry) -> None:
    for source, message in (("deepseek-r1-294", 'Did you mean "deepseek-r1-294k"'), ("none.toml", "no such file")):
        with pytest.raises(CostclaimError, match=message):
            reconcile(source, registry=registry)
    for name in registry.names("claims"):
        claim = registry.claim(name)
        if claim.amount is None:
            with pytest.raises(InputError, match="no single sum of US dollars"):
                reconcile(name, registry=registry)
            return
    pytest.fail("every claim has an amount")


def test_too_many_facts_are_refused() -> None:
    facts = {f"gpu_hours__s{i}": (float(i + 1), "gpu_hour") for i in range(18)}
    with pytest.raises(RefusedError, match="262,144 ways"):
        combined(stated(1.0, "gpu_hour", **facts), "t", TOLERANCE)


def test_the_command_prints_fits_and_misses() -> None:
    call = CliRunner().invoke
    document = json.loads(call(costclaim, ["reconcile", "deepseek-r1-294k", "--json"]).output)
    assert document["target"] == 294_000
    assert document["fits"][0]["facts_used"] == 5
    assert document["misses"][0]["relative_error"] == pytest.approx(512 * 278 * 2 / 294_000 - 1)
    shown = call(costclaim, ["reconcile", "deepseek-r1-294k"]).output
    assert "The stated 147K GPU-hours are 512 × (198 h + 80 h) + 5,000 h = 147.336K." in shown
    assert "1 more miss" in call(costclaim, ["reconcile", "deepseek-v3-5.576m"]).output
    assert "2048" not in call(costclaim, ["reconcile", "deepseek-r1-294k", "--csv", "--lang", "fr"]).output
