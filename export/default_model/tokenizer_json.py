"""The tokenizer of a GGUF file as ``tokenizer.json`` and ``tokenizer_config.json``.

Supports the pre-tokenizer that llama.cpp calls ``smollm``: it separates every digit, then splits
byte-level pieces by GPT-2's expression.
"""

from __future__ import annotations

from .gguf_source import Source

CONTROL = 3
"""GGUF's token type for control tokens."""


def tokenizer(source: Source) -> dict[str, object]:
    """Returns the content of ``tokenizer.json``."""
    if source.field("tokenizer.ggml.pre") != "smollm":
        raise ValueError("The GGUF file has another tokenizer than SmolLM's. Use the pinned file.")
    tokens = source.field("tokenizer.ggml.tokens")
    types = source.field("tokenizer.ggml.token_type")
    added = [
        {
            "id": index,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for index, (token, kind) in enumerate(zip(tokens, types, strict=True))
        if kind == CONTROL
    ]
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    }
    digits = {"type": "Digits", "individual_digits": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [digits, byte_level]},
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {token: index for index, token in enumerate(tokens)},
            "merges": source.field("tokenizer.ggml.merges"),
        },
    }


def tokenizer_config(source: Source) -> dict[str, object]:
    """Returns the content of ``tokenizer_config.json``: control tokens by role, and the chat template."""
    tokens = source.field("tokenizer.ggml.tokens")
    return {
        "tokenizer_class": "GPT2Tokenizer",
        "add_bos_token": source.field("tokenizer.ggml.add_bos_token"),
        "add_prefix_space": source.field("tokenizer.ggml.add_space_prefix"),
        "bos_token": tokens[source.field("tokenizer.ggml.bos_token_id")],
        "eos_token": tokens[source.field("tokenizer.ggml.eos_token_id")],
        "unk_token": tokens[source.field("tokenizer.ggml.unknown_token_id")],
        "pad_token": tokens[source.field("tokenizer.ggml.padding_token_id")],
        "model_max_length": source.field("llama.context_length"),
        "chat_template": source.field("tokenizer.chat_template"),
    }
