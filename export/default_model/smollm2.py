"""``python -m export smollm2``: remakes the default model's program."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import gguf_source
from .bundle import LIMITS, PROGRAM
from .decoder import program
from .weights import kinds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("--out", type=Path, default=PROGRAM, help="the program's file (default: the committed one)")
    parser.add_argument("--gguf", type=Path, help="the GGUF file (default: the installed one)")


def run(arguments: argparse.Namespace) -> int:
    """Writes the program."""
    source = gguf_source.Source(arguments.gguf or gguf_source.locate())
    content = program(source.shape, kinds(source), LIMITS)
    arguments.out.write_bytes(content)
    print(f"wrote {arguments.out}, {len(content):,} bytes", file=sys.stderr)
    return 0
