"""Wraps one program's QNN context binary as Qualcomm's own tools deliver theirs: ``python -m export.qnn_context``.

What comes out has the graph's own order of inputs and outputs and no metadata, as a binary from AI Hub or QAIRT's converter
would. It is for tests of how such files are inspected and refused. Started as a child of `fixture_qnn.py`, with QAIRT's
libraries in its environment.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

# Before the placeholders: transformers looks which packages are installed.
import transformers  # noqa: F401

from .qnn_imports import unused_packages

with unused_packages():
    from executorch.backends.qualcomm.serialization.qc_schema import QcomChipset
    from executorch.backends.qualcomm.utils.utils import dump_context_from_pte, from_context_binary
from executorch.exir import ExecutorchBackendConfig
from executorch.exir.passes.memory_planning_pass import MemoryPlanningPass


def main() -> None:
    """Writes a program around the first context binary of another one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path, help="compiled for the emulator, one graph a context")
    parser.add_argument("out", type=Path)
    parser.add_argument("--soc", default="SC8380XP")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "program.pte"
        copy.write_bytes(arguments.program.read_bytes())
        binary = dump_context_from_pte(str(copy))[0]
        wrapped = from_context_binary(binary, "loader", soc_model=getattr(QcomChipset, arguments.soc))
        planning = MemoryPlanningPass(alloc_graph_input=False, alloc_graph_output=False)
        program = wrapped["edge_program_manager"].to_executorch(ExecutorchBackendConfig(memory_planning_pass=planning))
        arguments.out.write_bytes(program.buffer)


if __name__ == "__main__":
    sys.exit(main())
