"""``costclaim backtest --json``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from model import __version__
from model.backtest.predict import Forecast
from model.backtest.score import BAND, ESTIMATE, LEVELS, ONE_MFU, PLAIN, Backtest, binomial_band, place_of, without_unread
from model.registry import Registry
from model.schema.run import DisclosedRun

Document = dict[str, Any]
AUDITED = "deepseek-v3"
QUANTILES = {"p05": 0.05, "p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90, "p95": 0.95}


def backtest_document(found: Backtest, registry: Registry) -> Document:
    """Everything that a track record says."""
    n = len(found.runs)
    return {
        "engine": __version__,
        "registry_sha256": registry.sha256,
        **asdict(found.score()),
        "coverage_band": {name: binomial_band(n, level) for name, level in LEVELS.items()},
        "pit": {"counts": found.histogram(), "band": [n * share for share in binomial_band(n, 1 / len(found.histogram()))]},
        "baselines": {name: asdict(found.score(name)) for name in (ONE_MFU, PLAIN)},
        "by": {kind: {name: asdict(score) for name, score in scores.items()} for kind, scores in found.slices().items()},
        "without_unread": asdict(without_unread(registry)) if found.is_own else None,
        AUDITED.replace("-", "_"): place_document(AUDITED, registry),
        "missing_columns": list(found.table.missing),
        "extra_columns": list(found.table.extra),
        "unscored": dict(found.table.unscored),
        "band_probability": BAND,
        "runs": [run_document(run, found.forecasts[ESTIMATE].of([place])) for place, run in enumerate(found.runs)],
    }


def run_document(run: DisclosedRun, forecast: Forecast) -> Document:
    """One run: what was disclosed, quantiles of its forecast, and where in it the disclosure lies."""
    about = {key: getattr(run, key) for key in ("id", "model", "family", "use", "hw_gen", "hours_basis", "gpu_hours_disclosed")}
    return about | forecast_document(run, forecast)


def place_document(identifier: str, registry: Registry) -> Document | None:
    """Where one of the project's runs lies in the forecast of each method; None where it is not among them."""
    place = place_of(identifier, registry)
    if place is None:
        return None
    run, forecasts = place
    methods = {name: forecast_document(run, forecast) for name, forecast in forecasts.items()}
    return {"id": run.id, "model": run.model, "gpu_hours_disclosed": run.gpu_hours_disclosed, **methods}


def forecast_document(run: DisclosedRun, forecast: Forecast) -> Document:
    """Quantiles of the forecast of one run, and the share of it below the disclosed hours."""
    quantiles = {name: float(forecast.quantile(share)[0]) for name, share in QUANTILES.items()}
    return quantiles | {"percentile": float(forecast.percentile(run.gpu_hours_disclosed)[0])}
