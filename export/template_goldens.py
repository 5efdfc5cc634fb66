"""``python -m export template_goldens``: what `transformers` makes of chats with Wyvern's templates and published ones.

For each family the templates of `main/engine/chat-templates/` are rendered; where the package `trl` carries the template
that the family's authors published, that one is rendered too, and has to give the same text. `--check` compares with the
committed file instead of writing. Nothing of a published template is stored.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

ROOT = Path(__file__).parents[1]
GOLDENS = ROOT / "main/engine/chat-templates/goldens.json"

PUBLISHED = {
    "llama-3": "llama3.jinja",
    "gemma": "gemma3.jinja",
    "phi-3": "phi3.jinja",
    "qwen": "qwen3.jinja",
}
"""Files of trl's `chat_templates`. Gemma's is version 3: earlier ones refuse a system message."""

TOKENS = {
    "gemma": ("<bos>", "<eos>"),
    "llama-3": ("<|begin_of_text|>", "<|eot_id|>"),
    "chatml": ("", "<|im_end|>"),
    "qwen": ("", "<|im_end|>"),
    "phi-3": ("<s>", "<|endoftext|>"),
    "phi-4": ("", "<|im_end|>"),
    "phi-4-mini": ("", "<|endoftext|>"),
}
"""Begin and end of text, where they are not `<s>` and `</s>`."""


def user(content: str) -> dict[str, str]:
    """What this role says."""
    return {"role": "user", "content": content}


def assistant(content: str) -> dict[str, str]:
    """What this role says."""
    return {"role": "assistant", "content": content}


def system(content: str) -> dict[str, str]:
    """What this role says."""
    return {"role": "system", "content": content}


CHATS = {
    "one question": [user("What is a wyvern?")],
    "a system message": [system("Be brief."), user("What is a wyvern?")],
    "three turns": [user("Hi"), assistant("Hello!"), user("What is 1 + 1?"), assistant("2"), user("Sure?")],
    "three turns with a system message": [
        system("You are a pirate.\n\nSpeak so."),
        user("Hi"),
        assistant("Ahoy!"),
        user("Where to?"),
        assistant("West."),
        user("Why?"),
    ],
    "space around": [system("  Be brief.\n"), user("\n  Hi  \n"), assistant(" Hello! \n\n"), user("  x\ty  ")],
    "characters": [user("„Größe“ – 你好, мир 🐉\u200d!"), assistant("naïve\u00a0café"), user("{{ messages }} {% if %} '\\n'")],
    "text like marks": [user("[INST] x [/INST] <|im_end|> <|eot_id|>"), assistant("</s>"), user("<start_of_turn>user")],
    "a thought": [user("Hi"), assistant("<think>\nHm.\n</think>\n\nHello!"), user("And?")],
}


def own_templates() -> dict[str, str]:
    """Wyvern's templates, by family, as Node reads them."""
    program = (
        "import { families } from './main/engine/chat-templates/families.ts';"
        "console.log(JSON.stringify(Object.fromEntries(families.map(({ id, template }) => [id, template]))));"
    )
    node = ROOT / "node_modules/.bin/node"
    done = subprocess.run([node, "--input-type=module", "-e", program], cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def published_templates() -> dict[str, str]:
    """Those that trl carries, read from its files: importing it would import torch."""
    package = importlib.util.find_spec("trl")
    if package is None or package.origin is None:
        raise SystemExit("The package trl is not installed: npm run setup:export installs it.")
    folder = Path(package.origin).parent / "chat_templates"
    return {family: (folder / name).read_text(encoding="utf-8") for family, name in PUBLISHED.items()}


def rendered(template: str, family: str) -> dict[str, str]:
    """Chat's name → the prompt, by `transformers`."""
    bos, eos = TOKENS.get(family, ("<s>", "</s>"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"x": 0}, unk_token="x")))
    tokenizer.bos_token, tokenizer.eos_token = bos or None, eos
    return {
        name: tokenizer.apply_chat_template(
            chat, chat_template=template, tokenize=False, add_generation_prompt=True, bos_token=bos, eos_token=eos
        )
        for name, chat in CHATS.items()
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--check", action="store_true", help="compare with the committed file")


def run(arguments: argparse.Namespace) -> int:
    """Writes or compares the goldens; 1 if they differ, or a family's own text differs from the published one."""
    own, published = own_templates(), published_templates()
    families = {}
    for family, template in own.items():
        prompts = rendered(template, family)
        if family in published:
            theirs = rendered(published[family], family)
            different = [name for name in CHATS if prompts[name] != theirs[name]]
            for name in different:
                print(f"{family}, {name}:\n  own       {prompts[name]!r}\n  published {theirs[name]!r}", file=sys.stderr)
            if different:
                return 1
        bos, eos = TOKENS.get(family, ("<s>", "</s>"))
        families[family] = {
            "bos": bos,
            "eos": eos,
            **({"published": f"trl/chat_templates/{PUBLISHED[family]}"} if family in published else {}),
            "prompts": prompts,
        }
    goldens = {"chats": CHATS, "families": families}
    if not arguments.check:
        GOLDENS.write_text(json.dumps(goldens, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return 0
    if json.loads(GOLDENS.read_text(encoding="utf-8")) == goldens:
        print(f"{len(families)} families, {len(CHATS)} chats each: as committed")
        return 0
    print(f"{GOLDENS} differs from what transformers makes now", file=sys.stderr)
    return 1
