"""A bundle in Wyvern's own runtime, on a processor of choice. No torch. Build the addon first (``npm run setup``)."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Final

import numpy as np

from ..paths import ROOT

PROCESSORS: Final = {"AVX2": "avx2", "AVX-512 VNNI": "avx512-vnni", "dotprod": "dotprod", "i8mm": "i8mm"}
"""Wyvern's instruction sets (``native/kernels/instruction_set.cpp``) by the names in README.md. QEMU emulates the arm64
processors that have the last two."""


class ProgramError(Exception):
    """The program ended. Its process has printed the reason."""


class Program:
    """Runs a bundle, one token a call as in decode, and digests the logits that it returns."""

    def __init__(self, folder: Path, instruction_set: str | None = None) -> None:
        """Loads the bundle. ``None`` takes the best instruction set of this machine.

        Raises:
            ProgramError: The bundle or the instruction set does not work here.
        """
        here = Path(__file__).parent
        command = (
            [here / "logits.mjs", folder] if instruction_set is None else [here / "processor.mjs", instruction_set, folder]
        )
        node = ROOT / "node_modules" / "node" / "bin" / "node"
        self._name = f"{folder.name} with {instruction_set or 'the best instruction set'}"
        self._process = subprocess.Popen([node, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._digest = hashlib.sha256()
        self._vocab = int(np.frombuffer(self._read(4), dtype="<u4")[0])

    def logits(self, tokens: list[int], first: int = 0) -> np.ndarray:
        """Returns the logits after each token from index ``first`` on, float32 ``[len(tokens) - first, vocab]``.

        The tokens before ``first`` run in one call.
        """
        try:
            self._process.stdin.write(json.dumps({"tokens": tokens, "first": first}).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ProgramError(f"{self._name} ended early. The lines above say why.") from None
        content = self._read(4 * self._vocab * (len(tokens) - first))
        self._digest.update(content)
        return np.frombuffer(content, dtype="<f4").reshape(-1, self._vocab).copy()

    @property
    def digest(self) -> str:
        """SHA-256 of all returned logits, in hexadecimal."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Ends the process."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def _read(self, size: int) -> bytes:
        content = self._process.stdout.read(size)
        if len(content) < size:
            self._process.wait()
            raise ProgramError(f"{self._name} ended early. The lines above say why.")
        return content
