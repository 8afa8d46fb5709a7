"""Reports: short in front, every figure with a footnote that resolves, the API's figures, text that stays text, nothing from elsewhere."""

from __future__ import annotations

import io
import os
import re
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from model.auditor.audit import audit
from model.auditor.sentence import sentence
from model.cli.main import costclaim, main
from model.errors import InputError
from model.numerical_error import supported_digits
from model.permalink import decode
from model.registry import Registry
from model.report import render
from model.report.annex import report, report_of
from model.report.content import Paragraph, Report, Section, Table
from model.report.front import Brief
from model.report.render import to_html, to_markdown, to_pdf
from model.tabular import plain
from model.wording import ENGLISH, FRENCH, LANGUAGES, Language
from tests.app_pages import sent, shown

MOST_WORDS = 600
CLAIM, MOVED = "zheng-5.6m", "seed001-6m-r1"
HOSTILE = '<script>alert("6")</script> [a](javascript:alert(1)) =cmd|"/C calc"!A0 **b** `c` | $x$ {{ 7 * 7 }} &lt;i&gt; [^1]'


def has_pango() -> bool:
    try:
        return bool(import_module("weasyprint"))
    except OSError:
        return "COSTCLAIM_NEED_BROWSER" in os.environ


pango = pytest.mark.skipif(not has_pango(), reason="Pango comes with the system, not from pip; the check in CI fails without it")


class Page(HTMLParser):
    """Tags with their attributes, and what a reader sees of each element that is asked for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "path", "rect", "line"):
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag) -> None:
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag) :]

    def handle_data(self, data) -> None:
        for tag in self._open:
            self.texts[tag][-1] += data


def words(sections: tuple[Section, ...]) -> int:
    """Words that a reader sees in front; what is meant for a machine and the charts' labels left out."""
    found = [section.title for section in sections]
    for section in sections:
        tables = [block for block in section.blocks if isinstance(block, Table)]
        code = {block.said for block in section.blocks if isinstance(block, Paragraph) and block.role == "code"}
        found += [text for table in tables for text in (table.caption, *table.heads)]
        found += [said.text for said in section.said() if said not in code]
    return sum(len(text.split()) for text in found)


def without_footnote(made: Report) -> list[str]:
    """Texts and rows with a figure that no footnote explains."""
    bare: list[str] = []
    for section in (*made.front, *made.annex):
        for block in section.blocks:
            rows = block.rows if isinstance(block, Table) else [[said] for said in Section("", (block,)).said()]
            if isinstance(block, Paragraph) and block.role == "code":
                continue
            bare += [row[0].text for row in rows if re.search(r"\d", " ".join(s.text for s in row)) and not any(s.notes for s in row)]
            assert {key for row in rows for said in row for key in said.notes} <= made.notes.keys()
    return bare


@pytest.fixture(scope="module")
def made(registry: Registry) -> dict[str, Report]:
    """The report on one claim in each language."""
    verdict = audit(CLAIM, registry=registry)
    return {code: report_of(Brief(verdict, language)) for code, language in LANGUAGES.items()}


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_every_claim_has_a_short_front_and_a_footnote_for_every_figure(language: Language, registry: Registry) -> None:
    """French is the longer of the two: it is tried on every claim, English on some of each kind."""
    for claim in registry.names("claims")[:: 1 if language is FRENCH else 6]:
        verdict = audit(claim, registry=registry, points=64)
        found = report_of(Brief(verdict, language))
        assert words(found.front) <= MOST_WORDS, claim
        assert without_footnote(found) == [], claim
        assert sentence(verdict, language) in {said.text for said in found.front[0].said()}


@pytest.mark.parametrize("code", LANGUAGES)
def test_figures_are_those_of_the_api(made: dict[str, Report], code: str, registry: Registry) -> None:
    verdict, language = audit(CLAIM, registry=registry), LANGUAGES[code]
    html, markdown = Page(to_html(made[code])), to_markdown(made[code])
    cells = [re.sub(r"(\[\d+\])+$", "", text) for text in html.texts["td"]]
    for estimate in verdict.run.scopes.values():
        for figure in (language.money(float(q), 3) for q in estimate.quantile([0.05, 0.5, 0.95])):
            assert figure in cells
            assert figure.replace("$", "\\$") in markdown


def test_no_digit_is_printed_that_its_error_does_not_support(registry: Registry) -> None:
    verdict = audit(CLAIM, registry=registry, points=64)
    (ladder,) = [b for s in report_of(Brief(verdict, ENGLISH)).front for b in s.blocks if isinstance(b, Table) and len(b.rows) == 7]
    printed = [[cell.text for cell in row[1:4]] for row in ladder.rows]
    told = [estimate.figures([0.05, 0.5, 0.95], []) for estimate in verdict.run.scopes.values()]
    digits = [[supported_digits(float(q), float(e)) for q, e in zip(t.quantiles, t.quantile_errors, strict=True)] for t in told]
    assert {n for row in digits for n in row} >= {2, 3}
    assert printed == [
        [ENGLISH.money(float(q), n) for q, n in zip(t.quantiles, own, strict=True)] for t, own in zip(told, digits, strict=True)
    ]


@pytest.mark.parametrize(("language", "written"), [(ENGLISH, "2,788,000 gpu_hour"), (FRENCH, "2\u202f788\u202f000 gpu_hour")])
def test_a_stated_figure_is_written_as_its_reader_writes(language: Language, written: str, registry: Registry) -> None:
    notes = report(CLAIM, language=language, registry=registry, points=64).notes
    assert written in dict(notes["fact:gpu_hours"].lines).values()


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_needs_nothing_else_and_every_reference_resolves(made: dict[str, Report], code: str) -> None:
    page = Page(to_html(made[code]))
    names = [tag for tag, _ in page.tags]
    assert {"script", "link", "img", "iframe", "object", "embed", "base", "form"}.isdisjoint(names)
    assert "svg" in names
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "srcset", "action")]
        target = attributes.get("href") or attributes.get("xlink:href") or ""
        assert not target or (tag == "a" and (target.startswith(("https://", "http://")) or target.removeprefix("#") in ids))
    assert not re.search(r"url\((?!#)|@import", to_html(made[code]))
    assert dict(page.tags)["html"]["lang"] == code


@pytest.mark.parametrize("code", LANGUAGES)
def test_footnotes_of_markdown_resolve(made: dict[str, Report], code: str) -> None:
    text = to_markdown(made[code])
    defined = re.findall(r"^\[\^(\d+)\]:", text, re.MULTILINE)
    assert len(defined) == len(set(defined)) > 40
    assert set(re.findall(r"\[\^(\d+)\](?!:)", text)) <= set(defined)


def test_footnotes_lead_to_sources_with_a_locator(made: dict[str, Report]) -> None:
    notes = made["en"].notes
    assert {item.source for card in notes.values() for item in card.evidence} <= made["en"].sources.keys()
    assert all(item.locator for card in notes.values() for item in card.evidence)
    for card in notes.values():
        assert {f"parameter:{name}" for name in card.rests_on} <= notes.keys()


def test_each_gap_part_and_driver_is_in_front(made: dict[str, Report]) -> None:
    tables = [block for section in made["en"].front for block in section.blocks if isinstance(block, Table)]
    assert [len(table.rows) for table in tables] == [3, 7, 4, 4]  # axes, scopes, parts of the gap, drivers


def test_a_check_that_does_not_pass_is_in_front(registry: Registry) -> None:
    front = report(MOVED, registry=registry, points=64).front
    assert any("DeepSeek-R1 as a whole" in said.text for section in front for said in section.said())


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_an_objection_to_no_sum_has_a_label_and_no_size(language: Language, registry: Registry) -> None:
    verdict = audit("seed002-zheng-objection", registry=registry, points=64)
    assert verdict.objection is not None
    said = [said.text for said in report_of(Brief(verdict, language)).front[0].said() if "Zheng" in said.text]
    assert any(language.text("supported") in text for text in said)
    assert not any(language.money(0.0) in text for text in said)


def test_a_long_quotation_is_shortened_in_front_and_whole_in_its_footnote(registry: Registry) -> None:
    long = " ".join(f"word{k}" for k in range(300))
    claim = registry.claim(CLAIM).model_copy(update={"text": long, "translation": f"In English: {long}"})
    made = report_of(Brief(audit(claim, registry=registry, points=64), ENGLISH))
    assert words(made.front) <= MOST_WORDS
    assert any(said.text.endswith("word59 …") for said in made.front[0].said())
    assert [text for _, text in made.notes["claim"].lines if "word299" in text] == [long, f"In English: {long}"]


def hostile(registry: Registry) -> Brief:
    changed = registry.claim(CLAIM).model_copy(update={"text": HOSTILE, "claimant": HOSTILE, "translation": HOSTILE})
    return Brief(audit(changed, registry=registry, points=64), ENGLISH)


def test_markup_in_a_claim_stays_text_in_html_and_markdown(registry: Registry) -> None:
    made = report_of(hostile(registry))
    page = Page(to_html(made))
    assert [re.sub(r"\[\d+\]$", "", text) for text in page.texts["blockquote"]] == [HOSTILE] * 2
    assert "script" not in page.texts
    markdown = to_markdown(made)
    assert "<script" not in re.sub(r"\\<", "", markdown)
    assert "](javascript" not in markdown.replace("\\]", "")
    assert "\\[^1\\]" in markdown
    assert "&amp;lt;" in markdown


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("one\r\r# two\u2028three\x0bfour", "one \\# two three four"),
        ("1. first", "1\\. first"),
        ("- item", "\\- item"),
        ("---", "\\---"),
        ("    indented", "indented"),
        ("-$5", "-\\$5"),
        ("2.5 x", "2.5 x"),
    ],
)
def test_a_text_begins_no_list_and_ends_no_line_of_markdown(text: str, written: str) -> None:
    assert plain(text) == written


def test_markdown_says_what_the_page_says_of_evidence(made: dict[str, Report]) -> None:
    markdown, cards = to_markdown(made["en"]), made["en"].notes.values()
    disputed = sum(1 for card in cards for item in card.evidence if item.disputed_by)
    assert markdown.count(", disputed by ") == disputed > 0
    assert markdown.count(" Rests on grade C evidence. ") == sum(1 for card in cards if card.mark == "grade C") > 0
    assert not re.search(r"[.?!]\. ", markdown.replace("... ", ""))


@pango
def test_markup_in_a_claim_stays_text_in_pdf(registry: Registry) -> None:
    pypdf = pytest.importorskip("pypdf")
    pages = pypdf.PdfReader(io.BytesIO(to_pdf(report_of(hostile(registry))))).pages
    text = " ".join(pages[0].extract_text().split())
    assert '<script>alert("6")</script>' in text
    assert not [link for page in pages for note in page.get("/Annots") or () if "javascript" in str(link := note.get_object())]


def test_markup_in_a_claim_stays_text_in_the_app(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    from model.dashboard import state

    verdict = hostile(registry).verdict
    monkeypatch.setattr(state, "audited", lambda *_: verdict)
    drawn = sent(shown("verdict"))
    assert "\\\\<script\\\\>" in drawn or "\\<script\\>" in drawn
    assert not re.search(r"(?<!\\)<script", drawn)


def test_an_address_that_is_none_is_no_link(registry: Registry) -> None:
    made = report(CLAIM, registry=registry, points=64)
    name, source = next(iter(made.sources.items()))
    odd = source.model_copy(update={"url": "javascript:alert(1)"})
    page = Page(to_html(Report(**{**vars(made), "sources": {**made.sources, name: odd}})))
    assert not [a for _, a in page.tags if (a.get("href") or "").startswith("javascript")]
    assert any("javascript:alert(1)" in text for text in page.texts["li"])


@pango
def test_the_pdf_says_what_the_page_says_and_is_the_same_twice(made: dict[str, Report], caplog: pytest.LogCaptureFixture) -> None:
    pypdf = pytest.importorskip("pypdf")
    content = to_pdf(made["fr"])
    assert content == to_pdf(made["fr"])
    assert not caplog.messages  # nothing of the page is unknown to the printer
    read = pypdf.PdfReader(io.BytesIO(content))
    text = " ".join(page.extract_text() for page in read.pages).replace("\u202f", " ").replace("\xa0", " ")
    assert "13,2 M$" in text
    assert read.trailer["/Root"]["/Lang"] == "fr"
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_nothing_is_fetched() -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        render._nothing_is_fetched("https://elsewhere.example")


def test_a_system_without_pango_is_told_so(made: dict[str, Report], monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            raise OSError(name)

    monkeypatch.setitem(sys.modules, "weasyprint", Broken())
    monkeypatch.setattr(render, "need", lambda *_: None)
    with pytest.raises(InputError, match="Pango"):
        to_pdf(made["en"])


@pytest.mark.parametrize("ending", [".html", ".md"])
def test_the_command_writes_what_the_api_gives(tmp_path: Path, ending: str, registry: Registry) -> None:
    file = tmp_path / f"brief{ending}"
    main_words = ["report", CLAIM, "-o", str(file), "--points", "64", "--lang", "fr", "--set", "price.rental=3"]
    assert CliRunner().invoke(costclaim, main_words, catch_exceptions=False).exit_code == 0
    expected = report(CLAIM, language=FRENCH, registry=registry, points=64, changes=["price.rental=3"])
    assert file.read_bytes() == render.WRITERS[ending](expected)
    assert "--set price.rental=3" in file.read_text(encoding="utf-8")


def test_the_link_of_a_report_carries_its_state(registry: Registry) -> None:
    made = report(CLAIM, registry=registry, points=64, changes=["price.rental=3"])
    (address,) = [said.text for said in made.front[-1].said() if "?s=" in said.text]
    link = decode(address.partition("?s=")[2].partition("&")[0])
    assert (link.claim, link.scenario, link.changes, link.scope) == (CLAIM, "zheng", (("price.rental", "3"),), "project")


def test_a_scenario_of_ones_own_has_no_link(tmp_path: Path, registry: Registry) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('id = "mine"\nlabel = "Mine"\ndescription = "Mine."\nbase = "zheng"\n', encoding="utf-8")
    made = report(CLAIM, scenario=file, registry=registry, points=64)
    told = [said.text for said in made.front[-1].said()]
    assert not any("?s=" in text for text in told)
    assert any(f"--scenario {file}" in text for text in told)


@pytest.mark.parametrize(
    ("file", "message"), [("brief.docx", "names no form of a report"), ("no/such/folder/brief.md", "cannot be written")]
)
def test_a_file_that_cannot_be_made_is_refused(file: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["report", CLAIM, "-o", str(tmp_path / file), "--points", "64"])
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
