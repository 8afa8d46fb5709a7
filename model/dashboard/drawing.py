"""A chart with everything that goes with it: its numbers in words, its table, its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from model import __version__
from model.charts import specification, to_png, to_svg
from model.dashboard.numbers import Cell, number_table
from model.dashboard.state import View
from model.numerical_error import error_of, supported_digits
from model.tabular import neutralised

SMALL = 3  # significant digits in a chart's table


def chart(view: View, name: str, rows: Sequence[Mapping[str, Any]], *, key: str, alt: str = "") -> None:
    """Draw a chart from its specification; only the rows are new on a rerun."""
    data = [dict(row) for row in rows]
    words = alt or alt_text(view, data)
    spec = specification(name, view.language) | {"description": words}
    st.vega_lite_chart(data, spec, key=f"chart_{key}", width="stretch")
    _numbers_and_files(view, name, data, key, words)


@st.fragment
def _numbers_and_files(view: View, name: str, data: list[dict[str, Any]], key: str, words: str) -> None:
    """The table and the files behind a chart, drawn only while they are looked at."""
    with (box := st.popover(view.text("Numbers and files"), icon=":material/table:", key=f"files_{key}", on_change="rerun")):
        if not box.open:
            return
        st.caption(words)
        st.dataframe([{name: _shown(value) for name, value in row.items()} for row in data], hide_index=True, key=f"table_{key}")
        for label, maker, ending, mime in (
            ("CSV", lambda: table_csv(view, data), "csv", "text/csv"),
            ("SVG", lambda: to_svg(name, data, view.language), "svg", "image/svg+xml"),
            ("PNG", lambda: to_png(name, data, view.language), "png", "image/png"),
        ):
            st.download_button(label, data=maker, file_name=f"{key}.{ending}", mime=mime, key=f"{ending}_{key}", on_click="ignore")


def _shown(value: Any) -> Any:
    """A figure with the digits that its error supports; the files have all."""
    return float(f"{value:.{supported_digits(value, error_of(value), SMALL)}g}") if isinstance(value, float) else value


def table(
    view: View,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    key: str,
    first: int = 1,
    last: int | None = None,
    caption: str = "",
) -> str | None:
    """A table whose columns ``first`` to ``last`` are figures; returns the card that the visitor opened in this rerun."""
    texts, figures = [view.text(head) for head in heads], range(len(heads))[first:last]
    named = [text[:1].upper() + text[1:] for text in texts]
    return number_table(named, rows, key=key, caption=caption, figures=figures, hint=view.text("Open the card of this figure"))


def alt_text(view: View, rows: Sequence[Mapping[str, Any]]) -> str:
    """The labelled figures of a chart in words."""
    parts = [view.text("{axis}: {text}", axis=row["label"], text=row["text"]) for row in rows if row.get("label") and row.get("text")]
    return "; ".join(parts) or view.text("A chart; its numbers are in the table below it.")


def table_csv(view: View, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of a chart, with what they were computed with in front."""
    run, choices = view.run, view.choices
    buffer = io.StringIO()
    for name, value in (
        ("engine", __version__),
        ("data", run.registry.sha256),
        ("claim", choices.claim),
        ("scenario", choices.scenario),
        ("changes", "; ".join(choices.written)),
        ("points", run.points),
        ("seed", run.setting.seed),
        ("unit", f"USD of {run.subject.price_year} where not said otherwise"),
    ):
        buffer.write(f"# {name}: {value}\n")
    writer = csv.DictWriter(buffer, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: neutralised(value) for key, value in row.items()} for row in rows)
    return buffer.getvalue()
