"""``python -m export genie-fixture``: makes the tests' model folders in the form of Qualcomm's AI Hub.

QNN's C interface compiles the tiny Llama of ``export/fixtures`` for the HTP emulator that set-up unpacks. It needs numpy and
no torch. QNN prints what it does.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..paths import ROOT
from ..qnn.libraries import LibrariesError, libraries
from .bundle import write_bundle
from .checkpoint import Checkpoint
from .graph import ufixed16
from .oddity import Oddity
from .parts import Plan, compile_part, compile_parts
from .qnn_interface import Library, QnnError
from .ranges import Ranges, find_ranges
from .tiled import tiled_part

FIXTURES = ROOT / "e2e/fixtures"
SOURCE = ROOT / "export/fixtures/tiny-llama"
EXAM = FIXTURES / "tiny-llama"
"""The exam of the same checkpoint, which upstream's runtime passed: prompts, answers and their tokens."""

EMBEDDING = "embedding_uint16_lut.raw"

BUNDLES = {
    "tiny-llama-genie": Plan((128, 256, 512), prefill=32, weight_bits=4),
    "tiny-llama-genie-fp16": Plan((256,), prefill=32, weight_bits=None),
    "tiny-llama-genie-device": Plan((256,), prefill=32, weight_bits=4, shares_weights=True),
    "tiny-llama-genie-heads": Plan(
        (128,), 32, 4, splits=((), (0, 1, 2), (3, 4), ()), oddity=Oddity(per_head=True, taken_scales={2: 1.25})
    ),
}
"""The third shares weights between its graphs, which only a device can run. The last has everything odd that the app runs:
a cache a head, a part that takes its hidden state in another encoding, and the head as a part of its own."""

ODD = "tiny-llama-genie-odd"
"""A folder with parts of a model of one layer, each odd in one way that the app refuses."""
ODD_PLAN = Plan((32,), prefill=None, weight_bits=4, splits=((), (0,)))
USUAL = "usual"
ODDITIES = {
    USUAL: Oddity(),
    "cache-index": Oddity(extra_input="cache_index"),
    "cache-in-place": Oddity(in_place=True),
    "window-cache": Oddity(
        names={f"past_{one}_0_{way}": f"swa_{one}_0_{way}" for one in ("key", "value") for way in ("in", "out")}
    ),
    "window-mask": Oddity(extra_input="attention_mask_swa"),
    "window-rotation": Oddity(extra_input="position_ids_local_cos"),
    "adapter": Oddity(extra_input="lora_alpha"),
    "missing-head": Oddity(
        per_head=True,
        names={f"past_{one}_0_h3_{way}": f"past_{one}_0_h5_{way}" for one in ("key", "value") for way in ("in", "out")},
    ),
    "half-a-cache": Oddity(names={"past_value_0_out": "value_0_out"}),
    "other-encoding": Oddity(written_scale=2.0),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("--only", nargs="*", metavar="NAME", help=f"of {', '.join([*BUNDLES, ODD])}")
    parser.add_argument("--qnn", type=Path, metavar="FOLDER", help="Qualcomm's libraries (default: those of set-up)")


def run(arguments: argparse.Namespace) -> int:
    """Runs the subcommand; returns the exit status."""
    known = [*BUNDLES, ODD]
    wanted = known if arguments.only is None else arguments.only
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"There is no bundle {', '.join(unknown)}. Choose from {', '.join(known)}.", file=sys.stderr)
        return 2
    exam = json.loads((EXAM / "expected.json").read_text(encoding="utf-8"))
    model = Checkpoint(SOURCE)
    ranges = find_ranges(model, (entry["promptTokens"] + entry["tokens"] for entry in exam))
    try:
        library = Library(libraries(arguments.qnn), soc=60, arch=73)
        for name in wanted:
            if name == ODD:
                _make_odd(library, model, ranges)
            else:
                _make(name, library, model, ranges, exam)
    except (LibrariesError, QnnError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _make_odd(library: Library, model: Checkpoint, ranges: Ranges) -> None:
    folder = FIXTURES / ODD
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "embedding.bin").write_bytes(compile_part(library, model, ranges, ODD_PLAN, 0))
    (folder / "tiled-cache.bin").write_bytes(tiled_part(library, 2, 2))
    for name, oddity in ODDITIES.items():
        (folder / f"{name}.bin").write_bytes(compile_part(library, model, ranges, replace(ODD_PLAN, oddity=oddity), 1))
    sizes = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder.relative_to(ROOT)}: {len(ODDITIES) + 2} files, {sizes} bytes", flush=True)


def _make(name: str, library: Library, model: Checkpoint, ranges: Ranges, exam: list[dict[str, Any]]) -> None:
    plan, folder, started = BUNDLES[name], FIXTURES / name, time.monotonic()
    binaries = compile_parts(library, model, ranges, plan)
    template = json.loads((EXAM / "wyvern.json").read_text(encoding="utf-8"))["chatTemplate"]
    tokenizer = (SOURCE / "tokenizer.model").read_bytes()
    write_bundle(
        folder,
        binaries,
        model,
        tokenizer,
        context=max(plan.contexts),
        template=template,
        shares_weights=plan.shares_weights,
    )
    if name == "tiny-llama-genie":
        # The same table as the first part's, for models whose embedding runs on the CPU.
        encoding = ufixed16(*ranges["embedding"])
        (folder / EMBEDDING).write_bytes(encoding.quantise(model["tok_embeddings.weight"]).tobytes())
    if not plan.shares_weights:
        fitting = [one for one in exam if len(one["promptTokens"]) + len(one["tokens"]) < max(plan.contexts)]
        lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in fitting)
        (folder / "expected.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")
    sizes = ", ".join(str(len(binary)) for binary in binaries)
    print(f"{folder.relative_to(ROOT)}: parts of {sizes} bytes, {time.monotonic() - started:.0f} s", flush=True)
