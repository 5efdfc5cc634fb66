"""The figures of a comparison with the reference, and the tables that ``python -m export measure`` prints. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """The comparison of a model with the reference."""

    perplexity: float
    text_agreement: float
    text_divergence: float
    answer_agreement: float
    same_answers: int
    """Answers with the reference's choice at every token."""
    answers: int

    def row(self, name: str) -> str:
        """Formats a row of README.md's table by weights."""
        return (
            f"| {name} | {self.perplexity:.2f} | {self.text_agreement:.1%} | {self.text_divergence:.3f} "
            f"| {self.answer_agreement:.1%} |"
        )


@dataclass(frozen=True)
class Column:
    """The figures of one processor."""

    score: Score
    digest: str
    """SHA-256 of all compared logits in hexadecimal: equal only if every bit is."""


def by_processor(columns: Mapping[str, Column]) -> str:
    """Formats README.md's table with one column a processor.

    Args:
        columns: The figures by the processor's name.
    """
    scores = [column.score for column in columns.values()]
    rows = {
        "": list(columns),
        "---": ["---"] * len(columns),
        "perplexity": [f"{score.perplexity:.2f}" for score in scores],
        "same next token": [f"{score.text_agreement:.1%}" for score in scores],
        "divergence": [f"{score.text_divergence:.5f}" for score in scores],
        "same in answers": [f"{score.answer_agreement:.1%}" for score in scores],
        "answers with the same text": [f"{score.same_answers} of {score.answers}" for score in scores],
        "SHA-256 of the logits begins": [f"`{column.digest[:12]}`" for column in columns.values()],
    }
    return "\n".join(f"| {' | '.join([name, *cells])} |" for name, cells in rows.items())
