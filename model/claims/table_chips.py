"""What is known of the hardware that a cell names: dense peak, board power, and the market of that chip at a date."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import polars as pl

from model.other_models import market_price
from model.registry import Registry
from model.setting import DEFAULT_SCENARIO, resolve

MAKERS = r"^(?:\d+x)?(?:nvidia|google|tesla|amd|huawei|amazon|aws|meta|intel)+"
FORMS = r"(?:sxm\d?|dgxs?|hgx|oam|gpus?|tensorcore|chips?)+$"
EMPTY = {"chip": pl.String, "start": pl.Date, "market_low": pl.Float64, "market_high": pl.Float64}


def hardware(cells: pl.DataFrame, registry: Registry) -> pl.DataFrame:
    """Add to pairs of ``chip`` and ``date`` as written what is known of them.

    Adds ``peak_low`` and ``peak_high`` (FLOP/s; they differ where a cell names several chips), ``board_w``, ``market_low`` and
    ``market_high`` (USD per GPU-hour), and ``unknown``, the first chip that is not on file.
    """
    parts = cells.select(pl.col("chip").unique()).drop_nulls().with_columns(part=_split(pl.col("chip"))).explode("part")
    parts = parts.with_columns(id=_squeezed(pl.col("part"))).join(chips(registry), on="id", how="left")
    known = parts.group_by("chip").agg(
        pl.col("peak").min().alias("peak_low"),
        pl.col("peak").max().alias("peak_high"),
        pl.col("board_w").max(),
        pl.col("part").filter(pl.col("peak").is_null()).first().alias("unknown"),
        pl.when(pl.len() == 1).then(pl.col("id").first()).alias("market_of"),
    )
    whole = pl.col("unknown").is_null()
    known = known.with_columns(pl.when(whole).then(pl.col(name)).alias(name) for name in ("peak_low", "peak_high", "board_w"))
    dated = cells.join(known, on="chip", how="left").with_columns(day=_day(pl.col("date"))).sort("day")
    windows = market_windows(registry)
    found = dated.join_asof(windows, left_on="day", right_on="start", by_left="market_of", by_right="chip", check_sortedness=False)
    return found.drop("day", "market_of", "start", strict=False)


def chips(registry: Registry) -> pl.DataFrame:
    """Chips on file by their id as it is compared."""
    rows = [
        {"id": c.id.lower(), "peak": c.peak_dense_flop_per_s.get("bf16") or c.peak_dense_flop_per_s["fp16"], "board_w": c.board_power_w}
        for c in registry.chips.values()
    ]
    return pl.DataFrame(rows, schema={"id": pl.String, "peak": pl.Float64, "board_w": pl.Float64})


def _split(cell: pl.Expr) -> pl.Expr:
    return cell.str.split(" and ").list.join(",").str.replace_all(r"[;+/&]", ",").str.split(",").list.eval(pl.element().str.strip_chars())


def _squeezed(part: pl.Expr) -> pl.Expr:
    bare = part.str.to_lowercase().str.replace_all(r"\b\d+\s*gb\b", "").str.replace_all(r"[^a-z0-9]", "")
    return bare.str.replace(MAKERS, "").str.replace(FORMS, "")


def _day(date: pl.Expr) -> pl.Expr:
    """A date as written, or the middle of a month; a year alone is no date."""
    month = (date.str.slice(0, 7) + "-15").str.to_date("%Y-%m-%d", strict=False)
    return pl.coalesce(date.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False), month)


@lru_cache(maxsize=2)
def market_windows(registry: Registry) -> pl.DataFrame:
    """Central 90 % of the market of each chip, from each day on which it changes; null where there is none.

    The chip whose market is an assumption of its own has that one around its date.
    """
    own = resolve(DEFAULT_SCENARIO, registry).distributions["price.rental"]
    reach, rental = dt.timedelta(days=registry.rules["market_window"]), registry.parameters["price.rental"]
    rows = []
    for chip in {o.chip for o in registry.price_observations.values()}:
        days = {o.date for o in registry.price_observations.values() if o.chip == chip}
        days |= {rental.as_of} if chip == rental.chip else set()
        for start in sorted({day - reach for day in days} | {day + reach + dt.timedelta(days=1) for day in days}):
            assumed = chip == rental.chip and abs(rental.as_of - start) <= reach
            market = own if assumed else market_price(registry, chip, start)
            ends = (None, None) if market is None else tuple(map(float, market.ppf(np.array([0.05, 0.95]))))
            rows.append((chip.lower(), start, *(ends if ends[0] != ends[1] else (None, None))))
    return pl.DataFrame(rows, schema=EMPTY, orient="row").sort("start")


def every_rent(registry: Registry) -> tuple[float, float]:
    """The lowest and the highest rent on file, of any chip at any date."""
    rents = [o.usd_per_gpu_hour for o in registry.price_observations.values()]
    return min(rents), max(rents)
