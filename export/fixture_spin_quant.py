"""The tiny model as SpinQuant's rotation R4 leaves a checkpoint.

R4 multiplies the inputs of a feed-forward's last layer by a Hadamard matrix at run time
(`llama::fast_hadamard_transform`) and its weights by the inverse beforehand, so the model says what it said. Upstream's
operator takes 2^n and 28 · 2^n values, and the model has 192 = 3 · 2^6; neurons that do nothing fill up the rest.
Source: upstream's `examples/models/llama/source_transformation/spin_quant.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
import torch.nn.functional as F

from .llama_options import GROUP


def write_checkpoint(checkpoint: Path, params: Path, hidden: int, folder: Path) -> tuple[Path, Path]:
    """Returns the paths of the rotated model's checkpoint and of its `params.json`.

    Args:
        checkpoint: weights in Meta's naming.
        params: their `params.json`.
        hidden: width of the feed-forward with the idle neurons, 2^n or 28 · 2^n.
        folder: where to write both.
    """
    weights = torch.load(checkpoint, weights_only=True)
    for name, weight in weights.items():
        if name.endswith(".w2.weight"):
            weights[name] = _rotated(F.pad(weight.float(), (0, hidden - weight.shape[1]))).to(weight.dtype)
        elif name.endswith((".w1.weight", ".w3.weight")):
            weights[name] = F.pad(weight, (0, 0, 0, hidden - weight.shape[0]))
    config = json.loads(params.read_text()) | {"hidden_dim": hidden, "quantization_args": {"group_size": GROUP}}
    out, out_params = folder / "rotated.pth", folder / "params.json"
    torch.save(weights, out)
    out_params.write_text(json.dumps(config))
    return out, out_params


def _rotated(weight: torch.Tensor) -> torch.Tensor:
    """`[out, in]` weights for rotated inputs: the operator's rows are at right angles and equally long."""
    from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  # registers the operator

    matrix = torch.ops.llama.fast_hadamard_transform(torch.eye(weight.shape[1]))
    return weight @ matrix / matrix[0].square().sum()
