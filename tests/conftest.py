"""What the tests share: the project's own assumptions, read once, and its two main scenarios, computed once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings

from model import kept_laws, wording
from model.engine import Run, run
from model.registry import Registry, load_registry

settings.register_profile("project", deadline=None, derandomize=True, max_examples=50, database=None)
settings.load_profile("project")


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The project's assumptions."""
    return load_registry()


@pytest.fixture(scope="session")
def zheng(registry: Registry) -> Run:
    """The default scenario at its own points and seed."""
    return run("zheng", registry=registry)


@pytest.fixture(scope="session")
def as_reported(registry: Registry) -> Run:
    """The scenario in which the price is fixed at $2."""
    return run("as_reported", registry=registry)


@pytest.fixture(scope="session")
def owner(registry: Registry) -> Run:
    """The scenario in which an hour costs what it costs the cluster's owner."""
    return run("owner", registry=registry)


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Called, nothing is kept of the laws that were computed before; nor does a test keep its own for others."""

    def fresh() -> None:
        for name, most in (("_laws", kept_laws.LAWS_KEPT), ("_scalings", kept_laws.LAWS_KEPT), ("_scopes", kept_laws.SCOPES_KEPT)):
            monkeypatch.setattr(kept_laws, name, kept_laws.Kept(most))

    return fresh


@pytest.fixture
def untranslated(monkeypatch: pytest.MonkeyPatch) -> None:
    """French figures with English texts, whatever is translated."""
    monkeypatch.setattr(wording, "_catalogue", lambda _: {})
