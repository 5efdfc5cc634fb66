"""FlatTensor files: entries come back as written, aligned, and equal contents are stored once."""

import numpy as np
import pytest

from export.default_model import ptd
from export.default_model.flatbuffer import root


def test_entries_come_back_under_their_names(tmp_path):
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    path = tmp_path / "a.ptd"
    ptd.write(path, [ptd.Entry("raw", b"abc"), ptd.Entry("tensor", array)])
    assert ptd.read(path) == {"raw": b"abc", "tensor": array.tobytes()}


def test_equal_contents_share_one_aligned_segment(tmp_path):
    content = bytes(range(200))
    path = tmp_path / "a.ptd"
    ptd.write(path, [ptd.Entry("first", content), ptd.Entry("second", b"x"), ptd.Entry("third", content)])
    data = path.read_bytes()
    assert data.count(content) == 1
    assert data.index(content) % ptd.ALIGNMENT == 0
    assert ptd.read(path)["third"] == content


def test_the_same_entries_give_the_same_bytes(tmp_path):
    entries = [ptd.Entry("a", b"1"), ptd.Entry("b", np.ones((4, 4), dtype=np.int8))]
    ptd.write(tmp_path / "a.ptd", entries)
    ptd.write(tmp_path / "b.ptd", entries)
    assert (tmp_path / "a.ptd").read_bytes() == (tmp_path / "b.ptd").read_bytes()


def test_a_tensor_carries_its_type_and_shape(tmp_path):
    path = tmp_path / "a.ptd"
    ptd.write(path, [ptd.Entry("t", np.zeros((3, 5), dtype=np.int8))])
    layout = root(path.read_bytes(), b"FT").tables(2)[0].table(2)
    assert layout.number(0, "<b") == 1
    assert layout.numbers(1, "<i") == [3, 5]
    assert layout.numbers(2, "<B") == [0, 1]


@pytest.mark.parametrize("content", [b"", b"FT", b"\0" * 64, b"\0\0\0\0FT01" + b"\0" * 64])
def test_foreign_files_are_refused(tmp_path, content):
    path = tmp_path / "a.ptd"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"not a FlatTensor file|identifier"):
        ptd.read(path)
