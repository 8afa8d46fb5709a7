"""Pictures of every page for ``docs/screens``: made when COSTCLAIM_SCREENSHOTS is 1, to be looked at one by one."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

import model
from model.dashboard.router import PAGES
from model.wording import LANGUAGES

pytestmark = pytest.mark.browser
if os.environ.get("COSTCLAIM_SCREENSHOTS") != "1":
    pytest.skip("pictures are made with COSTCLAIM_SCREENSHOTS=1", allow_module_level=True)

FOLDER = Path(model.__file__).parents[1] / "docs" / "screens"
HEIGHTS = {1440: 2000, 390: 2600}  # the upper part of a page, so that a picture stays readable and small
COLOURS = 128
LARGEST = 12_000_000  # bytes of the whole folder


def reduced(picture: bytes) -> bytes:
    """The same picture with a palette, as a small PNG."""
    image = pytest.importorskip("PIL.Image")
    with image.open(io.BytesIO(picture)) as whole:
        small = whole.convert("RGB").quantize(COLOURS, method=image.Quantize.MAXCOVERAGE, dither=image.Dither.NONE)
    buffer = io.BytesIO()
    small.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_picture_of_every_page(visitor, name: str, language: str, width: int, scheme: str) -> None:
    context = visitor.context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = visitor.open("" if name == PAGES[0] else name, context=context, lang=language)
    if width < 640:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    else:
        content = page.locator("[data-testid=stMainBlockContainer]").bounding_box()["height"]
        page.set_viewport_size({"width": width, "height": round(min(content, HEIGHTS[width]))})
    page.wait_for_timeout(600)
    picture = reduced(page.screenshot())
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}-{language}-{width}-{scheme}.png").write_bytes(picture)
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= LARGEST
