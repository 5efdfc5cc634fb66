"""Reads flatbuffers by their schema's field numbers, without generated code."""

from __future__ import annotations

import struct


class Table:
    """A flatbuffer table in a buffer: fields by their index in the schema."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position
        self._vtable = position - self._unpack("<i", position)

    def _unpack(self, kind: str, position: int) -> int:
        return struct.unpack_from(kind, self._data, position)[0]

    def _field(self, index: int) -> int | None:
        slot = 4 + 2 * index
        if slot >= self._unpack("<H", self._vtable):
            return None
        offset = self._unpack("<H", self._vtable + slot)
        return self._position + offset if offset else None

    def _pointed(self, index: int) -> int | None:
        field = self._field(index)
        return None if field is None else field + self._unpack("<I", field)

    def table(self, index: int) -> Table | None:
        """Returns a table, or None if it is absent."""
        start = self._pointed(index)
        return None if start is None else Table(self._data, start)

    def number(self, index: int, kind: str) -> int:
        """Returns a scalar, or 0 if it is absent."""
        field = self._field(index)
        return 0 if field is None else self._unpack(kind, field)

    def numbers(self, index: int, kind: str) -> list[int]:
        """Returns a vector of scalars, or an empty one if it is absent."""
        start = self._pointed(index)
        if start is None:
            return []
        size = struct.calcsize(kind)
        places = range(start + 4, start + 4 + size * self._unpack("<I", start), size)
        return [self._unpack(kind, place) for place in places]

    def text(self, index: int) -> str:
        """Returns a string, or an empty one if it is absent."""
        start = self._pointed(index)
        if start is None:
            return ""
        return self._data[start + 4 : start + 4 + self._unpack("<I", start)].decode()

    def tables(self, index: int) -> list[Table]:
        """Returns a vector of tables, or an empty one if it is absent."""
        start = self._pointed(index)
        if start is None:
            return []
        places = range(start + 4, start + 4 + 4 * self._unpack("<I", start), 4)
        return [Table(self._data, place + self._unpack("<I", place)) for place in places]


def root(data: bytes, identifier: bytes) -> Table:
    """Returns the root table.

    Raises:
        ValueError: the data has another file identifier.
    """
    if data[4:6] != identifier:
        raise ValueError(f"The data is not a flatbuffer with identifier {identifier.decode()}.")
    return Table(data, struct.unpack_from("<I", data)[0])
