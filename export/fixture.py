"""``python -m export fixture``: trains the tests' tiny Llama and exports the bundles and programs that tests run.

Training writes the checkpoint to ``export/fixtures/tiny-llama``; exporting starts from there, so new exports need no
retraining. Every program's answers are asked for in upstream's own runtime and recorded beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import sentencepiece
import torch

from . import contract_a
from .contract_a_variants import VARIANTS
from .fixture_dialogue import CHAT_TEMPLATE, END, Dialogues, train_tokenizer
from .fixture_exam import questions, write_expected
from .fixture_export import CHECKPOINT, FIXTURES, PARAMS_FILE, ROOT, SOURCE, TOKENIZER, export_and_examine
from .fixture_qnn import BUNDLES as QNN_BUNDLES
from .fixture_qnn import CONTEXT_BUNDLE, compile_bundle, wrap_context
from .fixture_train import CONTEXT_LENGTH, PARAMS, train
from .llama_options import XnnpackOptions

DEFAULT = XnnpackOptions(context=CONTEXT_LENGTH)
ALL = ("tiny-llama", *VARIANTS, *QNN_BUNDLES, CONTEXT_BUNDLE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("--train", action="store_true", help="train anew instead of using the committed checkpoint")
    parser.add_argument("--only", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)}")


def run(arguments: argparse.Namespace) -> int:
    """Runs the subcommand; returns the exit status."""
    torch.set_num_threads(1)
    if arguments.train or not CHECKPOINT.exists():
        _train()
    dialogues = Dialogues(sentencepiece.SentencePieceProcessor(model_proto=TOKENIZER.read_bytes()))
    wanted = arguments.only if arguments.only is not None else list(ALL)
    try:
        if "tiny-llama" in wanted:
            make_bundle(dialogues)
        for name in filter(wanted.__contains__, VARIANTS):
            make_variant(dialogues, name)
        for name in filter(wanted.__contains__, QNN_BUNDLES):
            make_qnn_bundle(dialogues, name)
        if CONTEXT_BUNDLE in wanted:
            make_context_bundle()
    except (ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train() -> None:
    SOURCE.mkdir(parents=True, exist_ok=True)
    TOKENIZER.write_bytes(train_tokenizer())
    dialogues = Dialogues(sentencepiece.SentencePieceProcessor(model_proto=TOKENIZER.read_bytes()))
    torch.save(train(dialogues), CHECKPOINT)
    PARAMS_FILE.write_text(json.dumps(PARAMS, indent=2) + "\n")


def make_bundle(dialogues: Dialogues) -> None:
    """The bundle that end-to-end tests load: the kind of program that real models are exported to."""
    folder, started = FIXTURES / "tiny-llama", time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    entries = export_and_examine(folder / "model.pte", DEFAULT, dialogues, questions())
    (folder / "tokenizer.model").write_bytes(TOKENIZER.read_bytes())
    write_expected(folder / "expected.json", entries)
    write_manifest(folder, {"backend": "xnnpack"})
    _report(folder / "model.pte", entries, started)


def make_variant(dialogues: Dialogues, name: str) -> None:
    """One program of contract A with its golden tokens."""
    started = time.monotonic()
    contract_a.FOLDER.mkdir(parents=True, exist_ok=True)
    _report(contract_a.FOLDER / f"{name}.pte", contract_a.make(name, dialogues), started)


def make_qnn_bundle(dialogues: Dialogues, name: str) -> None:
    """A bundle for the HTP or its emulator, from the same checkpoint."""
    folder, started = FIXTURES / name, time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "model.pte"
    entries = compile_bundle(name, CHECKPOINT, PARAMS_FILE, TOKENIZER, program, dialogues)
    (folder / "tokenizer.model").write_bytes(TOKENIZER.read_bytes())
    if entries:
        write_expected(folder / "expected.json", entries)
    write_manifest(folder, {"backend": "qnn", "soc": QNN_BUNDLES[name].soc})
    _report(program, entries, started)


def make_context_bundle() -> None:
    """A bundle around a bare context binary, from the kv bundle beside it."""
    folder, started = FIXTURES / CONTEXT_BUNDLE, time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    wrap_context(FIXTURES / "tiny-llama-qnn-kv/model.pte", folder / "model.pte")
    (folder / "tokenizer.model").write_bytes(TOKENIZER.read_bytes())
    write_manifest(folder, {"backend": "qnn", "soc": QNN_BUNDLES["tiny-llama-qnn-kv"].soc})
    _report(folder / "model.pte", [], started)


def write_manifest(folder: Path, target: dict[str, str]) -> None:
    """Writes the bundle's `wyvern.json`, checksums included."""
    files = ("model.pte", "tokenizer.model")
    manifest = {
        "name": "Tiny wyvern (test model)",
        "license": "Apache-2.0",
        "program": "model.pte",
        "tokenizer": "tokenizer.model",
        "chatTemplate": CHAT_TEMPLATE,
        "stopTokens": [END],
        "sampling": {"temperature": 0},
        "target": target,
        "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files},
    }
    (folder / "wyvern.json").write_text(json.dumps(manifest, indent=2) + "\n")


def _report(program: Path, entries: list[dict[str, Any]], started: float) -> None:
    margin = min((entry["margin"] for entry in entries), default=None)
    size, took = program.stat().st_size, time.monotonic() - started
    print(
        f"{program.relative_to(ROOT)}: {size} bytes, {len(entries)} answers, margin {margin} or more, {took:.0f} s", flush=True
    )
