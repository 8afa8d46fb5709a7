"""Values as people write them: numbers, units, intervals, families, and a plain refusal of everything else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InputError
from model.overrides import FAMILIES, check_bounds, parse_value, support
from model.registry import Registry, load_registry
from model.schema.base import Entry
from model.schema.distribution import Fixed, LogNormal
from model.setting import build

ASSUMPTIONS = load_registry()
Z95 = 1.6448536269514722  # 95 % point of the standard normal (NIST handbook, 1.3.6.7.1)


def read(text: str, name: str = "price.rental", registry: Registry = ASSUMPTIONS) -> Entry:
    return parse_value(text, registry.parameters[name], f"--set: {name}")


def value_of(text: str, name: str = "price.rental") -> float:
    specification = read(text, name)
    assert isinstance(specification, Fixed)
    return specification.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.5", 2.5),
        (" 2.5 ", 2.5),
        ("+2.5", 2.5),
        ("2", 2.0),
        (".5", 0.5),
        ("2.", 2.0),
        ("25e-1", 2.5),
        ("1_000", 1000.0),
        ("2.5 USD/gpu_hour", 2.5),
        ("2.5USD/gpu_hour", 2.5),
        ("2.5 USD/H800_hour", 2.5),
        ("fixed(2.5)", 2.5),
        ("fixed(value=2.5)", 2.5),
    ],
)
def test_a_single_price_is_read_in_every_written_form(text: str, value: float) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2664000", 2_664_000.0),
        ("2.7 million H800_hour", 2_700_000.0),
        ("2.7 million gpu_hour", 2_700_000.0),
        ("2664 thousand gpu_hour", 2_664_000.0),
        ("0.002 milliard H800_hour", 2_000_000.0),
        ("2 million H800_hour + 119000 H800_hour", 2_119_000.0),
        ("2048 * 54.25 * 24 H800_hour", 2048 * 54.25 * 24),
    ],
)
def test_hours_are_converted_to_the_unit_of_the_parameter(text: str, value: float) -> None:
    assert value_of(text, "v3_run.pretraining") == pytest.approx(value, rel=1e-12)


def test_other_units_of_one_dimension_are_converted() -> None:
    assert value_of("24 month", "staff.years") == pytest.approx(2.0, rel=1e-12)
    assert value_of("8760 hour", "lab.days") == pytest.approx(365.0, rel=1e-12)
    assert value_of("1300 W/gpu", "ownership.kw_provisioned") == pytest.approx(1.3, rel=1e-12)
    assert value_of("95 percent", "goodput") == pytest.approx(0.95, rel=1e-12)


def test_a_bare_gpu_hour_is_of_the_chip_of_the_parameter() -> None:
    assert value_of("2 USD/gpu_hour") == value_of("2 USD/H800_hour")
    with pytest.raises(InputError, match="A100-hours"):
        read("2 USD/A100_hour")


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("3 kWh", "price.rental", ("kilowatt", "USD", "Write it in USD/gpu_hour (H800)")),
        ("2 EUR/gpu_hour", "price.rental", ("EUR", "USD", "H800")),
        ("14 CNY/gpu_hour", "price.rental", ("CNY", "USD")),
        ("2 USD", "price.rental", ("USD", "H800-hours")),
        ("2 H800_hour + 3 A100_hour", "v3_run.pretraining", ("A100-hours", "H800-hours")),
        ("2.7 million A100_hour", "v3_run.pretraining", ("A100-hours", "H800-hours")),
        ("2 blorp", "price.rental", ("unknown unit", "blorp", "USD/gpu_hour")),
        ("95 day", "goodput", ("day", "fraction")),
        ("1..3 EUR/gpu_hour", "price.rental", ("EUR", "USD")),
        ("log_normal(1, 3) kWh", "price.rental", ("kilowatt", "USD")),
    ],
)
def test_a_unit_of_another_dimension_names_both_and_the_one_that_is_needed(text: str, name: str, said: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        read(text, name)
    message = str(caught.value)
    assert message.startswith(f"--set: {name}: ")
    assert all(part in message for part in said), message


@pytest.mark.parametrize("text", ["1.2..4", " 1.2 .. 4 ", "1.2..4 ratio", "1.2..4.0", "1.2 ..4e0"])
def test_an_interval_is_p5_and_p95_of_the_own_log_normal(text: str) -> None:
    specification = read(text, "overhead.stated")
    assert specification == LogNormal(family="log_normal", p05=1.2, p95=4.0)


def test_an_interval_carries_its_unit_at_both_ends() -> None:
    assert read("2..3 million H800_hour", "predecessors.hours") == LogNormal(family="log_normal", p05=2e6, p95=3e6)


def test_an_interval_of_a_fixed_value_or_a_mixture_becomes_log_normal() -> None:
    assert read("1..3", "price.claimed") == read("1..3", "price.rental") == LogNormal(family="log_normal", p05=1.0, p95=3.0)


@pytest.mark.parametrize(
    ("name", "family"), [("data_work", "pert"), ("derisk", "triangular"), ("goodput", "beta"), ("fleet.a100_share", "uniform")]
)
def test_an_interval_of_a_bounded_family_is_asked_for_in_full(name: str, family: str) -> None:
    with pytest.raises(InputError, match=rf'"{family}\(\.\.\.\)", for example "{name}={family}\('):
        read("0.1..0.3", name)


def test_an_interval_of_a_reference_class_names_a_family_that_can_be_written() -> None:
    with pytest.raises(InputError, match=r"log_normal\(1\.2, 4\)"):
        read("1.2..4", "overhead.reference_class")


@pytest.mark.parametrize("text", ["3..1", "2..2", "0..2", "-1..2"])
def test_an_interval_that_is_no_rising_pair_above_zero_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"--set: price\.rental: "):
        read(text)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("uniform(1, 3)", {"low": 1.0, "high": 3.0}),
        ("log_uniform(1, 3)", {"low": 1.0, "high": 3.0}),
        ("normal(2, 3)", {"p05": 2.0, "p50": None, "p95": 3.0}),
        ("log_normal(1, 3)", {"p05": 1.0, "p50": None, "p95": 3.0}),
        ("log_normal(p50=2, p95=3)", {"p05": None, "p50": 2.0, "p95": 3.0}),
        ("log_normal( p50 = 2 , p95 = 3 ) USD/gpu_hour", {"p05": None, "p50": 2.0, "p95": 3.0}),
        ("truncated_normal(2, 0.5, 1, 3)", {"mean": 2.0, "sd": 0.5, "low": 1.0, "high": 3.0}),
        ("triangular(1, 2, 3)", {"min": 1.0, "mode": 2.0, "max": 3.0}),
        ("pert(1, 2, 3)", {"min": 1.0, "mode": 2.0, "max": 3.0}),
        ("pert(max=3, min=1, mode=2)", {"min": 1.0, "mode": 2.0, "max": 3.0}),
        ("beta(40, 2.6)", {"alpha": 40.0, "beta": 2.6}),
        ("empirical(1, 2, 4)", {"values": (1.0, 2.0, 4.0)}),
    ],
)
def test_every_family_is_read_in_full(text: str, content: dict[str, object]) -> None:
    specification = read(text)
    assert specification.model_dump(exclude={"family"}) == content
    assert specification.model_dump()["family"] == text.partition("(")[0].strip()


def test_a_family_is_converted_with_its_unit_but_its_shape_is_not() -> None:
    assert read("uniform(1, 3) million gpu_hour", "predecessors.hours").model_dump(exclude={"family"}) == {"low": 1e6, "high": 3e6}
    assert read("beta(40, 2.6) fraction", "goodput").model_dump(exclude={"family"}) == {"alpha": 40.0, "beta": 2.6}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lognormal(1, 3)", '"log_normal"'),
        ("gauss(1, 3)", "Known:"),
        ("pert(1, 2)", "Write pert(min, mode, max)"),
        ("pert(1, 2, 3, 4)", "argument 4"),
        ("pert(3, 2, 1)", "rising order"),
        ("log_normal(p50=2)", "exactly two"),
        ("log_normal(p50=2, p59=3)", "p59"),
        ("uniform(1, two)", '"two" is not a number'),
        ("beta(0, 1)", "greater than 0"),
        ("empirical(1, 1)", "once"),
        ("cheap", "is no value"),
        ("", "is no value"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_can(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1.2", "goodput"),
        ("-0.1", "goodput"),
        ("uniform(0.5, 1.5)", "goodput"),
        ("-2", "price.rental"),
        ("normal(-1, 3)", "price.rental"),
        ("1e400", "price.rental"),
        ("fixed(inf)", "price.rental"),
        ("fixed(nan)", "price.rental"),
        ("truncated_normal(nan, 1, 0, 1)", "price.rental"),
        ("1..1e999", "price.rental"),
        ("1e999 USD/gpu_hour", "price.rental"),
    ],
)
def test_a_value_out_of_bounds_or_not_finite_is_refused(text: str, name: str) -> None:
    with pytest.raises(InputError, match=f"--set: {name}"):
        read(text, name)


def test_a_fraction_may_be_either_end() -> None:
    assert value_of("1", "goodput") == 1.0
    assert value_of("0", "predecessors.share") == 0.0


@pytest.mark.parametrize("text", ["9**9**9**9", "9^9^9^9", "1 USD" + " + 1 USD" * 200])
def test_an_expression_that_would_not_end_is_refused_at_once(text: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read(text)


def attempt(text: str, name: str) -> tuple[Entry | None, str]:
    """What a text is read as, or the words of its refusal; any other error fails the test."""
    try:
        return read(text, name), ""
    except InputError as error:
        return None, str(error)


@given(st.text(max_size=40), st.sampled_from(sorted(ASSUMPTIONS.parameters)))
def test_any_text_is_read_or_refused_in_words(text: str, name: str) -> None:
    specification, refusal = attempt(text, name)
    assert refusal.startswith(f"--set: {name}: ") or specification is not None
    if specification is not None:
        check_bounds(specification, ASSUMPTIONS.parameters[name], name)


WORDS = st.sampled_from(
    [*FAMILIES, "empirical", "(", ")", ",", "..", "=", "p05", "1", "-2", "3.5e2", "inf", "nan", "USD", "/", "gpu_hour", "*", "+", "%", " "]
)


@given(st.lists(WORDS, max_size=12).map("".join), st.sampled_from(["price.rental", "goodput", "data_work", "v3_run.pretraining"]))
def test_any_row_of_known_words_is_read_or_refused_in_words(text: str, name: str) -> None:
    specification, refusal = attempt(text, name)
    assert refusal.startswith(f"--set: {name}: ") or specification is not None
    assert specification is None or all(math.isfinite(bound) for bound in support(specification))


@given(st.floats(min_value=1e-6, max_value=1e6), st.floats(min_value=1.001, max_value=1e3))
def test_a_written_interval_has_those_quantiles(low: float, factor: float) -> None:
    high = low * factor
    distribution = build(read(f"{low!r}..{high!r}", "ablations.undisclosed"), {})
    mean, deviation = (math.log(low) + math.log(high)) / 2, (math.log(high) - math.log(low)) / (2 * Z95)
    assert distribution.ppf(np.array([0.05, 0.5, 0.95])) == pytest.approx([low, math.exp(mean), high], rel=1e-9)
    assert distribution.cdf(np.array([math.exp(mean + deviation)])) == pytest.approx(0.8413447460685429, rel=1e-9)
