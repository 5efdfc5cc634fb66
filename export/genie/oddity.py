"""Differences from the usual form of AI Hub's models: some that the app runs, and some that it must refuse by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .graph import Encoding


@dataclass(frozen=True)
class Oddity:
    """One model's differences; without arguments it has none."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Other names of inputs and outputs."""
    extra_input: str | None = None
    """Name of an input that usual models lack. It is added to the cosines."""
    per_head: bool = False
    """Each head has a cache of its own, `past_key_{layer}_h{head}_in`, as in bundles of 2024."""
    in_place: bool = False
    """Caches come with all slots of the context, as for a cache that the graph writes."""
    written_scale: float = 1.0
    """Caches are written in an encoding whose scale is this times the one in which they are read."""
    taken_scales: Mapping[int, float] = field(default_factory=dict)
    """By part: it takes its hidden state in an encoding whose scale is this times the one in which it is given."""

    def name(self, usual: str) -> str:
        """The name of an input or output."""
        return self.names.get(usual, usual)

    def written(self, read: Encoding) -> Encoding:
        """The encoding in which a cache is written."""
        return replace(read, scale=read.scale * self.written_scale)

    def taken(self, given: Encoding, part: int) -> Encoding:
        """The encoding in which a part takes its hidden state."""
        return replace(given, scale=given.scale * self.taken_scales.get(part, 1.0))
