"""A tiny model in Gemma 3's shape, with a tokenizer of one entry more than the model has logits.

Like the 1B model it has normed queries and keys, two norms around each part, layers with a sliding window between those
without, one key-value head, and a tokenizer in whose last entry, `<image_soft_token>`, only larger models take images.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from torch.nn.utils import parametrize
from transformers import Gemma3ForCausalLM, Gemma3TextConfig, GenerationConfig
from transformers.convert_slow_tokenizer import generate_merges

from ..fixtures.contract_a_variants import RECITED, TALK
from ..fixtures.dialogue import CHAT_TEMPLATE, Dialogues
from ..fixtures.train import RoundedToFourBits, learn, tensors
from .variants import WINDOW

STEPS, ROWS, LENGTH = 700, 6, 128
PEAK_LEARNING_RATE = 6e-3
SEED = 1912
SURPLUS = "<image_soft_token>"
"""Its id is the number of logits."""


class Logits(torch.nn.Module):
    """The model as the trainer calls it: ids in, logits out."""

    def __init__(self, model: Gemma3ForCausalLM) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Returns logits `[batch, length, vocabulary]` of ids `[batch, length]`."""
        return self.model(input_ids=tokens, use_cache=False).logits


def config(dialogues: Dialogues) -> Gemma3TextConfig:
    """Returns the shape of the tiny model."""
    return Gemma3TextConfig(
        vocab_size=dialogues.tokenizer.vocab_size(),
        hidden_size=64,
        intermediate_size=160,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=1,
        head_dim=32,
        query_pre_attn_scalar=32,
        sliding_window=WINDOW,
        layer_types=["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
        max_position_embeddings=512,
        pad_token_id=dialogues.tokenizer.unk_id(),
        bos_token_id=dialogues.tokenizer.bos_id(),
        eos_token_id=[dialogues.tokenizer.eos_id(), dialogues.end],
        attn_implementation="eager",
    )


def write_gemma(folder: Path, dialogues: Dialogues) -> None:
    """Trains the model, and writes it with the files of its own repository: tokenizer, template, ends of an answer."""
    torch.manual_seed(SEED)
    model = Gemma3ForCausalLM(config(dialogues))
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            parametrize.register_parametrization(module, "weight", RoundedToFourBits())
    learn(Logits(model), _batches(dialogues), STEPS, PEAK_LEARNING_RATE, warm_up=0.1)
    model.eval().save_pretrained(folder)
    write_own_files(folder, dialogues)


def write_own_files(folder: Path, dialogues: Dialogues) -> None:
    """Writes the files, besides the weights, that a person needs for an export without a tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    ends = [dialogues.tokenizer.eos_id(), dialogues.end]
    GenerationConfig(bos_token_id=dialogues.tokenizer.bos_id(), eos_token_id=ends, do_sample=False).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer(dialogues).to_str() + "\n", encoding="utf-8")
    about = {
        "tokenizer_class": "GemmaTokenizer",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
        "add_bos_token": True,
        "chat_template": CHAT_TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def tokenizer(dialogues: Dialogues) -> Tokenizer:
    """Returns the shared SentencePiece model in the form of Gemma's `tokenizer.json`, with the surplus entry.

    Raises:
        ValueError: it gives other ids than SentencePiece.
    """
    pieces = dialogues.tokenizer
    vocabulary = {pieces.id_to_piece(id): id for id in range(pieces.vocab_size())}
    scores = {piece: pieces.get_score(id) for piece, id in vocabulary.items()}
    control = [piece for piece, id in vocabulary.items() if pieces.is_control(id) or pieces.is_unknown(id)]
    ordinary = {piece for piece, id in vocabulary.items() if not (piece in control or pieces.is_byte(id))}
    merges = generate_merges(vocabulary, scores, skip_tokens=vocabulary.keys() - ordinary)
    made = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.normalizer = normalizers.Replace(" ", "▁")
    made.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    made.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in [*control, SURPLUS]])
    if made.token_to_id(SURPLUS) != pieces.vocab_size():
        raise ValueError(f"{SURPLUS} is not the entry after the last logit.")
    for passage in [*RECITED, *(part for turn in TALK for part in (turn.question, turn.answer))]:
        if made.encode(passage).ids != dialogues.encode(passage):
            raise ValueError(f"The two tokenizers differ on {passage!r}.")
    return made


def _batches(dialogues: Dialogues) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Every third sequence is a sentence, the others are turns of a chat."""
    source = random.Random(SEED)
    for _ in range(STEPS):
        samples = [
            dialogues.conversation(source, LENGTH + 1, TALK) if row % 3 else dialogues.sentence(source.choice(RECITED))
            for row in range(ROWS)
        ]
        yield tensors(samples, LENGTH)
