"""Compiles the parts of a model: the embedding, and groups of layers, the last with the head.

Graphs, inputs and outputs have AI Hub's names and shapes (`ai-hub-models`, `_shared/llm/model.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from . import decoder
from .checkpoint import Checkpoint
from .compiled import Compiler
from .graph import FLOAT_16, INT_32, Context, Encoding, Graph, Value, ufixed16
from .qnn_interface import Library
from .ranges import Ranges

SPLITS = ((), (0, 1), (2, 3), (4,))
"""The layers of each part; the first part is the embedding."""
HIDDEN = (
    "_model_model_embed_tokens_Gather_output_0",
    "_model_model_layers_1_Add_1_output_0",
    "_model_model_layers_3_Add_1_output_0",
)
"""What each part hands to the next."""


@dataclass(frozen=True)
class Plan:
    """What a bundle's binaries contain."""

    contexts: tuple[int, ...]
    prefill: int
    weight_bits: int | None
    """4 or 8 with activations of 16 bits and caches of 8; nothing for float16."""
    shares_weights: bool = False


def compile_parts(library: Library, model: Checkpoint, ranges: Ranges, plan: Plan) -> list[bytes]:
    """Returns one context binary a part, with a graph for each phase and context length."""
    binaries = []
    for part in range(len(SPLITS)):
        context = Context(library, shares_weights=plan.shares_weights)
        for length in plan.contexts:
            for phase, tokens in (("prompt", plan.prefill), ("token", 1)):
                graph = context.graph(f"{phase}_ar{tokens}_cl{length}_{part + 1}_of_{len(SPLITS)}")
                _build(graph, model, ranges, plan, part, tokens, length)
                graph.finish()
        binaries.append(context.binary())
    return binaries


def _build(graph: Graph, model: Checkpoint, ranges: Ranges, plan: Plan, part: int, tokens: int, length: int) -> None:
    ops = Compiler(graph, ranges, eps=model.norm_eps, weight_bits=plan.weight_bits)
    if part == 0:
        return _embed(ops, model, tokens)
    layers = SPLITS[part]
    before = "embedding" if part == 1 else f"layers_{layers[0] - 1}_output"
    x = graph.argument(HIDDEN[part - 1], (1, tokens, model.dim), ops.encoding(before))
    inputs = _inputs(ops, model, layers, tokens, length)
    for index in layers:
        x = decoder.layer(ops, model, index, x, inputs)
    if part + 1 < len(SPLITS):
        graph.node("Reshape", [x], HIDDEN[part], x.shape, x.encoding, is_output=True)
        return None
    decoder.head(ops, model, x)
    return None


def _embed(ops: Compiler, model: Checkpoint, tokens: int) -> None:
    encoding = ops.encoding("embedding")
    table = model["tok_embeddings.weight"]
    weights = ops.graph.constant("embed_tokens", encoding.quantise(table), encoding)
    ids = ops.graph.argument("input_ids", (1, tokens), INT_32)
    ops.graph.node("Gather", [weights, ids], HIDDEN[0], (1, tokens, model.dim), encoding, is_output=True, axis=0)


def _inputs(ops: Compiler, model: Checkpoint, layers: tuple[int, ...], tokens: int, length: int) -> decoder.Inputs[Value]:
    graph, slots, half = ops.graph, length - tokens, model.head_dim // 2
    is_float = ops.encoding("embedding") == FLOAT_16

    def typed(encoding: Encoding) -> Encoding:
        return FLOAT_16 if is_float else encoding

    mask = graph.argument("attention_mask", (1, 1, tokens, length), typed(ufixed16(decoder.MASKED, 0.0)))
    rotation = typed(ufixed16(-1.0, 1.0))
    cos = graph.argument("position_ids_cos", (1, 1, tokens, half), rotation)
    sin = graph.argument("position_ids_sin", (1, 1, tokens, half), rotation)
    keys: dict[int, Value] = {}
    values: dict[int, Value] = {}
    for index in layers:
        key, value = ops.cache(f"past_key_{index}_out"), ops.cache(f"past_value_{index}_out")
        keys[index] = graph.argument(f"past_key_{index}_in", (model.kv_heads, 1, model.head_dim, slots), key)
        values[index] = graph.argument(f"past_value_{index}_in", (model.kv_heads, 1, slots, model.head_dim), value)
    return decoder.Inputs(mask, cos, sin, keys, values)
