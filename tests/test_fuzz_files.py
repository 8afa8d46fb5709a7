"""Whatever stands in a file, a link or a --set: it is taken or refused with a message, never a traceback.

Every parser of what a user hands over is tried with changed copies of good input and with noise, ten seconds each; COSTCLAIM_FUZZ_SECONDS
sets another time. The number of inputs is kept as the property ``inputs`` of the test.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from model.auditor.audit import audit
from model.backtest.runs import own_runs, read_runs
from model.check.files import check
from model.claims.quotations import look_up
from model.claims.reconcile import reconcile
from model.claims.table_checks import check_table
from model.document import provenance
from model.engine import DEFAULT_SUBJECT, run
from model.errors import CostclaimError
from model.permalink import Link, decode, encode
from model.posterior_evidence import load_observation, place
from model.registry import Registry, parse_entry, read_toml
from model.results import read_request, request_of
from model.schema.claim import Claim
from model.setting import load_scenario, resolve
from model.sweep.design import check_sweep, read_sweep
from model.system import System
from model.views.explore import read_scenario
from tests.article_claims import Edited

SECONDS = float(os.environ.get("COSTCLAIM_FUZZ_SECONDS", "10"))
BATCH = 25
ODD = [
    "nan",
    "inf",
    "-1",
    "0",
    "1e308",
    "1e-320",
    "99999999999999999999",
    '""',
    "[]",
    "{}",
    "true",
    "1979-05-27",
    "\0",
    "\ufeff",
    '"""',
    "= =",
    "\u202e",
    "9" * 5000,
    "[" * 3000,
    "{a=" * 2000,
]
Take = Callable[[bytes], object]

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default::RuntimeWarning")]


@st.composite
def changed(draw: st.DrawFn, good: list[bytes]) -> bytes:
    """A copy of good input with a few cuts, doublings, exchanged words and odd values; at times noise."""
    if draw(st.integers(0, 9)) == 0:
        return draw(
            st.binary(max_size=300)
            | st.text(max_size=300)
            .map(
                str.encode,
            )
            .filter(bool)
        )
    content = bytearray(draw(st.sampled_from(good)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        stop = min(len(content), start + draw(st.integers(0, 12)))
        put = draw(st.sampled_from(ODD).map(str.encode) | st.binary(max_size=4) | st.just(bytes(content[start : start + 40])))
        content[start:stop] = put
    return bytes(content)


@st.composite
def revalued(draw: st.DrawFn, good: list[bytes]) -> bytes:
    """A copy of good TOML or CSV in which one line has another value or stands twice, or is gone."""
    lines = draw(st.sampled_from(good)).decode().split("\n")
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        key, sign, value = lines[place].partition("=")
        other = draw(st.sampled_from(ODD) | st.floats().map(repr) | st.integers().map(str) | st.text(max_size=8).map(json.dumps))
        lines[place] = draw(st.sampled_from([key + sign + " " + other, lines[place] + "\n" + lines[place], "", value + sign + key]))
    return "\n".join(lines).encode(errors="replace")


def fuzz(inputs: st.SearchStrategy[bytes], take: Take, record: Callable[[str, object], None]) -> None:
    """Try inputs until the time is over; only the project's own errors may come out."""
    tried, end, number = 0, time.monotonic() + SECONDS, 0

    def one(content: bytes) -> None:
        nonlocal tried
        tried += 1
        with contextlib.suppress(CostclaimError):
            take(content)

    while time.monotonic() < end:
        batch = settings(max_examples=BATCH, derandomize=False, database=None, deadline=None, suppress_health_check=list(HealthCheck))
        seed(number)(batch(given(inputs)(one)))()
        number += 1
    record("inputs", tried)
    assert tried >= min(BATCH, 5 * SECONDS)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes, str], Path]:
    """A file with this content."""

    def written(content: bytes, ending: str = ".toml") -> Path:
        path = tmp_path / f"given{ending}"
        path.write_bytes(content)
        return path

    return written


def texts(registry: Registry, folder: str) -> list[bytes]:
    return [registry.text(name).encode() for name in registry.files if name.startswith(folder)]


def both(good: list[bytes]) -> st.SearchStrategy[bytes]:
    return changed(good) | revalued(good)


def test_scenario_files(registry: Registry, file, record_property) -> None:
    def take(content: bytes) -> None:
        resolve(load_scenario(file(content), registry), registry)
        read_scenario("given.toml", content, registry)

    fuzz(both(texts(registry, "scenarios/")), take, record_property)


def test_folders_of_assumptions(registry: Registry, record_property) -> None:
    """Each input is one file of the folder, its name in front."""

    def take(content: bytes) -> None:
        head, _, text = content.decode(errors="replace").partition("\n")
        name = head.removeprefix("#")
        given = Registry(registry.root, {**own, name if name in registry.files else "settings.toml": text})
        if not check(given).problems:
            run("zheng", registry=given, points=4)

    own = {name: registry.text(name) for name in registry.files}
    good = [f"#{name}\n{registry.text(name)}".encode() for name in registry.files]
    fuzz(both(good), take, record_property)


def test_articles(registry: Registry, tmp_path: Path, record_property) -> None:
    claim = registry.claim("zheng-5.6m")
    quotation = claim.quotation
    assert quotation

    def take(content: bytes) -> None:
        (tmp_path / quotation.article).write_bytes(content)
        own = quotation.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})
        look_up(Edited(registry, claim.model_copy(update={"quotation": own})), tmp_path)

    fuzz(changed([claim.text.encode() * 3]), take, record_property)


def test_claim_files(registry: Registry, record_property) -> None:
    def take(content: bytes) -> None:
        claim = parse_entry("given.toml", read_toml("given.toml", content.decode(errors="replace")), Claim)
        assert audit(claim, registry=registry, points=4).sentence

    fuzz(both(texts(registry, "claims/")), take, record_property)


def test_evidence_files(registry: Registry, file, record_property) -> None:
    system = System(resolve("zheng", registry), registry, registry.subject(DEFAULT_SUBJECT))
    fuzz(both(texts(registry, "evidence/")), lambda content: place(load_observation(file(content), registry), system), record_property)


def test_sweep_files(registry: Registry, file, record_property) -> None:
    good = [text.replace(b"count = 16", b"count = 2").replace(b"count = 11", b"count = 2") for text in texts(registry, "sweeps/")]
    fuzz(both(good), lambda content: check_sweep(read_sweep(file(content), registry), registry), record_property)


def test_files_of_stated_facts(registry: Registry, file, record_property) -> None:
    good = b"""[target]\nvalue = 5576000.0\nunit = "USD"\n[[facts]]\nid = "gpu_hours"\nvalue = 2788000.0\nunit = "gpu_hour"
[[facts]]\nid = "price"\nvalue = 2.0\nunit = "USD/gpu_hour"\n[[facts]]\nid = "gpus"\nvalue = 2048.0\nunit = "gpu"
[[facts]]\nid = "days"\nvalue = 56.7\nunit = "day"\n"""
    fuzz(both([good]), lambda content: reconcile(file(content), registry=registry), record_property)


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_tables(ending: str, registry: Registry, file, tmp_path: Path, record_property) -> None:
    import polars as pl

    example = Path(__file__).parents[1] / "assumptions" / "tables" / "example.csv"
    other = tmp_path / f"good{ending}"
    if ending == ".csv":
        other.write_bytes(example.read_bytes())
    else:
        frame = pl.read_csv(example)
        frame.write_parquet(other) if ending == ".parquet" else frame.write_excel(other)
    inputs = both([other.read_bytes()]) if ending == ".csv" else changed([other.read_bytes()])
    fuzz(inputs, lambda content: check_table(file(content, ending), registry=registry), record_property)


def test_tables_of_disclosed_runs(registry: Registry, file, record_property) -> None:
    known = own_runs(registry)
    names = ["id", "params_active_b", "tokens_t", "gpu_hours_disclosed", "hardware", "peak_bf16_dense_tflops", "year"]
    rows = [[f"run {i}", "7", "2.0", "184320", "A100", "312", "2023"] for i in range(3)]
    good = "\n".join(",".join(row) for row in [names, *rows]).encode()
    fuzz(both([good]), lambda content: read_runs(file(content, ".csv"), known), record_property)


def test_manifests_of_runs(registry: Registry, zheng, file, record_property) -> None:
    good = json.dumps({**provenance(zheng), "request": request_of(zheng).model_dump(mode="json")}, indent=1).encode()

    def take(content: bytes) -> None:
        resolve(read_request(file(content, ".json"), registry).scenario, registry)

    fuzz(changed([good]), take, record_property)


def test_links(registry: Registry, record_property) -> None:
    link = Link(
        "zheng-5.6m", "zheng", (("price.rental", "1.8..2.6"), ("price.basis", "rental")), "project", "0.1.0", "feacbd", (1.0, 2.0, 3.0)
    )
    text = encode(link).encode()
    payload = zlib.decompress(base64.urlsafe_b64decode(text.split(b".")[2] + b"==="))

    def crafted(content: bytes) -> bytes:
        packed = base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")
        return f"1.{hashlib.sha256(packed.encode()).hexdigest()[:10]}.{packed}".encode()

    def take(content: bytes) -> None:
        found = decode(content.decode(errors="replace"))
        resolve(found.scenario, registry, changes=[f"{name}={value}" for name, value in found.changes])
        registry.claim(found.claim)

    assert take(text) is None
    fuzz(changed([text]) | changed([payload]).map(crafted), take, record_property)


def test_changes_on_the_command_line(registry: Registry, record_property) -> None:
    names = [*registry.parameters, *registry.choices, *registry.weights, *registry.components]
    values = [
        "2..4",
        "2.5 USD/gpu_hour",
        "pert(0.03, 0.1, 0.35)",
        "log_normal(p50=2, p95=3)",
        "beta(40, 2.6)",
        "rental",
        "1e6 gpu_hour",
        "3/4",
    ]
    good = [f"{name}={value}".encode() for name in names[::5] for value in values]
    fuzz(changed(good), lambda content: resolve("zheng", registry, changes=[content.decode(errors="replace")]), record_property)
