"""What differs for a model with hours of its own: the goodput of its era, the market of its chip, one route, and what is absent.

DeepSeek's parameters speak of DeepSeek alone. Another model's project comes from the reference class, its price from rents of its
chip that were observed near its release, else from the claim itself. What has no input is absent, with a reason code.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from model import distributions as d
from model.overrides import moments
from model.registry import Registry
from model.routes import SCOPE_NODES
from model.schema.assumption import Component, Parameter, PriceObservation, Quantity, Subject
from model.setting import Setting, build

ROUTES = ("route.reference_class", "route.stated")  # the others rest on DeepSeek's own disclosures
OF_A_RUN = tuple(SCOPE_NODES)[:5]
RENTAL, CLAIMED, GOODPUT = "price.rental", "price.claimed", "goodput"
LABELS = {RENTAL: "Rent of an hour of the model's chip near its release"}  # where the label on file names DeepSeek's chip and date


def quantity(own: Quantity) -> d.Distribution:
    """Distribution of a subject's own quantity."""
    return build(own.distribution, {})


def rents_near(registry: Registry, chip: str, day: date) -> list[PriceObservation]:
    """Dated rents of a chip within the window of the ground rule ``market_window`` around a day."""
    window = timedelta(days=registry.rules["market_window"])
    return [o for o in registry.price_observations.values() if o.chip == chip and abs(o.date - day) <= window]


def market_price(registry: Registry, chip: str, day: date) -> d.Distribution | None:
    """Rent of a chip's hour near a date: log-normal with the lowest and highest observation as P5 and P95.

    None with fewer than two observations.
    """
    seen = [observed.usd_per_gpu_hour for observed in rents_near(registry, chip, day)]
    if len(seen) < 2:
        return None
    low, high = min(seen), max(seen)
    return d.LogNormal(*moments(math.log(low), None, math.log(high))) if low < high else d.Fixed(low)


def setting_of(setting: Setting, registry: Registry, subject: Subject) -> Setting:
    """The setting in the terms of a model with hours of its own; what a scenario or ``--set`` changed stays as they have it."""
    if subject.hours is None or subject.released is None or setting.terms_of == subject.id:
        return setting
    changed = {override.id for override in setting.overrides}
    own = {
        GOODPUT: setting.distributions[subject.goodput],
        RENTAL: market_price(registry, subject.chip, subject.released),
        CLAIMED: None if setting.stated_price is None else d.Fixed(setting.stated_price),
    }
    terms = {**setting.distributions, **{name: value for name, value in own.items() if name not in changed}}
    choices = dict(setting.choices)
    if choices["price.basis"] == "rental" and terms[RENTAL] is None:
        choices["price.basis"] = "claimed"
    weights = {name: weight for name, weight in setting.weights.items() if name in ROUTES}
    held = {name: x for name, x in terms.items() if x is not None}
    return replace(setting, distributions=held, choices=choices, weights=weights, terms_of=subject.id)


def label_in(setting: Setting, entry: Parameter | Component) -> str:
    """English name of a quantity, as it stands for the model in hand."""
    return LABELS.get(entry.id, entry.label) if setting.terms_of else entry.label


def why_absent(setting: Setting, registry: Registry, subject: Subject, scope: str) -> str | None:
    """Why a scope of a run has no answer for a model with hours of its own, or None."""
    assert subject.hours is not None
    basis = setting.choices["price.basis"]
    if basis not in ("rental", "claimed") and registry.parameters[RENTAL].chip != subject.chip:
        return "basis_of_another_chip"
    if basis in ("rental", "claimed") and f"price.{basis}" not in setting.distributions:
        return "no_price"
    if scope in ("final_run", "run_as_executed"):
        return None
    if float(quantity(subject.hours).ppf(np.array([0.5]))[0]) < registry.rules["outside_class_hours"]:
        return "outside_reference_class"
    return None if scope == "project" else "inputs_unknown"
