"""Ways to take a result along: link, Python, shell, JSON."""

from __future__ import annotations

import json
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from model.cards import source_line
from model.dashboard.state import View, link_text
from model.document import audit_document
from model.errors import InputError
from model.permalink import shell_command
from model.refusals import said
from model.report.annex import report_of
from model.report.front import Brief
from model.report.render import to_html
from model.tabular import plain, plain_lines

HOME = "verdict"  # the page at the root


def share(view: View, page: str) -> None:
    """Draw the share box below a page."""
    st.divider()
    _share_box(view, page)


@st.fragment
def _share_box(view: View, page: str) -> None:
    label = view.text("Copy link, reproduce, download")
    with (box := st.expander(label, icon=":material/share:", key=f"share_{page}", on_change="rerun")):
        if not box.open:
            return
        try:
            st.caption(view.text("Copy link"))
            st.code(address(page, link_text(view)), language=None, wrap_lines=True)
        except InputError as error:
            st.info(plain_lines(said(error, view.language)))
        st.caption(view.text("Reproduce in Python"))
        st.code(python_snippet(view), language="python")
        st.caption(view.text("Reproduce in the shell"))
        st.code(shell_snippet(view), language="bash")
        st.download_button(
            view.text("Download the report (a page with footnotes)"),
            data=lambda: to_html(report_of(Brief(view.verdict, view.language, view.choices.written))),
            file_name=f"{view.choices.claim}.html",
            mime="text/html",
            key=f"report_{page}",
            on_click="ignore",
        )
        st.download_button(
            view.text("Download the whole answer (JSON)"),
            data=lambda: json.dumps(audit_document(view.verdict), ensure_ascii=False, indent=2),
            file_name=f"{view.choices.claim}.json",
            mime="application/json",
            key=f"json_{page}",
            on_click="ignore",
        )


def link_back(view: View, page: str) -> None:
    """Below an embedded page: who says so, and the way to the whole audit."""
    claim = view.verdict.claim
    st.caption(f"{plain(source_line(view.registry.sources[claim.source.id]))} · {plain(claim.source.locator)}")
    st.link_button(view.text("Open the whole audit"), address(page, link_text(view)), icon=":material/open_in_new:")


def address(page: str, query: str) -> str:
    """Absolute address of a page with a query, path prefix included."""
    parts = urlsplit(st.context.url or "")
    path = parts.path.rstrip("/")
    if path.rpartition("/")[2] in ("", page):
        path = path.rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/{'' if page == HOME else page}", query.removeprefix("?"), ""))


def python_snippet(view: View) -> str:
    """Python that prints the same figures."""
    choices = view.choices
    changes = f", changes={list(choices.written)!r}" if choices.changes else ""
    return (
        "from model import audit\n\n"
        f"verdict = audit({choices.claim!r}, scenario={choices.scenario!r}{changes})\n"
        "print(verdict.sentence)\n"
        f"print(verdict.scope({choices.scope!r}).quantile([0.05, 0.5, 0.95]))\n"
    )


def shell_snippet(view: View) -> str:
    """A command that prints the same figures."""
    return shell_command(view.choices.claim, view.choices.scenario, view.choices.written)
