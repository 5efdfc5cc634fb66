"""FlatTensor files (``.ptd``): named data for a program, read and written without flatc.

Format: ExecuTorch's ``extension/flat_tensor/serialize/flat_tensor.fbs`` with the extended
header of ``serialize.py`` beside it. A flatbuffer lists names, segments and, for tensors,
their layout; the segments follow it. Entries with the same bytes share a segment.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import flatbuffers
import numpy as np

from .flatbuffer import root

HEADER = struct.Struct("<4sIQQQQ")
"""After the flatbuffer's root offset and identifier: magic, length of this header, offset and
size of the flatbuffer, offset and size of the segments."""
ROOM = 48
"""The header's length, padded so that the flatbuffer behind it stays aligned."""
ALIGNMENT = 128
"""Alignment of each segment, so that a mapped file works in place."""
SCALAR_TYPES = {np.dtype(np.uint8): 0, np.dtype(np.int8): 1, np.dtype(np.float32): 6}
"""ExecuTorch's ScalarType of the tensors in these files."""


@dataclass(frozen=True)
class Entry:
    """One named piece of data: raw bytes for a backend, or an array for a portable operator."""

    key: str
    data: bytes | np.ndarray

    @property
    def content(self) -> bytes:
        """Returns the bytes in the file."""
        return self.data if isinstance(self.data, bytes) else self.data.tobytes()


def write(path: Path, entries: Iterable[Entry]) -> None:
    """Writes the entries in the given order. The same entries give the same bytes."""
    contents: list[bytes] = []
    index_of: dict[bytes, int] = {}
    named: list[tuple[Entry, int]] = []
    for entry in entries:
        content = entry.content
        digest = sha256(content).digest()
        if digest not in index_of:
            index_of[digest] = len(contents)
            contents.append(content)
        named.append((entry, index_of[digest]))
    offsets = []
    end = 0
    for content in contents:
        offsets.append(_aligned(end))
        end = offsets[-1] + len(content)

    table = _flatbuffer(named, list(zip(offsets, map(len, contents), strict=True)))
    base = _aligned(ROOM + len(table))
    start = struct.unpack_from("<I", table)[0] + ROOM
    with path.open("wb") as file:
        file.write(struct.pack("<I", start) + table[4:8])
        file.write(HEADER.pack(b"FH01", HEADER.size, ROOM, len(table), base, end))
        file.write(b"\0" * (ROOM - HEADER.size) + table[8:])
        for offset, content in zip(offsets, contents, strict=True):
            file.write(b"\0" * (base + offset - file.tell()) + content)


def read(path: Path) -> dict[str, bytes]:
    """Reads a file of :func:`write` or ExecuTorch; returns the bytes of each name.

    Raises:
        ValueError: the file is not a FlatTensor file.
    """
    data = path.read_bytes()
    if data[8:12] != b"FH01":
        raise ValueError(f"{path} is not a FlatTensor file.")
    base = HEADER.unpack_from(data, 8)[4]
    table = root(data, b"FT")
    segments = [(item.number(0, "<Q"), item.number(1, "<Q")) for item in table.tables(1)]
    found = {}
    for named in table.tables(2):
        offset, size = segments[named.number(1, "<I")]
        found[named.text(0)] = data[base + offset : base + offset + size]
    return found


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _flatbuffer(named: list[tuple[Entry, int]], segments: list[tuple[int, int]]) -> bytes:
    builder = flatbuffers.Builder(1 << 16)
    entries = []
    for entry, segment in named:
        key = builder.CreateString(entry.key)
        layout = None if isinstance(entry.data, bytes) else _layout(builder, entry.data)
        builder.StartObject(3)
        builder.PrependUOffsetTRelativeSlot(0, key, 0)
        builder.PrependUint32Slot(1, segment, 0)
        if layout is not None:
            builder.PrependUOffsetTRelativeSlot(2, layout, 0)
        entries.append(builder.EndObject())
    parts = []
    for offset, size in segments:
        builder.StartObject(2)
        builder.PrependUint64Slot(0, offset, 0)
        builder.PrependUint64Slot(1, size, 0)
        parts.append(builder.EndObject())
    parts_vector = _vector(builder, parts)
    entries_vector = _vector(builder, entries)
    builder.StartObject(3)
    builder.PrependUOffsetTRelativeSlot(1, parts_vector, 0)
    builder.PrependUOffsetTRelativeSlot(2, entries_vector, 0)
    builder.Finish(builder.EndObject(), file_identifier=b"FT01")
    return bytes(builder.Output())


def _layout(builder: flatbuffers.Builder, array: np.ndarray) -> int:
    sizes = builder.CreateNumpyVector(np.array(array.shape, dtype=np.int32))
    order = builder.CreateNumpyVector(np.arange(array.ndim, dtype=np.uint8))
    builder.StartObject(3)
    builder.PrependInt8Slot(0, SCALAR_TYPES[array.dtype], 0)
    builder.PrependUOffsetTRelativeSlot(1, sizes, 0)
    builder.PrependUOffsetTRelativeSlot(2, order, 0)
    return builder.EndObject()


def _vector(builder: flatbuffers.Builder, items: list[int]) -> int:
    builder.StartVector(4, len(items), 4)
    for item in reversed(items):
        builder.PrependUOffsetTRelative(item)
    return builder.EndVector()
