"""A run as a folder: manifest (what it was computed with), summary (what came out) and, if asked for, its draws."""

from __future__ import annotations

import io
import json
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from model import __version__
from model.distributions import Array, Fixed
from model.engine import Run
from model.errors import InputError, RefusedError, need
from model.graph import node_name
from model.registry import Registry, parse_entry
from model.sampling import SCRAMBLES
from model.schema.base import Entry, Identifier
from model.schema.scenario import Scenario

MANIFEST, SUMMARY, DRAWS = "manifest.json", "summary.json", "draws.parquet"
LARGEST_MANIFEST = 1_000_000  # bytes


class Request(Entry):
    """All that a run was asked for, so that it can be asked for again: a scenario that stands on no other, and a subject."""

    scenario: Scenario
    subject: Identifier


def request_of(run: Run) -> Request:
    """What a run was asked for."""
    setting = run.setting
    alone = Scenario(
        id=setting.scenario,
        label=setting.label,
        description="As computed: every change from the assumptions, in order.",
        points=setting.points,
        seed=setting.seed,
        correlations=setting.correlation_sets,
        overrides=setting.overrides,
    )
    return Request(scenario=alone, subject=run.subject.id)


def write_run(run: Run, document: dict[str, Any], folder: Path, *, with_draws: bool = False) -> None:
    """Write a run folder.

    Raises
    ------
    InputError
        The folder already holds something, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(str(folder), "already holds files.", "Name a new folder.")
        manifest = {key: document[key] for key in document if key not in ("scopes", "side")}
        manifest["request"] = request_of(run).model_dump(mode="json")
        manifest["platform"] = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
        manifest["distributions"] = {name: repr(value) for name, value in run.setting.distributions.items()}
        for name, content in ((MANIFEST, manifest), (SUMMARY, document)):
            (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        if with_draws:
            (folder / DRAWS).write_bytes(draws_parquet(run))
    except OSError as error:
        raise InputError(str(folder), f"cannot be written: {error.strerror}.", "Name a folder that you may write to.") from None


def read_request(path: Path, registry: Registry) -> Request:
    """What the run of a manifest was asked for.

    Raises
    ------
    InputError, CheckFailed
        No such file, or it is no manifest of a run.
    RefusedError
        Another engine or other data made it, so that its figures cannot come out again.
    """
    file = path / MANIFEST if path.is_dir() else path
    if not file.is_file():
        raise InputError(str(path), "holds no manifest.", "Name the folder of a run, or its manifest.json.")
    if file.stat().st_size > LARGEST_MANIFEST:
        raise InputError(str(file), "is too large for a manifest.", f"At most {LARGEST_MANIFEST:,} bytes.")
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(str(file), f"is not JSON: {error}.", "Name a manifest that costclaim run --out wrote.") from None
    if not isinstance(content, dict) or "request" not in content:
        raise InputError(str(file), "is no manifest of a run.", "Name a manifest that costclaim run --out wrote.")
    made = (content.get("engine"), content.get("registry_sha256"))
    if made != (__version__, registry.sha256):
        raise RefusedError(
            f"{file}: made by engine {made[0]} with data {str(made[1])[:12]}; here are {__version__} and {registry.sha256[:12]}, "
            "so that its figures cannot come out again. Install that version, or run the scenario anew."
        )
    return parse_entry(str(file), content["request"], Request)


def draws_parquet(run: Run) -> bytes:
    """Draws of every uncertain assumption in use and of the cost in each scope by each route, a row a point, as Parquet."""
    need("pyarrow", "sweep")
    import pyarrow as pa
    from pyarrow import parquet

    columns = {name: np.asarray(values).ravel() for name, values in _drawn(run)}
    first = next(iter(columns.values())).size // SCRAMBLES
    known = {"engine": __version__, "registry_sha256": run.registry.sha256, "scenario": run.setting.scenario, "unit": "USD for scopes"}
    table = pa.table({"scramble": np.repeat(np.arange(SCRAMBLES), first), **columns}).replace_schema_metadata(known)
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _drawn(run: Run) -> Iterator[tuple[str, Array]]:
    for name, distribution in run.setting.distributions.items():
        if not isinstance(distribution, Fixed) and run.has_effect(name) and node_name(name) in run.system.parameter_of:
            yield name, run.draws(node_name(name))
    for scope, estimate in run.scopes.items():
        for route in estimate.routes:
            yield f"{scope}[{route.id}]" if route.id else scope, run.draws(scope, route.id)
