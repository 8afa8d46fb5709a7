"""What the dashboard hands out to reproduce a result: Python, shell and scenario file give the figures in view."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import model
from model.auditor.audit import audit
from model.registry import Registry
from model.views.explore import read_scenario, scenario_toml
from model.wording import ENGLISH

share = pytest.importorskip("model.dashboard.share")
state = pytest.importorskip("model.dashboard.state")

CHECKOUT = Path(model.__file__).parents[1]
STATES = {
    "first": state.Choices(),
    "another scenario and scope": state.Choices("zheng-5.6m", "lambert", scope="programme"),
    "changed": state.Choices(changes=(("price.basis", "rental"), ("price.rental", "1.8..2.6"), ("route.bottom_up", "2"))),
}


@pytest.fixture(params=STATES.values(), ids=STATES.keys())
def view(request: pytest.FixtureRequest, registry: Registry):
    """What a visitor has in view."""
    choices = request.param
    verdict = audit(choices.claim, scenario=choices.scenario, changes=choices.written, registry=registry)
    return state.View(ENGLISH, registry, choices, verdict)


def quantiles(view) -> list[float]:
    return [float(q) for q in view.verdict.scope(view.choices.scope).quantile([0.05, 0.5, 0.95])]


def test_the_python_snippet_prints_the_figures_in_view(view) -> None:
    ran = subprocess.run([sys.executable, "-c", share.python_snippet(view)], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    sentence, *figures = ran.stdout.splitlines()
    assert sentence == view.verdict.sentence
    assert [float(f) for f in " ".join(figures).strip("[]").replace(",", " ").split()] == pytest.approx(quantiles(view), rel=1e-6)


def test_the_shell_snippet_prints_the_figures_in_view(view) -> None:
    program, *words = shlex.split(share.shell_snippet(view))
    assert program == "costclaim"
    command = [sys.executable, "-m", "model.cli.main", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT, env=dict(os.environ, COLUMNS="80"))
    answer = json.loads(ran.stdout)
    (scope,) = [scope for scope in answer["scopes"] if scope["id"] == view.choices.scope]
    assert answer["verdict"]["sentence"] == view.verdict.sentence
    assert [scope[key] for key in ("p05", "p50", "p95")] == quantiles(view)


def test_the_scenario_file_gives_the_figures_in_view(view, registry: Registry) -> None:
    content = scenario_toml("my-scenario", view.choices.scenario, view.choices.changes).encode()
    base, changes = read_scenario("my-scenario.toml", content, registry)
    assert (base, changes) == (view.choices.scenario, view.choices.changes)


def test_a_word_that_a_shell_would_read_is_quoted(registry: Registry) -> None:
    choices = state.Choices(changes=(("goodput", "lognormal(p05 = 1, p95 = 3); $(echo)"),))
    view = state.View(ENGLISH, registry, choices, audit(registry=registry, claim="zheng-5.6m"))
    words = shlex.split(share.shell_snippet(view))
    assert words[-2] == f"{choices.changes[0][0]}={choices.changes[0][1]}"
    compile(share.python_snippet(view), "snippet", "exec")
