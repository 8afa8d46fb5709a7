"""Programme: one simulated research programme to look at, its calendar and ledger, and the chance of a budget and a date."""

from __future__ import annotations

import streamlit as st

from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View, change, registry
from model.errors import CostclaimError
from model.programme.plan import Plan, plan
from model.programme.replications import REPLICATIONS, Replay, Replications, replay, replicate
from model.refusals import said
from model.tabular import plain, plain_lines
from model.views.programme import gantt_rows, ledger_rows, occupancy_rows

TITLE = "Programme"
ICON = ":material/calendar_month:"
WEIGHT = "route.simulated"


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("How would a lab get there? A programme simulated"))
    st.markdown(
        view.text(
            "Ideas arrive, are tried at three sizes and mostly dropped; data jobs and rounds of post-training go on beside them; then "
            "the cluster is reserved for the final run, which fails, restarts and is evaluated. Every GPU-hour is accounted for."
        )
    )
    try:
        made = _plan(view.choices.scenario, view.choices.written)
    except CostclaimError as error:
        st.error(plain_lines(said(error, view.language)))
        return
    opened = _replay(view, made)
    _route(view)
    _cox(view)
    open_card(view, opened)


@st.cache_resource(max_entries=32, show_spinner=False)
def _plan(scenario: str, changes: tuple[str, ...]) -> Plan:
    return plan(scenario, registry=registry(), changes=changes)


@st.cache_resource(max_entries=8, show_spinner="…")
def _replications(scenario: str, changes: tuple[str, ...]) -> Replications:
    return replicate(_plan(scenario, changes), REPLICATIONS)


def _replay(view: View, made: Plan) -> str | None:
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    seed = left.number_input(view.text("Seed of the programme"), 0, 2**30, 1, key="programme_seed")
    one = replay(made, seed=int(seed))
    with right:
        _figures(view, one)
    st.caption(view.text("R is all development compute of a project over the productive GPU-hours F of its final run."))
    st.markdown(f"#### {view.text('Calendar, with the GPU-hours of each kind of job')}")
    rows = gantt_rows(one, view.language)
    chart(view, "gantt", rows, key="gantt", alt="; ".join(dict.fromkeys(f"{row['label']}: {row['text']}" for row in rows)))
    st.markdown(f"#### {view.text('How full the cluster is')}")
    busy = view.language.percent(one.used / one.capacity, 3)
    chart(view, "occupancy", occupancy_rows(one), key="occupancy", alt=view.text("On average {share} of the GPUs are in use.", share=busy))
    return _ledger(view, one)


def _figures(view: View, one: Replay) -> None:
    values = {"days": one.inputs.days, "gpus": one.inputs.gpus, "capacity": one.capacity}
    if one.ratio is None:
        text = "The final run did not finish within the window of {days:number4} days on {gpus:number6} GPUs, so there is no R."
        st.warning(view.text(text, **values))
        return
    text = "**R {ratio:number3}**, goodput {goodput:percent3}: the final run is done on day {day:number3} of {days:number4}."
    st.info(view.text(text, ratio=one.ratio, goodput=one.goodput, day=one.finished_day, days=one.inputs.days))


def _ledger(view: View, one: Replay) -> str | None:
    rows: list[list[Cell]] = []
    for component, name, *figures in ledger_rows(one.ledger, one.inputs.final_hours, view.language):
        rows.append([name, *(Figure(figure, f"programme:{component}") for figure in figures)])
    caption = view.text(
        "The hours add up to the capacity of {gpus:number6} GPUs over {days:number4} days: {capacity:count4}. Click a figure for what it "
        "rests on.",
        gpus=one.inputs.gpus,
        days=one.inputs.days,
        capacity=one.capacity,
    )
    heads = ["Component", "GPU-hours", "times the final run", "of capacity"]
    return table(view, heads, rows, key="programme_ledger", last=4, caption=caption)


def _route(view: View) -> None:
    """Whether the simulated route counts; it does not follow the seed or changed inputs of the programme."""
    st.session_state.simulated = view.verdict.run.setting.weights[WEIGHT] > 0.0
    st.toggle(
        view.text("Count the simulated programme as a route to R, of weight 1"),
        key="simulated",
        on_change=lambda: change(WEIGHT, "1" if st.session_state.simulated else None),
    )
    st.caption(
        view.text(
            "Off by default. The route holds R of 1,000 programmes with the inputs on file; inputs that you change move the programme "
            "on this page, not the route."
        )
    )


def _cox(view: View) -> None:
    name = "cox"
    st.markdown(f"#### {view.text('No one with five million dollars?')}")
    st.markdown(plain(view.text(view.registry.scenario(name).description.strip())))
    left, right = st.columns(2)
    budget = left.number_input(view.text("Budget, millions of US dollars"), 0.1, 1000.0, 5.0, step=0.5, key="cox_budget")
    days = right.number_input(view.text("Days"), 1, 30, 30, key="cox_days")
    found = _replications(name, ())
    chance = found.probability(budget * 1e6, days)
    text = "**{chance}**: the chance to finish within the budget and the date (standard error {error:percent2}, {number} programmes)."
    st.success(view.text(text, chance=view.language.chance(chance), error=chance.error, number=found.number))
    st.code(f"costclaim programme {name} --budget {budget * 1e6:.0f} --days {days}", language="bash", wrap_lines=True)
