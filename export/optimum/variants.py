"""Lists the test programs of optimum-executorch, and prints README.md's table of them. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CONTEXT = 192
"""`--max_seq_len`: the slots of every cache that is no window."""
WINDOW = 32
"""`sliding_window` of the tiny Gemma 3."""


@dataclass(frozen=True)
class Variant:
    """One program: its model and the options of `optimum-cli export executorch`."""

    model: str
    """A key of `checkpoints.MODELS`."""
    options: tuple[tuple[str, str | bool], ...]
    """Without `--recipe` and `--max_seq_len`."""
    call: str
    """Tokens of one call."""
    cache: str
    attention: str
    recipe: str = "xnnpack"
    context: int = CONTEXT
    """Tokens that it can hold."""

    def arguments(self) -> dict[str, Any]:
        """Returns the options as upstream's command line passes them on."""
        return {"max_seq_len": CONTEXT, **dict(self.options)}

    def command(self) -> str:
        """Returns the options as a person types them."""
        options = (f"--{name}" if value is True else f"--{name} {value}" for name, value in self.options)
        return " ".join([f"--recipe {self.recipe}", *options])


_CUSTOM: tuple[tuple[str, str | bool], ...] = (("use_custom_sdpa", True), ("use_custom_kv_cache", True))
_FOUR_BITS: tuple[tuple[str, str | bool], ...] = (("qlinear", "8da4w"), ("qembedding", "8w"))
_DYNAMIC = f"1 to {CONTEXT - 1}"
VARIANTS = {
    "dynamic": Variant("llama", (), _DYNAMIC, "transformers'", "plain"),
    "static": Variant("llama", (("disable_dynamic_shapes", True),), "1", "transformers'", "plain", "portable"),
    "custom-cache": Variant("llama", (*_CUSTOM, *_FOUR_BITS), _DYNAMIC, "ExecuTorch's", "custom"),
    "gemma-3-ring": Variant("gemma-3", _CUSTOM, f"1 to {WINDOW - 1}", f"ExecuTorch's, rings of {2 * WINDOW}", "custom"),
    "gemma-3-native": Variant("gemma-3", (), "1", f"transformers', of {WINDOW}", "plain", "portable", WINDOW),
}


def table() -> str:
    """Formats README.md's table of programs, as prettier formats it."""
    titles = {"llama": "tiny Llama 2", "gemma-3": "tiny Gemma 3"}
    head = ["program", "model", "options", "tokens a call", "KV cache", "attention"]
    rows = [
        head,
        *(
            [f"`{name}`", titles[one.model], f"`{one.command()}`", one.call, one.cache, one.attention]
            for name, one in sorted(VARIANTS.items())
        ),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    rows.insert(1, ["-" * width for width in widths])
    lines = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"| {line} |\n" for line in lines)
