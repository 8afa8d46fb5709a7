"""Retellings: how each wording moved from its primary source, which claims cannot both stand, who restates whom."""

from __future__ import annotations

import streamlit as st

from model.claims.contradictions import Contradiction, contradictions
from model.claims.drift import AXES, Drift, drifts
from model.claims.quotations import quoted
from model.dashboard.drawing import chart
from model.dashboard.numbers import number_table
from model.dashboard.state import View
from model.registry import Registry
from model.views_drift import AXIS_NAMES, MOVED, contradiction_cells, drift_cells, origin_of, told, tree_rows, words_of

TITLE = "Retellings"
ICON = ":material/record_voice_over:"


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("What retellings did to the number"))
    found, opposed = _found(view.registry)
    values = {"moved": sum(bool(item.moved) for item in found), "of": len(found), "pairs": len(opposed)}
    st.markdown(
        view.text("{moved} of {of} wordings moved away from their source; {pairs} contradictions among the claims on file.", **values)
    )
    st.markdown(f"#### {view.text('Who restates whom')}")
    chart(view, "retellings", tree_rows(found, view.registry, view.language), key="retellings")
    _drift(view, found)
    _contradictions(view, opposed)
    _words(view)


@st.cache_resource(show_spinner=False)
def _found(_registry: Registry) -> tuple[list[Drift], list[Contradiction]]:
    return drifts(_registry), contradictions(_registry)


def _drift(view: View, found: list[Drift]) -> None:
    st.markdown(f"#### {view.text('How each wording moved')}")
    st.caption(view.text("{mark}: moved away from the source. An axis on which nothing is stated is left empty.", mark=MOVED))
    heads = [view.text(head) for head in ("Wording", *(AXIS_NAMES[axis] for axis in AXES))]
    for origin in dict.fromkeys(item.origin for item in found):
        group = [item for item in found if item.origin == origin]
        caption = view.text("Source: {origin}", origin=origin_of(group[0], view.registry, view.language))
        rows = [drift_cells(item, view.registry, view.language) for item in group]
        number_table(heads, rows, key=f"drift_{origin}", caption=caption)


def _contradictions(view: View, opposed: list[Contradiction]) -> None:
    st.markdown(f"#### {view.text('Claims that cannot both stand')}")
    rows = [contradiction_cells(item, view.registry, view.language) for item in opposed]
    number_table([view.text(head) for head in ("One claim", "The other", "Why")], rows, key="contradictions")


def _words(view: View) -> None:
    with st.expander(view.text("The words, and where they stand")):
        st.caption(
            view.text("The articles are not part of this project; each quotation is found again by its place in a text of that hash.")
        )
        rows = [[told(claim, view.registry, view.language), *words_of(claim, view.language)] for claim, _ in quoted(view.registry)]
        number_table([view.text(head) for head in ("Claim", "Words", "In English", "Place")], rows, key="words")
