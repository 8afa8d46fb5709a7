"""GPU-hours: stages as reported, what physics asks for, utilisation against its class, wall-clock time, parameters."""

from __future__ import annotations

import numpy as np
import streamlit as st

from model.auditor.stated import Evidence
from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View
from model.errors import InputError
from model.refusals import said
from model.tabular import plain_lines
from model.views import hours as physical
from model.views.track_record import subject_place
from model.views.verdict import FACTS

TITLE = "GPU-hours"
ICON = ":material/timer:"
CLASS = "mfu.reference_class"


def draw(view: View) -> None:
    """Draw the page."""
    e = physical.evidence_of(view.verdict)
    run = physical.physics(e)
    st.title(view.text("How many GPU-hours, and do they fit physics?"))
    opened = [_stages(view, e)]
    if run is None:
        lacking = "; ".join(map(view.text, physical.missing(e)))
        st.info(view.text("This claim cannot be set against physics. It lacks: {what}.", what=lacking))
    opened += [_physics(view, run), _utilisation(view, run)] if run else []
    opened.append(_parameters(view, e))
    open_card(view, next(filter(None, opened), None))


def _stages(view: View, e: Evidence) -> str | None:
    st.subheader(view.text("As reported"))
    rows: list[list[Cell]] = [
        [view.text(s.label), Figure(view.language.count(s.gpu_hours), f"fact:{s.fact}"), view.language.number(s.days, 3) if s.days else "–"]
        for s in physical.stages(e)
    ]
    if not rows:
        st.info(view.text("This claim states no GPU-hours."))
        return None
    caption = ""
    if gpus := e.facts.get("gpus"):
        rows.append([view.text(FACTS["gpus"]), Figure(view.language.number(gpus), "fact:gpus"), ""])
        template = "Days: wall-clock time on {gpus:number} GPUs of type {chip} that never stop."
        caption = view.text(template, gpus=gpus, chip=e.run.subject.chip)
    return table(view, ("Stage", "GPU-hours", "Days"), rows, key="stages", caption=caption)


def _physics(view: View, run: physical.Physics) -> str | None:
    st.subheader(view.text("Against physics"))
    st.caption(view.text("Hours = tokens × FLOP per token ÷ (peak × MFU). MFU: share of the chip's peak that the model's arithmetic uses."))
    if run.published:
        _one_convention(view, run)
    st.markdown(f"**{view.text('Pre-training, million GPU-hours')}**")
    chart(view, "intervals_linear", physical.hours_rows(run, view.verdict.run.setting.distributions[CLASS], view.language), key="hours")
    rows: list[list[Cell]] = []
    for convention, (name, flop, mfu, hours, implied) in physical.convention_rows(run, view.language):
        published = Figure(mfu, f"fact:mfu.{convention}") if convention in run.published else mfu
        counted = Figure(flop, f"architecture:{run.architecture}")
        rows.append([name, counted, published, Figure(implied, f"fact:{physical.HOURS}"), hours])
    st.caption(view.text("Attention is counted causally, in full square, or (6N) not at all. Implied: by the reported hours."))
    heads = ("Convention", "FLOP per token", "Published MFU", "Implied MFU", "Hours at published MFU")
    return table(view, heads, rows, key="conventions")


def _one_convention(view: View, run: physical.Physics) -> None:
    measured = list(run.published)
    flop_by, mfu_by = st.columns(2)
    names = {c: view.text(label) for c, label in physical.CONVENTIONS.items()}
    flop = flop_by.segmented_control(
        view.text("FLOP counted by"), list(names), format_func=names.__getitem__, default=measured[0], key="flop_by"
    )
    mfu = mfu_by.segmented_control(
        view.text("Published MFU by"), measured, format_func=names.__getitem__, default=measured[0], key="mfu_by"
    )
    flop, mfu = flop or measured[0], mfu or measured[0]
    try:
        hours = run.hours(flop, mfu)
    except InputError as error:
        why = "The same run has a higher MFU where more FLOP are counted: a count goes with the MFU of its own convention only."
        st.warning(f"{view.text(why)}\n\n{plain_lines(view.text('Refused: {error}', error=said(error, view.language)))}")
        return
    values = {"tokens": run.tokens, "flop": run.flop_per_token(flop), "peak": run.peak_flop_per_s, "mfu": run.published[mfu]}
    template = (
        "{tokens:count} tokens × {flop:count} FLOP ÷ ({peak:count} FLOP/s × {mfu:percent}) = {h:count} GPU-hours; reported {stated:count}."
    )
    st.markdown(view.text(template, **values, h=hours, stated=run.gpu_hours))


def _utilisation(view: View, run: physical.Physics) -> str | None:
    reference, implied = view.verdict.run.setting.distributions[CLASS], run.implied_mfu("causal")
    st.subheader(view.text("Is that utilisation plausible?"))
    template = "The reported hours imply {mfu:percent3} of the dense BF16 peak (causal); {below:percent2} of comparable runs lie below."
    words = view.text(template, mfu=implied, below=float(reference.cdf(np.array([implied]))[0]))
    rows = physical.density_rows(reference, implied, view.text("implied: {mfu:percent3}", mfu=implied))
    chart(view, "density", rows, key="mfu", alt=words)
    st.caption(words)
    st.caption(subject_place(view.verdict, view.language))
    figures = [Figure(view.language.percent(float(q), 3), f"parameter:{CLASS}") for q in reference.ppf(physical.CENTRAL)]
    label = view.text(view.registry.parameters[CLASS].label)
    return table(view, ("Reference class", "P5", "P50", "P95"), [[label, *figures]], key="mfu_class")


def _parameters(view: View, e: Evidence) -> str | None:
    found = physical.parameter_rows(e, view.language)
    if not found:
        return None
    st.subheader(view.text("Active against all parameters"))
    rows: list[list[Cell]] = [[label, Figure(figure, card)] for label, figure, card in found]
    opened = table(view, ("Parameters", "Figure"), rows, key="parameters")
    if e.architecture is None:
        return opened
    card = f"architecture:{e.architecture.id}"
    rows = [[view.text(label), Figure(view.language.number(size, 6), card)] for label, size in physical.shape_rows(e)]
    with st.expander(view.text("Published shape of the model"), icon=":material/schema:"):
        return table(view, ("Size", "Figure"), rows, key="shape") or opened
