"""Research overhead: R by its routes, the components, the reference class and its cases, the earlier models."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart
from model.dashboard.numbers import Cell, Figure
from model.dashboard.reference_class import back_button, reference_class, sourced_table
from model.dashboard.route_scores import scored_routes
from model.dashboard.state import View, audited, change
from model.views.overhead import MIXTURE, Overhead, Spread, overhead_of, spread_rows, spread_words
from model.views.verdict import ABSENT

TITLE = "Research overhead"
ICON = ":material/science:"
P = ("P5", "P50", "P95")


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("How much compute stands behind the final run?"))
    st.markdown(view.text("R is all development compute of a project over the productive GPU-hours F of its final run."))
    found = _figures(view.choices.claim, view.choices.scenario, view.choices.written)
    opened = []
    if found is None:
        st.info(view.text(ABSENT[view.verdict.scope("project").reason or "base_excluded"]))
    else:
        opened = [_routes(view, found), scored_routes(view), _components(view, found)]
    opened.append(reference_class(view))
    if found is not None:
        opened.append(_earlier(view, found))
    open_card(view, next(filter(None, opened), None))


@st.cache_resource(max_entries=128, show_spinner=False)
def _figures(claim: str, scenario: str, changes: tuple[str, ...]) -> Overhead | None:
    return overhead_of(audited(claim, scenario, changes).run)


def _cells(view: View, row: Spread, card: str) -> list[Cell]:
    why = ", ".join(view.text(label) for label in row.doubtful)
    figures = [Figure(view.language.number(value, 3), card, "†" * bool(why), why) for value in row.values]
    return [Figure(row.name(view.language), card), *figures]


def _intervals(view: View, key: str, spreads: Sequence[Spread]) -> None:
    chart(view, "intervals_linear", spread_rows(spreads, view.language), key=key, alt=spread_words(spreads, view.language))


def _routes(view: View, found: Overhead) -> str | None:
    left, right = st.columns([3, 2], gap="large")
    with right:
        _weights(view, found)
    with left:
        st.markdown(f"#### {view.text('R by each route alone, and mixed')}")
        _intervals(view, "ratios", found.ratios)
    rows: list[list[Cell]] = []
    for row in found.ratios:
        card = f"route:{row.id}" if row.id else "scope:project"
        rows.append([*_cells(view, row, card), Figure(view.language.percent(row.weight, 3), card)])
    caption = (
        "Quantiles of R over the points of this run; the mixture weighs the routes exactly. R is at least elapsed over productive time. "
        "†: an input rests on grade C evidence. Click a figure for its card."
    )
    return sourced_table(view, "ratio_table", ["Route", *P, "Share"], rows, caption, numbers=4)


def _weights(view: View, found: Overhead) -> None:
    st.markdown(f"#### {view.text('Weights of the routes')}")
    for row in found.ratios:
        if row.id == MIXTURE:
            continue
        key, weight = f"weigh_{row.id}", view.verdict.run.setting.weights[f"route.{row.id}"]
        st.session_state[key] = weight
        st.slider(view.text(row.label), 0.0, max(2.0, weight), step=0.1, key=key, on_change=_weigh, args=(row.id, key))
    st.caption(view.text("Scaled to sum to 1. The weight of the reference class also counts in the lab window."))
    back_button(view, "route.", view.text("Back to the scenario's weights"))
    if found.variance is None:
        st.warning(view.text("No route has weight, so there is no mixture and no cost of the project."))
    else:
        text = "Variance of ln R: {between_routes:number2} between the routes, {within_routes:number2} within them."
        st.info(view.text(text, **found.variance))


def _weigh(route: str, key: str) -> None:
    change(f"route.{route}", f"{st.session_state[key]:g}")


def _components(view: View, found: Overhead) -> str | None:
    st.markdown(f"#### {view.text('Components as multiples of the final run')}")
    left, right = st.columns([2, 3], gap="large")
    with left:
        _intervals(view, "components", found.components)
    rows: list[list[Cell]] = [[*_cells(view, row, f"component:{row.id}"), view.text(row.note)] for row in found.components]
    caption = (
        "Multiples of F. Percentiles do not add: the sum of components is drawn, not summed from this table. Components and the other "
        "routes are alternatives, never added. Idle time is already in the busy hour and in rent. Staff is a share of R&D cost, not a "
        "multiple of F."
    )
    with right:
        return sourced_table(view, "component_table", ["Component", *P, "Enters"], rows, caption)


def _earlier(view: View, found: Overhead) -> str | None:
    st.markdown(f"#### {view.text('Earlier models: a joint cost')}")
    rows: list[list[Cell]] = []
    for row in found.hours:
        card, name = f"parameter:{row.id}", view.text(row.label)
        written = [Figure(view.language.count(value, 3), card) for value in row.values]
        rows.append([Figure(name, card, "†" * bool(row.doubtful), ", ".join(row.doubtful)), *written, view.text(row.note)])
    caption = (
        "Hours times share is C7, which enters the programme only. The total also holds earlier models that have no line of their own; "
        "the lines below the share are the final runs that the lab released in its window."
    )
    return sourced_table(view, "earlier_table", ["Earlier models", *P, "Unit"], rows, caption)
