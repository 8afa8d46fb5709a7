"""Method: scopes, equations as the code has them, conventions, rules of the verdict, limits."""

from __future__ import annotations

import streamlit as st

from model.cards import mark_of, scope_mark
from model.dashboard.card_dialog import open_card
from model.dashboard.numbers import Cell, Figure, number_table
from model.dashboard.state import View, audited
from model.schema.assumption import Choice, Rule, Weight
from model.views.method import PARTS, EquationRow, equation_rows, first_paragraph, shared_text
from model.views.verdict import ABSENT
from model.wording import LANGUAGES

TITLE = "Method"
ICON = ":material/function:"
TABS = ("Scopes", "Equations", "How it is computed", "Rules of the verdict", "Limits")


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("How is it computed?"))
    scopes, equations, text, rules, limits = st.tabs([view.text(name) for name in TABS])
    with scopes:
        opened = _scopes(view)
        _routes(view)
    with equations:
        opened = _equations(view) or opened
    with text:
        st.markdown(shared_text("method", view.language.code))
    with rules:
        opened = _rules(view) or opened
    with limits:
        st.markdown(shared_text("limits", view.language.code))
    open_card(view, opened)


def _scopes(view: View) -> str | None:
    rows: list[list[Cell]] = []
    for name, entry in view.registry.scopes.items():
        estimate = view.verdict.scope(name)
        card, figure = f"scope:{name}", Figure(view.text(ABSENT[estimate.reason or "no_route"]))
        if estimate.routes:
            why = ", ".join(view.text(label) for label in scope_mark(view.verdict, name))
            figure = Figure(view.language.money(estimate.cost_at(0.5), 3), card, "†" * bool(why), why)
        rows.append([Figure(view.text(entry.label), card), view.text(entry.answers), view.text(entry.formula), figure])
    return number_table(
        [view.text(head) for head in ("Scope", "Question", "Formula", "Median here")],
        rows,
        key="method_scopes",
        caption=view.text(
            "Each of the first five holds the one before; the last two stand apart. †: an input rests on grade C evidence alone."
        ),
        figures=(3,),
        hint=view.text("Open the card of this figure"),
    )


def _routes(view: View) -> None:
    setting = view.verdict.run.setting
    here = {name: view.language.number(weight) for name, weight in setting.weights.items()}
    here |= {name: view.text(choice.replace("_", " ")) for name, choice in setting.choices.items()}
    entries: dict[str, Weight | Choice] = {**view.registry.weights, **view.registry.choices}
    rows: list[list[Cell]] = [[view.text(e.label), here[name], view.text(e.rationale.strip())] for name, e in entries.items()]
    heads = [view.text(head) for head in ("Route or choice", "Here", "Why")]
    caption = view.text("Routes and choices of this scenario. Weights are scaled to sum to 1 in each scope.")
    number_table(heads, rows, key="method_routes", caption=caption)


def _equations(view: View) -> str | None:
    opened = None
    st.caption(view.text("Read off the code that computes them. Open one for the assumptions that enter it and the scopes that use it."))
    for part, module in PARTS.items():
        st.markdown(f"### {view.text(part)}")
        st.caption(view.text(first_paragraph(module.__doc__)))
        choices = view.choices
        rows = [_equation(view, row) for row in _rows(part, view.language.code, choices.claim, choices.scenario, choices.written)]
        heads = [view.text(head) for head in ("Quantity", "What it is", "Formula", "Assumptions that enter")]
        found = number_table(heads, rows, key=f"equations_{module.__name__}", hint=view.text("Open the card of this equation"))
        opened = found or opened
    return opened


@st.cache_resource(max_entries=128, show_spinner=False)
def _rows(part: str, code: str, claim: str, scenario: str, written: tuple[str, ...]) -> list[EquationRow]:
    return equation_rows(audited(claim, scenario, written), part, LANGUAGES[code])


def _equation(view: View, row: EquationRow) -> list[Cell]:
    enters = "; ".join(view.text(p.label) for p in row.enters)
    return [Figure(row.label, f"equation:{row.name}"), row.what, row.formula or view.text("see the text"), enters]


def _rules(view: View) -> str | None:
    rows: list[list[Cell]] = []
    for name, located in view.registry.located("rule").items():
        rule = located.entry
        assert isinstance(rule, Rule)
        mark, card = mark_of(rule), f"rule:{name}"
        value = Figure(view.language.number(rule.value, 7), card, "†" * bool(mark), view.text(mark))
        rows.append([Figure(view.text(rule.label), card), value, view.text(rule.rationale.strip())])
    return number_table(
        [view.text(head) for head in ("Rule", "Value", "Why")],
        rows,
        key="method_rules",
        caption=view.text("Thresholds are choices, open to dispute. †: judgement, no publication gives the number."),
        figures=(1,),
        hint=view.text("Open the card of this rule"),
    )
