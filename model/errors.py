"""One tree of errors: every message says where, what was found, what is accepted, and the nearest known name."""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Callable, Iterable, Sequence


class CostclaimError(Exception):
    """Base of every error that a user can cause. ``exit_status`` is what the command line returns."""

    exit_status = 2

    def __reduce__(self) -> tuple[Callable[..., CostclaimError], tuple[object, ...]]:
        """How a worker process hands it on: what it holds, not the words that it was made of."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[CostclaimError], args: tuple[object, ...], held: dict[str, object]) -> CostclaimError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(held)
    return error


class InputError(CostclaimError):
    """The words, a file or a value are wrong (exit status 2)."""

    def __init__(self, where: str, found: str, accepted: str) -> None:
        self.where, self.found, self.accepted = where, found, accepted
        super().__init__(f"{where}: {found} {accepted}".rstrip())

    def at(self, where: str) -> InputError:
        """The same problem at a place that is named more fully."""
        return InputError(where, self.found, self.accepted)


class UnknownNameError(InputError):
    """A name that nothing carries; the message offers the nearest one that does."""

    def __init__(self, where: str, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        super().__init__(where, f'there is no {kind} "{name}".', suggestion(name, self.known))

    def at(self, where: str) -> UnknownNameError:
        """The same problem at a place that is named more fully."""
        return UnknownNameError(where, self.kind, self.name, self.known)


class CheckFailed(CostclaimError):
    """Several problems found at once, in the order of the files they stand in."""

    def __init__(self, problems: Sequence[InputError]) -> None:
        self.problems = tuple(problems)
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''} found."
        self.count = count
        super().__init__("\n".join([*(str(p) for p in problems), count]))


class MissingExtraError(CostclaimError):
    """A part of the program needs a library that is not installed."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f"This needs {library}. Install it with: pip install 'costclaim[{extra}]'.")


def need(library: str, extra: str) -> None:
    """Say how to install an extra whose library is missing.

    Raises
    ------
    MissingExtraError
        The library cannot be found.
    """
    if importlib.util.find_spec(library) is None:
        raise MissingExtraError(library, extra)


class RefusedError(CostclaimError):
    """The question has no honest answer (exit status 3)."""

    exit_status = 3


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, or None."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return matches[0] if matches else None


def suggestion(name: str, known: Iterable[str], limit: int = 12) -> str:
    """A sentence that names the nearest known name, else lists what would do."""
    names = sorted(known)
    if close := nearest(name, names):
        return f'Did you mean "{close}"?'
    if not names:
        return "None is known."
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f"Known: {', '.join(names[:limit])}{more}."
