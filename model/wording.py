"""Texts with numbers: templates are English sentences with named, typed places, filled for a reader.

A place such as ``{cost:usd2}`` prints a sum with two significant digits. Templates stand next to what they report, so that a
translation needs the template alone.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from typing import Any

SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"), (1.0, ""))
DIGITS_DEFAULT = 4


def significant(value: float, digits: int) -> str:
    """A number rounded to significant digits, without exponent, thousands separated by commas."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else str(value)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    if rounded and math.floor(math.log10(abs(rounded))) > math.floor(math.log10(abs(value))):
        places -= 1
    return f"{rounded:,.{max(places, 0)}f}"


def scaled(value: float, digits: int) -> str:
    """A large number with the letter of its magnitude: 2,788,000 -> 2.788M."""
    scale, letter = next(((s, a) for s, a in SCALES if abs(value) >= s * 0.99995), SCALES[-1])
    return significant(value / scale, digits).rstrip() + letter


def trimmed(text: str) -> str:
    """Without trailing zeros after the point: 2.000M -> 2M."""
    number = text.rstrip("TBMK")
    letter = text[len(number) :]
    return (number.rstrip("0").rstrip(".") if "." in number else number) + letter


def money(value: float, digits: int = DIGITS_DEFAULT) -> str:
    """USD as a reader expects it: $5.576M."""
    return "$" + trimmed(scaled(value, digits))


class Filler(string.Formatter):
    """Fills typed places: usd, usd2, usd3, count, percent, number, number2, plain text."""

    def format_field(self, value: Any, format_spec: str) -> str:
        kind, digits = format_spec.rstrip("0123456789"), format_spec[len(format_spec.rstrip("0123456789")) :]
        wanted = int(digits) if digits else DIGITS_DEFAULT
        match kind:
            case "usd":
                return money(value, wanted)
            case "count":
                return trimmed(scaled(value, wanted))
            case "number":
                return trimmed(significant(value, wanted))
            case "percent":
                return trimmed(significant(100.0 * value, wanted)) + " %"
            case "":
                return str(value)
        raise ValueError(f"no place of type {format_spec}")


def fill(template: str, values: Mapping[str, Any]) -> str:
    """A template with its places filled."""
    return Filler().vformat(template, (), values)
