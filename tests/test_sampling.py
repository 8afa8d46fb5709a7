"""The points: Sobol' numbers as published, scrambled without losing their net property, whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

from model.engine import run
from model.graph import node_name
from model.sampling import DIGITS, SCRAMBLES, WIDTH, SobolPoints, points_per_scramble, sobol_points

POINTS = 256


def unscrambled() -> SobolPoints:
    identity = np.uint32(1) << np.arange(DIGITS - 1, -1, -1, dtype=np.uint32)
    rows = np.ascontiguousarray(np.broadcast_to(identity, (SCRAMBLES, WIDTH, DIGITS)))
    return SobolPoints(rows, np.zeros((SCRAMBLES, WIDTH), dtype=np.uint32))


def digits(points: SobolPoints, index: int, start: int, size: int) -> np.ndarray:
    return np.floor(points.column(index, start, size) * 2.0**DIGITS).astype(np.uint64)


def test_unscrambled_points_are_those_of_scipy_as_a_set():
    own = np.stack([unscrambled().column(index, 0, POINTS)[0] for index in range(WIDTH)], axis=1) - 0.5 * 2.0**-DIGITS
    reference = qmc.Sobol(WIDTH, scramble=False, bits=DIGITS).random(POINTS)
    np.testing.assert_array_equal(own[np.lexsort(own.T)], reference[np.lexsort(reference.T)])


@given(seed=st.integers(0, 2**32), index=st.integers(0, WIDTH - 1), cut=st.integers(0, 12), block=st.integers(0, 4095))
def test_a_block_of_points_does_not_depend_on_how_blocks_are_cut(seed, index, cut, block):
    size = 1 << cut
    start = (block % (4096 // size)) * size
    points = sobol_points(seed)
    np.testing.assert_array_equal(points.column(index, start, size), points.column(index, 0, 4096)[:, start : start + size])


def test_the_same_seed_gives_the_same_points():
    first = sobol_points(7).column(3, 0, POINTS)
    sobol_points.cache_clear()
    np.testing.assert_array_equal(sobol_points(7).column(3, 0, POINTS), first)


def test_another_seed_gives_other_points():
    for index in (0, 1, WIDTH - 1):
        first, other = (sobol_points(seed).column(index, 0, POINTS) for seed in (1, 2))
        assert np.mean(first == other) < 0.05


def test_the_four_scrambles_differ_in_every_column():
    points = sobol_points(1)
    for index in range(WIDTH):
        rows = points.column(index, 0, POINTS)
        pairs = [(a, b) for a in range(SCRAMBLES) for b in range(a)]
        assert all(np.mean(np.sort(rows[a]) == np.sort(rows[b])) < 0.05 for a, b in pairs)


@pytest.mark.parametrize("size", [1, 2, 64, 1024])
def test_every_column_of_every_scramble_has_one_point_in_each_interval_of_width_1_over_n(size):
    points = sobol_points(11)
    for index in range(WIDTH):
        cells = np.floor(np.sort(points.column(index, 0, size), axis=1) * size)
        np.testing.assert_array_equal(cells, np.broadcast_to(np.arange(size), cells.shape))


@given(block=st.integers(0, 1000), index=st.integers(0, WIDTH - 1))
def test_later_blocks_are_nets_as_well(block, index):
    cells = np.floor(np.sort(sobol_points(11).column(index, block * 64, 64), axis=1) * 64)
    np.testing.assert_array_equal(cells, np.broadcast_to(np.arange(64), cells.shape))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_first_two_columns_have_one_point_in_each_elementary_rectangle(seed):
    exponent = 8
    x, y = (sobol_points(seed).column(index, 0, 1 << exponent) for index in (0, 1))
    for k in range(exponent + 1):
        cells = np.floor(x * 2**k) * 2 ** (exponent - k) + np.floor(y * 2 ** (exponent - k))
        np.testing.assert_array_equal(np.sort(cells, axis=1), np.broadcast_to(np.arange(1 << exponent), cells.shape))


def test_points_lie_inside_the_open_unit_interval():
    halfway = 0.5 * 2.0**-DIGITS
    for index in range(WIDTH):
        column = sobol_points(5).column(index, 0, 1 << 12)
        assert column.min() >= halfway
        assert column.max() <= 1.0 - halfway
    ends = SobolPoints(np.zeros((SCRAMBLES, WIDTH, DIGITS), np.uint32), np.full((SCRAMBLES, WIDTH), 2**DIGITS - 1, np.uint32))
    assert ends.column(0, 0, 1)[0, 0] == 1.0 - halfway


@given(first=st.integers(0, POINTS - 1), second=st.integers(0, POINTS - 1), index=st.integers(0, WIDTH - 1))
def test_scrambled_points_are_a_shifted_digital_net(first, second, index):
    own = digits(sobol_points(1), index, 0, POINTS)
    np.testing.assert_array_equal(own[:, first ^ second], own[:, first] ^ own[:, second] ^ own[:, 0])


def test_a_narrower_sequence_has_the_same_first_columns():
    narrow = qmc.Sobol(10, scramble=False, bits=DIGITS).random(POINTS)
    for index in range(10):
        own = unscrambled().column(index, 0, POINTS)[0] - 0.5 * 2.0**-DIGITS
        np.testing.assert_array_equal(np.sort(own), np.sort(narrow[:, index]))


def test_making_one_more_parameter_uncertain_moves_no_other_column(registry):
    changes = ("price.claimed=1.5..2.5", "window.days=200..260", "lab.days=300..400", "epoch.decay=0.10..0.18")
    before = run("zheng", registry=registry, points=256)
    after = run("zheng", registry=registry, points=256, changes=changes)
    moved = {change.partition("=")[0] for change in changes}
    drawn = {name for name, parameter in registry.parameters.items() if parameter.column is not None}
    uncertain = drawn - moved - before.setting.fixed
    assert len(uncertain) > 30
    for name in uncertain:
        np.testing.assert_array_equal(before.draws(node_name(name)), after.draws(node_name(name)))


def test_no_two_parameters_share_a_column(registry):
    columns = [parameter.column for parameter in registry.parameters.values() if parameter.column is not None]
    assert len(set(columns)) == len(columns)
    assert set(columns) <= set(range(WIDTH))


@given(st.integers(1, 2**24))
def test_points_are_rounded_up_to_four_times_a_power_of_two(points):
    each = points_per_scramble(points)
    assert each & (each - 1) == 0
    assert SCRAMBLES * each >= points
    assert each == 1 or SCRAMBLES * each // 2 < points


@pytest.mark.parametrize(("points", "each"), [(1, 1), (4, 1), (5, 2), (4096, 1024), (4097, 2048)])
def test_points_that_are_a_multiple_already_stay(points, each):
    assert points_per_scramble(points) == each
