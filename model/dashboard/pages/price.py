"""Price of an hour: five bases beside each other, the dated market, the rental mixture, the owner's cost, Epoch's method."""

from __future__ import annotations

import streamlit as st

from model.cards import mark_of
from model.dashboard.card_dialog import open_card
from model.dashboard.drawing import chart, table
from model.dashboard.numbers import Cell, Figure
from model.dashboard.state import View, change
from model.routes import PRICE_NODES
from model.setting import resolve
from model.views import price as prices

TITLE = "Price of an hour"
ICON = ":material/sell:"
MARKED = "†: rests on grade C evidence alone, or an input does."


def draw(view: View) -> None:
    """Draw the page."""
    st.title(view.text("What does a GPU-hour cost?"))
    opened = (_bases(view), _market(view), _rental(view), _ownership(view), _epoch(view))
    open_card(view, next(filter(None, opened), None))


def _bases(view: View) -> str | None:
    run = view.verdict.run
    st.subheader(view.text("Five bases, beside each other"))
    st.markdown(view.text("Bases are alternatives, never added to each other: rent already holds what an owner pays."))
    st.session_state.price_basis = run.setting.choices["price.basis"]
    label = view.text(view.registry.choices["price.basis"].label)
    names = {basis: view.text(name) for basis, (name, _) in prices.BASES.items()}
    st.selectbox(label, list(names), format_func=names.__getitem__, key="price_basis", on_change=lambda: _choose(view))
    chart(view, "intervals_linear", prices.basis_rows(run, view.language), key="bases")
    rows = [
        [names[basis], view.text(prices.BASES[basis][1]), *_figures(view, PRICE_NODES[basis][0], _money(view, usd))]
        for basis, usd in prices.bases(run).items()
    ]
    caption = f"{view.text('US dollars per GPU-hour.')} {view.text(MARKED)}"
    return table(view, ("Basis", "What it is", "P5", "P50", "P95"), rows, key="basis_table", first=2, caption=caption)


def _choose(view: View) -> None:
    chosen = st.session_state.price_basis
    own = resolve(view.choices.scenario, view.registry).choices["price.basis"]
    change("price.basis", None if chosen == own else chosen)


def _market(view: View) -> str | None:
    st.subheader(view.text("The market, as observed and dated"))
    chips = sorted({o.chip for o in view.registry.price_observations.values()})
    first, second = st.columns(2)
    chosen = first.pills(view.text("Chip"), chips, selection_mode="multi", default=["H100", "H800"], key="market_chips")
    names = {region: view.text(label) for region, label in prices.REGIONS.items()}
    places = second.pills(
        view.text("Region"), list(names), selection_mode="multi", default=list(names), format_func=names.__getitem__, key="market_regions"
    )
    found = prices.observations(view.registry, chosen, places)
    if not found:
        st.info(view.text("No observation is left: choose a chip and a region."))
        return None
    template = "{count} observations in dollars of their own dates. The path is a V, down to 2025 and up again since: no trend is fitted."
    words = view.text(template, count=len(found))
    chart(view, "market", prices.market_rows(found, view.verdict.facts.get("price"), view.language), key="market", alt=words)
    st.caption(words)
    rows: list[list[Cell]] = []
    for o in found:
        name, price, *others = prices.market_cells(o, view.language)
        why = view.text("Rests on grade C evidence.") if mark_of(o) else ""
        rows.append([name, Figure(price, f"price_observation:{o.id}", "†" * bool(why), why), *others])
    heads = ("Observation", "Price", "Date", "Range", "Region", "Contract")
    with st.container(height=400):
        return table(view, heads, rows, key="market_table", last=4, caption=view.text(MARKED))


def _rental(view: View) -> str | None:
    parts = prices.rental_parts(view.verdict.run)
    st.subheader(view.text("Rent: a mixture of three markets"))
    st.caption(view.text("Nobody knows in which market the hours would have been rented: the weights are ours."))
    chart(view, "intervals_linear", prices.rental_rows(parts, view.language), key="rental")
    rows = [[view.text(p.label), view.language.percent(p.weight), *_figures(view, "price.rental", _money(view, p.usd))] for p in parts]
    return table(view, ("Market", "Weight", "P5", "P50", "P95"), rows, key="rental_table")


def _ownership(view: View) -> str | None:
    st.subheader(view.text("Ownership: how a busy hour builds up"))
    rows = [[label, *_figures(view, name, texts)] for name, label, texts in prices.build_up(view.verdict.run, view.language)]
    caption = view.text("US dollars per GPU-hour. Percentiles do not add: each line has its own, since not all are dear at once.")
    return table(view, ("Part", "P5", "P50", "P95"), rows, key="ownership_table", caption=f"{caption} {view.text(MARKED)}")


def _epoch(view: View) -> str | None:
    st.subheader(view.text("Epoch AI's method, step by step"))
    st.caption(view.text("The price first loses value up to the run and is then charged at the same rate of loss: that makes it low."))
    steps = prices.epoch_steps(view.verdict.run)
    rows = [[view.text(step.label), *_figures(view, step.name, [step.written(view.language)])] for step in steps]
    return table(view, ("Step", "Figure"), rows, key="epoch_table")


def _money(view: View, usd: prices.Spread) -> list[str]:
    return [view.language.money(q, 3) for q in usd]


def _figures(view: View, name: str, texts: list[str]) -> list[Cell]:
    """Figures that open the card of a parameter or quantity, marked where an input is weak."""
    run, why = view.verdict.run, prices.weak_inputs(view.verdict.run, name, view.language)
    return [Figure(text, prices.card_name(run, name), "†" * bool(why), why) for text in texts]
