"""``python -m export llama``: makes a model bundle from a Llama checkpoint, for the CPU, for the NPU or for its emulator."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..resources import GIB, estimate, shortages
from .chat import LLAMA_3_STOP, LLAMA_3_TEMPLATE, calibration_texts, is_llama_3, template_beside
from .checkpoint import Checkpoint, convert, find

Stage = Callable[[str], None]
DEVICES = ("SC8380XP", "SM8750")
"""Snapdragon X Elite and X Plus (V73), Snapdragon 8 Elite (V79)."""
EMULATED_SOC = "SC8380XP"
"""The chip of ``--target emulator``, unless ``--soc`` names another."""


@dataclass(frozen=True)
class Source:
    """A checkpoint in Meta's naming, ready for upstream's flows."""

    weights: Path
    params: Path
    checkpoint: Checkpoint


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    add, path = parser.add_argument, Path
    add("--checkpoint", type=path, required=True, help="folder, .pth, .safetensors or *.safetensors.index.json")
    add("--params", type=path, help="params.json or config.json (default: the one beside the weights)")
    add("--tokenizer", type=path, required=True, help="tokenizer.model (SentencePiece or tiktoken) or tokenizer.json")
    add("--target", required=True, choices=["xnnpack", "emulator", *DEVICES], help="CPU, HTP emulator, or a chip's NPU")
    add("--soc", choices=list(DEVICES), help="with --target emulator: the chip that the file names (default SC8380XP)")
    add("--out", type=path, required=True, help="the bundle's folder; made if it does not exist")
    add("--name", help="the model's name in the app (default: the folder's name)")
    add("--license", default="unknown", help="the model's licence, shown by the app")
    add("--context", type=int, default=1024, help="tokens of prompt and answer together (default 1024)")
    add("--ar", type=int, default=128, help="NPU: AR length, tokens of one prefill call (default 128)")
    add("--mode", choices=["hybrid", "kv"], default="hybrid", help="NPU: prefill and decode graphs, or only decode")
    add("--shards", type=int, help="NPU: parts, each below 4 GB (default: 1, for 3B 3)")
    add(
        "--seq-mse",
        type=int,
        metavar="STEPS",
        help="NPU: steps of the search for weight scales; 0 is off (default: upstream's)",
    )
    add("--calibration", type=path, metavar="FILE", help="NPU: JSON conversations or plain text (default: our own)")
    add("--chat-template", type=path, metavar="FILE", help="Jinja template (default: the tokenizer's, or Llama 3's)")
    add("--stop-token", action="append", metavar="TOKEN", help="ends an answer; repeat for several")
    add("--completion", action="store_true", help="for a base model: continue text, without a chat template")
    add("--qnn-libraries", type=path, metavar="FOLDER", help="QAIRT's libraries (default: fetched from PyPI)")
    add("--force", action="store_true", help="continue although memory or disk may be short")


def run(arguments: argparse.Namespace) -> int:
    """Makes the bundle; progress and errors go to standard error."""
    started = time.monotonic()

    def stage(text: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {text}", file=sys.stderr, flush=True)

    try:
        _make(arguments, stage)
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        print(f"The bundle was not made. {error}", file=sys.stderr)
        return 1
    return 0


def _make(arguments: argparse.Namespace, stage: Stage) -> None:
    _check_arguments(arguments)
    npu = arguments.target != "xnnpack"
    checkpoint = find(arguments.checkpoint, arguments.params)
    template, stop = _chat(arguments)
    arguments.out.mkdir(parents=True, exist_ok=True)
    needs = estimate(checkpoint.parameters, checkpoint.bytes if checkpoint.hugging_face else 0, npu=npu)
    size = f"{checkpoint.parameters / 1e6:.1f} M weights in {checkpoint.params['n_layers']} layers"
    stage(f"{size}; about {needs.memory / GIB:.0f} GiB of memory and {needs.disk / GIB:.1f} GiB of disk will be used")
    short = shortages(needs, arguments.out)
    if short and not arguments.force:
        raise ValueError("\n".join([*short, "Or continue at your own risk with --force."]))
    (arguments.out / "wyvern.json").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.out, prefix=".checkpoint-") as scratch:
        stage("reading the checkpoint")
        weights, params = convert(checkpoint, Path(scratch))
        program = arguments.out / "model.pte"
        source = Source(weights.resolve(), params.resolve(), checkpoint)
        if npu:
            _compile_for_npu(arguments, source, program.resolve(), calibration_texts(arguments.calibration, template), stage)
        else:
            _export_for_cpu(arguments, source, program.resolve(), stop, stage)
    files = ["model.pte", *_copy_tokenizer(arguments.tokenizer, arguments.out)]
    stage("writing the checksums")
    _write_manifest(arguments, files, template, stop)
    stage(f"the bundle is ready in {arguments.out} ({program.stat().st_size / 1e6:.1f} MB)")


def _check_arguments(arguments: argparse.Namespace) -> None:
    if not arguments.tokenizer.is_file():
        raise ValueError(f"{arguments.tokenizer} does not exist. Give the model's tokenizer with --tokenizer.")
    if arguments.soc and arguments.target != "emulator":
        raise ValueError("--soc is only for --target emulator. For a device, name the chip with --target.")
    if arguments.context < 16:
        raise ValueError("--context must be at least 16.")
    if arguments.target != "xnnpack" and arguments.mode == "hybrid" and not 1 < arguments.ar < arguments.context:
        raise ValueError("--ar must be at least 2 and less than --context.")


def _chat(arguments: argparse.Namespace) -> tuple[str | None, list[str]]:
    stop = arguments.stop_token or []
    if arguments.completion:
        return None, stop
    llama_3 = is_llama_3(arguments.tokenizer)
    if arguments.chat_template:
        template = arguments.chat_template.read_text(encoding="utf-8")
    else:
        template = template_beside(arguments.tokenizer) or (LLAMA_3_TEMPLATE if llama_3 else None)
    if template is None:
        raise ValueError("The tokenizer has no chat template. Give one with --chat-template, or --completion for a base model.")
    return template, stop or (LLAMA_3_STOP if llama_3 else [])


def _export_for_cpu(arguments: argparse.Namespace, source: Source, program: Path, stop: list[str], stage: Stage) -> None:
    from .ending_tokens import ending_tokens
    from .xnnpack import export_xnnpack
    from .xnnpack_options import XnnpackOptions

    bos, eos = ending_tokens(arguments.tokenizer, stop)
    family = "llama3_2" if source.checkpoint.params.get("use_scaled_rope") else "llama2"
    stage("exporting for XNNPACK (minutes for 1B)")
    options = XnnpackOptions(context=arguments.context)
    export_xnnpack(source.weights, source.params, program, options, bos_id=bos, eos_ids=eos, model_class=family)


def _compile_for_npu(
    arguments: argparse.Namespace, source: Source, program: Path, calibration: list[str], stage: Stage
) -> None:
    from ..qnn.compile import QnnOptions, compile_program

    options = QnnOptions(
        soc=_soc(arguments),
        emulator=arguments.target == "emulator",
        mode=arguments.mode,
        context=arguments.context,
        prefill=arguments.ar,
        shards=arguments.shards,
        seq_mse=arguments.seq_mse,
        libraries=arguments.qnn_libraries,
    )
    tokenizer, parameters = arguments.tokenizer.resolve(), source.checkpoint.parameters
    done = compile_program(
        source.weights, source.params, tokenizer, calibration, program, options, parameters=parameters, stage=stage
    )
    stage(f"compiled in {done.seconds / 60:.1f} minutes, {done.peak_bytes / GIB:.1f} GiB of memory and swap at most")


def _soc(arguments: argparse.Namespace) -> str:
    return (arguments.soc or EMULATED_SOC) if arguments.target == "emulator" else arguments.target


def _copy_tokenizer(tokenizer: Path, out: Path) -> list[str]:
    """Copies the tokenizer and its configuration; returns the names, the tokenizer's first."""
    name = "tokenizer.json" if tokenizer.suffix == ".json" else "tokenizer.model"
    found = [(tokenizer, name)]
    found += [(tokenizer.with_name(n), n) for n in ("tokenizer_config.json", "generation_config.json")]
    copied = []
    for source, target in found:
        if source.is_file():
            if source.resolve() != (out / target).resolve():
                shutil.copyfile(source, out / target)
            copied.append(target)
    return copied


def _write_manifest(arguments: argparse.Namespace, files: list[str], template: str | None, stop: list[str]) -> None:
    out, target = arguments.out, {"backend": "xnnpack"}
    if arguments.target != "xnnpack":
        target = {"backend": "qnn", "soc": _soc(arguments)}
    manifest = {
        "name": arguments.name or out.resolve().name,
        "license": arguments.license,
        "program": "model.pte",
        "tokenizer": files[1],
        **({"chatTemplate": template} if template is not None else {"completion": True}),
        **({"stopTokens": stop} if stop else {}),
        "target": target,
        "sha256": {name: _sha256(out / name) for name in files},
    }
    (out / "wyvern.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
