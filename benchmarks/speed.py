"""Time to a given error, throughput and memory, against plain NumPy and squigglepy."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count

from benchmarks import plain_numpy, plain_squigglepy
from benchmarks.accuracy import draws_for, errors, probability
from benchmarks.table import Row, at_least, at_most, median, root_mean_square, seconds
from model.sampling import SCRAMBLES, points_per_scramble

SEEDS = 60
ROUNDS = 21
REPEATS = 9  # of the short run in a round, each with a seed of its own
LONG_ROUNDS = 3
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
            "ours": lambda: [probability(coarse, fresh_seed()) for _ in range(REPEATS)],
            "numpy": lambda: plain_numpy.plain_probability(many, fresh_seed()),
            "tuned": lambda: plain_numpy.programme_probability(many, fresh_seed()),
            "squigglepy": lambda: plain_squigglepy.programme_probability(many, fresh_seed()),
        },
        ROUNDS,
    )
    short["ours"] = [time / REPEATS for time in short["ours"]]
    long = interleaved(
        {
            "ours": lambda: [probability(fine, fresh_seed()) for _ in range(REPEATS)],
            "numpy": lambda: plain_numpy.plain_probability(most, fresh_seed()),
        },
        LONG_ROUNDS,
    )
    plain_ms = ", ".join(f"{1e3 * median(short[name]):.1f}" for name in ("numpy", "squigglepy"))
    long["ours"] = [time / REPEATS for time in long["ours"]]
    return [
        Row("0.1 points: ours", f"{1e3 * median(short['ours']):.2f} ms at {coarse:,} points"),
        Row("0.1 points: NumPy, squigglepy", f"{plain_ms} ms, {many:,} draws"),
        at_least("0.1 points: NumPy's time over ours", ratio(short["numpy"], short["ours"]), 30),
        Row("0.1 points: tuned NumPy's time over ours", f"{ratio(short['tuned'], short['ours']):.3g}"),
        at_least("0.1 points: squigglepy's time over ours", ratio(short["squigglepy"], short["ours"]), 15),
        Row("0.01 points: ours", f"{1e3 * median(long['ours']):.2f} ms at {fine:,} points"),
        Row("0.01 points: NumPy", f"{median(long['numpy']):.2f} s, {most:,} draws"),
        at_least("0.01 points: NumPy's time over ours", ratio(long["numpy"], long["ours"]), 500),
    ]


def throughput_rows() -> list[Row]:
    """Points per second at 10^7 points, and peak memory. Tuned NumPy draws for one route a point and answers one figure alone."""
    used = SCRAMBLES * points_per_scramble(LONG_RUN)
    times = interleaved(
        {
            "ours": lambda: probability(used, fresh_seed()),
            "one": lambda: plain_numpy.plain_probability(LONG_RUN, fresh_seed(), 1),
            "two": lambda: plain_numpy.plain_probability(LONG_RUN, fresh_seed(), 2),
            "tuned": lambda: plain_numpy.programme_probability(LONG_RUN, fresh_seed(), 2),
        },
        LONG_ROUNDS,
    )
    rates = {name: (used if name == "ours" else LONG_RUN) / median(own) / 1e6 for name, own in times.items()}
    gain = used / LONG_RUN
    memory = [peak_memory(points) for points in (10**6, 10**7, 10**8)]
    return [
        Row("million points a second: ours; NumPy, 1 and 2 threads; tuned NumPy", ", ".join(f"{rate:.2f}" for rate in rates.values())),
        at_least("throughput over NumPy's on 2 threads", gain * ratio(times["two"], times["ours"]), 2),
        Row("throughput over NumPy's on 1 thread", f"{gain * ratio(times['one'], times['ours']):.3g}"),
        Row("throughput over tuned NumPy's on 2 threads", f"{gain * ratio(times['tuned'], times['ours']):.3g}"),
        at_most("peak memory at 10^6, 10^7, 10^8 points, MiB", max(memory), MEMORY_MIB, f" ({', '.join(f'{m:.0f}' for m in memory)})"),
        at_most("largest of these over smallest (flat)", max(memory) / min(memory), FLAT),
    ]


def peak_memory(points: int) -> float:
    """Peak resident memory of a fresh process that makes one run, in MiB."""
    command = [sys.executable, "-c", MEMORY_PROGRAM, str(points)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
