"""Writes the chart specifications: ``python -m model.charts.build``; run it after changing a chart here or in ``parts.py``.

These two files alone know Altair. A row of the ladder, of intervals and of cases carries its name and value in a line above its bar,
so that both stay readable on a phone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import altair as alt

from model.charts import parts
from model.charts.parts import (
    BLUE,
    CLAIM,
    DASHES,
    GREEN,
    GREY,
    ORANGE,
    PALETTE,
    PURPLE,
    SHAPES,
    color_of,
    legend,
    log_x,
    money_of,
    row_y,
    spec,
    tip,
)

NAME_LIMIT = alt.ExprRef("width")  # of a quantity's name


def ladder() -> dict[str, Any]:
    """Scopes, each with its interval, against the claim."""
    kind = legend(labelExpr="=datum.value ? '@Owned: a stock, not the cost of a run' : '@Spent'")
    domain = [False, True]
    color = alt.Color("stock:N", scale=alt.Scale(domain=domain, range=[BLUE, GREEN]), legend=kind)
    dash = alt.ExprRef("datum.stock ? [4, 2] : [1, 0]")
    shape = alt.Shape("stock:N", scale=alt.Scale(domain=domain, range=SHAPES[:2]), legend=kind)
    tips = [tip("label", "@Scope"), tip("p05_text", "@5 %"), tip("text", "@Median"), tip("p95_text", "@95 %")]
    bars = alt.Chart()
    thin = bars.mark_rule(strokeWidth=2.5, color=color_of("stock"), strokeDash=dash)
    thick = bars.mark_rule(strokeWidth=12, color=color_of("stock"), strokeDash=dash, opacity=0.6)
    return spec(
        "@Cost by scope: each line spans 90 % of what the cost may be, its thick part the middle half, the mark its median.",
        thin.encode(x=log_x("p05"), x2="p95", y=row_y(), tooltip=tips),
        thick.encode(x=log_x("p25"), x2="p75", y=row_y(), tooltip=tips),
        parts.claim_rows(),
        bars.mark_point(filled=True, size=130, opacity=1).encode(x=log_x("p50"), y=row_y(), color=color, shape=shape, tooltip=tips),
        parts.values_text(),
        parts.claim_text(),
        height=alt.Step(parts.STEP),
    )


def dots() -> dict[str, Any]:
    """Fifty equally likely costs on either side of the claim."""
    sides = ["@at or below the claim", "@above the claim"]
    circles = alt.Chart().mark_point(filled=True, size=100, opacity=1)
    return spec(
        "@Fifty equally likely costs as dots, stacked, on either side of the claim.",
        circles.encode(
            x=log_x("usd"),
            y=alt.Y("row:O", sort="descending", axis=None),
            color=alt.Color("side:N", scale=alt.Scale(domain=sides, range=[CLAIM, BLUE]), legend=legend()),
            shape=alt.Shape("side:N", scale=alt.Scale(domain=sides, range=["diamond", "circle"]), legend=legend()),
            tooltip=[tip("text", "@Cost"), tip("side", "@Side")],
        ),
        *parts.claim_line(),
        height=alt.Step(14),
    )


def s_curve() -> dict[str, Any]:
    """The chance that the cost is at most a sum."""
    series = legend(symbolType="stroke", symbolSize=500)
    lines = alt.Chart().transform_calculate(chance="=percent(datum.probability)").mark_line(strokeWidth=2.5)
    return spec(
        "@S-curve: the chance that the cost is at most a sum.",
        lines.encode(
            x=log_x("usd"),
            y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=parts.axis("percent"), title=None),
            color=alt.Color("series:N", sort=None, scale=alt.Scale(range=PALETTE), legend=series),
            strokeDash=alt.StrokeDash("series:N", sort=None, scale=alt.Scale(range=DASHES), legend=series),
            tooltip=[tip("series", "@Curve"), tip("text", "@Cost"), tip("chance", "@Chance of at most this")],
        ),
        *parts.claim_line(),
        height=300,
    )


def intervals_log_usd() -> dict[str, Any]:
    """Intervals of sums of money."""
    return _intervals(log_x)


def intervals_linear() -> dict[str, Any]:
    """Intervals of anything."""
    scale = alt.Scale(zero=False, nice=False, padding=16)
    return _intervals(lambda field: alt.X(f"{field}:Q", scale=scale, axis=parts.axis("number"), title=None))


def waterfall() -> dict[str, Any]:
    """From one sum of money to another, part by part."""
    kinds, colors = ["@amount", "@adds", "@takes off"], [BLUE, CLAIM, GREEN]
    scale, axis = alt.Scale(zero=True, nice=False, padding=16), parts.axis("usd")
    color = alt.Color("group:N", scale=alt.Scale(domain=kinds, range=colors), legend=legend(above=8))
    shape = alt.Shape("group:N", scale=alt.Scale(domain=kinds, range=["circle", "triangle-right", "triangle-left"]), legend=legend(above=8))
    tips = [tip("label", "@Part"), tip("text", "@Value"), tip("group", "@Kind")]

    def at(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis, title=None)

    return spec(
        "@Waterfall: from the claimed amount to the estimate, each bar a part that adds or takes off.",
        alt.Chart()
        .mark_rule(strokeWidth=12, color=color_of("group"), opacity=0.6)
        .encode(x=at("start"), x2="end", y=row_y(), tooltip=tips),
        alt.Chart().mark_point(filled=True, size=120, opacity=1).encode(x=at("end"), y=row_y(), color=color, shape=shape, tooltip=tips),
        parts.values_text(),
        height=alt.Step(parts.STEP),
    )


def market() -> dict[str, Any]:
    """Dated prices of a GPU-hour."""
    day = alt.X("date:T", scale=alt.Scale(type="utc", padding=20), axis=alt.Axis(format="%Y-%m", tickCount=4, grid=False), title=None)
    above = parts.axis("usd", titleAngle=0, titleAnchor="end", titleAlign="left", titleBaseline="bottom", titleX=0, titleY=-8)
    tips = [tip("label", "@Observation"), tip("day", "@Date"), tip("region", "@Region"), tip("term", "@Contract")]
    tips += [tip("best_usd", "@Price"), tip("low_usd", "@Lowest"), tip("high_usd", "@Highest")]
    color = alt.Color("region:N", sort=None, scale=alt.Scale(range=PALETTE), legend=legend())
    shape = alt.Shape("region:N", sort=None, scale=alt.Scale(range=SHAPES), legend=legend())
    seen = money_of("low", "best", "high").transform_calculate(day="utcFormat(toDate(datum.date), '%Y-%m-%d')")
    line = parts.claimed().mark_rule(color=CLAIM, strokeWidth=2, strokeDash=parts.CLAIM_DASH, tooltip=None)
    named = parts.claimed().transform_calculate(named="'– – ' + datum.written")
    text = named.mark_text(color=CLAIM, fontWeight="bold", align="right", baseline="bottom", dy=-26, tooltip=None)

    def price(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", axis=above, title="@US dollars per GPU-hour")

    return spec(
        "@Prices of a GPU-hour by date and region, with their ranges, and the claimed price.",
        seen.mark_rule(strokeWidth=2, color=color_of("region"), opacity=0.6).encode(x=day, y=price("low"), y2="high", tooltip=tips),
        seen.mark_point(filled=True, size=90, opacity=0.9).encode(x=day, y=price("best"), color=color, shape=shape, tooltip=tips),
        line.encode(y=price("claim")),
        text.encode(x=alt.value("width"), y=alt.value(0), text="named:N"),
        height=300,
    )


def cases() -> dict[str, Any]:
    """Reference-class cases: what they say R is, and how much each weighs."""
    chart = alt.Chart().transform_calculate(written="=number(datum.ratio)", weighed="=number(datum.weight)")
    ranges = chart.transform_filter("isValid(datum.low) && isValid(datum.high)").mark_rule(strokeWidth=2.5, color=BLUE, opacity=0.6)
    points = chart.mark_point(filled=True, color=BLUE, stroke=BLUE, strokeWidth=2, opacity=1)
    hollow = alt.when("!datum.used || datum.weight == 0").then(alt.value(0)).otherwise(alt.value(1))
    weight = alt.Size("weight:Q", scale=alt.Scale(domainMin=0, rangeMin=40, rangeMax=320), legend=None)
    tips = [tip("label", "@Case"), tip("written", "R"), tip("weighed", "@Weight in the fit")]

    def ratio(field: str) -> alt.X:
        return log_x(field, "number", "@R of each case")

    return spec(
        "@Cases of the reference class: R of each, larger the more it weighs, hollow where it is not in the fit.",
        ranges.encode(x=ratio("low"), x2="high", y=row_y(), tooltip=tips),
        points.encode(x=ratio("ratio"), y=row_y(), size=weight, fillOpacity=hollow, tooltip=tips),
        parts.values_text("written", chart),
        height=alt.Step(parts.STEP),
    )


def predicted() -> dict[str, Any]:
    """Predicted against disclosed GPU-hours."""

    def hours(channel: Any, field: str, title: str) -> Any:
        return channel(f"{field}:Q", scale=parts.log_scale(), axis=parts.axis("count", log=True), title=title)

    chart = alt.Chart().transform_calculate(said="=count(datum.hours)", likely="=count(datum.mid)")
    color = alt.Color("group:N", sort=None, scale=alt.Scale(range=PALETTE), legend=legend(above=8))
    shape = alt.Shape("group:N", sort=None, scale=alt.Scale(range=SHAPES), legend=legend(above=8))
    tips = [tip("label", "@Run"), tip("said", "@Disclosed"), tip("likely", "@Predicted, median"), tip("group", "@Chip")]
    across = "@GPU-hours, predicted (80 %)"
    x, y = hours(alt.X, "mid", across), hours(alt.Y, "hours", "@GPU-hours, disclosed")
    equal = chart.mark_line(color=parts.GREY, strokeDash=parts.CLAIM_DASH, strokeWidth=1.5, tooltip=None)
    line = chart.mark_rule(strokeWidth=1.5, color=color_of("group"), opacity=0.5)
    return spec(
        "@Predicted against disclosed GPU-hours, with the central 80 % of each prediction; on the dashed line both are equal.",
        equal.encode(x=hours(alt.X, "hours", across), y=y),
        line.encode(x=hours(alt.X, "low", across), x2="high", y=y, tooltip=tips),
        chart.mark_point(filled=True, size=70, opacity=0.9).encode(x=x, y=y, color=color, shape=shape, tooltip=tips),
        height=380,
    )


def histogram() -> dict[str, Any]:
    """Counts by class, between the counts that chance allows."""
    x = alt.X("label:N", sort=None, axis=alt.Axis(labelAngle=0, labelOverlap="greedy"), title=None)
    bars = alt.Chart().mark_bar(color=BLUE, opacity=0.6)
    band = alt.Chart().mark_rule(color=CLAIM, strokeWidth=1.5, strokeDash=parts.CLAIM_DASH, tooltip=None)
    count = alt.Y("count:Q", axis=parts.axis("number"), title=None)
    return spec(
        "@How many fall into each class, and between which counts a level one would stay.",
        bars.encode(x=x, y=count, tooltip=[tip("label", "@Class"), tip("count", "@Runs")]),
        *(band.encode(y=alt.Y(f"min({end}):Q", title=None)) for end in ("low", "high")),
        height=220,
    )


def break_even() -> dict[str, Any]:
    """Verdicts over two quantities, and where the median meets the amount."""
    verdicts = ["@supported", "@not enough info", "@refuted: the amount is too low", "@refuted: the amount is too high"]
    color = alt.Color("verdict:N", scale=alt.Scale(domain=verdicts, range=[GREEN, GREY, ORANGE, PURPLE]), legend=legend())
    shape = alt.Shape("verdict:N", scale=alt.Scale(domain=verdicts, range=["circle", "cross", "triangle-up", "square"]), legend=legend())
    tips = [tip("x_written", "@Across"), tip("y_written", "@Upwards"), tip("text", "@Median"), tip("verdict", "@Verdict")]
    nodes = alt.Chart().transform_filter("isValid(datum.verdict)")
    nodes = nodes.transform_calculate(x_written="=number(datum.x)", y_written="=number(datum.y)")
    names = alt.Chart().transform_aggregate(x_name="min(x_name)", y_name="min(y_name)")

    scale = alt.Scale(zero=False, nice=False, padding=12)
    x, y = (kind(f"{field}:Q", scale=scale, axis=parts.axis("number"), title=None) for kind, field in ((alt.X, "x"), (alt.Y, "y")))
    contours = {kind: alt.Chart().transform_filter(f"datum.line === '{kind}'") for kind in ("flip", "median")}
    return spec(
        "@Verdicts over two quantities; the dashed line is where the median is the amount, the dots where the verdict flips.",
        nodes.mark_point(filled=True, size=70, opacity=0.55).encode(x=x, y=y, color=color, shape=shape, tooltip=tips),
        contours["flip"].mark_point(filled=True, shape="circle", size=14, color=GREY, opacity=1, tooltip=None).encode(x=x, y=y),
        contours["median"]
        .mark_line(color=CLAIM, strokeWidth=3, strokeDash=parts.CLAIM_DASH, tooltip=None)
        .encode(x=x, y=y, order="step:Q"),
        names.mark_text(align="right", baseline="top", dy=32, limit=NAME_LIMIT, tooltip=None).encode(
            x=alt.value("width"), y=alt.value("height"), text="x_name:N"
        ),
        names.mark_text(align="left", baseline="bottom", dy=-6, limit=NAME_LIMIT, tooltip=None).encode(
            x=alt.value(0), y=alt.value(0), text="y_name:N"
        ),
        height=340,
    )


def gantt() -> dict[str, Any]:
    """When jobs of each kind ran."""
    bars = alt.Chart().transform_calculate(when="=number(datum.start) + ' – ' + number(datum.end)")
    once = alt.Chart().transform_aggregate(text="min(text)", order="min(order)", groupby=["label"])
    tips = [tip("label", "@Job"), tip("when", "@Days"), tip("text", "@GPU-hours")]
    return spec(
        "@Calendar: when jobs of each kind held GPUs, by day of the window.",
        bars.mark_rule(strokeWidth=12, color=BLUE).encode(x=_day("start"), x2="end", y=row_y(), tooltip=tips),
        parts.values_text(chart=once),
        height=alt.Step(parts.STEP),
    )


def occupancy() -> dict[str, Any]:
    """How full the cluster was."""
    share = alt.Y("busy:Q", scale=alt.Scale(domain=[0, 1]), axis=parts.axis("percent"), title=None)
    area = alt.Chart().transform_calculate(full="=percent(datum.busy)", when="=number(datum.day)")
    tips = [tip("when", "@Day"), tip("full", "@GPUs in use")]
    step = {"color": BLUE, "interpolate": "step"}
    return spec(
        "@Share of the cluster's GPUs in use, by day of the window.",
        area.mark_area(color=BLUE, opacity=0.35, interpolate="step", line=step).encode(x=_day("day"), y=share, tooltip=tips),
        height=180,
    )


def _day(field: str) -> alt.X:
    return alt.X(f"{field}:Q", scale=alt.Scale(nice=False), axis=parts.axis("number", grid=False), title="@Day of the window")


def density() -> dict[str, Any]:
    """Where a share lies."""
    return _density(alt.Scale(nice=False, zero=False), "percent", log=False)


def density_log() -> dict[str, Any]:
    """Where a positive figure lies."""
    return _density(alt.Scale(type="log", nice=False), "count", log=True)


def retellings() -> dict[str, Any]:
    """Who restates whom: a tree from each primary source to the wordings that go back to it."""
    kinds = ["@primary source", "@as its source has it", "@moved away"]
    color = alt.Color("group:N", scale=alt.Scale(domain=kinds, range=[GREY, BLUE, CLAIM]), legend=legend(above=8))
    shape = alt.Shape("group:N", scale=alt.Scale(domain=kinds, range=SHAPES[:3]), legend=legend(above=8))
    lines = alt.Chart().transform_filter("isValid(datum.parent)").mark_rule(strokeWidth=2, color=GREY, tooltip=None)
    tips = [tip("label", "@Claim"), tip("text", "@What moved")]

    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 1], range=[12, 44], clamp=False, nice=False), axis=None)

    def down(field: str = "order") -> alt.Y:
        return alt.Y(f"{field}:O", axis=None, scale=alt.Scale(type="point", padding=0.5))

    def words(field: str, dy: int, **more: Any) -> alt.Chart:
        text = alt.Chart().mark_text(align="left", baseline="middle", dx=14, dy=dy, limit=alt.ExprRef("width - 60"), tooltip=None, **more)
        placed: alt.Chart = text.encode(x=across("depth"), y=down(), text=f"{field}:N")
        return placed

    return spec(
        "@Who restates whom: each line leads from a primary source to a wording that goes back to it.",
        lines.encode(x=across("above"), y=down("parent"), y2=alt.Y2("order")),
        lines.encode(x=across("above"), x2=alt.X2("depth"), y=down()),
        alt.Chart()
        .mark_point(filled=True, size=120, opacity=1)
        .encode(x=across("depth"), y=down(), color=color, shape=shape, tooltip=tips),
        words("label", -8, fontWeight="bold"),
        words("text", 9),
        height=alt.Step(parts.STEP),
    )


def _intervals(place: Callable[[str], alt.X]) -> dict[str, Any]:
    color = alt.Color("group:N", sort=None, scale=alt.Scale(range=PALETTE), legend=legend(above=8))
    shape = alt.Shape("group:N", sort=None, scale=alt.Scale(range=SHAPES), legend=legend(above=8))
    line = alt.Chart().mark_rule(strokeWidth=3, color=color_of("group"), opacity=0.6)
    tips = [tip("label", "@Name"), tip("text", "@Value"), tip("group", "@Kind")]
    return spec(
        "@Intervals: each line spans the range of a figure, the mark is its middle.",
        line.encode(x=place("low"), x2="high", y=row_y(), tooltip=tips),
        alt.Chart().mark_point(filled=True, size=120, opacity=1).encode(x=place("mid"), y=row_y(), color=color, shape=shape, tooltip=tips),
        parts.values_text(),
        height=alt.Step(parts.STEP),
    )


def _density(scale: alt.Scale, written: str, *, log: bool) -> dict[str, Any]:
    only = alt.Chart().transform_aggregate(marker="min(marker)", label="min(label)").transform_filter("isValid(datum.marker)")
    text = only.mark_text(color=CLAIM, fontWeight="bold", baseline="bottom", dy=-5, tooltip=None)

    def place(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=parts.axis(written, log=log), title=None)

    return spec(
        "@Where a figure may lie, and a marker at the one that is asked about.",
        alt.Chart()
        .mark_area(color=BLUE, opacity=0.35, line={"color": BLUE}, tooltip=None)
        .encode(x=place("x"), y=alt.Y("density:Q", axis=None)),
        only.mark_rule(color=CLAIM, strokeWidth=2, strokeDash=parts.CLAIM_DASH, tooltip=None).encode(x=place("marker")),
        text.encode(x=place("marker"), y=alt.value(0), text="label:N"),
        height=180,
    )


CHARTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    made.__name__: made
    for made in (
        ladder,
        dots,
        s_curve,
        intervals_log_usd,
        intervals_linear,
        waterfall,
        market,
        cases,
        predicted,
        histogram,
        break_even,
        gantt,
        occupancy,
        density,
        density_log,
        retellings,
    )
}


def written(name: str) -> str:
    """The text of a chart's file."""
    return json.dumps(CHARTS[name](), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Rewrite every chart's file."""
    for name in CHARTS:
        (Path(__file__).parent / f"{name}.json").write_text(written(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
