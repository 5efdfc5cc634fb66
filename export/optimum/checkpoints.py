"""The tests' tiny models as folders in Hugging Face's format, from which optimum-executorch exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from ..fixtures.cpu_programs import CHECKPOINT, PARAMS_FILE
from ..fixtures.dialogue import Dialogues
from . import gemma

META_TO_HUGGING_FACE = {
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w2": "mlp.down_proj",
    "feed_forward.w3": "mlp.up_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}


def write_llama(folder: Path, dialogues: Dialogues) -> None:
    """Writes the committed tiny Llama 2, whose file has Meta's names and order of rows."""
    params = json.loads(PARAMS_FILE.read_text())
    weights = torch.load(CHECKPOINT, map_location="cpu", weights_only=True)
    config = LlamaConfig(
        vocab_size=params["vocab_size"],
        hidden_size=params["dim"],
        intermediate_size=params["hidden_dim"],
        num_hidden_layers=params["n_layers"],
        num_attention_heads=params["n_heads"],
        num_key_value_heads=params["n_kv_heads"],
        rms_norm_eps=params["norm_eps"],
        rope_theta=params["rope_theta"],
        max_position_embeddings=512,
        bos_token_id=dialogues.tokenizer.bos_id(),
        eos_token_id=dialogues.end,
    )
    renamed = {
        "model.embed_tokens.weight": weights["tok_embeddings.weight"],
        "model.norm.weight": weights["norm.weight"],
        "lm_head.weight": weights["output.weight"],
    }
    heads = {"attention.wq": params["n_heads"], "attention.wk": params["n_kv_heads"]}
    for layer in range(params["n_layers"]):
        for meta, hugging_face in META_TO_HUGGING_FACE.items():
            weight = weights[f"layers.{layer}.{meta}.weight"]
            renamed[f"model.layers.{layer}.{hugging_face}.weight"] = _halves(weight, heads[meta]) if meta in heads else weight
    model = LlamaForCausalLM(config)
    model.load_state_dict({name: weight.float() for name, weight in renamed.items()})
    model.save_pretrained(folder)


def _halves(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Reorders the rows of each head: Meta rotates neighbours, transformers rotates the two halves."""
    rows, columns = weight.shape
    return weight.view(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns)


MODELS: dict[str, Callable[[Path, Dialogues], None]] = {"llama": write_llama, "gemma-3": gemma.write_gemma}
"""Writes `config.json` and the weights into a folder."""
