"""A report as a page that needs nothing else, as PDF, or as Markdown. Whatever comes from a claim or a file stays text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from model.charts import to_svg
from model.errors import InputError, need
from model.report.content import Picture, Report
from model.tabular import plain
from model.wording import LANGUAGES

if TYPE_CHECKING:
    from jinja2 import Environment

PICTURE_WIDTH = 760
ADDRESS = re.compile(r"https?://\S+")


def to_html(report: Report) -> str:
    """One page with its pictures inside, no script and nothing loaded from elsewhere."""
    return _environment().get_template("report.html").render(**_context(report))


def to_markdown(report: Report) -> str:
    """Markdown with footnotes; pictures are given by their tables."""
    return _environment().get_template("report.md").render(**_context(report))


def to_pdf(report: Report) -> bytes:
    """The page as PDF, tagged for readers that speak.

    Raises
    ------
    MissingExtraError, InputError
        WeasyPrint is not installed; the system lacks Pango, which it draws text with.
    """
    need("weasyprint", "report")
    try:
        from weasyprint import HTML
    except OSError:
        raise InputError("PDF", "the library Pango is not on this system.", "Install it, or write .html and print that.") from None

    return bytes(HTML(string=to_html(report), url_fetcher=_nothing_is_fetched).write_pdf(pdf_variant="pdf/ua-1"))


WRITERS: Mapping[str, Callable[[Report], bytes]] = {
    ".html": lambda report: to_html(report).encode(),
    ".pdf": to_pdf,
    ".md": lambda report: to_markdown(report).encode(),
}


def writer(file: str) -> Callable[[Report], bytes]:
    """What makes a file of this name.

    Raises
    ------
    InputError
        Its ending names no form of a report.
    """
    ending = Path(file).suffix.lower()
    if ending not in WRITERS:
        raise InputError(file, f'ending "{ending}" names no form of a report.', f"Name a file that ends in {', '.join(WRITERS)}.")
    return WRITERS[ending]


def _environment() -> Environment:
    """Templates: places of a page are escaped for HTML, those of Markdown escape each by the filter ``plain``."""
    need("jinja2", "report")
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=PackageLoader("model.report"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"plain": lambda text: plain(text.replace("&", "&amp;")), "ended": _ended, "svg": picture_svg}
    made.tests["address"] = lambda text: bool(ADDRESS.fullmatch(text))
    return made


def _ended(text: str) -> str:
    """A text as a sentence among others."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _context(report: Report) -> dict[str, Any]:
    numbers = {key: number for number, key in enumerate(report.notes, start=1)}
    return {"report": report, "number": numbers, "words": report.words}


def picture_svg(picture: Picture, language: str) -> str:
    """A chart as SVG whose inner names are its own, so that two stand in one page."""
    svg = to_svg(picture.name, picture.rows, LANGUAGES[language], width=PICTURE_WIDTH)
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{picture.name}-", svg)


def _nothing_is_fetched(url: str, *_: object, **__: object) -> NoReturn:
    raise ValueError(url)
