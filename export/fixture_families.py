"""Tiny models in the shapes of the families that upstream's exporter knows, which recite a few sentences.

What makes a family is kept (its rotation, norms, heads, tied embedding), the widths are a few dozen. Each model learns the
first sentences of `fixture_text` by heart in a few hundred steps, so that every token of its answers is far ahead of the
next likely one and another processor's rounding changes none. Nothing of it is stored but the programs.
"""

from __future__ import annotations

import json
from itertools import repeat
from pathlib import Path

import torch
from executorch.examples.models.llama.llama_transformer import Transformer, construct_transformer
from executorch.examples.models.llama.model_args import ModelArgs
from torch.nn.utils import parametrize

from .contract_a_variants import RECITAL_CONTEXT, RECITED, Family
from .fixture_dialogue import Dialogues
from .fixture_train import RoundedToFourBits, learn

STEPS = 240
PEAK_LEARNING_RATE = 8e-3
SEED = 1911
LLAMA_3_2_SCALE = 32
"""Of the scaled rotation: upstream sets it by the name of the family, whatever `params.json` says."""


def write_checkpoint(family: Family, dialogues: Dialogues, folder: Path) -> tuple[Path, Path]:
    """Trains a family's model; returns the paths of its checkpoint, bfloat16 in Meta's naming, and of its `params.json`."""
    checkpoint, params = folder / "consolidated.00.pth", folder / "params.json"
    torch.save(_train(family, dialogues), checkpoint)
    params.write_text(json.dumps(family.params))
    return checkpoint, params


def _build(family: Family) -> Transformer:
    scale = {"rope_scale_factor": LLAMA_3_2_SCALE} if family.params.get("use_scaled_rope") else {}
    lengths = {"max_seq_len": RECITAL_CONTEXT, "max_context_len": RECITAL_CONTEXT}
    model = construct_transformer(ModelArgs(**family.params, **scale, **lengths, generate_full_logits=True))
    for parameter in model.parameters():
        if parameter.dim() == 2:
            torch.nn.init.normal_(parameter, std=0.05)
    model.output.weight = model.tok_embeddings.weight
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "output":
            parametrize.register_parametrization(module, "weight", RoundedToFourBits())
    return model


def _train(family: Family, dialogues: Dialogues) -> dict[str, torch.Tensor]:
    torch.manual_seed(SEED)
    model = _build(family)
    samples = [dialogues.sentence(sentence).tokens for sentence in RECITED]
    length = max(map(len, samples))
    padded = torch.tensor([tokens + [0] * (length - len(tokens)) for tokens in samples])
    given = torch.tensor([[place < len(tokens) for place in range(length)] for tokens in samples])
    tokens, targets = padded[:, :-1], padded.masked_fill(~given, -1)[:, 1:]
    weights = learn(model, repeat((tokens, targets), STEPS), STEPS, PEAK_LEARNING_RATE, warm_up=0.1)
    return weights | {"output.weight": weights["tok_embeddings.weight"]}
