"""Runs a standard Llama program in upstream's own Python runtime: the peer that our engine's text is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Greedy:
    """A greedy continuation."""

    tokens: list[int]
    """Without the token that ended it."""
    ended: bool
    """False: the limit ended it."""
    margin: float
    """Least distance, in logits, between the chosen token and the next likely one, the ending token included."""


class UpstreamRuntime:
    """One loaded `forward`. One sequence at a time."""

    def __init__(self, program: Path, data: Path | None = None) -> None:
        # Registers the llama:: operators and the quantised kernels with the runtime.
        from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401
        from executorch.extension.pybindings import portable_lib
        from executorch.kernels import quantized  # noqa: F401

        self._module = portable_lib._load_for_executorch(str(program), str(data) if data else None)
        meta = self._module.method_meta("forward")
        self.kv_cache = meta.num_inputs() == 2
        self.longest_call = int(meta.input_tensor_meta(0).sizes()[1])
        self.dynamic_shape = bool(self._module.run_method("enable_dynamic_shape")[0])
        self.context = int(self._module.run_method("get_max_context_len")[0])

    def _forward(self, tokens: list[int], position: int) -> torch.Tensor:
        inputs = [torch.tensor([tokens], dtype=torch.long)]
        if self.kv_cache:
            inputs.append(torch.tensor([position], dtype=torch.long))
        logits = self._module.forward(inputs)[0].float()
        return logits[0] if logits.dim() == 2 else logits[0, -1]

    def _logits(self, tokens: list[int], resident: int) -> torch.Tensor:
        """Logits after `tokens`, of which the first `resident` are in the cache already."""
        if not self.kv_cache:
            if self.dynamic_shape:
                return self._forward(tokens, 0)
            padded = tokens + [0] * (self.context - len(tokens))
            logits = self._module.forward([torch.tensor([padded], dtype=torch.long)])[0].float()
            return logits[0, len(tokens) - 1]
        # Half of the longest call: a window's ring holds twice the window, and a longer call would overwrite what its
        # first tokens still have to see.
        length = (self.longest_call + 1) // 2 if self.dynamic_shape else 1
        for position in range(resident, len(tokens), length):
            logits = self._forward(tokens[position : min(position + length, len(tokens))], position)
        return logits

    def greedy(self, prompt: list[int], stop: set[int], limit: int) -> Greedy:
        """Continues `prompt` by the most likely token until one of `stop`, or for `limit` tokens."""
        tokens, resident, margin = list(prompt), 0, float("inf")
        while len(tokens) - len(prompt) < limit:
            best = self._logits(tokens, resident).topk(2)
            resident = len(tokens)
            margin = min(margin, float(best.values[0] - best.values[1]))
            token = int(best.indices[0])
            if token in stop:
                return Greedy(tokens[len(prompt) :], True, margin)
            tokens.append(token)
        return Greedy(tokens[len(prompt) :], False, margin)
