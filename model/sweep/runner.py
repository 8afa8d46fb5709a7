"""Works through the blocks of a sweep: on this machine's cores or on a Dask cluster, a few blocks ahead and no more."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from typing import Any

from model.errors import InputError, need
from model.sweep.blocks import compute_block, own_registry
from model.sweep.folder import Block, Folder, StorageError

AHEAD = 3  # blocks in hand for each worker
ATTEMPTS = 3  # of a block whose worker was lost
PATIENCE = 10  # seconds until a scheduler that does not answer is given up
ADDRESS = re.compile(r"^(?:(?:tcp|tls|wss?)://)?(?:\[[0-9a-fA-F:]+\]|[^/:\s]+):\d{1,5}$")
Done = Callable[[Block], None]


def run_blocks(folder: Folder, *, workers: int, scheduler: str | None, done: Done) -> None:
    """Compute and store every block that is missing.

    Raises
    ------
    StorageError
        The disk did not take a block, or workers were lost again and again.
    InputError
        The scheduler cannot be reached, or has other assumptions.
    """
    blocks = folder.missing()
    if scheduler:
        _on_cluster(folder, blocks, scheduler, done)
    elif workers == 1:
        for block in blocks:
            folder.store(block, compute_block(folder.sweep_json, block.start, block.stop))
            done(block)
    else:
        _on_cores(folder, blocks, workers, done)


def _on_cores(folder: Folder, blocks: Iterator[Block], workers: int, done: Done) -> None:
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_worker)
    try:
        _through(pool, folder, blocks, AHEAD * workers, done)
    except BrokenProcessPool:
        raise StorageError("A worker was lost. What was finished is whole: run again with --resume.") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _through(pool: Executor, folder: Folder, blocks: Iterator[Block], ahead: int, done: Done) -> None:
    running: dict[Future[bytes], Block] = {}
    for block in _then_end(blocks):
        if block is not None:
            running[pool.submit(compute_block, folder.sweep_json, block.start, block.stop)] = block
        while running and (block is None or len(running) >= ahead):
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                finished = running.pop(future)
                folder.store(finished, future.result())
                done(finished)


def _then_end(blocks: Iterable[Block]) -> Iterator[Block | None]:
    yield from blocks
    yield None


def _worker() -> None:
    """A worker reads the assumptions once, and ends with its parent, however that ends."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (wait_for([parent.sentinel]), os._exit(1)), daemon=True).start()
    own_registry()


def _on_cluster(folder: Folder, blocks: Iterator[Block], address: str, done: Done) -> None:
    need("distributed", "sweep")
    from distributed import Client

    if not ADDRESS.match(address):
        raise InputError("--scheduler", f'"{address}" is no address.', "Write HOST:PORT or tcp://HOST:PORT.")
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError("--scheduler", f'"{address}" does not answer ({type(error).__name__}).', "Name a running scheduler.") from None
    with client:
        _same_data(client, folder)
        _through_cluster(client, folder, blocks, done)


def _same_data(client: Any, folder: Folder) -> None:
    """Workers read their own copy of the assumptions: it has to be this one."""
    found = set(client.run(_data_version).values())
    if found - {folder.data}:
        raise InputError("--scheduler", "its workers have other assumptions than this machine.", "Install the same version there.")


def _data_version() -> str:
    return own_registry().sha256


def _through_cluster(client: Any, folder: Folder, blocks: Iterator[Block], done: Done) -> None:
    from distributed import as_completed

    ahead = AHEAD * max(1, len(client.ncores()))
    running: dict[Any, Block] = {}
    queue = as_completed(loop=client.loop)

    def submit() -> None:
        if (block := next(blocks, None)) is not None:
            future = client.submit(compute_block, folder.sweep_json, block.start, block.stop, retries=ATTEMPTS, pure=False)
            running[future.key] = block
            queue.add(future)

    for _ in range(ahead):
        submit()
    for future in queue:
        finished = running.pop(future.key)
        folder.store(finished, future.result())
        done(finished)
        submit()
