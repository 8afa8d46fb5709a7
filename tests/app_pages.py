"""A page drawn without a browser, and all that it sends to one. Texts of the tests, not a test."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest

CLAIM = "deepseek-v3-5.576m"


def draw_page(name: str) -> None:
    from importlib import import_module

    from model.dashboard.state import current_view

    import_module(f"model.dashboard.pages.{name}").draw(current_view())


def shown(name: str, scenario: str = "zheng", language: str = "en", claim: str = CLAIM, changes: tuple[tuple[str, str], ...] = ()):
    """The page of this name after its first run, in a state of the visitor's."""
    from model.dashboard.state import Choices

    app = AppTest.from_function(draw_page, args=(name,), default_timeout=60)
    app.session_state.choices, app.session_state.lang = Choices(claim, scenario, changes), language
    return app.run()


def sent(app) -> str:
    """All that is sent to the browser, escapes taken out."""
    whole = "\n".join(str(getattr(element, "proto", "")) for element in app._tree)
    plain = whole.replace('\\"', '"').replace("\\'", "'")
    return re.sub(r"\\\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), plain)
