"""``python -m export measure``: compares a program's answers with the GGUF's.

The reference is the dequantised GGUF in float32. ``evaluation/`` has two materials. A text gives the
perplexity and the share of positions with the same likeliest next token. The reference answers
prompts greedily; the other figure is the share of the program's equal choices in those answers.
With ``--processors``, the program runs on each instruction set instead. Needs torch and ``tokenizers``, and Wyvern's
addon for the programs.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..paths import ROOT
from . import gguf_source
from .gguf_source import Source
from .program import PROCESSORS, Program, ProgramError
from .reference import Cache, Reference, exact, in_eight_bits, in_units
from .score import Column, Score, by_processor

Logits = Callable[[list[int], int], Tensor]
"""Logits after each token of a sequence from an index on, float32 ``[T - index, vocab]``."""

FOLDER = Path(__file__).parent / "evaluation"
MODEL = ROOT / "resources/models/smollm2-135m-instruct"
"""The default model, which set-up makes."""
WINDOW = 1024
"""Tokens of one window of the text: fewer than the default model's context."""
ANSWER = 64
"""Most tokens of an answer."""


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
    parser.add_argument("--tokens", type=at_least(2), help="compare only the text's first tokens (default: all)")
    parser.add_argument("--answers", type=at_least(1), help="compare only the answers to the first prompts (default: all)")
    parser.add_argument(
        "--processors",
        action="store_true",
        help="print a table with one column a processor, of the default model or of BUNDLES; arm64 runs in QEMU",
    )


def at_least(least: int) -> Callable[[str], int]:
    """Reads a count."""

    def read(word: str) -> int:
        if not word.isdecimal() or int(word) < least:
            raise argparse.ArgumentTypeError(f"must be a number of at least {least}")
        return int(word)

    return read


@torch.no_grad()
def run(arguments: argparse.Namespace) -> int:
    """Prints the table."""
    source = Source(arguments.gguf or gguf_source.locate())
    weights = exact(source)
    reference = Reference(source.shape, weights)
    print("preparing the reference's answers", file=sys.stderr, flush=True)
    material = prepare(source, reference, arguments.tokens, arguments.answers)
    if arguments.processors:
        complete = [print_processors(folder, material) for folder in arguments.bundles or [MODEL]]
        return 0 if all(complete) else 1
    print("| weights | perplexity | same next token | divergence | same in answers |\n| --- | --- | --- | --- | --- |")
    print(score(of_reference(reference), material).row("GGUF in float32"), flush=True)
    if arguments.candidates:
        for name, logits in candidates(source, weights):
            print(score(logits, material).row(name), flush=True)
    for folder in arguments.bundles:
        program = Program(folder)
        print(score(of_program(program), material).row(folder.name), flush=True)
        program.close()
    return 0


def print_processors(folder: Path, material: Material) -> bool:
    """Prints a bundle's table by processor. Returns whether it has every column."""
    columns = {}
    for name, instruction_set in PROCESSORS.items():
        since = time.monotonic()
        try:
            program = Program(folder, instruction_set)
            figures = score(of_program(program), material)
        except ProgramError as error:
            print(f"no column for {name}: {error}", file=sys.stderr, flush=True)
            continue
        columns[name] = Column(figures, program.digest)
        program.close()
        print(f"{name} took {time.monotonic() - since:.0f} s", file=sys.stderr, flush=True)
    print(by_processor(columns), flush=True)
    return len(columns) == len(PROCESSORS)


def prepare(source: Source, reference: Reference, most_tokens: int | None, most_answers: int | None) -> Material:
    """Encodes the text and answers the prompts with the reference. ``None`` takes all tokens or prompts."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    tokens = tokenizer.encode((FOLDER / "text.txt").read_text(encoding="utf-8")).ids[:most_tokens]
    windows = [tokens[start : start + WINDOW] for start in range(0, len(tokens), WINDOW)]
    text = [(window, reference.logits(window).log_softmax(-1)) for window in windows]
    end = int(source.field("tokenizer.ggml.eos_token_id"))
    answers = []
    for prompt in (FOLDER / "prompts.txt").read_text(encoding="utf-8").splitlines()[:most_answers]:
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
        found = logits(tokens, 0).log_softmax(-1)
        loss -= float(found[:-1].gather(1, torch.tensor(tokens[1:])[:, None]).sum())
        same += int((found.argmax(-1) == expected.argmax(-1)).sum())
        divergence += float((expected.exp() * (expected - found)).sum())
        total, predicted = total + len(tokens), predicted + len(tokens) - 1
    right, judged, whole = 0, 0, 0
    for tokens, start in material.answers:
        choices = logits(tokens[:-1], start - 1).argmax(-1)
        equal = int((choices == torch.tensor(tokens[start:])).sum())
        right, judged, whole = right + equal, judged + len(choices), whole + (equal == len(choices))
    return Score(math.exp(loss / predicted), same / total, divergence / total, right / judged, whole, len(material.answers))


def of_reference(model: Reference) -> Logits:
    """The logits of a model in float32."""
    return lambda tokens, first: model.logits(tokens)[first:]


def of_program(program: Program) -> Logits:
    """The logits of a program in Wyvern's runtime."""
    return lambda tokens, first: torch.from_numpy(program.logits(tokens, first))


def candidates(source: Source, weights: dict[str, Tensor]) -> Iterator[tuple[str, Logits]]:
    """Ways to round the inputs of linear layers, simulated in float32 over the GGUF's own weights."""
    roundings = {
        "8 bits, a scale for a token's vector": in_eight_bits,
        "8 bits, a scale for 32 inputs": lambda x: in_units(x, 127),
        "15 bits, a scale for 32 inputs": lambda x: in_units(x, 127 * 128),
    }
    for name, rounding in roundings.items():
        yield f"candidate: inputs in {name}", of_reference(Reference(source.shape, weights, rounding))
