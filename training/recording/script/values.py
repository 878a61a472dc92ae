"""What a script hands over, as plain values; nothing of torch or numpy is imported for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DEPTH = 20
LONGEST = 1024
"""Bits of a whole number: what goes beyond fits into no float."""


def number(value: Any) -> float:
    """A tensor or array of one element says its number by `item`. Raises TypeError or ValueError for what has none."""
    item = value.item() if hasattr(value, "item") else value
    if isinstance(item, str | bytes):
        raise TypeError(item)
    return float(item)


def mapping(config: Any) -> dict[str, Any]:
    """A config as a mapping; a namespace, such as argparse's, has its values as attributes."""
    if config is None:
        return {}
    return dict(config) if isinstance(config, Mapping) else dict(vars(config))


def plain(value: Any, depth: int = DEPTH) -> Any:
    """The value as JSON can carry it; what it cannot is told by its words, and None in a mapping is left out.

    Raises whatever the value raises when it is asked, and ValueError for one that goes deeper than so many levels.
    """
    if depth < 0:
        raise ValueError("it is nested too deeply, or holds itself")
    if isinstance(value, int) and value.bit_length() > LONGEST:
        raise ValueError("it is too large")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner, depth - 1) for key, inner in value.items() if inner is not None}
    if hasattr(value, "tolist"):  # an array or a tensor
        return plain(value.tolist(), depth - 1)
    if isinstance(value, Sequence | set | frozenset):
        return [plain(inner, depth - 1) for inner in value]
    return str(value)
