"""Chat templates and calibration texts for Llama exports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jinja2
import jinja2.sandbox

CALIBRATION = Path(__file__).parent / "calibration.json"
"""Conversations written for this repository."""

LLAMA_3_TEMPLATE = (
    "{{- bos_token }}"
    "{%- for message in messages %}"
    "{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}"
)
LLAMA_3_STOP = ["<|eot_id|>", "<|end_of_text|>"]


def template_beside(tokenizer: Path) -> str | None:
    """Reads the chat template beside a Hugging Face tokenizer; None if there is none."""
    file = tokenizer.with_name("chat_template.jinja")
    if file.is_file():
        return file.read_text(encoding="utf-8")
    config = tokenizer.with_name("tokenizer_config.json")
    if config.is_file():
        template = json.loads(config.read_text(encoding="utf-8")).get("chat_template")
        return template if isinstance(template, str) else None
    return None


def is_llama_3(tokenizer: Path) -> bool:
    """Returns whether the tokenizer is Llama 3's: a tiktoken file, or a `tokenizer.json` with its turn markers."""
    if tokenizer.suffix == ".json":
        return "<|start_header_id|>" in tokenizer.read_text(encoding="utf-8")
    with tokenizer.open("rb") as file:
        return re.match(rb"[A-Za-z0-9+/]+=* \d+\n", file.read(200)) is not None


def calibration_texts(source: Path | None, template: str | None) -> list[str]:
    """Returns texts for calibration with chat markers, but without the begin-of-text token.

    Args:
        source: a JSON list of `{"messages": [{"role", "content"}, …]}`, or a plain text, split into
            paragraphs at blank lines; None: our own conversations.
        template: the model's chat template; None: conversations are joined as plain text.

    Raises:
        ValueError: the file holds no text.
    """
    path = source or CALIBRATION
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".json":
        texts = [paragraph.strip() for paragraph in re.split(r"\n\s*\n", content) if paragraph.strip()]
    else:
        texts = [_render(sample["messages"], template) for sample in json.loads(content)]
    if not texts:
        raise ValueError(f"{path} holds no text. Give a JSON list of conversations, or plain paragraphs.")
    return texts


def _render(messages: list[dict[str, Any]], template: str | None) -> str:
    if template is None:
        return "\n".join(message["content"] for message in messages)
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda _: "1 January 2026"
    return environment.from_string(template).render(messages=messages, bos_token="", eos_token="", add_generation_prompt=False)


def _refuse(message: str) -> None:
    raise ValueError(
        f"The chat template refuses the calibration text ({message}). Give other conversations with --calibration."
    )
