"""``python -m export tokenizer_fixtures``: small tokenizers of every shape models come with, and upstream's ids for one corpus.

Each is trained here with its family's normalizer, split pattern and decoder, so that nothing of a real vocabulary is
copied. The ids are those of `sentencepiece`, `tiktoken` and `tokenizers`; `--check` compares them with the committed
ones instead of writing.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sentencepiece
import tiktoken
import tokenizers
from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors, trainers

from .tokenizer_corpus import CONTROL, corpus

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "e2e/fixtures/tokenizers"
DEFAULT_MODEL = ROOT / "resources/models/smollm2-135m-instruct/tokenizer.json"
VOCABULARY = 1600

ENDING = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA_3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + ENDING
QWEN_2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + ENDING
POSSESSIVE = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s*[\r\n]|\s+(?!\S)|\s+"
LOWER, UPPER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
SHORT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{SHORT}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{SHORT}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA_3_CONTROL = {
    **{"<|begin_of_text|>": 0, "<|end_of_text|>": 1, "<|finetune_right_pad_id|>": 4},
    **{"<|start_header_id|>": 6, "<|end_header_id|>": 7, "<|eom_id|>": 8, "<|eot_id|>": 9, "<|python_tag|>": 10},
}
"""By their place after the ordinary tokens; the other places up to 256 are reserved."""


@dataclass(frozen=True)
class Reference:
    """A tokenizer's file and upstream's ids: of plain text, and of text whose control tokens count."""

    file: str
    content: bytes
    plain: Callable[[str], list[int]]
    template: Callable[[str], list[int]] | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the subcommand."""
    parser.add_argument("--check", action="store_true", help="compare with what is committed instead of writing")


def run(arguments: argparse.Namespace) -> int:
    """Writes or compares every fixture."""
    texts = corpus()
    files = {"corpus.json": (json.dumps(texts, ensure_ascii=False, indent=0) + "\n").encode()}
    for name, reference in _references(arguments.check):
        if reference.file:
            files[f"{name}/{reference.file}"] = reference.content
        ids = [reference.plain(text) for text in texts]
        if reference.template is not None:
            ids += [reference.template(text) for text in texts if any(token in text for token in CONTROL)]
        files[f"{name}.ids"] = _packed(ids)
    if not arguments.check:
        for name, content in files.items():
            path = FIXTURES / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return 0
    different = [name for name, content in files.items() if not _same(FIXTURES / name, content)]
    for name in different:
        print(f"{name} differs from what upstream says now.", file=sys.stderr)
    return 1 if different else 0


def _same(path: Path, content: bytes) -> bool:
    if not path.exists():
        return False
    committed = path.read_bytes()
    if path.suffix == ".ids":
        # Another release of zlib may compress otherwise.
        return zlib.decompress(committed) == zlib.decompress(content)
    return committed == content


def _packed(lists: list[list[int]]) -> bytes:
    """Each list's length and its numbers as LEB128, deflated."""
    out = bytearray()
    for ids in lists:
        for number in [len(ids), *ids]:
            rest = number
            while rest > 0x7F:
                out.append(rest & 0x7F | 0x80)
                rest >>= 7
            out.append(rest)
    return zlib.compress(bytes(out), 9)


def _references(committed: bool) -> list[tuple[str, Reference]]:
    """All of them; `committed`: over the files that are there, because training may differ between releases."""
    training = corpus(seed=2, lines=6000, made_up=0)
    made: list[tuple[str, Callable[[], bytes], Callable[[bytes], Reference]]] = [
        ("sentencepiece-unigram", lambda: _train_sentencepiece(training, UNIGRAM), _sentencepiece),
        ("sentencepiece-bpe", lambda: _train_sentencepiece(training, BPE), _sentencepiece),
        ("tiktoken-llama-3", lambda: _train_ranks(training), _tiktoken),
        ("llama-3", lambda: _byte_level(training, LLAMA_3, ignore_merges=True, begin=True), _tokenizers),
        ("qwen-2", lambda: _byte_level(training, QWEN_2, normalizer=normalizers.NFC()), _tokenizers),
        ("possessive", lambda: _byte_level(training, POSSESSIVE, removed=True), _tokenizers),
        ("o200k", lambda: _byte_level(training, O200K), _tokenizers),
        ("deepseek", lambda: _byte_level(training, r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+", DEEPSEEK), _tokenizers),
        ("llama-2", lambda: _byte_fallback(training, "llama-2"), _tokenizers),
        ("gemma", lambda: _byte_fallback(training, "gemma"), _tokenizers),
        ("metaspace", lambda: _byte_fallback(training, "metaspace"), _tokenizers),
        ("unigram", lambda: _unigram(training), _tokenizers),
    ]
    references = []
    for name, train, read in made:
        folder = FIXTURES / name
        content = next(folder.iterdir()).read_bytes() if committed else train()
        references.append((name, read(content)))
    if DEFAULT_MODEL.exists():
        smollm2 = _tokenizers(DEFAULT_MODEL.read_bytes())
        references.append(("smollm2", Reference("", b"", smollm2.plain, smollm2.template)))
    return references


UNIGRAM = {"model_type": "unigram", "normalization_rule_name": "nmt_nfkc"}
BPE = {"model_type": "bpe", "normalization_rule_name": "identity", "split_digits": True, "remove_extra_whitespaces": False}
"""As Llama 2's."""


def _train_sentencepiece(training: list[str], options: dict[str, object]) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line.replace("\0", "") for text in training for line in text.splitlines()),
        model_writer=model,
        vocab_size=1200,
        character_coverage=0.98,
        byte_fallback=True,
        num_threads=1,
        minloglevel=2,
        **options,
    )
    return model.getvalue()


def _sentencepiece(content: bytes) -> Reference:
    processor = sentencepiece.SentencePieceProcessor(model_proto=content)
    return Reference("tokenizer.model", content, processor.encode, None)


def _train_ranks(training: list[str]) -> bytes:
    file = json.loads(_byte_level(training, LLAMA_3))
    byte_of = {character: byte for byte, character in _alphabet().items()}
    tokens = sorted(file["model"]["vocab"].items(), key=lambda item: item[1])
    ranks = [bytes(byte_of[character] for character in token) for token, _ in tokens]
    return b"".join(base64.b64encode(token) + b" %d\n" % rank for rank, token in enumerate(ranks))


def _tiktoken(content: bytes) -> Reference:
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in content.splitlines())}
    control = {token: len(ranks) + place for token, place in LLAMA_3_CONTROL.items()}
    encoding = tiktoken.Encoding("llama-3", pat_str=LLAMA_3, mergeable_ranks=ranks, special_tokens=control)
    return Reference(
        "tokenizer.model",
        content,
        encoding.encode_ordinary,
        lambda text: encoding.encode(text, allowed_special="all"),
    )


def _alphabet() -> dict[int, str]:
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(0x100 + place) for place, byte in enumerate(others)}


def _byte_level(
    training: list[str],
    *patterns: str,
    normalizer: normalizers.Normalizer | None = None,
    ignore_merges: bool = False,
    begin: bool = False,
    removed: bool = False,
) -> bytes:
    tokenizer = tokenizers.Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    # Two ways to say the same: cut around each match, or remove what is none.
    behavior = {"behavior": "removed", "invert": True} if removed else {"behavior": "isolated"}
    splits = [pre_tokenizers.Split(Regex(pattern), **behavior) for pattern in patterns]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [*splits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(training, trainer)
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>"])
    if begin:
        first = ("<|begin_of_text|>", tokenizer.token_to_id("<|begin_of_text|>"))
        tokenizer.post_processor = processors.Sequence(
            [processors.ByteLevel(), processors.TemplateProcessing(single=f"{first[0]} $A", special_tokens=[first])]
        )
    return tokenizer.to_str().encode()


def _byte_fallback(training: list[str], shape: str) -> bytes:
    tokenizer = tokenizers.Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    space = normalizers.Replace(" ", "▁")
    to_space = decoders.Replace("▁", " ")
    end = [decoders.ByteFallback(), decoders.Fuse()]
    strip = decoders.Strip(" ", 1, 0)
    match shape:
        case "llama-2":
            tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), space])
            tokenizer.decoder = decoders.Sequence([to_space, *end, strip])
        case "gemma":
            tokenizer.normalizer = space
            tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
            tokenizer.decoder = decoders.Sequence([to_space, *end])
        case "metaspace":
            tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=True)
            tokenizer.decoder = decoders.Sequence([to_space, *end, strip])
    control = ["<unk>", "<s>", "</s>", "<start_of_turn>", "[INST]"]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        limit_alphabet=500,
        special_tokens=[*control, *(f"<0x{byte:02X}>" for byte in range(256))],
        show_progress=False,
    )
    # The merges of such tokenizers were learnt word by word, whatever they are applied to.
    words = [word for text in training for word in text.replace(" ", " ▁").split(" ") if word]
    trained = tokenizers.Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    trained.train_from_iterator(words, trainer)
    file = json.loads(tokenizer.to_str())
    file["model"] = json.loads(trained.to_str())["model"]
    file["added_tokens"] = [token for token in json.loads(trained.to_str())["added_tokens"] if token["content"] in control]
    return json.dumps(file, ensure_ascii=False).encode()


def _unigram(training: list[str]) -> bytes:
    tokenizer = tokenizers.Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace("▁", prepend_scheme="always")
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY, special_tokens=["<bos>", "<eos>", "<unknown>"], unk_token="<unknown>", show_progress=False
    )
    tokenizer.train_from_iterator(training, trainer)
    return tokenizer.to_str().encode()


def _tokenizers(content: bytes) -> Reference:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(content)
        file.flush()
        plain = tokenizers.Tokenizer.from_file(file.name)
        template = tokenizers.Tokenizer.from_file(file.name)
    plain.encode_special_tokens = True
    return Reference(
        "tokenizer.json",
        content,
        lambda text: plain.encode(text, add_special_tokens=False).ids,
        lambda text: template.encode(text, add_special_tokens=False).ids,
    )
