"""Chart specifications: kept as built, valid, documented, translated, and drawn."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model import charts, wording
from model.auditor.audit import audit
from model.charts import COLUMNS, specification, texts, to_png, to_svg
from model.errors import UnknownNameError
from model.views.verdict import dots
from model.wording import ENGLISH, FRENCH

FOLDER = Path(charts.__file__).parent
CLAIM = 5.576e6
_ROW = {"label": "Project", "order": 0, "text": "$21M", "claim": CLAIM}
_MARK = {"marker": 3e5, "label": "the marker"}
ROWS: dict[str, list[dict[str, Any]]] = {
    "ladder": [
        {**_ROW, "p05": 8e6, "p25": 15e6, "p50": 21e6, "p75": 30e6, "p95": 63e6, "stock": False, "p05_text": "$8M", "p95_text": "$63M"}
    ],
    "dots": [{"usd": 4e6 * (1 + i), "text": f"${4 * (1 + i)}M", "row": 0, "side": "above the claim", "claim": CLAIM} for i in range(5)],
    "s_curve": [{"usd": 1e6 * 2**i, "text": f"${2**i}M", "probability": i / 6, "series": "now", "claim": CLAIM} for i in range(7)],
    "intervals_log_usd": [{**_ROW, "low": 1e6, "mid": 2e6, "high": 5e6, "group": "rental"}],
    "intervals_linear": [{**_ROW, "low": 0.2, "mid": 0.3, "high": 0.5, "group": "measured"}],
    "waterfall": [{**_ROW, "start": 1e6, "end": 2e6, "group": "adds"}],
    "market": [
        {"date": f"2024-0{i}-01", "low": 1.5, "best": 2.1, "high": 3.0, "label": "offer", "region": "China", "term": "month", "claim": 2.0}
        for i in (2, 5, 8)
    ],
    "cases": [
        {"label": "one", "order": 0, "ratio": 2.25, "low": 1.5, "high": 3.0, "weight": 1.0, "used": True},
        {"label": "another", "order": 1, "ratio": 9.0, "low": None, "high": None, "weight": 0.0, "used": False},
    ],
    "predicted": [
        {"label": f"run {i}", "hours": 2.0 * 10**i, "low": 10**i, "mid": 1.8 * 10**i, "high": 4.0 * 10**i, "group": "A100"} for i in (3, 5)
    ],
    "histogram": [{"label": f"{i}0 %", "count": 5 + i, "low": 2, "high": 11} for i in range(4)],
    "break_even": [
        {"x": 1.0 + i, "y": 2.0, "x_name": "rent", "y_name": "R"}
        | {"verdict": "supported", "usd": 5e6, "text": "$5M", "line": None, "step": None}
        for i in range(3)
    ],
    "gantt": [{"label": "ablations", "order": 0, "start": 3.0 * i, "end": 3.0 * i + 2.0, "text": "2.1M"} for i in range(3)],
    "occupancy": [{"day": float(i), "busy": i / 10} for i in range(9)],
    "density": [{"x": i / 10, "density": i * (10 - i), **_MARK, "marker": 0.3} for i in range(11)],
    "retellings": [
        {"label": "a", "text": "", "order": 0, "depth": 0, "above": None, "parent": None, "group": "primary source"},
        {"label": "b", "text": "entity", "order": 1, "depth": 1, "above": 0, "parent": 0, "group": "moved away"},
    ],
    "density_log": [{"x": 10.0**i, "density": i * (8 - i), **_MARK} for i in range(9)],
}
WITH_CLAIM = [name for name in COLUMNS if "claim" in COLUMNS[name]]


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A French catalogue that marks what it translates."""
    catalogue = {text: f"«{text}»" for text in texts()}
    monkeypatch.setattr(wording, "_catalogue", lambda _code: catalogue)
    charts._localized.cache_clear()
    yield catalogue
    charts._localized.cache_clear()


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a specification."""
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(value)


def units(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return spec["layer"]


def computed(layer: dict[str, Any]) -> set[str]:
    return {found["as"] for found in nodes(layer.get("transform", [])) if isinstance(found.get("as"), str)}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_file_is_what_the_code_builds(name: str) -> None:
    build = pytest.importorskip("model.charts.build")
    assert list(build.CHARTS) == list(COLUMNS)
    hint = "run python -m model.charts.build"
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == build.written(name), hint


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("language", [ENGLISH, FRENCH], ids=lambda language: language.code)
def test_every_specification_validates(name: str, language: wording.Language, translated: dict[str, str]) -> None:
    alt = pytest.importorskip("altair")
    alt.Chart.from_dict({"data": {"values": ROWS[name]}, **specification(name, language)}).to_dict(validate=True)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_field_is_a_documented_column(name: str) -> None:
    used = set()
    for layer in units(specification(name, ENGLISH)):
        fields = {found["field"] for found in nodes(layer) if isinstance(found.get("field"), str)}
        calculated = " ".join(charts._strings([layer.get("transform", []), layer["mark"]]))
        used |= (fields | set(re.findall(r"datum\.(\w+)", calculated))) - computed(layer)
    assert used <= set(COLUMNS[name])
    assert set(ROWS[name][0]) >= set(COLUMNS[name])


@pytest.mark.parametrize("name", COLUMNS)
def test_a_specification_holds_no_data(name: str) -> None:
    assert not any("data" in node or "datasets" in node for node in nodes(specification(name, ENGLISH)))


@pytest.mark.parametrize("name", COLUMNS)
def test_nothing_is_told_by_colour_alone(name: str) -> None:
    for layer in units(specification(name, ENGLISH)):
        encoding = layer["encoding"]
        told = {encoding[channel].get("field") for channel in ("shape", "strokeDash", "detail") if channel in encoding}
        color = encoding.get("color", {})
        assert color.get("type") != "nominal" or color["field"] in told


@pytest.mark.parametrize("name", COLUMNS)
def test_every_placeholder_is_filled(name: str) -> None:
    strings = list(charts._strings(specification(name, ENGLISH)))
    assert not [string for string in strings if string.startswith(("@", "=")) or "'@" in string]


@pytest.mark.parametrize("name", COLUMNS)
def test_every_text_is_translated(name: str, translated: dict[str, str]) -> None:
    stored = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    french = "\n".join(charts._strings(specification(name, FRENCH)))
    expected = {text for string in charts._strings(stored) for text in charts._texts_in(string)}
    assert stored["description"][1:] in expected
    assert all(json.dumps(translated[text], ensure_ascii=False)[1:-1] in french for text in expected)


def test_the_dots_of_an_audit_are_drawn_to_a_file() -> None:
    verdict = audit("deepseek-v3-5.576m")
    rows = dots(verdict.scope("final_run"), 5.576e6, ENGLISH).rows
    assert {type(row["at_most"]) for row in rows} == {bool}
    assert to_svg("dots", rows, ENGLISH).startswith("<svg")


def test_the_sides_of_the_dots_are_those_that_their_rows_name(translated: dict[str, str]) -> None:
    domain = units(specification("dots", FRENCH))[0]["encoding"]["color"]["scale"]["domain"]
    assert domain == [FRENCH.text("at or below the claim"), FRENCH.text("above the claim")]


def test_a_translation_with_quotes_stays_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "_catalogue", lambda _code: {"Claim: {usd}": 'L\'annonce "dite" : {usd}'})
    assert charts._expression("'@Claim: {usd}'", FRENCH) == '"L\'annonce \\"dite\\" : {usd}"'


@pytest.mark.parametrize("name", WITH_CLAIM)
def test_the_claim_is_written_once_as_the_language_writes_it(name: str, translated: dict[str, str]) -> None:
    pytest.importorskip("vl_convert")
    claim = ROWS[name][0]["claim"]
    assert to_svg(name, ROWS[name], ENGLISH).count(f"Claim: {ENGLISH.money(claim)}</text>") == 1
    assert to_svg(name, ROWS[name], FRENCH).count(f"«Claim: {FRENCH.money(claim)}»</text>") == 1


@pytest.mark.parametrize("name", WITH_CLAIM)
def test_without_a_claim_there_is_no_line(name: str) -> None:
    pytest.importorskip("vl_convert")
    assert "Claim: " not in to_svg(name, [row | {"claim": None} for row in ROWS[name]], ENGLISH)


@pytest.mark.parametrize("amount", [0.57, 5.0, 1500.0, 294_000.0, CLAIM, 1.6e9, 2.5e12])
@pytest.mark.parametrize("language", [ENGLISH, FRENCH], ids=lambda language: language.code)
def test_charts_write_money_as_sentences_do(amount: float, language: wording.Language, translated: dict[str, str]) -> None:
    pytest.importorskip("vl_convert")
    rows = [row | {"claim": amount} for row in ROWS["s_curve"]]
    assert f": {language.money(amount)}" in to_svg("s_curve", rows, language)


@pytest.mark.parametrize("name", ["density", "density_log"])
def test_a_density_names_its_marker(name: str) -> None:
    pytest.importorskip("vl_convert")
    assert to_svg(name, ROWS[name], ENGLISH).count(">the marker</text>") == 1


@pytest.mark.parametrize("name", ["ladder", "intervals_log_usd", "intervals_linear"])
def test_a_row_shows_its_name_and_its_value(name: str) -> None:
    pytest.importorskip("vl_convert")
    svg = to_svg(name, ROWS[name], ENGLISH, width=360)
    assert ">Project</text>" in svg
    assert ">$21M</text>" in svg
    assert 'width="360"' in svg


def test_a_case_outside_the_fit_is_hollow() -> None:
    pytest.importorskip("vl_convert")
    svg = to_svg("cases", ROWS["cases"], ENGLISH)
    assert svg.count('fill-opacity="0"') == 1
    assert ">2.25</text>" in svg


def test_png_is_an_image() -> None:
    pytest.importorskip("vl_convert")
    assert to_png("cases", ROWS["cases"], ENGLISH, width=360, scale=1.0).startswith(b"\x89PNG")


def test_a_caller_may_change_what_it_got() -> None:
    specification("ladder", ENGLISH)["layer"].clear()
    assert specification("ladder", ENGLISH)["layer"]


def test_an_unknown_chart_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownNameError, match="ladder"):
        specification("laddr", ENGLISH)


def test_drawing_on_a_rerun_needs_no_altair() -> None:
    program = "import sys; from model.charts import specification; from model.wording import ENGLISH; specification('ladder', ENGLISH)"
    done = subprocess.run([sys.executable, "-c", f"{program}; sys.exit('altair' in sys.modules)"], check=False)
    assert done.returncode == 0
