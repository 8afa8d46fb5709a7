"""A limit of time: a command that takes longer stops and says so."""

from __future__ import annotations

import signal
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from model.errors import CostclaimError, InputError

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

DEFAULT = 3600.0  # seconds
LONGEST = 1e8  # seconds: three years
SOON, AGAIN = 0.01, 1.0  # seconds until a stop is asked for once more: out of a finaliser, and should something have swallowed it
UNLIMITED = ("sweep", "dashboard")  # unless they are asked to stop


class TimeLimitError(CostclaimError):
    """The time is over (exit status 1); what a sweep has finished is whole."""

    exit_status = 1

    def __init__(self, seconds: float) -> None:
        mend = "Ask for less, or set another limit: costclaim --time-limit SECONDS, 0 for none. A sweep goes on with --resume."
        super().__init__(f"Stopped at the limit of time, {seconds:g} s. {mend}")


def seconds_of(text: str | None) -> float | None:
    """A limit as it is typed; None for none given.

    Raises
    ------
    InputError
        It is no number of seconds that a clock could be set to.
    """
    try:
        seconds = None if text is None else float(text)
    except ValueError:
        seconds = -1.0
    if seconds is None or 0.0 <= seconds <= LONGEST:
        return seconds
    raise InputError("--time-limit", f'"{text}" is no number of seconds.', f"Write 0 to {LONGEST:,.0f}; 0 is for no limit.")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let what stands inside take so many seconds, 0 for any number; no limit where the system has no such clock.

    Raises
    ------
    TimeLimitError
        It took longer.
    """
    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_: int, frame: FrameType | None) -> None:
        if _finalises(frame):
            signal.setitimer(signal.ITIMER_REAL, SOON, AGAIN)
            return
        raise TimeLimitError(seconds)

    def ignored(what: UnraisableHookArgs) -> None:
        if what.exc_type is not TimeLimitError:  # which the clock asks for again
            unraisable(what)

    before, unraisable = signal.signal(signal.SIGALRM, stop), sys.unraisablehook
    sys.unraisablehook = ignored
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = unraisable


def _finalises(frame: FrameType | None) -> bool:
    """Whether an object is being finalised: an error that is raised there is swallowed."""
    while frame is not None:
        if frame.f_code.co_name == "__del__" or frame.f_code.co_filename == weakref.__file__:
            return True
        frame = frame.f_back
    return False
