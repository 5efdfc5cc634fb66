"""Integer weights for XNNPACK, computed with numpy alone.

The exporter and the filler of bundles both take their integers and scales from here, and the
program names each of them by the SHA-256 of its bytes. So everything here is elementwise
IEEE arithmetic in a fixed order: no matrix product, no library reduction, nothing whose last
bit may differ from one machine to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .gguf_source import GROUP, Grouped

SUM_DIVISOR = 2
"""Sums of 32 inputs join those inputs divided by this, so that both fill the same 8 bits well."""
FINE = 16
"""Steps of an offset's fine part within one step of its coarse part."""


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
        """The integers as XNNPACK reads them.

        8 bits: int8, row-major. 4 bits: two values a byte, the even input in the low half, each stored as value + 8.
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


def padding(width: int) -> int:
    """Columns of zeros that :func:`with_offsets` needs behind ``width`` inputs and their sums."""
    return -(2 * width // GROUP) % GROUP


def sum_weights(width: int) -> np.ndarray:
    """What inputs are multiplied with to give their sums, float32 ``[2 * groups / rows, width / rows]``.

    The inputs are taken as a few rows, each of several groups, and a group gives two columns. At most six rows,
    because that many fit one tile of XNNPACK's matrix product: a second tile would wake a second thread for it.
    """
    groups = width // GROUP
    rows = max(count for count in range(1, 7) if groups % count == 0)
    columns = np.array([1 / SUM_DIVISOR, 1 / (SUM_DIVISOR * FINE)], dtype=np.float32)
    blocks = np.kron(np.eye(groups // rows, dtype=np.float32), np.repeat(columns[:, None], GROUP, axis=1))
    return blocks.astype(np.float32)


def with_offsets(weight: Grouped) -> Quantised:
    """Q4_1 kept to the integer, though XNNPACK's 4-bit groups have a scale and no minimum.

    ``scale * q + minimum = scale * (q - 8) + offset``, and what the offsets contribute is their
    product with the sums of the groups' inputs. So the matrix gets two columns more for each
    group, to be multiplied with that sum: the offset in coarse steps (-8 … 7), and what is left
    of it in steps sixteen times finer. These columns are 4-bit groups with scales like the rest.
    Inputs are to be ordered accordingly: the inputs, then for each group its two sums
    (:func:`sum_weights`), then zeros (:func:`padding`).
    """
    out, width = weight.integers.shape
    assert weight.minimum is not None
    integers = weight.integers.astype(np.int8) - np.int8(8)
    scale = to_bfloat16(weight.scale)
    mean = integers.reshape(out, -1, GROUP).sum(axis=2, dtype=np.int32).astype(np.float32) / GROUP
    offset = weight.minimum + weight.scale * np.float32(8) + (weight.scale - scale) * mean
    offset = offset * np.float32(SUM_DIVISOR)

    groups = np.pad(offset, ((0, 0), (0, padding(width) // 2))).reshape(out, -1, GROUP // 2)
    largest = np.max(np.abs(groups), axis=2)
    coarse_scale = to_bfloat16(np.maximum(largest / np.float32(7.4), np.float32(1e-10)))
    steps = groups / coarse_scale[:, :, None]
    coarse = np.clip(np.rint(steps), -8, 7)
    fine = np.clip(np.rint((steps - coarse) * np.float32(FINE)), -8, 7)
    columns = np.stack([coarse, fine], axis=3).astype(np.int8).reshape(out, -1)
    return Quantised(4, np.concatenate([integers, columns], axis=1), np.concatenate([scale, coarse_scale], axis=1))
