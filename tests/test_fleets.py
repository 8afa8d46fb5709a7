"""Whose fleet: alternatives on an axis of their own, each alone, with who claims and who disputes it."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from model.cli.main import main
from model.engine import Run, run
from model.errors import UnknownNameError
from model.fleets import priced_fleets
from model.registry import Registry
from model.schema.assumption import Fleet
from model.views.update import count_text, fleets_document
from model.wording import LANGUAGES

FLOWS = ("final_run", "run_as_executed", "project", "programme", "programme_with_staff")


def test_each_claim_is_priced_at_its_own_count(registry: Registry, zheng: Run) -> None:
    """All fleets share the price of an H800, so purchases are as their counts, each chip by its price ratio."""
    fixed = {name: registry.parameters[f"fleet.{name}_price_ratio"].distribution.value for name in ("a100", "h100", "h20")}
    priced = {item.fleet.id: item.scopes["fleet_capex"].quantile(0.5) for item in priced_fleets(zheng) if item.scopes}
    for name, usd in priced.items():
        gpus = registry.fleets[name].gpus
        counted = sum(count * (1.0 if chip == "H800" else fixed[chip.lower()]) for chip, count in gpus.items())
        assert usd / priced["disclosed"] == pytest.approx(counted / 2048.0, rel=2e-4)


def test_the_disclosed_fleet_is_the_scenarios_own(zheng: Run) -> None:
    first = priced_fleets(zheng)[0]
    assert first.chosen
    for scope, estimate in first.scopes.items():
        assert estimate.quantile([0.05, 0.5, 0.95]).tolist() == zheng.scopes[scope].quantile([0.05, 0.5, 0.95]).tolist()


def test_another_fleet_moves_no_cost_of_a_run(registry: Registry, zheng: Run) -> None:
    other = run(registry=registry, changes=["fleet.claim=semianalysis"])
    assert [other.scopes[s].quantile(0.5) for s in FLOWS] == [zheng.scopes[s].quantile(0.5) for s in FLOWS]
    assert other.scopes["fleet_capex"].quantile(0.5) > 10 * zheng.scopes["fleet_capex"].quantile(0.5)
    assert other.scopes["lab_window"].quantile(0.5) > zheng.scopes["lab_window"].quantile(0.5)


def test_the_years_capacity_counts_h800_and_h100_and_no_h20(registry: Registry) -> None:
    draws = run(registry=registry, changes=["fleet.claim=semianalysis"]).draws("fleet_h800", "fleet")
    assert (draws == 20_000.0).all()


def test_the_fleet_of_another_subject_is_left_alone(registry: Registry) -> None:
    stage = run(registry=registry, subject="deepseek-r1-stage", changes=["fleet.claim=wang"])
    assert priced_fleets(stage) == ()
    counted = run(registry=registry, subject="deepseek-fleet-50k", changes=["fleet.claim=wang"])
    assert counted.scopes["fleet_capex"].routes
    assert priced_fleets(counted) == ()  # it is priced at its own count, whatever is chosen


def test_a_claim_without_a_count_is_shown_and_cannot_be_chosen(registry: Registry, zheng: Run) -> None:
    (nvidia,) = [item for item in priced_fleets(zheng) if item.fleet.id == "nvidia"]
    assert nvidia.scopes == {}
    assert count_text(nvidia.fleet.gpus, LANGUAGES["fr"]) == "–"
    with pytest.raises(UnknownNameError, match="no option"):
        run(registry=registry, changes=["fleet.claim=nvidia"])


def test_every_count_names_its_source_and_a_count_that_was_not_read_is_refused(registry: Registry) -> None:
    for fleet in registry.fleets.values():
        assert all(item.source in registry.sources for item in fleet.evidence)
    plain = registry.fleets["serving"].model_dump()
    unread = {**plain, "evidence": [{**plain["evidence"][0], "read": "not read"}]}
    with pytest.raises(ValidationError, match="was read"):
        Fleet.model_validate(unread)


def test_the_command_sets_them_side_by_side(capsys: pytest.CaptureFixture[str], zheng: Run) -> None:
    main(["fleets", "--json"])
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(fleets_document(priced_fleets(zheng), zheng)))
    main(["fleets", "--set", "fleet.claim=wang", "--lang", "fr"])
    printed = capsys.readouterr().out
    assert "wang *" in printed
    assert "Le parc de qui" in printed
