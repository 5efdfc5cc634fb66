"""``python -m export calibrate``: finds the limits of ``calibration.py``. Needs torch and ``tokenizers``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from . import calibration, gguf_source, tokenizer_json
from .calibration import Limits
from .gguf_source import Source
from .measure import FOLDER
from .reference import Reference, exact

SITES = ("qkv", "attn_output", "gate_up", "down")
"""The inputs that a layer of the reference rounds, in its order."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--gguf", type=Path, help="the GGUF file (default: the installed one)")
    parser.add_argument("--out", type=Path, default=calibration.FILE, help="the file to write (default: the committed one)")


@torch.no_grad()
def run(arguments: argparse.Namespace) -> int:
    """Watches the inputs on a text and writes the limits that leave the least rounding error."""
    from tokenizers import Tokenizer

    source = Source(arguments.gguf or gguf_source.locate())
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_json.tokenizer(source)))
    seen: list[np.ndarray] = []

    def watch(x: torch.Tensor) -> torch.Tensor:
        seen.append(x.numpy().copy())
        return x

    text = (FOLDER / "calibration.txt").read_text(encoding="utf-8")
    Reference(source.shape, exact(source), watch).logits(tokenizer.encode(text).ids)

    layers = []
    for index in range(source.shape.layers):
        inputs = dict(zip(SITES, seen[len(SITES) * index :], strict=False))
        layers.append(Limits(limit(inputs["qkv"]), limit(inputs["gate_up"]), limit(inputs["down"])))
    calibration.write(arguments.out, layers)
    return 0


def limit(x: np.ndarray) -> float:
    """The magnitude at which splitting the inputs ``[T, in]`` leaves the least rounding error.

    The part beyond the limit is mostly zeros, and zeros are exact.
    """
    power = (x**2).sum(1)
    typical = float(np.median(np.abs(x).max(1)))

    def error(bound: float) -> float:
        within = x.clip(-bound, bound)
        beyond = x - within
        spans = np.ptp(within, axis=1) ** 2 * x.shape[1] + np.ptp(beyond, axis=1) ** 2 * (beyond != 0).sum(1)
        return float((spans / power).mean())

    return float(np.float32(min(typical * np.geomspace(0.02, 1, 24), key=error)))
