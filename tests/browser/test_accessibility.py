"""axe finds nothing serious on any page, in either language, light or dark, with a card open or not."""

from __future__ import annotations

from typing import Any

import pytest

from model.dashboard.router import PAGES

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser


def serious(page: Any) -> list[str]:
    """What axe holds to be serious or critical, each with its first place."""
    found = axe.Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_serious_barrier(visitor, name, language) -> None:
    page = visitor.open(name, lang=language)
    assert serious(page) == []


@pytest.mark.parametrize("name", ["verdict", "explore", "evidence"])
def test_no_page_has_a_serious_barrier_in_the_dark(visitor, name) -> None:
    assert serious(visitor.open(name, context=visitor.context(color_scheme="dark"))) == []


def test_a_card_has_no_serious_barrier(visitor) -> None:
    page = visitor.open()
    page.locator("button[data-card]").first.click()
    page.locator("[role=dialog] li").first.wait_for()
    page.wait_for_timeout(500)
    assert serious(page) == []
