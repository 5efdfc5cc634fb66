"""``python -m export measure``: compares a program's answers with the GGUF's.

The reference is the dequantised GGUF in float32. ``evaluation/`` has two materials. A text gives the
perplexity and the share of positions with the same likeliest next token. The reference answers
prompts greedily; the other figure is the share of the program's equal choices in those answers.
Needs torch and ``tokenizers``, and Wyvern's addon for the programs.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..paths import ROOT
from . import gguf_source
from .gguf_source import Source
from .reference import Cache, Reference, exact, in_eight_bits, in_units

Logits = Callable[[list[int]], Tensor]
"""Logits after each token of a sequence, float32 ``[T, vocab]``."""

FOLDER = Path(__file__).parent / "evaluation"
TOKENIZER = ROOT / "resources/models/smollm2-135m-instruct/tokenizer.json"
"""The default model's, which set-up makes."""
WINDOW = 1024
"""Tokens of one window of the text: fewer than the default model's context."""
ANSWER = 64
"""Most tokens of an answer."""


@dataclass(frozen=True)
class Score:
    """The comparison of a model with the reference."""

    perplexity: float
    text_agreement: float
    text_divergence: float
    answer_agreement: float

    def row(self, name: str) -> str:
        """Formats a row of README.md's table."""
        return (
            f"| {name} | {self.perplexity:.2f} | {self.text_agreement:.1%} | {self.text_divergence:.3f} "
            f"| {self.answer_agreement:.1%} |"
        )


@dataclass(frozen=True)
class Material:
    """Token sequences with the reference's log probabilities and the start of the compared part."""

    text: list[tuple[list[int], Tensor]]
    answers: list[tuple[list[int], int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("bundles", type=Path, nargs="*", help="bundle folders to measure")
    parser.add_argument("--gguf", type=Path, help="the GGUF file (default: the installed one)")
    parser.add_argument("--candidates", action="store_true", help="also simulate the roundings that were considered")


@torch.no_grad()
def run(arguments: argparse.Namespace) -> int:
    """Prints the table."""
    source = Source(arguments.gguf or gguf_source.locate())
    weights = exact(source)
    reference = Reference(source.shape, weights)
    print("preparing the reference's answers", file=sys.stderr, flush=True)
    material = prepare(source, reference)
    print("| weights | perplexity | same next token | divergence | same in answers |\n| --- | --- | --- | --- | --- |")
    print(score(reference.logits, material).row("GGUF in float32"), flush=True)
    if arguments.candidates:
        for name, logits in candidates(source, weights):
            print(score(logits, material).row(name), flush=True)
    for folder in arguments.bundles:
        print(score(program(folder), material).row(folder.name), flush=True)
    return 0


def prepare(source: Source, reference: Reference) -> Material:
    """Encodes the text and answers the prompts with the reference."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokens = tokenizer.encode((FOLDER / "text.txt").read_text(encoding="utf-8")).ids
    windows = [tokens[start : start + WINDOW] for start in range(0, len(tokens), WINDOW)]
    text = [(window, reference.logits(window).log_softmax(-1)) for window in windows]
    end = int(source.field("tokenizer.ggml.eos_token_id"))
    answers = []
    for prompt in (FOLDER / "prompts.txt").read_text(encoding="utf-8").splitlines():
        question = tokenizer.encode(CHAT.format(prompt)).ids
        answers.append((question + greedy(reference, question, end), len(question)))
    return Material(text, answers)


CHAT = (
    "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
)
"""Renders one question with the model's chat template."""


def greedy(model: Reference, question: list[int], end: int) -> list[int]:
    """Answers greedily and includes the end token."""
    cache = Cache()
    answer = [int(model.logits(question, cache)[-1].argmax())]
    while answer[-1] != end and len(answer) < ANSWER:
        answer.append(int(model.logits(answer[-1:], cache)[-1].argmax()))
    return answer


def score(logits: Logits, material: Material) -> Score:
    """Compares a model with the reference on the text and the answers."""
    loss, same, divergence, total, predicted = 0.0, 0, 0.0, 0, 0
    for tokens, expected in material.text:
        found = logits(tokens).log_softmax(-1)
        loss -= float(found[:-1].gather(1, torch.tensor(tokens[1:])[:, None]).sum())
        same += int((found.argmax(-1) == expected.argmax(-1)).sum())
        divergence += float((expected.exp() * (expected - found)).sum())
        total, predicted = total + len(tokens), predicted + len(tokens) - 1
    right, judged = 0, 0
    for tokens, start in material.answers:
        choices = logits(tokens[:-1])[start - 1 :].argmax(-1)
        right += int((choices == torch.tensor(tokens[start:])).sum())
        judged += len(tokens) - start
    return Score(math.exp(loss / predicted), same / total, divergence / total, right / judged)


def candidates(source: Source, weights: dict[str, Tensor]) -> Iterator[tuple[str, Logits]]:
    """Ways to round the inputs of linear layers, simulated in float32 over the GGUF's own weights."""
    roundings = {
        "8 bits, a scale for a token's vector": in_eight_bits,
        "8 bits, a scale for 32 inputs": lambda x: in_units(x, 127),
        "15 bits, a scale for 32 inputs": lambda x: in_units(x, 127 * 128),
    }
    for name, rounding in roundings.items():
        yield f"candidate: inputs in {name}", Reference(source.shape, weights, rounding).logits


def program(folder: Path) -> Logits:
    """Runs a bundle in Wyvern's own runtime, one token a call, as in decoding. Build it first (``npm run setup``)."""
    node = Path(__file__).parents[2] / "node_modules" / "node" / "bin" / "node"
    script = Path(__file__).parent / "logits.mjs"
    process = subprocess.Popen([node, script, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    vocab = int(np.frombuffer(process.stdout.read(4), dtype="<u4")[0])

    def logits(tokens: list[int]) -> Tensor:
        process.stdin.write(json.dumps(tokens).encode() + b"\n")
        process.stdin.flush()
        content = process.stdout.read(4 * vocab * len(tokens))
        return torch.from_numpy(np.frombuffer(content, dtype="<f4").reshape(len(tokens), vocab).copy())

    return logits
