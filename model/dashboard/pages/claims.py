"""Claims: every bill on file, audited alike; a click opens its verdict."""

from __future__ import annotations

from math import ceil

import streamlit as st

from model.dashboard.numbers import Cell, Figure, number_table
from model.dashboard.state import View, choose, registry
from model.views.claims import ANY, Bill, Filter, bills, label
from model.wording import LANGUAGES

TITLE = "Claims"
ICON = ":material/receipt_long:"
PAGE = 25
LITERAL = (ANY, "supported", "refuted", "not_enough_info")
IMPLICATION = (*LITERAL, "")
MARKS = {"warn": "△", "fail": "✕"}


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("What do others say that a model cost?"))
    st.caption(view.text("Every claim on file goes through the same audit, those of the critics too. Open one for its verdict."))
    rows = _bills(view.language.code, view.choices.scenario, view.choices.written)
    wanted = _filter(view)
    found = [row for row in rows if wanted.accepts(row)]
    st.caption(view.text("{shown} of {all} claims", shown=len(found), all=len(rows)))
    pages = max(1, ceil(len(found) / PAGE))
    st.session_state.claims_page = number = min(st.session_state.get("claims_page", 1), pages)
    shown = found[(number - 1) * PAGE : number * PAGE]
    opened = _table(view, shown) if shown else st.info(view.text("Nothing on file matches; drop a filter or a word."))
    if pages > 1:
        st.pagination(pages, key="claims_page")
    if isinstance(opened, str):
        show(opened.removeprefix("claim:"))


def show(claim: str) -> None:
    """Open the verdict on a claim."""
    choose(claim=claim)
    st.session_state.open_page = "verdict"
    st.rerun()


@st.cache_resource(max_entries=8, show_spinner="…")
def _bills(code: str, scenario: str, written: tuple[str, ...]) -> tuple[Bill, ...]:
    found = bills(registry(), LANGUAGES[code], scenario=scenario, changes=written)
    return tuple(sorted(found, key=lambda bill: bill.subject.casefold()))


def _filter(view: View) -> Filter:
    words, literal, implication = st.columns([2, 1, 1])

    def named(code: str) -> str:
        return view.text("any") if code == ANY else label(code, view.language)

    return Filter(
        words.text_input(view.text("Words"), key="claims_words", placeholder=view.text("a model, a name, a scope")),
        literal.selectbox(view.text("Literal"), LITERAL, format_func=named, key="claims_literal"),
        implication.selectbox(view.text("Implication"), IMPLICATION, format_func=named, key="claims_implication"),
    )


def _table(view: View, found: list[Bill]) -> str | None:
    heads = (
        "Claim",
        "Figure",
        "USD per GPU-hour",
        "Market",
        "MFU",
        "Prices → suggests",
        "Literal",
        "Scope",
        "Implication",
    )
    rows = [_row(view, bill) for bill in found]
    caption = view.text(
        "Price: stated, else amount over hours. Market: P5 to P95 of dated rents. △ outside it, ✕ far outside, – not known."
    )
    return number_table(
        [view.text(head) for head in heads],
        rows,
        key="bills",
        caption=caption,
        figures=(2, 4),
        hint=view.text("Open the verdict on this claim"),
    )


def _row(view: View, bill: Bill) -> list[Cell]:
    labels = (label(code, view.language) for code in (bill.literal, bill.scope, bill.implication))
    name = Figure(f"{bill.subject} · {bill.claimant}", f"claim:{bill.id}")
    price = Figure(bill.price, mark=MARKS.get(bill.price_status, ""))
    return [name, bill.figure, price, bill.market, bill.utilisation, bill.scopes, *labels]
