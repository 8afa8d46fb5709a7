"""Findings in a table of runs as sentences and rows, thousands at a time: every message is one column expression."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import polars as pl

from model.claims.table_checks import TOLD, CheckedTable
from model.errors import InputError
from model.tabular import RUN_BY_SPREADSHEETS
from model.views.verdict import CHECKS, LABELS
from model.wording import ENGLISH, Language

CAUSES: Mapping[str, str] = {
    "circular": "circular compute",
    "base_model_compute": "compute of the base model",
    "flop_6nd": "6 x parameters x tokens",
    "lost_exponent": "lost exponent",
    "bounds": "own bounds",
    "monthly_as_yearly": "month read as year",
    "unreadable": "cell without a number",
    "not_positive": "figure that is not positive",
}
SEVERITIES: Mapping[str, str] = {"info": "remark", "unchecked": "not checked"}
NOT_CHECKED: Mapping[str, str] = {
    "too_many_cells": "more cells than the header has",
    "unreadable": "a cell that should hold a number does not",
    "no_figures": "no figures",
    "no_hours": "no GPU-hours, nor GPUs and a duration",
    "no_chip": "no hardware named",
    "unknown_chip": "hardware whose peak is not on file",
    "no_compute": "no compute, nor parameters and tokens",
}
MESSAGES: Mapping[str, str] = {
    "wall_clock": "GPUs times hours come to {computed:count} GPU-hours; stated {stated:count}.",
    "arithmetic": "Hours times price come to {computed:usd}; stated {stated:usd}.",
    "rate_times_tokens": "Rate times tokens come to {computed:count} GPU-hours; stated {stated:count}.",
    "implied_mfu": "The hours imply {figure:percent3} of the dense BF16 peak; 90 % of comparable runs: {low:percent2} to {high:percent2}.",
    "circular": "The compute is hours times peak times {stated:number}: derived from the hours, so it cannot confirm them.",
    "base_model_compute": "Compute {figure:number3} times what the hours can do: the base model's ({detail}); the hours are the stage's.",
    "peak_precision": "Stated {stated:percent3}, of the dense BF16 peak {computed:percent3}: another peak, sparse or of 8 bits?",
    "flop_6nd": "The stated compute is {figure:number3} times 6 x parameters x tokens.",
    "parameters_active_vs_total": "{stated:count} active of {computed:count} parameters: more than all, or all counted for the compute.",
    "lost_exponent": "A fine-tune of {figure:number} FLOP: the exponent is lost.",
    "bounds": "The compute lies outside its own stated bounds.",
    "price_vs_market": "An hour comes to {figure:usd3}; the market of that chip at the date: {low:usd3} to {high:usd3}.",
    "power": "The stated power is {figure:number3} times that of the boards alone; with host and building {low:count3} to {high:count3} W.",
    "unit_slip": "A factor of {figure:number} too much or too little: million, milliard or billion? Found by: {detail}.",
    "monthly_as_yearly": "A factor of twelve: a month's rent read as a year's, or the reverse?",
    "rate_as_total": "It fits for one of the {figure:number3} trillion tokens: a rate read as a total.",
    "unreadable": "No number: {detail}",
    "not_positive": "Not above zero: {detail}",
}
REMARKS: Mapping[str, str] = {
    "separator": 'Cells are separated by "{detail}".',
    "not_utf8": "Some letters are not UTF-8 and stand as question marks.",
}
# Check -> the ground rule that draws its line.
RULES: Mapping[str, str] = {
    **dict.fromkeys(("arithmetic", "wall_clock", "rate_times_tokens", "bounds"), "tolerance_pass"),
    **dict.fromkeys(("unit_slip", "monthly_as_yearly", "rate_as_total"), "tolerance_warn"),
    **dict.fromkeys(("base_model_compute", "flop_6nd"), "flop_near_factor"),
    **dict.fromkeys(("price_vs_market", "power"), "price_far_factor"),
    "implied_mfu": "mfu_bf16_ceiling",
    "peak_precision": "materiality_factor",
    "circular": "circular_mfu",
    "parameters_active_vs_total": "active_share_floor",
    "lost_exponent": "finetune_flop_floor",
}
Form = Callable[[pl.DataFrame, io.BytesIO], None]
FORMS: Mapping[str, Form] = {".csv": pl.DataFrame.write_csv, ".parquet": pl.DataFrame.write_parquet, ".json": pl.DataFrame.write_json}


def flag_rows(table: CheckedTable, language: Language, check: str = "") -> pl.DataFrame:
    """Every finding, or those of one check, with its sentence and its reason code, by row."""
    flags = table.flags.filter(pl.col("check") == check) if check else table.flags
    labels = {name: language.text(label) for name, label in CHECKS.items()}
    explained = pl.col("detail").replace(labels)
    found = flags.with_columns(detail=pl.when(pl.col("check") == "unit_slip").then(explained).otherwise("detail"))
    message = pl.lit("")
    for name in found["check"].unique():
        message = pl.when(pl.col("check") == name).then(filled(MESSAGES[name], language)).otherwise(message)
    return found.with_columns(message=message, reason=pl.col("check") + "_" + pl.col("severity"))


def filled(template: str, language: Language) -> pl.Expr:
    """A translated template with its places filled from columns of the same names."""
    parts: list[pl.Expr] = []
    for text, name, kind, _ in Formatter().parse(language.text(template)):
        parts.append(pl.lit(text))
        if name is not None:
            parts.append(written(pl.col(name), kind or "", language))
    return pl.concat_str(parts)


def written(values: pl.Expr, kind: str, language: Language) -> pl.Expr:
    """Figures as ``Language`` writes them, without separators of thousands; a text as it is, and a sign where there is none."""
    how, digits = kind.rstrip("0123456789"), int(kind[len(kind.rstrip("0123456789")) :] or 4)
    if not how:
        return values.cast(pl.String).fill_null("–")
    shown = _digits(100.0 * values if how == "percent" else values, digits, language) + ("\u00a0%" if how == "percent" else "")
    before, after = ("$", "") if how == "usd" and language.dollar_first else ("", "$" if how == "usd" else "")
    shown = before + shown + (f"\u00a0{after}" if after else "")
    if how in ("count", "usd"):
        for scale, letter in reversed(language.scales[:-1]):
            scaled = before + _digits(values / scale, digits, language) + letter + after
            shown = pl.when(values.abs() >= scale * 0.99995).then(scaled).otherwise(shown)
    return shown.fill_null("–")


def _digits(values: pl.Expr, digits: int, language: Language) -> pl.Expr:
    plain = values.round_sig_figs(digits).cast(pl.String).str.replace(r"\.0$", "").str.replace(r"(\d\.\d*?)0{6,}\d$", "${1}")
    return plain.str.replace(".", language.decimal, literal=True)


def table_document(table: CheckedTable) -> dict[str, Any]:
    """The answer without its flags."""
    return {
        "rows": table.rows,
        "checked": table.checked,
        "unchecked": dict(table.unchecked),
        "checks": {name: dict(counts) for name, counts in table.results.items()},
        "unknown_chips": dict(table.unknown_chips),
        "format": table.columns.layout,
        "columns": {name: column.header for name, column in table.columns.known.items()},
        "ignored_columns": list(table.columns.ignored),
        "remarks": remark_texts(table, ENGLISH),
    }


def remark_texts(table: CheckedTable, language: Language) -> list[str]:
    """How the file was read, where that was not as expected."""
    return [language.fill(REMARKS[code], {"detail": detail}) for code, detail in table.remarks]


def json_flags(flags: pl.DataFrame) -> str:
    """Flags as a JSON list."""
    kept = flags.select(*TOLD, "reason", "stated", "computed")
    return kept.with_columns(pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in ("figure", "stated", "computed")).write_json()


def exported(table: CheckedTable, language: Language) -> pl.DataFrame:
    """Findings and rows that were not checked, in the order of the rows; no cell that a spreadsheet would run."""
    reasons = {name: language.text(text) for name, text in NOT_CHECKED.items()}
    idle = table.unchecked_rows.with_columns(severity=pl.lit("unchecked"), message=pl.col("reason").replace(reasons), check=pl.lit(""))
    idle = idle.with_columns(figure=pl.lit(None, pl.Float64)).select(TOLD)
    both = pl.concat([flag_rows(table, language).select(TOLD), idle]).sort("row", maintain_order=True)
    return both.with_columns(pl.col("name", "message").str.replace(RUN_BY_SPREADSHEETS, "'${0}"))


def form_of(file: Path) -> Form:
    """The form in which findings are written, by the ending of a file.

    Raises
    ------
    InputError
        The ending is another one.
    """
    form = FORMS.get(file.suffix.lower())
    if form is None:
        raise InputError(str(file), f'cannot be written: its ending is "{file.suffix}".', f"Accepted: {', '.join(FORMS)}.")
    return form


def export_bytes(table: CheckedTable, language: Language, form: Form) -> bytes:
    """What was found, as CSV, Parquet or JSON."""
    buffer = io.BytesIO()
    form(exported(table, language), buffer)
    return buffer.getvalue()


def check_label(name: str, language: Language) -> str:
    """A check in words."""
    return language.text(CAUSES.get(name) or CHECKS[name])


def severity_label(name: str, language: Language) -> str:
    """How grave a finding is, in words."""
    return language.text(SEVERITIES.get(name) or LABELS[name])


def count_rows(table: CheckedTable, language: Language) -> list[dict[str, Any]]:
    """How often each check passed or was flagged; checks that had nothing to work on are left out."""
    cells = table.flags.filter(pl.col("check").is_in(list(table.results)).not_())["check"].value_counts().iter_rows()
    counts = {**table.results, **{name: {"warn": count} for name, count in cells}}
    heads = {"pass": "pass", "info": "remark", "warn": "warn", "fail": "fail"}
    return [
        {"check": check_label(name, language), **{head: found.get(key, 0) for key, head in heads.items()}}
        for name, found in counts.items()
        if any(key in found for key in heads)
    ]


def rule_cards(language: Language) -> dict[str, str]:
    """Card of the ground rule behind each check, by the check's label."""
    return {check_label(check, language): f"rule:{rule}" for check, rule in RULES.items()}


def worst_first(flags: pl.DataFrame) -> pl.DataFrame:
    """Row, name, check, severity and message, failures in front."""
    order = pl.col("severity").replace_strict({"fail": 0, "warn": 1, "info": 2}, return_dtype=pl.Int8)
    return flags.sort(order, maintain_order=True).select("row", "name", "check", "severity", "message")
