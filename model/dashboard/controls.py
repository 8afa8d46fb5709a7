"""Controls of the Explore page: price basis and route weights, every assumption, scenario files."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.dashboard.state import View, change, choose
from model.errors import CostclaimError
from model.overrides import describe
from model.refusals import said
from model.tabular import plain_lines
from model.views.explore import read_scenario, scenario_toml
from model.views.verdict import UNITS


def settings(view: View) -> None:
    """Options such as the price basis, and the weights of the routes."""
    setting, registry = view.run.setting, view.registry
    for name, entry in registry.choices.items():
        key = f"choice_{name}"
        st.session_state[key] = setting.choices[name]
        texts = {option: view.text(option.replace("_", " ")) for option in entry.options}
        st.selectbox(
            view.text(entry.label),
            entry.options,
            format_func=texts.__getitem__,
            key=key,
            on_change=lambda name=name, key=key: change(name, st.session_state[key]),
        )
    st.caption(view.text("Weights of the routes; they are scaled to sum to 1 in each scope."))
    for name, weight in registry.weights.items():
        key = f"weight_{name}"
        st.session_state[key] = float(setting.weights[name])
        label = view.text(weight.label)
        st.number_input(
            label, 0.0, 10.0, key=key, step=0.5, on_change=lambda name=name, key=key: change(name, f"{st.session_state[key]:g}")
        )


def assumption_table(view: View) -> None:
    """Every assumption as text that can be edited."""
    changes = dict(view.choices.changes)
    head = {"what": view.text("Assumption"), "value": view.text("Value"), "unit": view.text("Unit")}
    names = list(view.registry.parameters)
    rows = [
        {"what": view.text(p.label), "value": changes.get(p.id, describe(p.distribution)), "unit": view.text(UNITS[p.unit])}
        for p in view.registry.parameters.values()
    ]
    st.caption(view.text("Write a value, an interval (2..4) or a distribution; the message says what does not fit."))
    st.data_editor(
        rows,
        hide_index=True,
        disabled=["what", "unit"],
        column_config=head,
        key="all_assumptions",
        on_change=lambda: _edited(names, st.session_state.all_assumptions),
    )


def _edited(names: list[str], editor: dict[str, Any]) -> None:
    for row, cells in editor["edited_rows"].items():
        if cells.get("value"):
            change(names[int(row)], cells["value"])


def scenario_files(view: View) -> None:
    """Download the state as a scenario, or load one."""
    text = scenario_toml("my-scenario", view.choices.scenario, view.choices.changes)
    st.download_button(view.text("Download the scenario (TOML)"), text, "my-scenario.toml", "application/toml", on_click="ignore")
    upload = st.file_uploader(view.text("Load a scenario (TOML)"), type="toml", key="scenario_file", max_upload_size=1)
    if upload is not None and st.session_state.get("loaded") != upload.file_id:
        st.session_state.loaded = upload.file_id
        try:
            base, changes = read_scenario(upload.name, upload.getvalue(), view.registry)
        except CostclaimError as error:
            st.error(plain_lines(said(error, view.language)))
            return
        choose(scenario=base, changes=changes)
        if "refused" in st.session_state:  # said here, not at the top of the page, where a rerun would have it
            st.error(st.session_state.pop("refused"))
            return
        st.rerun()
