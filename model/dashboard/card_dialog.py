"""Opens a card as a dialog: what a number is, where it comes from, who disputes it, what it feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from model.auditor.audit import Verdict
from model.cards import DISPUTE, Card, component_card, evidenced_card, fact_card, parameter_card, route_card, scope_card, source_line
from model.dashboard.state import View
from model.tabular import plain
from model.views.evidence import source_card
from model.views.method import equation_card
from model.views.price import quantity_card
from model.views.programme import programme_card
from model.views.track_record import run_card
from model.views.update import observation_card
from model.views.why import group_card
from model.wording import Language

# Kind -> what makes its card from the verdict; other kinds are entries with evidence.
KINDS: Mapping[str, Callable[[Verdict, str, Language], Card]] = {
    "scope": scope_card,
    "parameter": parameter_card,
    "component": component_card,
    "route": route_card,
    "quantity": quantity_card,
    "fact": fact_card,
    "programme": programme_card,
    "equation": equation_card,
    "source": source_card,
    "observation": observation_card,
    "backtest_run": run_card,
    "group": group_card,
}


def card_of(view: View, card: str) -> Card:
    """The card that ``kind:id`` names."""
    kind, _, identifier = card.partition(":")
    if kind in KINDS:
        return KINDS[kind](view.verdict, identifier, view.language)
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
    st.markdown("\n".join(f"- **{plain(name)}**: {plain(value)}" for name, value in card.lines))
    for item in card.evidence:
        source = view.registry.sources[item.source]
        disputed = f" · {view.text('disputed by')} {item.disputed_by}" if item.disputed_by else ""
        head = f"{view.text(item.stance)} · {view.text('grade')} {item.grade} · {view.text(item.read)}{disputed}"
        where = f"{plain(source_line(source))} · {plain(item.locator)}"
        st.markdown(f"**{plain(head)}**  \n{plain(view.text(item.figure))}  \n{where}")
    for identifier in card.rests_on:
        entry = view.registry.parameters[identifier]
        with st.expander(f"{view.text(entry.label)} · {identifier}"):
            _draw(view, parameter_card(view.verdict, identifier, view.language))
    if card.feeds:
        st.markdown(f"**{view.text('Feeds')}**: {', '.join(plain(name) for name in card.feeds)}")
    st.caption(f"`{card.place}` · {view.text(DISPUTE)}")
