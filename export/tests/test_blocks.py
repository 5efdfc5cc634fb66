"""Weights keep every byte of the file's blocks, in the order that the runtime reads."""

import json

import numpy as np
import pytest
from gguf import GGMLQuantizationType

from export.default_model import gguf_source, weights
from export.default_model.blocks import LAYOUTS, ROWS, Blocks
from export.fixtures import block_goldens


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("rows", [1, 16, 35])
def test_every_byte_of_a_block_has_its_place(kind, rows):
    layout = LAYOUTS[kind]
    data = np.random.default_rng(rows).integers(0, 256, (rows, 3, layout.size)).astype(np.uint8)
    result = Blocks(kind, data).interleaved()
    assert result.shape == (-(-rows // ROWS), 3, ROWS * layout.size)
    halves = [at + i for at in layout.halves for i in range(2)]
    words = [i for i in range(layout.size) if i not in halves]
    for row in range(rows):
        group = result[row // ROWS]
        place = row % ROWS
        for i, byte in enumerate(words):
            np.testing.assert_array_equal(group[:, i // 4 * 4 * ROWS + 4 * place + i % 4], data[row, :, byte])
        for i, byte in enumerate(halves):
            at = len(words) * ROWS + i // 2 * 2 * ROWS + 2 * place + i % 2
            np.testing.assert_array_equal(group[:, at], data[row, :, byte])
    assert np.count_nonzero(result) == np.count_nonzero(data)


def test_the_committed_numbers_of_blocks_are_those_of_the_gguf_package():
    assert json.loads(block_goldens.GOLDENS.read_text(encoding="utf-8")) == block_goldens.goldens()


def test_rows_of_a_rotated_head_come_in_halves():
    data = np.arange(16, dtype=np.uint8).repeat(20).reshape(16, 1, 20)
    ordered = weights.in_halves(Blocks(GGMLQuantizationType.Q4_1, data), 8).data[:, 0, 0]
    assert ordered.tolist() == [0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15]


def test_the_default_model_is_q4_1_with_an_embedding_of_q8_0():
    kinds = weights.kinds(gguf_source.Source(gguf_source.locate()))
    assert kinds.pop("token_embd") == GGMLQuantizationType.Q8_0
    assert set(kinds.values()) == {GGMLQuantizationType.Q4_1}
