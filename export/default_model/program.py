"""Which external data an ExecuTorch program (``.pte``) asks for."""

from __future__ import annotations

import re

from .flatbuffer import root

HASHED = re.compile(rb"(?<![0-9a-z_])((?:scale_)?[0-9a-f]{64})\0")
"""A key of XNNPACK's, as it stands in a partition's own flatbuffer: the SHA-256 of the bytes."""
TENSOR = 5
"""Place of Tensor in the union KernelTypes of ExecuTorch's ``schema/program.fbs``."""
EXTERNAL = 1
"""TensorDataLocation of a tensor whose data is kept outside the program."""


def keys(program: bytes) -> set[str]:
    """Every key: hashes that the XNNPACK partitions name, and names of external tensors.

    Raises:
        ValueError: these bytes are not a program.
    """
    found = {match.decode() for match in HASHED.findall(program)}
    for plan in root(program, b"ET").tables(1):
        for value in plan.tables(2):
            tensor = value.table(1) if value.number(0, "<B") == TENSOR else None
            extra = tensor.table(9) if tensor else None
            if extra and extra.number(2, "<b") == EXTERNAL:
                found.add(extra.text(1))
    return found
