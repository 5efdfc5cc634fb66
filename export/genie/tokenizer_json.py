"""A SentencePiece BPE model as ``tokenizer.json`` of Hugging Face."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
"""Kinds of pieces in ``sentencepiece_model.proto``."""


@dataclass(frozen=True)
class Piece:
    """One entry of the vocabulary."""

    text: str
    score: float
    kind: int


def pieces(model: bytes) -> list[Piece]:
    """Reads the pieces of a SentencePiece model, a Protocol Buffers message with a piece in each field 1."""
    return [_piece(content) for number, content in _fields(model) if number == 1 and isinstance(content, bytes)]


def tokenizer_json(model: bytes) -> dict[str, Any]:
    """Returns the same tokenizer with the merges that the scores of its pieces imply."""
    known = pieces(model)
    vocab = {piece.text: index for index, piece in enumerate(known)}
    ordered = sorted((piece for piece in known if piece.kind == NORMAL), key=lambda piece: -piece.score)
    merges = []
    for piece in ordered:
        cuts = ((piece.text[:at], piece.text[at:]) for at in range(1, len(piece.text)))
        found = [(vocab[left], vocab[right], [left, right]) for left, right in cuts if left in vocab and right in vocab]
        merges += [pair for _, _, pair in sorted(found)]
    special = [(index, piece.text) for index, piece in enumerate(known) if piece.kind in (UNKNOWN, CONTROL)]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": index, "content": text, **flags} for index, text in special],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": known[0].text,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": vocab,
            "merges": merges,
        },
    }


def _piece(content: bytes) -> Piece:
    text, score, kind = "", 0.0, NORMAL
    for number, value in _fields(content):
        if number == 1 and isinstance(value, bytes):
            text = value.decode()
        elif number == 2 and isinstance(value, bytes):
            (score,) = struct.unpack("<f", value)
        elif number == 3 and isinstance(value, int):
            kind = value
    return Piece(text, score, kind)


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(content, at)
            yield number, value
        else:
            length, at = _varint(content, at) if wire == 2 else (4 if wire == 5 else 8, at)
            yield number, content[at : at + length]
            at += length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
