"""Opens a card as a dialog: what a number is, where it comes from, who disputes it, what it feeds."""

from __future__ import annotations

import streamlit as st

from model.cards import DISPUTE, Card, evidenced_card, fact_card, parameter_card, scope_card, source_line
from model.dashboard.state import View


def card_of(view: View, card: str) -> Card:
    """The card that ``kind:id`` names."""
    kind, _, identifier = card.partition(":")
    match kind:
        case "scope":
            return scope_card(view.verdict, identifier, view.language)
        case "parameter":
            return parameter_card(view.verdict, identifier, view.language)
        case "fact":
            return fact_card(view.verdict, identifier, view.language)
        case _:
            return evidenced_card(view.registry, kind, identifier, view.language)


def open_card(view: View, card: str | None) -> None:
    """Open the card that was asked for in this rerun, if any."""
    if not card:
        return
    found = card_of(view, card)
    st.dialog(found.title, width="large")(lambda: _draw(view, found))()


def _draw(view: View, card: Card) -> None:
    if card.mark:
        st.warning(view.text("Rests on a placeholder." if card.mark == "placeholder" else "Rests on grade C evidence."))
    st.markdown("\n".join(f"- **{_plain(name)}**: {_plain(value)}" for name, value in card.lines))
    for item in card.evidence:
        source = view.registry.sources[item.source]
        disputed = f" · {view.text('disputed by')} {item.disputed_by}" if item.disputed_by else ""
        head = f"{view.text(item.stance)} · {view.text('grade')} {item.grade} · {view.text(item.read)}{disputed}"
        st.markdown(f"**{_plain(head)}** \n{_plain(view.text(item.figure))} \n{_plain(source_line(source))} · {_plain(item.locator)}")
    for identifier in card.rests_on:
        entry = view.registry.parameters[identifier]
        with st.expander(f"{view.text(entry.label)} · {identifier}"):
            _draw(view, parameter_card(view.verdict, identifier, view.language))
    if card.feeds:
        st.markdown(f"**{view.text('Feeds')}**: {', '.join(_plain(name) for name in card.feeds)}")
    st.caption(f"`{card.place}` · {view.text(DISPUTE)}")


def _plain(text: str) -> str:
    """Text from files stays text: characters that Markdown or LaTeX would read are escaped."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#$|~" else letter for letter in text).replace("\n", " ")
