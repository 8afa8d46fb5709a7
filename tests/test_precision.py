"""Precision on demand: points until every printed figure is right within a tolerance."""

from __future__ import annotations

import json

import pytest

from model.cli.main import main
from model.engine import Run, run
from model.errors import InputError, RefusedError
from model.precision import run_within, worst_error
from model.registry import Registry


def test_points_grow_until_the_tolerance_holds_and_no_further(registry: Registry) -> None:
    begun = run("owner", registry=registry, points=256)
    assert worst_error(begun) > 0.01
    found = run_within(0.01, begun)
    assert worst_error(found) <= 0.01
    assert worst_error(run("owner", registry=registry, points=found.points // 4)) > 0.01


def test_scopes_that_were_not_asked_for_cost_no_points(registry: Registry) -> None:
    begun = run("owner", registry=registry, points=256, scopes=["final_run"])
    found = run_within(0.01, begun)
    assert found.points > begun.points
    assert [name for name, own in found.scopes.items() if own.routes] == ["final_run"]


def test_a_tolerance_that_holds_already_costs_nothing(zheng: Run) -> None:
    assert run_within(0.5, zheng) is zheng


def test_a_tolerance_out_of_reach_is_refused_with_what_can_be_had(zheng: Run, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.rules, "headline_points", 4096.0)
    with pytest.raises(RefusedError, match="4,096 points leave"):
        run_within(1e-9, zheng)


@pytest.mark.parametrize("tolerance", [0.0, 1.0, -0.1, float("nan")])
def test_what_is_no_tolerance_is_named(tolerance: float, zheng: Run) -> None:
    with pytest.raises(InputError, match="--tol"):
        run_within(tolerance, zheng)


def test_the_command_says_how_many_points_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    main(["run", "as_reported", "--points", "64", "--tol", "0.02", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["points"] > 64
    assert all(2 * s[f"{q}_error"] <= 0.02 * s[q] for s in told["scopes"] for q in ("p05", "p50", "p95"))
    main(["run", "as_reported", "--points", "64", "--tol", "0.02"])
    printed = capsys.readouterr().out
    assert f"{told['points']:,} points" in printed
    assert "right within 2\u00a0%" in printed.splitlines()[-1]


def test_a_table_prints_fewer_digits_where_the_error_is_large(capsys: pytest.CaptureFixture[str]) -> None:
    def printed(points: str) -> str:
        main(["run", "owner", "--points", points, "--csv"])
        return capsys.readouterr().out

    assert len(printed("16")) < len(printed("65536"))
