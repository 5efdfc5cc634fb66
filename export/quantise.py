"""Integer weights for XNNPACK, computed with numpy alone.

The exporter and the filler of bundles both take their integers and scales from here, and the
program names each of them by the SHA-256 of its bytes. So everything here is elementwise
IEEE arithmetic in a fixed order: no matrix product, no library reduction, nothing whose last
bit may differ from one machine to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .gguf_source import GROUP


@dataclass(frozen=True)
class Quantised:
    """A linear weight as XNNPACK takes it.

    ``integers`` are int8 ``[out, in]``; ``scale`` is float32, ``[out, in / 32]`` for 4 bits
    (every value exact in bfloat16) and ``[out, 1]`` for 8 bits.
    """

    bits: int
    integers: np.ndarray
    scale: np.ndarray

    def packed(self) -> bytes:
        """The integers as XNNPACK reads them: int8 row-major, or two 4-bit values a byte, the
        even input in the low half, each stored as value + 8.
        """
        if self.bits == 8:
            return self.integers.tobytes()
        values = (self.integers + 8).astype(np.uint8)
        return (values[:, 0::2] | (values[:, 1::2] << 4)).tobytes()

    def packed_scale(self) -> bytes:
        """The scales as XNNPACK reads them: bfloat16 by group, float32 by row."""
        if self.bits == 8:
            return self.scale.astype(np.float32).tobytes()
        return (self.scale.view(np.uint32) >> 16).astype(np.uint16).tobytes()

    def dequantised(self) -> np.ndarray:
        """The weights as float32 ``[out, in]``."""
        out, width = self.integers.shape
        groups = self.integers.reshape(out, self.scale.shape[1], -1).astype(np.float32)
        return (groups * self.scale[:, :, None]).reshape(out, width)


def to_bfloat16(values: np.ndarray) -> np.ndarray:
    """Float32 values rounded to the nearest bfloat16, ties to even, still as float32."""
    bits = values.astype(np.float32).view(np.uint32)
    rounded = bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return (rounded & np.uint32(0xFFFF0000)).view(np.float32)


def by_row(weight: np.ndarray) -> Quantised:
    """8 bits, one scale an output row: the largest magnitude becomes 127."""
    largest = np.max(np.abs(weight), axis=1, keepdims=True)
    scale = np.maximum(largest / np.float32(127), np.float32(1e-10)).astype(np.float32)
    integers = np.clip(np.rint(weight / scale), -127, 127).astype(np.int8)
    return Quantised(8, integers, scale)


SCALE_STEPS = 32
"""Candidates of :func:`by_group`: from the scale that clips nothing down to 0.7 of it."""


def by_group(weight: np.ndarray) -> Quantised:
    """4 bits (-8 … 7), one positive scale for 32 inputs, chosen for the least squared error."""
    groups = weight.reshape(weight.shape[0], -1, GROUP).astype(np.float32)
    widest = np.maximum(np.max(groups, axis=2) / np.float32(7), np.min(groups, axis=2) / np.float32(-8))
    widest = np.maximum(widest, np.float32(1e-10))
    best_scale = widest
    best_error = np.full(widest.shape, np.inf, dtype=np.float32)
    for step in range(SCALE_STEPS):
        scale = to_bfloat16(widest * np.float32(1 - 0.3 * step / (SCALE_STEPS - 1)))
        values = np.clip(np.rint(groups / scale[:, :, None]), -8, 7)
        error = _sum_of_squares(groups - values * scale[:, :, None])
        better = error < best_error
        best_scale = np.where(better, scale, best_scale)
        best_error = np.where(better, error, best_error)
    integers = np.clip(np.rint(groups / best_scale[:, :, None]), -8, 7).astype(np.int8)
    return Quantised(4, integers.reshape(weight.shape), best_scale)


def _sum_of_squares(values: np.ndarray) -> np.ndarray:
    """The sum of squares over the last axis (of power-of-two length), in one fixed order."""
    squares = values * values
    while squares.shape[-1] > 1:
        half = squares.shape[-1] // 2
        squares = squares[..., :half] + squares[..., half:]
    return squares[..., 0]
