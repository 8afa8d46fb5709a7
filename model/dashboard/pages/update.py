"""Update evidence: prior against posterior of every scope, weights of the routes, what is left of the points, and whose fleet."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.evidence_form import chosen
from model.dashboard.fleets import whose_fleet
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View, audited
from model.errors import CostclaimError
from model.posterior import condition
from model.refusals import said
from model.routes import RATIO_ROUTES
from model.schema.observation import Observation
from model.tabular import plain_lines
from model.views.scenarios import range_text
from model.views.update import interval_rows, number_range, observed_text, update_document
from model.views.verdict import ABSENT
from model.wording import LANGUAGES

TITLE = "Update evidence"
ICON = ":material/update:"
CARDS = frozenset(route.id for route in RATIO_ROUTES)


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("What would a fact change?"))
    st.markdown(
        view.text(
            "Evidence weighs the points of the estimate by how well they agree with it, and the routes with them. "
            "Taken back, it leaves no trace."
        )
    )
    opened: list[str | None] = []
    state = (view.choices.claim, view.choices.scenario, view.choices.written)
    for evidence in (chosen(view), *st.session_state.get("update_kept", {}).get(state, ())):
        try:
            document = _updated(*state, view.language.code, repr(evidence), evidence)
        except CostclaimError as error:
            st.error(plain_lines(said(error, view.language)))
            continue
        st.session_state.update_kept = {state: (evidence,)}  # the last result that could be computed stays
        opened = [_observations(view, document, evidence), _scopes(view, document), _routes(view, document)]
        break
    opened.append(whose_fleet(view))
    open_card(view, next(filter(None, opened), None))


@st.cache_resource(max_entries=32, show_spinner=False)
def _updated(
    claim: str, scenario: str, changes: tuple[str, ...], code: str, evidence: str, _evidence: tuple[Observation, ...]
) -> dict[str, Any]:
    """The answer for a state; ``evidence`` stands for the observations in the key."""
    del evidence
    return update_document(condition(audited(claim, scenario, changes).run, _evidence), LANGUAGES[code])


def _observations(view: View, document: dict[str, Any], evidence: tuple[Observation, ...]) -> str | None:
    rows: list[list[Cell]] = []
    for item, found in zip(evidence, document["evidence"], strict=True):
        card = f"observation:{item.id}" if item.id in view.registry.names("evidence") else ""
        seen, before, after = (
            Figure(text, card)
            for text in (
                observed_text(item.observed, view.language),
                number_range(found["prior"], view.language),
                number_range(found["posterior"], view.language),
            )
        )
        rows.append([Figure(found["label"], card), seen, before, after, "; ".join(found["not_applied"]) or view.text("applied")])
    if not rows:
        st.info(view.text("No evidence is chosen: what stands below is the prior."))
        return None
    heads = ["Evidence", "Observed", "The model before", "after it", "Applied?"]
    caption = "What was observed, in its own unit, against what the model held of it: median and central 90 %."
    return table(view, heads, rows, key="observations", first=0, last=0, caption=view.text(caption))


def _scopes(view: View, document: dict[str, Any]) -> str | None:
    st.markdown(f"#### {view.text('Cost by scope before and after')}")
    left = {"left": round(document["effective_sample_size"]), "floor": document["effective_sample_floor"]}
    st.caption(view.text("{left:number9} effective points of all routes and points; the ground rule asks for {floor:number3}.", **left))
    chart(view, "intervals_log_usd", interval_rows(document, view.verdict.run, view.language), key="updated")
    rows: list[list[Cell]] = []
    for scope in document["scopes"]:
        card, pair = f"scope:{scope['id']}", (scope["prior"], scope["posterior"])
        figures = [Figure(range_text(q, view.language), card) if q else view.text(ABSENT[scope["reason"]]) for q in pair]
        rows.append([Figure(scope["label"], card), *figures])
    caption = "Median and central 90 % in US dollars. A scope that shares nothing uncertain with the evidence stays to the last bit."
    return table(view, ["Scope", "before the evidence", "after it"], rows, key="updated_scopes", caption=view.text(caption))


def _routes(view: View, document: dict[str, Any]) -> str | None:
    st.markdown(f"#### {view.text('Weights of the routes')}")
    rows: list[list[Cell]] = []
    for route in document["routes"]:
        card = f"route:{route['id']}" if route["id"] in CARDS else f"scope:{route['scope']}"
        figures = [Figure(view.language.percent(route[when], 3), card) for when in ("prior", "posterior")]
        rows.append([f"{view.scope_label(route['scope'])} · {view.route_name(route['id'])}", *figures])
    caption = "A route gains weight where it foretold what was observed. One whose source is the evidence itself is not judged by it."
    return table(view, ["Route", "before the evidence", "after it"], rows, key="updated_routes", caption=view.text(caption))
