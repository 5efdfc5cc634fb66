"""The command line: ``python -m export COMMAND …``, one module a command."""

from __future__ import annotations

import argparse
import importlib
import sys

COMMANDS = {
    "measure": ("default_model.measure", "compare programs with the GGUF in float32 (torch)"),
    "llama": ("llama.command", "export a Llama checkpoint (torch)"),
    "random-checkpoint": ("llama.random_checkpoint", "make a checkpoint of random weights in a model's shape (torch)"),
    "fixture": ("fixtures.command", "train and export the tests' tiny model (torch)"),
    "genie-fixture": ("genie.command", "compile the tests' tiny model as AI Hub delivers models (no torch)"),
    "thinker": ("fixtures.thinker", "train and export the tests' tiny model that thinks before it answers (torch)"),
    "optimum": ("optimum.command", "export the tests' tiny models with optimum-executorch (requirements-optimum.txt)"),
    "remake": ("fixtures.remake", "make contract A's test programs anew and compare them with the committed ones (torch)"),
    "template_goldens": ("fixtures.template_goldens", "ask transformers what it makes of chats with each family's template"),
    "tokenizer_fixtures": ("fixtures.tokenizer_fixtures", "train the tests' tokenizers and ask upstream for their ids"),
    "pattern_goldens": ("fixtures.pattern_goldens", "ask upstream which code points each class of a pattern matches"),
    "jinja_goldens": ("fixtures.jinja_goldens", "ask Jinja, as transformers sets it up, what it makes of expressions"),
    "block_goldens": ("fixtures.block_goldens", "ask the gguf package for the numbers of weight blocks (no torch)"),
    "rotation_goldens": (
        "fixtures.rotation_goldens",
        "ask transformers for cosines and sines of each rotation (torch)",
    ),
    "documents": ("fixtures.documents", "make the tests' documents (python-docx and others, no torch)"),
    "added_token_goldens": ("fixtures.added_token_goldens", "ask transformers how added tokens of a bundle's files are found"),
}
"""Each command's module and summary. A module has ``add_arguments(parser)`` and ``run(arguments) -> exit status``.
Only the chosen command's module is imported, so a command needs no packages but its own."""


def main() -> int:
    """Dispatches to the command's module."""
    parser = argparse.ArgumentParser(prog="python -m export", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in sys.argv[1:] if word in COMMANDS), None)
    for name, (path, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == wanted:
            module = importlib.import_module(f".{path}", __package__)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    arguments = parser.parse_args()
    return int(arguments.run(arguments))


if __name__ == "__main__":
    sys.exit(main())
