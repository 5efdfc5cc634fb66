"""Finds Qualcomm's HTP compiler and emulator (QAIRT), or fetches them from PyPI."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from ..paths import ROOT

REQUIREMENT = ROOT / "scripts/setup/qnn.txt"
"""The pinned package with the libraries; set-up unpacks it for the tests too."""
INSTALLED = ROOT / "resources/qnn"
"""Set-up's folder for the libraries."""
LIBRARIES = ("libQnnHtp.so", "libQnnSystem.so", "libHtpPrepare.so")


class LibrariesError(RuntimeError):
    """The libraries are not available. The message says why and what to do."""


def libraries(folder: Path | None) -> Path:
    """Returns the folder with `LIBRARIES`: `folder`, set-up's, or the cache, which it fills from PyPI.

    Raises:
        LibrariesError: this machine cannot run the libraries, or the download failed.
    """
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        raise LibrariesError("Only Linux x86_64 can compile models for the NPU. Run this command there, and copy the bundle.")
    if folder is not None:
        missing = [name for name in LIBRARIES if not (folder / name).is_file()]
        if missing:
            raise LibrariesError(f"{folder} lacks {', '.join(missing)}. Give the folder with QAIRT's libraries.")
        return folder
    digest = hashlib.sha256(REQUIREMENT.read_bytes()).hexdigest()[:16]
    package = _cache() / f"qairt-{digest}"
    for known in (INSTALLED, package / "onnxruntime_qnn"):
        if all((known / name).is_file() for name in LIBRARIES):
            return known
    _fetch(package)
    return package / "onnxruntime_qnn"


def environment(folder: Path, scratch: Path) -> dict[str, str]:
    """Returns an environment in which upstream's compiler finds the libraries. `scratch` must outlive its process."""
    layout = scratch / "qairt/lib/x86_64-linux-clang"
    layout.parent.mkdir(parents=True, exist_ok=True)
    layout.symlink_to(folder.resolve(), target_is_directory=True)
    path = os.environ.get("LD_LIBRARY_PATH")
    return {
        **os.environ,
        "QNN_SDK_ROOT": str(scratch / "qairt"),
        "LD_LIBRARY_PATH": f"{layout}:{path}" if path else str(layout),
    }


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wyvern"


def _fetch(target: Path) -> None:
    print("Fetching Qualcomm's HTP compiler from PyPI (Qualcomm's licence applies; it is in the same folder)", file=sys.stderr)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        # Take one wheel for any Python: only its libraries matter, and its hash is pinned.
        wheel = ["--python-version", "3.11", "--platform", "manylinux_2_35_x86_64", "--only-binary", ":all:"]
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--require-hashes", *wheel]
        command += ["--requirement", str(REQUIREMENT), "--dest", scratch]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(scratch).glob("*.whl"))
        if done.returncode or not wheels:
            raise LibrariesError(
                f"The HTP compiler could not be downloaded. Check the network. pip says: {done.stderr.strip()[-400:]}"
            )
        unpacked = Path(scratch) / "unpacked"
        with zipfile.ZipFile(wheels[0]) as wheel:
            # The libraries' own dependencies are in a second folder.
            wheel.extractall(unpacked, [name for name in wheel.namelist() if _is_wanted(name)])
        shutil.rmtree(target, ignore_errors=True)
        unpacked.rename(target)


def _is_wanted(name: str) -> bool:
    return name.startswith(("onnxruntime_qnn/", "onnxruntime_qnn.libs/")) and "providers" not in name
