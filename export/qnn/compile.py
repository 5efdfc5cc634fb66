"""Compiles a Llama checkpoint for the HTP, or for its emulator, through upstream's static Llama flow in a child process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..paths import ROOT
from ..resources import GIB, PeakMemory, swap_commands
from .libraries import environment, libraries
from .tokenizer import readable_tokenizer

STAGES = {
    r"calling HybridTextDecoder::__init__": "building the graphs",
    r"calling MultiModalManager::quantize": "calibrating",
    r"Calibration complete": "quantising",
    r"calling MultiModalManager::compile": "carrying the scales over to the graphs that run",
    r"QDQ EP saved": "lowering and compiling for the HTP (the longest stage)",
    r"Finish compile_only": "writing the program",
}
"""Patterns in upstream's log, and the stage that each starts."""


class CompileError(RuntimeError):
    """The compiler failed. The message says why and what to do."""


@dataclass(frozen=True)
class QnnOptions:
    """Options of the compilation."""

    soc: str
    emulator: bool
    """True: for the x86_64 emulator, which cannot share weights between graphs. The two kinds of file are not compatible."""
    mode: str
    """`hybrid` (prefill and decode graphs) or `kv` (only decode)."""
    context: int
    prefill: int
    """Tokens of one prefill call (AR length)."""
    shards: int | None = None
    """Parts of the graph, each with its own context on the HTP; None: the default of upstream's recipe."""
    seq_mse: int | None = None
    """Steps of upstream's search for weight scales, which takes hours for 1 B; None: the recipe's default."""
    embedding: tuple[int, int] | None = None
    """Bits and group size of a quantised embedding on the CPU; None: an embedding on the HTP, in 8 or 16 bits."""
    libraries: Path | None = None
    """Folder of QAIRT's libraries; None: from PyPI."""


@dataclass(frozen=True)
class Compiled:
    """Cost of a compilation."""

    seconds: float
    peak_bytes: int
    """Peak memory and swap of this process and the compiler together."""


def compile_program(
    checkpoint: Path,
    params: Path,
    tokenizer: Path,
    calibration: list[str],
    out: Path,
    options: QnnOptions,
    *,
    parameters: int,
    stage: Callable[[str], None],
) -> Compiled:
    """Writes the program `out`.

    Args:
        checkpoint: weights in Meta's naming.
        params: Meta's `params.json`.
        tokenizer: SentencePiece or tiktoken `tokenizer.model`, or Llama 3's `tokenizer.json`.
        calibration: texts with chat markers; they set the scales of the activations.
        out: path of the program.
        options: what to compile.
        parameters: number of weights; chooses upstream's recipe.
        stage: gets the name of each stage as it starts.

    Raises:
        CompileError: upstream's flow failed.
        LibrariesError: the compiler's libraries are not available.
    """
    folder = libraries(options.libraries)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".compile-") as name:
        scratch = Path(name)
        samples = scratch / "calibration.json"
        samples.write_text(json.dumps([{"messages": [{"role": "user", "content": text}]} for text in calibration]))
        readable, recipe = readable_tokenizer(tokenizer, parameters, scratch)
        command = [
            *(sys.executable, "-u", "-m", f"{__package__}.upstream_flow"),
            *("--artifact", str(scratch / "out"), "--checkpoint", str(checkpoint), "--params", str(params)),
            *("--tokenizer_model", str(readable), "--tokenizer_bin", str(readable), *recipe),
            *("--soc_model", options.soc, "--model_mode", options.mode, "--calib_samples", str(samples)),
            *("--max_seq_len", str(options.context), "--prefill_ar_len", str(options.prefill)),
        ]
        command += ["--enable_x86_64"] if options.emulator else []
        command += ["--shards", str(options.shards)] if options.shards is not None else []
        command += ["--seq-mse", str(options.seq_mse)] if options.seq_mse is not None else []
        command += ["--embedding-quantize", "{},{}".format(*options.embedding)] if options.embedding is not None else []
        done = _run(command, environment(folder, scratch), out.with_suffix(".log"), stage)
        programs = list((scratch / "out").glob("*.pte"))
        if len(programs) != 1:
            raise CompileError(f"Upstream's flow wrote no program. Its log is {out.with_suffix('.log')}.")
        programs[0].replace(out)
    return done


def _run(command: list[str], environment: dict[str, str], log: Path, stage: Callable[[str], None]) -> Compiled:
    started, last = time.monotonic(), deque[str](maxlen=4)
    with (
        log.open("w", encoding="utf-8") as written,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as child,
    ):
        peak = PeakMemory(os.getpid())
        try:
            for line in child.stdout or ():
                written.write(line)
                # Keep the compiler's errors and the exception, without the traceback between them.
                if re.search(r"<E>|^\w*(?:Error|Exception)\b", line):
                    last.append(line.rstrip()[:300])
                for pattern, meaning in STAGES.items():
                    if re.search(pattern, line):
                        stage(meaning)
        except BaseException:
            child.kill()
            raise
        finally:
            status = child.wait()
            peak.stop()
    if status < 0 and -status == 9:
        raise CompileError(
            f"The compiler was killed at {peak.bytes / GIB:.0f} GiB, probably because memory ran out. Add swap and try again:\n"
            + swap_commands(48)
        )
    if status:
        raise CompileError(
            f"Upstream's flow failed (status {status}). Its log is {log}, with these errors:\n  " + "\n  ".join(last)
        )
    log.unlink()
    return Compiled(time.monotonic() - started, peak.bytes)
