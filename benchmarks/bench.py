"""Measured figures against their targets, from one run on one machine: ``python -m benchmarks.bench``.

Contenders take turns, so that a busy machine slows all of them; a ratio is the median over the rounds. Every round has seeds of its
own, so that no result is read back. What is kept between rounds: the registry, and tables that depend on distributions alone.
"""

from __future__ import annotations

import argparse
import os
import sys

import numpy as np
import scipy

from benchmarks import accuracy, believe, dashboard, process, programme, speed, sweep, tables, track_record, update, why
from benchmarks.table import Row, printed


def main() -> None:
    """Run every part, or those named on the command line, and print one table."""
    parts = {
        "accuracy": accuracy.rows,
        "speed": speed.rows,
        "throughput": speed.throughput_rows,
        "process": process.rows,
        "programme": programme.rows,
        "why": why.rows,
        "sweep": sweep.rows,
        "dashboard": dashboard.rows,
        "track_record": track_record.rows,
        "tables": tables.rows,
        "believe": believe.rows,
        "update": update.rows,
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", choices=[[], *parts], help="parts to run; all when none is named")
    asked = parser.parse_args().part or list(parts)
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, SciPy {scipy.__version__}, {os.cpu_count()} processors")
    rows: list[Row] = []
    for part in asked:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        rows += parts[part]()
    print(printed(rows))


if __name__ == "__main__":
    main()
