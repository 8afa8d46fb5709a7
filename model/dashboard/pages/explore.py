"""Explore: move an assumption and see what it does, before against after on the same draws."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from model.auditor.stated import part_nearest
from model.dashboard.card_dialog import open_card
from model.dashboard.controls import assumption_table, scenario_files, settings
from model.dashboard.drawing import chart
from model.dashboard.numbers import Cell, Figure, number_table
from model.dashboard.share import share
from model.dashboard.state import View, audited, change, choose, computed, current_view
from model.engine import Run
from model.routes import SCOPE_NODES
from model.schema.assumption import Parameter
from model.tabular import plain
from model.views.explore import most_moving, slider_range
from model.views.verdict import ABSENT, UNITS, curve_rows, range_text

TITLE = "Explore"
ICON = ":material/tune:"


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("Move an assumption"))
    _workbench()


@st.fragment
def _workbench() -> None:
    view = current_view()
    present = [name for name in SCOPE_NODES if not view.run.system.absent(name)]
    scope = view.choices.scope
    if reason := view.run.scope(scope).reason:
        st.info(view.text("{axis}: {text}", axis=view.scope_label(scope), text=view.text(ABSENT[reason])))
        return
    before = computed(replace(view.choices, changes=()))
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.session_state.explore_scope = scope
        label = view.text("Scope in view")
        st.selectbox(
            label,
            present,
            format_func=view.scope_label,
            key="explore_scope",
            on_change=lambda: choose(scope=st.session_state.explore_scope),
        )
        for parameter in _movers(view.choices.claim, view.choices.scenario, scope):
            _slider(view, before, parameter)
        settings(view)
        if view.choices.changes and st.button(view.text("Back to the scenario"), icon=":material/undo:"):
            choose(changes=())
            st.rerun()
    with right:
        _answer(view, before, scope)
    if refused := st.session_state.get("refused"):
        st.error(refused)
    with (box := st.expander(view.text("All assumptions"), icon=":material/edit_note:", key="all", on_change="rerun")):
        if box.open:
            assumption_table(view)
    with (box := st.expander(view.text("Scenario as a file"), icon=":material/description:", key="files", on_change="rerun")):
        if box.open:
            scenario_files(view)
    if not view.embedded:
        share(view, "explore")


@st.cache_resource(max_entries=64, show_spinner=False)
def _movers(claim: str, scenario: str, scope: str) -> tuple[Parameter, ...]:
    return most_moving(audited(claim, scenario, ()), scope)


def _slider(view: View, before: Run, parameter: Parameter) -> None:
    low, high, now = slider_range(view.run.setting, parameter, before.setting)
    key = f"slide_{parameter.id}"
    st.session_state[key] = now
    label = f"{view.text(parameter.label)} ({view.text(UNITS[parameter.unit])})"
    st.slider(label, low, high, key=key, on_change=lambda: change(parameter.id, f"{st.session_state[key]:.6g}"))
    if parameter.id in dict(view.choices.changes):
        reset = view.text("Let it vary again")
        st.button(reset, key=f"reset_{parameter.id}", type="tertiary", on_click=lambda: change(parameter.id, None))


def _answer(view: View, before: Run, scope: str) -> None:
    now, then = view.run.scope(scope), before.scope(scope)
    amount = view.registry.claim(view.choices.claim).dollars
    claim = part_nearest(amount, float(now.quantile(0.5))) if amount else None
    head = view.text("{axis}: {text}", axis=view.scope_label(scope), text=range_text(now, view.language))
    st.subheader(plain(head))
    if claim is not None:
        values = {"amount": claim, "chance": view.language.chance(now.probability_at_most(claim))}
        text = "{amount:usd} sits at {chance} of the S-curve: the probability that the cost stays within it."
        st.markdown(plain(view.text(text, **values)))
    rows = curve_rows(now, view.text("now"), claim, view.language)
    if view.choices.changes:
        rows += curve_rows(then, view.text("before"), claim, view.language)
        st.caption(plain(view.text("Before: {range}", range=range_text(then, view.language))))
    chart(view, "s_curve", rows, key="s_curve", alt=range_text(now, view.language))
    labels = {name: p.label for name, p in view.registry.parameters.items()}
    changed: list[list[Cell]] = [
        [Figure(view.text(labels.get(name, name)), f"parameter:{name}" * (name in labels)), value] for name, value in view.choices.changes
    ]
    if changed:
        heads = [view.text("Changed"), view.text("to")]
        open_card(view, number_table(heads, changed, key="changed", hint=view.text("Open the card of this figure")))
