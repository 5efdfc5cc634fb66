"""Programs of contract A, upstream's standard export, that differ in one thing each: `e2e/fixtures/contract-a/NAME.pte`.

Each has the tokens of upstream's own runtime beside it, `NAME.json`. They have no tokenizer: the tiny model's serves all.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from . import fixture_families, fixture_spin_quant
from .contract_a_variants import RECITED, VARIANTS, Variant
from .fixture_dialogue import Dialogues
from .fixture_exam import Question, examine, questions, write_expected
from .fixture_export import CHECKPOINT, FIXTURES, PARAMS_FILE, export_and_examine
from .llama_runtime import UpstreamRuntime

FOLDER = FIXTURES / "contract-a"


def make(name: str, dialogues: Dialogues, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Exports one program and writes it with its golden tokens, which are returned.

    Raises:
        ValueError: an answer differs from the text or was a close call, or a file is too large to be committed.
    """
    variant = VARIANTS[name]
    with tempfile.TemporaryDirectory() as scratch:
        model: dict[str, Any] = {}
        if variant.family is not None:
            checkpoint, params = fixture_families.write_checkpoint(variant.family, dialogues, Path(scratch))
            model = {"checkpoint": checkpoint, "params": params, "model_class": variant.family.model_class}
        elif variant.hidden is not None:
            written = fixture_spin_quant.write_checkpoint(CHECKPOINT, PARAMS_FILE, variant.hidden, Path(scratch))
            model = dict(zip(("checkpoint", "params"), written, strict=True))
        entries = export_and_examine(folder / f"{name}.pte", variant.options, dialogues, _selection(variant), **model)
    write_expected(folder / f"{name}.json", entries)
    return entries


def answers(name: str, runtime: UpstreamRuntime, dialogues: Dialogues) -> list[dict[str, Any]]:
    """What a program of this name has to answer, asked of one that is loaded.

    Raises:
        ValueError: an answer differs from the text or was a close call.
    """
    variant = VARIANTS[name]
    return examine(runtime, dialogues, _selection(variant), variant.options.context)


def _selection(variant: Variant) -> list[Question]:
    """A few short questions; what a family recites; of windows also what fills them several times."""
    known = questions()
    if variant.family is not None:
        return [question for question in known if question.prompt and question.prompt + question.expected in RECITED]
    if variant.options.windows:
        return [question for question in known if not question.messages or question.endless or len(question.messages) > 4]
    return [question for question in known if len(question.expected) < 80 and not question.endless][::3]
