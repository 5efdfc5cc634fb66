"""Runs a static Llama program on Qualcomm's HTP emulator, through upstream's Python runtime and QNN delegate.

The plainest loop over upstream's calling convention: prefill in chunks, caches copied slot by slot. It makes and checks the
text of the fixtures; the app has its own, fast one.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from pathlib import Path

import executorch
import torch

from .llama_runtime import Greedy

ATTEND = 65535


def load_backend(libraries: Path) -> None:
    """Loads QAIRT's emulator and upstream's delegate into this process, once for all programs.

    Args:
        libraries: folder with `libQnnHtp.so`, `libQnnSystem.so` and `libHtpPrepare.so`.
    """
    # By absolute path and globally, so that the delegate's own loading by bare name finds them.
    for name in ("libQnnSystem.so", "libQnnHtp.so"):
        ctypes.CDLL(str(libraries / name), mode=ctypes.RTLD_GLOBAL)
    from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401
    from executorch.extension.pybindings import portable_lib  # noqa: F401
    from executorch.kernels import quantized  # noqa: F401

    delegate = Path(next(iter(executorch.__path__))) / "lib/libexecutorch_backend_qnn.so"
    ctypes.CDLL(str(delegate), mode=ctypes.RTLD_GLOBAL)


@dataclass
class _Method:
    """One compiled graph: `length` tokens a call, a mask of `context` columns."""

    name: str
    length: int
    context: int
    token_dtype: torch.dtype
    calls: int = field(default=0)


_DTYPES = {1: torch.int8, 3: torch.int32, 4: torch.int64, 0: torch.uint8, 27: torch.uint16}


class QnnRuntime:
    """One loaded program, hybrid or kv. One sequence at a time."""

    def __init__(self, program: Path) -> None:
        from executorch.extension.pybindings import portable_lib

        self._module = portable_lib._load_for_executorch(str(program))
        names = set(self._module.method_names())
        self._decode = self._method("kv_forward")
        self._prefill = self._method("prefill_forward") if "prefill_forward" in names else self._decode
        self.context = self._decode.context
        caches = range(3, self._module.method_meta("kv_forward").num_inputs())
        meta = [self._module.method_meta("kv_forward").input_tensor_meta(i) for i in caches]
        self._layers = len(meta) // 2
        # Whole caches, one slot for each position; each call is given the part that its method takes.
        heads, head_dim = meta[0].sizes()[1], meta[0].sizes()[2]
        dtype = _DTYPES[meta[0].dtype()]
        self._keys = [torch.zeros(1, heads, head_dim, self.context, dtype=dtype) for _ in range(self._layers)]
        self._values = [torch.zeros(1, heads, self.context, head_dim, dtype=dtype) for _ in range(self._layers)]

    def _method(self, name: str) -> _Method:
        meta = self._module.method_meta(name)
        mask = meta.input_tensor_meta(1).sizes()
        return _Method(name, mask[-2], mask[-1], _DTYPES[meta.input_tensor_meta(0).dtype()])

    def _run(self, method: _Method, tokens: list[int], past: int) -> torch.Tensor:
        """Feeds up to `method.length` tokens after `past` resident ones; returns the last one's raw logits, `[vocab]`."""
        length, slots = method.length, method.context - method.length
        ids = torch.zeros(1, length, dtype=method.token_dtype)
        ids[0, : len(tokens)] = torch.tensor(tokens)
        rows, columns = torch.arange(length)[:, None], torch.arange(method.context)[None, :]
        seen = (columns < past) | ((columns >= slots) & (columns - slots <= rows))
        mask = (seen.to(torch.int32) * ATTEND).to(torch.uint16)[None, None]
        positions = torch.arange(past, past + length, dtype=torch.int32)[None].clamp(max=self.context - 1)
        keys = [key[..., :slots].contiguous() for key in self._keys]
        values = [value[:, :, :slots].contiguous() for value in self._values]
        outputs = self._module.run_method(method.name, (ids, mask, positions, *keys, *values))
        count = len(tokens)
        for layer in range(self._layers):
            self._keys[layer][..., past : past + count] = outputs[1 + layer][..., :count]
            self._values[layer][:, :, past : past + count] = outputs[1 + self._layers + layer][:, :, :count]
        method.calls += 1
        return outputs[0][0, count - 1].to(torch.int64)

    def greedy(self, prompt: list[int], stop: set[int], limit: int) -> Greedy:
        """Continues `prompt` by the most likely token until one of `stop`, or for `limit` tokens.

        The margin is in logits: raw codes times the program's own scale.
        """
        scale = float(self._module.run_method("get_logits_scale")[0])
        tokens, past, margin = list(prompt), 0, float("inf")
        while past < len(prompt):
            # Prefill has slots for `context - length` tokens; the rest of a long prompt goes one by one.
            fits = past + self._prefill.length <= self.context - self._prefill.length
            method = self._prefill if fits else self._decode
            chunk = tokens[past : past + method.length]
            logits = self._run(method, chunk, past)
            past += len(chunk)
        while len(tokens) - len(prompt) < limit:
            best = logits.topk(2)
            margin = min(margin, float(best.values[0] - best.values[1]) * scale)
            token = int(best.indices[0])
            if token in stop:
                return Greedy(tokens[len(prompt) :], True, margin)
            tokens.append(token)
            logits = self._run(self._decode, [token], past)
            past += 1
        return Greedy(tokens[len(prompt) :], False, margin)
