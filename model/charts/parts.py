"""What the charts are put together from: axes, legends, the claim's line, rows.

Colours have the hues of the Okabe-Ito palette, 3 to 1 or better on white and on a dark page alike; text colours of axes and legends are
the page's own. Whatever a colour tells, a shape or a dash tells too.
"""

from __future__ import annotations

from typing import Any

import altair as alt

BLUE, GREEN, ORANGE, PURPLE = "#1F7FC0", "#009E73", "#C88A00", "#CC79A7"
CLAIM = "#C85700"  # vermilion, a little darker: 4.3 to 1 on white and on a dark page alike
GREY = "#7A7A7A"
PALETTE = [BLUE, ORANGE, GREEN, PURPLE, GREY]
SHAPES = ["circle", "diamond", "square", "triangle-up", "cross"]
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4]]
STEP = 50  # height of a row in pixels
HEAD_AT, CLAIM_FROM, BAR_AT = 0.22, 0.42, 0.68  # parts of it from the top: name, upper end of the claim's line, bar
LEGEND_ABOVE = 26  # leaves a line for the claim's amount
CLAIM_DASH = [6, 3]
CONFIG = {
    "font": "sans-serif",
    "axis": {"labelFontSize": 13, "titleFontSize": 13, "titleFontWeight": "normal", "gridOpacity": 0.5, "domain": False, "ticks": False},
    "legend": {"labelFontSize": 13, "labelLimit": 0, "symbolSize": 110, "symbolStrokeWidth": 2},
    "text": {"fontSize": 13, "color": GREY},
    "view": {"stroke": None},
}
HEADS = alt.Axis(
    labelAlign="left",
    labelBaseline="middle",
    labelPadding=0,
    labelOffset=(HEAD_AT - 0.5) * STEP,
    labelLimit=alt.ExprRef("0.76 * width"),
    labelOverlap=False,
    grid=False,
)
CLAIM_WRITTEN = "=replace('@Claim: {usd}', '{usd}', usd(datum.claim))"


def spec(description: str, *layers: alt.Chart, height: Any) -> dict[str, Any]:
    """A chart of layers, as wide as the page lets it be, without data."""
    chart = alt.layer(*layers).properties(
        description=description, width="container", height=height, autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    )
    made: dict[str, Any] = chart.to_dict() | {"config": CONFIG}
    for part in (made, *made["layer"]):
        part.pop("data", None)  # Altair puts an empty table in
        part.pop("datasets", None)
    return made


def money_of(*fields: str) -> alt.Chart:
    """A layer that also knows sums of money as text: ``usd`` as ``usd_usd``."""
    return alt.Chart().transform_calculate(**{f"{field}_usd": f"=usd(datum.{field})" for field in fields})


def log_scale() -> alt.Scale:
    """A logarithmic scale with room at its ends."""
    return alt.Scale(type="log", nice=False, padding=16)


def axis(written: str, *, log: bool = False, **more: Any) -> alt.Axis:
    """An axis whose labels are ``usd``, ``count``, ``number`` or ``percent``; on a log axis at the values that it picks itself."""
    expression = f"{written}(datum.value)"
    grid = alt.when("datum.label !== ''").then(alt.value(0.6)).otherwise(alt.value(0.15))
    labels = f"=datum.label === '' ? '' : {expression}" if log else f"={expression}"
    if log:
        more["gridOpacity"] = grid
    return alt.Axis(labelExpr=labels, tickCount=5, labelOverlap="greedy", labelSeparation=10, labelFlush=False, **more)


def log_x(field: str, written: str = "usd", title: str | None = None) -> alt.X:
    """A field on a logarithmic axis."""
    return alt.X(f"{field}:Q", scale=log_scale(), axis=axis(written, log=True), title=title)


def legend(*, above: int = LEGEND_ABOVE, **more: Any) -> alt.Legend:
    """A legend above the chart, one entry a line."""
    return alt.Legend(title=None, orient="top", direction="vertical", offset=above, **more)


def color_of(field: str) -> alt.ExprRef:
    """The colour that the marks of another layer give a field: were it encoded twice, the legend would not merge with that of shapes."""
    return alt.ExprRef(f"scale('color', datum.{field})")


def tip(field: str, title: str) -> alt.Tooltip:
    """A line of the tooltip."""
    return alt.Tooltip(f"{field}:N", title=title)


def row_y(at: float = BAR_AT) -> alt.Y:
    """A row with its name above its bar."""
    sort = alt.EncodingSortField("order", op="min")
    return alt.Y("label:N", sort=sort, axis=HEADS, scale=alt.Scale(type="band", padding=0), title=None, bandPosition=at)


def values_text(field: str = "text", chart: alt.Chart | None = None) -> alt.Chart:
    """What a row's value is, at the right of its name."""
    written = (chart or alt.Chart()).mark_text(align="right", baseline="middle", fontWeight="bold", tooltip=None)
    text: alt.Chart = written.encode(x=alt.value("width"), y=row_y(HEAD_AT), text=f"{field}:N")
    return text


def claimed() -> alt.Chart:
    """The claim, once; nothing where there is none."""
    only = alt.Chart().transform_aggregate(claim="min(claim)").transform_filter("isValid(datum.claim)")
    return only.transform_calculate(written=CLAIM_WRITTEN)


def claim_text() -> alt.Chart:
    """The claimed amount, written once above the chart."""
    text = claimed().mark_text(color=CLAIM, fontWeight="bold", baseline="bottom", dy=-5, tooltip=None)
    placed: alt.Chart = text.encode(x=log_x("claim"), y=alt.value(0), text="written:N")
    return placed


def claim_line() -> tuple[alt.Chart, alt.Chart]:
    """The claim as a line from top to bottom, with its amount."""
    return claimed().mark_rule(color=CLAIM, strokeWidth=2, strokeDash=CLAIM_DASH, tooltip=None).encode(x=log_x("claim")), claim_text()


def claim_rows() -> alt.Chart:
    """The claim as a line through the bars of the rows that it is compared with, clear of their names."""
    line = alt.Chart().transform_filter("isValid(datum.claim)").mark_rule(color=CLAIM, strokeWidth=2, tooltip=None)
    placed: alt.Chart = line.encode(x=log_x("claim"), y=row_y(CLAIM_FROM), y2=alt.Y2("label", bandPosition=1))
    return placed
