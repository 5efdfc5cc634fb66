"""``python -m export optimum``: exports the tiny models with optimum-executorch, and asks upstream's runtime for the goldens.

Each program stands in `e2e/fixtures/optimum` with the tokens and logits of upstream's own runtime beside it. The folder
`tiny-gemma-3` has the other half of an export: the files of the model's own repository, without its weights.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import sentencepiece
import torch

from ..fixtures.contract_a import is_talk
from ..fixtures.contract_a_variants import RECITED
from ..fixtures.cpu_programs import FIXTURES, MAXIMUM_BYTES, TOKENIZER
from ..fixtures.dialogue import Dialogues
from ..fixtures.exam import Question, examine, questions, write_expected
from ..fixtures.upstream_runtime import UpstreamRuntime
from .variants import VARIANTS, Variant

FOLDER = FIXTURES / "optimum"
OWN_FILES = {"gemma-3": FOLDER / "tiny-gemma-3"}
"""Where a model's own files are committed."""
WHISPER = "whisper"
ALL = (*VARIANTS, WHISPER)
MOST_LOGITS = 2
"""Answers with logits, of each program: the one with the shortest and the one with the longest prompt."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("--only", nargs="+", choices=sorted(ALL), metavar="NAME", help=f"of {', '.join(ALL)}")
    parser.add_argument(
        "--check", action="store_true", help="ask with the committed programs and compare, instead of exporting"
    )


def run(arguments: argparse.Namespace) -> int:
    """Runs the subcommand; returns the exit status."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    dialogues = Dialogues(sentencepiece.SentencePieceProcessor(model_proto=TOKENIZER.read_bytes()))
    wanted = arguments.only or list(ALL)
    try:
        if arguments.check:
            for name in filter(VARIANTS.__contains__, wanted):
                _check(name, dialogues)
        else:
            _make(list(filter(VARIANTS.__contains__, wanted)), dialogues)
            if WHISPER in wanted:
                _make_whisper()
    except (ValueError, RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _make(wanted: list[str], dialogues: Dialogues) -> None:
    from .checkpoints import MODELS

    os.environ["TQDM_DISABLE"] = "1"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for model in sorted({VARIANTS[name].model for name in wanted}):
            MODELS[model](Path(scratch) / model, dialogues)
            if model in OWN_FILES:
                _copy_own_files(Path(scratch) / model, OWN_FILES[model])
        for name in wanted:
            started = time.monotonic()
            made = Path(scratch) / f"{name}.pte"
            _export(Path(scratch) / VARIANTS[name].model, VARIANTS[name], made)
            entries = _answers(made, VARIANTS[name], dialogues)
            if made.stat().st_size >= MAXIMUM_BYTES:
                raise ValueError(f"{made.name} is {made.stat().st_size} bytes; a fixture must be smaller than {MAXIMUM_BYTES}.")
            (FOLDER / made.name).write_bytes(made.read_bytes())
            write_expected(FOLDER / f"{name}.json", entries)
            margin = min(entry["margin"] for entry in entries)
            took = time.monotonic() - started
            print(
                f"{name}: {made.stat().st_size} bytes, {len(entries)} answers, margin {margin} or more, {took:.0f} s",
                flush=True,
            )


def _make_whisper() -> None:
    from .whisper import export_whisper

    torch.manual_seed(0)
    export_whisper(FOLDER / f"{WHISPER}.pte")


def _copy_own_files(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"):
        (target / name).write_bytes((source / name).read_bytes())


def _export(checkpoint: Path, variant: Variant, out: Path) -> None:
    """Exports as `optimum-cli export executorch --task text-generation` does.

    The command line itself imports every recipe, also those for which Linux has no packages.
    """
    import optimum.exporters.executorch.convert  # noqa: F401 registers the custom attention
    from optimum.exporters.executorch.recipe_registry import recipe_registry
    from optimum.exporters.executorch.tasks.causal_lm import load_causal_lm_model

    importlib.import_module(f"optimum.exporters.executorch.recipes.{variant.recipe}")
    model = load_causal_lm_model(str(checkpoint), **variant.arguments())
    recipe_registry.get(variant.recipe)(model)["model"].save(str(out))


def _answers(program: Path, variant: Variant, dialogues: Dialogues) -> list[dict[str, Any]]:
    """Asks a program in upstream's runtime; returns the golden entries.

    Raises:
        ValueError: an answer differs from the text or has too small a margin.
    """
    runtime = UpstreamRuntime(program)
    entries = examine(runtime, dialogues, _selection(), variant.context)
    by_length = sorted(entries, key=lambda entry: len(entry["promptTokens"]))
    for entry in by_length[:: max(1, len(by_length) - 1)][:MOST_LOGITS]:
        entry["logits"] = [round(value, 4) for value in runtime.logits_after(entry["promptTokens"]).tolist()]
    return entries


def _selection() -> list[Question]:
    """Returns the sentences and chats that both models know."""
    return [one for one in questions() if (one.prompt and one.prompt + one.expected in RECITED) or is_talk(one)]


def _check(name: str, dialogues: Dialogues) -> None:
    """Compares one committed program's tokens.

    Raises:
        ValueError: upstream's runtime gives others.
    """
    committed = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    asked = [[entry[key] for key in ("promptTokens", "tokens", "reason")] for entry in committed]
    found = _answers(FOLDER / f"{name}.pte", VARIANTS[name], dialogues)
    if [[entry[key] for key in ("promptTokens", "tokens", "reason")] for entry in found] != asked:
        raise ValueError(f"Upstream's runtime gives other answers than {name}.json.")
    print(f"{name}: {len(found)} answers as committed", flush=True)
