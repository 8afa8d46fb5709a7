"""Reads a written value: ``2.5 USD/gpu_hour``, ``2..4``, ``pert(0.03, 0.1, 0.35)``, ``log_normal(p50=2, p95=3)``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from model.distributions import Z95
from model.errors import InputError, suggestion
from model.schema.assumption import Parameter
from model.schema.base import Entry
from model.schema.distribution import (
    Beta,
    Empirical,
    Fixed,
    LogNormal,
    LogT,
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

LARGEST = 1e18  # no quantity of the model is larger, nor smaller than its inverse unless it is 0
LARGEST_LOG = 700.0  # within the floating-point range
REACH = 6.0  # standard deviations: a normal's tail beyond holds one part in 10^9

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
    if "(" not in written and re.search(r"\d,\d", written):
        raise InputError(
            where, f'"{text}" holds a comma inside a number.', "Write decimals with a point, thousands without a mark: 2.5, 2664000."
        )
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
    names = {"beta": "beta(40, 2.6)", "uniform": "uniform(0.1, 0.8)", "triangular": "triangular(0, 0.5, 1)", "log_t": "log_normal(1.2, 4)"}
    return names.get(parameter.distribution.family, "pert(0.03, 0.1, 0.35)")


@dataclass(frozen=True)
class Domain:
    """Where the values of a quantity may lie; an open end is not itself allowed."""

    low: float = 0.0
    high: float = LARGEST
    open_low: bool = False
    open_high: bool = False

    def holds(self, low: float, high: float) -> bool:
        """Whether an interval lies inside; a single value may not sit on an open end."""
        if low == high and ((self.open_low and low == self.low) or (self.open_high and high == self.high)):
            return False
        return self.low <= low and high <= self.high

    def __str__(self) -> str:
        if self.high == LARGEST:
            return f"{'above' if self.open_low else 'at or above'} {self.low:g}"
        ends = f"{self.low:g} {'excluded' * self.open_low}", f"{self.high:g} {'excluded' * self.open_high}"
        return "between " + " and ".join(end.strip() for end in ends)


# By id, then by unit: what others are divided by is never 0, a share that is taken out never 1, a ratio of totals at least 1.
DOMAINS: Mapping[str, Domain] = {
    "goodput": Domain(high=1.0, open_low=True),
    "ownership.occupancy": Domain(high=1.0, open_low=True),
    "ownership.nonserver_share": Domain(high=1.0, open_high=True),
    "epoch.interconnect_share": Domain(high=1.0, open_high=True),
    "overhead.reference_class": Domain(low=1.0),
    "overhead.lab_reference_class": Domain(low=1.0),
    "overhead.stated": Domain(low=1.0),
    "overhead.simulated": Domain(low=1.0),
    "programme.replicates": Domain(low=1.0),
    "programme.post_training_rounds": Domain(low=1.0),
    "programme.kept_checkpoints": Domain(low=1.0),
    "fraction": Domain(high=1.0),
    **dict.fromkeys(("USD/gpu_hour", "USD/gpu", "gpu", "day", "year"), Domain(open_low=True)),
}


def domain_of(parameter: Parameter) -> Domain:
    """Where values of a parameter may lie."""
    return DOMAINS.get(parameter.id, DOMAINS.get(parameter.unit, Domain()))


def moments(p05: float | None, p50: float | None, p95: float | None) -> tuple[float, float]:
    """Mean and standard deviation of a normal by two of its quantiles."""
    if p50 is None:
        assert p05 is not None
        assert p95 is not None
        return 0.5 * (p05 + p95), (p95 - p05) / (2 * Z95)
    other = p95 if p95 is not None else p05
    assert other is not None
    return p50, abs(other - p50) / Z95


def _ends(mean: float, sd: float, reach: float) -> tuple[float, float]:
    return mean - reach * sd, mean + reach * sd


def _exponentials(low: float, high: float) -> tuple[float, float]:
    return math.exp(max(low, -LARGEST_LOG)), math.exp(min(high, LARGEST_LOG))


def support(specification: Entry, tail: float = REACH) -> tuple[float, float]:
    """Smallest and largest value that a written distribution can take; open tails up to ``tail`` standard deviations."""
    reach: dict[type[Entry], Callable[[Any], tuple[float, float]]] = {
        Fixed: lambda s: (s.value, s.value),
        Uniform: lambda s: (s.low, s.high),
        LogUniform: lambda s: (s.low, s.high),
        TruncatedNormal: lambda s: (s.low, s.high),
        Triangular: lambda s: (s.min, s.max),
        Pert: lambda s: (s.min, s.max),
        Beta: lambda _: (0.0, 1.0),
        Empirical: lambda s: (min(s.values), max(s.values)),
        Normal: lambda s: _ends(*moments(*s.pair()), tail),
        LogNormal: lambda s: _exponentials(*_ends(*moments(*(None if q is None else math.log(q) for q in s.pair())), tail)),
    }
    return reach[type(specification)](specification) if type(specification) in reach else (1.0, 1.0)


def check_bounds(specification: Entry, parameter: Parameter, where: str) -> None:
    """Refuse a distribution that reaches where values of the parameter cannot lie.

    Raises
    ------
    InputError
        A value outside the parameter's domain, or an open tail that leaves it.
    """
    if isinstance(specification, LogT | Mixture):
        return  # a ratio above 1; parts that were checked when they were read
    domain = domain_of(parameter)
    # What is not drawn has no tail to worry about; a ratio below 1 is raised to the run as executed.
    low, high = support(specification, Z95 if parameter.column is None or domain.low == 1.0 else REACH)
    if not domain.holds(low, high):
        found = f"the value is {low:g};" if low == high else f"the values reach {low:.4g} to {high:.4g};"
        most = f" and at most {LARGEST:g}" * (domain.high == LARGEST and high > LARGEST)
        accepted = f"{parameter.label} ({parameter.unit}) lies {domain}{most}.{_bounded(specification, domain)}"
        raise InputError(where, found, accepted)


def _bounded(specification: Entry, domain: Domain) -> str:
    if isinstance(specification, Normal | LogNormal) and domain.high == 1.0:
        return " Write a family that ends there: beta, pert, triangular or uniform."
    return ""


def describe(distribution: Entry) -> str:
    """A written distribution in one line."""
    if isinstance(distribution, Fixed):
        return f"{distribution.value:,.10g}"
    if isinstance(distribution, Mixture):
        return "mixture: " + ", ".join(f"{part.weight:g} {part.label}: {describe(part.distribution)}" for part in distribution.parts)
    content = distribution.model_dump(exclude_none=True)
    family = content.pop("family")
    return f"{family}({', '.join(f'{k} = {v:g}' if isinstance(v, float) else f'{k} = {v}' for k, v in content.items())})"
