"""Units at the border: currencies and chips are dimensions of their own, and one conversion happens where a value comes in."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InputError
from model.registry import Registry
from model.units import CHIPS, CURRENCIES, conversion_factor, evaluate, is_money, kind_of, unit_registry

WHERE = "--set: x"


@pytest.mark.parametrize("unit", ["USD/gpu_hour", "gpu_hour", "fraction", "ratio", "USD/kWh", "kgCO2e/kWh"])
def test_the_own_unit_or_none_converts_by_one(unit: str) -> None:
    assert conversion_factor("", unit, "H800", WHERE) == 1.0
    assert conversion_factor(unit, unit, "H800", WHERE) == 1.0


@pytest.mark.parametrize(
    ("written", "unit", "factor"),
    [
        ("million gpu_hour", "gpu_hour", 1e6),
        ("thousand H800_hour", "gpu_hour", 1e3),
        ("milliard USD", "USD", 1e9),
        ("hour", "day", 1 / 24),
        ("W/gpu", "kW/gpu", 1e-3),
        ("USD/MWh", "USD/kWh", 1e-3),
        ("percent", "fraction", 0.01),
        ("USD/person/year", "USD/person_year", 1.0),
        ("USD/kW/month", "USD/kW_month", 1.0),
    ],
)
def test_a_unit_of_the_same_dimension_converts_by_its_size(written: str, unit: str, factor: float) -> None:
    assert conversion_factor(written, unit, "H800", WHERE) == pytest.approx(factor, rel=1e-12)


@pytest.mark.parametrize("first", CURRENCIES)
@pytest.mark.parametrize("second", CURRENCIES)
def test_one_currency_never_converts_to_another(first: str, second: str) -> None:
    if first == second:
        assert conversion_factor(first, second, None, WHERE) == 1.0
        return
    with pytest.raises(InputError, match=f"measures {first}, not {second}"):
        conversion_factor(first, second, None, WHERE)


@pytest.mark.parametrize("chip", [chip for chip in CHIPS if chip != "H800"])
def test_hours_of_another_chip_never_convert(chip: str) -> None:
    with pytest.raises(InputError, match=f"measures {chip}-hours, not H800-hours"):
        conversion_factor(f"{chip}_hour", "gpu_hour", "H800", WHERE)


def test_a_sum_over_two_chips_is_an_error_and_no_sum() -> None:
    with pytest.raises(InputError, match="H800-hours"):
        evaluate("2 H800_hour + 3 A100_hour", "gpu_hour", "H800", WHERE)
    assert evaluate("2 H800_hour + 3 H800_hour", "gpu_hour", "H800", WHERE) == 5.0


def test_a_sum_over_two_currencies_is_an_error_and_no_sum() -> None:
    with pytest.raises(InputError, match="USD"):
        evaluate("2 USD + 3 CNY", "USD", None, WHERE)


def test_emissions_are_no_mass_and_tokens_are_no_number() -> None:
    with pytest.raises(InputError, match=r"mixes|measures"):
        conversion_factor("kg", "kgCO2e", None, WHERE)
    with pytest.raises(InputError, match=r"mixes|measures"):
        conversion_factor("token", "ratio", None, WHERE)


def test_an_hour_of_a_gpu_is_no_hour() -> None:
    with pytest.raises(InputError, match="measures hour, not H800-hours"):
        conversion_factor("hour", "gpu_hour", "H800", WHERE)


def test_a_message_names_the_place_the_unit_and_an_example() -> None:
    with pytest.raises(InputError) as caught:
        conversion_factor("kWh", "USD/gpu_hour", "H800", "--set: price.rental")
    assert str(caught.value) == (
        '--set: price.rental: unit "kWh" measures kilowatt-hours, not USD / H800-hours. '
        'Write it in USD/gpu_hour (H800), for example "price.rental=... USD/gpu_hour".'
    )


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("kWh", "energy"),
        ("MW", "power"),
        ("month", "time"),
        ("USD", "money"),
        ("percent", "a plain number"),
        ("gpu_hour", "GPU-hours"),
        ("gpu", "GPUs"),
        ("blorp", None),
        ("USD/", None),
    ],
)
def test_a_unit_is_described_by_what_it_measures(unit: str, kind: str | None) -> None:
    assert kind_of(unit) == kind


@pytest.mark.parametrize(
    ("unit", "money"), [("USD", True), ("CNY/server_month", True), ("USD/kWh", True), ("gpu_hour", False), ("USDA", False)]
)
def test_money_is_what_holds_a_currency(unit: str, money) -> None:
    assert is_money(unit) is money


def test_every_chip_of_the_hardware_table_has_hours_of_its_own(registry: Registry) -> None:
    assert set(registry.chips) <= set(CHIPS)


def test_every_unit_of_the_assumptions_is_known(registry: Registry) -> None:
    units = {p.unit for p in registry.parameters.values()} | {o.unit for o in registry.price_observations.values()}
    units |= {fact.unit for name in registry.names("claims") for fact in registry.claim(name).facts}
    assert {unit for unit in units if kind_of(unit) is None} == set()


def test_a_rate_per_trillion_tokens_times_tokens_is_hours() -> None:
    hours = unit_registry().parse_expression("180000 gpu_hour/(1e12 token) * 14.8e12 token")
    assert hours.to("gpu_hour").magnitude == pytest.approx(2_664_000.0, rel=1e-12)


@given(st.floats(min_value=1e-3, max_value=1e9), st.sampled_from(["thousand", "million", "milliard"]))
def test_conversion_is_linear_in_the_written_number(number: float, word: str) -> None:
    factor = conversion_factor(f"{word} gpu_hour", "gpu_hour", "H800", WHERE)
    assert evaluate(f"{number!r} * {word} * gpu_hour", "gpu_hour", "H800", WHERE) == pytest.approx(number * factor, rel=1e-12)


def test_the_unit_registry_is_not_loaded_until_a_unit_needs_it() -> None:
    code = "import sys, model.units as u; u.conversion_factor('USD', 'USD', None, 'x'); sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
