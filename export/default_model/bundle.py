"""``python -m export bundle smollm2 --out FOLDER``: the default model's bundle, without torch.

The committed program names the data that it needs. This command fills that data with the GGUF's own blocks. It fails if a
name, a shape or a block type does not fit the program.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from . import gguf_source, program, ptd, tokenizer_json
from .decoder import Limits
from .ptd import Entry
from .weights import entries

NAME = "smollm2-135m-instruct"
PROGRAM = Path(__file__).parent / "programs" / f"{NAME}.pte"
LIMITS = Limits(context=2048, longest=256)
"""Most tokens of one call: the program plans working memory for them. Longer prompts take several calls."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("model", choices=["smollm2"], help="which bundle to make")
    parser.add_argument("--out", type=Path, required=True, help="the bundle's folder")
    parser.add_argument("--gguf", type=Path, help="the GGUF file (default: the installed one)")


def run(arguments: argparse.Namespace) -> int:
    """Makes the bundle; progress goes to standard error."""
    started = time.monotonic()

    def stage(text: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {text}", file=sys.stderr, flush=True)

    try:
        make(arguments.gguf or gguf_source.locate(), arguments.out, stage)
    except (OSError, ValueError) as error:
        print(f"The bundle was not made. {error}", file=sys.stderr)
        return 1
    return 0


def make(gguf: Path, out: Path, stage: Callable[[str], None]) -> None:
    """Writes the bundle's five files into ``out``; ``wyvern.json`` comes last.

    Raises:
        OSError: a file cannot be read or written.
        ValueError: the GGUF does not fit the program.
    """
    stage(f"reading {gguf.name}")
    source = gguf_source.Source(gguf)
    out.mkdir(parents=True, exist_ok=True)
    (out / "wyvern.json").unlink(missing_ok=True)

    stage("ordering the weights")
    found = list(entries(source, LIMITS.context))
    content = PROGRAM.read_bytes()
    check(program.external_tensors(content), found)

    stage("writing the program and its data")
    (out / "model.pte").write_bytes(content)
    ptd.write(out / "model.ptd", found)

    stage("writing the tokenizer")
    _write_json(out / "tokenizer.json", tokenizer_json.tokenizer(source), indent=None)
    _write_json(out / "tokenizer_config.json", tokenizer_json.tokenizer_config(source))

    stage("writing the checksums")
    files = ["model.pte", "model.ptd", "tokenizer.json", "tokenizer_config.json"]
    _write_json(
        out / "wyvern.json",
        {
            "name": "SmolLM2 135M Instruct",
            "license": "Apache-2.0",
            "parameters": source.parameters,
            "source": "https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct",
            "program": "model.pte",
            "data": ["model.ptd"],
            "tokenizer": "tokenizer.json",
            "stopTokens": ["<|im_end|>"],
            "target": {"backend": "portable"},
            "sha256": {name: sha256((out / name).read_bytes()).hexdigest() for name in files},
        },
    )
    stage(f"the bundle is ready in {out}")


def check(asked: dict[str, tuple[int, ...]], given: list[Entry]) -> None:
    """Compares a program's external tensors with the filled ones. A weight's shape gives its block type.

    Raises:
        ValueError: a tensor is missing, unknown, or has another shape.
    """
    found = {entry.key: entry.data.shape for entry in given}
    different = sorted(name for name in asked.keys() | found.keys() if asked.get(name) != found.get(name))
    if different:
        raise ValueError(
            f"The weights differ from those the program was made for in {len(different)} of {len(asked)} tensors, "
            f"first in {different[0]}. Is this the pinned version of the GGUF?"
        )


def _write_json(path: Path, content: dict[str, object], indent: int | None = 2) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=indent)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
