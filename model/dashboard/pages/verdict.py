"""Verdict: the sentence, the ladder of scopes, the dots, three axes, the checks."""

from __future__ import annotations

import streamlit as st

from model.auditor.sentence import sentence
from model.cards import scope_mark
from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart
from model.dashboard.numbers import Cell, Figure, number_table
from model.dashboard.state import View, choose
from model.document import audit_document, no_implication
from model.tabular import plain
from model.views.track_record import subject_place
from model.views.verdict import ABSENT, CHECKS, FACTS, LABELS, amount_of, dots, ladder_rows, objection_text, reason_text

TITLE = "Verdict"
ICON = ":material/gavel:"
SHOWN_REASONS = 4


def draw(view: View) -> None:
    """Draw the page."""
    verdict = view.verdict
    st.title(view.text("What is this number the price of?"))
    st.markdown(f"> {plain(verdict.claim.text)}")
    st.caption(f"{plain(view.text(verdict.claim.claimant))}, {verdict.claim.date.isoformat()}")
    st.subheader(plain(sentence(verdict, view.language)))
    asked = verdict.claim.about_cost
    priced = asked and any(scope.routes for scope in verdict.run.scopes.values())
    if view.embedded:
        if priced:
            chart(view, "ladder", ladder_rows(verdict, view.language), key="ladder")
        return
    _axes(view)
    if verdict.claim.note:
        st.caption(plain(view.text(verdict.claim.note.strip())))
    opened = _costs(view) if priced else _scopes(view) if asked else None
    open_card(view, _checks(view) or opened)


def _costs(view: View) -> str | None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(f"#### {view.text('Cost by scope against the claim')}")
        chart(view, "ladder", ladder_rows(view.verdict, view.language), key="ladder")
    with right:
        _dots(view)
    return _scopes(view)


def _axes(view: View) -> None:
    verdict = view.verdict
    found = verdict.implication
    why = found.reasons if found else (no_implication(verdict),)
    axes = (
        ("Literal", "Do the numbers hold together?", verdict.literal.label, verdict.literal.reasons),
        ("Scope", "Do the words mean what the number prices?", verdict.scope_axis.label, verdict.scope_axis.reasons),
        ("Implication", "Does the amount fit what the words suggest?", found.label if found else None, why),
    )
    for column, (name, question, label, reasons) in zip(st.columns(3), axes, strict=True):
        with column, st.container(border=True):
            st.markdown(view.text("{axis}: {text}", axis=f"**{view.text(name)}**", text=view.text(LABELS[label])))
            st.caption(view.text(question))
            words = [reason_text(reason, verdict, view.language) for reason in reasons]
            st.caption(" · ".join(words[:SHOWN_REASONS]), help=" · ".join(words) if len(words) > SHOWN_REASONS else None)
    if objection := objection_text(verdict, view.language):
        st.info(plain(objection))


def _dots(view: View) -> None:
    present = [name for name, estimate in view.verdict.run.scopes.items() if estimate.routes]
    chosen = view.choices.scope if view.choices.scope in present else present[0]
    st.session_state.dots_scope = chosen
    st.selectbox(
        view.text("Scope in view"),
        present,
        format_func=view.scope_label,
        key="dots_scope",
        on_change=lambda: choose(scope=st.session_state.dots_scope),
    )
    plot = dots(view.verdict.scope(chosen), amount_of(view.verdict), view.language)
    words = plot.words(view.language)
    chart(view, "dots", plot.rows, key="dots", alt=words)
    st.caption(words)


def _scopes(view: View) -> str | None:
    rows: list[list[Cell]] = []
    for scope in audit_document(view.verdict)["scopes"] or []:
        name = scope["id"]
        if scope["reason"]:
            rows.append([Figure(view.scope_label(name), f"scope:{name}"), "", "", "", "", view.text(ABSENT[scope["reason"]])])
            continue
        why = ", ".join(view.text(label) for label in scope_mark(view.verdict, name))
        figures = [Figure(view.language.money(scope[key], 3), f"scope:{name}", "†" * bool(why), why) for key in ("p05", "p50", "p95")]
        chance = scope["probability_at_most_claim"]
        share = Figure("" if chance is None else view.language.chance(chance), f"scope:{name}" if chance is not None else "")
        rows.append([Figure(view.scope_label(name), f"scope:{name}"), *figures, share, view.text(LABELS[scope["implication"]])])
    template = "Cost in US dollars of {year}. †: an input rests on grade C evidence alone. Click a figure for its card."
    return number_table(
        [view.text(head) for head in ("Scope", "P5", "P50", "P95", "P(cost ≤ claim)", "The amount is")],
        rows,
        key="scopes",
        caption=view.text(template, year=view.verdict.run.subject.price_year),
        figures=(1, 2, 3, 4),
        hint=view.text("Open the card of this figure"),
    )


def _checks(view: View) -> str | None:
    rows = [[view.text(CHECKS[c.id]), view.text(LABELS[c.status]), c.message_in(view.language)] for c in view.verdict.checks]
    with st.expander(view.text("Consistency checks"), expanded=True, icon=":material/rule:"):
        number_table([view.text(head) for head in ("Check", "Result", "Finding")], rows, key="checks")
        st.caption(subject_place(view.verdict, view.language))
    facts: list[list[Cell]] = [
        [view.text(FACTS.get(name, name)), Figure(view.language.count(value, 5), f"fact:{name}")]
        for name, value in view.verdict.facts.items()
    ]
    with st.expander(view.text("Stated figures"), icon=":material/format_quote:"):
        heads = [view.text("Stated figure"), view.text("Value")]
        return number_table(heads, facts, key="facts", figures=(1,), hint=view.text("Open the card of this figure"))
