"""The tiny test model's tokenizer and chat format, and training dialogues in them."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass, field

import sentencepiece

from . import fixture_text as text

VOCAB_SIZE = 512
SYSTEM, USER, ASSISTANT, END = "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"
CHAT_TEMPLATE = (
    "{{- bos_token }}"
    "{%- for message in messages %}"
    "{{- '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}"
)

Message = dict[str, str]


def train_tokenizer() -> bytes:
    """Trains the SentencePiece model (BPE with byte fallback, no dummy prefix, text left as it is).

    The four markers of the chat format are control symbols: written out in a text they stay text. Emoji and kana are
    kept out of the training text, so that they are spelled in bytes, several tokens a character.
    """
    lessons = (*text.LESSONS, text.ENDLESS, *(text.introduction(name) for name in text.NAMES), text.recall(None))
    passages = [*text.SENTENCES, *(part for lesson in lessons for part in (lesson.question, lesson.answer))]
    lines = (line for passage in passages for line in passage.splitlines())
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["".join(filter(_is_in_vocabulary, line)) for line in lines]),
        model_writer=model,
        model_type="bpe",
        vocab_size=VOCAB_SIZE,
        byte_fallback=True,
        character_coverage=1.0,
        split_digits=True,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        control_symbols=[SYSTEM, USER, ASSISTANT, END],
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def _is_in_vocabulary(character: str) -> bool:
    return ord(character) < 0x2000 or character in "’“”"


@dataclass
class Sample:
    """A training sequence: token ids, and for each whether the model must have predicted it."""

    tokens: list[int] = field(default_factory=list)
    taught: list[bool] = field(default_factory=list)

    def add(self, tokens: list[int], *, taught: bool) -> None:
        """Appends tokens that are all taught, or all merely given."""
        self.tokens += tokens
        self.taught += [taught] * len(tokens)


class Dialogues:
    """Encodes prompts, and draws endless training dialogues from the text."""

    def __init__(self, tokenizer: sentencepiece.SentencePieceProcessor) -> None:
        self.tokenizer = tokenizer
        self.end: int = tokenizer.piece_to_id(END)
        self._markers = {marker: tokenizer.piece_to_id(marker) for marker in (SYSTEM, USER, ASSISTANT)}
        self._encoded: dict[str, list[int]] = {}

    def encode(self, passage: str) -> list[int]:
        """Token ids of plain text, without markers and without the begin-of-text token."""
        if passage not in self._encoded:
            self._encoded[passage] = self.tokenizer.encode(passage)
        return self._encoded[passage]

    def raw_prompt(self, passage: str) -> list[int]:
        """Token ids of a text to be continued."""
        return [self.tokenizer.bos_id(), *self.encode(passage)]

    def chat_prompt(self, messages: list[Message]) -> list[int]:
        """Token ids of what the chat template makes of the messages, up to where the answer begins."""
        tokens = [self.tokenizer.bos_id()]
        for message in messages:
            tokens += [self._markers[f"<|{message['role']}|>"], *self.encode(message["content"]), self.end]
        return [*tokens, self._markers[ASSISTANT]]

    def sentence(self, passage: str) -> Sample:
        """A plain sentence, taught as a whole."""
        sample = Sample()
        sample.add([self.tokenizer.bos_id()], taught=False)
        sample.add([*self.encode(passage), self.tokenizer.eos_id()], taught=True)
        return sample

    def conversation(self, random_source: random.Random, length: int) -> Sample:
        """Turns in random order up to `length` tokens; some answers break off, as a stopped one does."""
        sample = Sample()
        sample.add([self.tokenizer.bos_id()], taught=False)
        if random_source.random() < 0.2:
            prompt = random_source.choice(text.SYSTEM_PROMPTS)
            sample.add([self._markers[SYSTEM], *self.encode(prompt), self.end], taught=False)
        name: str | None = None
        while len(sample.tokens) < length:
            draw = random_source.random()
            if draw < 0.12:
                name = random_source.choice(text.NAMES)
                self._add_turn(sample, text.introduction(name), random_source, may_break=False)
            elif draw < 0.24:
                self._add_turn(sample, text.recall(name), random_source, may_break=False)
            elif draw < 0.28:
                self._add_endless(sample, random_source, length)
            else:
                self._add_turn(sample, random_source.choice(text.LESSONS), random_source, may_break=True)
        del sample.tokens[length:], sample.taught[length:]
        return sample

    def _ask(self, sample: Sample, question: str) -> None:
        tokens = [self._markers[USER], *self.encode(question), self.end, self._markers[ASSISTANT]]
        sample.add(tokens, taught=False)

    def _add_turn(self, sample: Sample, lesson: text.Lesson, random_source: random.Random, *, may_break: bool) -> None:
        self._ask(sample, lesson.question)
        answer = self.encode(lesson.answer)
        broken = may_break and random_source.random() < 0.15
        sample.add(answer[: random_source.randrange(len(answer))] if broken else answer, taught=True)
        sample.add([self.end], taught=not broken)

    def _add_endless(self, sample: Sample, random_source: random.Random, length: int) -> None:
        self._ask(sample, text.ENDLESS.question)
        units = length if random_source.random() < 0.5 else random_source.randrange(1, 40)
        sample.add(self.encode(text.ENDLESS.answer + text.ENDLESS_UNIT * units), taught=True)
        sample.add([self.end], taught=False)
