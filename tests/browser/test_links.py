"""Links in a browser: they restore a state to the letter, an altered one says so, an embedded page shows the answer and the way back."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import pytest

from model.auditor.audit import audit
from model.registry import Registry

pytestmark = pytest.mark.browser

CLAIM = "zheng-5.6m"
PLACES = {"slider": "[data-testid=stSlider] input", "weight": "[data-testid=stNumberInput] input", "choice": "[role=combobox]"}


def headline(page) -> str:
    """The subheader: the verdict's sentence, or the range on the Explore page."""
    return page.locator("[data-testid=stHeading] h3").first.inner_text()


def link(box) -> str:
    """The text to copy, from the box below the page."""
    return box.locator("[data-testid=stCode] code").first.text_content()


def until_changed(box, before: str) -> str:
    """The link, once it is another one."""
    deadline = time.monotonic() + 30
    while link(box) == before and time.monotonic() < deadline:
        box.page.wait_for_timeout(50)
    assert link(box) != before
    return link(box)


def controls(page) -> list[str]:
    """What stands in every control of the page and of the sidebar."""
    return [element.input_value() for place in PLACES.values() for element in page.locator(place).all()]


def altered(text: str) -> str:
    """The same link with one character of its payload changed."""
    at = text.index("&lang") - 5
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def test_a_link_restores_five_changed_controls_in_a_fresh_browser(visitor) -> None:
    page = visitor.open("explore")
    box = visitor.share_box(page)
    first, text = headline(page), link(box)
    for place, keys in (("slider", 3), ("slider", 2), ("slider", 4)):
        slider = page.locator(PLACES[place]).nth(keys - 2)
        for _ in range(keys):
            slider.press("ArrowRight")
            text = until_changed(box, text)
    weight = page.locator(PLACES["weight"]).first
    weight.fill("2.5")
    weight.press("Enter")
    text = until_changed(box, text)
    basis = page.get_by_role("combobox", name="Basis of the price of an hour")
    basis.press("ArrowDown")
    basis.press("ArrowDown")
    basis.press("Enter")
    text = until_changed(box, text)
    assert headline(page) != first
    settled = controls(page)

    other = visitor.open(text)
    assert headline(other) == headline(page)
    assert controls(other) == settled
    assert other.locator("[data-testid=stAlert]").count() == 0


def test_one_altered_byte_gives_a_banner_and_no_silent_default(visitor, registry: Registry) -> None:
    broken = visitor.open(altered(link(visitor.share_box(visitor.open()))))
    banner = broken.locator("[data-testid=stAlert]").first.inner_text()
    assert "This link could not be restored" in banner
    assert "its hash does not fit" in banner
    assert headline(broken) == audit("deepseek-v3-5.576m", registry=registry).sentence


def test_the_link_of_every_page_leads_to_that_page_in_its_language(visitor) -> None:
    context = visitor.context(locale="fr-FR")
    page = visitor.open("hours", context=context)
    other = visitor.open(link(visitor.share_box(page)))
    assert urlsplit(other.url).path == "/hours"
    assert other.locator("h1").inner_text() == page.locator("h1").inner_text()


def test_the_language_stays_when_the_page_changes(visitor) -> None:
    page = visitor.open(lang="fr")
    page.locator("[data-testid=stPageLink] a").nth(1).click()
    page.wait_for_url("**/explore*")
    page.locator("[data-testid=stSlider]").first.wait_for()
    assert re.search(r"\d\s(M|Md)?\s?\$", headline(page))


@pytest.mark.parametrize("name", ["", "verdict"])
def test_the_first_page_is_found_at_the_root_and_by_its_name(visitor, name) -> None:
    page = visitor.open(name)
    assert page.locator("[role=dialog]").count() == 0
    assert page.locator("[data-testid=stVegaLiteChart]").count() == 2


def test_an_embedded_page_shows_claim_range_source_and_the_way_back(visitor, registry: Registry) -> None:
    page = visitor.open(embed="true", view="verdict", claim=CLAIM)
    verdict = audit(CLAIM, registry=registry)
    text = page.locator("[data-testid=stMain]").inner_text()
    assert verdict.claim.text.strip() in text
    assert headline(page) == verdict.sentence
    source = registry.sources[verdict.claim.source.id]
    assert source.title in text
    assert page.locator("[data-testid=stSidebar]").count() == 0
    back = page.locator("[data-testid=stLinkButton] a").get_attribute("href")
    whole = visitor.open(back)
    assert headline(whole) == verdict.sentence
    assert whole.locator("[data-testid=stSidebar]").count() == 1


def test_links_and_cards_work_behind_a_path_prefix(visitor_below_a_path) -> None:
    visitor = visitor_below_a_path
    there = link(visitor.share_box(visitor.open("hours")))
    assert urlsplit(there).path == "/audit/hours"
    page = visitor.open()
    box = visitor.share_box(page)
    home = link(box)
    assert urlsplit(home).path == "/audit/"
    assert headline(visitor.open(home)) == headline(page)
    assert visitor.open(there).locator("[data-testid=stAlert]").count() == 0
    page.locator("button[data-card]").first.click()
    assert len(page.locator("[role=dialog]").inner_text()) > 100
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        box.locator("[data-testid=stDownloadButton] button", has_text="JSON").click()  # it is still open: a card leaves it alone
    assert download.value.path().stat().st_size > 1000
