"""The folder of a sweep: a manifest, one Parquet file a block, and a lock, so that it can be left and taken up at any instant."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from model import __version__
from model.errors import CostclaimError, InputError
from model.results import MANIFEST
from model.sweep.blocks import block_key

ROWS, LOCK, PARTIAL = "rows", ".lock", ".partial"


class StorageError(CostclaimError):
    """The disk did not take what was written to it; what is there is whole, and the sweep can be resumed (exit status 1)."""

    exit_status = 1


@dataclass(frozen=True)
class Block:
    """A range of scenarios and the file of its rows."""

    start: int
    stop: int
    file: Path


@dataclass(frozen=True)
class Folder:
    """Where the results of one sweep stand."""

    path: Path
    sweep_json: str
    total: int
    size: int
    data: str

    def blocks(self) -> Iterator[Block]:
        """Every block in order; they are cut as they are asked for."""
        for start in range(0, self.total, self.size):
            stop = min(start + self.size, self.total)
            key = block_key(self.sweep_json, start, stop, self.data)
            yield Block(start, stop, self.path / ROWS / f"{start:012d}-{key}.parquet")

    def missing(self) -> Iterator[Block]:
        """Blocks whose file is not there."""
        return (block for block in self.blocks() if not block.file.exists())

    @property
    def manifest(self) -> str:
        """What the results were computed with; no time of day, so that equal sweeps have equal folders."""
        content = {
            "kind": "sweep",
            "engine": __version__,
            "registry_sha256": self.data,
            "combinations": self.total,
            "block": self.size,
            "sweep": json.loads(self.sweep_json),
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    def store(self, block: Block, content: bytes) -> None:
        """Write a block as a whole or not at all.

        Raises
        ------
        StorageError
            The disk is full, or cannot be written.
        """
        write_whole(block.file, content)


def write_whole(file: Path, content: bytes) -> None:
    """Write a file beside its place, and move it there once it is on the disk."""
    partial = file.with_name(f"{file.name}{PARTIAL}")
    try:
        with partial.open("wb") as sink:
            sink.write(content)
            sink.flush()
            os.fsync(sink.fileno())
        partial.replace(file)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise StorageError(
            f"{file}: could not be written ({error.strerror}). What was finished is whole: make room, then run again with --resume."
        ) from None


@contextmanager
def opened(folder: Folder, *, resume: bool) -> Iterator[None]:
    """Hold a folder for one sweep, its manifest written.

    Raises
    ------
    InputError
        It holds something else, or results and ``resume`` is not asked for, or another sweep writes to it.
    StorageError
        It cannot be written.
    """
    manifest = folder.path / MANIFEST
    try:
        _same_sweep(folder, manifest, resume=resume)  # before anything is put into a folder of others
        (folder.path / ROWS).mkdir(parents=True, exist_ok=True)
        lock = (folder.path / LOCK).open("a+b")
    except OSError as error:
        raise InputError(str(folder.path), f"cannot be written: {error.strerror}.", "Name a folder that you may write to.") from None
    with lock:
        if not _locked(lock):
            raise InputError(str(folder.path), "another sweep is writing here.", "Wait for it, or name another folder.")
        _same_sweep(folder, manifest, resume=resume)  # another sweep may have come first
        for left in (folder.path / ROWS).glob(f"*{PARTIAL}"):
            left.unlink()
        if not manifest.exists():
            write_whole(manifest, folder.manifest.encode())
        yield


def _same_sweep(folder: Folder, manifest: Path, *, resume: bool) -> None:
    if not manifest.exists():
        there = folder.path.iterdir() if folder.path.is_dir() else ()
        found = sorted(path.name for path in there if path.name not in (ROWS, LOCK) and not path.name.endswith(PARTIAL))
        if found:
            raise InputError(str(folder.path), f'holds "{found[0]}".', "Name a new or empty folder.")
    elif not resume:
        raise InputError(str(folder.path), "already holds results.", "Go on with --resume, or name a new folder.")
    elif manifest.read_bytes() != folder.manifest.encode():
        accepted = "Resume with the same sweep file, engine, data and --block, or name a new folder."
        raise InputError(str(folder.path), "holds results of another sweep or version.", accepted)


def _locked(lock: IO[bytes]) -> bool:
    """Take the lock of an open file; the system gives it back when the process ends, however it ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
