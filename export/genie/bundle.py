"""Writes a model folder as AI Hub does: binaries, ``genie_config.json``, the HTP's settings and the tokenizer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .checkpoint import Checkpoint
from .tokenizer_json import tokenizer_json

MARKERS = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
BOS, EOS = 1, 2


def part_name(stem: str, part: int, parts: int) -> str:
    """AI Hub's name of a part."""
    return f"{stem}_part_{part + 1}_of_{parts}.bin"


def write_bundle(
    folder: Path,
    binaries: list[bytes],
    model: Checkpoint,
    tokenizer: bytes,
    *,
    context: int,
    template: str,
    shares_weights: bool,
) -> None:
    """Writes every file of a bundle into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [part_name("tiny_llama", part, len(binaries)) for part in range(len(binaries))]
    for name, binary in zip(names, binaries, strict=True):
        (folder / name).write_bytes(binary)
    described = tokenizer_json(tokenizer)
    end = described["model"]["vocab"]["<|end|>"]
    _write(folder / "genie_config.json", config(model, names, context, [EOS, end]))
    _write(folder / "htp_backend_ext_config.json", htp_settings(shares_weights=shares_weights))
    _write(folder / "tokenizer.json", described)
    names_of = {index: token["content"] for index, token in enumerate(described["added_tokens"])}
    specials = {"bos_token": names_of[BOS], "eos_token": names_of[EOS], "add_bos_token": True}
    _write(folder / "tokenizer_config.json", {**specials, "chat_template": template})


def htp_settings(*, shares_weights: bool) -> dict[str, Any]:
    """Returns the content of ``htp_backend_ext_config.json`` for Snapdragon X Elite."""
    cores = [{"core_id": 0, "perf_profile": "burst", "rpc_control_latency": 100}]
    return {
        "devices": [{"soc_model": 60, "dsp_arch": "v73", "cores": cores}],
        "memory": {"mem_type": "shared_buffer"},
        "context": {"weight_sharing_enabled": shares_weights},
    }


def config(model: Checkpoint, binaries: list[str], context: int, ends: list[int]) -> dict[str, Any]:
    """Returns the content of ``genie_config.json``, with the keys that AI Hub writes."""
    rope = {"type": "rope", "rope-dim": model.head_dim // 2, "rope-theta": int(model.rope_theta)}
    backend = {
        "version": 1,
        "use-mmap": True,
        "spill-fill-bufsize": 0,
        "mmap-budget": 0,
        "poll": True,
        "cpu-mask": "0xe0",
        "kv-dim": model.head_dim,
        "allow-async-init": False,
    }
    return {
        "dialog": {
            "version": 1,
            "type": "basic",
            "context": {"version": 1, "size": context, "n-vocab": model.vocab, "bos-token": BOS, "eos-token": ends},
            "sampler": {"version": 1, "seed": 42, "temp": 0.8, "top-k": 40, "top-p": 0.95},
            "tokenizer": {"version": 1, "path": "tokenizer.json"},
            "engine": {
                "version": 1,
                "n-threads": 3,
                "backend": {
                    "version": 1,
                    "type": "QnnHtp",
                    "extensions": "htp_backend_ext_config.json",
                    "QnnHtp": backend,
                },
                "model": {
                    "version": 1,
                    "type": "binary",
                    "binary": {"version": 1, "ctx-bins": binaries},
                    "positional-encoding": rope,
                },
            },
        }
    }


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
