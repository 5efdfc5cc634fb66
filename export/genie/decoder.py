"""The decoder as operations on named values. Numpy runs them to find ranges, and QNN compiles them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from .checkpoint import Array, Checkpoint

MASKED = -50.0
"""AI Hub's mask of quantised models. Models in float16 have -1000."""


T = TypeVar("T")
"""A value: an array, or a tensor of a graph."""


class Operations(Protocol[T]):
    """Names every result, so that its range is found under this name."""

    def norm(self, name: str, x: T, gamma: Array) -> T: ...  # noqa: D102
    def linear(self, name: str, x: T, weight: Array, *, bits: int | None = None, output: bool = False) -> T: ...  # noqa: D102
    def reshape(self, name: str, x: T, shape: tuple[int, ...], *, output: bool = False) -> T: ...  # noqa: D102
    def transpose(self, name: str, x: T, order: tuple[int, ...]) -> T: ...  # noqa: D102
    def half(self, name: str, x: T, second: bool) -> T: ...  # noqa: D102
    def join(self, name: str, parts: list[T], axis: int) -> T: ...  # noqa: D102
    def binary(self, name: str, kind: str, a: T, b: T, *, output: bool = False) -> T: ...  # noqa: D102
    def matmul(self, name: str, a: T, b: T) -> T: ...  # noqa: D102
    def softmax(self, name: str, x: T) -> T: ...  # noqa: D102
    def sigmoid(self, name: str, x: T) -> T: ...  # noqa: D102
    def to_cache(self, name: str, x: T) -> T: ...  # noqa: D102
    def shape(self, x: T) -> tuple[int, ...]: ...  # noqa: D102


@dataclass(frozen=True)
class Inputs(Generic[T]):
    """The inputs that every layer shares, and the caches by layer."""

    mask: T
    cos: T
    sin: T
    keys: dict[int, T]
    values: dict[int, T]


def layer(ops: Operations[T], model: Checkpoint, index: int, x: T, inputs: Inputs[T], *, output: bool = False) -> T:
    """One decoder layer over `[1, A, dim]`. The KV cache is `[heads, 1, head_dim, slots]` and `[heads, 1, slots, head_dim]`."""
    at = f"layers_{index}"
    weight = f"layers.{index}"
    h = ops.norm(f"{at}_attention_norm", x, model[f"{weight}.attention_norm.weight"])
    attended = attention(ops, model, index, h, inputs)
    attended = ops.linear(f"{at}_attention_output", attended, model[f"{weight}.attention.wo.weight"])
    x = ops.binary(f"{at}_attended", "ElementWiseAdd", x, attended)
    h = ops.norm(f"{at}_ffn_norm", x, model[f"{weight}.ffn_norm.weight"])
    gate = ops.linear(f"{at}_gate", h, model[f"{weight}.feed_forward.w1.weight"])
    up = ops.linear(f"{at}_up", h, model[f"{weight}.feed_forward.w3.weight"])
    gated = ops.binary(f"{at}_silu", "ElementWiseMultiply", gate, ops.sigmoid(f"{at}_sigmoid", gate))
    product = ops.binary(f"{at}_product", "ElementWiseMultiply", gated, up)
    down = ops.linear(f"{at}_down", product, model[f"{weight}.feed_forward.w2.weight"])
    return ops.binary(f"{at}_output", "ElementWiseAdd", x, down, output=output)


def attention(ops: Operations[T], model: Checkpoint, index: int, h: T, inputs: Inputs[T]) -> T:
    """Grouped attention; returns `[1, A, dim]` before the output projection."""
    at, weight = f"layers_{index}", f"layers.{index}.attention"
    length, heads, groups, size = ops.shape(h)[1], model.heads, model.kv_heads, model.head_dim
    repeats = heads // groups
    scaled = model.rotated(f"{weight}.wq.weight", heads) / np.sqrt(size)
    q = ops.linear(f"{at}_q", h, scaled)
    k = ops.linear(f"{at}_k", h, model.rotated(f"{weight}.wk.weight", groups))
    v = ops.linear(f"{at}_v", h, model[f"{weight}.wv.weight"])
    q = ops.transpose(f"{at}_q_heads", ops.reshape(f"{at}_q_rows", q, (length, heads, 1, size)), (1, 2, 0, 3))
    k = ops.transpose(f"{at}_k_heads", ops.reshape(f"{at}_k_rows", k, (length, groups, 1, size)), (1, 2, 0, 3))
    v = ops.transpose(f"{at}_v_heads", ops.reshape(f"{at}_v_rows", v, (length, groups, 1, size)), (1, 2, 0, 3))
    q = rotate(ops, f"{at}_q_rotated", q, inputs)
    k = rotate(ops, f"{at}_k_rotated", k, inputs)
    new_k = ops.to_cache(f"past_key_{index}_out", ops.transpose(f"{at}_k_columns", k, (0, 1, 3, 2)))
    new_v = ops.to_cache(f"past_value_{index}_out", v)
    keys = ops.join(f"{at}_keys", [inputs.keys[index], new_k], 3)
    values = ops.join(f"{at}_values", [inputs.values[index], new_v], 2)
    context = ops.shape(keys)[3]
    q = ops.reshape(f"{at}_q_groups", q, (groups, 1, repeats * length, size))
    scores = ops.matmul(f"{at}_scores", q, keys)
    scores = ops.reshape(f"{at}_scores_rows", scores, (groups, repeats, length, context))
    masked = ops.binary(f"{at}_masked", "ElementWiseAdd", scores, inputs.mask)
    shares = ops.reshape(f"{at}_shares_rows", ops.softmax(f"{at}_shares", masked), (groups, 1, repeats * length, context))
    mixed = ops.reshape(f"{at}_mixed_rows", ops.matmul(f"{at}_mixed", shares, values), (heads, length, 1, size))
    mixed = ops.transpose(f"{at}_mixed_columns", mixed, (2, 1, 0, 3))
    return ops.reshape(f"{at}_mixed_flat", mixed, (1, length, heads * size))


def rotate(ops: Operations[T], name: str, x: T, inputs: Inputs[T]) -> T:
    """Rotates the two halves of each head, `[heads, 1, A, head_dim]`, by `[1, 1, A, head_dim / 2]`."""
    first, second = ops.half(f"{name}_first", x, False), ops.half(f"{name}_second", x, True)
    times = "ElementWiseMultiply"
    left = ops.binary(
        f"{name}_left",
        "ElementWiseSubtract",
        ops.binary(f"{name}_first_cos", times, first, inputs.cos),
        ops.binary(f"{name}_second_sin", times, second, inputs.sin),
    )
    right = ops.binary(
        f"{name}_right",
        "ElementWiseAdd",
        ops.binary(f"{name}_second_cos", times, second, inputs.cos),
        ops.binary(f"{name}_first_sin", times, first, inputs.sin),
    )
    return ops.join(name, [left, right], 3)


def head(ops: Operations[T], model: Checkpoint, x: T) -> T:
    """The final norm and the logits `[1, A, vocab]`."""
    h = ops.norm("norm", x, model["norm.weight"])
    return ops.linear("logits", h, model["output.weight"], bits=8, output=True)
