"""A training run whose GPU-hours were disclosed, as a row of a table and as an entry of the files."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from model.schema.base import Entry, Evidence, Many, Text
from model.schema.distribution import Positive


class DisclosedRun(Entry):
    """One run: what it trained, on what, and the GPU-hours that were said. Sizes carry their unit in the name (b: 1e9, t: 1e12).

    ``attn_width`` is heads times head dimension; FLOP are six per parameter and token where the shape is not known. ``hours_basis``: A
    hours stated, B GPUs times time stated, R a stated rate times tokens, D inferred.
    """

    id: Text
    use: Literal["calib", "stress", "exclude"] = "calib"
    model: str = ""
    family: str = ""
    developer: str = ""
    release_date: str = ""
    record_type: str = ""
    arch: str = ""
    params_total_b: Positive | None = None
    params_active_b: Positive
    n_layers: Positive | None = None
    attn_width: Positive | None = None
    seq_len: Positive | None = None
    tokens_t: Positive
    hardware: str = ""
    hw_gen: str = ""
    peak_bf16_dense_tflops: Positive
    gpu_count: Positive | None = None
    precision: str = ""
    gpu_hours_disclosed: Positive
    hours_basis: str = ""


class BacktestRun(DisclosedRun):
    """A run of the project's own table, with its source."""

    note: str = ""
    evidence: Annotated[Many[Evidence], Field(min_length=1)]
