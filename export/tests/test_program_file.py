"""Programs that are written without torch, read back by the numbers of their schema."""

from itertools import combinations, pairwise

import pytest
from gguf import GGMLQuantizationType

from export.default_model import bundle, decoder, gguf_source, program, weights
from export.default_model.program_file import FLOAT, LONG, Method, Tensor


def test_the_committed_program_is_what_the_decoder_describes():
    source = gguf_source.Source(gguf_source.locate())
    assert bundle.PROGRAM.read_bytes() == decoder.program(source.shape, weights.kinds(source), bundle.LIMITS)


def test_tensors_in_use_at_once_never_overlap():
    method = Method("forward")
    cache = method.value(Tensor(FLOAT, (7, 64), lasting=True))
    chain = [method.value(Tensor(FLOAT, (size,))) for size in (16, 300, 5, 90, 300, 16)]
    for before, after in pairwise(chain):
        method.call("aten::add", "out", before, cache, after)
    # A value that is read again at the end is kept until then.
    method.call("aten::add", "out", chain[0], chain[-1], chain[-1])
    method.outputs = [chain[-1]]
    size = method.plan()
    tensors = [value for value in method.values if isinstance(value, Tensor)]
    for a, b in combinations(tensors, 2):
        apart = a.offset + a.size <= b.offset or b.offset + b.size <= a.offset
        in_turn = not (a.lasting or b.lasting) and (a.last <= b.first or b.last <= a.first)
        assert apart or in_turn
    assert size < sum(tensor.size for tensor in tensors)
    assert size == max(tensor.offset + tensor.size for tensor in tensors)


def test_a_program_names_its_external_tensors_with_their_shapes():
    shape = gguf_source.Shape(layers=1, dim=64, hidden=96, heads=2, kv_heads=1, vocab=50, norm_eps=1e-5, rope_base=10000.0)
    kinds = dict.fromkeys(weights.names(shape), GGMLQuantizationType.Q4_1)
    found = program.external_tensors(decoder.program(shape, kinds, decoder.Limits(context=128, longest=16)))
    assert found["token_embd.weight"] == (4, 2, 320)
    assert found["blk.0.ffn_down.weight"] == (4, 3, 320)
    assert found["cos"] == (128, 16)
    assert found.keys() == {f"{name}.weight" for name in kinds} | {
        "cos",
        "sin",
        "output_norm.weight",
        "blk.0.attn_norm.weight",
        "blk.0.ffn_norm.weight",
    }


def test_planned_sizes_are_whole_lines():
    assert Tensor(LONG, (1,)).size == 64
    assert Tensor(FLOAT, (1, 17)).size == 128


def test_other_bytes_are_no_program():
    with pytest.raises(ValueError, match="flatbuffer"):
        program.external_tensors(b"not a program")
