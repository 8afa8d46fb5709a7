"""A block of scenarios -> rows -> the bytes of a Parquet file, the same bytes wherever and whenever it is computed."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from typing import Any

from model import __version__
from model.auditor.audit import amount_against, run_for
from model.auditor.stated import part_nearest
from model.errors import CostclaimError
from model.estimate import ScopeEstimate
from model.registry import Registry, load_registry
from model.routes import SCOPE_NODES
from model.schema.claim import Amount
from model.sweep.design import FIGURES, QUANTILES, Combinations, Point, combinations

Row = dict[str, Any]


@cache
def own_registry() -> Registry:
    """The assumptions of this process, read once."""
    return load_registry()


def block_key(sweep_json: str, start: int, stop: int, data: str) -> str:
    """What a block is: sweep, range, engine and data; the name of its file follows from it."""
    return hashlib.sha256("\n".join((sweep_json, str(start), str(stop), __version__, data)).encode()).hexdigest()[:16]


def compute_block(sweep_json: str, start: int, stop: int) -> bytes:
    """One block as a Parquet file."""
    import pyarrow as pa
    from pyarrow import parquet

    whole, registry = combinations(sweep_json), own_registry()
    rows = [row for point in whole.points(start, stop) for row in rows_of(whole, point, registry)]
    table = pa.Table.from_pylist(rows, schema=schema_of(whole, registry))
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def schema_of(whole: Combinations, registry: Registry) -> Any:
    """Columns of the results, with what they were computed with as metadata."""
    import pyarrow as pa

    inputs = [pa.field(column, pa.float64() if f.numeric else pa.string()) for f in whole.factors for column in f.columns]
    fixed = [pa.field("number", pa.int64()), *inputs, pa.field("scope", pa.string()), pa.field("reason", pa.string())]
    figures = [pa.field(name, pa.float64(), metadata={"unit": _unit(name)}) for name in FIGURES]
    tail = [pa.field("price_year", pa.int32()), pa.field("points", pa.int64()), pa.field("seed", pa.int64())]
    known = {"engine": __version__, "registry_sha256": registry.sha256, "sweep": whole.sweep.id}
    return pa.schema([*fixed, *figures, *tail], metadata=known)


def _unit(name: str) -> str:
    return "1" if name.startswith("probability") else "USD"


def rows_of(whole: Combinations, point: Point, registry: Registry) -> list[Row]:
    """One row for each scope of a scenario; where it cannot be computed, the reason stands in it."""
    sweep, claim = whole.sweep, registry.claim(point.claim)
    scopes = sweep.scopes or tuple(SCOPE_NODES)
    head = {"number": point.number, **point.inputs, "points": sweep.points, "seed": sweep.seed}
    try:
        found = run_for(claim, point.scenario, registry, changes=point.changes, points=sweep.points, seed=sweep.seed, scopes=scopes)
    except CostclaimError as error:
        return [head | {"scope": scope, "reason": str(error)} for scope in scopes]
    rows = []
    for scope in scopes:
        estimate = found.scopes[scope]
        row = head | {"scope": scope, "reason": estimate.reason, "price_year": estimate.price_year, "points": found.points}
        rows.append(row | (_figures(estimate, amount_against(claim, scope, registry)) if estimate.routes else {}))
    return rows


def _figures(estimate: ScopeEstimate, stated: Amount | None) -> Row:
    """Quantiles with their errors, and the probability of the amount that is set against them."""
    amount = [] if stated is None else [part_nearest(stated, float(estimate.quantile(0.5)))]
    told = estimate.figures(list(QUANTILES.values()), amount)
    errors = dict(zip(QUANTILES, map(float, told.quantile_errors), strict=True))
    figures: Row = dict(zip(QUANTILES, map(float, told.quantiles), strict=True))
    figures |= {f"{name}_error": errors[name] for name in ("p05", "p50", "p95")}
    for usd, probability, error in zip(amount, told.probabilities, told.probability_errors, strict=True):
        figures |= {"amount_usd": usd, "probability_at_most_claim": float(probability), "probability_error": float(error)}
    return figures
