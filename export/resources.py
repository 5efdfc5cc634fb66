"""Checks before an export whether memory and disk suffice, and says how to add swap."""

from __future__ import annotations

import re
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30


@dataclass(frozen=True)
class Needs:
    """Estimates in bytes, in proportion to the 1B shape, which took 49 GB of memory and swap to compile for the HTP."""

    memory: int
    disk: int


def estimate(parameters: int, checkpoint_bytes: int, *, npu: bool) -> Needs:
    """Estimates the memory and disk of an export.

    For the NPU, upstream quantises three copies of the graph in float32 at once and writes one to disk.
    """
    if npu:
        return Needs(3 * GIB + 31 * parameters, GIB // 8 + 6 * parameters + checkpoint_bytes)
    return Needs(3 * GIB + 12 * parameters, GIB // 8 + 2 * parameters + checkpoint_bytes)


def available_memory() -> tuple[int, int] | None:
    """Returns free memory and free swap in bytes, within this process's limits; None on other systems than Linux."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    values = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines}
    memory, swap = values["MemAvailable"], values["SwapFree"]
    allowed, allowed_with_swap = left_of_limits()
    memory = min(memory, allowed)
    return memory, max(0, min(swap, allowed_with_swap - memory))


def left_of_limits(groups: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> tuple[float, float]:
    """Returns the bytes of memory, and of memory and swap together, that the process's control groups still allow."""
    memory = together = float("inf")
    try:
        entries = [line.split(":", 2) for line in groups.read_text().splitlines()]
    except OSError:
        return memory, together
    for _, controllers, name in entries:
        if controllers == "memory":
            folder = root / "memory"
            for each in _upwards(folder, name):
                memory = min(memory, _left(each, "memory.limit_in_bytes", "memory.usage_in_bytes"))
                together = min(together, _left(each, "memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes"))
        elif controllers == "":
            for each in _upwards(root, name):
                here = _left(each, "memory.max", "memory.current")
                memory, together = (
                    min(memory, here),
                    min(together, here + _left(each, "memory.swap.max", "memory.swap.current", cache=False)),
                )
    return memory, together


def _upwards(root: Path, name: str) -> list[Path]:
    folder = root / name.strip("/")
    return [each for each in (folder, *folder.parents) if each.is_relative_to(root)]


def _left(folder: Path, limit: str, usage: str, *, cache: bool = True) -> float:
    """Returns the bytes below a limit; infinite without one. `cache`: usage includes reclaimable file cache."""
    try:
        allowed, used = (folder / limit).read_text().strip(), int((folder / usage).read_text())
        cached = re.search(r"^(?:total_)?inactive_file (\d+)", (folder / "memory.stat").read_text(), re.MULTILINE)
    except (OSError, ValueError):
        return float("inf")
    if allowed == "max" or int(allowed) > 1 << 60:
        return float("inf")
    return max(0, int(allowed) - used + (int(cached[1]) if cache and cached else 0))


class PeakMemory:
    """Samples the memory and swap of a process and all its descendants once a second."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        while not self._ended.wait(1):
            self.bytes = max(self.bytes, tree_bytes(self._pid))

    def stop(self) -> None:
        """Ends the sampling; `bytes` is then final."""
        self._ended.set()
        self._thread.join()


def tree_bytes(pid: int) -> int:
    """Returns the current memory and swap of a process and all its descendants."""
    return sum(_resident(each) for each in _family(pid))


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return found


def _resident(pid: int) -> int:
    try:
        values = re.findall(r"^(?:VmRSS|VmSwap):\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return sum(int(value) * 1024 for value in values)


def shortages(needs: Needs, folder: Path) -> list[str]:
    """Returns a sentence with a next step for each shortage."""
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
            "Free disk space, or give another folder with --out."
        )
    return found


def swap_commands(gib: int) -> str:
    """Returns shell commands that add swap on Linux until the next restart."""
    return (
        f"  sudo fallocate -l {gib}G /swapfile && sudo chmod 600 /swapfile\n"
        "  sudo mkswap /swapfile && sudo swapon /swapfile\n"
        "  (and when done: sudo swapoff /swapfile && sudo rm /swapfile)"
    )
