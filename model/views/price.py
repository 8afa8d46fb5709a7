"""The price of a GPU-hour: market, rental mixture, owner's cost, Epoch's method, and the five bases beside each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from model.auditor.audit import Verdict
from model.cards import Card, inputs_behind, mark_of
from model.distributions import Array, Mixture
from model.document import HEAD
from model.engine import Run
from model.graph import node_name
from model.numerical_error import Estimated, drawn_quantiles
from model.registry import Registry
from model.routes import PRICE_NODES
from model.sampling import SCRAMBLES
from model.schema import distribution as spec
from model.schema.assumption import PriceObservation
from model.views.method import equation_card
from model.views.verdict import Row, quantile_row
from model.wording import Language

CENTRAL = np.array([0.05, 0.5, 0.95])
Spread = tuple[float, float, float]

BASES: Mapping[str, tuple[str, str]] = {
    "claimed": ("Claimed", "what the claimant assumes"),
    "rental": ("Rent", "market rent at the date: holds power, building, idle risk and margin"),
    "ownership": ("Ownership", "owner's full cost of an hour in which the GPU works"),
    "marginal": ("Marginal", "electricity and operations of capacity that is already there"),
    "epoch_amortised": ("Epoch AI", "their amortised hardware and energy: no staff, building or cost of capital"),
}
REGIONS: Mapping[str, str] = {"CN": "China", "US": "United States", "US/EU": "US and Europe", "global": "Worldwide"}
# Quantities that an equation computes, by its name.
QUANTITIES: Mapping[str, str] = {
    "capital_hour": "Capital",
    "power_hour": "Electricity",
    "facility_hour": "Building",
    "maintenance_hour": "Maintenance",
    "available_hour": "Available hour",
    "busy_hour": "Busy hour",
    "marginal_hour": "Marginal hour",
    "epoch_depreciated_price": "Price after depreciation",
    "epoch_hour": "The hour by this method",
}
BUILD_UP = (
    "capital_hour",
    "power_hour",
    "facility_hour",
    "maintenance_hour",
    "ownership.ops",
    "available_hour",
    "ownership.occupancy",
    "busy_hour",
)


def spread(run: Run, name: str) -> Spread:
    """P5, median and P95 of a parameter (exact) or of a computed quantity (over the run's draws)."""
    distribution = run.system.distribution(node_name(name))
    quantiles = drawn_quantiles(run.draws(node_name(name)), HEAD).values() if distribution is None else distribution.ppf(CENTRAL).tolist()
    low, middle, high = quantiles
    return low, middle, high


def card_name(run: Run, name: str) -> str:
    """The card of a parameter or computed quantity, by id or node."""
    if name in QUANTITIES:
        return f"quantity:{name}"
    return f"parameter:{next(p for p in run.registry.parameters if node_name(p) == node_name(name))}"


def weak_inputs(run: Run, name: str, language: Language) -> str:
    """Inputs of a parameter or quantity that are placeholders or rest on grade C evidence alone, in one line."""
    return ", ".join(language.text(p.label) for p in inputs_behind(run, node_name(name)) if mark_of(p))


def quantity_card(verdict: Verdict, name: str, language: Language) -> Card:
    """The card of a computed quantity: that of its equation, with its range and all assumptions behind it."""
    run, card = verdict.run, equation_card(verdict, name, language)
    low, middle, high = spread(run, name)
    values = {"middle": middle, "low": low, "high": high}
    value = language.fill("{middle:usd3} (90 %: {low:usd3} to {high:usd3})" if low < high else "{middle:usd3}", values)
    inputs = inputs_behind(run, name)
    mark = next(filter(None, map(mark_of, inputs)), "")
    lines = ((language.text("Value"), value), *card.lines)
    return replace(card, title=language.text(QUANTITIES[name]), lines=lines, rests_on=tuple(p.id for p in inputs), mark=mark)


def observations(registry: Registry, chips: Collection[str], regions: Collection[str]) -> tuple[PriceObservation, ...]:
    """Dated rents of these chips in these regions, oldest first."""
    found = (o for o in registry.price_observations.values() if o.chip in chips and o.region in regions)
    return tuple(sorted(found, key=lambda o: (o.date, o.id)))


def range_usd(observation: PriceObservation) -> tuple[float, float]:
    """Lowest and highest in USD per GPU-hour: the observation itself where its source gives no range."""
    scale = observation.usd_per_gpu_hour / (observation.best or observation.usd_per_gpu_hour)
    low, high = observation.low, observation.high
    best = observation.usd_per_gpu_hour
    return (low * scale if low else best), (high * scale if high else best)


def market_rows(found: Collection[PriceObservation], claim: float | None, language: Language) -> list[Row]:
    """Rows of the market chart."""
    rows = []
    for region, label in REGIONS.items():
        for o in (o for o in found if o.region == region):
            low, high = range_usd(o)
            row = {"date": o.date.isoformat(), "low": low, "best": o.usd_per_gpu_hour, "high": high, "label": language.text(o.label)}
            rows.append(row | {"region": language.text(label), "term": language.text(o.term), "claim": claim})
    return rows


def market_cells(o: PriceObservation, language: Language) -> list[str]:
    """What was observed, price, date, range, region and contract."""
    low, high = range_usd(o)
    between = f"{language.money(low, 3)} – {language.money(high, 3)}" if low < high else "–"
    figures = [language.money(o.usd_per_gpu_hour, 3), o.date.isoformat(), between]
    return [language.text(o.label), *figures, language.text(REGIONS[o.region]), language.text(o.term)]


def build_up(run: Run, language: Language) -> list[tuple[str, str, list[str]]]:
    """Name, label, and P5, median and P95 of each part of an owner's hour."""
    rows = []
    for name in BUILD_UP:
        label = QUANTITIES[name] if name in QUANTITIES else run.registry.parameters[name].label
        write = language.percent if name == "ownership.occupancy" else language.money
        rows.append((name, language.text(label), [write(q, 3) for q in spread(run, name)]))
    return rows


@dataclass(frozen=True)
class Part:
    """A part of the rental mixture, or (weight 1) the mixture itself."""

    label: str
    weight: float
    usd: Spread


def rental_parts(run: Run) -> tuple[Part, ...]:
    """Parts of the rental mixture, then the mixture; the mixture alone where it was replaced by another distribution."""
    written, used = run.registry.parameters["price.rental"].distribution, run.setting.distributions["price.rental"]
    parts: list[Part] = []
    if isinstance(written, spec.Mixture) and isinstance(used, Mixture):
        for entry, weight, part in zip(written.parts, used.weights, used.parts, strict=True):
            low, middle, high = (float(q) for q in part.ppf(CENTRAL))
            parts.append(Part(entry.label, weight, (low, middle, high)))
    label = "Rent used: the mixture" if parts else "Rent used"
    return (*parts, Part(label, 1.0, spread(run, "price.rental")))


def rental_rows(parts: Collection[Part], language: Language) -> list[Row]:
    """Rows of the interval chart of the mixture."""
    return [
        quantile_row(
            language.text(part.label),
            part.usd,
            order=i,
            group=language.text("one market" if part.weight < 1.0 else "what is used"),
            text=language.money(part.usd[1], 3),
        )
        for i, part in enumerate(parts)
    ]


@dataclass(frozen=True)
class Step:
    """A step of Epoch's method: what it is, the parameter or quantity that its card shows, and its median."""

    label: str
    name: str
    value: float
    unit: str

    def written(self, language: Language) -> str:
        """The figure with its unit."""
        return language.money(self.value, 4 if self.value > 100.0 else 3) if self.unit == "USD" else language.number(self.value)


def epoch_steps(run: Run) -> tuple[Step, ...]:
    """Epoch's hour from the purchase price to the total, with what it would be without depreciation before the run."""
    nothing = np.zeros(())

    def hour(**replaced: Array) -> Estimated:
        drawn = run.ledger.with_values(replaced).value("epoch_hour")
        return drawn_quantiles(np.broadcast_to(drawn, (SCRAMBLES, np.size(drawn) // SCRAMBLES or 1)), {"p50": 0.5})["p50"]

    energy = hour(epoch_purchase_price=nothing)
    hardware = hour(epoch_electricity_price=nothing, epoch_interconnect_share=nothing)
    network = hour(epoch_electricity_price=nothing).less(hardware)
    return (
        *(
            Step(label, name, spread(run, name)[1], unit)
            for label, name, unit in (
                ("Purchase price of a GPU", "epoch.purchase_price", "USD"),
                ("Years that it loses value before the run", "epoch.years_depreciated", ""),
                ("Price after depreciation", "epoch_depreciated_price", "USD"),
            )
        ),
        Step("Hardware, per hour", "epoch.decay", hardware, "USD"),
        Step("Network on top, per hour", "epoch.interconnect_share", network, "USD"),
        Step("Energy, per hour", "epoch.electricity_price", energy, "USD"),
        Step("The hour by this method", "epoch_hour", hour(), "USD"),
        Step("The same without depreciation before the run", "epoch_hour", hour(epoch_years_depreciated=nothing), "USD"),
    )


def bases(run: Run) -> dict[str, Spread]:
    """The price of an hour on each basis."""
    return {basis: spread(run, PRICE_NODES[basis][0]) for basis in BASES}


def basis_rows(run: Run, language: Language) -> list[Row]:
    """Rows of the interval chart of the bases: the one in use is of its own kind."""
    used = run.setting.choices["price.basis"]
    return [
        quantile_row(
            language.text(BASES[basis][0]),
            usd,
            order=i,
            group=language.text("in use" if basis == used else "an alternative"),
            text=language.money(usd[1], 3),
        )
        for i, (basis, usd) in enumerate(bases(run).items())
    ]
