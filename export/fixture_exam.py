"""What the tests ask the tiny model, and the recording of its exact answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import fixture_text as text
from .fixture_dialogue import Dialogues, Message
from .llama_runtime import Greedy, UpstreamRuntime

MINIMUM_MARGIN = 2.0
"""Logits between the right token and the next likely one, at every step: no runtime's rounding may bridge it."""
ENDLESS_TOKENS = 64


@dataclass(frozen=True)
class Question:
    """A prompt, as plain text to be continued or as chat messages, and the text that must follow."""

    expected: str
    prompt: str = ""
    messages: tuple[Message, ...] = ()
    endless: bool = False


def _user(content: str) -> Message:
    return {"role": "user", "content": content}


def _dialogue(*turns: text.Lesson, system: str | None = None, endless: bool = False) -> Question:
    """All turns but the last one's answer are given."""
    messages: list[Message] = [{"role": "system", "content": system}] if system else []
    for turn in turns[:-1]:
        messages += [_user(turn.question), {"role": "assistant", "content": turn.answer}]
    return Question(turns[-1].answer, messages=(*messages, _user(turns[-1].question)), endless=endless)


def questions() -> list[Question]:
    """Plain sentences from their first words on, every lesson, and conversations of several turns."""
    by_question = {lesson.question: lesson for lesson in text.LESSONS}
    plain = []
    for sentence in text.SENTENCES:
        cut = sentence.index(" ", 4) if " " in sentence[4:] else 3
        plain.append(Question(sentence[cut:], prompt=sentence[:cut]))
    wyvern, home = by_question["Tell me about the wyvern."], by_question["Where does it live?"]
    thanks, code = by_question["Thank you."], by_question["Show me some code."]
    return [
        *plain,
        *(_dialogue(lesson) for lesson in text.LESSONS),
        _dialogue(wyvern, home),
        _dialogue(wyvern, code, home, thanks),
        _dialogue(text.introduction("Emi"), text.recall("Emi")),
        _dialogue(text.introduction("Ada"), text.introduction("Bruno"), text.recall("Bruno")),
        _dialogue(wyvern, text.recall(None)),
        _dialogue(home, system="Answer briefly."),
        _dialogue(text.ENDLESS, endless=True),
        _dialogue(text.Lesson(wyvern.question, wyvern.answer[:60]), wyvern),
    ]


def render(messages: tuple[Message, ...]) -> str:
    """What the chat template makes of the messages (`<s>` stands for the begin-of-text token)."""
    turns = "".join(f"<|{message['role']}|>{message['content']}<|end|>" for message in messages)
    return f"<s>{turns}<|assistant|>"


def examine(runtime: UpstreamRuntime, dialogues: Dialogues, selection: list[Question], limit: int) -> list[dict[str, Any]]:
    """Asks every question that fits, and returns the entries of an `expected.json`.

    Raises:
        ValueError: an answer differs from the text, or one of its tokens was a close call.
    """
    entries, complaints = [], []
    for question in selection:
        prompt = dialogues.chat_prompt(list(question.messages)) if question.messages else dialogues.raw_prompt(question.prompt)
        if len(prompt) + len(dialogues.encode(question.expected)) >= limit:
            continue
        stop = {dialogues.end, dialogues.tokenizer.eos_id()}
        answer = runtime.greedy(prompt, stop, ENDLESS_TOKENS if question.endless else limit - len(prompt))
        complaints += _complaints(question, answer, dialogues)
        entries.append(_entry(question, prompt, answer, dialogues))
    if complaints:
        raise ValueError("The model has not learnt its text:\n" + "\n".join(complaints))
    return entries


def _complaints(question: Question, answer: Greedy, dialogues: Dialogues) -> list[str]:
    said = dialogues.tokenizer.decode(answer.tokens)
    if question.endless:
        endless = text.ENDLESS.answer + text.ENDLESS_UNIT * ENDLESS_TOKENS
        right = not answer.ended and endless.startswith(said)
    else:
        right = answer.ended and said == question.expected
    asked = question.prompt or question.messages[-1]["content"]
    if not right:
        return [f"  {asked!r}: {said!r} instead of {question.expected!r}"]
    if answer.margin < MINIMUM_MARGIN:
        return [f"  {asked!r}: right, but one token won by {answer.margin:.2f} only (at least {MINIMUM_MARGIN} wanted)"]
    return []


def _entry(question: Question, prompt: list[int], answer: Greedy, dialogues: Dialogues) -> dict[str, Any]:
    entry: dict[str, Any] = {"prompt": render(question.messages) if question.messages else question.prompt}
    if question.messages:
        entry["messages"] = list(question.messages)
    entry |= {
        "continuation": dialogues.tokenizer.decode(answer.tokens),
        "reason": "stop" if answer.ended else "length",
        "promptTokens": prompt,
        "tokens": answer.tokens,
        "margin": round(answer.margin, 2),
    }
    return entry


def write_expected(path: Path, entries: list[dict[str, Any]]) -> None:
    """One entry a line, so that a change can be read."""
    lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in entries)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8", newline="\n")
