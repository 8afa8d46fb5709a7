"""Scores of the routes beside their weights: shown when asked for, never applied."""

from __future__ import annotations

import streamlit as st

from model.dashboard.drawing import table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View, registry
from model.route_scores import RouteSummary, route_scores, summaries


@st.cache_resource(show_spinner="…")
def _averages() -> tuple[RouteSummary, ...]:
    return summaries(route_scores(registry()))


def scored_routes(view: View) -> str | None:
    """Draw the part; returns the card that was opened."""
    if not st.toggle(view.text("Score the routes on projects whose R is known"), key="score_routes"):
        return None
    number, rows = view.language.number, list[list[Cell]]()
    for average in _averages():
        card = f"route:{average.route}"
        logs = ["–" if x is None else number(x, 3) for x in (average.log_score, average.reference_log_score)]
        weight = "–" if average.weight is None else number(average.weight, 2)
        written = (str(average.cases), logs[0], number(average.crps, 3), logs[1], weight)
        rows.append([Figure(view.route_name(average.route), card), *(Figure(text, card) for text in written)])
    caption = (
        "Each project is left out and foretold by the routes whose inputs are known of it; scores are of ln R, a dash where a case lies "
        "outside all that a route can give. Nothing is applied: the weights are yours. Few cases, so the suggestion is weak."
    )
    heads = ["Route", "cases", "log score", "CRPS", "reference class on the same", "weight that the scores suggest"]
    return table(view, heads, rows, key="route_scores", caption=view.text(caption))
