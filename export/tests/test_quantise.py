"""Integer weights: exact where they must be, close where they may not be."""

import numpy as np
import pytest

from export.default_model.gguf_source import GROUP, Grouped
from export.default_model.quantise import Quantised, by_row, padding, sum_weights, to_bfloat16, with_offsets


def q4_1(out, width):
    """A matrix as GGUF's Q4_1 holds it, with float16 scales and minima about -8 steps."""
    random = np.random.default_rng(width)
    scale = random.uniform(0.01, 0.05, (out, width // GROUP)).astype(np.float16).astype(np.float32)
    minimum = (-scale * random.uniform(4, 12, scale.shape)).astype(np.float16).astype(np.float32)
    return Grouped(random.integers(0, 16, (out, width)).astype(np.uint8), scale, minimum)


def extended(x):
    """Inputs ``[T, in]`` in the order that the columns of an extended matrix have."""
    weights = sum_weights(x.shape[1])
    sums = (x.reshape(-1, weights.shape[1]) @ weights.T).reshape(len(x), -1)
    return np.hstack([x, sums, np.zeros((len(x), padding(x.shape[1])), dtype=np.float32)])


def test_bfloat16_rounds_to_nearest_even():
    values = np.array([1.0, 1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-20, -3.1415927], dtype=np.float32)
    expected = np.array([1.0, 1.0, 1 + 2**-6, 1 + 2**-7, -3.140625], dtype=np.float32)
    np.testing.assert_array_equal(to_bfloat16(values), expected)


def test_rows_in_eight_bits_reach_127_and_err_by_half_a_step():
    weight = np.random.default_rng(1).normal(size=(24, 96)).astype(np.float32)
    result = by_row(weight)
    assert np.all(np.abs(result.integers).max(axis=1) == 127)
    assert np.all(np.abs(result.dequantised() - weight) <= result.scale * 0.5001)


@pytest.mark.parametrize("width", [576, 1536, 512])
def test_offsets_keep_every_integer_of_q4_1(width):
    weight = q4_1(40, width)
    result = with_offsets(weight)
    np.testing.assert_array_equal(result.integers[:, :width] + 8, weight.integers)
    assert result.integers.shape[1] % GROUP == 0
    assert result.integers.min() >= -8
    assert result.integers.max() <= 7
    assert np.all(result.scale > 0)
    np.testing.assert_array_equal(result.scale, to_bfloat16(result.scale))


@pytest.mark.parametrize("width", [576, 1536, 512])
def test_offsets_restore_the_minima_far_below_the_error_of_four_bits(width):
    weight = q4_1(40, width)
    x = np.random.default_rng(2).normal(size=(50, width)).astype(np.float32)
    exact = x @ weight.dequantised().T
    error = extended(x) @ with_offsets(weight).dequantised().T - exact
    rounding = np.sqrt((weight.scale**2 / 12 * GROUP).sum(axis=1))
    assert np.all(np.sqrt((error**2).mean(axis=0)) < 0.15 * rounding)


def test_four_bit_values_are_packed_even_input_low_and_offset_by_eight():
    integers = np.array([[-8, 7, 0, -1]], dtype=np.int8)
    packed = Quantised(4, integers, np.ones((1, 1), dtype=np.float32)).packed()
    assert packed == bytes([0xF0, 0x78])


def test_scales_are_packed_as_bfloat16_by_group_and_float32_by_row():
    scale = np.array([[1.5]], dtype=np.float32)
    integers = np.zeros((1, 2), dtype=np.int8)
    assert Quantised(4, integers, scale).packed_scale() == b"\xc0\x3f"
    assert Quantised(8, integers, scale).packed_scale() == b"\x00\x00\xc0\x3f"
