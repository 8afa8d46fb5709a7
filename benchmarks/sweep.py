"""Sweeps: ten thousand scenarios, one worker against two, memory against the number of scenarios, and what a cluster costs."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import Row, at_least, at_most, median

STEPS = (10, 10, 10, 10)
PAIRS = 3
SECOND = 100  # scenarios in a block of some second
HEAD = 'label = "Bench"\ndescription = "Bench."\nclaims = ["deepseek-v3-5.576m"]\nscenarios = ["zheng"]\n'
AXES = (("price.claimed", 1.5, 2.5), ("ablations.undisclosed", 1.5, 5.0), ("goodput", 0.88, 0.98), ("data_work", 0.05, 0.3))


def sweep_file(folder: Path, steps: tuple[int, ...]) -> Path:
    """A sweep of the rent, the ablations, goodput and data work."""
    axes = [
        f'[[axes]]\nid = "{name}"\ngrid = {{ low = {low}, high = {high}, count = {n} }}\n'
        for (name, low, high), n in zip(AXES, steps, strict=True)
    ]
    rent = [f'"{1.0 + k / 10:.1f}..{2.5 + k / 10:.1f}"' for k in range(steps[0])]
    axes[0] = f'[[axes]]\nid = "price.rental"\nvalues = [{", ".join(rent)}]\n'
    count = "-".join(map(str, steps))
    path = folder / f"bench-{count}.toml"
    path.write_text(f'id = "bench-{count}"\n{HEAD}{"".join(axes)}')
    return path


def taken(file: Path, folder: Path, *words: str) -> tuple[float, float]:
    """Seconds and peak MiB of one sweep."""
    out = tempfile.mkdtemp(dir=folder)
    program = (
        "import resource, sys; from model.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", program, "sweep", str(file), "--out", out, "--csv", *words]
    begun = time.perf_counter()
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return time.perf_counter() - begun, max(map(float, said.splitlines()[-1].split())) / 1024


def against_a_cluster(file: Path, folder: Path, *words: str) -> list[tuple[float, float]]:
    """Seconds of a sweep in two processes, and on a scheduler and two workers of this machine, in turns."""
    place, quiet = folder / "scheduler.json", {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    module, host = [sys.executable, "-m"], ["--host", "127.0.0.1", "--no-dashboard"]
    processes = [
        subprocess.Popen([*module, "distributed.cli.dask_scheduler", *host, "--port", "0", "--scheduler-file", str(place)], **quiet)
    ]
    try:
        while not place.exists() or not place.read_text().strip():
            time.sleep(0.05)
        address = json.loads(place.read_text())["address"]
        worker = [*module, "distributed.cli.dask_worker", address, *host, "--nthreads", "1", "--no-nanny"]
        processes += [subprocess.Popen(worker, env=os.environ | {"PYTHONPATH": str(Path.cwd())}, **quiet) for _ in range(2)]
        on_it, here = ("--scheduler", address), ("--workers", "2")
        taken(file, folder, *words, *on_it)  # workers read and tabulate once
        return [(taken(file, folder, *words, *here)[0], taken(file, folder, *words, *on_it)[0]) for _ in range(PAIRS)]
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def rows() -> list[Row]:
    """All of it; nothing is kept between sweeps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, part, tiny = (sweep_file(folder, steps) for steps in (STEPS, (10, 10, 10, 2), (2, 2, 2, 2)))
        seconds, large = taken(whole, folder)
        small = taken(part, folder)[1]
        start = median([taken(tiny, folder, "--workers", "2")[0] for _ in range(PAIRS)])
        pairs = [(taken(part, folder, "--workers", "1")[0], taken(part, folder, "--workers", "2")[0]) for _ in range(PAIRS)]
        turns = against_a_cluster(part, folder, "--block", str(SECOND))
    scenarios = STEPS[0] * STEPS[1] * STEPS[2] * STEPS[3]
    return [
        at_most(f"{scenarios:,} scenarios x 4,096 points, all scopes, on {os.cpu_count()} cores", seconds, 60, " s"),
        at_least("one worker's time to two's, median of pairs", median([one / two for one, two in pairs]), 1.6, ""),
        at_most("memory of 10,000 scenarios to 2,000", large / small, 1.1, f"; {large:.0f} MiB a process"),
        at_most(
            f"Dask's time to local processes', blocks of {SECOND}, median of pairs",
            median([(far - start) / (near - start) for near, far in turns]),
            1.1,
            "",
        ),
        Row("peak of this benchmark's children", f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB"),
    ]
