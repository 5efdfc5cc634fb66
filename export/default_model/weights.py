"""Which weights the program takes, and in which order of rows."""

from __future__ import annotations

import numpy as np

from .gguf_source import Grouped, Source, stack
from .quantise import Quantised, by_row, with_offsets


class Weights:
    """The quantised weights of a model, each computed when it is asked for."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def vector(self, name: str) -> np.ndarray:
        """A norm's weight, float32 ``[dim]``."""
        return self._source.vector(name)

    def output(self, layer: int) -> Quantised:
        """Attention's output projection."""
        return with_offsets(self._matrix(layer, "attn_output"))

    def down(self, layer: int) -> Quantised:
        """The feed-forward's output projection."""
        return with_offsets(self._matrix(layer, "ffn_down"))

    def gate_up(self, layer: int) -> Quantised:
        """The feed-forward's two input projections in one: gate rows, then up rows."""
        return with_offsets(stack([self._matrix(layer, "ffn_gate"), self._matrix(layer, "ffn_up")]))

    def qkv(self, layer: int) -> Quantised:
        """The three attention projections in one.

        GGUF keeps the two values of a rotated pair side by side; here a head's rows are the first
        of each pair, then the second of each pair.
        """
        rotated = stack([self._matrix(layer, "attn_q"), self._matrix(layer, "attn_k")])
        head_dim = self._source.shape.head_dim
        rows = np.arange(len(rotated.integers)).reshape(-1, head_dim // 2, 2)
        rotated = rotated.rows(rows.transpose(0, 2, 1).reshape(-1))
        return with_offsets(stack([rotated, self._matrix(layer, "attn_v")]))

    def embedding(self) -> Quantised:
        """The token embedding in 8 bits, and the output head: the same numbers serve as both."""
        return by_row(self._source.embedding().dequantised())

    def rope(self, context: int) -> tuple[np.ndarray, np.ndarray]:
        """Cosines and sines of the rotation, float32 ``[context, head_dim]``.

        A head is ``straight * cos + crossed * sin`` where crossed has its halves exchanged, so
        the cosines stand twice, and the sines negated and then as they are.
        """
        shape = self._source.shape
        pairs = np.arange(0, shape.head_dim, 2, dtype=np.float64) / shape.head_dim
        angles = np.outer(np.arange(context), shape.rope_base**-pairs)
        cos, sin = np.cos(angles), np.sin(angles)
        return np.hstack([cos, cos]).astype(np.float32), np.hstack([-sin, sin]).astype(np.float32)

    def _matrix(self, layer: int, name: str) -> Grouped:
        return self._source.matrix(f"blk.{layer}.{name}.weight")
