"""A chart with everything that goes with it: its numbers in words, its table, its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from model import __version__
from model.charts import specification, to_png, to_svg
from model.dashboard.state import View

SMALL = 3  # significant digits in a chart's table


def chart(view: View, name: str, rows: Sequence[Mapping[str, Any]], *, key: str, alt: str = "") -> None:
    """Draw a chart from its specification; only the rows are new on a rerun."""
    data = [dict(row) for row in rows]
    words = alt or alt_text(view, data)
    st.vega_lite_chart(data, specification(name, view.language), key=f"chart_{key}", width="stretch", alt=words)
    with st.popover(view.text("Numbers and files"), icon=":material/table:"):
        st.caption(words)
        st.dataframe(data, hide_index=True, key=f"table_{key}")
        for label, maker, ending, mime in (
            ("CSV", lambda: table_csv(view, data), "csv", "text/csv"),
            ("SVG", lambda: to_svg(name, data, view.language), "svg", "image/svg+xml"),
            ("PNG", lambda: to_png(name, data, view.language), "png", "image/png"),
        ):
            st.download_button(label, data=maker, file_name=f"{key}.{ending}", mime=mime, key=f"{ending}_{key}", on_click="ignore")


def alt_text(view: View, rows: Sequence[Mapping[str, Any]]) -> str:
    """The labelled figures of a chart in words."""
    parts = [f"{row['label']}: {row['text']}" for row in rows if row.get("label") and row.get("text")]
    return "; ".join(parts) or view.text("A chart; its numbers are in the table below it.")


def table_csv(view: View, rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows of a chart, with what they were computed with in front."""
    run, choices = view.verdict.run, view.choices
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


def neutralised(value: Any) -> Any:
    """A text that a spreadsheet would run, kept as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
