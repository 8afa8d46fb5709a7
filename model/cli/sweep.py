"""Commands for scripted runs at scale: sweep, query."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.cli.options import Output, output_options
from model.errors import need

if TYPE_CHECKING:
    from model.sweep.runner import Done
    from model.sweep.trial import Trial

DEFAULT_BLOCK = 64


@click.command()
@click.argument("sweep_file", metavar="SWEEP")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder of the results.")
@click.option("--scheduler", metavar="ADDRESS", help="Dask scheduler to run on, such as tcp://10.0.0.5:8786.")
@click.option("--workers", type=click.IntRange(1, 4096), help="Processes on this machine; all cores when not given.")
@click.option("--block", type=click.IntRange(1, 1_000_000), default=DEFAULT_BLOCK, show_default=True, help="Scenarios a block.")
@click.option("--resume", is_flag=True, help="Go on with a folder that holds results.")
@click.option("--dry-run", is_flag=True, help="Print the count, the time and the disk that it would take; compute a few scenarios only.")
@output_options
def sweep(
    *,
    sweep_file: str,
    out: Path | None,
    scheduler: str | None,
    workers: int | None,
    block: int,
    resume: bool,
    dry_run: bool,
    output: Output,
) -> None:
    """Run many scenarios from crossed factors.

    SWEEP is a TOML file or the id of one of ours, such as example.
    """
    need("pyarrow", "sweep")
    from model.sweep import blocks, design, folder, runner, trial

    registry = blocks.own_registry()
    asked = design.read_sweep(sweep_file, registry)
    whole = design.check_sweep(asked, registry)
    cores = workers or os.cpu_count() or 1
    if dry_run:
        _print_trial(trial.tried(whole, cores), output)
        return
    if out is None:
        raise click.UsageError("Name the folder of the results: --out DIR.")
    own = folder.Folder(out, asked.model_dump_json(), whole.total, block, registry.sha256)
    with folder.opened(own, resume=resume), _progress(own, output) as done:
        runner.run_blocks(own, workers=cores, scheduler=scheduler, done=done)
    count = len(list((out / folder.ROWS).glob("*.parquet")))
    document = {"folder": str(out), "combinations": whole.total, "blocks": count, "registry_sha256": registry.sha256}
    output.rows([document], document)


def _print_trial(found: Trial, output: Output) -> None:
    document = vars(found)
    if not output.is_plain:
        output.rows([document], document)
        return
    output.say("{scenarios:number9} scenarios of {combinations:number9} combinations.", **document)
    output.say("Some {seconds:number2} s with {workers} workers, and {mib:number2} MiB.", **document)


@contextmanager
def _progress(own: object, output: Output) -> Iterator[Done]:
    """A line with rate and time left on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from model.sweep.folder import Block, Folder

    assert isinstance(own, Folder)
    if not sys.stderr.isatty():
        yield lambda _block: None
        return
    present = sum(1 for block in own.blocks() if block.file.exists()) * own.size
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    begun, here = time.monotonic(), 0
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=own.total, completed=min(present, own.total), rate="")

        def done(block: Block) -> None:
            nonlocal here
            here += block.stop - block.start
            rate = output.language.fill("{rate:number3}/s", {"rate": here / (time.monotonic() - begun)})
            bar.update(task, advance=block.stop - block.start, rate=rate)

        yield done


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("sql", metavar="SQL")
@output_options
def query(*, folder: Path, sql: str, output: Output) -> None:
    """Ask the results of a sweep in SQL; the table is called results."""
    from model.sweep.query import query as ask

    columns, found = ask(folder, sql)
    rows = [dict(zip(columns, map(_known, row), strict=True)) for row in found]
    output.rows(rows, rows)


def _known(value: object) -> object:
    """A cell; what is no finite number is empty, as JSON has no word for it. Keys of a map are texts."""
    if isinstance(value, dict):
        return {str(key): _known(own) for key, own in value.items()}
    if isinstance(value, list | tuple):
        return [_known(own) for own in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
