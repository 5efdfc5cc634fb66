"""The command line: ``python -m export COMMAND …``, one module a command."""

from __future__ import annotations

import argparse
import importlib
import sys

COMMANDS = {
    "bundle": "make the default model's bundle from its GGUF (no torch)",
    "smollm2": "remake the default model's program (torch)",
    "calibrate": "find how the default model's inputs are best rounded (torch)",
    "measure": "compare programs with the GGUF in float32 (torch)",
    "llama": "export a Llama checkpoint (torch)",
    "random-checkpoint": "make a checkpoint of random weights in a model's shape (torch)",
    "fixture": "train and export the tests' tiny model (torch)",
    "remake": "make contract A's test programs anew and compare them with the committed ones (torch)",
    "template_goldens": "ask transformers what it makes of chats with each family's template",
    "tokenizer_fixtures": "train the tests' tokenizers and ask upstream for their ids",
}
"""A command's module has ``add_arguments(parser)`` and ``run(arguments) -> exit status``.
It is imported only when its command is asked for, so each needs its own packages alone."""


def main() -> int:
    """Dispatches to the command's module."""
    parser = argparse.ArgumentParser(prog="python -m export", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in sys.argv[1:] if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == wanted:
            module = importlib.import_module(f".{name.replace('-', '_')}", __package__)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    arguments = parser.parse_args()
    return int(arguments.run(arguments))


if __name__ == "__main__":
    sys.exit(main())
