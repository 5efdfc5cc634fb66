"""Reads Llama checkpoints, Meta's and Hugging Face's, and converts them to Meta's naming for upstream's flows.

Meta's format is `consolidated.00.pth` with `params.json` and a `tokenizer.model`; Hugging Face's is `config.json`,
`tokenizer.json` and `*.safetensors`, whole or in shards, with query and key rows in another order.
"""

from __future__ import annotations

import json
import math
import pickle
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch


class CheckpointError(ValueError):
    """The checkpoint cannot be exported; the message says why and what to do."""


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk, not yet read."""

    weights: tuple[Path, ...]
    params: dict[str, Any]
    """In Meta's naming, as upstream's `ModelArgs` takes them."""
    hugging_face: bool

    @property
    def bytes(self) -> int:
        """Size of the weights on disk."""
        return sum(path.stat().st_size for path in self.weights)

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yields names and shapes of all weights except the output head, which may be the embedding."""
        p = self.params
        dim, hidden = p["dim"], p["hidden_dim"]
        head = p.get("head_dim") or dim // p["n_heads"]
        queries, keys = p["n_heads"] * head, p["n_kv_heads"] * head
        yield "tok_embeddings.weight", (p["vocab_size"], dim)
        for layer in range(p["n_layers"]):
            for part, shape in {
                "attention.wq": (queries, dim),
                "attention.wk": (keys, dim),
                "attention.wv": (keys, dim),
                "attention.wo": (dim, queries),
                "feed_forward.w1": (hidden, dim),
                "feed_forward.w2": (dim, hidden),
                "feed_forward.w3": (hidden, dim),
                "attention_norm": (dim,),
                "ffn_norm": (dim,),
            }.items():
                yield f"layers.{layer}.{part}.weight", shape
        yield "norm.weight", (dim,)

    @property
    def parameters(self) -> int:
        """Number of weights. The output head counts even if it is the embedding, because upstream's flows copy it."""
        return self.params["vocab_size"] * self.params["dim"] + sum(math.prod(shape) for _, shape in self.shapes())


def find(checkpoint: Path, params: Path | None) -> Checkpoint:
    """Finds the checkpoint's files and format.

    Args:
        checkpoint: a `.pth` or `.safetensors` file, an index of shards (`*.safetensors.index.json`), or a folder.
        params: `params.json` or `config.json`; by default the one beside the weights.

    Raises:
        CheckpointError: something is missing, or it is not a Llama.
    """
    weights = _weights(checkpoint)
    described = params or _beside(weights[0].parent)
    try:
        content = json.loads(described.read_text())
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{described} cannot be read as JSON ({error}). Give the model's params.json with --params."
        ) from error
    if "hidden_size" in content:
        return Checkpoint(weights, _from_config(content), weights[0].suffix == ".safetensors")
    if "dim" not in content:
        raise CheckpointError(
            f"{described} is neither Meta's params.json nor Hugging Face's config.json. Give one with --params."
        )
    return Checkpoint(weights, complete(content), weights[0].suffix == ".safetensors")


def _weights(checkpoint: Path) -> tuple[Path, ...]:
    if not checkpoint.exists():
        raise CheckpointError(f"{checkpoint} does not exist. Give the folder or file of the weights with --checkpoint.")
    if checkpoint.name.endswith(".index.json"):
        names = sorted(set(json.loads(checkpoint.read_text())["weight_map"].values()))
        shards = tuple(checkpoint.parent / name for name in names)
    elif checkpoint.is_dir():
        shards = tuple(sorted(checkpoint.glob("*.safetensors"))) or tuple(sorted(checkpoint.glob("consolidated.*.pth")))
        expected = re.search(r"-of-(\d+)\.safetensors$", shards[0].name) if shards else None
        if expected and len(shards) != int(expected[1]):
            raise CheckpointError(f"{checkpoint} holds {len(shards)} of {int(expected[1])} shards. Download the others.")
    else:
        shards = (checkpoint,)
    missing = [shard.name for shard in shards if not shard.is_file()]
    if missing or not shards:
        raise CheckpointError(f"{checkpoint} lacks {', '.join(missing) or 'weights (*.safetensors or consolidated.*.pth)'}.")
    if len(shards) > 1 and shards[0].suffix == ".pth":
        raise CheckpointError(
            "Checkpoints split for several GPUs (consolidated.01.pth …) are too large for a laptop's NPU. Use a smaller model."
        )
    return shards


def _beside(folder: Path) -> Path:
    for name in ("params.json", "config.json"):
        if (folder / name).is_file():
            return folder / name
    raise CheckpointError(f"{folder} has neither params.json nor config.json. Give one with --params.")


def complete(params: dict[str, Any]) -> dict[str, Any]:
    """Fills in the values that Meta's files leave out."""
    params = {name: value for name, value in params.items() if name != "quantization_args"}
    params.setdefault("n_kv_heads", params["n_heads"])
    if "hidden_dim" not in params:
        hidden = int((params.pop("ffn_dim_multiplier", None) or 1.0) * int(8 * params["dim"] / 3))
        multiple = params.pop("multiple_of", 256)
        params["hidden_dim"] = multiple * -(-hidden // multiple)
    if params.get("use_scaled_rope"):
        # Llama 3.1 (8 B) is too large for a laptop's NPU. Llama 3.2 scales by 32, which its params.json does not contain.
        params.setdefault("rope_scale_factor", 32)
    return params


def _from_config(config: dict[str, Any]) -> dict[str, Any]:
    if config.get("model_type") != "llama":
        raise CheckpointError(
            f"The checkpoint is a {config.get('model_type')!r}. This command exports the Llama architecture only."
        )
    heads = config["num_attention_heads"]
    params = {
        "dim": config["hidden_size"],
        "n_layers": config["num_hidden_layers"],
        "n_heads": heads,
        "n_kv_heads": config.get("num_key_value_heads", heads),
        "hidden_dim": config["intermediate_size"],
        "vocab_size": config["vocab_size"],
        "norm_eps": config["rms_norm_eps"],
        "rope_theta": config.get("rope_theta", (config.get("rope_parameters") or {}).get("rope_theta", 10000.0)),
    }
    if config.get("head_dim", params["dim"] // heads) != params["dim"] // heads:
        params["head_dim"] = config["head_dim"]
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    kind = scaling.get("rope_type", scaling.get("type", "default"))
    if kind == "llama3":
        params |= {"use_scaled_rope": True, "rope_scale_factor": int(scaling["factor"])}
    elif kind != "default":
        raise CheckpointError(f"RoPE scaling {kind!r} is not supported. This command supports Llama 3's scaling only.")
    return params


def convert(checkpoint: Checkpoint, folder: Path) -> tuple[Path, Path]:
    """Writes `consolidated.00.pth` and `params.json` in Meta's naming into `folder`.

    A complete Meta checkpoint stays in its place.

    Raises:
        CheckpointError: weights are missing or have another shape.
    """
    params = folder / "params.json"
    params.write_text(json.dumps(checkpoint.params, indent=2) + "\n")
    weights = _read_safetensors(checkpoint) if checkpoint.hugging_face else _read_pth(checkpoint.weights[0])
    as_it_lies = not checkpoint.hugging_face and "output.weight" in weights
    weights.setdefault("output.weight", weights.get("tok_embeddings.weight"))
    _check(weights, checkpoint)
    if as_it_lies:
        return checkpoint.weights[0], params
    path = folder / "consolidated.00.pth"
    torch.save(weights, path)
    return path, params


_NAMES = {
    "embed_tokens": "tok_embeddings",
    "norm": "norm",
    "self_attn.q_proj": "attention.wq",
    "self_attn.k_proj": "attention.wk",
    "self_attn.v_proj": "attention.wv",
    "self_attn.o_proj": "attention.wo",
    "mlp.gate_proj": "feed_forward.w1",
    "mlp.down_proj": "feed_forward.w2",
    "mlp.up_proj": "feed_forward.w3",
    "input_layernorm": "attention_norm",
    "post_attention_layernorm": "ffn_norm",
}


def meta_name(name: str) -> str | None:
    """Meta's name of a Hugging Face weight; None for those that are not weights (stored RoPE tables)."""
    if name == "lm_head.weight":
        return "output.weight"
    match = re.fullmatch(r"model\.(?:layers\.(\d+)\.)?(.+)\.weight", name)
    if match is None or match[2] not in _NAMES:
        return None
    layer = f"layers.{match[1]}." if match[1] is not None else ""
    return f"{layer}{_NAMES[match[2]]}.weight"


def interleave_rope(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Reorders the rows of a query or key weight, `[heads · head_dim, dim]`.

    Hugging Face rotates row `i` with row `i + head_dim / 2`; Meta rotates neighbours.
    """
    rows, columns = weight.shape
    return weight.view(heads, 2, rows // heads // 2, columns).transpose(1, 2).reshape(rows, columns)


def _read_safetensors(checkpoint: Checkpoint) -> dict[str, torch.Tensor]:
    from safetensors import safe_open

    params, weights = checkpoint.params, {}
    for shard in checkpoint.weights:
        with safe_open(shard, framework="pt") as file:
            for theirs in file.keys():  # noqa: SIM118 (not a dictionary)
                name = theirs if theirs in ("output.weight", "norm.weight") else meta_name(theirs)
                if name is None:
                    continue
                weight = file.get_tensor(theirs)
                if name.endswith("attention.wq.weight"):
                    weight = interleave_rope(weight, params["n_heads"])
                elif name.endswith("attention.wk.weight"):
                    weight = interleave_rope(weight, params["n_kv_heads"])
                weights[name] = weight
    return weights


def _read_pth(path: Path) -> dict[str, torch.Tensor]:
    try:
        weights = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except (RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"{path} is not a readable PyTorch checkpoint ({str(error).splitlines()[0]}). Check that the download is complete."
        ) from error
    weights = weights.get("model", weights) if isinstance(weights, dict) else {}
    return {name: weight for name, weight in weights.items() if isinstance(weight, torch.Tensor)}


def _check(weights: dict[str, torch.Tensor], checkpoint: Checkpoint) -> None:
    wanted = dict(checkpoint.shapes())
    wanted["output.weight"] = wanted["tok_embeddings.weight"]
    missing = [name for name in wanted if weights.get(name) is None]
    if missing:
        raise CheckpointError(
            f"The checkpoint lacks {len(missing)} weights, such as {missing[0]}. Check that every shard is there."
        )
    for name, shape in wanted.items():
        found = tuple(weights[name].shape)
        if found != shape:
            raise CheckpointError(
                f"{name} has the shape {found}; params.json or config.json says {shape}. Check that both belong to one model."
            )
    foreign = [name for name in weights if name not in wanted and not name.startswith("rope.")]
    if foreign:
        raise CheckpointError(f"The checkpoint is not a Llama: it has {len(foreign)} foreign weights, such as {foreign[0]}.")
