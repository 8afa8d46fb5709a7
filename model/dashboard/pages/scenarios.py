"""Scenarios: two states side by side, on the same draws, with the interval of their difference."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from model.comparison import compare_runs
from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart
from model.dashboard.numbers import Cell, Figure, number_table
from model.dashboard.state import View, audited
from model.errors import CostclaimError
from model.views import ABSENT
from model.views_scenarios import SIGNS, Changed, changed_assumptions, correlated, interval_rows, range_text, scope_differences

TITLE = "Scenarios"
ICON = ":material/compare_arrows:"
NOW = ""  # the visitor's own state, in place of a scenario's id
State = tuple[str, tuple[str, ...]]  # scenario and written changes


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("Two scenarios side by side"))
    picked = _pick(view)
    states: list[State] = [(name, ()) if name else (view.choices.scenario, view.choices.written) for name in picked]
    labels = [_name(view, name) for name in picked]
    try:
        scopes, changed = _compared(view.choices.claim, states[0], states[1])
    except CostclaimError as error:
        st.error(str(error))
        return
    st.markdown(f"#### {view.text('Cost by scope in each')}")
    chart(view, "intervals_log_usd", interval_rows(scopes, labels, view.registry, view.language), key="scenarios")
    opened = _differences(view, scopes)
    st.info(
        view.text(
            "Intervals do not subtract: both states are computed on the same draws, and the difference is taken draw by draw. "
            "What both share cancels, so that its interval is not the one between the ends of the two."
        )
    )
    opened = _assumptions(view, states, changed) or opened
    if opened:
        place, _, card = opened.partition(":")
        scenario, changes = states[int(place)]
        open_card(replace(view, known=audited(view.choices.claim, scenario, changes)), card)


@st.cache_resource(max_entries=128, show_spinner=False)
def _compared(claim: str, first: State, second: State) -> tuple[list[dict[str, Any]], list[Changed]]:
    runs = [audited(claim, *state).run for state in (first, second)]
    return scope_differences(compare_runs(*runs)), changed_assumptions(runs)


def _pick(view: View) -> tuple[str, str]:
    """The two states that the visitor compares; at first his own against one that differs in the price."""
    others = sorted(view.registry.names("scenarios"), key=lambda name: name != "zheng")
    first, second = st.session_state.get("compared", (NOW, "zheng" if view.choices.scenario == "as_reported" else "as_reported"))
    st.session_state.compare_1, st.session_state.compare_2 = first, second
    for number, (column, sign) in enumerate(zip(st.columns(2), SIGNS, strict=True), start=1):
        column.selectbox(
            f"{sign} {view.text('State')}",
            [NOW, *others],
            format_func=lambda name: _name(view, name),
            key=f"compare_{number}",
            on_change=_picked,
        )
        name = (first, second)[number - 1] or view.choices.scenario
        column.caption(view.text(view.registry.scenario(name).description.strip()).replace("$", "\\$"))
    return first, second


def _picked() -> None:
    st.session_state.compared = (st.session_state.compare_1, st.session_state.compare_2)


def _name(view: View, name: str) -> str:
    if name:
        return view.text(view.registry.scenario(name).label)
    base = view.text(view.registry.scenario(view.choices.scenario).label)
    count = len(view.choices.changes)
    return view.text("As set now: {base}, {count} changed" if count else "As set now: {base}", base=base, count=count)


def _differences(view: View, scopes: list[dict[str, Any]]) -> str | None:
    rows: list[list[Cell]] = []
    for scope in scopes:
        name = scope["id"]
        if scope["reason"] and not any(scope["scenarios"]):
            rows.append([Figure(view.scope_label(name), f"0:scope:{name}"), "", "", view.text(ABSENT[scope["reason"]])])
            continue
        pair = [Figure(range_text(q, view.language), f"{i}:scope:{name}") if q else "–" for i, q in enumerate(scope["scenarios"])]
        gap = scope["difference"]
        last = Figure(range_text(gap, view.language), f"1:scope:{name}") if gap else view.text(ABSENT[scope["reason"]])
        rows.append([Figure(view.scope_label(name), f"1:scope:{name}"), *pair, last])
    heads = [view.text("Scope"), *SIGNS, "② − ①"]
    caption = view.text("Median and central 90 % in US dollars of 2024. The last scope is a stock, never compared with the others.")
    hint = view.text("Open the card of this figure")
    return number_table(heads, rows, key="differences", caption=caption, hint=hint)


def _assumptions(view: View, states: list[State], changed: list[Changed]) -> str | None:
    st.markdown(f"#### {view.text('What differs in the assumptions')}")
    for sign, state in zip(SIGNS, states, strict=True):
        for label in correlated(audited(view.choices.claim, *state).run):
            st.markdown(f"{sign} {view.text('Rank correlations are switched on:')} {view.text(label)}")
    rows: list[list[Cell]] = []
    for row in changed:
        name = Figure(view.text(row.label), f"1:parameter:{row.id}") if row.is_parameter else view.text(row.label)
        why = [f"{sign} {view.text(reason)}" for sign, reason in zip(SIGNS, row.reasons, strict=True) if reason]
        rows.append([name, *(view.text(value.replace("_", " ")) for value in row.values), " ".join(why)])
    if not rows:
        st.caption(view.text("No value differs."))
        return None
    heads = [view.text("Assumption"), *SIGNS, view.text("Why")]
    return number_table(heads, rows, key="assumed", hint=view.text("Open the card of this figure"))
