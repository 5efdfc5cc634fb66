"""``python -m export smollm2``: remakes the default model's program. Needs torch and ExecuTorch."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path

from . import calibration, gguf_source
from .bundle import CONTEXT, LONGEST_CALL, PROGRAM
from .decoder import Decoder
from .lower import lower
from .weights import Weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--out", type=Path, default=PROGRAM, help="the program's file (default: the committed one)")
    parser.add_argument("--gguf", type=Path, help="the GGUF file (default: the installed one)")
    parser.add_argument("--data", type=Path, help="a folder for the exporter's own model.ptd, to compare or to try")
    parser.add_argument("--layers", type=int, help="only the first layers, for trials")


def run(arguments: argparse.Namespace) -> int:
    """Exports the program; progress goes to standard error."""
    started = time.monotonic()
    source = gguf_source.Source(arguments.gguf or gguf_source.locate())
    shape = source.shape
    if arguments.layers:
        shape = dataclasses.replace(shape, layers=arguments.layers)
    model = Decoder(shape, Weights(source), calibration.load(), CONTEXT).eval()
    print(f"[{time.monotonic() - started:5.1f} s] lowering {shape.layers} layers", file=sys.stderr, flush=True)
    program = lower(model, LONGEST_CALL, metadata(shape))
    arguments.out.write_bytes(program.buffer)
    if arguments.data:
        program.write_tensor_data_to_file(str(arguments.data))
    print(f"[{time.monotonic() - started:5.1f} s] wrote {arguments.out}, {len(program.buffer):,} bytes", file=sys.stderr)
    return 0


def metadata(shape: gguf_source.Shape) -> dict[str, object]:
    """The constant methods by which upstream's runtime and ours know a model."""
    return {
        "get_max_seq_len": LONGEST_CALL,
        "get_max_context_len": CONTEXT,
        "get_vocab_size": shape.vocab,
        "get_n_layers": shape.layers,
        "use_kv_cache": True,
        "use_sdpa_with_kv_cache": True,
        "enable_dynamic_shape": True,
    }
