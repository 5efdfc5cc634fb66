"""ExecuTorch's own Python runtime with its custom operators: ``executorch_python.py THREADS CHUNK PROGRAM [DATA]``.

Speaks the protocol of ``bench/peer.ts``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import torch
from executorch.extension.llm.custom_ops import custom_ops  # noqa: F401  registers llama::*
from executorch.extension.pybindings import _C as runtime  # noqa: N811
from executorch.extension.pybindings import portable_lib
from executorch.kernels import quantized  # noqa: F401

DECODE_PROMPT_TOKENS = 32


def prompt_tokens(count: int) -> list[int]:
    """The ids for every peer, like ``promptTokens`` in ``serve.ts``."""
    return [1_000 + (index * 7_919) % 20_000 for index in range(count)]


def now() -> tuple[float, float]:
    """Returns seconds on the clock, and of processor time."""
    return time.perf_counter(), time.process_time()


def main() -> None:
    """Answers requests until standard input ends."""
    threads, chunk = int(sys.argv[1]), int(sys.argv[2])
    program, data = sys.argv[3], next(iter(sys.argv[4:]), None)
    started = now()
    module = portable_lib._load_for_executorch(program, data)
    runtime._unsafe_reset_threadpool(threads)
    logits = torch.empty(0)

    def forward(tokens: list[int], position: int) -> torch.Tensor:
        inputs = (torch.tensor([tokens]), torch.tensor([position]))
        return module.forward(inputs)[0]

    def prefill(tokens: list[int]) -> None:
        nonlocal logits
        for at in range(0, len(tokens), chunk):
            logits = forward(tokens[at : at + chunk], at)

    def decode(count: int, position: int) -> None:
        nonlocal logits
        for step in range(count):
            token = int(logits.reshape(-1, logits.shape[-1])[-1].argmax())
            logits = forward([token], position + step)

    def answer(since: tuple[float, float]) -> None:
        ms, cpu_ms = ((end - start) * 1000 for start, end in zip(since, now(), strict=True))
        print(json.dumps({"ms": ms, "cpuMs": cpu_ms}, separators=(",", ":")), flush=True)

    def timed(work: Callable[[], None]) -> None:
        since = now()
        work()
        answer(since)

    forward([1_000], 0)
    answer(started)
    for line in sys.stdin:
        request = json.loads(line)
        count = request["tokens"]
        if request["do"] == "prefill":
            timed(lambda count=count: prefill(prompt_tokens(count)))
        else:
            prefill(prompt_tokens(DECODE_PROMPT_TOKENS))
            timed(lambda count=count: decode(count, DECODE_PROMPT_TOKENS))


if __name__ == "__main__":
    main()
