"""The part of the overhead page on reference classes: cases to drop or add, and the fit before and after."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from model.dashboard.drawing import chart
from model.dashboard.numbers import Cell, Figure, number_table
from model.dashboard.state import View, audited, choose
from model.schema.assumption import Case
from model.tabular import plain
from model.views.overhead import CLASS_PARAMETERS, CLASSES, case_rows, cases_of, drawn_cases, fit_row, range_of, with_cases


def sourced_table(view: View, key: str, columns: Sequence[str], rows: list[list[Cell]], caption: str, *, numbers: int = 3) -> str | None:
    """A table with a name in front, then its numbers; returns the card that was opened."""
    hint = view.text("Open the card of this figure")
    heads = [view.text(column) for column in columns]
    return number_table(heads, rows, key=key, caption=view.text(caption), figures=range(1, 1 + numbers), hint=hint)


def back_button(view: View, prefix: str, label: str) -> None:
    """A button that takes back the changes whose id starts so, where there are any."""
    kept = tuple(item for item in view.choices.changes if not item[0].startswith(prefix))
    if kept != view.choices.changes:
        st.button(label, key=f"back_{prefix}", icon=":material/undo:", on_click=choose, kwargs={"changes": kept})


def reference_class(view: View) -> str | None:
    """Draw the part; returns the card that was opened."""
    st.markdown(f"#### {view.text('The reference class and its cases')}")
    texts = {name: view.text(text) for name, text in CLASSES.items()}
    kind = st.radio(view.text("Class"), list(CLASSES), format_func=texts.__getitem__, key="case_class", horizontal=True)
    before, now = audited(view.choices.claim, view.choices.scenario, ()).run, view.verdict.run
    cases = cases_of(now, kind)
    labels = {case.id: view.text(case.label) for case, _ in cases}
    key = f"cases_{kind}"
    st.session_state[key] = [case.id for case, weight in cases if weight > 0.0]
    st.multiselect(
        view.text("Cases in the fit: drop or add one"),
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        on_change=lambda: choose(changes=with_cases(view.choices.changes, before, kind, st.session_state[key])),
    )
    back_button(view, "case.", view.text("Back to the scenario's cases"))
    opened = _fits(view, kind)
    left, right = st.columns([2, 3], gap="large")
    with left:
        drawn = drawn_cases(cases)
        alt = "; ".join(f"{labels[case.id]}: {view.language.number(case.ratio)}" for case, _ in drawn)
        chart(view, "cases", case_rows(drawn, view.language), key="cases", alt=alt)
        if far := [labels[case.id] for case, weight in cases if (case, weight) not in drawn]:
            st.caption(view.text("Far off this scale, in the table only: {cases}.", cases=plain(", ".join(far))))
    with right:
        return _case_table(view, cases) or opened


def _case_table(view: View, cases: Sequence[tuple[Case, float]]) -> str | None:
    rows: list[list[Cell]] = []
    for case, weight in cases:
        readings = (case.ratio, case.low or case.ratio, case.high or case.ratio, weight)
        figures = [Figure(view.language.number(value), f"case:{case.id}") for value in readings]
        rows.append([Figure(view.text(case.label), f"case:{case.id}"), *figures, view.text("yes" if weight else "no")])
    columns = ["Case", "R", "Lowest", "Highest", "Weight", "In the fit"]
    caption = "Hollow marks are kept in view and out of the fit; their cards say why."
    return sourced_table(view, "case_table", columns, rows, caption, numbers=4)


def _fits(view: View, kind: str) -> str | None:
    card = f"parameter:{CLASS_PARAMETERS[kind]}"
    rows: list[list[Cell]] = []
    for label, changes in (("Scenario", ()), ("Now", view.choices.written)):
        if label == "Now" and not changes:
            continue
        row = fit_row(audited(view.choices.claim, view.choices.scenario, changes).run, kind)
        moments = [Figure(view.language.number(value), card) for value in (row.m, row.s, row.n_eff)]
        rows.append([view.text(label), *moments, Figure(range_of(row.values, view.language), card)])
    if any(override.id == CLASS_PARAMETERS[kind] for override in view.verdict.run.setting.overrides):
        st.warning(view.text("A written value stands in place of this fit."))
    columns = ["Fit of ln(R - 1)", "Mean m", "Spread s", "Effective cases", "R, one more case"]
    return sourced_table(
        view,
        "fit_table",
        columns,
        rows,
        "A log-t through the cases in the fit, by their weights; last, the R that it foretells for one more case (median, 90 %).",
        numbers=4,
    )
