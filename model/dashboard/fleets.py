"""Whose fleet: claims about the lab's GPUs side by side, and which of them is chosen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.dashboard.drawing import table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View, audited, change
from model.fleets import priced_fleets
from model.views.scenarios import range_text
from model.views.update import count_text, fleets_document
from model.views.verdict import ABSENT
from model.wording import LANGUAGES


def whose_fleet(view: View) -> str | None:
    """Draw the part; returns the card that was opened."""
    st.markdown(f"#### {view.text('Whose fleet?')}")
    rows: list[list[Cell]] = []
    for fleet in _priced(view.choices.claim, view.choices.scenario, view.choices.written, view.language.code):
        card = f"fleet:{fleet['id']}"
        name = f"{fleet['label']} {'✓' if fleet['chosen'] else ''}".strip()
        cost = [Figure(range_text(q, view.language) if q else "–", card) for q in (fleet["fleet_capex"], fleet["lab_window"])]
        disputed = "; ".join(fleet["disputed_by"])
        rows.append([Figure(name, card), fleet["claimant"], count_text(fleet["gpus"], view.language), *cost, disputed])
    if not rows:
        st.caption(view.text(ABSENT["no_fleet"]))
        return None
    entry, key = view.registry.choices["fleet.claim"], "fleet_claim"
    st.session_state[key] = view.verdict.run.setting.choices["fleet.claim"]
    names = {name: view.text(view.registry.fleets[name].label) for name in entry.options}
    st.selectbox(
        view.text(entry.label),
        entry.options,
        format_func=names.__getitem__,
        key=key,
        on_change=lambda: change("fleet.claim", st.session_state[key]),
    )
    heads = ["Fleet", "claimed by", "GPUs", "purchase", "the lab's year", "disputed by"]
    caption = "Alternatives, never added: a purchase is a stock, compared with no run and no year."
    return table(view, heads, rows, key="fleets", first=3, last=5, caption=view.text(caption))


@st.cache_resource(max_entries=32, show_spinner=False)
def _priced(claim: str, scenario: str, changes: tuple[str, ...], code: str) -> list[dict[str, Any]]:
    run = audited(claim, scenario, changes).run
    return list(fleets_document(priced_fleets(run), run, LANGUAGES[code])["fleets"])
