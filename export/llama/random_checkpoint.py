"""``python -m export random-checkpoint``: a checkpoint of a known model's shape with random weights.

Its text has no meaning, and its label says so. Use it to measure the time, memory and disk that compiling such a model takes,
before you download the real weights.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from .checkpoint import Checkpoint, complete

_LLAMA_3: dict[str, Any] = {
    **{"n_kv_heads": 8, "multiple_of": 256, "vocab_size": 128256},
    **{"norm_eps": 1e-5, "rope_theta": 500000.0, "use_scaled_rope": True},
}
SHAPES: dict[str, dict[str, Any]] = {
    "llama-3.2-1b": {"dim": 2048, "n_layers": 16, "n_heads": 32, "ffn_dim_multiplier": 1.5, **_LLAMA_3},
    "llama-3.2-3b": {"dim": 3072, "n_layers": 28, "n_heads": 24, "ffn_dim_multiplier": 1.0, **_LLAMA_3},
}
"""Each shape's `params.json` in Meta's format. In both, embedding and output head share one table."""
SPECIAL_TOKENS = 256
"""Number of special tokens at the end of Llama 3's vocabulary; its tokenizer file does not list them."""
LABEL = "Random weights in the shape of {shape}, and a made-up tokenizer. The text of a model made from them has no meaning.\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("--shape", choices=list(SHAPES), default="llama-3.2-1b", help="the shape (default llama-3.2-1b)")
    parser.add_argument("--out", type=Path, required=True, help="output folder; made if it does not exist")


def run(arguments: argparse.Namespace) -> int:
    """Runs the subcommand; returns the exit status."""
    out, params = arguments.out, SHAPES[arguments.shape]
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "README.txt").write_text(LABEL.format(shape=arguments.shape))
        (out / "params.json").write_text(json.dumps(params, indent=2) + "\n")
        (out / "tokenizer.model").write_bytes(b"\n".join(made_up_ranks(params["vocab_size"] - SPECIAL_TOKENS)) + b"\n")
        torch.save(random_weights(complete(params)), out / "consolidated.00.pth")
    except OSError as error:
        print(f"The checkpoint was not written. {error}", file=sys.stderr)
        return 1
    size = sum(file.stat().st_size for file in out.iterdir())
    print(f"{out}: random weights in the shape of {arguments.shape}, {size / 1e9:.2f} GB", file=sys.stderr)
    return 0


def random_weights(params: dict[str, Any], *, seed: int = 1) -> dict[str, torch.Tensor]:
    """Returns random weights in Meta's naming, bfloat16, scaled like a new model's. The output head is the embedding.

    Args:
        params: the result of `checkpoint.complete`.
        seed: of the random numbers.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in Checkpoint((), params, hugging_face=False).shapes():
        weight = torch.empty(shape, dtype=torch.bfloat16)
        weights[name] = weight.fill_(1) if len(shape) == 1 else weight.normal_(std=0.02, generator=generator)
    return {**weights, "output.weight": weights["tok_embeddings.weight"]}


def made_up_ranks(count: int) -> Iterator[bytes]:
    """Returns `count` lines of a tiktoken file: every byte, then pairs of bytes, then triples."""
    pieces = (bytes(piece) for length in itertools.count(1) for piece in itertools.product(range(256), repeat=length))
    for rank, piece in enumerate(itertools.islice(pieces, count)):
        yield base64.b64encode(piece) + b" " + str(rank).encode()
