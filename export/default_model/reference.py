"""The model in plain float32 PyTorch: the reference for every program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .gguf_source import GROUP, Shape, Source

Linear = Callable[[Tensor], Tensor]


@dataclass
class Cache:
    """Keys and values of the earlier tokens, one entry per layer, float32 ``[T, kv_heads, head_dim]``."""

    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)


def exact(source: Source) -> dict[str, Tensor]:
    """Returns all weights of the GGUF, dequantised to float32, by their GGUF names."""
    names = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]
    found = {"token_embd": torch.from_numpy(source.embedding().dequantised())}
    found["output"] = found["token_embd"]
    found["output_norm"] = torch.from_numpy(source.vector("output_norm.weight"))
    for index in range(source.shape.layers):
        for name in names:
            key = f"blk.{index}.{name}"
            found[key] = torch.from_numpy(source.matrix(f"{key}.weight").dequantised())
        for name in ("attn_norm", "ffn_norm"):
            key = f"blk.{index}.{name}"
            found[key] = torch.from_numpy(source.vector(f"{key}.weight"))
    return found


def as_they_are(x: Tensor) -> Tensor:
    """Returns a linear layer's input unchanged, in float32."""
    return x


def in_eight_bits(x: Tensor) -> Tensor:
    """Rounds a linear layer's input ``[T, in]`` like XNNPACK: int8, with a scale and a zero point per token."""
    low = x.amin(-1, keepdim=True).clamp(max=0)
    high = x.amax(-1, keepdim=True).clamp(min=0)
    scale = (high - low).clamp(min=1e-9) / 255
    zero = torch.round(-128 - low / scale).clamp(-128, 127)
    return (torch.round(x / scale + zero).clamp(-128, 127) - zero) * scale


def in_units(x: Tensor, steps: int) -> Tensor:
    """Rounds a linear layer's input ``[T, in]`` like ``wyvern::linear``: 32 at a time; the greatest becomes ``steps``."""
    units = x.reshape(len(x), -1, GROUP)
    scale = units.abs().amax(-1, keepdim=True) / steps
    return (torch.round(units / scale.clamp(min=1e-30)) * scale).reshape(x.shape)


class Reference:
    """A Llama decoder over a table of float32 weights."""

    def __init__(self, shape: Shape, weights: dict[str, Tensor], rounding: Linear = as_they_are) -> None:
        self._shape = shape
        self._weights = weights
        self._rounding = rounding
        pairs = np.arange(0, shape.head_dim, 2, dtype=np.float64) / shape.head_dim
        self._frequencies = torch.from_numpy(shape.rope_base**-pairs)

    def logits(self, tokens: list[int], cache: Cache | None = None) -> Tensor:
        """Returns the logits after each token, float32 ``[T, vocab]``, and extends the cache."""
        shape, weights = self._shape, self._weights
        cache = cache or Cache()
        past = len(cache.keys[0]) if cache.keys else 0
        positions = torch.arange(past, past + len(tokens), dtype=torch.float64)
        angles = torch.outer(positions, self._frequencies)
        cos, sin = angles.cos().float()[:, None], angles.sin().float()[:, None]
        visible = torch.arange(past + len(tokens)) <= positions[:, None]
        x = weights["token_embd"][tokens]
        for index in range(shape.layers):
            prefix = f"blk.{index}."
            h = self._rounding(self._norm(x, prefix + "attn_norm"))
            query = self._rotate(self._linear(h, prefix + "attn_q"), cos, sin)
            key = self._rotate(self._linear(h, prefix + "attn_k"), cos, sin)
            value = self._linear(h, prefix + "attn_v").view(len(tokens), shape.kv_heads, -1)
            if past:
                key = torch.cat([cache.keys[index], key])
                value = torch.cat([cache.values[index], value])
            cache.keys[index], cache.values[index] = key, value
            mixed = F.scaled_dot_product_attention(
                query.transpose(0, 1)[None],
                key.transpose(0, 1)[None],
                value.transpose(0, 1)[None],
                attn_mask=visible,
                enable_gqa=True,
            )[0].transpose(0, 1)
            h = self._rounding(mixed.reshape(len(tokens), shape.dim))
            x = x + self._linear(h, prefix + "attn_output")
            h = self._rounding(self._norm(x, prefix + "ffn_norm"))
            gate = F.silu(self._linear(h, prefix + "ffn_gate"))
            h = self._rounding(gate * self._linear(h, prefix + "ffn_up"))
            x = x + self._linear(h, prefix + "ffn_down")
        return self._linear(self._rounding(self._norm(x, "output_norm")), "output")

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self._weights[name])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return F.rms_norm(x, (self._shape.dim,), self._weights[name], self._shape.norm_eps)

    def _rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Rotates pairs of neighbours: GGUF stores a rotated pair side by side."""
        x = x.view(len(x), -1, self._shape.head_dim)
        first, second = x[..., 0::2], x[..., 1::2]
        return torch.stack([first * cos - second * sin, second * cos + first * sin], -1).flatten(2)
