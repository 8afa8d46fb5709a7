"""Evidence: every source, assumption, case and observed price, searchable; each opens its card."""

from __future__ import annotations

from math import ceil
from textwrap import shorten

import streamlit as st

from model.dashboard.card_dialog import open_card
from model.dashboard.numbers import Cell, Figure, number_table
from model.dashboard.state import View, audited
from model.views.evidence import GRADES, KINDS_SHOWN, Item, Wanted, counts, evidence_items
from model.wording import LANGUAGES

TITLE = "Evidence"
ICON = ":material/library_books:"
PAGE = 25
MARKS = {"grade C": "†", "placeholder": "‡"}
LONGEST = 70  # letters of a cell; the card has the rest


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("What does it all rest on?"))
    st.caption(view.text("Every assumption and who says so. Open an entry for its reason, its evidence and what depends on it."))
    choices = view.choices
    items = _items(view.language.code, choices.claim, choices.scenario, choices.written)
    _counts(view, items)
    wanted = _filters(view)
    found = [item for item in items if wanted.accepts(item)]
    pages = max(1, ceil(len(found) / PAGE))
    if st.session_state.get("evidence_page", 1) > pages:
        st.session_state.evidence_page = 1
    start = (st.session_state.get("evidence_page", 1) - 1) * PAGE
    opened = _table(view, found, start) if found else st.info(view.text("Nothing on file matches; drop a filter or a word."))
    if pages > 1:
        st.pagination(pages, key="evidence_page")
    open_card(view, opened if isinstance(opened, str) else None)


@st.cache_resource(max_entries=32, show_spinner=False)
def _items(code: str, claim: str, scenario: str, written: tuple[str, ...]) -> tuple[Item, ...]:
    return evidence_items(audited(claim, scenario, written), LANGUAGES[code])


def _counts(view: View, items: tuple[Item, ...]) -> None:
    labels = {
        "parameter": "Assumptions",
        "case": "Reference cases",
        "price_observation": "Observed prices",
        "source": "Sources",
        "disputed": "Disputed",
        "not_read": "Not read",
    }
    with st.container(horizontal=True, gap="medium"):
        for name, count in counts(items).items():
            st.metric(view.text(labels[name]), count, width="content")


def _filters(view: View) -> Wanted:
    text = st.text_input(view.text("Search"), placeholder=view.text("label, author, title or figure"), key="evidence_search", live=True)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        kinds = st.pills(
            view.text("Kind"),
            list(KINDS_SHOWN),
            selection_mode="multi",
            format_func=lambda kind: view.text(KINDS_SHOWN[kind]),
            key="evidence_kinds",
            wrap=True,
        )
        grades = st.pills(view.text("Grade"), GRADES, selection_mode="multi", key="evidence_grades")
        disputed = st.toggle(view.text("Disputed only"), key="evidence_disputed")
        not_read = st.toggle(view.text("Not read only"), key="evidence_not_read")
    return Wanted(text or "", tuple(kinds), tuple(grades), disputed, not_read)


def _table(view: View, found: list[Item], start: int) -> str | None:
    st.caption(view.text("†: only grade C evidence supports it; ‡: a placeholder; (+2): two more pieces of evidence."))
    last = min(start + PAGE, len(found))
    return number_table(
        [view.text(head) for head in ("Entry", "Kind", "Figure", "Grade", "Read state", "Where", "Disputed by", "Feeds")],
        [_row(view, item) for item in found[start:last]],
        key="evidence",
        caption=view.text("{first:number} to {last:number} of {all:number}", first=start + 1, last=last, all=len(found)),
        hint=view.text("Open the card of this entry"),
    )


def _row(view: View, item: Item) -> list[Cell]:
    uses = item.uses[0] if item.uses else ""
    if len(item.uses) > 1:
        uses += view.text(" and {more:number} more", more=len(item.uses) - 1)
    return [
        Figure(item.title, item.card, MARKS.get(item.mark, ""), view.text(item.mark)),
        view.text(KINDS_SHOWN[item.kind]),
        shorten(item.figure, LONGEST, placeholder=" …"),
        ", ".join(item.grades),
        ", ".join(view.text(state) for state in item.read),
        shorten(item.where, LONGEST, placeholder=" …"),
        "; ".join(view.text(who) for who in item.disputed),
        uses,
    ]
