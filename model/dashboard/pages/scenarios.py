"""Scenarios: up to four states side by side, on the same draws, with the interval of each difference from the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from model.comparison import compare_runs
from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.numbers import Cell, Figure, number_table
from model.dashboard.state import View, audited
from model.errors import CostclaimError
from model.numerical_error import Estimated
from model.refusals import said
from model.tabular import plain, plain_lines
from model.views.scenarios import (
    SIGNS,
    Changed,
    changed_assumptions,
    correlated,
    interval_rows,
    range_text,
    scope_differences,
    step_label,
    step_rows,
)
from model.views.verdict import ABSENT

TITLE = "Scenarios"
ICON = ":material/compare_arrows:"
NOW = ""  # the visitor's own state, in place of a scenario's id
NONE = "-"  # no state in this place
State = tuple[str, tuple[str, ...]]  # scenario and written changes
StepRow = tuple[str, str, Mapping[str, Estimated | None]]


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("Scenarios side by side"))
    picked = _pick(view)
    states: list[State] = [(name, ()) if name else (view.choices.scenario, view.choices.written) for name in picked]
    labels = [_name(view, name) for name in picked]
    try:
        scopes, changed, steps = _compared(view.choices.claim, tuple(states))
    except CostclaimError as error:
        st.error(plain_lines(said(error, view.language)))
        return
    st.markdown(f"#### {view.text('Cost by scope in each')}")
    chart(view, "intervals_log_usd", interval_rows(scopes, labels, view.registry, view.language), key="scenarios")
    opened = _differences(view, scopes)
    st.info(
        view.text(
            "Intervals do not subtract: all states are computed on the same draws, and each difference is taken draw by draw. "
            "What two states share cancels, so that its interval is not the one between the ends of the two."
        )
    )
    opened = _assumptions(view, states, changed) or opened
    opened = _steps(view, steps) or opened
    if opened:
        place, _, card = opened.partition(":")
        scenario, changes = states[int(place)]
        open_card(replace(view, known=audited(view.choices.claim, scenario, changes)), card)


@st.cache_resource(max_entries=128, show_spinner=False)
def _compared(claim: str, states: tuple[State, ...]) -> tuple[list[dict[str, Any]], list[Changed], list[StepRow]]:
    runs = [audited(claim, *state).run for state in states]
    comparison = compare_runs(*runs)
    return scope_differences(comparison), changed_assumptions(runs), step_rows(comparison)


def _pick(view: View) -> list[str]:
    """The states that the visitor compares; at first his own against one that differs in the price."""
    others = sorted(view.registry.names("scenarios"), key=lambda name: name != "zheng")
    start = (NOW, "zheng" if view.choices.scenario == "as_reported" else "as_reported", NONE, NONE)
    picked = st.session_state.get("compared", start)
    for number, (column, sign) in enumerate(zip(st.columns(len(SIGNS)), SIGNS, strict=True)):
        key, name = f"compare_{number + 1}", picked[number]
        st.session_state[key] = name
        options = [NOW, *others] if number < 2 else [NONE, NOW, *others]
        label = f"{sign} {view.text('State')}"
        column.selectbox(label, options, format_func=lambda name: _name(view, name), key=key, on_change=_picked)
        if name != NONE:
            described = view.registry.scenario(name or view.choices.scenario).description.strip()
            column.caption(plain(view.text(described)))
    return [name for name in picked if name != NONE]


def _picked() -> None:
    st.session_state.compared = tuple(st.session_state[f"compare_{number}"] for number in range(1, len(SIGNS) + 1))


def _name(view: View, name: str) -> str:
    if name == NONE:
        return "–"
    if name:
        return view.text(view.registry.scenario(name).label)
    base = view.text(view.registry.scenario(view.choices.scenario).label)
    count = len(view.choices.changes)
    return view.text("As set now: {base}, {count} changed" if count else "As set now: {base}", base=base, count=count)


def _differences(view: View, scopes: list[dict[str, Any]]) -> str | None:
    rows: list[list[Cell]] = []
    for scope in scopes:
        name = scope["id"]
        costs = [Figure(range_text(q, view.language), f"{i}:scope:{name}") if q else "–" for i, q in enumerate(scope["scenarios"])]
        told = enumerate(scope["differences"], start=1)
        absent = view.text(ABSENT[scope["reason"]]) if scope["reason"] else ""
        gaps = [Figure(range_text(q, view.language), f"{i}:scope:{name}") if q else absent for i, q in told]
        rows.append([Figure(view.scope_label(name), f"0:scope:{name}"), *costs, *gaps])
    signs = SIGNS[: len(scopes[0]["scenarios"])]
    heads = [view.text("Scope"), *signs, *(f"{sign} − ①" for sign in signs[1:])]
    template = "Median and central 90 % in US dollars of {year}. The last scope is a stock, never compared with the others."
    caption = view.text(template, year=view.verdict.run.subject.price_year)
    hint = view.text("Open the card of this figure")
    return number_table(heads, rows, key="differences", caption=caption, hint=hint)


def _steps(view: View, steps: list[StepRow]) -> str | None:
    """What each change does alone."""
    if not steps:
        return None
    st.markdown(f"#### {view.text('What each change does alone')}")
    rows: list[list[Cell]] = []
    for sign, name, effect in steps:
        label, is_parameter = step_label(view.registry, name)
        card = f"{SIGNS.index(sign)}:parameter:{name}" if is_parameter else ""
        shifts = [Figure(view.language.shift(usd), f"{SIGNS.index(sign)}:scope:{scope}") for scope, usd in effect.items()]
        rows.append([Figure(f"{sign} {view.text(label)}", card), *shifts])
    caption = "Change of the median when this alone is as in the other state; what the changes do together is named as what is left."
    return table(
        view, ["Change", *(view.registry.scopes[scope].label for scope in steps[0][2])], rows, key="steps", caption=view.text(caption)
    )


def _assumptions(view: View, states: list[State], changed: list[Changed]) -> str | None:
    st.markdown(f"#### {view.text('What differs in the assumptions')}")
    for sign, state in zip(SIGNS, states, strict=False):
        for label in correlated(audited(view.choices.claim, *state).run):
            st.markdown(f"{sign} {view.text('Rank correlations are switched on:')} {view.text(label)}")
    rows: list[list[Cell]] = []
    for row in changed:
        name = Figure(view.text(row.label), f"1:parameter:{row.id}") if row.is_parameter else view.text(row.label)
        why = [f"{sign} {view.text(reason)}" for sign, reason in zip(SIGNS, row.reasons, strict=False) if reason]
        rows.append([name, *(view.text(value.replace("_", " ")) for value in row.values), " ".join(why)])
    if not rows:
        st.caption(view.text("No value differs."))
        return None
    heads = [view.text("Assumption"), *SIGNS[: len(states)], view.text("Why")]
    return number_table(heads, rows, key="assumed", hint=view.text("Open the card of this figure"))
