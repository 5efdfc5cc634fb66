"""The tests' NPU bundles give the recorded answers on the HTP emulator. Runs only with torch installed."""

import json
import platform
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("executorch.extension.pybindings.portable_lib")
if platform.system() != "Linux" or platform.machine() != "x86_64":
    pytest.skip("the emulator runs on Linux x86_64 alone", allow_module_level=True)

from export.fixtures.cpu_programs import FIXTURES
from export.paths import ROOT

EMULATED = [f"tiny-llama-qnn-{kind}" for kind in ("hybrid", "kv", "v79", "sharded", "embedding")]

# Runs in its own process: QAIRT's emulator ends a process that loads it twice.
ASK = """
import json, sys
from pathlib import Path
from export.qnn.libraries import libraries
from export.fixtures.qnn_runtime import QnnRuntime, load_backend

load_backend(libraries(None))
runtime = QnnRuntime(Path(sys.argv[1]))
for entry in json.loads(sys.argv[2]):
    answer = runtime.greedy(entry["promptTokens"], {2, 6}, len(entry["tokens"]) + 1)
    print("answer", json.dumps(answer.tokens[: len(entry["tokens"])]))
"""


@pytest.mark.parametrize("name", EMULATED)
def test_the_emulator_gives_the_recorded_tokens(name):
    entries = json.loads((FIXTURES / name / "expected.json").read_text())
    entries = sorted(entries, key=lambda entry: len(entry["promptTokens"]) + len(entry["tokens"]))[:3]
    program = FIXTURES / name / "model.pte"
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(program), json.dumps(entries)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = [json.loads(line.removeprefix("answer ")) for line in done.stdout.splitlines() if line.startswith("answer ")]
    assert said == [entry["tokens"] for entry in entries]
