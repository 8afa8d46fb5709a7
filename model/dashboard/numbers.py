"""Numbers that open their card: accessible tables whose figures are buttons; one too wide for its place is stacked, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

CSS = """
table { border-collapse: collapse; width: 100%; font: inherit; color: var(--st-text-color); }
.caption { font-size: .9rem; margin: 0; padding: .2rem 0 .4rem; color: var(--st-text-color); }
.caption:empty { display: none; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--st-border-color); }
th { font-weight: 600; font-size: .86rem; }
td { font-size: .94rem; }
thead th { vertical-align: bottom; }
@media (min-width: 641px) { th[scope=row] { min-width: 9rem; } }
td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums; }
td.figure { white-space: nowrap; }
button { all: unset; cursor: pointer; color: var(--st-link-color); min-height: 24px; }
button { text-decoration: underline dotted 1px; text-underline-offset: .25em; }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; border-radius: 2px; }
.mark { font-size: .8rem; margin-left: .3rem; }
.wrap { overflow-x: auto; }
@media (max-width: 640px) { th, td { padding: .3rem .35rem; font-size: .86rem; } }
.stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.stacked table, .stacked tbody, .stacked tr, .stacked th[scope=row] { display: block; }
.stacked tr { padding: .3rem 0 .5rem; border-bottom: 1px solid var(--st-border-color); }
.stacked th, .stacked td { border: 0; padding: .1rem 0; }
.stacked td { display: inline-block; margin-right: 1rem; text-align: left; white-space: normal; }
.stacked td:empty, .stacked .nothing { display: none; }
.stacked td::before { content: attr(data-column); margin-right: .4rem; opacity: .75; }
"""
JS = """
export default function({ data, parentElement, setTriggerValue }) {
  const wrap = parentElement.querySelector('.wrap');
  const make = (tag, role, text, name) => {
    const element = document.createElement(tag);
    element.setAttribute('role', role);
    if (text !== undefined && text !== null) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const table = make('table', 'table');
  const head = make('tr', 'row');
  data.columns.forEach((column, i) => {
    const cell = make('th', 'columnheader', column, data.figures.includes(i) ? 'figure' : '');
    cell.scope = 'col';
    head.append(cell);
  });
  const top = make('thead', 'rowgroup');
  top.append(head);
  const body = make('tbody', 'rowgroup');
  data.rows.forEach((row) => {
    const line = make('tr', 'row');
    row.forEach((entry, i) => {
      const text = entry.card ? null : entry.text;
      const cell = make(i ? 'td' : 'th', i ? 'cell' : 'rowheader', text, data.figures.includes(i) ? 'figure' : '');
      if (i === 0) cell.scope = 'row';
      cell.dataset.column = data.columns[i];
      cell.classList.toggle('nothing', entry.text === '–');
      if (entry.card) {
        const button = make('button', 'button', entry.text);
        button.type = 'button';
        button.dataset.card = entry.card;
        button.title = data.hint;
        button.onclick = () => setTriggerValue('card', entry.card);
        cell.append(button);
      }
      if (entry.mark) {
        const mark = make('span', 'note', entry.mark, 'mark');
        mark.title = entry.why || '';
        cell.append(mark);
      }
      line.append(cell);
    });
    body.append(line);
  });
  table.append(top, body);
  parentElement.querySelector('.caption').textContent = data.caption;
  wrap.replaceChildren(table);
  wrap.tabIndex = 0;
  wrap.setAttribute('role', 'region');
  wrap.setAttribute('aria-label', data.caption || data.columns.join(', '));
  let width = -1;
  const fit = () => {
    if (wrap.clientWidth === width) return;
    width = wrap.clientWidth;
    wrap.classList.remove('stacked');
    wrap.classList.toggle('stacked', width > 0 && wrap.scrollWidth > width + 1);
  };
  wrap.observer?.disconnect();
  wrap.observer = new ResizeObserver(fit);
  wrap.observer.observe(wrap);
}
"""


@dataclass(frozen=True)
class Figure:
    """A cell: its text, the card that it opens, and a mark with its reason (placeholder, grade C)."""

    text: str
    card: str = ""
    mark: str = ""
    why: str = ""


Cell = Figure | str


@st.cache_resource(show_spinner=False)
def _table() -> Any:
    return st.components.v2.component("costclaim_numbers", html='<p class="caption"></p><div class="wrap"></div>', css=CSS, js=JS)


def number_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    key: str,
    caption: str = "",
    figures: Sequence[int] = (),
    hint: str = "",
) -> str | None:
    """Draw a table; returns the card that the visitor opened in this rerun, or None."""
    cells = [[_cell(cell) for cell in row] for row in rows]
    data = {"columns": list(columns), "rows": cells, "caption": caption, "figures": list(figures), "hint": hint}
    result = _table()(data=data, key=key, on_card_change=_nothing)
    return result.card or None


def _cell(cell: Cell) -> dict[str, str]:
    figure = cell if isinstance(cell, Figure) else Figure(cell)
    return {"text": figure.text, "card": figure.card, "mark": figure.mark, "why": figure.why}


def _nothing() -> None:
    """The trigger is read from the result."""
