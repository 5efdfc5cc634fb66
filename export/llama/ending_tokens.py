"""Finds the tokens that begin a text and end an answer in any of Llama's tokenizer files."""

from __future__ import annotations

import json
from pathlib import Path

LLAMA_3_SPECIAL = {"<|begin_of_text|>": 0, "<|end_of_text|>": 1, "<|eom_id|>": 8, "<|eot_id|>": 9}
"""Llama 3's special tokens, by their offset after the ordinary tokens. The tiktoken file does not list them."""


def ending_tokens(tokenizer: Path, stop: list[str]) -> tuple[int, list[int]]:
    """Returns the begin-of-text id, and the ids of `stop` followed by the tokenizer's own end-of-text.

    Raises:
        ValueError: the tokenizer does not know one of `stop`.
    """
    if tokenizer.suffix == ".json":
        added = json.loads(tokenizer.read_text(encoding="utf-8")).get("added_tokens", [])
        ids = {token["content"]: int(token["id"]) for token in added}
        return _llama_3(ids, stop)
    content = tokenizer.read_bytes()
    try:
        from sentencepiece import SentencePieceProcessor

        model = SentencePieceProcessor(model_proto=content)
    except RuntimeError:
        ordinary = content.rstrip().count(b"\n") + 1
        return _llama_3({name: ordinary + offset for name, offset in LLAMA_3_SPECIAL.items()}, stop)
    known = {token: model.piece_to_id(token) for token in stop}
    unknown = [token for token, found in known.items() if found == model.unk_id()]
    if unknown:
        raise ValueError(f"The tokenizer does not know {', '.join(unknown)}. Check --stop-token.")
    return model.bos_id(), _unique([*known.values(), model.eos_id()])


def _llama_3(ids: dict[str, int], stop: list[str]) -> tuple[int, list[int]]:
    unknown = [token for token in [*stop, "<|begin_of_text|>"] if token not in ids]
    if unknown:
        raise ValueError(f"The tokenizer does not know {', '.join(unknown)}. Check --tokenizer and --stop-token.")
    ends = [ids[token] for token in stop]
    return ids["<|begin_of_text|>"], _unique([*ends, *(ids[name] for name in ("<|end_of_text|>",) if name in ids)])


def _unique(ids: list[int]) -> list[int]:
    return list(dict.fromkeys(ids))
