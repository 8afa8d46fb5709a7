"""FLOP per token, GPU-hours and MFU against closed forms and against published counts."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cost.compute import (
    Convention,
    DenseAttention,
    Experts,
    LatentAttention,
    Shape,
    attention_macs,
    flop_per_token,
    gpu_hours,
    implied_mfu,
    wall_clock_days,
    weight_macs,
)
from model.errors import InputError

# arXiv 2412.19437, section 4.2, and the published configuration of the weights.
V3 = Shape(
    layers=61,
    dense_layers=3,
    hidden=7168,
    vocabulary=129_280,
    dense_width=18_432,
    sequence=4096,
    attention=LatentAttention(heads=128, q_rank=1536, kv_rank=512, nope=128, rope=64, v=128),
    experts=Experts(routed=256, active=8, shared=1, width=2048),
    active_parameters=37e9,
    mtp_depth=1,
)
# arXiv 2405.04434, section 3.1.2.
V2 = Shape(
    layers=60,
    dense_layers=1,
    hidden=5120,
    vocabulary=102_400,
    dense_width=12_288,
    sequence=4096,
    attention=LatentAttention(heads=128, q_rank=1536, kv_rank=512, nope=128, rope=64, v=128),
    experts=Experts(routed=160, active=6, shared=2, width=1536),
    active_parameters=21e9,
)
# arXiv 2307.09288 and its published configuration.
LLAMA_2_70B = Shape(
    layers=80,
    dense_layers=80,
    hidden=8192,
    vocabulary=32_000,
    dense_width=28_672,
    sequence=4096,
    attention=DenseAttention(heads=64, kv_heads=8, head_dim=128),
    experts=None,
    active_parameters=69e9,
)
# arXiv 2407.21783, table 3.
LLAMA_3_405B = Shape(
    layers=126,
    dense_layers=126,
    hidden=16_384,
    vocabulary=128_256,
    dense_width=53_248,
    sequence=8192,
    attention=DenseAttention(heads=128, kv_heads=8, head_dim=128),
    experts=None,
    active_parameters=405e9,
)

V3_TOKENS = 14.8e12
V3_PRETRAINING_HOURS = 2.664e6
H800_DENSE_BF16 = 989.4e12
# arXiv 2505.09343, table 4: achieved 385 (causal) and 432 (non-causal) TFLOP/s of that peak.
PUBLISHED_MFU: dict[Convention, float] = {"causal": 0.3894, "non_causal": 0.4373}


def v3_hours(convention: Convention, mfu: float) -> float:
    return float(
        gpu_hours(
            V3_TOKENS,
            flop_per_token=flop_per_token(V3, convention),
            flop_convention=convention,
            peak_flop_per_s=H800_DENSE_BF16,
            mfu=mfu,
            mfu_convention=convention,
        )
    )


@pytest.mark.parametrize(
    ("shape", "mtp", "weights", "six_n", "causal", "non_causal"),
    [
        pytest.param(V3, False, "36.62", "222.00", "250.45", "281.15", id="V3"),
        pytest.param(V3, True, "38.24", None, "260.64", "291.85", id="V3 with MTP"),
        pytest.param(V2, False, "20.85", "126.00", "155.30", "185.50", id="V2"),
        pytest.param(LLAMA_2_70B, False, "68.71", "414.00", "428.39", "444.49", id="Llama 2 70B"),
        pytest.param(LLAMA_3_405B, False, "403.75", "2430.00", "2523.96", "2625.42", id="Llama 3.1 405B"),
    ],
)
def test_counts_agree_with_the_reference_table_to_its_printed_digits(
    *, shape: Shape, mtp: bool, weights: str, six_n: str | None, causal: str, non_causal: str
) -> None:
    assert f"{weight_macs(shape, mtp=mtp) / 1e9:.2f}" == weights
    assert f"{flop_per_token(shape, 'causal', mtp=mtp) / 1e9:.2f}" == causal
    assert f"{flop_per_token(shape, 'non_causal', mtp=mtp) / 1e9:.2f}" == non_causal
    if six_n is not None:
        assert f"{flop_per_token(shape, '6N') / 1e9:.2f}" == six_n


def matrix_sizes(*matrices: tuple[int, int]) -> int:
    return sum(rows * columns for rows, columns in matrices)


def test_grouped_query_model_counts_each_weight_matrix_once() -> None:
    d, head = 8192, 8192 // 64
    layer = [(d, d), (d, 8 * head), (d, 8 * head), (d, d), (d, 28_672), (d, 28_672), (28_672, d)]
    assert weight_macs(LLAMA_2_70B) == 80 * matrix_sizes(*layer) + 32_000 * d


def test_multi_head_attention_is_four_square_matrices() -> None:
    attention = DenseAttention(heads=32, kv_heads=32, head_dim=128)
    assert attention.projection_macs(4096) == 4 * 4096**2


def test_latent_attention_model_counts_each_weight_matrix_once() -> None:
    d, query_key, value = 7168, 128 + 64, 128
    attention = [
        (d, 1536),  # query down
        (1536, 128 * query_key),  # query up
        (d, 512 + 64),  # key-value down, with the shared rotary key
        (512, 128 * (128 + value)),  # keys and values up
        (128 * value, d),  # output
    ]
    dense = [(d, 18_432), (d, 18_432), (18_432, d)]
    sparse = 9 * [(d, 2048), (d, 2048), (2048, d)] + [(d, 256)]
    expected = 61 * matrix_sizes(*attention) + 3 * matrix_sizes(*dense) + 58 * matrix_sizes(*sparse) + 129_280 * d
    assert weight_macs(V3) == expected
    module = matrix_sizes(*attention, *sparse, (2 * d, d), (d, 129_280))
    assert weight_macs(V3, mtp=True) - weight_macs(V3) == module


def test_attention_between_tokens_is_scores_plus_weighted_values() -> None:
    scores, values = 4096 * 128 * (128 + 64), 4096 * 128 * 128
    assert attention_macs(V3, convention="non_causal") == 61 * (scores + values)
    assert attention_macs(V3, convention="causal") == 61 * (scores + values) / 2
    assert attention_macs(V3, convention="causal", mtp=True) == 62 * (scores + values) / 2
    assert attention_macs(V3, convention="6N") == 0.0
    assert attention_macs(LLAMA_2_70B, convention="non_causal") == 80 * 2 * 4096 * 64 * 128


def test_reported_parameters_with_causal_attention_give_252_7_gflop_for_v3() -> None:
    attention = 6 * attention_macs(V3, convention="causal")
    assert f"{(flop_per_token(V3, '6N') + attention) / 1e9:.1f}" == "252.7"


@pytest.mark.parametrize(("shape", "published"), [pytest.param(V3, 250e9, id="V3"), pytest.param(V2, 155e9, id="V2")])
def test_causal_count_agrees_with_deepseeks_own_figure(shape: Shape, published: float) -> None:
    """DeepSeek prints them in arXiv 2505.09343, table 2, to the unit of a GFLOP at 4,096 tokens."""
    assert flop_per_token(shape, "causal") == pytest.approx(published, rel=0.0025)


def test_causal_count_of_llama_405b_is_within_4_percent_of_deepseeks_figure() -> None:
    """The same table prints 2,448 GFLOP at 4,096 tokens; Llama 3.1 was trained at 8,192, which explains two thirds of the gap.

    The last 1 % stays unexplained: how the table counts the models of others is not known to us.
    """
    published = 2448e9
    at_4096 = dataclasses.replace(LLAMA_3_405B, sequence=4096)
    own, like_for_like = (flop_per_token(shape, "causal") / published - 1 for shape in (LLAMA_3_405B, at_4096))
    assert own == pytest.approx(0.031, abs=5e-4)
    assert like_for_like == pytest.approx(0.010, abs=5e-4)


@pytest.mark.parametrize(("convention", "mfu"), PUBLISHED_MFU.items())
def test_published_mfu_gives_2_67_million_hours_in_both_conventions(convention: Convention, mfu: float) -> None:
    assert v3_hours(convention, mfu) == pytest.approx(2.67e6, rel=0.005)


@pytest.mark.parametrize(("convention", "expected"), [("causal", 0.3906), ("non_causal", 0.4385)])
def test_stated_hours_of_v3_imply_the_published_utilisation(convention: Convention, expected: float) -> None:
    mfu = implied_mfu(
        V3_PRETRAINING_HOURS,
        tokens=V3_TOKENS,
        flop_per_token=flop_per_token(V3, convention),
        peak_flop_per_s=H800_DENSE_BF16,
    )
    assert round(float(mfu), 4) == expected
    assert mfu == pytest.approx(PUBLISHED_MFU[convention], rel=0.005)


def test_stated_hours_of_v3_take_54_days_on_2048_gpus() -> None:
    """The report says less than two months; throughput in arXiv 2505.09343, table 4 (272.8 G tokens a day), gives 54.25 days."""
    days = wall_clock_days(V3_PRETRAINING_HOURS, gpus=2048)
    assert round(float(days), 2) == 54.2
    assert days == pytest.approx(V3_TOKENS / 272.8e9, rel=0.002)


@pytest.mark.parametrize(("flop", "mfu"), [("causal", "non_causal"), ("non_causal", "causal"), ("6N", "causal")])
def test_mixing_conventions_raises_and_names_both(flop: Convention, mfu: Convention) -> None:
    with pytest.raises(InputError) as caught:
        gpu_hours(1e12, flop_per_token=1e11, flop_convention=flop, peak_flop_per_s=1e15, mfu=0.4, mfu_convention=mfu)
    error = caught.value
    assert error.where == "gpu_hours"
    assert f'"{flop}"' in error.found
    assert f'"{mfu}"' in error.found
    assert f'mfu_convention = "{flop}"' in error.accepted


def test_multi_token_prediction_is_refused_in_6n() -> None:
    with pytest.raises(InputError, match="6N with MTP"):
        flop_per_token(V3, "6N", mtp=True)


def test_multi_token_prediction_adds_nothing_to_a_model_without_it() -> None:
    assert flop_per_token(V2, "causal", mtp=True) == flop_per_token(V2, "causal")


def test_more_dense_layers_than_layers_are_refused() -> None:
    with pytest.raises(InputError, match="62 of 61 layers"):
        dataclasses.replace(V3, dense_layers=62)


def test_shape_without_experts_is_dense_whatever_its_dense_layers() -> None:
    assert weight_macs(dataclasses.replace(LLAMA_2_70B, dense_layers=0)) == weight_macs(LLAMA_2_70B)


def test_hours_of_drawn_utilisation_equal_those_of_each_draw() -> None:
    mfu = np.array([0.2, 0.3, 0.4])
    hours = gpu_hours(1e12, flop_per_token=1e11, flop_convention="6N", peak_flop_per_s=1e15, mfu=mfu, mfu_convention="6N")
    assert hours == pytest.approx([1e23 / (1e15 * each * 3600) for each in mfu])


sizes = st.integers(1, 4096)
heads = st.integers(1, 256)
attentions = st.one_of(
    st.builds(DenseAttention, heads=heads, kv_heads=heads, head_dim=sizes),
    st.builds(LatentAttention, heads=heads, q_rank=sizes, kv_rank=sizes, nope=sizes, rope=sizes, v=sizes),
)
mixtures = st.none() | st.builds(Experts, routed=sizes, active=heads, shared=st.integers(0, 4), width=sizes)
shapes = st.builds(
    Shape,
    layers=st.integers(1, 200),
    dense_layers=st.integers(0, 1),
    hidden=st.integers(1, 20_000),
    vocabulary=st.integers(1, 300_000),
    dense_width=st.integers(1, 60_000),
    sequence=st.integers(1, 200_000),
    attention=attentions,
    experts=mixtures,
    active_parameters=st.floats(1e6, 1e12),
    mtp_depth=st.integers(0, 3),
)
amounts = st.floats(1e-3, 1e3)
fractions = st.floats(0.01, 1.0)
conventions = st.sampled_from(["causal", "non_causal"])


@given(shape=shapes, mtp=st.booleans())
def test_causal_count_lies_between_the_weights_and_the_full_square(*, shape: Shape, mtp: bool) -> None:
    causal, full = (flop_per_token(shape, each, mtp=mtp) for each in ("causal", "non_causal"))
    weights = 6 * weight_macs(shape, mtp=mtp)
    assert weights < causal < full
    assert full - causal == pytest.approx(causal - weights, rel=1e-6, abs=1e-9 * full)


@given(shape=shapes, more=st.integers(1, 50), convention=conventions)
def test_flop_rises_by_the_same_step_with_each_layer(shape: Shape, more: int, convention: Convention) -> None:
    counts = [flop_per_token(dataclasses.replace(shape, layers=shape.layers + added), convention) for added in (0, 1, more)]
    step = counts[1] - counts[0]
    assert step > 0
    assert counts[2] - counts[0] == pytest.approx(more * step, rel=1e-6, abs=1e-9 * counts[2])


@given(shape=shapes)
def test_prediction_module_raises_the_count_if_there_is_one(shape: Shape) -> None:
    added = flop_per_token(shape, "causal", mtp=True) - flop_per_token(shape, "causal")
    assert (added > 0) == (shape.mtp_depth > 0)


@given(tokens=amounts, factor=amounts, mfu=fractions)
def test_hours_are_homogeneous_in_tokens_and_flop_and_inverse_in_peak(tokens: float, factor: float, mfu: float) -> None:
    def hours(tokens: float, flop: float, peak: float) -> float:
        return float(
            gpu_hours(
                tokens * 1e12,
                flop_per_token=flop * 1e11,
                flop_convention="causal",
                peak_flop_per_s=peak * 1e15,
                mfu=mfu,
                mfu_convention="causal",
            )
        )

    base = hours(tokens, 1, 1)
    assert hours(factor * tokens, 1, 1) == pytest.approx(factor * base)
    assert hours(tokens, factor, 1) == pytest.approx(factor * base)
    assert hours(tokens, 1, factor) == pytest.approx(base / factor)


@given(tokens=amounts, flop=amounts, peak=amounts, mfu=fractions)
def test_implied_mfu_inverts_gpu_hours(tokens: float, flop: float, peak: float, mfu: float) -> None:
    run = {"flop_per_token": flop * 1e11, "peak_flop_per_s": peak * 1e15}
    hours = gpu_hours(tokens * 1e12, **run, mfu=mfu, flop_convention="6N", mfu_convention="6N")
    assert implied_mfu(hours, tokens=tokens * 1e12, **run) == pytest.approx(mfu)


@given(hours=amounts, gpus=st.integers(1, 100_000))
def test_days_times_gpus_times_24_are_the_hours(hours: float, gpus: int) -> None:
    assert wall_clock_days(hours, gpus=gpus) * gpus * 24 == pytest.approx(hours)
