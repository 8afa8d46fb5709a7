"""A million rows of runs checked, against Polars reading the same file as text."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.speed import interleaved, ratio
from benchmarks.table import Row, at_most, median
from model.claims.table_checks import check_table
from model.registry import load_registry

ROWS = 1_000_000
ROUNDS = 5
CHIPS = {"NVIDIA A100 SXM4 40 GB": 312e12, "NVIDIA H100 SXM5": 989.4e12, "NVIDIA H800 SXM5": 989.4e12, "Google TPU v4": 275e12}
COMMAND = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run([sys.executable, "-m", "model.cli.main", "check-table", sys.argv[1], "--json"], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def write_runs(file: Path) -> None:
    """Runs whose figures agree, but for one cost in a hundred, which is a thousand times too small."""
    rng = np.random.default_rng(1)
    chip, gpus = rng.choice(list(CHIPS), ROWS), rng.choice([64.0, 512.0, 2048.0], ROWS)
    hours, parameters = np.round(rng.uniform(100.0, 3000.0, ROWS), 1), rng.choice([7e9, 13e9, 70e9], ROWS)
    flop = gpus * hours * 3600.0 * np.array([CHIPS[name] for name in chip]) * rng.uniform(0.2, 0.5, ROWS)
    price = np.round(rng.uniform(1.8, 2.4, ROWS), 2)
    columns = {
        "name": [f"run {i}" for i in range(ROWS)],
        "date": rng.choice(["2023-07-18", "2024-06-15", "2024-12-26"], ROWS),
        "chip": chip,
        "gpus": gpus,
        "hours": hours,
        "gpu_hours": gpus * hours,
        "parameters": parameters,
        "tokens": flop / (6.0 * parameters),
        "flop": flop,
        "price_usd_per_gpu_hour": price,
        "cost_usd": gpus * hours * price * np.where(rng.random(ROWS) < 0.01, 1e-3, 1.0),
    }
    pl.DataFrame(columns).write_csv(file)


def rows() -> list[Row]:
    """Time and memory of the command, and its ratio to reading alone, in one process."""
    registry = load_registry()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs.csv"
        write_runs(file)
        times = interleaved(
            {"ours": lambda: check_table(file, registry=registry), "text": lambda: pl.read_csv(file, infer_schema=False)}, ROUNDS
        )
        ran = subprocess.run([sys.executable, "-c", COMMAND, str(file)], check=True, capture_output=True, text=True)
    seconds, memory = map(float, ran.stdout.split())
    return [
        Row("a million rows checked; read as text", f"{median(times['ours']):.2f}, {median(times['text']):.2f} s"),
        at_most("check-table over Polars reading text", ratio(times["ours"], times["text"]), 4),
        at_most("check-table --json, start to end, s", seconds, 6),
        at_most("its peak memory, MiB", memory, 1536),
    ]
