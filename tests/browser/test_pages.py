"""Every page in a browser: it draws without a network, figures open their cards, the keyboard reaches them, nothing runs off sideways."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from model.dashboard.router import PAGES

pytestmark = pytest.mark.browser

FEW = 6  # cards that are opened on pages other than the first
CHARTS = {"verdict": 2, "explore": 1, "hours": 2, "price": 3, "overhead": 2, "scenarios": 1}  # at least
# What stands out on the right, unless something around it scrolls or cuts it off.
OUTSIDE = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  const held = (e) => { for (let p = e.parentElement; p && p !== main; p = p.parentElement)
    if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(p).overflowX)) return true; return false; };
  const out = [...main.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > innerWidth + 2 && !held(e));
  return out.map((e) => e.dataset.testid || e.tagName + ': ' + (e.textContent || '').slice(0, 40));
}"""
SIDEWAYS = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
  .map((e) => e.scrollWidth - Math.min(e.clientWidth, innerWidth))"""
FOCUSED = """() => { let e = document.activeElement; while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  return e?.dataset?.card || ''; }"""


def is_near(url: str) -> bool:
    """Whether a request stays on this computer."""
    parts = urlsplit(url.removeprefix("blob:"))
    return parts.scheme in ("data", "about") or parts.hostname == "127.0.0.1"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_draws_with_all_but_this_computer_blocked(visitor, name) -> None:
    context = visitor.context()
    asked: list[str] = []
    context.route(lambda url: not is_near(url), lambda route: (asked.append(route.request.url), route.abort()))
    context.on("page", lambda page: page.on("websocket", lambda socket: asked.append(socket.url) if not is_near(socket.url) else None))
    page = visitor.open(name, context=context)
    assert page.locator("h1").inner_text()
    assert page.locator("[data-testid=stVegaLiteChart] svg").count() >= CHARTS.get(name, 0)
    assert page.locator("[data-testid=stException]").count() == 0
    assert asked == []


@pytest.mark.parametrize("name", PAGES)
def test_figures_open_a_card_that_says_something(visitor, name) -> None:
    page = visitor.open(name)
    cards = page.locator("button[data-card]")
    places = {button.get_attribute("data-card"): at for at, button in reversed(list(enumerate(cards.all()))) if button.is_visible()}
    places = {card: at for card, at in places.items() if not card.startswith("claim:")}  # those open a verdict, no card
    asked = list(places.items()) if name == "verdict" else list(places.items())[-FEW:]
    assert asked or name in ("explore", "claims")
    dialog = page.locator("[role=dialog]")
    for card, at in asked:
        cards.nth(at).click()
        dialog.locator("li").first.wait_for()
        dialog.get_by_text("assumptions/").or_(dialog.get_by_text("model/")).last.wait_for()  # the line of its file ends a card
        assert len(dialog.inner_text()) > 100, card
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")


def test_a_figure_is_reached_and_opened_by_the_keyboard(visitor) -> None:
    page = visitor.open()
    page.locator("h1").click()
    card = ""
    for _ in range(60):
        page.keyboard.press("Tab")
        card = page.evaluate(FOCUSED)
        if card:
            break
    assert card
    page.keyboard.press("Enter")
    dialog = page.locator("[role=dialog]")
    dialog.locator("li").first.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")


@pytest.mark.parametrize("name", PAGES)
def test_no_page_runs_off_sideways_on_a_phone_or_at_twice_the_size(visitor, name) -> None:
    page = visitor.open(name, context=visitor.context(viewport={"width": 390, "height": 844}, device_scale_factor=2), lang="fr")
    for width in (390, 720):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(500)
        assert max(page.evaluate(SIDEWAYS)) <= 2, width
        assert page.evaluate(OUTSIDE) == [], width
