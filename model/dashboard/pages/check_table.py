"""Check a table: upload runs, see which rows do not hold together, take the findings along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View
from model.errors import CostclaimError, need
from model.refusals import said
from model.tabular import plain, plain_lines

if TYPE_CHECKING:
    from model.claims.table_checks import CheckedTable

TITLE = "Check a table"
ICON = ":material/table_view:"
EXAMPLE = "example.csv"
LARGEST = 20  # MB of a table
SHOWN = 100  # findings
KINDS = ["csv", "tsv", "txt", "parquet", "xlsx", "xls"]
FORMATS = {"": "by its header", "plain": "plain columns", "epoch": "Epoch's columns"}


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("Check a table of runs"))
    st.markdown(
        view.text(
            "Every row is held against itself, against physics and against the market of its chip and date. "
            "Rows that lack what a check needs are counted, none is dropped. The file stays on this computer."
        )
    )
    need("polars", "tables")
    name, found = _wanted(view)
    _summary(view, name, found)
    _findings(view, found)


def _wanted(view: View) -> tuple[str, CheckedTable]:
    """The visitor's last table that could be read; at first the example."""
    left, right = st.columns([3, 2])
    with left:
        label = view.text("A table of runs: CSV, Parquet or Excel, up to {size} MB", size=LARGEST)
        upload = st.file_uploader(label, type=KINDS, key="table_file", max_upload_size=LARGEST)
    with right:
        texts = {code: view.text(text) for code, text in FORMATS.items()}
        format_ = st.selectbox(view.text("Columns"), list(FORMATS), format_func=texts.__getitem__, key="table_format")
        example = (view.registry.root / "tables" / EXAMPLE).read_bytes()
        st.download_button(view.text("Download the example"), example, EXAMPLE, "text/csv", on_click="ignore")
    if upload is not None:
        try:
            st.session_state.table_checked = upload.name, _checked(upload.name, upload.getvalue(), format_)
        except CostclaimError as error:
            left.error(plain_lines(said(error, view.language)))
    if "table_checked" in st.session_state:
        kept: tuple[str, CheckedTable] = st.session_state.table_checked
        return kept
    return EXAMPLE, _checked(EXAMPLE, example, "")


@st.cache_resource(max_entries=4, show_spinner="…")
def _checked(name: str, data: bytes, format_: str) -> CheckedTable:
    from model.claims.table_checks import check_table

    return check_table(data, name=name, layout=format_ or None)


def _summary(view: View, name: str, found: CheckedTable) -> None:
    from model.views.check_table import NOT_CHECKED, count_rows, remark_texts, rule_cards

    st.subheader(plain(name))
    counts = {"rows": found.rows, "checked": found.checked, "idle": found.idle}
    st.markdown(view.text("{rows:number9} rows: {checked:number9} checked, {idle:number9} not.", **counts))
    for remark in remark_texts(found, view.language):
        st.caption(plain(remark))
    if found.unknown_chips:
        st.caption(view.text("Hardware that is not on file: {names}.", names=plain(", ".join(found.unknown_chips))))
    left, right = st.columns([3, 2])
    with left:
        cards = rule_cards(view.language)
        rows: list[list[Cell]] = []
        for label, *counted in (row.values() for row in count_rows(found, view.language)):
            rows.append([Figure(label, cards.get(label, "")), *map(str, counted)])
        caption = view.text("Rows by check and result; a check opens the rule that draws its line")
        opened = table(view, ["check", "pass", "remark", "warn", "fail"], rows, key="table_counts", caption=caption)
        open_card(view, opened)
    if found.unchecked:
        with right:
            reasons = [[view.text(NOT_CHECKED[reason]), str(count)] for reason, count in found.unchecked.items()]
            table(view, ["not checked because", "rows"], reasons, key="table_reasons", caption=view.text("Rows that could not be checked"))


def _findings(view: View, found: CheckedTable) -> None:
    from model.views.check_table import FORMS, check_label, export_bytes, flag_rows, severity_label, worst_first

    checks = ["", *dict.fromkeys(found.flags["check"])]
    label = view.text("Findings of")
    chosen = st.selectbox(
        label, checks, format_func=lambda c: check_label(c, view.language) if c else view.text("every check"), key="table_of"
    )
    flags = worst_first(flag_rows(found, view.language, chosen))
    rows = [
        [name or "–", str(row), check_label(check, view.language), severity_label(severity, view.language), message]
        for row, name, check, severity, message in flags.head(SHOWN).iter_rows()
    ]
    if rows:
        heads = ["name", "row", "check", "result", "finding"]
        table(view, heads, rows, key="table_flags", last=2, caption=view.text("Findings, the gravest first"))
    else:
        st.success(view.text("Nothing was found."))
    if len(flags) > SHOWN:
        st.caption(view.text("{more:number9} more; the file has all.", more=len(flags) - SHOWN))
    st.download_button(
        view.text("Download what was found (CSV)"),
        lambda: export_bytes(found, view.language, FORMS[".csv"]),
        "findings.csv",
        "text/csv",
        on_click="ignore",
    )
