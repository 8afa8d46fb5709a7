"""Rows of runs that hold together, written as tables in both layouts. Texts of the tests, not a test."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import polars as pl

from model.claims.table_checks import CheckedTable

Row = Mapping[str, object]


EPOCH = {
    "name": "Model",
    "date": "Publication date",
    "domain": "Domain",
    "parameters": "Parameters",
    "parameters_note": "Parameters notes",
    "flop": "Training compute (FLOP)",
    "tokens": "Training dataset size (datapoints)",
    "hours": "Training time (hours)",
    "chip": "Training hardware",
    "epochs": "Epochs",
    "base_model": "Base model",
    "finetune_flop": "Finetune compute (FLOP)",
    "gpus": "Hardware quantity",
    "mfu": "Hardware utilization (MFU)",
    "precision": "Numerical format",
    "gpu_hours": "Training chip-hours",
    "cost": "Training compute cost (2023 USD)",
    "power_w": "Training power draw (W)",
    "flop_low": "Training compute lower bound",
    "flop_high": "Training compute upper bound",
}


# DeepSeek-V3 as its report has it: 14.8T tokens, 37B of 671B active, 2.788M H800-hours on 2,048 GPUs at $2, FP8, MFU 0.389.
V3 = {
    "name": "DeepSeek-V3",
    "date": "2024-12-26",
    "chip": "NVIDIA H800 SXM5",
    "gpus": 2048,
    "hours": 1361.3,
    "gpu_hours": 2_788_000,
    "parameters": 671e9,
    "active_parameters": 37e9,
    "tokens": 14.8e12,
    "flop": 3.4078e24,
    "mfu": 0.389,
    "precision": "FP8",
    "price": 2.0,
    "cost": 5_576_000,
    "rate": 188_378,
    "power_w": 2_800_000,
}


# Llama 2 7B as its report has it: 2T tokens, 184,320 A100-hours (arXiv 2307.09288, table 2).
LLAMA = {
    "name": "Llama 2 7B",
    "date": "2023-07-18",
    "chip": "NVIDIA A100 SXM4 80 GB",
    "gpu_hours": 184_320,
    "parameters": 6.74e9,
    "tokens": 2e12,
    "flop": 8.4e22,
}


CIRCULAR = {**LLAMA, "flop": 184_320 * 3600 * 312e12 * 0.3}


TUNED = {"base_model": "DeepSeek-V3", "gpu_hours": 5_000.0, "gpus": None, "hours": None, "cost": 10_000, "rate": None, "power_w": None}


TUNED |= {"tokens": None, "mfu": None}


def plain(*rows: Row) -> bytes:
    """Rows as a CSV of plain columns."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(names)
    writer.writerows([row.get(name) for name in names] for row in rows)
    return buffer.getvalue().encode()


def epoch(*rows: Row) -> bytes:
    """Rows as a CSV of Epoch's columns, with the active parameters in a note of two lines."""
    told = []
    for row in rows:
        note = (
            f'Mixture of experts,\nwith {float(str(row["active_parameters"])) / 1e9:g}B active, "see paper"'
            if "active_parameters" in row
            else None
        )
        cost = f"${row['cost']:.2f}" if row.get("cost") else None
        kept = {EPOCH[name]: value for name, value in row.items() if name in EPOCH}
        told.append(kept | {EPOCH["parameters_note"]: note, EPOCH["cost"]: cost, EPOCH["domain"]: "Language", "Confidence": "Confident"})
    return plain(*told)


def found(table: CheckedTable, row: int = 1) -> dict[str, str]:
    """Severity by check of the findings in a row."""
    return dict(table.flags.filter(pl.col("row") == row).select("check", "severity").iter_rows())


PLANTED: list[tuple[str, str, Row]] = [
    ("wall_clock", "fail", {**V3, "gpus": 1024}),
    ("wall_clock", "fail", {**LLAMA, "gpus": 512, "hours": 180.0}),
    ("arithmetic", "fail", {**V3, "cost": 6_500_000}),
    ("arithmetic", "warn", {**LLAMA, "price": 2.0, "cost": 382_000}),
    ("rate_times_tokens", "fail", {**V3, "rate": 150_000}),
    ("rate_times_tokens", "fail", {**LLAMA, "rate": 120_000}),
    ("implied_mfu", "fail", {**V3, "gpu_hours": 400_000, "gpus": None}),
    ("implied_mfu", "fail", {**LLAMA, "gpu_hours": 60_000}),
    ("implied_mfu", "warn", {**LLAMA, "gpu_hours": 900_000}),
    ("peak_precision", "fail", {**V3, "mfu": 0.17}),
    ("peak_precision", "fail", {**LLAMA, "mfu": 20.3}),
    ("flop_6nd", "fail", {**V3, "flop": 2e25, "epochs": 1}),
    ("flop_6nd", "warn", {**V3, "flop": 2e25}),
    ("flop_6nd", "fail", {**LLAMA, "flop": 5e23, "epochs": 1}),
    ("parameters_active_vs_total", "fail", {**V3, "active_parameters": 700e9}),
    ("parameters_active_vs_total", "fail", {**V3, "flop": 6 * 671e9 * 14.8e12}),
    ("price_vs_market", "fail", {**V3, "cost": 100_000, "price": None}),
    ("price_vs_market", "fail", {**V3, "cost": 40_000_000, "price": None}),
    ("power", "fail", {**V3, "power_w": 100_000}),
    ("power", "fail", {**V3, "power_w": 20e6}),
    ("unit_slip", "fail", {**V3, "cost": 5_576}),
    ("unit_slip", "fail", {**V3, "gpu_hours": 2_788, "rate": None}),
    ("unit_slip", "fail", {**V3, "flop": 3.4078e27}),
    ("unit_slip", "warn", {**LLAMA, "gpu_hours": 184.32}),
    ("unit_slip", "warn", {**V3, "power_w": 2_800}),
    ("monthly_as_yearly", "fail", {**V3, "cost": 5_576_000 / 12}),
    ("monthly_as_yearly", "warn", {**V3, "cost": 5_576_000 * 12, "price": None}),
    ("rate_as_total", "fail", {**V3, "gpu_hours": 188_378, "gpus": None}),
    ("rate_as_total", "fail", {**V3, "cost": 5_576_000 / 14.8}),
    ("rate_as_total", "warn", {**LLAMA, "tokens": 15e12, "flop": 8.4e22 * 7.5, "gpu_hours": 184_320 / 2}),
    ("circular", "info", CIRCULAR),
    ("circular", "info", {**V3, "flop": 2_788_000 * 3600 * 989.4e12 * 0.3, "tokens": None}),
    ("base_model_compute", "warn", {**V3, **TUNED, "finetune_flop": 8e21}),
    ("base_model_compute", "warn", {**V3, **TUNED}),
    ("lost_exponent", "fail", {**V3, **TUNED, "finetune_flop": 6}),
    ("lost_exponent", "fail", {**LLAMA, "base_model": "Llama", "finetune_flop": 2}),
    ("bounds", "fail", {**LLAMA, "flop_low": 9e22}),
    ("bounds", "fail", {**LLAMA, "flop_low": 1e22, "flop_high": 8e22}),
    ("unreadable", "warn", {**LLAMA, "gpu_hours": "=1+1"}),
    ("unreadable", "warn", {**LLAMA, "tokens": "2 trillion"}),
    ("not_positive", "warn", {**LLAMA, "gpu_hours": 0}),
    ("not_positive", "warn", {**LLAMA, "tokens": -2e12}),
]
