"""Entries of the assumption files: parameters, settings, cases, observations, hardware, subjects."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from model.schema.base import Basis, Entry, Evidence, Fraction, Identifier, Many, Text
from model.schema.distribution import Positive, Specification, ordered

Evidenced = Annotated[Many[Evidence], Field(min_length=1)]
Size = Annotated[int, Field(ge=0, le=10**9)]
Shape = dict[str, Size]


class Parameter(Entry):
    """One uncertain or stated quantity of the model.

    ``column`` is its fixed place among the 64 columns of the sample; a parameter without one can take a value but no spread.
    ``component`` makes the parameter itself a cost component, a multiple of the final run's productive GPU-hours.
    """

    id: Identifier
    label: Text
    unit: Text
    chip: str | None = None
    distribution: Specification
    column: Annotated[int, Field(ge=0, lt=64)] | None = None
    as_of: date
    price_year: int | None = None
    basis: Basis
    rationale: Text
    component: ComponentRole | None = None
    evidence: Evidenced


class ComponentRole(Entry):
    """Where a cost component enters: the bottom-up sum, a line of its own, or no default scope."""

    code: Text
    enters: Literal["bottom_up", "own_line", "no_default_scope"]
    covers: Text


class Component(Entry):
    """A cost component that an equation of the same name computes from several parameters."""

    id: Identifier
    label: Text
    component: ComponentRole


class Choice(Entry):
    """A setting with named options, such as the price basis."""

    id: Identifier
    label: Text
    options: Annotated[Many[Text], Field(min_length=2)]
    default: Text
    rationale: Text


class Weight(Entry):
    """The weight of one route to the overhead ratio; weights are scaled to sum to 1 in each scope."""

    id: Identifier
    label: Text
    default: Annotated[float, Field(ge=0)]
    rationale: Text


class Case(Entry):
    """One project or lab-year whose ratio of total to final compute is known: a member of a reference class.

    ``inputs`` is what is known of it that other routes to the ratio need, written as changes (``goodput=0.6``).
    """

    id: Identifier
    label: Text
    case_class: Literal["project", "lab_year"]
    entity: Text
    year: int
    ratio: Annotated[float, Field(gt=1)]
    low: float | None = None
    high: float | None = None
    weight: Fraction
    numerator: Text
    denominator: Text
    inputs: Many[Text] = ()
    note: str = ""
    evidence: Evidenced

    @model_validator(mode="after")
    def _check(self) -> Case:
        ordered(low=self.low, ratio=self.ratio, high=self.high)
        return self


class PriceObservation(Entry):
    """A dated rent of one GPU-hour as observed, never a trend."""

    id: Identifier
    label: Text
    chip: Text
    region: Text
    term: Text
    date: date
    low: Positive | None = None
    best: Positive | None = None
    high: Positive | None = None
    unit: Text
    usd_per_gpu_hour: Positive
    price_year: int
    note: str = ""
    evidence: Evidenced

    @model_validator(mode="after")
    def _check(self) -> PriceObservation:
        ordered(low=self.low, best=self.best, high=self.high)
        return self


class Chip(Entry):
    """An accelerator with its dense peaks, in FLOP per second."""

    id: Text
    label: Text
    peak_dense_flop_per_s: dict[str, float]
    board_power_w: Positive | None = None
    evidence: Evidenced


class Architecture(Entry):
    """The published shape of a model, from which FLOP per token are counted.

    ``attention`` is ``{heads, kv_heads, head_dim}`` or, for latent attention, ``{heads, q_rank, kv_rank, nope, rope, v}``;
    ``experts`` is ``{routed, active, shared, width}`` or absent.
    """

    id: Identifier
    label: Text
    layers: Size
    dense_layers: Size
    hidden: Size
    vocabulary: Size
    dense_width: Size
    sequence: Size
    attention: Shape
    experts: Shape | None = None
    mtp_depth: Size = 0
    total_parameters: Positive
    active_parameters: Positive
    evidence: Evidenced


class Quantity(Entry):
    """A quantity of one subject's own. Uncertain ones take a ``column`` of the sample, which subjects may share."""

    distribution: Specification
    column: Annotated[int, Field(ge=0, lt=64)] | None = None
    rationale: Text
    evidence: Evidenced


class Subject(Entry):
    """What a claim can be about: a model, a stage of one, or a company, by what holds its GPU-hours.

    ``run`` names the parameters of the official run that the overhead routes multiply; ``stage`` comes on top of it and only gains
    rework. ``lab_finals`` are the final runs that the lab released in the window before, ``fleet`` the GPUs that its cluster counts.
    A subject with ``base_excluded`` is a stage alone: scopes wider than its final run have no meaning.

    Any other model has ``hours`` of its own instead of a ``run``; they are ``elapsed`` where they are a count of GPUs times calendar
    time. ``goodput`` is the class of its era, ``gpus`` a fleet counted for it alone. A subject without hours has no cost of a run.
    """

    id: Identifier
    label: Text
    noun: Text
    released: date | None = None
    chip: str = ""
    price_year: int
    run: Many[Identifier] = ()
    stage: Many[Identifier] = ()
    lab_finals: Many[Identifier] = ()
    fleet: Identifier | None = None
    base_excluded: bool = False
    base: str = ""
    hours: Quantity | None = None
    elapsed: bool = False
    goodput: Identifier = "goodput"
    gpus: Quantity | None = None
    note: str = ""

    @model_validator(mode="after")
    def _check(self) -> Subject:
        if self.hours and self.run:
            raise ValueError("write run or hours, not both")
        if self.hours and not (self.chip and self.released):
            raise ValueError("hours need their chip and the date of release")
        return self


class Fleet(Entry):
    """Somebody's count of a lab's GPUs, by chip; without ``gpus`` the source gives none.

    Fleets are alternatives, never added or averaged.
    """

    id: Identifier
    label: Text
    claimant: Text
    gpus: dict[str, Positive] = Field(default_factory=dict)
    note: str = ""
    evidence: Evidenced

    @model_validator(mode="after")
    def _check(self) -> Fleet:
        if self.gpus and not any(item.stance == "supports" and item.read != "not read" for item in self.evidence):
            raise ValueError("a count needs evidence that supports it and was read")
        return self


class Scope(Entry):
    """An accounting boundary: what it holds, what it leaves out, and the question that it answers."""

    id: Identifier
    label: Text
    noun: Text
    answers: Text
    formula: Text
    nested: bool
    flow: bool
    includes: Many[Text]
    excludes: Many[Text]
    omits_components: Many[Identifier]
    remarks: Many[Text] = ()


class Rule(Entry):
    """A ground rule: a number by which verdicts are given, with its reason."""

    id: Identifier
    label: Text
    value: float
    rationale: Text
    evidence: Many[Evidence] = ()


class EstimateClass(Entry):
    """A class of estimate by the width of its range (AACE 18R-97), as fractions below and above the median."""

    id: Text
    label: Text
    low: float
    high: float
    evidence: Evidenced


class Group(Entry):
    """Inputs that are asked about together, by patterns of their ids.

    ``ask`` is what a claimant could publish to settle them, empty where no fact would; ``settles`` are groups that it settles too,
    ``answer`` what all of them are called together.
    """

    id: Identifier
    label: Text
    members: Annotated[Many[Text], Field(min_length=1)]
    ask: str = ""
    settles: Many[Identifier] = ()
    answer: str = ""
    rationale: Text


class Phrase(Entry):
    """Words that suggest an accounting scope."""

    scope: Identifier
    words: Annotated[Many[Text], Field(min_length=1)]


class Pair(Entry):
    """A rank correlation between two parameters."""

    first: Identifier
    second: Identifier
    rank: Annotated[float, Field(gt=-1, lt=1)]


class CorrelationSet(Entry):
    """Rank correlations that a scenario can switch on together."""

    id: Identifier
    label: Text
    rationale: Text
    pairs: Annotated[Many[Pair], Field(min_length=1)]
    evidence: Evidenced


Parameter.model_rebuild()
