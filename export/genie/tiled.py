"""A part whose cache has the tiled layout of matrix weights (HMX, "native KV"), which the app must refuse.

QNN's compiler gives this layout only to graphs of certain shapes, not to the tests' tiny model. So this part is the piece of
attention that multiplies by a key cache, with heads of 128 numbers.
"""

from __future__ import annotations

from .graph import Context, symmetric8, ufixed16
from .qnn_interface import Library

TILED = 8
"""`QNN_TENSOR_DATA_FORMAT_HMX_WEIGHT_LAYOUT`."""
HEADS, HEAD_DIM, TOKENS, CONTEXT = 8, 128, 32, 1024


def tiled_part(library: Library, part: int, parts: int) -> bytes:
    """Returns the context binary."""
    context = Context(library)
    graph = context.graph(f"prompt_ar{TOKENS}_cl{CONTEXT}_{part}_of_{parts}")
    activation, cache = ufixed16(-32.0, 32.0), symmetric8(1.0)
    slots = CONTEXT - TOKENS
    queries = graph.argument("queries", (HEADS, 1, TOKENS, HEAD_DIM), activation)
    past = graph.argument("past_key_0_in", (HEADS, 1, HEAD_DIM, slots), cache, data_format=TILED)
    given = graph.argument("keys", (HEADS, 1, HEAD_DIM, TOKENS), activation)
    fresh = graph.node("Convert", [given], "past_key_0_out", given.shape, cache, is_output=True, data_format=TILED)
    keys = graph.node("Concat", [past, fresh], "all_keys", (HEADS, 1, HEAD_DIM, CONTEXT), cache, axis=3)
    graph.node("MatMul", [queries, keys], "scores", (HEADS, 1, TOKENS, CONTEXT), activation, is_output=True)
    graph.finish()
    return context.binary()
