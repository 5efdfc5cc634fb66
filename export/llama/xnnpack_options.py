"""Options of the export for the CPU. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Linear = Literal["8da4w", "xnnpack_dynamic", "int8"]
"""Quantisation of linear layers. `8da4w`: 8-bit dynamic activations, 4-bit weights in groups of 32. `xnnpack_dynamic`: 8-bit
dynamic activations, 8-bit weights with one scale per row, quantised in the graph (pt2e). `int8`: 8-bit weights only."""
GROUP = 32


@dataclass(frozen=True)
class XnnpackOptions:
    """Options of the export for the CPU. The app runs the defaults best."""

    context: int = 1024
    """Tokens of the KV cache; without a cache, tokens of the one call."""
    longest_call: int | None = None
    """One more than the tokens of a call; None: `context`."""
    kv_cache: bool = True
    dynamic_shape: bool = True
    """Calls take 1 to `context - 1` tokens. False: one token per call, or `context` tokens without a KV cache."""
    custom_sdpa: bool = True
    """Attention through `llama::custom_sdpa` and `llama::update_cache`; False: through plain operators."""
    quantised_cache: bool = False
    """An int8 KV cache, through `llama::custom_quantized_sdpa`."""
    cache_scale: float | None = None
    """An int8 KV cache with this one scale; needs a static shape and plain attention."""
    windows: tuple[int, ...] = ()
    """Attention window of each layer in tokens, with a ring of twice as many slots; 0: no window. Repeats over the layers."""
    full_logits: bool = False
    """Returns logits of every position, `[1, S, vocab]`; False: of the last, `[1, vocab]`."""
    linear: Linear | None = "8da4w"
    """Quantisation of linear layers; None: none."""
    embedding: str | None = "8,0"
    """Bits of the embedding, and the values per scale (0: a row); None: not quantised."""
    spin_quant: bool = False
    """`llama::fast_hadamard_transform` rotates the inputs of the last feed-forward layers."""
    dtype: str = "fp32"
    """Dtype of activations, cache and logits: `fp32`, `fp16` or `bf16`."""
    delegate: bool = True
    """False: a program of portable operators only."""
    separate_data: bool = False
    """Writes the weights to a `.ptd` with the program's name."""
