"""Every English text that a reader can see: what the catalogue of a language has to hold.

Texts of the code are read off its source and off the equations, texts of the data off the fields of the entries.
``data_long_messages`` is the part of the latter that explains single entries: reasons, evidence, cases, observed prices, sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

from pydantic import BaseModel

from model import charts
from model.graph import equations_of
from model.registry import FOLDERS, KINDS, Registry
from model.routes import LAB_ROUTES, RATIO_ROUTES
from model.schema.assumption import Case, PriceObservation, Rule
from model.schema.base import Basis, Reading, Stance
from model.views.method import PARTS, first_paragraph, formula_of, label_of
from model.views.verdict import CHECKS
from model.wording import ENGLISH, Language
from tests.source_texts import SourceTexts

PACKAGE = Path(charts.__file__).parents[1]
# Where texts are shown; those of errors, which all modules raise, are in ``error_texts``.
SHOWN = ("views/*.py", "cards.py", "refusals.py", "auditor/*.py", "dashboard/**/*.py", "cli/*.py", "report/*.py", "other_models.py")
SHOWN += tuple(f"claims/{name}.py" for name in ("claim_review", "drift", "contradictions", "quotations"))

# Fields that are shown, in whatever entry; those that are long by kind of entry.
SHORT = {"label", "noun", "note", "rationale", "answers", "formula", "description", "includes", "excludes", "remarks", "options", "covers"}
SHORT |= {"ask", "answer", "named", "name", "because", "claimant", "as_written", "leaves_out", "who", "reason"}
EVIDENCE = {"figure", "disputed_by"}
LONG = {
    "parameter": {"rationale"},
    "rule": {"rationale"},
    "case": {"label", "numerator", "denominator", "entity", "note"},
    "price_observation": {"label", "term", "note"},
    "source": {"title", "note"},
    "architecture": {"label"},
    "chip": {"label"},
    "backtest_run": {"note"},
    "fleet": {"label", "claimant", "note"},
    "evidence": {"label", "rationale"},
}


def code_messages() -> set[str]:
    """Texts of the code and of the charts."""
    files = (file for pattern in SHOWN for file in PACKAGE.glob(pattern))
    found = set().union(*(SourceTexts(file.read_text(encoding="utf-8"), columns=file.parent.name == "cli").found for file in files))
    return {text for text in found | charts.texts() | {*_equations(), *_names()} if len(text) > 1}


def _names() -> Iterator[str]:
    """Names in the code that are shown as words."""
    yield from (word for words in (Basis, Reading, Stance) for word in get_args(words))
    yield from (name.replace("_", " ") for name in (*CHECKS, *(route.id for route in (*RATIO_ROUTES, *LAB_ROUTES))))
    for entry in (Case, PriceObservation, Rule):
        yield from (name.replace("_", " ").capitalize() for name in entry.model_fields if name not in ("id", "label", "evidence"))


class _Recorder(Language):
    """English that remembers what it was asked for."""

    def text(self, message: str) -> str:
        asked.add(message)
        return message


asked: set[str] = set()


def _equations() -> Iterator[str]:
    """Names, first paragraphs and the words in formulas of the equations."""
    recorder = _Recorder(**{field.name: getattr(ENGLISH, field.name) for field in fields(ENGLISH)})
    for part, module in PARTS.items():
        yield from (part, first_paragraph(module.__doc__))
        for name, equation in equations_of([module]).items():
            yield from (label_of(name), first_paragraph(equation.compute.__doc__))
            if "shape" not in equation.arguments:
                formula_of(equation.compute, recorder)
    yield from asked


def data_messages(registry: Registry) -> set[str]:
    """Texts of the assumptions, claims and scenarios."""
    short = {
        text.replace("_", " ") if name == "options" else text.strip()
        for kind, name, text in _data(registry)
        if name in SHORT | EVIDENCE and not _is_long(kind, name)
    }
    return (short | data_long_messages(registry)) - {""}


def data_long_messages(registry: Registry) -> set[str]:
    """Texts that explain single entries; the part of ``data_messages`` that stands in the catalogue of the data."""
    return {text.strip() for kind, name, text in _data(registry) if _is_long(kind, name)} - {""}


def _is_long(kind: str, name: str) -> bool:
    return name in LONG.get(kind, ()) or (name in EVIDENCE and kind != "claims")


def _data(registry: Registry) -> Iterator[tuple[str, str, str]]:
    """Kind of entry, name of the field, and text of every string of the registry."""
    for kind in (*KINDS, *FOLDERS):
        for located in registry.located(kind).values():
            yield from ((kind, name, text) for name, text in _strings("", located.entry))


def _strings(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, BaseModel):
        for field, part in value:
            yield from _strings(field, part)
    elif isinstance(value, tuple):
        for part in value:
            yield from _strings(name, part)
