"""Reads a Llama checkpoint in Meta's format without torch."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class _Tensors(pickle.Unpickler):
    """Reads torch's pickle of bfloat16 tensors and refuses every other class."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(io.BytesIO(archive.read(f"{root}/data.pkl")))
        self._archive, self._root = archive, root

    def find_class(self, module: str, name: str) -> object:
        """Maps the names of a checkpoint to this reader's own."""
        known = {
            ("collections", "OrderedDict"): dict,
            ("torch", "BFloat16Storage"): None,
            ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"The checkpoint contains {module}.{name}, not only bfloat16 tensors.")
        return known[module, name]

    def persistent_load(self, pid: tuple[str, ...]) -> Array:
        """Returns a storage as float32."""
        words = np.frombuffer(self._archive.read(f"{self._root}/data/{pid[2]}"), "<u2")
        return (words.astype(np.uint32) << 16).view(np.float32)


def _rebuild(storage: Array, offset: int, shape: tuple[int, ...], *_: object) -> Array:
    return storage[offset : offset + int(np.prod(shape))].reshape(shape)


class Checkpoint:
    """The weights of a Llama in float32, and its shape."""

    def __init__(self, folder: Path) -> None:
        shape = json.loads((folder / "params.json").read_text(encoding="utf-8"))
        self.dim: int = shape["dim"]
        self.layers: int = shape["n_layers"]
        self.heads: int = shape["n_heads"]
        self.kv_heads: int = shape["n_kv_heads"]
        self.vocab: int = shape["vocab_size"]
        self.norm_eps: float = shape["norm_eps"]
        self.rope_theta: float = shape["rope_theta"]
        self.head_dim = self.dim // self.heads
        with zipfile.ZipFile(folder / "consolidated.00.pth") as archive:
            root = archive.namelist()[0].partition("/")[0]
            self._tensors: dict[str, Array] = _Tensors(archive, root).load()

    def __getitem__(self, name: str) -> Array:
        return self._tensors[name]

    def rotated(self, name: str, heads: int) -> Array:
        """Returns the rows of `wq` or `wk` with each head's even columns before its odd ones.

        Meta rotates neighbouring columns; Hugging Face and AI Hub rotate the two halves of a head.
        """
        rows = self[name].reshape(heads, self.head_dim // 2, 2, self.dim)
        return rows.transpose(0, 2, 1, 3).reshape(heads * self.head_dim, self.dim)
