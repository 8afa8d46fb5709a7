"""A limit of time stops whatever runs, in Python or in a library, and says so; nothing of it is left behind."""

from __future__ import annotations

import gc
import signal
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from model.cli.main import costclaim
from model.cli.time_limit import TimeLimitError, time_limit
from model.errors import InputError
from model.registry import Registry
from model.sweep import runner
from model.sweep.blocks import compute_block

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no interval timer; commands have no limit there")

SWEEP = """
id = "short"
label = "Short"
description = "Two blocks of one scenario."
claims = ["deepseek-v3-5.576m"]
scenarios = ["zheng", "owner"]
scopes = ["final_run"]
points = 64
"""
CROSSED = "SELECT max(a.range * b.range) FROM range(1000000000) a, range(100000) b"  # hours of DuckDB


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "short.toml"
    path.write_text(SWEEP)
    return path


def called(*words: str, **environment: str) -> BaseException | None:
    """What a command ended with."""
    return CliRunner(env=environment).invoke(costclaim, list(words)).exception


def test_a_command_that_takes_longer_stops(registry: Registry) -> None:
    stopped = called("--time-limit", "1.5", "run", "zheng", "--points", "500000000")
    assert isinstance(stopped, TimeLimitError)
    assert "1.5 s" in str(stopped)
    assert "--time-limit" in str(stopped)
    assert stopped.exit_status == 1


def test_the_environment_sets_it_too() -> None:
    assert isinstance(called("run", "zheng", "--points", "500000000", COSTCLAIM_TIME_LIMIT="1.5"), TimeLimitError)


@pytest.mark.parametrize("limit", ["abc", "-1", "nan", "inf", "1e9", ""])
def test_what_is_no_limit_is_told(limit: str) -> None:
    refused = called("--time-limit", limit, "scopes")
    assert isinstance(refused, InputError)
    assert f'"{limit}" is no number of seconds. Write 0 to 100,000,000' in str(refused)


def test_no_limit_and_a_distant_one_let_a_command_end() -> None:
    assert called("--time-limit", "0", "scopes") is None
    assert called("--time-limit", "500", "scopes") is None
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_system_without_such_a_clock_has_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "setitimer")
    with time_limit(0.01):
        time.sleep(0.05)


def test_what_was_there_before_is_put_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeLimitError), time_limit(0.01):
        time.sleep(5.0)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


class Slow:
    """Takes its time to go."""

    def __del__(self) -> None:
        time.sleep(0.1)


class Broken:
    """Fails as it goes."""

    def __del__(self) -> None:
        _ = 1 / 0


def let_go_of() -> None:
    """Finalise an object, and go on."""
    held = [Slow()]
    held.clear()
    time.sleep(5.0)


def test_a_finaliser_is_not_stopped_but_what_follows_it_is() -> None:
    with pytest.raises(TimeLimitError), time_limit(0.02):
        let_go_of()


def tidied(phase: str, info: dict[str, int]) -> None:
    """Take long over what the interpreter calls by itself, where nobody can catch an error."""
    time.sleep(0.05)


def collected_for(seconds: float) -> None:
    """Collect the garbage for so long and little else, then wait."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        gc.collect(0)
    time.sleep(5.0)


def test_a_stop_inside_the_collector_is_asked_for_again_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: lost.append(what.exc_type))
    gc.callbacks.append(tidied)
    try:
        with pytest.raises(TimeLimitError), time_limit(0.02):
            collected_for(0.2)
    finally:
        gc.callbacks.remove(tidied)
    assert lost == []


def test_other_errors_that_nobody_can_catch_are_still_said(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: lost.append(what.exc_type))
    with time_limit(60.0):
        Broken()
    assert lost == [ZeroDivisionError]


def test_a_sweep_that_is_stopped_goes_on_and_its_query_stops_too(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["sweep", str(file), "--out", str(tmp_path / "out"), "--block", "1", "--workers", "1"]

    def held_up(sweep: str, start: int, stop: int) -> bytes:
        if start:
            time.sleep(60.0)
        return compute_block(sweep, start, stop)

    with monkeypatch.context() as slow:
        slow.setattr(runner, "compute_block", held_up)
        assert isinstance(called("--time-limit", "2", *words), TimeLimitError)
    assert called(*words, "--resume") is None
    assert len(list((tmp_path / "out" / "rows").glob("*.parquet"))) == 2
    assert isinstance(called("--time-limit", "0.3", "query", str(tmp_path / "out"), CROSSED), TimeLimitError)
