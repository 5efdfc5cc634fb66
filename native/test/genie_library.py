"""Asks Qualcomm's own runtime, libGenie, for greedy continuations: ``genie_library.py LIBRARIES BUNDLE < questions``.

The input is a JSON list of `{"promptTokens": [...], "count": n}`. The last line of the output is a JSON object with the
library's version and the tokens of each answer. Prototypes follow `GenieDialog.h` of QAIRT, API 1.20 and 1.21.
"""

from __future__ import annotations

import ctypes
import json
import sys
from ctypes import CFUNCTYPE, POINTER, byref, c_int32, c_uint32, c_void_p
from pathlib import Path
from typing import Any

COMPLETE = 0
"""`GENIE_DIALOG_SENTENCE_COMPLETE`: the whole prompt comes at once."""
TakeTokens = CFUNCTYPE(None, POINTER(c_uint32), c_uint32, c_int32, c_void_p)


class GenieError(RuntimeError):
    """A call of libGenie failed. The message names the call and the status."""


class Dialog:
    """A loaded model in libGenie."""

    def __init__(self, libraries: Path, bundle: Path) -> None:
        self._genie = ctypes.CDLL(str(libraries / "libGenie.so"), ctypes.RTLD_GLOBAL)
        self._config, self._handle = c_void_p(), c_void_p()
        text = json.dumps(greedy_config(bundle)).encode()
        self._call("GenieDialogConfig_createFromJson", text, byref(self._config))
        self._call("GenieDialog_create", self._config, byref(self._handle))

    @property
    def version(self) -> str:
        """The version of Genie's API."""
        return ".".join(str(getattr(self._genie, f"Genie_getApi{part}Version")()) for part in ("Major", "Minor", "Patch"))

    def answer(self, prompt: list[int], count: int) -> list[int]:
        """Continues a prompt of token ids with at most `count` tokens, from an empty context."""
        found: list[int] = []
        take = TakeTokens(lambda ids, size, _code, _user: found.extend(ids[index] for index in range(size)))
        self._call("GenieDialog_reset", self._handle)
        self._call("GenieDialog_setMaxNumTokens", self._handle, c_uint32(count))
        ids = (c_uint32 * len(prompt))(*prompt)
        self._call("GenieDialog_tokenQuery", self._handle, ids, c_uint32(len(prompt)), c_int32(COMPLETE), take, None)
        return found

    def _call(self, name: str, *arguments: object) -> None:
        status = getattr(self._genie, name)(*arguments)
        if status:
            raise GenieError(f"{name} returned {status}.")


def greedy_config(bundle: Path) -> dict[str, Any]:
    """The bundle's configuration for greedy answers.

    Paths are absolute, because libGenie takes others from the working directory.
    """
    config: dict[str, Any] = json.loads((bundle / "genie_config.json").read_text(encoding="utf-8"))
    dialog = config["dialog"]
    engine = dialog["engine"]
    dialog["sampler"] = {"version": 1, "greedy": True}
    dialog["tokenizer"]["path"] = str(bundle / dialog["tokenizer"]["path"])
    # Without polling, threads that wait leave the processor to the emulator.
    engine["backend"]["QnnHtp"]["poll"] = False
    engine["backend"]["extensions"] = str(bundle / engine["backend"]["extensions"])
    binary = engine["model"]["binary"]
    binary["ctx-bins"] = [str(bundle / name) for name in binary["ctx-bins"]]
    return config


def main() -> None:
    """Answers the questions of the standard input."""
    libraries, bundle = (Path(argument).resolve() for argument in sys.argv[1:])
    dialog = Dialog(libraries, bundle)
    answers = [dialog.answer(one["promptTokens"], one["count"]) for one in json.load(sys.stdin)]
    print()
    print(json.dumps({"version": dialog.version, "answers": answers}))


if __name__ == "__main__":
    main()
