"""How a visitor gives evidence: picks what is on file, writes an observation, or loads one from a file."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from model.dashboard.state import View
from model.errors import CostclaimError
from model.posterior_evidence import EXAMPLE, parse_observation, place
from model.refusals import said
from model.schema.observation import Observation
from model.tabular import plain_lines
from model.views.update import ERRORS, FIGURES, figures_of, written_observation

WORDS = {"label": "What was seen", "quantity": "Quantity", "unit": "Unit", "source": "Source"}


def chosen(view: View) -> tuple[Observation, ...]:
    """All evidence that the visitor wants to be used."""
    on_file = view.registry.names("evidence")
    labels = {name: view.text(view.registry.one("evidence", name, Observation).label) for name in on_file}
    asked = st.query_params.get("evidence", EXAMPLE).split(",")
    st.session_state.setdefault("evidence_on_file", [name for name in asked if name in on_file])
    st.session_state.picked_evidence = st.session_state.evidence_on_file
    st.multiselect(view.text("Evidence on file"), on_file, format_func=labels.__getitem__, key="picked_evidence", on_change=_picked)
    own: list[Observation] = st.session_state.setdefault("own_evidence", [])
    left, right = st.columns(2)
    with left.expander(view.text("Write an observation")):
        _form(view, own)
    with right.expander(view.text("Load an observation (TOML)")):
        _upload(view, own)
    if own:
        st.button(view.text("Take back your own evidence"), icon=":material/undo:", on_click=own.clear)
    return (*(view.registry.one("evidence", name, Observation) for name in st.session_state.evidence_on_file), *own)


def _picked() -> None:
    st.session_state.evidence_on_file = st.session_state.picked_evidence


def _form(view: View, own: list[Observation]) -> None:
    st.caption(view.text("A quantity is an assumption or a node of the cost graph, or two of one unit as A / B."))
    examples = {"quantity": "base_hours / project_hours", "unit": "fraction", "label": view.text("My own count"), "source": "–"}
    words = {name: st.text_input(view.text(label), examples[name], key=f"own_{name}") for name, label in WORDS.items()}
    family = st.selectbox(view.text("Error model"), list(ERRORS), format_func=lambda name: view.text(ERRORS[name]), key="own_family")
    figures = [
        st.number_input(view.text(FIGURES[name]), value=None, key=f"own_{family}_{name}", format="%g") for name in figures_of(family)
    ]
    if st.button(view.text("Use it"), key="own_use"):
        if None in figures:
            st.error(view.text("A figure is missing."))
            return
        _take(view, own, lambda: written_observation(_free(own), words, family, [figure for figure in figures if figure is not None]))


def _upload(view: View, own: list[Observation]) -> None:
    st.caption(view.text("The form is that of assumptions/evidence/*.toml; costclaim update reads the same file."))
    upload = st.file_uploader(view.text("Load an observation (TOML)"), type="toml", key="evidence_file", max_upload_size=1)
    if upload is not None and st.session_state.get("evidence_loaded") != upload.file_id:
        st.session_state.evidence_loaded = upload.file_id
        _take(view, own, lambda: parse_observation(upload.name, upload.getvalue().decode("utf-8", errors="replace")))


def _take(view: View, own: list[Observation], read: Callable[[], Observation]) -> None:
    """Keep an observation that can be read and placed in the ledger; else say what is wrong with it."""
    try:
        found = read()
        place(found, view.verdict.run.system)
    except CostclaimError as error:
        st.error(plain_lines(said(error, view.language)))
        return
    own.append(found)
    st.rerun()


def _free(own: list[Observation]) -> int:
    return 1 + len([item for item in own if item.id.startswith("own-")])
