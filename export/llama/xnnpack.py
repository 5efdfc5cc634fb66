"""Exports a Llama checkpoint for the CPU (XNNPACK) through upstream's `executorch.extension.llm.export` flow."""

from __future__ import annotations

import json
import os
from pathlib import Path

from executorch.examples.models.llama.export_llama_lib import export_llama
from executorch.extension.llm.export.config.llm_config import (
    DtypeOverride,
    LlmConfig,
    ModelType,
    PreqMode,
    Pt2eQuantize,
    SpinQuant,
)

from .xnnpack_options import GROUP, XnnpackOptions


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
    """Writes the program `out` (and its `.ptd`, with `separate_data`).

    Args:
        checkpoint: weights in Meta's naming.
        params: Meta's `params.json`.
        out: path of the program; its folder must exist.
        options: how to export.
        bos_id: begin-of-text token, the result of the program's `get_bos_id`.
        eos_ids: tokens that end an answer, the result of the program's `get_eos_ids`.
        model_class: upstream's name of the family; decides the scaling of RoPE.
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
    if options.cache_scale is not None:
        config.model.static_quantize_kv_cache = True
        config.model.static_quantize_kv_cache_scale = options.cache_scale
    config.model.local_global_attention = list(options.windows) or None
    config.export.max_seq_length = options.longest_call or options.context
    config.export.max_context_length = options.context
    config.export.output_dir = str(out.parent)
    config.export.output_name = str(out)
    if options.separate_data:
        config.export.foundation_weights_file = out.stem
    match options.linear:
        case "xnnpack_dynamic":
            config.quantization.pt2e_quantize = Pt2eQuantize.xnnpack_dynamic
        case "int8":
            config.quantization.qmode = "int8"
        case "8da4w":
            config.quantization.qmode = "8da4w"
            config.quantization.group_size = GROUP
    config.quantization.embedding_quantize = options.embedding
    if options.spin_quant:
        config.quantization.use_spin_quant = SpinQuant.native
        # Upstream requires a quantisation mode; it leaves layers without scales unchanged.
        config.base.preq_mode = PreqMode.preq_8da4w
        config.base.preq_group_size = GROUP
    config.debug.generate_full_logits = options.full_logits
    config.backend.xnnpack.enabled = options.delegate
    config.backend.xnnpack.extended_ops = options.delegate
    before = Path.cwd()
    os.chdir(out.parent)
    try:
        export_llama(config)
    finally:
        os.chdir(before)
