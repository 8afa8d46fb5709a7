"""What the Explore page needs: which assumptions move a cost most, and scenarios as files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.auditor.audit import Verdict
from model.cards import inputs_of
from model.distributions import Array, Fixed
from model.errors import InputError
from model.graph import node_name
from model.registry import Registry, parse_entry, read_toml
from model.schema.assumption import Parameter
from model.schema.scenario import Scenario
from model.setting import Setting

BINS = 16
SLIDER_ENDS = (0.01, 0.99)
LARGEST_FILE = 100_000  # bytes of a scenario file


def share_of_variance(values: Array, outcome: Array) -> float:
    """First-order share of the variance of an outcome: variance of its means within bins of equal probability."""
    order = np.argsort(values, axis=None)
    means = [part.mean() for part in np.array_split(outcome.ravel()[order], BINS)]
    return float(np.var(means) / np.var(outcome)) if np.var(outcome) > 0.0 else 0.0


def most_moving(verdict: Verdict, scope: str, count: int = 5) -> tuple[Parameter, ...]:
    """The uncertain assumptions that explain most of the variance of ln cost, over all routes by their weights."""
    run = verdict.run
    routes = run.scopes[scope].routes
    outcomes = [(route.weight, np.log(run.draws(scope, route.id))) for route in routes]
    shares: dict[str, float] = {}
    uncertain = [p for p in inputs_of(verdict, scope) if not isinstance(run.setting.distributions[p.id], Fixed)]
    for parameter in uncertain:
        values = run.draws(node_name(parameter.id))
        shares[parameter.id] = sum(weight * share_of_variance(values, outcome) for weight, outcome in outcomes)
    return tuple(sorted(uncertain, key=lambda p: -shares[p.id])[:count])


def slider_range(setting: Setting, parameter: Parameter, base: Setting) -> tuple[float, float, float]:
    """Ends and starting value of a slider: P1, P99 of the assumption as the scenario has it, and its median or fixed value."""
    distribution = setting.distributions[parameter.id]
    low, high = (float(q) for q in base.distributions[parameter.id].ppf(np.array(SLIDER_ENDS)))
    now = float(distribution.ppf(np.array([0.5]))[0])
    return low, high, min(max(now, low), high)


def scenario_toml(identifier: str, base: str, changes: Sequence[tuple[str, str]]) -> str:
    """A scenario file that a run, the command line and this page read back."""
    head = [f'id = "{identifier}"', 'label = "My scenario"', f'description = "Made on the Explore page from {base}."', f'base = "{base}"']
    entries = [f'\n[[overrides]]\nid = {_quoted(n)}\nvalue = {_quoted(v)}\nreason = "set by the user"' for n, v in changes]
    return "\n".join([*head, *entries]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_scenario(name: str, content: bytes, registry: Registry) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Base scenario and changes of an uploaded file.

    Raises
    ------
    InputError, CheckFailed
        The file is too large, not TOML, has wrong keys, or holds what this page cannot carry.
    """
    if len(content) > LARGEST_FILE:
        raise InputError(name, f"has {len(content):,} bytes.", f"A scenario file has at most {LARGEST_FILE:,}.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(name, "is not UTF-8.", "Save the file as UTF-8.") from None
    scenario = parse_entry(name, read_toml(name, text), Scenario)
    base = scenario.base or "zheng"
    if base not in registry.names("scenarios"):
        raise InputError(f"{name}: base", f'there is no scenario "{base}" here.', f"One of: {', '.join(registry.names('scenarios'))}.")
    if scenario.correlations or scenario.points is not None or scenario.seed is not None:
        raise InputError(name, "sets correlations, points or seed.", "Run it on the command line: costclaim run FILE.")
    return base, tuple(sorted((o.id, o.value) for o in scenario.overrides))
