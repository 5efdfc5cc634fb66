"""Runs the decoder in float32 with numpy and records the range of every result."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from . import decoder
from .checkpoint import Array, Checkpoint

Ranges = dict[str, tuple[float, float]]


class Recorder:
    """`decoder.Operations` over arrays."""

    def __init__(self, eps: float) -> None:
        self.ranges: Ranges = {}
        self._eps = eps

    def record(self, name: str, x: Array) -> Array:
        """Widens the range of a name by these values."""
        low, high = self.ranges.get(name, (0.0, 0.0))
        self.ranges[name] = (min(low, float(x.min())), max(high, float(x.max())))
        return x

    def norm(self, name: str, x: Array, gamma: Array) -> Array:  # noqa: D102
        return self.record(name, x / np.sqrt((x * x).mean(-1, keepdims=True) + self._eps) * gamma)

    def linear(self, name: str, x: Array, weight: Array, *, bits: int | None = None, output: bool = False) -> Array:  # noqa: D102
        return self.record(name, x @ weight.T)

    def reshape(self, name: str, x: Array, shape: tuple[int, ...], *, output: bool = False) -> Array:  # noqa: D102
        return x.reshape(shape)

    def transpose(self, name: str, x: Array, order: tuple[int, ...]) -> Array:  # noqa: D102
        return x.transpose(order)

    def half(self, name: str, x: Array, second: bool) -> Array:  # noqa: D102
        size = x.shape[-1] // 2
        return x[..., size:] if second else x[..., :size]

    def join(self, name: str, parts: list[Array], axis: int) -> Array:  # noqa: D102
        return self.record(name, np.concatenate(parts, axis))

    def binary(self, name: str, kind: str, a: Array, b: Array, *, output: bool = False) -> Array:  # noqa: D102
        calls = {"ElementWiseAdd": np.add, "ElementWiseSubtract": np.subtract, "ElementWiseMultiply": np.multiply}
        return self.record(name, calls[kind](a, b))

    def matmul(self, name: str, a: Array, b: Array) -> Array:  # noqa: D102
        return self.record(name, a @ b)

    def softmax(self, name: str, x: Array) -> Array:  # noqa: D102
        shares = np.exp(x - x.max(-1, keepdims=True))
        return self.record(name, shares / shares.sum(-1, keepdims=True))

    def sigmoid(self, name: str, x: Array) -> Array:  # noqa: D102
        return self.record(name, 1 / (1 + np.exp(-x)))

    def to_cache(self, name: str, x: Array) -> Array:  # noqa: D102
        return self.record(name, x)

    def shape(self, x: Array) -> tuple[int, ...]:  # noqa: D102
        return x.shape


def rotations(model: Checkpoint, length: int) -> tuple[Array, Array]:
    """Cosines and sines of positions 0 …, `[1, 1, length, head_dim / 2]`."""
    frequencies = model.rope_theta ** (-np.arange(0, model.head_dim, 2) / model.head_dim)
    angles = (np.arange(length)[:, None] * frequencies).astype(np.float32)[None, None]
    return np.cos(angles), np.sin(angles)


def logits(ops: Recorder, model: Checkpoint, tokens: list[int]) -> Array:
    """Runs a whole text without a cache; returns `[1, length, vocab]`."""
    length = len(tokens)
    cos, sin = rotations(model, length)
    mask = np.triu(np.full((length, length), decoder.MASKED, np.float32), 1)[None, None]
    empty_k = np.zeros((model.kv_heads, 1, model.head_dim, 0), np.float32)
    empty_v = np.zeros((model.kv_heads, 1, 0, model.head_dim), np.float32)
    layers = range(model.layers)
    inputs = decoder.Inputs(mask, cos, sin, dict.fromkeys(layers, empty_k), dict.fromkeys(layers, empty_v))
    x = ops.record("embedding", model["tok_embeddings.weight"][tokens][None])
    for index in layers:
        x = decoder.layer(ops, model, index, x, inputs)
    return decoder.head(ops, model, x)


def find_ranges(model: Checkpoint, texts: Iterable[list[int]]) -> Ranges:
    """Returns the range of every result over texts of token ids."""
    ops = Recorder(model.norm_eps)
    for tokens in texts:
        logits(ops, model, tokens)
    return ops.ranges
