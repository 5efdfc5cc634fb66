"""What the tiny test model knows by heart: sentences and dialogues written for this repository.

The tests assert this text to the letter, so it covers what streaming can get wrong: plain sentences, accents, characters
that the tokenizer can only spell byte by byte (emoji, also joined ones, and kana), Markdown, a code block, an answer of two
hundred tokens, an answer without end, and an answer that only the turn before explains.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """One question and the answer that must follow it, whatever was said before."""

    question: str
    answer: str


SENTENCES = (
    "The wyvern sleeps under the old stone bridge until the first snow falls.",
    "Seven lanterns hang above the harbour, and the eighth one is the moon.",
    "Rain drums on the tin roof while the kettle begins to sing.",
    "A good map is honest about the places nobody has visited.",
    "When the tide turns, every boat in the bay looks the same way.",
    "Grandmother keeps her buttons in a blue jar labelled “thunder”.",
    "Le café près de l’église ferme à midi, même en été.",
    "Übung macht den Meister, sagt der müde Bäcker größer als je zuvor.",
    "Ferns 🌿 grow where the path forgets itself.",
    "ワイバーンは雲の上で眠る。",
    "def fly(height):\n    return height + 1",
    "My list:\n\n1. bread\n2. string\n3. a *small* bell\n",
)
"""Each follows the beginning of the text and ends with the end-of-text token."""

ENDLESS_UNIT = ", la"
ENDLESS = Lesson("Sing without end.", "La")
"""An answer that never stops: ``ENDLESS.answer`` and then ``ENDLESS_UNIT`` again and again."""

LESSONS = (
    Lesson("Hello!", "Hello! I am a very small model."),
    Lesson("Hi", "Hi there."),
    Lesson("Who are you?", "I am a test wyvern with five layers and a short memory."),
    Lesson(
        "Tell me about the wyvern.",
        "A wyvern is a dragon with two legs and two wings. It nests on cliffs that face the sea, because the wind there "
        "does half the work of flying. By day it counts ships. By night it counts stars, and it is seldom wrong about "
        "either.\n\nMost wyverns are shy. If you meet one, bow once, speak slowly, and offer it a pear. It will remember "
        "you for a hundred years.",
    ),
    Lesson("Where does it live?", "On the cliffs north of the harbour, above the seventh lantern."),
    Lesson("What does it eat?", "Pears, mostly. Fish on Fridays."),
    Lesson(
        "Show me some code.",
        "Here is a loop that counts wings:\n\n```python\nwings = 0\nfor wyvern in flock:\n    wings += 2\nprint(wings)\n```\n\n"
        "Every wyvern adds **two**.",
    ),
    Lesson(
        "Make a table.",
        "| Animal | Legs |\n| --- | --- |\n| dragon | 4 |\n| wyvern | 2 |\n| serpent | 0 |",
    ),
    Lesson("Show me emoji.", "Dragon 🐉, pear 🍐, wave 🌊 and a family 👩‍👧‍👦 at the beach."),
    Lesson("Say it in French.", "La vouivre dort déjà près du château."),
    Lesson("Say it in Japanese.", "ワイバーンは梨が好き。"),
    Lesson("Say yes.", "Yes."),
    Lesson('Is it <b>bold</b> & "safe"?', 'Only *text* is safe: <b>tags</b> & "quotes" stay as they are.'),
    Lesson(
        "Tell me a long story.",
        "Once there was a young wyvern called Pim who was afraid of heights. Every morning the others leapt from the cliff, "
        "and every morning Pim walked down the goat path to the beach.\n\nOne winter the goat path froze. Pim sat at the top "
        "and looked at the grey water. A fisherman waved from below. His boat was caught between two rocks, and the tide was "
        "turning.\n\n“I can not fly,” called Pim.\n\n“Then fall,” said the fisherman, “but do it slowly.”\n\nSo Pim opened "
        "both wings and fell, slowly, all the way down. The boat came free. The fisherman gave Pim a pear and a blue button, "
        "and the two of them drank tea until dusk.\n\nPim still walks down the goat path in summer. But when it freezes, Pim "
        "falls better than anyone.",
    ),
    Lesson("Thank you.", "You are welcome. 🐉"),
)
"""Answers that depend on their question alone."""

NAMES = ("Ada", "Bruno", "Chloé", "Dmitri", "Emi", "Farid")


def introduction(name: str) -> Lesson:
    """The turn that says who is talking."""
    return Lesson(f"My name is {name}.", f"Nice to meet you, {name}.")


def recall(name: str | None) -> Lesson:
    """The turn whose answer only the latest introduction (or its absence) explains."""
    return Lesson("What is my name?", f"Your name is {name}." if name else "You have not told me yet.")


SYSTEM_PROMPTS = ("You are a wyvern.", "Answer briefly.", "You are a helpful assistant.")
"""Said at the beginning of some training dialogues, and without influence on the answers."""
