"""The wire format of protocol buffers, as far as logs use it (protobuf.dev/programming-guides/encoding)."""

from __future__ import annotations

from collections.abc import Iterator


class Malformed(ValueError):
    """The bytes are no message."""


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and content of every field: an int for a varint, else the bytes (8 or 4 of them for a fixed number).

    Raises Malformed where the bytes end within a field.
    """
    place, end = 0, len(data)
    while place < end:
        key, place = _varint(data, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(data, place)
            yield key >> 3, value
            continue
        if kind == 2:
            size, place = _varint(data, place)
        elif kind == 1:
            size = 8
        elif kind == 5:
            size = 4
        else:
            raise Malformed(f"field of kind {kind}")
        if place + size > end:
            raise Malformed("it ends within a field")
        yield key >> 3, data[place : place + size]
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise Malformed("it ends within a number")


def text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def signed(value: int) -> int:
    """A varint of an int64 field."""
    return value - (1 << 64) if value >> 63 else value
