"""The scope ladder as SVG: flows on one logarithmic axis with the claim across them, the stock beneath, apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import log

from model import Verdict
from model.wording import money

PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
WIDTH, MARGIN, LEFT, RIGHT, TOP, STEP, GAP = 900, 24, 236, 672, 124, 46, 104  # pixels; GAP is from the last flow's row to the stock
COLUMNS = (RIGHT + 22, RIGHT + 94)
FLOW, STOCK, LINE, INK, MUTED, RULE = "#2f6db5", "#8a6d1f", "#b3261e", "#1f2328", "#59636e", "#d8dee4"
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"
BOLD, SMALL = 'font-weight="600"', f'font-size="12" fill="{MUTED}"'
APART = "A stock: the purchase of the disclosed cluster, shared by all that runs on it. Not set against the claim, nor added to the rest."


def quantiles(verdict: Verdict) -> dict[str, list[float]]:
    """P5, P25, P50, P75 and P95 of every scope that is present, in USD."""
    return {name: [float(q) for q in scope.quantile(PROBABILITIES)] for name, scope in verdict.run.scopes.items() if scope.routes}


def description(verdict: Verdict) -> str:
    """The figure in words."""
    scopes, amount, noun = verdict.run.registry.scopes, money(verdict.claim.amount.value), verdict.run.subject.noun
    rows = [f"{scopes[n].label} {money(q[2], 3)} ({money(q[0], 3)} to {money(q[4], 3)})" for n, q in quantiles(verdict).items()]
    return f"Cost of {noun} by scope, median and central 90 %, against the claim of {amount}. {'; '.join(rows)}."


def text(x: float, y: float, words: str, look: str = "") -> str:
    """A line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(words)}</text>'


class Ladder:
    """Places and elements of the figure."""

    def __init__(self, verdict: Verdict) -> None:
        self.scopes, self.cost, self.claim = verdict.run.registry.scopes, quantiles(verdict), verdict.claim.amount.value
        self.low, self.high = 0.8 * min(q[0] for q in self.cost.values()), 1.15 * max(q[-1] for q in self.cost.values())
        self.flows = [name for name in self.cost if self.scopes[name].flow]
        self.stocks = [name for name in self.cost if not self.scopes[name].flow]
        self.stock_y = TOP + STEP * (len(self.flows) - 1) + GAP

    def at(self, usd: float) -> float:
        """Place of an amount on the axis."""
        return LEFT + (RIGHT - LEFT) * log(usd / self.low) / log(self.high / self.low)

    def axis(self, top: float, bottom: float) -> Iterator[str]:
        """Grid lines with their amounts beneath."""
        for tick in (step * 10.0**power for power in range(3, 13) for step in (1, 2, 5)):
            if self.low <= tick <= self.high:
                yield f'<path d="M{self.at(tick):.1f} {top}V{bottom}" stroke="{RULE}"/>'
                yield text(self.at(tick), bottom + 17, money(tick), f'{SMALL} text-anchor="middle"')

    def row(self, name: str, y: float, colour: str) -> Iterator[str]:
        """One scope: what it is, its bars and median, its figures."""
        p05, p25, p50, p75, p95 = self.cost[name]
        title, _, detail = self.scopes[name].label.partition(": ")
        yield text(MARGIN, y - 3 if detail else y + 5, title, BOLD)
        yield text(MARGIN, y + 13, detail, SMALL)
        for start, end, height, opacity in ((p05, p95, 4, 0.55), (p25, p75, 14, 1)):
            box = f'x="{self.at(start):.1f}" y="{y - height / 2:.1f}" width="{self.at(end) - self.at(start):.1f}" height="{height}"'
            yield f'<rect {box} rx="2" fill="{colour}" fill-opacity="{opacity}"/>'
        yield f'<path d="M{self.at(p50):.1f} {y - 11:.1f}v22" stroke="{INK}" stroke-width="2.5"/>'
        yield text(COLUMNS[0], y + 5, money(p50, 3), BOLD)
        yield text(COLUMNS[1], y + 5, f"{money(p05, 3)} to {money(p95, 3)}", SMALL)

    def body(self) -> Iterator[str]:
        """Everything inside the card, back to front."""
        foot = TOP + STEP * (len(self.flows) - 1) + 24
        yield from self.axis(TOP - 24, foot)
        yield f'<path d="M{self.at(self.claim):.1f} {TOP - 24}V{foot}" stroke="{LINE}" stroke-width="2" stroke-dasharray="6 4"/>'
        yield text(self.at(self.claim), TOP - 32, f"the claim, {money(self.claim)}", f'{BOLD} fill="{LINE}" text-anchor="middle"')
        yield from (text(x, TOP - 32, words, SMALL) for x, words in zip(COLUMNS, ("median", "P5 to P95"), strict=True))
        for number, name in enumerate(self.flows):
            yield from self.row(name, TOP + STEP * number, FLOW)
        for name in self.stocks:
            yield f'<path d="M{MARGIN} {foot + 32}H{WIDTH - MARGIN}" stroke="{RULE}"/>'
            yield text(MARGIN, foot + 52, APART, SMALL)
            yield from self.axis(self.stock_y - 18, self.stock_y + 20)
            yield from self.row(name, self.stock_y, STOCK)


def card(height: float, named: Sequence[str], body: Sequence[str]) -> str:
    """The whole file: a light card that reads on any background."""
    head = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-labelledby="title description"'
    ground = f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8" fill="#ffffff" stroke="{RULE}"/>'
    style = f'font-family="{FONT}" font-size="14" fill="{INK}"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {head} {style}>', *named, ground, *body, "</svg>", ""])


def drawn(verdict: Verdict) -> str:
    """The figure of a claim in the scenario that it was audited with."""
    ladder, subject = Ladder(verdict), verdict.run.subject
    title = f"What {subject.noun} cost depends on what is counted"
    note = f"USD of {subject.price_year}, logarithmic axis. Thin bar: P5 to P95. Thick bar: P25 to P75. Tick: median."
    named = [f'<title id="title">{escape(title)}</title>', f'<desc id="description">{escape(description(verdict))}</desc>']
    heading = [text(MARGIN, 36, title, f'{BOLD} font-size="18"'), text(MARGIN, 57, note, SMALL)]
    return card(ladder.stock_y + 52, named, [*heading, *ladder.body()])
