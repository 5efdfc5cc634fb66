"""Lowers a :class:`~export.decoder.Decoder` to an ExecuTorch program with its data apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import torch
from executorch.backends.xnnpack import _passes
from executorch.backends.xnnpack.operators import op_slice_copy
from executorch.backends.xnnpack.partition.config.generic_node_configs import SliceCopyConfig
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import (
    EdgeCompileConfig,
    ExecutorchBackendConfig,
    ExecutorchProgramManager,
    to_edge_transform_and_lower,
)
from executorch.exir.passes import MemoryPlanningPass
from executorch.exir.passes.sym_shape_eval_pass import ConstraintBasedSymShapeEvalPass

from .decoder import Decoder

DATA = "model"
"""Tag of the external data; the file's name is the bundle's own affair."""


@contextmanager
def _short_pass_list() -> Iterator[None]:
    """Runs only the XNNPACK passes that a decoder needs.

    Upstream runs seventeen for every partition (batch norm, upsampling, PReLU, …), each of
    them tracing the partition anew: six sevenths of an export's time.
    """
    needed = [_passes.PropagateCustomMetaPass, _passes.ConvertToLinearPass]
    original = _passes.XNNPACKPassManager.__init__

    def init(self: object, program: object, passes: object = None) -> None:
        original(self, program, passes or needed)

    with mock.patch.object(_passes.XNNPACKPassManager, "__init__", init):
        yield


@contextmanager
def _slices_of_dynamic_tensors() -> Iterator[None]:
    """Lets XNNPACK slice one fixed dimension of a tensor whose other dimensions vary.

    XNNPACK takes a slice of size 0 as "all of it", which upstream's partitioner does not use.
    """
    common = SliceCopyConfig.check_common_constraints

    def check(self: SliceCopyConfig, node: torch.fx.Node, program: object) -> bool:
        source, dimension = node.args[0].meta["val"], node.args[1]
        fixed = all(isinstance(n.meta["val"].shape[dimension], int) for n in (node.args[0], node))
        return common(self, node, program) and source.dim() > 0 and fixed

    def sizes(node: torch.fx.Node) -> list[int]:
        return [n if isinstance(n, int) else 0 for n in node.meta["val"].shape]

    with (
        mock.patch.object(SliceCopyConfig, "check_constraints", check),
        mock.patch.object(op_slice_copy, "get_shape", sizes),
    ):
        yield


def lower(model: Decoder, longest: int, methods: dict[str, object]) -> ExecutorchProgramManager:
    """The program of a decoder that takes 1 to ``longest`` tokens a call.

    ``methods`` are the constant methods that tell the runtime about the model.
    """
    tokens = torch.zeros(1, 2, dtype=torch.long)
    position = torch.zeros(1, dtype=torch.long)
    length = torch.export.Dim("length", min=1, max=longest)
    with torch.no_grad():
        exported = torch.export.export(model, (tokens, position), dynamic_shapes=({1: length}, None), strict=False)
        for node in exported.graph.nodes:
            if node.op == "placeholder":
                node.meta["custom"] = {"delegate_constant_tag": DATA}
        with _short_pass_list(), _slices_of_dynamic_tensors():
            edge = to_edge_transform_and_lower(
                exported,
                partitioner=[XnnpackPartitioner()],
                compile_config=EdgeCompileConfig(_check_ir_validity=False, _skip_dim_order=True),
                constant_methods=methods,
            )
        return edge.to_executorch(
            ExecutorchBackendConfig(
                extract_delegate_segments=True,
                memory_planning_pass=MemoryPlanningPass(alloc_graph_input=False),
                sym_shape_eval_pass=ConstraintBasedSymShapeEvalPass(),
                external_constants=lambda _: DATA,
            )
        )
