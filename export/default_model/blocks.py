"""GGUF's weight blocks in the order that the runtime's linear operators read them.

The order keeps every byte of the file's blocks. It interleaves the blocks of 16 rows: first words of four bytes in turn,
then the blocks' two-byte numbers in turn (``native/kernels/linear/blocks.h``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from gguf import GGMLQuantizationType

ROWS = 16
"""Rows that are interleaved."""


@dataclass(frozen=True)
class Layout:
    """A block type: its inputs, its bytes, and the offsets of its two-byte numbers."""

    inputs: int
    size: int
    halves: tuple[int, ...]


LAYOUTS = {
    GGMLQuantizationType.F32: Layout(1, 4, ()),
    GGMLQuantizationType.F16: Layout(1, 2, (0,)),
    GGMLQuantizationType.Q4_0: Layout(32, 18, (0,)),
    GGMLQuantizationType.Q4_1: Layout(32, 20, (0, 2)),
    GGMLQuantizationType.Q5_0: Layout(32, 22, (0,)),
    GGMLQuantizationType.Q5_1: Layout(32, 24, (0, 2)),
    GGMLQuantizationType.Q8_0: Layout(32, 34, (0,)),
    GGMLQuantizationType.Q2_K: Layout(256, 84, (80, 82)),
    GGMLQuantizationType.Q3_K: Layout(256, 110, (108,)),
    GGMLQuantizationType.Q4_K: Layout(256, 144, (0, 2)),
    GGMLQuantizationType.Q5_K: Layout(256, 176, (0, 2)),
    GGMLQuantizationType.Q6_K: Layout(256, 210, (208,)),
    GGMLQuantizationType.IQ4_NL: Layout(32, 18, (0,)),
    GGMLQuantizationType.IQ4_XS: Layout(256, 136, (0, 2)),
    GGMLQuantizationType.BF16: Layout(1, 2, (0,)),
}


@dataclass(frozen=True)
class Blocks:
    """A weight matrix in blocks: uint8 ``[rows, blocks of a row, bytes of a block]``."""

    kind: GGMLQuantizationType
    data: np.ndarray

    @property
    def rows(self) -> int:
        """Output rows."""
        return len(self.data)

    @property
    def width(self) -> int:
        """Inputs."""
        return self.data.shape[1] * LAYOUTS[self.kind].inputs

    def in_order(self, order: np.ndarray) -> Blocks:
        """Returns the same rows in the given order."""
        return Blocks(self.kind, self.data[order])

    def interleaved(self) -> np.ndarray:
        """Returns uint8 ``[groups of 16 rows, blocks of a row, 16 * bytes of a block]``; missing rows are zeros."""
        layout = LAYOUTS[self.kind]
        missing = -self.rows % ROWS
        data = np.pad(self.data, ((0, missing), (0, 0), (0, 0))).reshape(-1, ROWS, *self.data.shape[1:])
        half_bytes = [at + i for at in layout.halves for i in range(2)]
        word_bytes = [i for i in range(layout.size) if i not in half_bytes]
        parts = [_by_turns(data[..., word_bytes], 4), _by_turns(data[..., half_bytes], 2)]
        return np.ascontiguousarray(np.concatenate(parts, axis=2))


def _by_turns(data: np.ndarray, unit: int) -> np.ndarray:
    """Turns ``[groups, rows, blocks, bytes]`` into ``[groups, blocks, rows * bytes]``, ``unit`` bytes of each row in turn."""
    groups, rows, blocks, size = data.shape
    units = data.reshape(groups, rows, blocks, size // unit, unit).transpose(0, 2, 3, 1, 4)
    return units.reshape(groups, blocks, rows * size)
