"""Compiles the tests' NPU bundles from the tiny model, and has the HTP emulator answer their questions."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import fixture_text as text
from .fixture_dialogue import Dialogues
from .fixture_exam import Question, examine, questions, render
from .qnn import QnnOptions, compile_program
from .qnn_libraries import environment, libraries
from .qnn_runtime import QnnRuntime, load_backend

HYBRID = QnnOptions(soc="SC8380XP", emulator=True, mode="hybrid", context=256, prefill=32)
BUNDLES = {
    "tiny-llama-qnn-hybrid": HYBRID,
    "tiny-llama-qnn-kv": replace(HYBRID, mode="kv"),
    "tiny-llama-qnn-v79": replace(HYBRID, mode="kv", soc="SM8750"),
    "tiny-llama-qnn-sharded": replace(HYBRID, context=128, shards=2),
    "tiny-llama-qnn-embedding": replace(HYBRID, context=128, embedding=(4, 32)),
    "tiny-llama-qnn-device": replace(HYBRID, emulator=False),
}
"""The last is for a Snapdragon X itself: the emulator must refuse it, so nothing is asked of it."""
PARAMETERS = 311_000


CONTEXT_BUNDLE = "tiny-llama-qnn-context"
"""The kv program's context binary, wrapped as one of Qualcomm's own tools would be."""


def wrap_context(program: Path, out: Path) -> None:
    """Writes a program around the context binary of another.

    Raises:
        ValueError: upstream's tools failed; the message has their last words.
    """
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", f"{__package__}.qnn_context", str(program), str(out)]
        here = environment(libraries(None), Path(scratch))
        done = subprocess.run(command, cwd=Path(__file__).parents[1], env=here, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(f"The context binary of {program} cannot be wrapped: {done.stderr.strip()[-400:]}")


def calibration() -> list[str]:
    """Everything the model knows, chat markers written out: the scales then cover all it will ever compute."""
    endless = text.ENDLESS.answer + text.ENDLESS_UNIT * 60
    texts = []
    for question in questions():
        prompt = render(question.messages).removeprefix("<s>") if question.messages else question.prompt
        answer = endless if question.endless else question.expected
        texts.append(prompt + answer + ("<|end|>" if question.messages and not question.endless else ""))
    return texts


def selection() -> list[Question]:
    """A few questions of every kind: the emulator takes some 50 ms a token."""
    asked = {"Hello!", "Tell me about the wyvern.", "Make a table.", "Show me emoji.", "What is my name?", "Sing without end."}
    plain = [question for question in questions() if not question.messages][::3]
    return plain + [q for q in questions() if q.messages and len(q.messages) < 4 and q.messages[-1]["content"] in asked]


def compile_bundle(
    name: str, checkpoint: Path, params: Path, tokenizer: Path, out: Path, dialogues: Dialogues
) -> list[dict[str, Any]]:
    """Writes the program `out`; returns the entries of its `expected.json`, none for a device file.

    Raises:
        CompileError: upstream's flow failed.
        ValueError: the emulator's answers differ from the text.
    """
    options, started = BUNDLES[name], time.monotonic()

    def stage(what: str) -> None:
        print(f"[{time.monotonic() - started:5.0f} s] {name}: {what}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch) / "model.pte"
        compile_program(checkpoint, params, tokenizer, calibration(), program, options, parameters=PARAMETERS, stage=stage)
        entries: list[dict[str, Any]] = []
        if options.emulator:
            stage("asking the emulator")
            load_backend(libraries(options.libraries))
            entries = examine(QnnRuntime(program), dialogues, selection(), options.context)
        out.write_bytes(program.read_bytes())
    return entries
