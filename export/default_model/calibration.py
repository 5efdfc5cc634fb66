"""Where the inputs of a layer's linear layers are split before they are rounded to 8 bits.

XNNPACK gives a token's whole vector one scale, so a few large values leave the others few
steps. So the input is split into what lies within a limit and what exceeds it, both parts are
rounded, each with a scale of its own, and the two products are added. What exceeds the limit
is mostly zeros, and zeros are exact. Attention's output needs no split: its values are alike.

The limits were found by ``calibrate.py``; they are part of the program.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).parent / "programs" / "smollm2-135m-instruct.calibration.json"


@dataclass(frozen=True)
class Limits:
    """One layer's limits, by the linear layer whose input they split."""

    qkv: float
    gate_up: float
    down: float


def write(path: Path, layers: list[Limits]) -> None:
    """Writes the limits as JSON, a layer a line."""
    lines = ",\n  ".join(json.dumps(asdict(limits)) for limits in layers)
    path.write_text(f"[\n  {lines}\n]\n", encoding="utf-8", newline="\n")


def load(path: Path = FILE) -> list[Limits]:
    """Reads the limits of the committed program, layer by layer."""
    return [Limits(**limits) for limits in json.loads(path.read_text(encoding="utf-8"))]
