"""Converts tokenizers to the files that upstream's static flow reads."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path


def readable_tokenizer(tokenizer: Path, parameters: int, scratch: Path) -> tuple[Path, list[str]]:
    """Returns a tokenizer file that upstream reads, with chat markers as tokens, and the arguments that name its recipe.

    Raises:
        ValueError: `tokenizer` is a `tokenizer.json` but not a byte-level BPE.
    """
    size = "3b" if parameters > 2_200_000_000 else "1b"
    large = f"llama3_2-{size}_instruct"
    if tokenizer.suffix == ".json":
        readable = scratch / "tokenizer.model"
        readable.write_bytes(tiktoken_from_json(tokenizer))
        return readable, ["--decoder_model", large]
    content = tokenizer.read_bytes()
    if re.match(rb"[A-Za-z0-9+/]+=* \d+\n", content):
        return tokenizer, ["--decoder_model", large]
    from sentencepiece import sentencepiece_model_pb2

    model = sentencepiece_model_pb2.ModelProto.FromString(content)
    kinds = sentencepiece_model_pb2.ModelProto.SentencePiece
    for piece in model.pieces:
        if piece.type == kinds.CONTROL and piece.piece not in ("<s>", "</s>", "<pad>"):
            piece.type = kinds.USER_DEFINED
    readable = scratch / "tokenizer.model"
    readable.write_bytes(model.SerializeToString())
    # Upstream reads SentencePiece only for its two toy models. A larger model needs the recipe of Llama 3.2.
    small = parameters < 50_000_000
    return readable, ["--decoder_model", "stories260k"] if small else ["--decoder_model", "stories110m", "--recipe", large]


def tiktoken_from_json(tokenizer: Path) -> bytes:
    """Converts Llama 3's `tokenizer.json` to its `tokenizer.model` (tiktoken: one token and its rank per line).

    Raises:
        ValueError: the tokenizer is not a byte-level BPE.
    """
    content = json.loads(tokenizer.read_text(encoding="utf-8"))
    model = content.get("model", {})
    if model.get("type") != "BPE" or "ByteLevel" not in json.dumps(content.get("pre_tokenizer")):
        raise ValueError(f"{tokenizer} is not Llama 3's tokenizer. Give the tokenizer.model with --tokenizer.")
    # Byte-level BPE writes each byte as a printable character, and moves unprintable bytes beyond 255.
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    byte_of = {chr(byte): byte for byte in printable}
    byte_of |= {chr(256 + i): byte for i, byte in enumerate(b for b in range(256) if b not in set(printable))}
    lines = []
    for piece, rank in sorted(model["vocab"].items(), key=lambda item: item[1]):
        lines.append(base64.b64encode(bytes(byte_of[c] for c in piece)) + b" " + str(rank).encode())
    return b"\n".join(lines) + b"\n"
