"""What you must believe: the nearest way in which the amount would hold, what one quantity alone would take, and what sources allow."""

from __future__ import annotations

import streamlit as st

from model.cards import mark_of
from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View, choose, registry
from model.errors import CostclaimError
from model.explain.believe import Belief, believe_question
from model.explain.break_even import BreakEven, break_even_question, span_with
from model.explain.question import Question, ask
from model.explain.solve import Solution, solve_question
from model.explain.steelman import Case, steelman_question
from model.refusals import said
from model.tabular import plain, plain_lines
from model.views.believe import (
    MEANING,
    SIDES,
    believe_sentence,
    case_sentence,
    map_rows,
    map_sentence,
    one_in,
    premise_source,
    quantity,
    solve_sentence,
    starting_pair,
    stretched,
)

TITLE = "What you must believe"
ICON = ":material/psychology_alt:"
PERCENTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
State = tuple[str, str, tuple[str, ...], str]  # claim, scenario, written changes, scope


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("What would have to be true?"))
    present = [name for name in view.registry.scopes if view.verdict.run.scopes[name].routes and view.registry.scopes[name].flow]
    if view.verdict.claim.dollars is None:
        st.info(view.text("This claim states no sum of dollars, so that there is none that would have to be true."))
        return
    if not present:
        st.info(view.text("No cost of what this claim is about can be computed here, so that there is nothing to explain."))
        return
    st.session_state.believe_scope = scope = view.choices.scope if view.choices.scope in present else present[0]
    label = view.text("Scope in view")
    st.selectbox(
        label, present, format_func=view.scope_label, key="believe_scope", on_change=lambda: choose(scope=st.session_state.believe_scope)
    )
    state = (view.choices.claim, view.choices.scenario, view.choices.written, scope)
    try:
        question, found, cases = _believed(*state)
    except CostclaimError as error:
        st.info(plain_lines(said(error, view.language)))
        return
    opened = [_point(view, question, found), _one(view, state, question), *(_case(view, question, case) for case in cases)]
    open_card(view, next(filter(None, opened), None))


@st.cache_resource(max_entries=64, show_spinner=False)
def _believed(claim: str, scenario: str, changes: tuple[str, ...], scope: str) -> tuple[Question, Belief, tuple[Case, Case]]:
    question = ask(claim, scope, scenario=scenario, changes=changes, registry=registry())
    return question, believe_question(question), steelman_question(question)


@st.cache_resource(max_entries=128, show_spinner=False)
def _solved(state: State, name: str, percentile: float) -> Solution:
    return solve_question(_believed(*state)[0], name, percentile)


@st.cache_resource(max_entries=128, show_spinner=False)
def _mapped(state: State, x: str, y: str) -> BreakEven:
    return break_even_question(_believed(*state)[0], x, y)


def _figure(view: View, name: str, text: str) -> Figure:
    entry = view.registry.parameters.get(name)
    mark = view.text(mark_of(entry)) if entry and mark_of(entry) else ""
    card = f"{'parameter' if entry else 'component'}:{name}" if entry or name in view.registry.components else "scope:final_run"
    return Figure(text, card, "†" * bool(mark), mark)


def _point(view: View, question: Question, found: Belief) -> str | None:
    language, shown = view.language, found.nearest
    st.markdown(f"**{plain(believe_sentence(question, found, language))}**")
    st.caption(view.text(MEANING))
    rows: list[list[Cell]] = []
    for c in stretched(shown.point):
        written = (quantity(c.value, c.unit, language), quantity(c.median, c.unit, language), language.chance(c.percentile))
        rows.append([_figure(view, c.id, text) for text in (view.text(c.label), *written)])
    heads = ["Quantity", "Would have to be", "Median", "Share at or below"]
    caption = view.text("The nearest way; what is not listed stays at its median. †: rests on grade C evidence or a placeholder.")
    opened = table(view, heads, rows, key="point", caption=caption) if rows else None
    if len(found.routes) > 1:
        ways: list[list[Cell]] = []
        for r in found.routes:
            away = "–" if r.distance is None else language.number(r.distance, 3)
            card = (
                f"route:{r.route}"
                if f"route.{r.route}" in view.registry.weights and found.scope != "lab_window"
                else f"scope:{found.scope}"
            )
            texts = (view.route_name(r.route), away, language.money(r.cost_usd, 3), one_in(r.probability, language))
            ways.append([Figure(text, card) for text in texts])
        caption = view.text(
            "Each route alone: standard deviations from the medians, the cost there, the probability of anything as favourable."
        )
        opened = table(view, ["Route", "Distance", "Cost", "Probability"], ways, key="ways", caption=caption) or opened
    return opened


def _one(view: View, state: State, question: Question) -> str | None:
    st.markdown(f"#### {view.text('If one quantity had to do it alone')}")
    names = list(question.quantities)
    label = {name: view.text(question.label(name)) for name in names}.__getitem__
    x, y = starting_pair(question)
    left, middle, right = st.columns(3)
    name = left.selectbox(view.text("Quantity"), names, names.index(x), format_func=label, key="solve_for")
    share = middle.selectbox(
        view.text("Probability of costing at most the amount"), PERCENTILES, 2, format_func=view.language.chance, key="solve_at"
    )
    found = _solved(state, name, share)
    st.markdown(plain(solve_sentence(question, found, view.language)))
    others = [other for other in names if other != name]
    if not others:
        return None
    other = right.selectbox(view.text("Mapped against"), others, others.index(y) if y in others else 0, format_func=label, key="map_y")
    drawn = _mapped(state, span_with(question, name, found.value), other)
    words = map_sentence(question, drawn, view.language)
    chart(view, "break_even", map_rows(question, drawn, view.language), key="map", alt=words)
    st.caption(plain(words))
    return None


def _case(view: View, question: Question, case: Case) -> str | None:
    st.markdown(f"#### {view.text(SIDES[case.side])}")
    st.markdown(plain(case_sentence(question, case, view.language)))
    rows: list[list[Cell]] = []
    for p in case.premises:
        source, disputed = premise_source(p, view.language, view.registry)
        card = f"source:{p.evidence.source}" if p.evidence else ""
        figures = [_figure(view, p.id, text) for text in (view.text(p.label), quantity(p.value, p.unit, view.language))]
        rows.append([*figures, Figure(source, card), disputed])
    caption = view.text("Every quantity at the figure of a source that goes farthest this way; each source opens its card.")
    heads = ["Quantity", "Value", "Source (grade)", "Disputed by"]
    return table(view, heads, rows, key=f"case_{case.side}", last=2, caption=caption) if rows else None
