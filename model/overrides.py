"""Reads a written value: ``2.5 USD/gpu_hour``, ``2..4``, ``pert(0.03, 0.1, 0.35)``, ``log_normal(p50=2, p95=3)``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from model.errors import InputError, suggestion
from model.schema.assumption import Parameter
from model.schema.base import Entry
from model.schema.distribution import (
    Beta,
    Empirical,
    Fixed,
    LogNormal,
    LogUniform,
    Mixture,
    Normal,
    Pert,
    Triangular,
    TruncatedNormal,
    Uniform,
)
from model.units import conversion_factor, evaluate

NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
ONE = re.compile(rf"^\s*({NUMBER})\s*([^\d\s.+*-][^+]*)?$")
INTERVAL = re.compile(rf"^\s*({NUMBER})\s*\.\.\s*({NUMBER})\s*(\D.*)?$")
CALL = re.compile(r"^\s*([a-z_]+)\s*\(([^()]*)\)\s*(.*)$")

# Family name -> (schema, its arguments in order, how many of them carry the unit).
FAMILIES: dict[str, tuple[type[Entry], tuple[str, ...], int]] = {
    "fixed": (Fixed, ("value",), 1),
    "uniform": (Uniform, ("low", "high"), 2),
    "log_uniform": (LogUniform, ("low", "high"), 2),
    "normal": (Normal, ("p05", "p95"), 3),
    "truncated_normal": (TruncatedNormal, ("mean", "sd", "low", "high"), 4),
    "log_normal": (LogNormal, ("p05", "p95"), 3),
    "triangular": (Triangular, ("min", "mode", "max"), 3),
    "pert": (Pert, ("min", "mode", "max"), 3),
    "beta": (Beta, ("alpha", "beta"), 0),
}
EXAMPLES = '"2.5", "2..4" (P5 and P95) or "pert(0.03, 0.1, 0.35)"'


def parse_value(text: str, parameter: Parameter, where: str) -> Entry:
    """The distribution that a written value stands for, in the parameter's unit.

    Raises
    ------
    InputError
        The text is no value, interval or family; the unit does not fit; the values are out of order or out of bounds.
    """
    written = text.strip()
    if call := CALL.match(written):
        specification = _family(call, parameter, where)
    elif interval := INTERVAL.match(written):
        specification = _interval(interval, parameter, where)
    elif one := ONE.match(written):
        factor = conversion_factor(one[2] or "", parameter.unit, parameter.chip, where)
        specification = _build(Fixed, {"family": "fixed", "value": float(one[1].replace("_", "")) * factor}, where)
    elif re.search(r"\d", written):
        specification = _build(Fixed, {"family": "fixed", "value": evaluate(written, parameter.unit, parameter.chip, where)}, where)
    else:
        raise InputError(where, f'"{text}" is no value.', f"Write {EXAMPLES}, with or without the unit {parameter.unit}.")
    check_bounds(specification, parameter, where)
    return specification


def _interval(match: re.Match[str], parameter: Parameter, where: str) -> Entry:
    """P5..P95 of the parameter's own log-normal or normal; fixed values and log-normal mixtures become log-normal."""
    family = parameter.distribution.family
    if family not in ("log_normal", "normal", "fixed", "mixture"):
        full = f'"{family}(...)"' if family in FAMILIES else '"log_normal(1.2, 4)"'
        raise InputError(
            where,
            f"an interval does not say the shape of a {family.replace('_', '-')} quantity.",
            f'Write the distribution in full: {full}, for example "{parameter.id}={_example(parameter)}".',
        )
    factor = conversion_factor(match[3] or "", parameter.unit, parameter.chip, where)
    low, high = (float(match[i].replace("_", "")) * factor for i in (1, 2))
    shape = Normal if family == "normal" else LogNormal
    return _build(shape, {"family": "normal" if shape is Normal else "log_normal", "p05": low, "p95": high}, where)


def _family(match: re.Match[str], parameter: Parameter, where: str) -> Entry:
    name, inside, unit = match.groups()
    if name not in (*FAMILIES, "empirical"):
        raise InputError(where, f'there is no distribution family "{name}".', suggestion(name, (*FAMILIES, "empirical")))
    factor = conversion_factor(unit, parameter.unit, parameter.chip, where)
    words = [word.strip() for word in inside.split(",") if word.strip()]
    if name == "empirical":
        values = [_number(word, where) * factor for word in words]
        return _build(Empirical, {"family": name, "values": values}, where)
    schema, arguments, scaled = FAMILIES[name]
    content: dict[str, Any] = {"family": name}
    for position, word in enumerate(words):
        key, _, value = word.rpartition("=")
        key = key.strip() or (arguments[position] if position < len(arguments) else f"argument {position + 1}")
        content[key] = _number(value, where) * (factor if scaled else 1.0)
    return _build(schema, content, where, f"Write {name}({', '.join(arguments)}).")


def _number(word: str, where: str) -> float:
    try:
        return float(word.strip().replace("_", ""))
    except ValueError:
        raise InputError(where, f'"{word.strip()}" is not a number.', f"Write {EXAMPLES}.") from None


def _build(schema: type[Entry], content: dict[str, Any], where: str, usage: str = "") -> Entry:
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(where, f"{key + ': ' if key else ''}{message}.", usage) from None


def _example(parameter: Parameter) -> str:
    names = {"beta": "beta(40, 2.6)", "uniform": "uniform(0.1, 0.8)", "triangular": "triangular(0, 0.5, 1)"}
    return names.get(parameter.distribution.family, "pert(0.03, 0.1, 0.35)")


def bounds_of(unit: str) -> tuple[float, float]:
    """Where values of a unit may lie: a fraction in [0, 1], everything else at or above 0."""
    return (0.0, 1.0) if unit == "fraction" else (0.0, float("inf"))


def support(specification: Entry) -> tuple[float, float]:
    """Smallest and largest value that a written distribution can take."""
    reach: dict[type[Entry], Callable[[Any], tuple[float, float]]] = {
        Fixed: lambda s: (s.value, s.value),
        Uniform: lambda s: (s.low, s.high),
        LogUniform: lambda s: (s.low, s.high),
        TruncatedNormal: lambda s: (s.low, s.high),
        Triangular: lambda s: (s.min, s.max),
        Pert: lambda s: (s.min, s.max),
        Beta: lambda _: (0.0, 1.0),
        Empirical: lambda s: (min(s.values), max(s.values)),
        # The open tail of these is judged by the quantiles that were written.
        Normal: lambda s: (s.p05 if s.p05 is not None else s.p50, s.p95 if s.p95 is not None else s.p50),
        LogNormal: lambda s: (0.0, s.p95 if s.p95 is not None else s.p50),
    }
    return reach[type(specification)](specification) if type(specification) in reach else (0.0, 0.0)


def check_bounds(specification: Entry, parameter: Parameter, where: str) -> None:
    """Refuse a distribution that reaches where values of the parameter's unit cannot lie.

    Raises
    ------
    InputError
        A fraction outside [0, 1], anything else below 0.
    """
    low, high = support(specification)
    least, most = bounds_of(parameter.unit)
    if not (least <= low and high <= most):
        limits = "between 0 and 1" if most == 1.0 else "at or above 0"
        raise InputError(where, f"the value reaches {low:g} to {high:g};", f"{parameter.label} ({parameter.unit}) lies {limits}.")


def describe(distribution: Entry) -> str:
    """A written distribution in one line."""
    if isinstance(distribution, Fixed):
        return f"{distribution.value:,.10g}"
    if isinstance(distribution, Mixture):
        return "mixture: " + ", ".join(f"{part.weight:g} {part.label}: {describe(part.distribution)}" for part in distribution.parts)
    content = distribution.model_dump(exclude_none=True)
    family = content.pop("family")
    return f"{family}({', '.join(f'{k} = {v:g}' if isinstance(v, float) else f'{k} = {v}' for k, v in content.items())})"
