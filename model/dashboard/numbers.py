"""Numbers that open their card: accessible tables whose figures are buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

CSS = """
table { border-collapse: collapse; width: 100%; font: inherit; color: var(--st-text-color); }
caption { text-align: left; font-size: .9rem; padding: .2rem 0 .4rem; color: var(--st-text-color); }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--st-border-color); }
th { font-weight: 600; font-size: .86rem; }
@media (min-width: 641px) { th[scope=row] { min-width: 9rem; } }
td.figure, th.figure { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
button { all: unset; cursor: pointer; color: var(--st-link-color); border-bottom: 1px dotted currentColor; min-height: 24px; }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; border-radius: 2px; }
.mark { font-size: .8rem; margin-left: .3rem; }
.wrap { overflow-x: auto; }
@media (max-width: 640px) { th, td { padding: .3rem .35rem; font-size: .86rem; } }
"""
JS = """
export default function({ data, parentElement, setTriggerValue }) {
  const wrap = parentElement.querySelector('.wrap');
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const table = make('table');
  if (data.caption) table.append(make('caption', data.caption));
  const head = make('tr');
  data.columns.forEach((column, i) => {
    const cell = make('th', column, data.figures.includes(i) ? 'figure' : '');
    cell.scope = 'col';
    head.append(cell);
  });
  const top = make('thead');
  top.append(head);
  const body = make('tbody');
  data.rows.forEach((row) => {
    const line = make('tr');
    row.forEach((entry, i) => {
      const cell = make(i === 0 ? 'th' : 'td', entry.card ? null : entry.text, data.figures.includes(i) ? 'figure' : '');
      if (i === 0) cell.scope = 'row';
      if (entry.card) {
        const button = make('button', entry.text);
        button.type = 'button';
        button.dataset.card = entry.card;
        button.title = data.hint;
        button.onclick = () => setTriggerValue('card', entry.card);
        cell.append(button);
      }
      if (entry.mark) {
        const mark = make('span', entry.mark, 'mark');
        mark.title = entry.why || '';
        cell.append(mark);
      }
      line.append(cell);
    });
    body.append(line);
  });
  table.append(top, body);
  wrap.replaceChildren(table);
  wrap.tabIndex = 0;
  wrap.setAttribute('role', 'region');
  wrap.setAttribute('aria-label', data.caption || data.columns.join(', '));
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
    return st.components.v2.component("costclaim_numbers", html='<div class="wrap"></div>', css=CSS, js=JS)


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
