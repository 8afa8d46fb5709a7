"""How often the estimate of GPU-hours was right: coverage, sharpness and error on runs whose hours are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from model.backtest.predict import Forecast, baseline, fit
from model.backtest.runs import Table, own_runs, read_runs
from model.distributions import Array
from model.errors import need
from model.registry import Registry, load_registry
from model.schema.run import BacktestRun, DisclosedRun

LEVELS: Mapping[str, float] = {"50": 0.5, "80": 0.8, "90": 0.9}
BAND = 0.95  # of the binomial bands
BINS = 10
CHIP_SPREAD, PLAIN_MFU = "backtest_chip_spread", "backtest_plain_mfu"
ESTIMATE, ONE_MFU, PLAIN = "estimate", "one_mfu", "plain_6nd_40"
SIZES = {"below_2b": 2.0, "2b_to_10b": 10.0, "10b_to_40b": 40.0, "from_40b": np.inf}  # upper end, billion active parameters
SIZE_NAMES = tuple(SIZES)


@dataclass(frozen=True)
class Score:
    """Coverage by level, mean CRPS and interval scores of ln hours, mean |ln error| of the median, and share within a factor of 2."""

    n: int
    coverage: Mapping[str, float]
    crps: float
    interval_score: Mapping[str, float]
    mean_abs_ln_error: float
    median_ratio: float
    within_factor_2: float


@dataclass(frozen=True)
class Backtest:
    """Runs with the forecasts of the estimate and of the baselines, none of which saw the run or its family."""

    table: Table
    forecasts: Mapping[str, Forecast]

    @property
    def runs(self) -> tuple[DisclosedRun, ...]:
        """Runs that are scored."""
        return self.table.runs

    @property
    def is_own(self) -> bool:
        """Whether these are the project's own runs."""
        return all(isinstance(run, BacktestRun) for run in self.runs)

    @property
    def hours(self) -> Array:
        """Disclosed GPU-hours."""
        return np.array([run.gpu_hours_disclosed for run in self.runs])

    @property
    def percentiles(self) -> Array:
        """Where each disclosure lies in its forecast (PIT)."""
        return self.forecasts[ESTIMATE].percentile(self.hours)

    def score(self, method: str = ESTIMATE, places: Sequence[int] | None = None) -> Score:
        """Score of a method on all runs, or on those at these places."""
        chosen = range(len(self.runs)) if places is None else places
        return _score(self.forecasts[method].of(chosen), self.hours[list(chosen)])

    def slices(self) -> Mapping[str, Mapping[str, Score]]:
        """Score of the estimate by use, chip, size, architecture, precision, basis of the disclosure, and how its source was read."""
        return {kind: self._by([of(run) for run in self.runs]) for kind, of in SLICES.items()}

    def _by(self, values: Sequence[str]) -> Mapping[str, Score]:
        names = sorted(set(values), key=lambda name: (SIZE_NAMES.index(name) if name in SIZE_NAMES else 0, name))
        return {name or "not_stated": self.score(places=[place for place, value in enumerate(values) if value == name]) for name in names}

    def histogram(self) -> list[int]:
        """Runs by tenth of their percentile: level where the estimate is calibrated."""
        return [int(count) for count in np.histogram(self.percentiles, bins=BINS, range=(0.0, 1.0))[0]]


SLICES: Mapping[str, Callable[[DisclosedRun], str]] = {
    "use": lambda run: run.use,
    "chip": lambda run: run.hw_gen,
    "size": lambda run: next(name for name, below in SIZES.items() if run.params_active_b < below),
    "architecture": lambda run: run.arch,
    "precision": lambda run: run.precision,
    "basis": lambda run: run.hours_basis,
    "source": lambda run: run.evidence[0].read if isinstance(run, BacktestRun) else "",
}


def backtest(data: str | Path | None = None, *, registry: Registry | None = None) -> Backtest:
    """Predict GPU-hours that are known.

    Each of the project's runs is predicted from those of other families. Runs of a file are predicted from all of the project's;
    those that are among them, again without their family.

    Parameters
    ----------
    data : CSV file of unseen runs; the project's own when None
    registry : assumptions; the project's own when none is given

    Raises
    ------
    InputError, CheckFailed
        The file is wrong: by row and column.
    MissingExtraError
        The library of scores is not installed.
    """
    need("scoringrules", "scores")
    registry = registry or load_registry()
    own = own_runs(registry)
    table = Table(own) if data is None else read_runs(Path(data), own)
    return Backtest(table, forecasts(table.runs, own, registry.rules))


def without_unread(registry: Registry) -> Score:
    """Score where runs whose source was not read are neither fitted nor scored."""
    read = [run for run in own_runs(registry) if run.evidence[0].read != "not read"]
    return Backtest(Table(tuple(read)), forecasts(read, read, registry.rules)).score()


def forecasts(runs: Sequence[DisclosedRun], own: Sequence[DisclosedRun], rules: Mapping[str, float]) -> Mapping[str, Forecast]:
    """Forecasts by each method, a run's own family left out where the run is among those that are fitted."""
    family = {run.id: run.family for run in own}
    left_out = [family.get(run.id, "") for run in runs]
    parts: dict[str, list[Forecast]] = {ESTIMATE: [], ONE_MFU: [], PLAIN: []}
    order: list[int] = []
    for name in dict.fromkeys(left_out):
        fitted = [run for run in own if run.use == "calib" and (not name or run.family != name)]
        places = [place for place, of in enumerate(left_out) if of == name]
        these = [runs[place] for place in places]
        order += places
        parts[ESTIMATE].append(fit(fitted, rules[CHIP_SPREAD]).forecast(these))
        parts[ONE_MFU].append(baseline(fitted, these))
        parts[PLAIN].append(baseline(fitted, these, rules[PLAIN_MFU]))
    return {method: _joined(found, order) for method, found in parts.items()}


def place_of(identifier: str, registry: Registry) -> tuple[DisclosedRun, Mapping[str, Forecast]] | None:
    """One of the project's runs with its forecasts; None where it is not among them."""
    own = own_runs(registry)
    found = next((run for run in own if run.id == identifier), None)
    return (found, forecasts([found], own, registry.rules)) if found else None


def binomial_band(n: int, share: float, within: float = BAND) -> tuple[float, float]:
    """Shares of ``n`` runs between which a calibrated interval holds with probability ``within`` or more."""
    counts = np.arange(n + 1)
    at_most = special.bdtr(counts, n, share)
    low, high = (int(np.searchsorted(at_most, q)) for q in ((1 - within) / 2, (1 + within) / 2))
    return low / n, high / n


def interval(forecast: Forecast, level: float) -> tuple[Array, Array]:
    """Central interval of the hours."""
    return forecast.quantile((1 - level) / 2), forecast.quantile((1 + level) / 2)


def _joined(parts: Sequence[Forecast], order: Sequence[int]) -> Forecast:
    """Forecasts of parts, put back to their places."""
    return Forecast(
        *(np.concatenate([getattr(part, name) for part in parts])[np.argsort(order)] for name in ("location", "scale", "freedom"))
    )


def _score(forecast: Forecast, hours: Array) -> Score:
    import scoringrules

    y, error = np.log(hours), np.log(hours) - forecast.location
    if forecast.is_normal:
        crps = scoringrules.crps_normal(y, forecast.location, forecast.scale)
    else:
        crps = scoringrules.crps_t(y, forecast.freedom, forecast.location, forecast.scale)
    ends = {name: interval(forecast, level) for name, level in LEVELS.items()}
    scores = {name: scoringrules.interval_score(y, *np.log(ends[name]), 1 - level) for name, level in LEVELS.items()}
    return Score(
        len(hours),
        {name: float(np.mean((low <= hours) & (hours <= high))) for name, (low, high) in ends.items()},
        float(np.mean(crps)),
        {name: float(np.mean(found)) for name, found in scores.items()},
        float(np.mean(np.abs(error))),
        float(np.exp(np.median(error))),
        float(np.mean(np.abs(error) <= np.log(2.0))),
    )
