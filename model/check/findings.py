"""What every check of the assumptions is written with: entries with their place, and problems with names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from model.errors import InputError, UnknownNameError
from model.registry import Registry
from model.schema.assumption import Parameter
from model.schema.base import Entry
from model.schema.claim import Claim
from model.schema.kinds import FOLDERS

Problems = Iterator[InputError]


def entries(registry: Registry, kind: str) -> Iterator[tuple[str, Entry]]:
    """Entries of one kind with their place."""
    return ((item.file if kind in FOLDERS else f"{item.file}: {kind} {name}", item.entry) for name, item in registry.located(kind).items())


def parameters(registry: Registry) -> Iterator[tuple[str, Parameter]]:
    """Parameters with their place."""
    return ((where, entry) for where, entry in entries(registry, "parameter") if isinstance(entry, Parameter))


def claims_of(registry: Registry) -> Iterator[tuple[str, Claim]]:
    """Claims with their file."""
    return ((item.file, item.entry) for item in registry.located("claims").values() if isinstance(item.entry, Claim))


def known(where: str, kind: str, names: Iterable[str], accepted: Iterable[str]) -> Problems:
    """One problem for each name that is not among the accepted ones."""
    among = tuple(accepted)
    return (UnknownNameError(where, kind, name, among) for name in names if name not in among)


def raised(call: Callable[[], object], where: str = "") -> Problems:
    """The problem that a call raises, placed in its file."""
    try:
        call()
    except InputError as error:
        yield error.at(f"{where}: {error.where}") if where else error
