"""Exports a Llama checkpoint for the CPU (XNNPACK) through upstream's `executorch.extension.llm.export` flow."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from executorch.examples.models.llama.export_llama_lib import export_llama
from executorch.extension.llm.export.config.llm_config import DtypeOverride, LlmConfig, ModelType


@dataclass(frozen=True)
class XnnpackOptions:
    """How to export for the CPU. The defaults are what the app runs best."""

    context: int = 1024
    """Tokens the KV cache holds (without one: tokens of the one call)."""
    kv_cache: bool = True
    dynamic_shape: bool = True
    """Calls of 1 to `context - 1` tokens; False: one token a call (without KV cache: `context` tokens)."""
    custom_sdpa: bool = True
    """Attention through `llama::custom_sdpa` and `llama::update_cache`; False: through plain operators."""
    quantised_cache: bool = False
    """An int8 KV cache, through `llama::custom_quantized_sdpa`."""
    full_logits: bool = False
    """Logits of every position, `[1, S, vocab]`; False: of the last, `[1, vocab]`."""
    four_bit: bool = True
    """8-bit dynamic activations by 4-bit weights in groups of 32; False: weights as they are."""
    eight_bit_embedding: bool = True
    dtype: str = "fp32"
    """`fp32`, `fp16` or `bf16`: of activations, cache and logits."""
    delegate: bool = True
    """False: a program of portable operators alone."""
    separate_data: bool = False
    """Weights in a `.ptd` of the program's name."""


def export_xnnpack(
    checkpoint: Path,
    params: Path,
    out: Path,
    options: XnnpackOptions,
    *,
    bos_id: int,
    eos_ids: list[int],
    model_class: str = "llama2",
) -> None:
    """Writes the program `out` (and its `.ptd`, if asked for).

    Args:
        checkpoint: weights in Meta's naming.
        params: Meta's `params.json`.
        out: path of the program; its folder must exist.
        options: how to export.
        bos_id: begin-of-text token, told by the program's `get_bos_id`.
        eos_ids: tokens that end an answer, told by the program's `get_eos_ids`.
        model_class: upstream's name of the family; decides how scaled RoPE is read.
    """
    config = LlmConfig()
    config.base.model_class = ModelType(model_class)
    config.base.checkpoint = str(checkpoint)
    config.base.params = str(params)
    config.base.metadata = json.dumps({"get_bos_id": bos_id, "get_eos_ids": eos_ids})
    config.model.dtype_override = DtypeOverride(options.dtype)
    config.model.use_kv_cache = options.kv_cache
    config.model.enable_dynamic_shape = options.dynamic_shape
    config.model.use_sdpa_with_kv_cache = options.custom_sdpa
    config.model.quantize_kv_cache = options.quantised_cache
    config.export.max_seq_length = options.context
    config.export.max_context_length = options.context
    config.export.output_dir = str(out.parent)
    config.export.output_name = str(out)
    if options.separate_data:
        config.export.foundation_weights_file = out.stem
    if options.four_bit:
        config.quantization.qmode = "8da4w"
        config.quantization.group_size = 32
    if options.eight_bit_embedding:
        config.quantization.embedding_quantize = "8,0"
    config.debug.generate_full_logits = options.full_logits
    config.backend.xnnpack.enabled = options.delegate
    config.backend.xnnpack.extended_ops = options.delegate
    before = Path.cwd()
    os.chdir(out.parent)
    try:
        export_llama(config)
    finally:
        os.chdir(before)
