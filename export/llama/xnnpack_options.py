"""How a Llama is exported for the CPU; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Linear = Literal["8da4w", "xnnpack_dynamic", "int8"]
"""Of linear layers: 8-bit dynamic activations by 4-bit weights in groups of 32; by 8-bit weights with a scale a row,
quantised in the graph (pt2e); 8-bit weights with a scale a row and activations as they are."""
GROUP = 32


@dataclass(frozen=True)
class XnnpackOptions:
    """How to export for the CPU. The defaults are what the app runs best."""

    context: int = 1024
    """Tokens the KV cache holds (without one: tokens of the one call)."""
    longest_call: int | None = None
    """Tokens of one call and one more; None: `context`."""
    kv_cache: bool = True
    dynamic_shape: bool = True
    """Calls of 1 to `context - 1` tokens; False: one token a call (without KV cache: `context` tokens)."""
    custom_sdpa: bool = True
    """Attention through `llama::custom_sdpa` and `llama::update_cache`; False: through plain operators."""
    quantised_cache: bool = False
    """An int8 KV cache, through `llama::custom_quantized_sdpa`."""
    cache_scale: float | None = None
    """An int8 KV cache with this one step for every value; needs a static shape and plain attention."""
    windows: tuple[int, ...] = ()
    """Of how many tokens back each layer sees, in a ring of twice as many slots; 0: of all. Repeated over the layers."""
    full_logits: bool = False
    """Logits of every position, `[1, S, vocab]`; False: of the last, `[1, vocab]`."""
    linear: Linear | None = "8da4w"
    """How linear layers are quantised; None: not at all."""
    embedding: str | None = "8,0"
    """Bits of the embedding, and how many values share a scale (0: a row); None: not quantised."""
    spin_quant: bool = False
    """The checkpoint's last feed-forward layers take inputs rotated by `llama::fast_hadamard_transform`."""
    dtype: str = "fp32"
    """`fp32`, `fp16` or `bf16`: of activations, cache and logits."""
    delegate: bool = True
    """False: a program of portable operators alone."""
    separate_data: bool = False
    """Weights in a `.ptd` of the program's name."""
