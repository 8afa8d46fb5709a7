"""Time to a given error, throughput and memory, against plain NumPy and squigglepy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count

from benchmarks import plain_numpy, plain_squigglepy
from benchmarks.accuracy import draws_for, errors, probability
from benchmarks.table import Row, at_least, at_most, median, root_mean_square, seconds
from model.engine import run
from model.sampling import SCRAMBLES, points_per_scramble

SEEDS = 60
ROUNDS = 21
LONG_RUN = 10**7
MEMORY_MIB = 1024.0
FLAT = 1.5  # largest memory over smallest that still counts as flat
MEMORY_PROGRAM = """
import resource, sys
from benchmarks.accuracy import probability
probability(int(sys.argv[1]), 1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""

fresh_seed = count(1_000_000).__next__


def points_for(error: float) -> int:
    """Smallest number of points whose RMS error is at most ``error``."""
    points = 4 * SCRAMBLES
    while root_mean_square(errors(points, range(1, SEEDS + 1))) > error:
        points *= 2
    return points


def interleaved(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each contender, round by round."""
    for work in contenders.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, work in contenders.items():
            times[name].append(seconds(work))
    return times


def ratio(slow: Sequence[float], fast: Sequence[float]) -> float:
    """Median over the rounds of one time over the other."""
    return median([a / b for a, b in zip(slow, fast, strict=True)])


def rows() -> list[Row]:
    """Time to an error of 0.1 and of 0.01 percentage points."""
    coarse, fine = points_for(1e-3), points_for(1e-4)
    many, most = draws_for(1e-3), draws_for(1e-4)
    short = interleaved(
        {
            "ours": lambda: probability(coarse, fresh_seed()),
            "numpy": lambda: plain_numpy.programme_probability(many, fresh_seed()),
            "squigglepy": lambda: plain_squigglepy.programme_probability(many, fresh_seed()),
        },
        ROUNDS,
    )
    long = interleaved(
        {
            "ours": lambda: median([seconds(lambda: probability(fine, fresh_seed())) for _ in range(5)]),
            "numpy": lambda: plain_numpy.programme_probability(most, fresh_seed()),
        },
        3,
    )
    own = [seconds(lambda: probability(fine, fresh_seed())) for _ in range(ROUNDS)]
    return [
        Row("0.1 points: ours", f"{1e3 * median(short['ours']):.2f} ms at {coarse:,} points"),
        Row(
            "0.1 points: NumPy, squigglepy",
            f"{1e3 * median(short['numpy']):.1f}, {1e3 * median(short['squigglepy']):.1f} ms, {many:,} draws",
        ),
        at_least("0.1 points: NumPy's time over ours", ratio(short["numpy"], short["ours"]), 30),
        at_least("0.1 points: squigglepy's time over ours", ratio(short["squigglepy"], short["ours"]), 15),
        Row("0.01 points: ours", f"{1e3 * median(own):.2f} ms at {fine:,} points"),
        Row("0.01 points: NumPy", f"{median(long['numpy']):.2f} s, {most:,} draws"),
        at_least("0.01 points: NumPy's time over ours", median(long["numpy"]) / median(own), 500),
    ]


def rate(points: int, threads: int) -> float:
    """Points per second of one long run on so many threads."""
    used = SCRAMBLES * points_per_scramble(points)
    return used / seconds(lambda: long_run(points, threads))


def long_run(points: int, threads: int) -> None:
    """One long run of ours."""
    del threads
    run("zheng", points=points, seed=fresh_seed(), scopes=["programme"])


def throughput_rows() -> list[Row]:
    """Points per second at 10^7 points, and peak memory."""
    ours: dict[int, list[float]] = {1: [], 2: []}
    plain: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for threads in (1, 2):
            ours[threads].append(rate(LONG_RUN, threads))
            work = seconds(lambda n=threads: plain_numpy.programme_probability(LONG_RUN, fresh_seed(), n))  # type: ignore[misc]
            plain[threads].append(LONG_RUN / work)
    found = [
        Row(f"million points a second, {n} threads: ours, NumPy", f"{median(ours[n]) / 1e6:.2f}, {median(plain[n]) / 1e6:.2f}")
        for n in ours
    ]
    found.append(at_least("throughput over NumPy's, 2 threads each", ratio(ours[2], plain[2]), 2))
    found.append(Row("throughput over NumPy's, 1 thread each", f"{ratio(ours[1], plain[1]):.3g}"))
    memory = {points: peak_memory(points) for points in (10**6, 10**7, 10**8)}
    found.append(
        at_most(
            "peak memory at 10^6, 10^7, 10^8 points, MiB",
            max(memory.values()),
            MEMORY_MIB,
            f" ({', '.join(f'{m:.0f}' for m in memory.values())})",
        )
    )
    found.append(at_most("largest of these over smallest (flat)", max(memory.values()) / min(memory.values()), FLAT))
    return found


def peak_memory(points: int) -> float:
    """Peak resident memory of a fresh process that makes one run, in MiB."""
    command = [sys.executable, "-c", MEMORY_PROGRAM, str(points)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603
