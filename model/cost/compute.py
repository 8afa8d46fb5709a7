"""From the shape of a model to FLOP per token, GPU-hours and model FLOP utilisation (MFU).

A training token costs ``6 M + 6 W`` FLOP: each forward multiply-add is two operations, and the backward pass repeats the forward
one twice over. M counts the weights that multiply a token, W the products between queries, keys and values.
Counted: attention projections, gated feed-forward layers, the router, the output head. Left out: embedding look-up, norms, softmax,
rotary embedding, optimiser, recomputation, and multi-token prediction (MTP) unless it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.errors import InputError

FloatArray: TypeAlias = NDArray[np.float64]
Convention: TypeAlias = Literal["6N", "causal", "non_causal"]
"""What a FLOP count holds: parameters alone, or also attention over the causal triangle or over the full square."""

SECONDS_PER_HOUR = 3600.0
HOURS_PER_DAY = 24.0
FLOP_PER_MAC = 6.0


@dataclass(frozen=True)
class DenseAttention:
    """Multi-head or grouped-query attention: ``kv_heads`` key-value heads serve ``heads`` query heads."""

    heads: int
    kv_heads: int
    head_dim: int

    def projection_macs(self, hidden: int) -> int:
        """Weights of one layer: query, key and value, output."""
        query = hidden * self.heads * self.head_dim
        return query + 2 * hidden * self.kv_heads * self.head_dim + self.heads * self.head_dim * hidden

    def macs_per_pair(self) -> int:
        """Multiply-adds of one layer between one token and one token that it attends to."""
        return self.heads * (self.head_dim + self.head_dim)


@dataclass(frozen=True)
class LatentAttention:
    """Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): queries, and keys with values, pass through low ranks."""

    heads: int
    q_rank: int
    kv_rank: int
    nope: int
    rope: int
    v: int

    def projection_macs(self, hidden: int) -> int:
        """Weights of one layer: query down and up, key-value down and up, output."""
        query = hidden * self.q_rank + self.q_rank * self.heads * (self.nope + self.rope)
        key_value = hidden * (self.kv_rank + self.rope) + self.kv_rank * self.heads * (self.nope + self.v)
        return query + key_value + self.heads * self.v * hidden

    def macs_per_pair(self) -> int:
        """Multiply-adds of one layer between one token and one token that it attends to."""
        return self.heads * (self.nope + self.rope + self.v)


@dataclass(frozen=True)
class Experts:
    """A mixture-of-experts layer: ``active`` of ``routed`` experts and all ``shared`` ones work on a token."""

    routed: int
    active: int
    shared: int
    width: int

    def macs(self, hidden: int) -> int:
        """Weights of one layer that multiply a token: gated experts at work, and the router over all of them."""
        return (self.active + self.shared) * 3 * hidden * self.width + hidden * self.routed


@dataclass(frozen=True)
class Shape:
    """A published model shape; without ``experts`` every layer is dense. ``active_parameters`` is the count as reported."""

    layers: int
    dense_layers: int
    hidden: int
    vocabulary: int
    dense_width: int
    sequence: int
    attention: DenseAttention | LatentAttention
    experts: Experts | None
    active_parameters: float
    mtp_depth: int = 0

    def __post_init__(self) -> None:
        """Refuse more dense layers than there are layers."""
        if not 0 <= self.dense_layers <= self.layers:
            raise InputError("dense_layers", f"{self.dense_layers} of {self.layers} layers.", f"Accepted: 0 to {self.layers}.")


def weight_macs(shape: Shape, *, mtp: bool = False) -> float:
    """Multiply-adds per token of one forward pass that involve a weight (M); one per weight used.

    With ``mtp`` each prediction depth adds one layer, a projection of 2 hidden to hidden, and the head again
    (DeepSeek-V3, arXiv 2412.19437, section 2.2).
    """
    attention, dense = shape.attention.projection_macs(shape.hidden), 3 * shape.hidden * shape.dense_width
    sparse = shape.experts.macs(shape.hidden) if shape.experts else dense
    head = shape.vocabulary * shape.hidden
    body = shape.layers * attention + shape.dense_layers * dense + (shape.layers - shape.dense_layers) * sparse
    module = attention + sparse + 2 * shape.hidden**2 + head
    return float(body + head + (shape.mtp_depth * module if mtp else 0))


def attention_macs(shape: Shape, *, convention: Convention, mtp: bool = False) -> float:
    """Multiply-adds per token of one forward pass between tokens (W): none in ``6N``; a causal mask halves the square (s/2)."""
    share = {"6N": 0.0, "causal": 0.5, "non_causal": 1.0}[convention]
    layers = shape.layers + (shape.mtp_depth if mtp else 0)
    return share * layers * shape.sequence * shape.attention.macs_per_pair()


def flop_per_token(shape: Shape, convention: Convention, *, mtp: bool = False) -> float:
    """Training FLOP per token, forward and backward.

    ``6N`` is six times the reported active parameters, which hold no MTP module: asking for both raises ``InputError``.
    The causal count gives 250 GFLOP for DeepSeek-V3 at 4,096 tokens, as DeepSeek prints (arXiv 2505.09343, table 2).
    """
    if convention == "6N":
        if mtp:
            raise InputError("flop_per_token", "6N with MTP, but reported parameters leave MTP out.", "Accepted: causal, non_causal.")
        return FLOP_PER_MAC * shape.active_parameters
    return FLOP_PER_MAC * (weight_macs(shape, mtp=mtp) + attention_macs(shape, convention=convention, mtp=mtp))


def gpu_hours(
    tokens: ArrayLike,
    *,
    flop_per_token: ArrayLike,
    flop_convention: Convention,
    peak_flop_per_s: ArrayLike,
    mfu: ArrayLike,
    mfu_convention: Convention,
) -> FloatArray:
    """GPU-hours that a run takes; all quantities broadcast.

    Parameters
    ----------
    tokens : training tokens
    flop_per_token : FLOP/token, counted by ``flop_convention``
    peak_flop_per_s : FLOP/s of one GPU: the dense peak that ``mfu`` is a fraction of
    mfu : fraction of that peak, measured by ``mfu_convention``

    Raises
    ------
    InputError
        If the two conventions differ: the same run has a higher MFU where more FLOP are counted.
    """
    if flop_convention != mfu_convention:
        found = f'FLOP counted as "{flop_convention}" but MFU measured as "{mfu_convention}".'
        raise InputError("gpu_hours", found, f'Accepted: one convention for both, such as mfu_convention = "{flop_convention}".')
    flop = _array(tokens) * _array(flop_per_token)
    return flop / (_array(peak_flop_per_s) * _array(mfu) * SECONDS_PER_HOUR)


def implied_mfu(gpu_hours: ArrayLike, *, tokens: ArrayLike, flop_per_token: ArrayLike, peak_flop_per_s: ArrayLike) -> FloatArray:
    """MFU (fraction of ``peak_flop_per_s``, in the convention of ``flop_per_token``) at which a run takes ``gpu_hours``."""
    return _array(tokens) * _array(flop_per_token) / (_array(gpu_hours) * _array(peak_flop_per_s) * SECONDS_PER_HOUR)


def wall_clock_days(gpu_hours: ArrayLike, *, gpus: ArrayLike) -> FloatArray:
    """Days that ``gpu_hours`` take on ``gpus`` that never stop."""
    return _array(gpu_hours) / (_array(gpus) * HOURS_PER_DAY)


def _array(values: ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)
