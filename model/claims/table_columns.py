"""Which column of a table is which quantity, and numbers out of the texts in its cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from model.errors import InputError, UnknownNameError, suggestion

LAYOUTS = ("epoch", "plain")

# Quantity -> its header in Epoch's table, then its names in a plain one; the first that a table has is taken.
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "gpus": ("hardware_quantity", "gpus", "gpu_count", "chips", "chip_count", "accelerators", "num_gpus", "n_gpus"),
    "hours": ("training_time_hours", "hours", "wall_clock_hours", "training_hours", "duration_hours"),
    "days": ("", "days", "training_days", "duration_days"),
    "gpu_hours": ("training_chip_hours", "gpu_hours", "chip_hours", "accelerator_hours", "gpu_hours_disclosed", "gpu_hours_if_stated"),
    "parameters": ("parameters", "parameters", "params", "total_parameters", "params_total", "parameters_total", "n_params"),
    "active_parameters": ("", "active_parameters", "active_params", "params_active", "parameters_active"),
    "tokens": ("training_dataset_size_datapoints", "tokens", "training_tokens", "dataset_tokens"),
    "epochs": ("epochs", "epochs"),
    "flop": ("training_compute_flop", "flop", "train_flop", "training_flop", "compute_flop", "training_compute", "flop_attn_aware"),
    "flop_low": ("training_compute_lower_bound", "flop_low", "flop_lower_bound"),
    "flop_high": ("training_compute_upper_bound", "flop_high", "flop_upper_bound"),
    "finetune_flop": ("finetune_compute_flop", "finetune_flop", "finetune_compute"),
    "mfu": ("hardware_utilization_mfu", "mfu", "hardware_utilization", "utilisation", "utilization", "disclosed_mfu"),
    "rate": ("", "gpu_hours_per_trillion_tokens", "rate", "hours_per_trillion_tokens"),
    "price": ("", "price_usd_per_gpu_hour", "usd_per_gpu_hour", "price_per_gpu_hour", "price", "implied_usd_per_gpu_hour"),
    "cost": ("training_compute_cost_2023_usd", "cost_usd", "cost", "usd", "amount_usd", "training_cost_usd", "cost_claim_usd"),
    "power_w": ("training_power_draw_w", "power_w", "power_draw_w", "site_power_w"),
}
TEXTS: Mapping[str, tuple[str, ...]] = {
    "name": ("model", "model", "name", "subject", "run", "id", "system"),
    "date": ("publication_date", "date", "publication_date", "release_date", "released"),
    "chip": ("training_hardware", "chip", "hardware", "gpu", "accelerator", "training_hardware"),
    "base_model": ("base_model", "base_model", "base"),
    "precision": ("numerical_format", "precision", "numerical_format"),
    "domain": ("domain", "domain"),
    "parameters_note": ("parameters_notes", "parameters_notes", "parameters_note"),
}
SCALED = ("parameters", "active_parameters", "tokens")  # whose names may end in a letter of magnitude: tokens_t
SCALES = {"_k": 1e3, "_m": 1e6, "_b": 1e9, "_t": 1e12}
ODD = ".odd"
EPOCH_SIGNS = 3  # columns that only Epoch's table has
NOTHING = ("", "-", "–", "n/a", "na", "nan", "none", "null", "unknown", "?")
ACTIVE = r"(?i)(\d+(?:\.\d+)?)\s*(b|billion|m|million)\s*(?:parameters?\s*)?(?:are\s+|is\s+)?activ"


@dataclass(frozen=True)
class Column:
    """Where a quantity stands: the place and the header of its column, and what a cell is multiplied with."""

    place: int
    header: str
    scale: float = 1.0


@dataclass(frozen=True)
class Columns:
    """The known columns of a table by quantity, the headers of the others, and the layout that they were read by."""

    known: Mapping[str, Column]
    ignored: tuple[str, ...]
    layout: str

    @property
    def numbers(self) -> tuple[str, ...]:
        """The quantities that are numbers."""
        return tuple(name for name in NUMBERS if name in self.known)


def columns_of(header: Sequence[str], asked: str | None = None) -> Columns:
    """The quantities that a header names, by one layout or by the one that it looks like."""
    if asked is not None and asked not in LAYOUTS:
        raise UnknownNameError("--format", "layout of columns", asked, LAYOUTS)
    places: dict[str, tuple[int, float]] = {}
    for place, name in enumerate(map(normalised, header)):
        if not name:
            continue
        places.setdefault(name, (place, 1.0))
        if name[-2:] in SCALES:
            places.setdefault(f"{name[:-2]}*", (place, SCALES[name[-2:]]))
    epoch = sum(names[0] in places for names in NUMBERS.values() if names[0] not in names[1:])
    layout = asked or ("epoch" if epoch >= EPOCH_SIGNS else "plain")
    known = {}
    for quantity, names in {**NUMBERS, **TEXTS}.items():
        own = names[:1] if layout == "epoch" else names[1:]
        own += tuple(f"{name}*" for name in own if quantity in SCALED)
        if found := next((places[name] for name in own if name in places), None):
            known[quantity] = Column(found[0], header[found[0]], found[1])
    used = {column.place for column in known.values()}
    return Columns(known, tuple(name for place, name in enumerate(header) if place not in used and name), layout)


def normalised(header: str) -> str:
    """A header as it is compared: lower case, signs as underscores."""
    return re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_")


def require_numbers(where: str, header: Sequence[str], columns: Columns) -> None:
    """Refuse a table of which no figure is known."""
    if not columns.numbers:
        shown = ", ".join(f'"{name[:40]}"' for name in header[:6])
        names = [name for own in NUMBERS.values() for name in own if name]
        near = suggestion(normalised(header[0][:40]) if header else "", names)
        accepted = f"{near} The first line names the columns, separated by commas, semicolons, tabs or bars (docs/check_table.md)."
        raise InputError(where, f"has no column of figures that is known; its {len(header)} columns begin with {shown}.", accepted)


def cells(columns: Columns, names: Mapping[str, str], kinds: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """Known columns of a table whose columns are called ``names``: texts, and numbers with what stands in cells that hold none."""
    texts = [pl.col(names[name]).cast(pl.String).alias(name) for name in TEXTS if name in columns.known]
    found = []
    for name in columns.numbers:
        cell = pl.col(names[name])
        kind = kinds.get(names[name], pl.String())
        number = (cell if kind.is_numeric() else cell.cast(pl.String)).cast(pl.Float64, strict=False)
        left = ~number.is_finite().fill_null(value=False) & cell.is_not_null()
        found += [number.alias(name), pl.when(left).then(cell.cast(pl.String)).alias(f"{name}{ODD}")]
    return [*texts, *found]


def numbers(frame: pl.DataFrame, name: str, *, decimal_comma: bool) -> tuple[pl.Series, pl.Series]:
    """A column of numbers, those in odd cells read as well, and where a cell holds something that is no finite number."""
    found, odd = frame[name], frame[f"{name}{ODD}"]
    left = odd.is_not_null().arg_true()
    wrong = pl.repeat(value=False, n=len(frame), eager=True)
    if len(left) == 0:
        return found, wrong
    texts = odd.gather(left)
    again = _cleaned(texts, decimal_comma=decimal_comma)
    no_number = ~again.is_finite().fill_null(value=False)
    found = found.scatter(left, pl.select(pl.when(~no_number).then(again)).to_series())
    return found, wrong.scatter(left, no_number & ~texts.str.strip_chars().str.to_lowercase().is_in(NOTHING))


def _cleaned(cells: pl.Series, *, decimal_comma: bool) -> pl.Series:
    """Numbers with a dollar sign, spaces, or separators of thousands."""
    text = cells.str.replace_all(r"[\s\u00a0\u202f]", "").str.replace(r"^(?:US)?\$|^USD", "").str.replace(r"(?:\$|USD)$", "")
    if decimal_comma:
        text = text.str.replace(r"^([+-]?\d+),(\d+)$", "${1}.${2}")
    grouped = text.str.contains(r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$")
    plain: pl.Series = pl.select(pl.when(grouped).then(text.str.replace_all(",", "")).otherwise(text)).to_series()
    return plain.cast(pl.Float64, strict=False)


def active_in(notes: pl.Expr) -> pl.Expr:
    """The active parameters that a note states in words: "37B active"."""
    size = notes.str.extract(ACTIVE, 1).cast(pl.Float64, strict=False)
    return size * pl.when(notes.str.extract(ACTIVE, 2).str.to_lowercase().str.starts_with("b")).then(1e9).otherwise(1e6)
