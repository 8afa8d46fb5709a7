"""Retellings: how each wording moved from its primary source, which claims cannot both stand, who restates whom."""

from __future__ import annotations

import streamlit as st

from model.claims.contradictions import Contradiction, contradictions
from model.claims.drift import Drift, drifts
from model.claims.quotations import quoted
from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View
from model.registry import Registry
from model.views.drift import drift_cells, told, tree_rows, words_of

TITLE = "Retellings"
ICON = ":material/record_voice_over:"


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("What retellings did to the number"))
    found, opposed = _found(view.registry)
    values = {"moved": sum(bool(item.moved) for item in found), "of": len(found), "pairs": len(opposed)}
    head = "{moved} of {of} wordings moved away from their source; {pairs} contradictions among the claims on file."
    st.markdown(view.text(head, **values))
    st.markdown(f"#### {view.text('Who restates whom')}")
    chart(view, "retellings", tree_rows(found, view.registry, view.language), key="retellings")
    opened = _drift(view, found)
    opened = _contradictions(view, opposed) or opened
    open_card(view, _words(view) or opened)


@st.cache_resource(show_spinner=False)
def _found(_registry: Registry) -> tuple[list[Drift], list[Contradiction]]:
    return drifts(_registry), contradictions(_registry)


def _drift(view: View, found: list[Drift]) -> str | None:
    st.markdown(f"#### {view.text('How each wording moved')}")
    st.caption(view.text("An axis on which nothing is stated is left out."))
    rows: list[list[Cell]] = [[_claim(view, item.claim), *drift_cells(item, view.language)] for item in found]
    return table(view, ("Wording", "What moved", "What did not"), rows, key="drift", last=1)


def _claim(view: View, name: str) -> Figure:
    """A claim that opens the card of its source."""
    claim = view.registry.claim(name)
    return Figure(told(claim, view.registry, view.language), f"source:{claim.source.id}")


def _contradictions(view: View, opposed: list[Contradiction]) -> str | None:
    st.markdown(f"#### {view.text('Claims that cannot both stand')}")
    rows: list[list[Cell]] = [[_claim(view, item.first), _claim(view, item.second), item.text(view.language)] for item in opposed]
    return table(view, ("One claim", "The other", "Why"), rows, key="contradictions", last=1)


def _words(view: View) -> str | None:
    with st.expander(view.text("The words, and where they stand")):
        st.caption(
            view.text("The articles are not part of this project; each quotation is found again by its place in a text of that hash.")
        )
        rows: list[list[Cell]] = [[_claim(view, claim.id), *words_of(claim, view.language)] for claim, _ in quoted(view.registry)]
        return table(view, ("Claim", "Words", "In English", "Place"), rows, key="words", last=1)
