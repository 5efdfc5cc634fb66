"""``python -m export remake``: asks upstream anew for the answers of contract A's programs, and compares.

Twice for each: of the committed program, and of one that upstream's exporter makes anew in a folder that is thrown away. The
tokens have to be the committed ones. Whether the new file has the same bytes is told and no more: another processor's
training and quantising round otherwise.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import sentencepiece
import torch

from . import contract_a
from .contract_a_variants import VARIANTS
from .fixture_dialogue import Dialogues
from .fixture_export import TOKENIZER
from .llama_runtime import UpstreamRuntime

ASKED = ("promptTokens", "tokens", "reason")
"""What has to be equal; margins differ with the processor."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("--only", nargs="+", choices=sorted(VARIANTS), metavar="NAME", help=f"of {', '.join(VARIANTS)}")


def run(arguments: argparse.Namespace) -> int:
    """Prints one line a program; 1 if any differs from what is committed."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    dialogues = Dialogues(sentencepiece.SentencePieceProcessor(model_proto=TOKENIZER.read_bytes()))
    failed = 0
    for name in arguments.only or VARIANTS:
        started = time.monotonic()
        try:
            found = _compare(name, dialogues)
        except (ValueError, RuntimeError, OSError) as error:
            failed += 1
            print(f"✗ {name}: {error}", file=sys.stderr, flush=True)
        else:
            print(f"✓ {name}: {found} ({time.monotonic() - started:.0f} s)", flush=True)
    print(f"{len(arguments.only or VARIANTS) - failed} equal, {failed} different")
    return 1 if failed else 0


def _compare(name: str, dialogues: Dialogues) -> str:
    """What was found, if all is as committed.

    Raises:
        ValueError: what differs.
    """
    program, data = contract_a.FOLDER / f"{name}.pte", contract_a.FOLDER / f"{name}.ptd"
    committed = _asked(json.loads(program.with_suffix(".json").read_text(encoding="utf-8")))
    runtime = UpstreamRuntime(program, data if data.exists() else None)
    if _asked(contract_a.answers(name, runtime, dialogues)) != committed:
        raise ValueError("upstream's runtime answers otherwise than NAME.json says")
    with tempfile.TemporaryDirectory() as scratch:
        remade = _asked(contract_a.make(name, dialogues, Path(scratch)))
        if remade != committed:
            raise ValueError("upstream's exporter makes a program that answers otherwise")
        same = (Path(scratch) / program.name).read_bytes() == program.read_bytes()
    return "the same file" if same else "another file, the same tokens"


def _asked(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: entry[key] for key in ASKED} for entry in entries]
