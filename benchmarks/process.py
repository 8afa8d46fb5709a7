"""Start to end of a whole audit, against the mere import of scipy.stats."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from benchmarks.table import Row, at_most, median, seconds

PAIRS = 15
CLAIM = "deepseek-v3-5.576m"


def command() -> tuple[str, list[str]]:
    """What is timed, and its words; before there is a command line, one run of the default scenario."""
    if importlib.util.find_spec("model.cli.main"):
        return f"costclaim audit {CLAIM}", ["-m", "model.cli.main", "audit", CLAIM]
    return "one run of the default scenario", ["-c", "from model.engine import run; run()"]


def start_to_end(words: list[str]) -> float:
    """Seconds of a fresh interpreter."""
    return seconds(lambda: subprocess.run([sys.executable, *words], check=True, capture_output=True))


def rows() -> list[Row]:
    """Median over interleaved pairs."""
    name, words = command()
    pairs = [(start_to_end(words), start_to_end(["-c", "import scipy.stats"])) for _ in range(PAIRS + 1)][1:]
    ours, yardstick = (median(times) for times in zip(*pairs, strict=True))
    return [
        Row(f"{name}, start to end; import scipy.stats", f"{1e3 * ours:.0f}, {1e3 * yardstick:.0f} ms"),
        at_most("median ratio", median([a / b for a, b in pairs]), 1),
    ]
