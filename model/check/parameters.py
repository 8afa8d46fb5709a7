"""What can be wrong with the parameters: unit, chip, year, column, evidence behind a point, correlation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import partial

from model.check.findings import Problems, claims_of, entries, known, parameters, raised
from model.errors import InputError
from model.overrides import check_bounds, domain_of
from model.registry import Registry
from model.schema.assumption import CorrelationSet, Group, Parameter, PriceObservation, Quantity, Subject
from model.schema.base import Entry
from model.schema.claim import FACT_UNITS
from model.schema.distribution import Fixed
from model.system import GPUS, HOURS
from model.units import is_money, kind_of

# What the equations take each quantity in; the first pattern that fits the id decides, all else is a plain number.
UNITS: Mapping[str, tuple[str, ...]] = {
    "price.*": ("USD/gpu_hour",),
    "*.ops": ("USD/gpu_hour",),
    "*.server_price": ("USD/gpu",),
    "*.purchase_price": ("USD/gpu",),
    "*.electricity_price": ("USD/kWh",),
    "*.facility_price": ("USD/kW_month",),
    "programme.*_hours": ("gpu_hour",),
    "programme.*_gpus": ("gpu",),
    "programme.*_days": ("day",),
    "programme.*_per_day": ("1/day",),
    "programme.*_time": ("hour",),
    "programme.checkpoint_interval": ("hour",),
    "programme.failure_rate": ("1/gpu_day",),
    "staff.pay": ("USD/person_year",),
    "staff.people": ("person",),
    "*_run.*": ("gpu_hour",),
    "lab_finals.*": ("gpu_hour",),
    "predecessors.hours": ("gpu_hour",),
    "*.gpus": ("gpu",),
    "fleet.h800": ("gpu",),
    "fleet.a100": ("gpu",),
    "*.days": ("day",),
    "*.life": ("year",),
    "*.years*": ("year",),
    "*.cost_of_capital": ("1/year",),
    "*.decay": ("1/year",),
    "*.maintenance_share": ("1/year",),
    "*.kw_provisioned": ("kW/gpu",),
    "*.board_power": ("kW/gpu",),
    "energy.grid_factor": ("kgCO2e/kWh",),
    "*share": ("fraction",),
    "*.use": ("fraction",),
    "goodput*": ("fraction",),
    "*": ("ratio", "fraction"),
}


def units(registry: Registry) -> Problems:
    """Units that are not those of the equations; money without its year, GPU-hours without their chip."""
    for where, p in parameters(registry):
        needed = ("ratio",) if p.component else next(u for pattern, u in UNITS.items() if fnmatch(p.id, pattern))
        if p.unit not in needed:
            yield _wrong_unit(where, p.unit, needed)
        else:
            yield from raised(partial(check_bounds, p.distribution, p, where))
            yield from _stated_ends(where, p)
        if is_money(p.unit) and p.price_year is None:
            yield InputError(f"{where}: price_year", "is missing: money is of a year.", "Add price_year = 2024, or the year it is.")
        if "gpu_hour" in p.unit and p.chip is None:
            yield InputError(f"{where}: chip", "is missing: a GPU-hour is of a chip.", f"Add one of: {', '.join(registry.chips)}.")
    for where, observation in entries(registry, "price_observation"):
        if isinstance(observation, PriceObservation) and kind_of(observation.unit) is None:
            found = f'"{observation.unit}" is no known unit.'
            yield InputError(f"{where}: unit", found, 'Write for example "USD/gpu_hour" or "CNY/server_month".')
    for where, claim in claims_of(registry):
        for fact in claim.facts:
            yield from known(f"{where}: facts", "fact", [fact.id], FACT_UNITS)
            if fact.unit != (needed_unit := FACT_UNITS.get(fact.id, fact.unit)):
                yield _wrong_unit(f"{where}: facts {fact.id}: unit", fact.unit, (needed_unit,))


def _stated_ends(where: str, p: Parameter) -> Problems:
    """Figures of evidence that lie where the quantity cannot."""
    domain = domain_of(p)
    for item in p.evidence:
        for value in (item.low, item.high):
            if value is not None and not domain.low <= value <= domain.high:
                yield InputError(f"{where}: evidence of {item.source}", f"{value:g} is out of bounds.", f"{p.label} lies {domain}.")


def _wrong_unit(where: str, unit: str, needed: tuple[str, ...]) -> InputError:
    kind = kind_of(unit)
    found = f'unit "{unit}" is {kind}' if kind else f'unit "{unit}" is not known'
    return InputError(where, f"{found}, need {' or '.join(needed)}.", f'Write unit = "{needed[0]}".')


def columns(registry: Registry) -> Problems:
    """Two quantities on one column of the sample, and uncertain inputs of the costs without one."""
    from model.graph import cost_equations, node_name

    inputs = {argument for equation in cost_equations().values() for argument in equation.arguments}
    named = {node_name(n) for s in registry.located("subjects").values() for n in _hours(s.entry)}
    owner: dict[int, str] = {}
    taken = {p.column for p in registry.parameters.values()}
    free = next((f"Write column = {index}, which is free." for index in range(64) if index not in taken), "None of the 64 is free.")
    for where, p in parameters(registry):
        drawn = p.component is not None or node_name(p.id) in inputs | named or p.id.startswith(("price.", "overhead."))
        if p.column is None and drawn and not isinstance(p.distribution, Fixed):
            yield InputError(f"{where}: column", "is missing: an uncertain input needs its column.", free)
        if p.column is not None and (first := owner.setdefault(p.column, p.id)) != p.id:
            yield InputError(f"{where}: column", f"{p.column} is that of {first}.", free)
    for where, own in _own_quantities(registry):
        if own.column is None and not isinstance(own.distribution, Fixed):
            yield InputError(f"{where}: column", "is missing: an uncertain quantity needs one.", "Write 53 for hours, 49 for GPUs.")


def _own_quantities(registry: Registry) -> Iterator[tuple[str, Quantity]]:
    """Hours and GPUs that stand in a subject itself, with their place."""
    for where, subject in entries(registry, "subjects"):
        assert isinstance(subject, Subject)
        yield from ((f"{where}: {key}", own) for key, own in (("hours", subject.hours), ("gpus", subject.gpus)) if own)


def _hours(subject: Entry) -> tuple[str, ...]:
    assert isinstance(subject, Subject)
    return (*subject.run, *subject.stage, *subject.lab_finals, *((subject.fleet,) if subject.fleet else ()))


def points(registry: Registry) -> Problems:
    """A point needs evidence that may set one: grade A or B, seen by somebody."""
    held: list[tuple[str, Parameter | Quantity]] = [(where, p) for where, p in parameters(registry) if p.basis != "placeholder"]
    for where, entry in (*held, *_own_quantities(registry)):
        supported = any(e.stance == "supports" and e.grade != "C" and e.read != "not read" for e in entry.evidence)
        if isinstance(entry.distribution, Fixed) and not supported:
            found = "a single value rests on evidence that is grade C or not read alone."
            yield InputError(where, found, 'Write a range, add evidence of grade A or B, or basis = "placeholder".')
    for where, p in parameters(registry):
        if not isinstance(p.distribution, Fixed):
            continue
        if p.basis == "elicited" and "elicited" not in p.rationale:
            yield InputError(f"{where}: rationale", "does not say that this point is elicited.", 'Say "elicited", and why it is no range.')


def groups(registry: Registry) -> Problems:
    """Inputs that are asked about in no group or in two, and groups that nobody knows."""
    held: dict[str, Group] = {}
    for where, entry in entries(registry, "group"):
        assert isinstance(entry, Group)
        held[entry.id] = entry
        yield from known(f"{where}: settles", "group", entry.settles, registry.names("group"))
    drawn = [p for _, p in parameters(registry) if p.column is not None]
    inputs = [p.id for p in drawn if not (p.component and p.component.enters == "no_default_scope")]
    for identifier in (*inputs, HOURS, GPUS):
        holding = [name for name, group in held.items() if any(fnmatch(identifier, pattern) for pattern in group.members)]
        if len(holding) != 1:
            found = f"stands in {len(holding)} groups: {', '.join(holding)}." if holding else "stands in no group."
            yield InputError(f"groups.toml: {identifier}", found, f"Let one of these hold it: {', '.join(held)}.")


def correlations(registry: Registry) -> Problems:
    """Correlations of what is not drawn, and sets that contradict themselves."""
    from model.copula import copula_of

    for where, entry in entries(registry, "correlation_set"):
        assert isinstance(entry, CorrelationSet)
        faults = list(_pairs(f"{where}: pairs", entry, registry))
        yield from faults or raised(partial(copula_of, entry.pairs, list(registry.parameters)), where)


def _pairs(where: str, correlations: CorrelationSet, registry: Registry) -> Problems:
    for pair in correlations.pairs:
        yield from known(where, "parameter", (pair.first, pair.second), registry.parameters)
        for name in (pair.first, pair.second):
            if name in registry.parameters and registry.parameters[name].column is None:
                yield InputError(where, f"{name} has no column in the sample.", "Correlate parameters that have one.")
        if pair.first == pair.second:
            yield InputError(where, f"{pair.first} stands with itself.", "Name two parameters.")
