"""A Llama decoder in PyTorch, shaped so that XNNPACK takes each layer whole.

Between two attention operators everything runs in one XNNPACK partition: output projection,
residual sums, norms, feed-forward and the next layer's projections with their rotation.
Needs torch, torchao's operators and ExecuTorch's ``llama::`` operators; only the exporter
imports it.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
import torchao.quantization.quant_primitives  # noqa: F401  (registers torch.ops.torchao)
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  (torch.ops.llama)
from torch import Tensor, nn

from .calibration import Limits
from .gguf_source import Shape
from .quantise import Quantised, padding, sum_weights
from .weights import Weights


class QuantisedLinear(nn.Module):
    """A linear layer without bias whose weight is already integers; its input is to be quantised."""

    def __init__(self, weight: Quantised) -> None:
        super().__init__()
        self.register_buffer("weight", torch.from_numpy(weight.integers))
        self.register_buffer("scale", torch.from_numpy(weight.scale))
        self.register_buffer("zero", torch.zeros(weight.scale.shape, dtype=torch.int8))
        self.low, self.high = (-8, 7) if weight.bits == 4 else (-128, 127)
        self.block = [1, weight.integers.shape[1] // weight.scale.shape[1]]

    def forward(self, x: Tensor) -> Tensor:
        """``[1, T, in]`` to ``[1, T, out]``."""
        weight = torch.ops.torchao.dequantize_affine(
            self.weight, self.block, self.scale, self.zero, torch.int8, self.low, self.high
        )
        return F.linear(x, weight)


class OffsetLinear(QuantisedLinear):
    """A linear layer whose weight is Q4_1, made by :func:`~export.quantise.with_offsets`."""

    def __init__(self, weight: Quantised, width: int) -> None:
        super().__init__(weight)
        self.width = width
        self.register_buffer("sums", torch.from_numpy(sum_weights(width)))

    def forward(self, x: Tensor, zeros: Tensor) -> Tensor:
        """``[B, T, in]`` in float32 to ``[B, T, out]``; ``zeros`` are ``[B, T, padding]``."""
        columns, inputs = self.sums.shape
        rows = x.view(x.shape[0], -1, self.width // inputs, inputs)
        sums = F.linear(rows, self.sums).view(x.shape[0], -1, self.width // inputs * columns)
        parts = [x, sums, zeros] if padding(self.width) else [x, sums]
        return super().forward(quantise_input(torch.cat(parts, dim=-1)))


def split(x: Tensor, limit: float) -> Tensor:
    """``[1, T, in]`` to ``[2, T, in]``: what lies within the limit, and what exceeds it."""
    within = torch.clamp(x, -limit, limit)
    return torch.cat([within, x - within])


def joined(y: Tensor) -> Tensor:
    """What a linear layer made of :func:`split` inputs, ``[2, T, out]``, back as ``[1, T, out]``."""
    return y[0:1] + y[1:2]


def quantise_input(x: Tensor) -> Tensor:
    """Each token's vector in 8 bits with a scale and a zero point of its own."""
    block = [1, 1, x.shape[-1]]
    scale, zero = torch.ops.torchao.choose_qparams_affine(
        x, "ASYMMETRIC", block, torch.int8, -128, 127, None, torch.float32, torch.int8
    )
    integers = torch.ops.torchao.quantize_affine(x, block, scale, zero, torch.int8, -128, 127)
    return torch.ops.torchao.dequantize_affine(integers, block, scale, zero, torch.int8, -128, 127)


class Norm(nn.Module):
    """Root mean square norm. The mean is a linear layer of one output with the epsilon as its
    bias, because XNNPACK has no reduction over the last dimension that ExecuTorch can reach.
    """

    def __init__(self, weight: np.ndarray, eps: float) -> None:
        super().__init__()
        self.register_buffer("weight", torch.from_numpy(weight))
        self.register_buffer("mean", torch.full((1, len(weight)), 1 / len(weight)))
        self.register_buffer("eps", torch.tensor([eps]))

    def forward(self, x: Tensor) -> Tensor:
        """``[1, T, dim]`` to the same shape."""
        mean_square = F.linear(x * x, self.mean, self.eps)
        return x * torch.rsqrt(mean_square) * self.weight


class Layer(nn.Module):
    """One decoder layer with its key and value cache."""

    def __init__(self, shape: Shape, weights: Weights, limits: Limits, index: int, context: int) -> None:
        super().__init__()
        self.shape = shape
        self.limits = limits
        self.attention_norm = Norm(weights.vector(f"blk.{index}.attn_norm.weight"), shape.norm_eps)
        self.ffn_norm = Norm(weights.vector(f"blk.{index}.ffn_norm.weight"), shape.norm_eps)
        self.qkv = OffsetLinear(weights.qkv(index), shape.dim)
        self.output = OffsetLinear(weights.output(index), shape.dim)
        self.up = OffsetLinear(weights.gate_up(index), shape.dim)
        self.down = OffsetLinear(weights.down(index), shape.hidden)
        cache = (1, context, shape.kv_heads, shape.head_dim)
        self.register_buffer("k_cache", torch.zeros(cache))
        self.register_buffer("v_cache", torch.zeros(cache))

    def forward(self, x: Tensor, start: int, cos: Tensor, sin: Tensor, zeros: Tensor, one: Tensor) -> Tensor:
        """One layer.

        Args:
            x: ``[1, T, dim]``.
            start: position of the first of the T tokens.
            cos: ``[1, T, 1, head_dim]``.
            sin: the same, its first half negated.
            zeros: ``[2, T, padding]``, for split inputs.
            one: ``[1, T, padding]``, for whole ones.
        """
        shape = self.shape
        rotating, half = shape.heads + shape.kv_heads, shape.head_dim // 2
        heads = joined(self.qkv(split(self.attention_norm(x), self.limits.qkv), zeros)).view(
            1, -1, rotating + shape.kv_heads, shape.head_dim
        )
        straight, value = heads[:, :, :rotating], heads[:, :, rotating:]
        crossed = torch.cat([straight[:, :, :, half:], straight[:, :, :, :half]], dim=-1)
        rotated = straight * cos + crossed * sin
        query, key = rotated[:, :, : shape.heads], rotated[:, :, shape.heads :]
        torch.ops.llama.update_cache(key, self.k_cache, start)
        torch.ops.llama.update_cache(value, self.v_cache, start)
        mixed = torch.ops.llama.custom_sdpa(query, self.k_cache, self.v_cache, start, None, 0.0, True)
        x = x + self.output(mixed.view(1, -1, shape.dim), one)
        both = joined(self.up(split(self.ffn_norm(x), self.limits.gate_up), zeros))
        gate, up = both[:, :, : shape.hidden], both[:, :, shape.hidden :]
        return x + joined(self.down(split(gate * torch.sigmoid(gate) * up, self.limits.down), zeros))


class Decoder(nn.Module):
    """Tokens to the logits of the last one, with a cache inside: contract A of the runtime."""

    def __init__(self, shape: Shape, weights: Weights, limits: list[Limits], context: int) -> None:
        super().__init__()
        self.context = context
        embedding = weights.embedding()
        self.register_buffer("embedding", torch.from_numpy(embedding.integers))
        self.register_buffer("embedding_scale", torch.from_numpy(embedding.scale))
        self.layers = nn.ModuleList(Layer(shape, weights, limits[index], index, context) for index in range(shape.layers))
        self.norm = Norm(weights.vector("output_norm.weight"), shape.norm_eps)
        self.head = QuantisedLinear(embedding)
        self.padding = padding(shape.dim)
        cos, sin = weights.rope(context)
        self.register_buffer("cos", torch.from_numpy(cos))
        self.register_buffer("sin", torch.from_numpy(sin))

    def forward(self, tokens: Tensor, input_pos: Tensor) -> Tensor:
        """``tokens`` int64 ``[1, T]``, ``input_pos`` int64 ``[1]``: the position of the first.
        Returns float32 ``[1, vocab]``.
        """
        start = input_pos[0].item()
        length = tokens.shape[1]
        torch._check(start >= 0)
        torch._check(start + length <= self.context)
        x = torch.ops.quantized_decomposed.embedding_byte.dtype(
            self.embedding, self.embedding_scale, None, -128, 127, tokens, dtype=torch.float32
        )
        cos = self.cos.narrow(0, start, length)[None, :, None]
        sin = self.sin.narrow(0, start, length)[None, :, None]
        one = torch.zeros(1, length, self.padding)
        zeros = torch.zeros(2, length, self.padding)
        for layer in self.layers:
            x = layer(x, start, cos, sin, zeros, one)
        return self.head(quantise_input(self.norm(x[:, -1:])))[:, 0]
