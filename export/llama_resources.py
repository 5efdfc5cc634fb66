"""Says before an export starts whether memory and disk will do, and how to add swap if not."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30


@dataclass(frozen=True)
class Needs:
    """Estimates in bytes. Compiling the 1B shape for the HTP took 49 GB of memory and swap; the rest is in proportion."""

    memory: int
    disk: int


def estimate(parameters: int, checkpoint_bytes: int, *, npu: bool) -> Needs:
    """What an export of so many parameters takes.

    For the NPU three copies of the graph are quantised in float32 side by side, and one is written to disk.
    """
    if npu:
        return Needs(3 * GIB + 31 * parameters, GIB // 8 + 6 * parameters + checkpoint_bytes)
    return Needs(3 * GIB + 12 * parameters, GIB // 8 + 2 * parameters + checkpoint_bytes)


def available_memory() -> tuple[int, int] | None:
    """Free memory and free swap in bytes; None where the system does not say (not Linux)."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    values = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    return values["MemAvailable"], values["SwapFree"]


def shortages(needs: Needs, folder: Path) -> list[str]:
    """Sentences about what will not do, each with a next step; empty if all will."""
    found = []
    memory = available_memory()
    if memory is not None and sum(memory) < needs.memory:
        missing = -(-(needs.memory - sum(memory)) // GIB) + 4
        found.append(
            f"The export needs about {needs.memory / GIB:.0f} GiB of memory and swap together; {memory[0] / GIB:.0f} GiB of "
            f"memory and {memory[1] / GIB:.0f} GiB of swap are free. Add swap:\n{swap_commands(missing)}"
        )
    free = shutil.disk_usage(folder).free
    if free < needs.disk:
        found.append(
            f"The export needs about {needs.disk / GIB:.1f} GiB in {folder}; {free / GIB:.1f} GiB are free. "
            "Free some, or give another folder with --out."
        )
    return found


def swap_commands(gib: int) -> str:
    """Shell commands that add so much swap on Linux until the next start."""
    return (
        f"  sudo fallocate -l {gib}G /swapfile && sudo chmod 600 /swapfile\n"
        "  sudo mkswap /swapfile && sudo swapon /swapfile\n"
        "  (and when done: sudo swapoff /swapfile && sudo rm /swapfile)"
    )
