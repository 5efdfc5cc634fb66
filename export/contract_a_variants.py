"""Which programs of contract A the tests have, and the table of them in README.md; needs no torch.

A program differs from the others in one thing: `e2e/fixtures/contract-a/NAME.pte`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from . import fixture_text as text
from .llama_options import XnnpackOptions

RECITED = text.SENTENCES[:4]
"""What the models of other families know by heart."""
RECITAL_CONTEXT = 64
VOCAB_SIZE = 512
"""Of the one tokenizer of all."""


@dataclass(frozen=True)
class Family:
    """A shape that upstream's exporter knows."""

    title: str
    model_class: str
    """Its name there (`executorch.extension.llm.export.config.llm_config.ModelType`)."""
    params: dict[str, Any]
    """Meta's `params.json`."""


_COMMON = {"n_layers": 2, "vocab_size": VOCAB_SIZE}
FAMILIES = {
    "llama-3.2": Family(
        "Llama 3.2",
        "llama3_2",
        {
            **_COMMON,
            **{"dim": 64, "n_heads": 8, "n_kv_heads": 2, "multiple_of": 64, "ffn_dim_multiplier": 1.5},
            **{"norm_eps": 1e-5, "rope_theta": 500000.0, "use_scaled_rope": True},
        },
    ),
    "qwen-3": Family(
        "Qwen 3",
        "qwen3_0_6b",
        {
            **_COMMON,
            **{"dim": 64, "n_heads": 4, "n_kv_heads": 2, "head_dim": 32, "hidden_dim": 192},
            **{"norm_eps": 1e-6, "rope_theta": 1000000.0, "use_hf_rope": True},
            **{"attention_qkv_bias": False, "use_qk_norm": True, "qk_norm_before_rope": True},
        },
    ),
    "smollm-2": Family(
        "SmolLM 2",
        "smollm2",
        {
            **_COMMON,
            **{"dim": 96, "n_heads": 3, "n_kv_heads": 1, "hidden_dim": 256},
            **{"norm_eps": 1e-5, "rope_theta": 100000.0, "use_scaled_rope": False, "use_hf_rope": False},
        },
    ),
    "phi-4-mini": Family(
        "Phi 4 mini",
        "phi_4_mini",
        {
            **_COMMON,
            **{"dim": 96, "n_heads": 3, "n_kv_heads": 1, "hidden_dim": 256},
            **{"norm_eps": 1e-5, "rope_theta": 10000.0, "use_hf_rope": True, "partial_rotary_factor": 0.75},
            # LongRoPE: one factor for each rotated pair, of which a head of 32 has 12.
            "rope_scaling_short_factor": [1.0] * 12,
            "rope_scaling_long_factor": [1.0 + pair / 4 for pair in range(12)],
            **{"original_max_position_embeddings": 4096, "max_position_embeddings": 131072},
        },
    ),
}
"""Llama 3.2: grouped queries, scaled rotation. Qwen 3: heads wider than the model, normed queries and keys. SmolLM 2: three
query heads over one. Phi 4 mini: three quarters of a head rotated, by LongRoPE. All four tie embedding and output."""


@dataclass(frozen=True)
class Variant:
    """One program: how it is exported, and which model is in it."""

    options: XnnpackOptions
    family: Family | None = None
    """None: the tiny Llama of the other fixtures."""
    hidden: int | None = None
    """Width of the feed-forward whose inputs SpinQuant rotates; None: none are."""

    @property
    def model(self) -> str:
        """The shape's name. All are trained."""
        return "tiny Llama 2" if self.family is None else f"tiny {self.family.title}"


_DELEGATED = XnnpackOptions(context=256)
_FLOAT = replace(_DELEGATED, linear=None, embedding=None)
_PORTABLE = replace(_FLOAT, custom_sdpa=False, delegate=False)
_FIXED = replace(_PORTABLE, dynamic_shape=False)
_SMALL = replace(_PORTABLE, custom_sdpa=True, linear="int8", embedding="8,0")
"""The smallest files that need no delegate."""
_SLIDING = replace(_SMALL, longest_call=64, windows=(0, 32, 0, 32, 32))
_RECITAL = replace(_SMALL, context=RECITAL_CONTEXT)
VARIANTS = {
    "float32-custom-sdpa": Variant(_FLOAT),
    "portable": Variant(_PORTABLE),
    "bfloat16": Variant(replace(_PORTABLE, dtype="bf16")),
    "float16": Variant(replace(_PORTABLE, dtype="fp16")),
    "full-logits": Variant(replace(_PORTABLE, full_logits=True)),
    "static-shape": Variant(_FIXED),
    "static-shape-custom-sdpa": Variant(replace(_FIXED, custom_sdpa=True)),
    "no-cache": Variant(replace(_PORTABLE, kv_cache=False, context=128)),
    "no-cache-static-shape": Variant(replace(_FIXED, kv_cache=False, full_logits=True, context=96)),
    "quantised-cache": Variant(replace(_PORTABLE, custom_sdpa=True, quantised_cache=True)),
    "fixed-scale-cache": Variant(replace(_SMALL, custom_sdpa=False, dynamic_shape=False, cache_scale=1 / 16)),
    "sliding-window": Variant(_SLIDING),
    "sliding-window-quantised-cache": Variant(replace(_SLIDING, quantised_cache=True)),
    "separate-data": Variant(replace(_DELEGATED, separate_data=True)),
    "8da8w-by-row": Variant(replace(_DELEGATED, linear="xnnpack_dynamic")),
    "int8": Variant(replace(_SMALL, embedding=None)),
    "embedding-8-bit": Variant(_SMALL),
    "embedding-4-bit": Variant(replace(_SMALL, embedding="4,32")),
    "spin-quant": Variant(replace(_SMALL, spin_quant=True), hidden=256),
    "spin-quant-28": Variant(replace(_SMALL, spin_quant=True), hidden=28 * 8),
    **{name: Variant(_RECITAL, family=family) for name, family in FAMILIES.items()},
}


def table() -> str:
    """The table of README.md: what is in each program, as Markdown that prettier leaves alone."""
    head = ["program", "model", "linear layers", "embedding", "KV cache", "attention", "tokens a call", "numbers", "backend"]
    rows = [head, *([name, *_described(variant)] for name, variant in sorted(VARIANTS.items()))]
    rows = [[f"`{row[0]}`" if row is not head else row[0], *row[1:]] for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    rows.insert(1, ["-" * width for width in widths])
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"| {line} |\n" for line in lines)


def _described(variant: Variant) -> list[str]:
    options = variant.options
    model = variant.model
    if variant.hidden is not None:
        model += f", rotated {variant.hidden}"
    linear = {
        None: "as they are",
        "8da4w": "8da4w, groups of 32",
        "xnnpack_dynamic": "8da8w, by row (pt2e)",
        "int8": "int8 weights",
    }[options.linear]
    bits, group = (options.embedding or ",").split(",")
    embedding = f"{bits} bits, {'by row' if group == '0' else f'groups of {group}'}" if bits else "as it is"
    if not options.kv_cache:
        cache = "none"
    elif options.quantised_cache:
        cache = "int8, a scale a token"
    else:
        cache = "as computed" if options.cache_scale is None else "int8, one scale"
    if options.windows:
        cache += f", windows of {max(options.windows)}"
    attention = "plain" if not options.custom_sdpa else "quantised" if options.quantised_cache else "custom"
    length = options.longest_call or options.context
    call = f"1 to {length - 1}" if options.dynamic_shape else "1" if options.kv_cache else f"{length}"
    numbers = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}[options.dtype]
    backend = "XNNPACK" if options.delegate else "none"
    if options.separate_data:
        backend += ", `.ptd`"
    if options.full_logits:
        call += ", all logits"
    return [model, linear, embedding, cache, attention, call, numbers, backend]
