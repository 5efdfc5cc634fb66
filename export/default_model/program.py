"""Reads the external data that an ExecuTorch program (``.pte``) names."""

from __future__ import annotations

from .flatbuffer import root
from .program_file import EXTERNAL, TENSOR


def external_tensors(program: bytes) -> dict[str, tuple[int, ...]]:
    """Returns names and shapes of the tensors outside of the program.

    Raises:
        ValueError: the bytes are not a program.
    """
    found = {}
    for plan in root(program, b"ET").tables(1):
        for value in plan.tables(2):
            tensor = value.table(1) if value.number(0, "<B") == TENSOR else None
            extra = tensor.table(9) if tensor else None
            if tensor and extra and extra.number(2, "<b") == EXTERNAL:
                found[extra.text(1)] = tuple(tensor.numbers(2, "<i"))
    return found
