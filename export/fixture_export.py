"""Exports one program of the tests for the CPU, and has upstream's own runtime answer the exam with it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from .fixture_dialogue import Dialogues
from .fixture_exam import Question, examine
from .llama_options import XnnpackOptions
from .llama_runtime import UpstreamRuntime
from .llama_xnnpack import export_xnnpack

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "export/fixtures/tiny-llama"
CHECKPOINT, PARAMS_FILE, TOKENIZER = SOURCE / "consolidated.00.pth", SOURCE / "params.json", SOURCE / "tokenizer.model"
FIXTURES = ROOT / "e2e/fixtures"
MAXIMUM_BYTES = 2_000_000


def export_and_examine(
    program: Path,
    options: XnnpackOptions,
    dialogues: Dialogues,
    selection: list[Question],
    *,
    checkpoint: Path = CHECKPOINT,
    params: Path = PARAMS_FILE,
    model_class: str = "llama2",
) -> list[dict[str, Any]]:
    """Writes the program, and its `.ptd` if it has one, once its answers are right; returns them as `expected.json` has them.

    Raises:
        ValueError: an answer differs from the text or was a close call, or a file is too large to be committed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / program.name
        bos, eos = dialogues.tokenizer.bos_id(), [dialogues.end, dialogues.tokenizer.eos_id()]
        export_xnnpack(checkpoint, params, out, options, bos_id=bos, eos_ids=eos, model_class=model_class)
        data = out.with_suffix(".ptd")
        runtime = UpstreamRuntime(out, data if data.exists() else None)
        entries = examine(runtime, dialogues, selection, options.context)
        for made in filter(Path.exists, (out, data)):
            if made.stat().st_size >= MAXIMUM_BYTES:
                raise ValueError(f"{made.name} is {made.stat().st_size} bytes; fixtures stay under {MAXIMUM_BYTES}.")
            program.with_name(made.name).write_bytes(made.read_bytes())
    return entries
