"""The data that a decoder's program asks for, under the names it asks by."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import numpy as np

from .gguf_source import Shape
from .ptd import Entry
from .quantise import Quantised, sum_weights
from .weights import Weights


def entries(shape: Shape, weights: Weights, context: int) -> Iterator[Entry]:
    """Every entry of a program made from these weights, in a fixed order.

    Portable operators find their tensors by the module's name for them
    (:class:`~export.decoder.Decoder`); XNNPACK finds its constants by the hash of their bytes.
    """
    embedding = weights.embedding()
    yield Entry("embedding", embedding.integers)
    yield Entry("embedding_scale", embedding.scale)
    cos, sin = weights.rope(context)
    yield Entry("cos", cos)
    yield Entry("sin", sin)
    yield _hashed(np.full(shape.dim, 1 / shape.dim, dtype=np.float32).tobytes())
    yield _hashed(np.float32(shape.norm_eps).tobytes())
    yield _hashed(sum_weights(shape.dim).tobytes())
    yield _hashed(sum_weights(shape.hidden).tobytes())
    for index in range(shape.layers):
        yield Entry(f"layers.{index}.attention_norm.weight", weights.vector(f"blk.{index}.attn_norm.weight"))
        yield Entry(f"layers.{index}.ffn_norm.weight", weights.vector(f"blk.{index}.ffn_norm.weight"))
        for weight in (weights.qkv(index), weights.output(index), weights.gate_up(index), weights.down(index)):
            yield from _linear(weight)
    yield Entry("norm.weight", weights.vector("output_norm.weight"))
    yield from _linear(embedding)


def _linear(weight: Quantised) -> Iterator[Entry]:
    yield _hashed(weight.packed())
    yield _hashed(weight.packed_scale(), "scale_")


def _hashed(content: bytes, prefix: str = "") -> Entry:
    return Entry(prefix + sha256(content).hexdigest(), content)
