"""Texts with numbers, in a reader's language.

Templates are English sentences with named, typed places (``{cost:usd2}`` is a sum with two significant digits). They stand next to
what they report and are the keys of the catalogue, so that a translation needs the template alone.
"""

from __future__ import annotations

import io
import math
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from model.errors import UnknownNameError
from model.numerical_error import Estimated, error_of, supported_digits, supported_places

DIGITS_DEFAULT = 4
NOTHING_KNOWN = 25.0  # percent: a probability with so large a standard error may be anything


@dataclass(frozen=True)
class Language:
    """How a language writes numbers and money, and its catalogue of translated texts."""

    code: str
    name: str
    decimal: str
    group: str
    scales: tuple[tuple[float, str], ...]
    dollar_first: bool

    def text(self, message: str) -> str:
        """Translation of an English text; the text itself in English."""
        return self.translations().get(message, message)

    def translations(self) -> Mapping[str, str]:
        """Translations by English text; none in English."""
        return {} if self.code == "en" else _catalogue(self.code)

    def number(self, value: float, digits: int = DIGITS_DEFAULT) -> str:
        """A number with ``digits`` significant digits and no exponent; fewer where that says it all, 2 for 2.000, or by its error."""
        if _is_noise(value):
            return self.text("about 0")
        plain = significant(value, _told(value, digits))
        exact = "." in plain and math.isclose(float(plain.replace(",", "")), value, rel_tol=1e-12)
        return self.written(plain.rstrip("0").rstrip(".") if exact else plain)

    def count(self, value: float, digits: int = DIGITS_DEFAULT) -> str:
        """A large number with the letter of its magnitude: 2.788M, 2,788 M."""
        if _is_noise(value):
            return self.text("about 0")
        told = _told(value, digits)
        scale, letter = self._scale(value, told)
        return self.number(value / scale, told) + letter

    def money(self, value: float, digits: int = DIGITS_DEFAULT) -> str:
        """US dollars: $5.576M, 5,576 M$."""
        if _is_noise(value):
            return self.text("about 0")
        told = _told(value, digits)
        sign, amount = ("-" if value < 0 else ""), self.count(abs(value), told)
        if self.dollar_first:
            return f"{sign}${amount}"
        return f"{sign}{amount}$" if self._scale(value, told)[1] else f"{sign}{amount}\u00a0$"

    def shift(self, usd: float | None, digits: int = 3) -> str:
        """US dollars that are added: the sign is always written, unless the error leaves it open; a dash for nothing."""
        if usd is None or not usd:
            return "–" if usd is None else "0"
        if isinstance(usd, Estimated) and usd.has_no_sign:
            return self.text("about 0")
        return ("+" if usd > 0.0 else "") + self.money(usd, digits)

    def percent(self, share: float, digits: int = DIGITS_DEFAULT) -> str:
        """A share as a percentage."""
        return self.text("about 0") if _is_noise(share) else self.number(100.0 * share, _told(share, digits)) + "\u00a0%"

    def chance(self, share: float) -> str:
        """A probability: one decimal, or none, or tens alone, as its error supports; never a rounded 0 or 100 %."""
        error = 100.0 * error_of(share)
        if error > NOTHING_KNOWN:
            return "–"
        places = max(-1, min(1, supported_places(error))) if error else 1
        step, rounded = 10.0**-places, round(100.0 * share, places)
        if 0.0 < rounded < 100.0 or (share in (0.0, 1.0) and not error):
            return self.written(f"{rounded:.{max(places, 0)}f}") + "\u00a0%"
        return self.number(step if share < 0.5 else 100.0 - step).join(("< " if share < 0.5 else "> ", "\u00a0%"))

    def fill(self, template: str, values: Mapping[str, Any]) -> str:
        """The translated template with its places filled."""
        return _Filler(self).vformat(self.text(template), (), values)

    def _scale(self, value: float, digits: int) -> tuple[float, str]:
        told = float(f"{abs(value):.{digits - 1}e}")
        return next(((s, a) for s, a in self.scales if told >= s), self.scales[-1])

    def written(self, plain: str) -> str:
        """A figure as Python writes it, with the signs of the language."""
        return plain.replace(",", "\0").replace(".", self.decimal).replace("\0", self.group).replace("%", "\u00a0%")


ENGLISH = Language("en", "English", ".", ",", ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"), (1.0, "")), dollar_first=True)
FRENCH = Language(
    "fr",
    "Français",
    ",",
    "\u202f",
    ((1e9, "\u00a0Md"), (1e6, "\u00a0M"), (1e3, "\u00a0k"), (1.0, "")),
    dollar_first=False,
)
LANGUAGES: Mapping[str, Language] = {language.code: language for language in (ENGLISH, FRENCH)}


def language(code: str) -> Language:
    """A language by its code.

    Raises
    ------
    UnknownNameError
        There is no translation into that language.
    """
    if code not in LANGUAGES:
        raise UnknownNameError("--lang", "language", code, LANGUAGES)
    return LANGUAGES[code]


@cache
def _catalogue(code: str) -> Mapping[str, str]:
    """Translations by English text, from every ``locales/<code>*.po``."""
    from babel.messages.pofile import read_po

    files = (file for file in resources.files("model").joinpath("locales").iterdir() if file.name.startswith(code))
    found = (message for file in files for message in read_po(io.StringIO(file.read_text(encoding="utf-8")), locale=code))
    return {str(message.id): str(message.string) for message in found if message.id and message.string}


def _is_noise(value: float) -> bool:
    return isinstance(value, Estimated) and value.is_noise


def _told(value: float, digits: int) -> int:
    """So many digits, or as many of them as the error of a figure supports."""
    return supported_digits(value, error_of(value), digits)


def significant(value: float, digits: int) -> str:
    """A number rounded to significant digits, thousands separated by commas."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else str(value)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    if rounded and math.floor(math.log10(abs(rounded))) > math.floor(math.log10(abs(value))):
        places -= 1
    return f"{rounded:,.{max(places, 0)}f}"


class _Filler(string.Formatter):
    """Fills typed places: usd, count, number, percent, each with its digits; plain text where no type is given."""

    def __init__(self, language: Language) -> None:
        self.writers = {"usd": language.money, "count": language.count, "number": language.number, "percent": language.percent}

    def format_field(self, value: Any, format_spec: str) -> str:
        kind = format_spec.rstrip("0123456789")
        if not kind:
            return str(value)
        digits = format_spec[len(kind) :]
        return self.writers[kind](value, int(digits) if digits else DIGITS_DEFAULT)


def money(value: float, digits: int = DIGITS_DEFAULT) -> str:
    """US dollars in English: $5.576M."""
    return ENGLISH.money(value, digits)


def fill(template: str, values: Mapping[str, Any]) -> str:
    """An English template with its places filled."""
    return ENGLISH.fill(template, values)
