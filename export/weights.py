"""Which weights the program takes, in which order of rows and at which precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .gguf_source import Grouped, Source, stack
from .quantise import Quantised, by_group, by_row


@dataclass(frozen=True)
class Recipe:
    """The precision of each weight, by name: 4 (32 inputs a scale) or 8 bits (a row a scale)."""

    qkv: int = 4
    attn_output: int = 4
    gate_up: int = 4
    ffn_down: int = 4
    head: int = 8


RECIPE = Recipe()
"""What the committed program was made with; README.md says how it was chosen."""


class Weights:
    """The quantised weights of a model, each computed when it is asked for."""

    def __init__(self, source: Source, recipe: Recipe) -> None:
        self._source = source
        self._recipe = recipe

    def vector(self, name: str) -> np.ndarray:
        """A norm's weight, float32 ``[dim]``."""
        return self._source.vector(name)

    def linear(self, layer: int, name: str) -> Quantised:
        """The weight of ``blk.{layer}.{name}``."""
        return self._quantise(self._matrix(layer, name), getattr(self._recipe, name))

    def gate_up(self, layer: int) -> Quantised:
        """The feed-forward's two input projections in one: gate rows, then up rows."""
        both = stack([self._matrix(layer, "ffn_gate"), self._matrix(layer, "ffn_up")])
        return self._quantise(both, self._recipe.gate_up)

    def qkv(self, layer: int) -> Quantised:
        """The three attention projections in one.

        Rows: the first of each rotated pair for all query and key heads, then the second of
        each pair in the same order, then the value rows. GGUF keeps the two of a pair side by
        side (row ``2i`` and ``2i + 1`` of a head).
        """
        rotated = stack([self._matrix(layer, "attn_q"), self._matrix(layer, "attn_k")])
        rows = np.arange(len(rotated.integers))
        rotated = rotated.rows(np.concatenate([rows[0::2], rows[1::2]]))
        return self._quantise(stack([rotated, self._matrix(layer, "attn_v")]), self._recipe.qkv)

    def embedding(self) -> Quantised:
        """The token embedding in 8 bits: int8 ``[vocab, dim]``, scale float32 ``[vocab, 1]``."""
        return by_row(self._source.embedding().dequantised())

    def head(self) -> Quantised:
        """The output head: the same numbers as the embedding."""
        return self._quantise(self._source.embedding(), self._recipe.head)

    def rope(self, context: int) -> tuple[np.ndarray, np.ndarray]:
        """Cosines and sines of the rotation, float32 ``[context, head_dim / 2]``."""
        shape = self._source.shape
        pairs = np.arange(0, shape.head_dim, 2, dtype=np.float64) / shape.head_dim
        angles = np.outer(np.arange(context), shape.rope_base**-pairs)
        return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)

    def _matrix(self, layer: int, name: str) -> Grouped:
        return self._source.matrix(f"blk.{layer}.{name}.weight")

    @staticmethod
    def _quantise(weight: Grouped, bits: int) -> Quantised:
        values = weight.dequantised()
        return by_group(values) if bits == 4 else by_row(values)
