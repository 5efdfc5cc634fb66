"""Compiles the parts of a model: the embedding, and groups of layers, the last with the head.

Graphs, inputs and outputs have AI Hub's names and shapes (`ai-hub-models`, `_shared/llm/model.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from . import decoder
from .checkpoint import Checkpoint
from .compiled import Compiler
from .graph import INT_32, Context, Value, ufixed16
from .oddity import Oddity
from .qnn_interface import Library
from .ranges import Ranges


@dataclass(frozen=True)
class Plan:
    """What a bundle's binaries contain."""

    contexts: tuple[int, ...]
    prefill: int | None
    """Tokens of a prefill call; nothing for a model that only decodes."""
    weight_bits: int | None
    """4 or 8 with activations of 16 bits and caches of 8; nothing for float16."""
    splits: tuple[tuple[int, ...], ...] = ((), (0, 1), (2, 3), (4,))
    """The layers of each part. The first part is the embedding; a last part without layers is the head alone."""
    shares_weights: bool = False
    oddity: Oddity = field(default_factory=Oddity)

    def graphs(self, part: int) -> Iterator[tuple[str, int, int]]:
        """AI Hub's name, tokens and context length of each graph of a part."""
        for length in self.contexts:
            for phase, tokens in (("prompt", self.prefill), ("token", 1)):
                if tokens is not None:
                    yield f"{phase}_ar{tokens}_cl{length}_{part + 1}_of_{len(self.splits)}", tokens, length

    def hidden(self, part: int) -> str:
        """Name of the hidden state that a part gives."""
        layers = [layer for split in self.splits[: part + 1] for layer in split]
        return f"_model_model_layers_{layers[-1]}_Add_1_output_0" if layers else "_model_model_embed_tokens_Gather_output_0"


def compile_parts(library: Library, model: Checkpoint, ranges: Ranges, plan: Plan) -> list[bytes]:
    """Returns one context binary a part, with a graph for each phase and context length."""
    return [compile_part(library, model, ranges, plan, part) for part in range(len(plan.splits))]


def compile_part(library: Library, model: Checkpoint, ranges: Ranges, plan: Plan, part: int) -> bytes:
    """Returns the context binary of one part."""
    context = Context(library, shares_weights=plan.shares_weights)
    for name, tokens, length in plan.graphs(part):
        graph = context.graph(name)
        ops = Compiler(graph, ranges, eps=model.norm_eps, weight_bits=plan.weight_bits, oddity=plan.oddity)
        _build(ops, model, plan, part, tokens, length)
        graph.finish()
    return context.binary()


def _build(ops: Compiler, model: Checkpoint, plan: Plan, part: int, tokens: int, length: int) -> None:
    if part == 0:
        return _embed(ops, model, tokens, plan.hidden(0))
    layers = plan.splits[part]
    before = [layer for split in plan.splits[:part] for layer in split]
    given = ops.encoding(f"layers_{before[-1]}_output" if before else "embedding")
    taken = plan.oddity.taken(given, part)
    x = ops.graph.argument(plan.hidden(part - 1), (1, tokens, model.dim), taken)
    if layers:
        inputs = _inputs(ops, model, layers, tokens, length)
        for index in layers:
            x = decoder.layer(ops, model, index, x, inputs)
    if part + 1 < len(plan.splits):
        ops.graph.node("Reshape", [x], plan.hidden(part), x.shape, x.encoding, is_output=True)
        return None
    decoder.head(ops, model, x)
    return None


def _embed(ops: Compiler, model: Checkpoint, tokens: int, hidden: str) -> None:
    encoding = ops.encoding("embedding")
    table = model["tok_embeddings.weight"]
    weights = ops.graph.constant("embed_tokens", encoding.quantise(table), encoding)
    ids = ops.graph.argument("input_ids", (1, tokens), INT_32)
    ops.graph.node("Gather", [weights, ids], hidden, (1, tokens, model.dim), encoding, is_output=True, axis=0)


def _inputs(ops: Compiler, model: Checkpoint, layers: tuple[int, ...], tokens: int, length: int) -> decoder.Inputs[Value]:
    graph, half, odd = ops.graph, model.head_dim // 2, ops.oddity
    mask = graph.argument(odd.name("attention_mask"), (1, 1, tokens, length), ops.typed(ufixed16(decoder.MASKED, 0.0)))
    rotation = ops.typed(ufixed16(-1.0, 1.0))
    cos = graph.argument(odd.name("position_ids_cos"), (1, 1, tokens, half), rotation)
    sin = graph.argument(odd.name("position_ids_sin"), (1, 1, tokens, half), rotation)
    if odd.extra_input is not None:
        extra = graph.argument(odd.extra_input, cos.shape, rotation)
        cos = graph.node("ElementWiseAdd", [cos, extra], "position_ids_cos_used", cos.shape, rotation)
    slots = length - tokens
    keys: dict[int, Value] = {}
    values: dict[int, Value] = {}
    for index in layers:
        keys[index] = ops.cache_input(f"past_key_{index}", (model.kv_heads, 1, model.head_dim, slots))
        values[index] = ops.cache_input(f"past_value_{index}", (model.kv_heads, 1, slots, model.head_dim))
    return decoder.Inputs(mask, cos, sin, keys, values)
