"""Makes the programs of optimum-executorch, and asks upstream's runtime for their answers."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import torch
from transformers.utils import logging

from ..fixtures.contract_a import is_talk
from ..fixtures.contract_a_variants import RECITED
from ..fixtures.dialogue import Dialogues
from ..fixtures.exam import Question, examine, questions
from ..fixtures.upstream_runtime import UpstreamRuntime
from .variants import VARIANTS

MOST_LOGITS = 2
"""Answers with logits, of each program: the one with the shortest and the one with the longest prompt."""


class Workshop:
    """Makes programs in a folder. Trains each model once, when the first program needs it."""

    def __init__(self, scratch: Path, dialogues: Dialogues) -> None:
        logging.disable_progress_bar()
        logging.set_verbosity_error()
        self.scratch, self.dialogues = scratch, dialogues

    def program(self, name: str) -> Path:
        """Exports as `optimum-cli export executorch --task text-generation` does; returns the file.

        The command line itself imports every recipe, also those for which Linux has no packages.
        """
        import optimum.exporters.executorch.convert  # noqa: F401 registers the custom attention
        from optimum.exporters.executorch.recipe_registry import recipe_registry
        from optimum.exporters.executorch.tasks.causal_lm import load_causal_lm_model

        variant = VARIANTS[name]
        checkpoint = self._checkpoint(variant.model)
        importlib.import_module(f"optimum.exporters.executorch.recipes.{variant.recipe}")
        model = load_causal_lm_model(str(checkpoint), **variant.arguments())
        out = self.scratch / f"{name}.pte"
        recipe_registry.get(variant.recipe)(model)["model"].save(str(out))
        return out

    def own_files(self, target: Path) -> list[Path]:
        """Copies the own files of the tiny Gemma 3, besides its weights; returns the copies."""
        source = self._checkpoint("gemma-3")
        target.mkdir(parents=True, exist_ok=True)
        copies = []
        for name in ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"):
            (target / name).write_bytes((source / name).read_bytes())
            copies.append(target / name)
        return copies

    def whisper(self, out: Path) -> Path:
        """Exports the tiny Whisper with random weights; returns the file."""
        from .whisper import export_whisper

        torch.manual_seed(0)
        export_whisper(out)
        return out

    def _checkpoint(self, model: str) -> Path:
        from .checkpoints import MODELS

        folder = self.scratch / model
        if not folder.exists():
            MODELS[model](folder, self.dialogues)
        return folder


def answers(program: Path, name: str, dialogues: Dialogues) -> list[dict[str, Any]]:
    """Asks a program in upstream's runtime; returns the golden entries.

    Raises:
        ValueError: an answer differs from the text or has too small a margin.
    """
    runtime = UpstreamRuntime(program)
    entries = examine(runtime, dialogues, _selection(), VARIANTS[name].context)
    by_length = sorted(entries, key=lambda entry: len(entry["promptTokens"]))
    for entry in by_length[:: max(1, len(by_length) - 1)][:MOST_LOGITS]:
        entry["logits"] = [round(value, 4) for value in runtime.logits_after(entry["promptTokens"]).tolist()]
    return entries


def _selection() -> list[Question]:
    """Returns the sentences and chats that both models know."""
    return [one for one in questions() if (one.prompt and one.prompt + one.expected in RECITED) or is_talk(one)]
