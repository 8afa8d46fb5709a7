"""Units at the border: what people write is converted once to the unit of the parameter.

Currencies, chips and CO2e are dimensions of their own, so USD never adds to CNY, nor H800-hours to A100-hours. The pint registry is
built only when a text is not already in the canonical unit.
"""

from __future__ import annotations

import re
from functools import cache
from tokenize import TokenError
from typing import TYPE_CHECKING, Any

from model.errors import InputError

if TYPE_CHECKING:
    import pint

CURRENCIES = ("USD", "CNY", "EUR")
CHIPS = ("V100", "A100", "A800", "H100", "H800", "H200", "H20", "B200", "B300", "TPUv3", "TPUv4")
OWN_DIMENSIONS = (*CURRENCIES, "gpu", "gpu_hour", "token", "FLOP", "person", "server", "parameter", "kgCO2e")
DEFINITIONS = (
    "fraction = []",
    "ratio = []",
    "thousand = 1e3",
    "million = 1e6",
    "milliard = 1e9",
    "gpu_day = gpu * day",
    "kW_month = kilowatt * month",
    "person_year = person * year",
    "server_month = server * month",
    "server_hour = server * hour",
)
KINDS = {"J": "energy", "W": "power", "s": "time", "USD": "money", "ratio": "a plain number", "gpu_hour": "GPU-hours", "gpu": "GPUs"}
LONGEST = 200  # characters of a written value; more is no value

# What pint's parser, the tokenizer under it and Python's operators raise on a text that is no quantity.
ODD_TEXT = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    SyntaxError,
    TokenError,
    TypeError,
    ValueError,
)


@cache
def unit_registry() -> pint.UnitRegistry[Any]:
    """Project unit registry: pint's own plus currencies, GPU-hours by chip, tokens, FLOP, people and CO2e."""
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
    for name in (*OWN_DIMENSIONS, *(f"{chip}_hour" for chip in CHIPS)):
        registry.define(f"{name} = [{name}]")
    for line in DEFINITIONS:
        registry.define(line)
    return registry


def is_money(unit: str) -> bool:
    """Whether a unit holds a currency."""
    return any(re.search(rf"\b{currency}\b", unit) for currency in CURRENCIES)


def kind_of(unit: str) -> str | None:
    """What a unit measures, in words; None when it is not known."""
    registry = unit_registry()
    try:
        measured: Any = registry.Quantity(registry.parse_expression(f"1 {unit}"))
    except ODD_TEXT:  # pint's own errors are of these kinds
        return None
    known = (word for example, word in KINDS.items() if measured.is_compatible_with(example))
    return next(known, _dimension(measured.units))


def describe(unit: str, chip: str | None) -> str:
    """A unit as a message names it, with its chip."""
    return f"{unit} ({chip})" if chip and chip not in unit else unit


def conversion_factor(text: str, unit: str, chip: str | None, where: str) -> float:
    """Factor from a written unit to ``unit``; 1 when nothing is written.

    Raises
    ------
    InputError
        The written unit is unknown or has another dimension, currency or chip.
    """
    written = text.strip()
    if written in ("", unit):
        return 1.0
    return _converted(f"1 {written}", unit, chip, where, told=f'unit "{written}"')


def evaluate(text: str, unit: str, chip: str | None, where: str) -> float:
    """Value in ``unit`` of an expression with units, such as ``"2 million H800_hour + 119000 H800_hour"``."""
    return _converted(text, unit, chip, where, told=f'"{text}"')


def _converted(expression: str, unit: str, chip: str | None, where: str, *, told: str) -> float:
    import pint

    wanted = f'Write it in {describe(unit, chip)}, for example "{where.rsplit(" ", 1)[-1]}=... {unit}".'
    if len(expression) > LONGEST or "**" in expression or "^" in expression:  # a tower of powers would not end
        raise InputError(where, f"{told[:LONGEST]} cannot be read.", wanted)
    registry = unit_registry()
    try:
        value = registry.parse_expression(_with_chip(expression, chip))
        quantity: Any = registry.Quantity(value)
        return float(quantity.to(_with_chip(unit, chip)).magnitude)
    except pint.DimensionalityError as error:
        first, second = _dimension(error.units1), _dimension(error.units2)
        found = f"{told} measures {first}, not {second}." if told.startswith("unit") else f"{told} mixes {first} with {second}."
        raise InputError(where, found, wanted) from None
    except pint.UndefinedUnitError as error:
        raise InputError(where, f"{told} uses an unknown unit ({', '.join(error.unit_names)}).", wanted) from None
    except ODD_TEXT:
        raise InputError(where, f"{told} cannot be read.", wanted) from None


def _with_chip(text: str, chip: str | None) -> str:
    """A bare ``gpu_hour`` is of the parameter's own chip."""
    return re.sub(r"\bgpu_hour\b", f"{chip}_hour", text) if chip in CHIPS else text


def _dimension(units: object) -> str:
    words = str(units).replace("dimensionless", "a plain number")
    return re.sub(r"\b(\w+)_hour\b", r"\1-hours", words)
