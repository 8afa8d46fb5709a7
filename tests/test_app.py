"""The dashboard's entry: it starts without an error and shows the engine's own sentence, scopes and checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import model
from model.auditor import audit
from model.registry import Registry
from model.views import CHECKS

APP = Path(model.__file__).parents[1] / "app.py"
V3, STAGE = "deepseek-v3-5.576m", "deepseek-r1-294k"


@pytest.fixture
def app() -> AppTest:
    """The app after its first run."""
    return AppTest.from_file(str(APP), default_timeout=60).run()


def headline(app: AppTest) -> str:
    """The verdict's sentence; the page escapes dollar signs, which would start a formula."""
    return str(app.subheader[0].value).replace("\\$", "$")


def shown(app: AppTest) -> str:
    """All that is sent to the browser, tables and components included."""
    return "\n".join(str(getattr(element, "proto", "")) for element in app._tree)


def test_the_app_shows_the_verdict_of_the_first_claim(app: AppTest, registry: Registry) -> None:
    assert not app.exception
    assert not app.error
    assert headline(app) == audit(V3, registry=registry).sentence


def test_every_scope_is_in_the_table_with_its_median(app: AppTest, registry: Registry) -> None:
    sent = shown(app)
    assert [scope.label for scope in registry.scopes.values() if scope.label not in sent] == []
    assert "$13.2M" in sent  # domain document, section 9: project in the default scenario, 13.18


def test_every_check_is_on_the_page(app: AppTest, registry: Registry) -> None:
    sent = shown(app)
    assert [check.id for check in audit(V3, registry=registry).checks if CHECKS[check.id] not in sent] == []


def test_every_claim_can_be_chosen(app: AppTest, registry: Registry) -> None:
    count = len(app.sidebar.selectbox[0].options)
    assert count == len(registry.names("claims"))
    chosen = set()
    for index in range(count):
        app.sidebar.selectbox[0].select_index(index).run()
        assert not app.exception
        claim = str(app.sidebar.selectbox[0].value)
        assert headline(app) == audit(claim, registry=registry).sentence
        chosen.add(claim)
    assert chosen == set(registry.names("claims"))


def test_every_scenario_can_be_chosen(app: AppTest, registry: Registry) -> None:
    seen = set()
    for index in range(len(app.sidebar.selectbox[1].options)):
        app.sidebar.selectbox[1].select_index(index).run()
        assert not app.exception
        scenario = str(app.sidebar.selectbox[1].value)
        assert headline(app) == audit(V3, scenario=scenario, registry=registry).sentence
        seen.add(scenario)
    assert seen == set(registry.names("scenarios"))


def test_a_stage_shows_why_wider_scopes_are_absent(app: AppTest, registry: Registry) -> None:
    names = range(len(registry.names("claims")))
    next(i for i in names if str(app.sidebar.selectbox[0].select_index(i).run().sidebar.selectbox[0].value) == STAGE)
    assert not app.exception
    assert "the base model that it stands on is not in it" in headline(app)
    assert shown(app).count("absent") >= len(registry.scopes) - 1
