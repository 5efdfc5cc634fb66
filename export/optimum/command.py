"""``python -m export optimum``: exports the tiny models with optimum-executorch, and asks upstream's runtime for the goldens.

Each program is in `e2e/fixtures/optimum` with the tokens and logits of upstream's own runtime beside it. The folder
`tiny-gemma-3` has the other half of an export: the files of the model's own repository, without its weights.

``--check`` makes all of it again in a temporary folder and compares. The model's own files and the Whisper must have the same
bytes. A program must give the committed tokens, and so must the committed program in upstream's runtime. The command prints
whether the new program has the same bytes; different bytes are no failure, because another processor rounds differently in
training and quantisation.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import sentencepiece
import torch

from ..fixtures.cpu_programs import FIXTURES, MAXIMUM_BYTES, TOKENIZER
from ..fixtures.dialogue import Dialogues
from ..fixtures.exam import write_expected
from .programs import Workshop, answers
from .variants import VARIANTS

FOLDER = FIXTURES / "optimum"
OWN_FILES = "tiny-gemma-3"
"""Where the own files of the tiny Gemma 3 are committed."""
WHISPER = "whisper"
ALL = (*VARIANTS, OWN_FILES, WHISPER)
ASKED = ("promptTokens", "tokens", "reason")
"""The parts of a golden that do not differ between processors."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("--only", nargs="+", choices=sorted(ALL), metavar="NAME", help=f"of {', '.join(ALL)}")
    parser.add_argument("--check", action="store_true", help="make everything again elsewhere and compare, and change no file")


def run(arguments: argparse.Namespace) -> int:
    """Prints one line for each part; returns 1 if any failed."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    dialogues = Dialogues(sentencepiece.SentencePieceProcessor(model_proto=TOKENIZER.read_bytes()))
    failed = 0
    wanted = arguments.only or list(ALL)
    with tempfile.TemporaryDirectory() as scratch:
        workshop = Workshop(Path(scratch), dialogues)
        for name in wanted:
            started = time.monotonic()
            try:
                found = (_check if arguments.check else _make)(name, workshop)
            except (ValueError, RuntimeError, OSError) as error:
                failed += 1
                print(f"✗ {name}: {error}", file=sys.stderr, flush=True)
            else:
                print(f"✓ {name}: {found} ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"{len(wanted) - failed} done, {failed} failed")
    return 1 if failed else 0


def _make(name: str, workshop: Workshop) -> str:
    """Replaces one part in the folder of fixtures; returns a summary for the printed line."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if name == OWN_FILES:
        written = workshop.own_files(FOLDER / OWN_FILES)
        return ", ".join(path.name for path in written)
    if name == WHISPER:
        return f"{_small(workshop.whisper(FOLDER / f'{WHISPER}.pte'))} bytes"
    made = workshop.program(name)
    entries = answers(made, name, workshop.dialogues)
    size = _small(made)
    (FOLDER / made.name).write_bytes(made.read_bytes())
    write_expected(FOLDER / f"{name}.json", entries)
    return f"{size} bytes, {len(entries)} answers, margin {min(entry['margin'] for entry in entries)} or more"


def _small(path: Path) -> int:
    """Returns a file's size.

    Raises:
        ValueError: it is too large for a fixture.
    """
    size = path.stat().st_size
    if size >= MAXIMUM_BYTES:
        raise ValueError(f"{path.name} has {size} bytes; a fixture must be smaller than {MAXIMUM_BYTES}.")
    return size


def _check(name: str, workshop: Workshop) -> str:
    """Compares one part with the committed one; returns a summary for the printed line.

    Raises:
        ValueError: they differ; the message says in what.
    """
    if name == OWN_FILES:
        return _same_bytes(workshop.own_files(workshop.scratch / OWN_FILES), FOLDER / OWN_FILES)
    if name == WHISPER:
        return _same_bytes([workshop.whisper(workshop.scratch / f"{WHISPER}.pte")], FOLDER)
    committed = FOLDER / f"{name}.pte"
    golden = _asked(json.loads(committed.with_suffix(".json").read_text(encoding="utf-8")))
    if _asked(answers(committed, name, workshop.dialogues)) != golden:
        raise ValueError(f"upstream's runtime gives other answers than {name}.json")
    made = workshop.program(name)
    if _asked(answers(made, name, workshop.dialogues)) != golden:
        raise ValueError("upstream's exporter makes a program with other answers")
    same = made.read_bytes() == committed.read_bytes()
    return f"{'the same file' if same else 'another file'}, the same {len(golden)} answers"


def _same_bytes(made: list[Path], folder: Path) -> str:
    different = [path.name for path in made if path.read_bytes() != (folder / path.name).read_bytes()]
    if different:
        raise ValueError(f"other bytes in {', '.join(different)}")
    return f"the same {'file' if len(made) == 1 else 'files'}"


def _asked(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: entry[key] for key in ASKED} for entry in entries]
