"""Downloads in a browser: they open, and they hold what the engine says."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from model.auditor.audit import audit
from model.distributions import Fixed
from model.document import audit_document
from model.registry import Registry
from model.views.explore import read_scenario
from model.views.verdict import ladder_rows
from model.wording import ENGLISH, FRENCH, Language

pytestmark = pytest.mark.browser

CLAIM = "deepseek-v3-5.576m"


def downloaded(page, button) -> tuple[str, bytes]:
    """Name and content of a file."""
    with page.expect_download() as waiting:
        button.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_the_whole_answer_is_the_engines(visitor, registry: Registry) -> None:
    page = visitor.open()
    name, content = downloaded(page, visitor.share_box(page).locator("[data-testid=stDownloadButton] button", has_text="JSON"))
    assert name == f"{CLAIM}.json"
    assert json.loads(content) == json.loads(json.dumps(audit_document(audit(CLAIM, registry=registry))))


@pytest.mark.parametrize("language", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_the_files_of_a_chart_hold_its_rows(visitor, registry: Registry, language: Language) -> None:
    page = visitor.open(lang=language.code)
    page.locator("[data-testid=stPopover] button").first.click()
    files = page.locator("[data-testid=stPopoverBody] [data-testid=stDownloadButton] button")
    files.first.wait_for()
    rows = ladder_rows(audit(CLAIM, registry=registry), language)

    name, content = downloaded(page, files.filter(has_text="CSV"))
    lines = content.decode().splitlines()
    remarks = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    found = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    assert name == "ladder.csv"
    assert (remarks["claim"], remarks["data"]) == (CLAIM, registry.sha256)
    assert [row["label"] for row in found] == [row["label"] for row in rows]
    for key in rows[0]:
        if isinstance(rows[0][key], float):
            assert [row[key] for row in found] == ["" if row[key] is None else str(row[key]) for row in rows]

    name, content = downloaded(page, files.filter(has_text="SVG"))
    texts = {element.text for element in ET.fromstring(content).iter() if element.text}
    assert name == "ladder.svg"
    assert {str(row["label"]) for row in rows} <= texts

    name, content = downloaded(page, files.filter(has_text="PNG"))
    assert name == "ladder.png"
    assert content.startswith(b"\x89PNG\r\n")


def test_a_scenario_comes_back_from_its_file(visitor, registry: Registry, tmp_path: Path) -> None:
    page = visitor.open("explore")
    headline = page.locator("[data-testid=stHeading] h3").first
    before = headline.inner_text()
    page.locator("[data-testid=stSlider] input").first.press("ArrowRight")
    page.get_by_text("Let it vary again").wait_for()
    after = headline.inner_text()
    assert after != before
    page.locator("[data-testid=stExpander] summary", has_text="Scenario as a file").click()
    button = page.locator("[data-testid=stDownloadButton] button", has_text="TOML")
    name, content = downloaded(page, button)
    base, changes = read_scenario(name, content, registry)
    ((changed, value),) = changes
    assert base == "zheng"
    setting = audit(CLAIM, scenario=base, changes=(f"{changed}={value}",), registry=registry).run.setting
    assert setting.distributions[changed] == Fixed(float(value))

    file = tmp_path / name
    file.write_bytes(content)
    other = visitor.open("explore")
    other.locator("[data-testid=stExpander] summary", has_text="Scenario as a file").click()
    other.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(file)
    other.get_by_text("Let it vary again").wait_for()
    assert other.locator("[data-testid=stHeading] h3").first.inner_text() == after


def test_a_bad_file_says_what_is_wrong_and_the_answer_stays(visitor, tmp_path: Path) -> None:
    page = visitor.open("explore")
    before = page.locator("[data-testid=stHeading] h3").first.inner_text()
    file = tmp_path / "mine.toml"
    file.write_text('id = "mine"\nlabel = "Mine"\ncolour = "red"\n', encoding="utf-8")
    page.locator("[data-testid=stExpander] summary", has_text="Scenario as a file").click()
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(file)
    page.get_by_text("colour").wait_for()
    assert page.locator("[data-testid=stHeading] h3").first.inner_text() == before
