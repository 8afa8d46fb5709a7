"""Why the gap: from the claim to the estimate part by part, what drives the cost, and which fact to ask for next."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import ONE_AT_A_TIME, View, audited, choose
from model.errors import RefusedError
from model.explain.gap import gap_of
from model.explain.information import voi_of
from model.explain.sensitivity import amount_for, relation_of, sensitivity_of
from model.tabular import plain
from model.views.why import (
    LEARNT,
    card_for,
    driver_rows,
    drivers,
    gap_document,
    sensitivity_document,
    share_text,
    varies,
    voi_document,
    waterfall_rows,
)
from model.wording import LANGUAGES

TITLE = "Why the gap"
ICON = ":material/waterfall_chart:"
METHODS = {"tornado": "One input at a time (tornado)", "sobol": "Shares of variance (Sobol')", "shapley": "Fair shares (Shapley)"}
OUTPUTS = {"cost": "the cost", "verdict": "whether the amount fits"}
BY = {"parameter": "by assumption", "group": "by group"}
COLUMNS: dict[str, dict[str, str]] = {
    "tornado": {"low_usd": "Lowest", "high_usd": "Highest"},
    "sobol": {"first": "First alone", "total": "In total"},
    "shapley": {"effect": "Share"},
}
Document = dict[str, Any]
State = tuple[str, str, tuple[str, ...]]  # claim, scenario, written changes


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("Why is there a gap?"))
    scope = _scope(view)
    if scope is None:
        st.info(view.text("No cost of what this claim is about can be computed here, so that there is nothing to explain."))
        return
    opened = [_gap(view, scope), _drivers(view, scope), _next(view, scope)]
    open_card(view, next(filter(None, opened), None))


def _scope(view: View) -> str | None:
    """The scope that is explained: that in view where it is spent, else the first one that is."""
    present = [name for name, own in view.verdict.run.scopes.items() if own.routes and view.registry.scopes[name].flow]
    if not present:
        return None
    st.session_state.why_scope = view.choices.scope if view.choices.scope in present else present[0]
    label = view.text("Scope in view")
    st.selectbox(label, present, format_func=view.scope_label, key="why_scope", on_change=lambda: choose(scope=st.session_state.why_scope))
    return str(st.session_state.why_scope)


@st.cache_resource(max_entries=64, show_spinner="…")
def _explained(what: str, state: State, scope: str, code: str, how: tuple[str, str, str]) -> Document | None:
    """One answer as the command line prints it; None where there is no honest one."""
    verdict, language = audited(*state), LANGUAGES[code]
    usd = amount_for(verdict.claim, verdict.run, scope)
    method, of, by = how
    with ONE_AT_A_TIME:
        try:
            if what == "gap":
                return gap_document(gap_of(verdict, scope), language)
            if what == "voi":
                return voi_document(voi_of(verdict.run, scope, usd=usd, relation=relation_of(verdict.claim)), language)
            found = sensitivity_of(verdict.run, scope, method=method, of=of, by=by, usd=usd, relation=relation_of(verdict.claim))
            return sensitivity_document(found, language)
        except RefusedError:
            return None


def _ask(view: View, what: str, scope: str, how: tuple[str, str, str] = ("", "", "")) -> Document | None:
    choices = view.choices
    return _explained(what, (choices.claim, choices.scenario, choices.written), scope, view.language.code, how)


def _gap(view: View, scope: str) -> str | None:
    st.markdown(f"#### {view.text('From the claim to the estimate')}")
    found = _ask(view, "gap", scope)
    if found is None:
        st.info(
            view.text("There is no such gap: the parts start from a sum of dollars that prices a final run, and this claim states none.")
        )
        return None
    st.markdown(plain(found["sentence"]))
    rows = waterfall_rows(found, view.language)
    chart(view, "waterfall", rows, key="gap")
    money, cells = view.language.money, list[list[Cell]]()
    for part in found["parts"]:
        card = "scope:final_run" if part["id"] == "rounding" else card_for(view.registry, part["id"], "group")
        written = [
            view.language.shift(part["usd"]),
            money(part["p05"], 3),
            money(part["p95"], 3),
            view.language.number(part["factor"], 3),
        ]
        cells.append([Figure(part["label"], card), *(Figure(text, card) for text in written)])
    return table(view, ["Part", "Adds", "P5", "P95", "Factor"], cells, key="gap_table", caption=found["remark"])


def _drivers(view: View, scope: str) -> str | None:
    st.markdown(f"#### {view.text('What drives it')}")
    method, _, by = how = _options(view)
    found = _ask(view, "sensitivity", scope, how)
    if found is None:
        st.info(view.text("The verdict is nearly always the same here, so that there is nothing to tell about what decides it."))
        return None
    rows = driver_rows(found, float(view.verdict.scope(scope).quantile(0.5)), view.language)
    if not rows:
        st.info(view.text("Nothing is uncertain here."))
        return None
    chart(view, "intervals_log_usd" if method == "tornado" else "intervals_linear", rows, key="drivers")
    columns = COLUMNS[method]
    cells: list[list[Cell]] = []
    for own in drivers(found):
        card = card_for(view.registry, own["id"], by)
        texts = [view.language.money(own[c], 3) if method == "tornado" else share_text(own, c, view.language) for c in columns]
        cells.append([Figure(own["label"], card), *(Figure(text, card) for text in texts)])
    return table(view, ["What", *columns.values()], cells, key=f"drivers_{method}", caption=found["remark"])


def _options(view: View) -> tuple[str, str, str]:
    """Method, output and kind of input; a tornado bar is of the cost and of one assumption."""

    def pick(label: str, options: dict[str, str], key: str) -> str:
        texts = {name: view.text(text) for name, text in options.items()}
        st.session_state.setdefault(key, next(iter(options)))
        return str(st.selectbox(view.text(label), [*options], format_func=texts.__getitem__, key=key))

    first, second, third = st.columns(3)
    with first:
        method = pick("Method", METHODS, "why_method")
    if method == "tornado":
        return method, "cost", "parameter"
    with second:
        of = pick("What varies", OUTPUTS, "why_of")
    with third:
        return method, of, pick("Inputs", BY, "why_by")


def _next(view: View, scope: str) -> str | None:
    st.markdown(f"#### {view.text('What to ask for next')}")
    found = _ask(view, "voi", scope)
    if found is None:
        return None
    st.info(plain(found["sentence"]))
    cells: list[list[Cell]] = []
    for item in filter(varies, found["items"]):
        card = card_for(view.registry, item["id"], item["kind"])
        wrong = item["wrong_verdict_removed"]
        spared = "–" if wrong is None else view.language.chance(wrong)
        row = [Figure(view.language.money(item["width_removed_usd"], 3), card), Figure(spared, card)]
        cells.append([Figure(item["label"], card), *row, view.text(LEARNT[item["kind"]])])
    heads = ["What is learnt", "Width removed", "Wrong verdicts removed", "Kind"]
    return table(view, heads, cells, key="voi", last=3, caption=found["remark"])
