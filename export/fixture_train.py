"""Trains the tiny test model: a Llama of 0.3 M parameters that knows `fixture_text` by heart."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from executorch.examples.models.llama.llama_transformer import Transformer, construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from torch.nn.utils import parametrize

from . import fixture_text as text
from .fixture_dialogue import VOCAB_SIZE, Dialogues, Sample

CONTEXT_LENGTH = 512
PARAMS: dict[str, Any] = {
    "dim": 64,
    "n_layers": 5,
    "n_heads": 8,
    "n_kv_heads": 4,
    "hidden_dim": 192,
    "vocab_size": VOCAB_SIZE,
    "norm_eps": 1e-5,
    "rope_theta": 10000.0,
}
"""The model's `params.json`, in Meta's format. Widths are multiples of 32, as group-wise 4-bit quantisation needs."""

STEPS = 900
SHORT, LONG = (128, 14), (512, 3)
"""Sequence length and sequences of a training step; every fourth is long."""
PEAK_LEARNING_RATE = 6e-3
SEED = 8380


class RoundedToFourBits(torch.nn.Module):
    """Weights as four-bit quantisation per output channel leaves them; gradients pass straight through.

    Training under it makes the text survive every quantisation that the fixtures are exported with.
    """

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Rounds `[out, in]` weights to sixteen steps a row."""
        scale = weight.detach().abs().amax(dim=1, keepdim=True).clamp(min=1e-6) / 7.5
        rounded = (weight.detach() / scale).round().clamp(-8, 7) * scale
        return weight + (rounded - weight).detach()


def build(*, full_logits: bool = True) -> Transformer:
    """Upstream's own Llama in the fixture's size, without a KV cache: input `[batch, length]` ids, output logits."""
    args = ModelArgs(**PARAMS, max_seq_len=CONTEXT_LENGTH, max_context_len=CONTEXT_LENGTH, generate_full_logits=full_logits)
    return construct_transformer(args)


def train(dialogues: Dialogues) -> dict[str, torch.Tensor]:
    """Trains from scratch with a fixed seed; returns the checkpoint in Meta's naming, bfloat16."""
    torch.manual_seed(SEED)
    model = build()
    for parameter in model.parameters():
        if parameter.dim() == 2:
            torch.nn.init.normal_(parameter, std=0.05)
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "output":
            parametrize.register_parametrization(module, "weight", RoundedToFourBits())
    return learn(model, _batches(dialogues), STEPS, PEAK_LEARNING_RATE, warm_up=0.08)


def learn(
    model: Transformer,
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    steps: int,
    peak_learning_rate: float,
    *,
    warm_up: float,
) -> dict[str, torch.Tensor]:
    """Takes `steps` batches of ids and targets (`[batch, length]`, -1 where nothing is asked); returns bfloat16 weights."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak_learning_rate, betas=(0.9, 0.98), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, peak_learning_rate, steps, pct_start=warm_up, final_div_factor=100
    )
    started = time.monotonic()
    for step, (tokens, targets) in enumerate(batches, start=1):
        loss = F.cross_entropy(model(tokens).flatten(0, 1), targets.flatten(), ignore_index=-1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == steps:
            print(f"step {step}/{steps}  loss {loss.item():.4f}  {time.monotonic() - started:.0f} s", flush=True)
    for module in model.modules():
        if parametrize.is_parametrized(module):
            parametrize.remove_parametrizations(module, "weight", leave_parametrized=False)
    return {name: value.detach().to(torch.bfloat16) for name, value in model.named_parameters()}


def _batches(dialogues: Dialogues) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    random_source = random.Random(SEED)
    for step in range(STEPS):
        length, rows = LONG if step % 4 == 3 else SHORT
        samples = [dialogues.conversation(random_source, length + 1) for _ in range(rows)]
        for row in range(0, rows, 7):
            samples[row] = _sentences(dialogues, random_source, length + 1)
        yield _tensors(samples, length)


def _sentences(dialogues: Dialogues, random_source: random.Random, length: int) -> Sample:
    sample = Sample()
    order = random_source.sample(text.SENTENCES, len(text.SENTENCES))
    for sentence in order:
        part = dialogues.sentence(sentence)
        sample.tokens += part.tokens
        sample.taught += part.taught
    del sample.tokens[length:], sample.taught[length:]
    return sample


def _tensors(samples: list[Sample], length: int) -> tuple[torch.Tensor, torch.Tensor]:
    tokens = torch.zeros(len(samples), length + 1, dtype=torch.long)
    taught = torch.zeros(len(samples), length + 1, dtype=torch.bool)
    for row, sample in enumerate(samples):
        tokens[row, : len(sample.tokens)] = torch.tensor(sample.tokens)
        taught[row, : len(sample.taught)] = torch.tensor(sample.taught)
    return tokens[:, :-1], tokens[:, 1:].masked_fill(~taught[:, 1:], -1)
