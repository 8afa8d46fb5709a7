"""Track record: GPU-hours that are known, predicted without their family, and how often the intervals held them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.backtest.document import backtest_document
from model.backtest.score import Backtest, backtest
from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View, registry
from model.views.track_record import (
    RUN_HEADS,
    SLICE_HEADS,
    coverage_rows,
    headline,
    method_rows,
    pit_rows,
    place_text,
    predicted_rows,
    run_cells,
    slice_rows,
)
from model.views.verdict import Row

TITLE = "Track record"
ICON = ":material/fact_check:"


def draw(view: View) -> None:
    """Draw the page."""
    found, document = _tested()
    st.title(view.text("How often was the estimate of GPU-hours right?"))
    st.subheader(headline(found, view.language))
    st.caption(
        view.text(
            "Each run is predicted from architecture, tokens and chip alone, by the utilisation that runs of other families reached. "
            "Disclosed hours hold stops, restarts and rounding."
        )
    )
    st.info(place_text(document["deepseek_v3"], view.language))
    st.markdown(f"#### {view.text('Coverage')}")
    _rows(view, coverage_rows(found, view.language), "coverage", view.text("Share of runs inside the central interval of each method."))
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(f"#### {view.text('Predicted and disclosed GPU-hours')}")
        rows = predicted_rows(document)
        words = view.text("{n} runs: predicted GPU-hours with their central 80 %, against those disclosed.", n=len(rows))
        chart(view, "predicted", rows, key="predicted", alt=words)
    with right:
        st.markdown(f"#### {view.text('Where disclosures lie in their prediction')}")
        rows = pit_rows(document, view.language)
        words = view.text("Runs by tenth of their prediction: {counts}.", counts=", ".join(str(row["count"]) for row in rows))
        chart(view, "histogram", rows, key="pit", alt=words)
        st.caption(
            view.text(
                "A calibrated estimate has level bars: 95 % of them between the dashed lines. On the left: fewer hours than predicted."
            )
        )
    st.markdown(f"#### {view.text('Against two baselines')}")
    hint = view.text(
        "Scores of ln GPU-hours: less is better. Both baselines have the spread of other families, and the second no attention."
    )
    _rows(view, method_rows(found, view.language), "methods", hint)
    st.markdown(f"#### {view.text('By kind of run')}")
    by, kind = SLICE_HEADS[:2]
    slices = [{kind: f"{row.pop(by)} · {row.pop(kind)}"} | row for row in slice_rows(found, view.language)]
    _rows(view, slices, "slices", view.text("Slices of a few runs show what there is, not what to expect."))
    open_card(view, _runs(view, document))


@st.cache_resource(show_spinner="…")
def _tested() -> tuple[Backtest, dict[str, Any]]:
    found = backtest(registry=registry())
    return found, backtest_document(found, registry())


def _rows(view: View, rows: list[Row], key: str, caption: str) -> None:
    cells: list[list[Cell]] = [list(row.values()) for row in rows]
    table(view, list(rows[0]), cells, key=key, caption=caption)


def _runs(view: View, document: dict[str, Any]) -> str | None:
    st.markdown(f"#### {view.text('Every run')}")
    rows: list[list[Cell]] = [
        [Figure(first, f"backtest_run:{identifier}", mark), *rest]
        for identifier, mark, first, rest in run_cells(document, view.registry, view.language)
    ]
    caption = view.text(
        "Share below: how much of the prediction lies below the disclosure. †: a source that was not read; *: never fitted."
    )
    return table(view, RUN_HEADS, rows, key="runs", first=3, caption=caption)
