"""Charts kept as Vega-Lite specifications, their texts put into the reader's language.

``build.py`` writes ``<name>.json`` once; here the files are read, never rebuilt. A specification has no data: the rows that COLUMNS
describes are handed over when the chart is drawn. Two kinds of strings in a specification are filled in:

``@English text``
    becomes the translated text.
``=expression``
    is a Vega expression in which ``usd(...)``, ``count(...)``, ``number(...)`` and ``percent(...)`` write a number as the language
    does, and ``'@English text'`` is a translated text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from model.errors import UnknownNameError
from model.wording import DIGITS_DEFAULT, Language

Row = Mapping[str, Any]

_CLAIM = "claimed amount, the same in every row; null where there is none"
_ORDER = "place from the top, 0 first"
_TEXT = "written value, at the right"
_LABEL = "name, at the left; each its own"
_INTERVALS = {
    "label": _LABEL,
    "order": _ORDER,
    "low": "lower end",
    "mid": "middle",
    "high": "upper end",
    "group": "translated name of the kind; the order of the rows is the order of the legend",
    "text": _TEXT,
}
_DENSITY = {
    "x": "position",
    "density": "height",
    "marker": "position of the marker, the same in every row; null where there is none",
    "label": "text at the marker, the same in every row",
}
# What each chart's rows hold.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "ladder": {
        "label": _LABEL,
        "order": _ORDER,
        "p05": "USD at 5 %",
        "p25": "USD at 25 %",
        "p50": "USD at 50 %",
        "p75": "USD at 75 %",
        "p95": "USD at 95 %",
        "text": _TEXT,
        "p05_text": "the same at 5 %, written",
        "p95_text": "the same at 95 %, written",
        "claim": "USD: claimed amount; null in a row that it is not compared with",
        "stock": "true for what is owned, false for what is spent",
    },
    "dots": {
        "usd": "USD of the column that the dot stands in",
        "text": "the dot's own cost, written",
        "row": "place in its stack, 0 at the bottom",
        "side": 'translation of "at or below the claim" or "above the claim"',
        "claim": f"USD: {_CLAIM}",
    },
    "s_curve": {
        "usd": "USD",
        "text": "the same, written",
        "probability": "chance that the cost is at most this, 0 to 1",
        "series": "translated name of the curve; the order of the rows is the order of the legend",
        "claim": f"USD: {_CLAIM}",
    },
    "intervals_log_usd": _INTERVALS,
    "intervals_linear": _INTERVALS,
    "waterfall": {
        "label": _LABEL,
        "order": _ORDER,
        "start": "USD where the bar begins",
        "end": "USD where it ends",
        "group": 'translation of "amount", "adds" or "takes off"',
        "text": _TEXT,
    },
    "market": {
        "date": "day of the observation, 2024-12-26",
        "low": "USD per GPU-hour, lowest",
        "best": "USD per GPU-hour",
        "high": "USD per GPU-hour, highest",
        "label": "what was observed",
        "region": "translated name of the region; the order of the rows is the order of the legend",
        "term": "translated kind of contract",
        "claim": f"USD per GPU-hour: {_CLAIM}",
    },
    "cases": {
        "label": _LABEL,
        "order": _ORDER,
        "ratio": "R of the case",
        "low": "R, lower end; null where the case is a single figure",
        "high": "R, upper end; null where the case is a single figure",
        "weight": "weight in the fit",
        "used": "whether the case is in the fit",
    },
    "predicted": {
        "label": "name of the run",
        "hours": "GPU-hours disclosed",
        "low": "GPU-hours at 10 %",
        "mid": "GPU-hours predicted, median",
        "high": "GPU-hours at 90 %",
        "group": "chip; the order of the rows is the order of the legend",
    },
    "histogram": {
        "label": "name of the class, in their order",
        "count": "how many fall into it",
        "low": "fewest by chance, the same in every row",
        "high": "most by chance, the same in every row",
    },
    "break_even": {
        "x": "value across",
        "y": "value upwards",
        "verdict": "translated verdict at a node of the map; null in a row of a contour",
        "usd": "USD: median at a node",
        "text": "the same, written; null in a row of a contour",
        "line": '"flip" or "median" in a row of a contour; null at a node',
        "step": "place along the contour",
        "x_name": "translated name of what is across, the same in every row",
        "y_name": "translated name of what is upwards, the same in every row",
    },
    "gantt": {
        "label": "name of a kind of job; many rows carry the same",
        "order": _ORDER,
        "start": "day of the window",
        "end": "day of the window",
        "text": "written GPU-hours of the kind, the same in its every row",
    },
    "occupancy": {"day": "day of the window", "busy": "share of the GPUs in use, 0 to 1"},
    "density": _DENSITY,
    "density_log": _DENSITY,
    "retellings": {
        "label": "who says what",
        "text": "what moved",
        "order": _ORDER,
        "depth": "0 for a primary source, 1 for a wording that goes back to it",
        "above": "depth of the origin; null for a primary source",
        "parent": "place of the origin; null for a primary source",
        "group": 'translation of "primary source", "as its source has it" or "moved away"',
    },
}


def specification(name: str, language: Language) -> dict[str, Any]:
    """A chart's Vega-Lite specification in a language, without data; the caller's own copy.

    Raises
    ------
    UnknownNameError
        There is no chart of that name.
    """
    if name not in COLUMNS:
        raise UnknownNameError("chart", "chart", name, COLUMNS)
    found: dict[str, Any] = json.loads(_localized(name, language))
    return found


def texts() -> frozenset[str]:
    """Every English text that a chart shows."""
    return frozenset(text for name in COLUMNS for string in _strings(json.loads(_stored(name))) for text in _texts_in(string))


def to_svg(name: str, rows: Sequence[Row], language: Language, *, width: int = 900) -> str:
    """The chart of these rows as SVG, ``width`` pixels wide."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(_drawable(name, rows, language, width), allowed_base_urls=[]))


def to_png(name: str, rows: Sequence[Row], language: Language, *, width: int = 900, scale: float = 2.0) -> bytes:
    """The chart of these rows as PNG, ``scale`` times ``width`` pixels wide."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(_drawable(name, rows, language, width), scale=scale, allowed_base_urls=[]))


def _drawable(name: str, rows: Sequence[Row], language: Language, width: int) -> dict[str, Any]:
    return specification(name, language) | {"data": {"values": [dict(row) for row in rows]}, "width": width}


@cache
def _stored(name: str) -> str:
    return resources.files("model.charts").joinpath(f"{name}.json").read_text(encoding="utf-8")


@cache
def _localized(name: str, language: Language) -> str:
    spec = _filled(json.loads(_stored(name)), language)
    currency = ["$", ""] if language.dollar_first else ["", "\u00a0$"]
    number = {"decimal": language.decimal, "thousands": language.group, "grouping": [3], "currency": currency}
    spec["config"]["locale"] = {"number": number}
    return json.dumps(spec, ensure_ascii=False)


def _filled(node: Any, language: Language) -> Any:
    """The same specification with its placeholders filled in."""
    if isinstance(node, dict):
        return {key: _filled(value, language) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, language) for value in node]
    if isinstance(node, str) and node.startswith("@"):
        return language.text(node[1:])
    if isinstance(node, str) and node.startswith("="):
        return _expression(node[1:], language)
    return node


_TEXT_IN_EXPRESSION = re.compile(r"'@([^']*)'")
_NUMBER_IN_EXPRESSION = re.compile(r"\b(usd|count|number|percent)\(([^()]*)\)")


def _expression(template: str, language: Language) -> str:
    written = _NUMBER_IN_EXPRESSION.sub(lambda found: _number(found[1], f"({found[2]})", language), template)
    return _TEXT_IN_EXPRESSION.sub(lambda found: json.dumps(language.text(found[1]), ensure_ascii=False), written)


def _number(kind: str, value: str, language: Language) -> str:
    """Vega expression that writes a value as ``Language.money``, ``count``, ``number`` or ``percent`` does."""
    form = f"',.{DIGITS_DEFAULT}~r'"
    if kind == "number":
        return f"format({value}, {form})"
    if kind == "percent":
        return f"(format(100 * {value}, {form}) + '\u00a0%')"
    dollar = "'$' + " if kind == "usd" and language.dollar_first else ""
    written = ""
    for scale, letter in language.scales:
        after = letter if dollar or kind == "count" else f"{letter}$" if letter else "\u00a0$"
        amount = f"{dollar}format({value} / {scale:g}, {form}) + '{after}'"
        written += amount if scale == language.scales[-1][0] else f"abs({value}) >= {scale * 0.99995:.10g} ? {amount} : "
    return f"({written})"


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _strings(value)


def _texts_in(string: str) -> list[str]:
    return [string[1:]] if string.startswith("@") else _TEXT_IN_EXPRESSION.findall(string) if string.startswith("=") else []
