"""The data of a decoder's program, by the names in the program."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from gguf import GGMLQuantizationType

from .blocks import Blocks
from .decoder import EMBEDDING, LAYER
from .gguf_source import Shape, Source
from .ptd import Entry

ROTATED = ("attn_q", "attn_k")
"""Projections whose heads are rotated."""


def names(shape: Shape) -> list[str]:
    """Returns every weight matrix, by its GGUF name without ``.weight``."""
    return [EMBEDDING, *(f"blk.{index}.{name}" for index in range(shape.layers) for name in LAYER)]


def kinds(source: Source) -> dict[str, GGMLQuantizationType]:
    """Returns the block type of every weight matrix."""
    return {name: source.blocks(f"{name}.weight").kind for name in names(source.shape)}


def entries(source: Source, context: int) -> Iterator[Entry]:
    """Returns every entry, in a fixed order. The blocks are byte for byte the file's own."""
    shape = source.shape
    cos, sin = rope(shape, context)
    yield Entry("cos", cos)
    yield Entry("sin", sin)
    for name in names(shape):
        blocks = source.blocks(f"{name}.weight")
        if name.rpartition(".")[2] in ROTATED:
            blocks = in_halves(blocks, shape.head_dim)
        yield Entry(f"{name}.weight", blocks.interleaved())
    norms = (f"blk.{index}.{name}" for index in range(shape.layers) for name in ("attn_norm", "ffn_norm"))
    for name in (*norms, "output_norm"):
        yield Entry(f"{name}.weight", source.vector(f"{name}.weight"))


def in_halves(blocks: Blocks, head_dim: int) -> Blocks:
    """GGUF keeps the two values of a rotated pair side by side. Here the rows of a head are the first values of all pairs,
    then the second ones.
    """
    rows = np.arange(blocks.rows).reshape(-1, head_dim // 2, 2)
    return blocks.in_order(rows.transpose(0, 2, 1).reshape(-1))


def rope(shape: Shape, context: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns cosines and sines of the rotation, float32 ``[context, head_dim / 2]``."""
    pairs = np.arange(0, shape.head_dim, 2, dtype=np.float64) / shape.head_dim
    angles = np.outer(np.arange(context), shape.rope_base**-pairs)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
