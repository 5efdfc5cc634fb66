"""A Llama decoder as an ExecuTorch program over GGUF's weight blocks: contract A, upstream's standard export.

``wyvern::linear``, the other operators and attention give a token the same bits on every processor, with any other tokens
in the call. So the text does not depend on the machine or on the cuts of a prompt.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from gguf import GGMLQuantizationType

from .blocks import LAYOUTS, ROWS
from .gguf_source import Shape
from .program_file import BYTE, FLOAT, LONG, Method, Tensor, number, write

LAYER = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
"""A layer's linear weights, by their GGUF names."""
EMBEDDING = "token_embd"
"""The token embedding, which is also the output head."""


@dataclass(frozen=True)
class Limits:
    """The program's sizes."""

    context: int
    """Tokens that the cache holds."""
    longest: int
    """Most tokens of one call."""


def program(shape: Shape, kinds: Mapping[str, GGMLQuantizationType], limits: Limits) -> bytes:
    """Returns the program's file. ``kinds`` are the weights' block types, by their GGUF names without ``.weight``."""
    return write(
        [
            _Forward(shape, kinds, limits).method,
            number("get_max_seq_len", limits.longest),
            number("get_max_context_len", limits.context),
            number("get_vocab_size", shape.vocab),
            number("get_n_layers", shape.layers),
            number("use_kv_cache", True),
            number("use_sdpa_with_kv_cache", True),
            number("enable_dynamic_shape", True),
        ]
    )


class _Forward:
    """Tokens int64 ``[1, T]`` and the position of the first, int64 ``[1]``, to the logits of the last, ``[1, vocab]``."""

    def __init__(self, shape: Shape, kinds: Mapping[str, GGMLQuantizationType], limits: Limits) -> None:
        self.shape, self.kinds, self.limits = shape, kinds, limits
        self.method = Method("forward")
        value = self.method.value
        self.none, self.fine, self.zero, self.yes = value(None), value(True), value(0.0), value(True)
        self.eps = value(float(shape.norm_eps))
        angles = (limits.context, shape.head_dim // 2)
        self.cos, self.sin = (self.method.constant(name, FLOAT, angles) for name in ("cos", "sin"))
        self.placeholder = value(Tensor(FLOAT, (1,), lasting=True))

        tokens = value(Tensor(LONG, (1, limits.longest), dynamic=True, planned=False))
        position = value(Tensor(LONG, (1,), planned=False))
        self.method.inputs = [tokens, position]
        self.start = value(0)
        self.method.call("aten::_local_scalar_dense", "", position, self.start)
        self.table = self.weight(EMBEDDING, shape.vocab, shape.dim)
        x = self.rows(shape.dim)
        self.method.call("wyvern::embedding", "out", *self.table, tokens, x, x)
        for index in range(shape.layers):
            x = self.layer(index, x)
        self.method.outputs = [self.head(x)]

    def rows(self, *sizes: int) -> int:
        """Adds a new float32 ``[1, T, …]``."""
        return self.method.value(Tensor(FLOAT, (1, self.limits.longest, *sizes), dynamic=True))

    def weight(self, name: str, rows: int, width: int) -> tuple[int, int]:
        """Returns a weight's tensor and block type."""
        kind = self.kinds[name]
        layout = LAYOUTS[kind]
        sizes = (-(-rows // ROWS), width // layout.inputs, ROWS * layout.size)
        return self.method.constant(f"{name}.weight", BYTE, sizes), self.method.value(int(kind))

    def norm(self, name: str, x: int, out: int) -> int:
        """Adds the root mean square norm of ``x``."""
        weight = self.method.constant(f"{name}.weight", FLOAT, (self.shape.dim,))
        self.method.call("wyvern::rms_norm", "out", x, weight, self.eps, out, out)
        return out

    def linear(self, x: int, width: int, *weights: tuple[str, tuple[int, ...]]) -> list[int]:
        """Adds products of one input with several weights. Each has the sizes whose product is its rows."""
        arguments = [part for name, sizes in weights for part in self.weight(name, math.prod(sizes), width)]
        outs = [self.rows(*sizes) for _, sizes in weights]
        self.method.call(f"wyvern::linear_{len(weights)}", "out", x, *arguments, self.fine, *outs)
        return outs

    def joined(self, x: int, name: str, width: int, added: int) -> int:
        """Adds one weight's products to the residual stream."""
        out = self.rows(self.shape.dim)
        weight = self.weight(name, self.shape.dim, width)
        self.method.call("wyvern::linear", "out", x, *weight, added, self.fine, out, out)
        return out

    def layer(self, index: int, x: int) -> int:
        """Adds one decoder layer with its key and value cache."""
        shape, prefix = self.shape, f"blk.{index}."
        one_head = shape.head_dim
        h = self.norm(f"{prefix}attn_norm", x, self.rows(shape.dim))
        query, key, value = self.linear(
            h,
            shape.dim,
            (f"{prefix}attn_q", (shape.heads * one_head,)),
            (f"{prefix}attn_k", (shape.kv_heads * one_head,)),
            (f"{prefix}attn_v", (shape.kv_heads, one_head)),
        )
        query, key = self.rotated(query, shape.heads), self.rotated(key, shape.kv_heads)
        mixed = self.attention(query, key, value)
        x = self.joined(mixed, f"{prefix}attn_output", shape.dim, x)
        h = self.norm(f"{prefix}ffn_norm", x, self.rows(shape.dim))
        inner = (shape.hidden,)
        gate, up = self.linear(h, shape.dim, (f"{prefix}ffn_gate", inner), (f"{prefix}ffn_up", inner))
        product = self.rows(*inner)
        self.method.call("wyvern::silu_mul", "out", gate, up, product, product)
        return self.joined(product, f"{prefix}ffn_down", shape.hidden, x)

    def rotated(self, x: int, heads: int) -> int:
        """Rotates heads by the angles of their positions."""
        out = self.rows(heads, self.shape.head_dim)
        self.method.call("wyvern::rotate", "out", x, self.cos, self.sin, self.start, out, out)
        return out

    def attention(self, query: int, key: int, value: int) -> int:
        """Adds key and value to the cache and attends over it: ``[1, T, dim]``."""
        shape, call = self.shape, self.method.call
        cache_sizes = (1, self.limits.context, shape.kv_heads, shape.head_dim)
        keys, values = (self.method.value(Tensor(FLOAT, cache_sizes, lasting=True)) for _ in range(2))
        call("llama::update_cache", "out", key, keys, self.start, self.placeholder, self.placeholder)
        call("llama::update_cache", "out", value, values, self.start, self.placeholder, self.placeholder)
        out = self.rows(shape.heads, shape.head_dim)
        options = (self.start, self.none, self.zero, self.yes, self.none)
        call("llama::custom_sdpa", "out", query, keys, values, *options, out, out)
        return out

    def head(self, x: int) -> int:
        """Returns the logits after the last token."""
        shape, value = self.shape, self.method.value
        last = value(Tensor(FLOAT, (1, shape.dim)))
        self.method.call("aten::select_copy", "int_out", x, value(1), value(-1), last, last)
        h = self.norm("output_norm", last, value(Tensor(FLOAT, (1, shape.dim))))
        logits = value(Tensor(FLOAT, (1, shape.vocab)))
        self.method.call("wyvern::linear", "out", h, *self.table, self.none, self.fine, logits, logits)
        return logits
