"""Which key or folder holds which kind of entry."""

from __future__ import annotations

from collections.abc import Mapping

from model.schema.assumption import (
    Architecture,
    Case,
    Chip,
    Choice,
    Component,
    CorrelationSet,
    EstimateClass,
    Fleet,
    Group,
    Parameter,
    Phrase,
    PriceObservation,
    Rule,
    Scope,
    Subject,
    Weight,
)
from model.schema.base import Entry, Source
from model.schema.claim import Claim
from model.schema.observation import Observation
from model.schema.run import BacktestRun
from model.schema.scenario import Scenario
from model.schema.sweep import Sweep

# Key of the array of tables in a file -> what its entries are.
KINDS: Mapping[str, type[Entry]] = {
    "source": Source,
    "parameter": Parameter,
    "component": Component,
    "choice": Choice,
    "weight": Weight,
    "case": Case,
    "price_observation": PriceObservation,
    "backtest_run": BacktestRun,
    "chip": Chip,
    "architecture": Architecture,
    "fleet": Fleet,
    "scope": Scope,
    "rule": Rule,
    "estimate_class": EstimateClass,
    "group": Group,
    "phrase": Phrase,
    "correlation_set": CorrelationSet,
}
# Folders whose files are one entry each, named by their id.
FOLDERS: Mapping[str, type[Entry]] = {"claims": Claim, "evidence": Observation, "scenarios": Scenario, "subjects": Subject, "sweeps": Sweep}
