"""A Llama decoder in PyTorch, shaped so that XNNPACK takes each layer whole.

Between two attention operators everything runs in one XNNPACK partition: output projection,
residual sums, norms, feed-forward and the next layer's projections with their rotation.
Needs torch, torchao's operators and ExecuTorch's ``llama::`` operators; only the exporter
imports it.
"""

from __future__ import annotations

import numpy as np
import torch
import torchao.quantization.quant_primitives  # noqa: F401  (registers torch.ops.torchao)
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  (torch.ops.llama)
from torch import Tensor, nn

from .gguf_source import Shape
from .quantise import Quantised
from .weights import Weights


class QuantisedLinear(nn.Module):
    """A linear layer without bias whose weight is already integers.

    Takes an input that :func:`quantise_input` has prepared, so that layers which share an
    input share its quantisation.
    """

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
        return torch.nn.functional.linear(x, weight)


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
        mean_square = torch.nn.functional.linear(x * x, self.mean, self.eps)
        return x * torch.rsqrt(mean_square) * self.weight


class Layer(nn.Module):
    """One decoder layer with its key and value cache."""

    def __init__(self, shape: Shape, weights: Weights, index: int, context: int) -> None:
        super().__init__()
        self.shape = shape
        self.attention_norm = Norm(weights.vector(f"blk.{index}.attn_norm.weight"), shape.norm_eps)
        self.ffn_norm = Norm(weights.vector(f"blk.{index}.ffn_norm.weight"), shape.norm_eps)
        self.qkv = QuantisedLinear(weights.qkv(index))
        self.output = QuantisedLinear(weights.linear(index, "attn_output"))
        self.up = QuantisedLinear(weights.gate_up(index))
        self.down = QuantisedLinear(weights.linear(index, "ffn_down"))
        cache = (1, context, shape.kv_heads, shape.head_dim)
        self.register_buffer("k_cache", torch.zeros(cache))
        self.register_buffer("v_cache", torch.zeros(cache))

    def forward(self, x: Tensor, start: int, cos: Tensor, sin: Tensor) -> Tensor:
        """``x`` is ``[1, T, dim]``, ``start`` the position of its first token, ``cos`` and
        ``sin`` are ``[1, T, (heads + kv_heads) * head_dim / 2]``.
        """
        shape = self.shape
        half = (shape.heads + shape.kv_heads) * shape.head_dim // 2
        projected = self.qkv(quantise_input(self.attention_norm(x)))
        first, second = projected[:, :, :half], projected[:, :, half : 2 * half]
        value = projected[:, :, 2 * half :].view(1, -1, shape.kv_heads, shape.head_dim)
        split = (1, -1, shape.heads + shape.kv_heads, shape.head_dim // 2)
        rotated = torch.cat(
            [
                (first * cos - second * sin).view(split),
                (second * cos + first * sin).view(split),
            ],
            dim=-1,
        )
        query, key = rotated[:, :, : shape.heads], rotated[:, :, shape.heads :]
        torch.ops.llama.update_cache(key, self.k_cache, start)
        torch.ops.llama.update_cache(value, self.v_cache, start)
        mixed = torch.ops.llama.custom_sdpa(query, self.k_cache, self.v_cache, start, None, 0.0, True)
        x = x + self.output(quantise_input(mixed.view(1, -1, shape.dim)))
        both = self.up(quantise_input(self.ffn_norm(x)))
        gate, up = both[:, :, : shape.hidden], both[:, :, shape.hidden :]
        return x + self.down(quantise_input(gate * torch.sigmoid(gate) * up))


class Decoder(nn.Module):
    """Tokens to the logits of the last one, with a cache inside: contract A of the runtime."""

    def __init__(self, shape: Shape, weights: Weights, context: int) -> None:
        super().__init__()
        self.context = context
        embedding = weights.embedding()
        self.register_buffer("embedding", torch.from_numpy(embedding.integers))
        self.register_buffer("embedding_scale", torch.from_numpy(embedding.scale))
        self.layers = nn.ModuleList(Layer(shape, weights, index, context) for index in range(shape.layers))
        self.norm = Norm(weights.vector("output_norm.weight"), shape.norm_eps)
        self.head = QuantisedLinear(weights.head())
        self.repeat = shape.heads + shape.kv_heads
        cos, sin = weights.rope(context)
        self.register_buffer("cos", torch.from_numpy(cos))
        self.register_buffer("sin", torch.from_numpy(sin))

    def forward(self, tokens: Tensor, input_pos: Tensor) -> Tensor:
        """``tokens`` int64 ``[1, T]``, ``input_pos`` int64 ``[1]``: the position of the first.
        Returns float32 ``[1, vocab]``.
        """
        start = input_pos[0].item()
        length = tokens.shape[1]
        torch._check_is_size(start)
        torch._check(start + length <= self.context)
        x = torch.ops.quantized_decomposed.embedding_byte.dtype(
            self.embedding, self.embedding_scale, None, -128, 127, tokens, dtype=torch.float32
        )
        cos = self._rotation(self.cos, start, length)
        sin = self._rotation(self.sin, start, length)
        for layer in self.layers:
            x = layer(x, start, cos, sin)
        return self.head(quantise_input(self.norm(x[:, -1:])))[:, 0]

    def _rotation(self, table: Tensor, start: int, length: int) -> Tensor:
        rows = table.narrow(0, start, length).unsqueeze(0)
        return torch.cat([rows] * self.repeat, dim=-1)
