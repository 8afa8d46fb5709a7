"""The checks of a row of a table: what each needs, the figure that it compares, and the status that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from model.claims.table_columns import active_in
from model.cost.compute import FLOP_PER_MAC, HOURS_PER_DAY, SECONDS_PER_HOUR

PASS, WARN, FAIL, INFO = (pl.lit(code, pl.Int8) for code in range(4))
TRILLION = 1e12
FEWEST_TRILLIONS = 1.5  # below, a rate and a total are too near to be told apart
MONTHS = 12.0
WORDS = "(?i)language|multimodal|text"  # domains whose data points are tokens
FP8 = "(?i)fp8|8-?bit"
RANGED = ("implied_mfu", "price_vs_market", "power")  # compared with a range, not with a figure
Rules = Mapping[str, float]
col = pl.col


@dataclass(frozen=True)
class RowCheck:
    """One check. ``status`` is null where a quantity of ``needs`` is missing; what stands behind it is shown with a flag.

    A check that is a ``cause`` explains what another one found; elsewhere it passes where it is ``present``.
    """

    id: str
    needs: tuple[str, ...]
    figure: pl.Expr
    status: pl.Expr
    stated: pl.Expr | None = None
    computed: pl.Expr | None = None
    low: pl.Expr | None = None
    high: pl.Expr | None = None
    detail: pl.Expr | None = None
    present: pl.Expr | None = None

    @property
    def is_cause(self) -> bool:
        """Whether it looks for what explains the finding of another check."""
        return self.present is not None


def derived(table: pl.LazyFrame, rules: Rules, limits: Rules) -> pl.LazyFrame:
    """Add what checks compare: hours in all, FLOP by 6ND, utilisation, prices, and the ratios of computed to stated."""
    return _ratios(_utilisation(_totals(table, rules, limits), rules))


def _totals(table: pl.LazyFrame, rules: Rules, limits: Rules) -> pl.LazyFrame:
    whole_days = col("hours").is_null() & (col("days") == col("days").round())
    tokens = col("tokens") * col("epochs").fill_null(1.0)
    return (
        table.with_columns(
            **{name: pl.lit(value) for name, value in limits.items()},
            computed_hours=col("gpus") * pl.coalesce("hours", col("days") * HOURS_PER_DAY),
            slack=pl.when(whole_days).then(0.5 / col("days")).otherwise(0.0),
            active=pl.coalesce("active_parameters", active_in(col("parameters_note"))),
            seen=pl.when(col("domain").is_null() | col("domain").str.contains(WORDS)).then(tokens),
            tuned=col("base_model").str.strip_chars().str.len_chars().fill_null(0) > 0,
            ceiling=pl.when(col("precision").str.contains(FP8)).then(rules["mfu_fp8_ceiling"]).otherwise(rules["mfu_bf16_ceiling"]),
            share=pl.when(col("mfu") > rules["mfu_fp8_ceiling"]).then(col("mfu") / 100.0).otherwise(col("mfu")),  # a percentage
        )
        .with_columns(
            hours_all=pl.coalesce("gpu_hours", "computed_hours"),
            counted=pl.coalesce("active", "parameters"),
            trillions=col("seen") / TRILLION,
        )
        .with_columns(six=FLOP_PER_MAC * col("counted") * col("seen"))
        .with_columns(compute=pl.coalesce("flop", "six"))
    )


def _utilisation(table: pl.LazyFrame, rules: Rules) -> pl.LazyFrame:
    """Of the highest peak that the row names; ``use`` is that of the stage alone where the whole is the base's compute as well."""
    possible = col("hours_all") * SECONDS_PER_HOUR * col("peak_high")
    own = pl.when(col("finetune_flop") >= rules["finetune_flop_floor"]).then(col("finetune_flop"))
    exact = (col("whole") / rules["circular_mfu"] - 1.0).abs() <= rules["circular_tolerance"]
    return table.with_columns(whole=col("compute") / possible, stage=own / possible).with_columns(
        based=(col("tuned") & (col("whole") > col("mfu_high"))).fill_null(value=False),
        circular=(exact & col("flop").is_not_null() & (col("peak_low") == col("peak_high"))).fill_null(value=False),
    )


def _ratios(table: pl.LazyFrame) -> pl.LazyFrame:
    return table.with_columns(
        use=pl.when(col("based")).then(col("stage")).when(~col("circular")).then(col("whole")),
        implied_price=pl.when(~col("based")).then(pl.coalesce("price", col("cost") / col("hours_all"))),
        wall_ratio=col("computed_hours") / col("gpu_hours"),
        money_ratio=col("hours_all") * col("price") / col("cost"),
        rate_ratio=col("rate") * col("trillions") / col("gpu_hours"),
        flop_ratio=pl.when(~col("tuned")).then(col("flop") / col("six")),
        peak_ratio=pl.when(~col("based") & ~col("circular")).then(col("whole") / col("share")),
        power_ratio=col("power_w") / (col("gpus") * col("board_w")),
    )


def _status(figure: str, passed: pl.Expr, warned: pl.Expr | None = None) -> pl.Expr:
    """Pass, else warn, else fail; null where there is no figure."""
    beyond = FAIL if warned is None else pl.when(warned.fill_null(value=False)).then(WARN).otherwise(FAIL)
    return pl.when(col(figure).is_not_null()).then(pl.when(passed.fill_null(value=False)).then(PASS).otherwise(beyond))


def _equal(name: str, needs: tuple[str, ...], ratio: str, rules: Rules, *, stated: str, computed: pl.Expr) -> RowCheck:
    """Two figures that should be one: pass within the tolerance, warn a little beyond; whole days may be rounded."""
    off, slack = (col(ratio) - 1.0).abs(), col("slack")
    status = _status(ratio, off <= rules["tolerance_pass"] + slack, off <= rules["tolerance_warn"] + slack)
    return RowCheck(name, needs, col(ratio), status, stated=col(stated), computed=computed)


def wall_clock(rules: Rules) -> RowCheck:
    """GPUs times hours or days against the GPU-hours."""
    needs = ("gpus", "computed_hours", "gpu_hours")
    return _equal("wall_clock", needs, "wall_ratio", rules, stated="gpu_hours", computed=col("computed_hours"))


def arithmetic(rules: Rules) -> RowCheck:
    """Hours times price against the cost."""
    computed = col("hours_all") * col("price")
    return _equal("arithmetic", ("hours_all", "price", "cost"), "money_ratio", rules, stated="cost", computed=computed)


def rate_times_tokens(rules: Rules) -> RowCheck:
    """Hours per trillion tokens times tokens against the hours."""
    computed = col("rate") * col("trillions")
    return _equal("rate_times_tokens", ("rate", "seen", "gpu_hours"), "rate_ratio", rules, stated="gpu_hours", computed=computed)


def implied_mfu(_: Rules) -> RowCheck:
    """Utilisation against its class; where all parameters were counted for want of another figure, too much of it only warns."""
    inside = (col("use") * col("peak_high") / col("peak_low") >= col("mfu_low")) & (col("use") <= col("mfu_high"))
    guessed = col("flop").is_null() & col("active").is_null()
    status = _status("use", inside, (col("use") <= col("ceiling")) | guessed)
    needs = ("hours_all", "peak_high", "compute")
    return RowCheck("implied_mfu", needs, col("use"), status, low=col("mfu_low"), high=col("mfu_high"))


def circular(rules: Rules) -> RowCheck:
    """FLOP that were made from hours, peak and an assumed utilisation: they say nothing about the hours."""
    status = pl.when(col("circular")).then(INFO).when(col("flop").is_not_null() & col("whole").is_not_null()).then(PASS)
    return RowCheck("circular", ("hours_all", "peak_high", "flop"), col("whole"), status, stated=pl.lit(rules["circular_mfu"]))


def base_model_compute(_: Rules) -> RowCheck:
    """Compute that holds the base model's, against the hours of a stage; no excuse where the stage's own compute is too much."""
    impossible = (col("stage") > col("ceiling")).fill_null(value=False)
    status = pl.when(col("tuned") & col("whole").is_not_null()).then(pl.when(col("based") & ~impossible).then(WARN).otherwise(PASS))
    needs = ("base_model", "hours_all", "peak_high", "compute")
    return RowCheck("base_model_compute", needs, col("whole"), status, computed=col("stage"), detail=col("base_model"))


def peak_precision(rules: Rules) -> RowCheck:
    """Stated utilisation against the one of the dense BF16 peak: twice or four times off, it is of a sparse or an 8-bit peak."""
    ratio, near = col("peak_ratio"), rules["materiality_factor"]
    other = pl.any_horizontal((ratio / factor - 1.0).abs() <= rules["tolerance_warn"] for factor in (2.0, 4.0, 0.5, 0.25))
    status = _status("peak_ratio", ratio.is_between(1.0 / near, near), ~other)
    needs = ("share", "compute", "hours_all", "peak_high")
    return RowCheck("peak_precision", needs, ratio, status, stated=col("share"), computed=col("whole"))


def flop_6nd(rules: Rules) -> RowCheck:
    """Stated compute against 6 x parameters x tokens; without the active count a sparse model may need less, without epochs more."""
    near, far, floor = rules["flop_near_factor"], rules["flop_far_factor"], rules["active_share_floor"]
    known, ratio = col("active").is_not_null(), col("flop_ratio")
    passed = ratio.is_between(pl.when(known).then(1.0 / near).otherwise(floor), near)
    most = pl.when(col("epochs").is_null()).then(1.0 / floor).otherwise(far)
    warned = ratio.is_between(pl.when(known).then(1.0 / far).otherwise(floor), most)
    status = _status("flop_ratio", passed, warned)
    return RowCheck("flop_6nd", ("flop", "counted", "seen"), ratio, status, stated=col("flop"), computed=col("six"))


def parameters_active_vs_total(rules: Rules) -> RowCheck:
    """More active parameters than there are, or compute that was counted with all of them."""
    near = rules["flop_near_factor"]
    whole = col("flop") / (FLOP_PER_MAC * col("parameters") * col("seen"))
    all_counted = whole.is_between(1.0 / rules["materiality_factor"], near) & (col("active") * near < col("parameters"))
    ratio = col("active") / col("parameters")
    wrong = (ratio > 1.0) | all_counted.fill_null(value=False)
    status = pl.when(ratio.is_not_null()).then(pl.when(wrong).then(FAIL).otherwise(PASS))
    return RowCheck("parameters_active_vs_total", ("active", "parameters"), ratio, status, stated=col("active"), computed=col("parameters"))


def lost_exponent(rules: Rules) -> RowCheck:
    """Fine-tune compute that is a bare mantissa."""
    figure, floor = col("finetune_flop"), rules["finetune_flop_floor"]
    return RowCheck("lost_exponent", ("finetune_flop",), figure, _status("finetune_flop", figure >= floor), low=pl.lit(floor))


def bounds(rules: Rules) -> RowCheck:
    """Stated compute inside its own stated bounds."""
    slack = 1.0 + rules["tolerance_pass"]
    outside = pl.any_horizontal(col("flop") * slack < col("flop_low"), col("flop") > col("flop_high") * slack).fill_null(value=False)
    some = col("flop").is_not_null() & (col("flop_low").is_not_null() | col("flop_high").is_not_null())
    status = pl.when(some).then(pl.when(outside).then(FAIL).otherwise(PASS))
    return RowCheck("bounds", ("flop", "flop_low", "flop_high"), col("flop"), status, low=col("flop_low"), high=col("flop_high"))


def price_vs_market(rules: Rules) -> RowCheck:
    """Price of an hour against the dated market; an amortised cost is another basis, so that only what is far off fails."""
    price, low, high, far = col("implied_price"), col("market_low"), col("market_high"), rules["price_far_factor"]
    status = pl.when(low.is_not_null()).then(_status("implied_price", price.is_between(low, high), price.is_between(low / far, high * far)))
    status = pl.when(~(col("amortised") & (status == WARN))).then(status)
    return RowCheck("price_vs_market", ("implied_price", "market_low"), price, status, low=low, high=high)


def power(rules: Rules) -> RowCheck:
    """Stated power against that of the GPUs at work with host and building."""
    ratio, low, high, far = col("power_ratio"), col("power_low"), col("power_high"), rules["price_far_factor"]
    status = _status("power_ratio", ratio.is_between(low, high), ratio.is_between(low / far, high * far))
    watt = col("gpus") * col("board_w")
    return RowCheck("power", ("power_w", "gpus", "board_w"), ratio, status, stated=col("power_w"), low=watt * low, high=watt * high)


def _ranges(rules: Rules) -> Mapping[str, tuple[pl.Expr, pl.Expr, pl.Expr]]:
    """Figures with the range that they should lie in, by the check that compares them."""
    exact, near = 1.0 + rules["tolerance_warn"], rules["flop_near_factor"]
    sums = {"wall_clock": "wall_ratio", "arithmetic": "money_ratio", "rate_times_tokens": "rate_ratio"}
    floor = rules["active_share_floor"]
    plain = pl.when(col("active").is_not_null() | ~col("flop_ratio").is_between(floor, near)).then(col("flop_ratio"))
    return {
        **{name: (col(ratio), pl.lit(1.0 / exact), pl.lit(exact)) for name, ratio in sums.items()},
        "flop_6nd": (plain, pl.lit(1.0 / near), pl.lit(near)),
        "implied_mfu": (col("use"), col("mfu_low"), col("mfu_high")),
        "price_vs_market": (
            col("implied_price"),
            pl.coalesce("market_low", "rent_low"),
            pl.coalesce("market_high", "rent_high"),
        ),
        "power": (col("power_ratio"), col("power_low"), col("power_high")),
    }


def unit_slip(rules: Rules) -> RowCheck:
    """A power of a thousand that brings a figure back to where it belongs: certain where that is a figure, likely where it is a range."""
    powers, names, likely = [], [], []
    ranges = _ranges(rules)
    for name, (figure, low, high) in ranges.items():
        steps = ((figure.log10() - (low * high).log10() / 2.0) / 3.0).round()
        slipped = (steps != 0.0) & (steps.abs() <= 3.0) & (figure / pl.lit(10.0).pow(3.0 * steps)).is_between(low, high)
        powers.append(pl.when(slipped).then(pl.lit(10.0).pow(3.0 * steps)))
        names.append(pl.when(slipped).then(pl.lit(name)))
        likely.append(pl.when(slipped).then(WARN if name in RANGED else FAIL))
    factor, some = pl.coalesce(powers), pl.any_horizontal(figure.is_not_null() for figure, _, _ in ranges.values())
    status = pl.coalesce(*likely, pl.when(some).then(PASS))
    return RowCheck("unit_slip", (), factor, status, detail=pl.coalesce(names), present=some)


def monthly_as_yearly(rules: Rules) -> RowCheck:
    """A factor of twelve between hours times price and the cost, or between the price and the market."""
    tolerance, far, price = rules["tolerance_warn"], rules["price_far_factor"], col("implied_price")
    twelve = pl.any_horizontal((col("money_ratio") / factor - 1.0).abs() <= tolerance for factor in (MONTHS, 1.0 / MONTHS))
    off = ~price.is_between(col("market_low") / far, col("market_high") * far)
    back = pl.any_horizontal((price * factor).is_between(col("market_low"), col("market_high")) for factor in (MONTHS, 1.0 / MONTHS))
    return _suspicion("monthly_as_yearly", ("implied_price",), pl.lit(MONTHS), exact=twelve, likely=off & back)


def rate_as_total(rules: Rules) -> RowCheck:
    """Figures that fit once they are multiplied with the trillions of tokens: those of one trillion, read as totals."""
    tolerance, far, price, trillions = rules["tolerance_warn"], rules["price_far_factor"], col("implied_price"), col("trillions")
    low, high = col("market_low"), col("market_high")
    ratios = (col("wall_ratio") / trillions, col("money_ratio") / trillions, col("gpu_hours") / col("rate"))
    exact = pl.any_horizontal((ratio - 1.0).abs() <= tolerance for ratio in ratios)
    hours = (col("use") > col("ceiling")) & (col("use") / trillions).is_between(col("mfu_low"), col("mfu_high"))
    money = (price < low / far) & (price * trillions).is_between(low, high)
    many = trillions >= FEWEST_TRILLIONS
    return _suspicion("rate_as_total", ("seen", "hours_all"), trillions, exact=many & exact, likely=many & (hours | money))


def _suspicion(name: str, needs: tuple[str, ...], figure: pl.Expr, *, exact: pl.Expr, likely: pl.Expr) -> RowCheck:
    """A cause of another check's finding: certain where figures of the row agree on it, likely where it only leads back into a range."""
    found = pl.when(exact.fill_null(value=False)).then(FAIL).when(likely.fill_null(value=False)).then(WARN)
    present = pl.all_horizontal(col(own).is_not_null() for own in needs)
    return RowCheck(name, needs, figure, pl.coalesce(found, pl.when(present).then(PASS)), present=present)


def suspect() -> pl.Expr:
    """Where a cause is worth looking for though no check found anything: a price that was never seen, without a market to compare."""
    return ~col("implied_price").is_between(col("rent_low"), col("rent_high"))


CHECKS: tuple[Callable[[Rules], RowCheck], ...] = (
    wall_clock,
    arithmetic,
    rate_times_tokens,
    implied_mfu,
    circular,
    base_model_compute,
    peak_precision,
    flop_6nd,
    parameters_active_vs_total,
    lost_exponent,
    bounds,
    price_vs_market,
    power,
    unit_slip,
    monthly_as_yearly,
    rate_as_total,
)
