"""What the README prints is what the engine gives, and the commands it names exist."""

from __future__ import annotations

import re
import subprocess
import sys
from math import log
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from model.cli.main import COMMANDS
from model.cost import compute
from model.document import PERCENTILES, quantiles_document
from model.engine import Run
from model.graph import cost_equations
from model.wording import money

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
LADDER = ROOT / "docs" / "scope_ladder.svg"
SVG = "{http://www.w3.org/2000/svg}"


def test_answer_and_figure_are_what_the_engine_gives_now():
    script = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "figures.py"), "--check"], check=False, cwd=ROOT, capture_output=True, text=True
    )
    assert script.returncode == 0, script.stderr


def test_table_states_median_and_ends_of_every_scope(zheng: Run):
    text = README.read_text(encoding="utf-8")
    for name, estimate in zheng.scopes.items():
        q = quantiles_document(estimate, PERCENTILES)
        row = f"| {zheng.registry.scopes[name].label} | {money(q['p05'], 3)} | **{money(q['p50'], 3)}** | {money(q['p95'], 3)} |"
        assert row in text


def test_figure_has_a_title_and_tells_its_numbers_in_words(zheng: Run):
    root = ET.parse(LADDER).getroot()
    told = root.findtext(f"{SVG}desc") or ""
    assert root.findtext(f"{SVG}title")
    for estimate in zheng.scopes.values():
        assert money(float(estimate.quantile(0.5)), 3) in told


def test_lengths_in_the_figure_are_ratios_of_cost(zheng: Run):
    """On a logarithmic axis the thin bar of a scope is as long as ln(P95/P5), by one factor for all scopes."""
    root = ET.parse(LADDER).getroot()
    lengths = [float(bar.attrib["width"]) for bar in root.iter(f"{SVG}rect") if bar.attrib["height"] == "4"]
    spans = [estimate.quantile([0.05, 0.95]) for estimate in zheng.scopes.values()]
    factors = [length / log(high / low) for length, (low, high) in zip(lengths, spans, strict=True)]
    assert factors == pytest.approx([factors[0]] * len(factors), rel=0.005)


def test_commands_that_the_readme_names_exist():
    named = set(re.findall(r"^(?:\.venv/bin/|\.venv\\Scripts\\)?costclaim ([a-z]+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert named
    assert named <= set(COMMANDS)


def test_links_of_the_documentation_lead_somewhere():
    for page in [README, *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert target.startswith("https://") or (page.parent / target).exists(), f"{page.name}: {target}"


def test_functions_that_the_method_names_are_equations():
    """In method.md a name with brackets, such as ``project_hours()``, is a function of the cost equations or of the counts."""
    named = set(re.findall(r"`([a-z_]+)\(\)`", (ROOT / "docs" / "method.md").read_text(encoding="utf-8")))
    assert named
    assert named <= set(cost_equations()) | set(vars(compute))


def test_scopes_and_routes_that_the_method_names_exist(zheng: Run):
    text = (ROOT / "docs" / "method.md").read_text(encoding="utf-8")
    for name in (
        *zheng.scopes,
        *(w.removeprefix("route.") for w in zheng.registry.weights),
        *zheng.registry.choices["price.basis"].options,
    ):
        assert f"`{name}`" in text
