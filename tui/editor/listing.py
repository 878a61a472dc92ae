"""A list of items (blocks, dense layers) in another arrangement, and where each item went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from training.config.fields import Field, parse_value
from tui.editor.items import example


@dataclass(frozen=True)
class Arrangement:
    """The items from now on, and for each the place where it was; None for a new one."""

    items: tuple[Any, ...]
    origins: tuple[int | None, ...]


def added(entry: Field, items: Sequence[Any], at: int) -> Arrangement:
    """With a copy of the item before that place, or a first one."""
    new = items[at - 1] if at else items[0] if items else parse_value(entry, example(entry))[0]
    return Arrangement(
        (*items[:at], new, *items[at:]),
        (*range(at), None, *range(at, len(items))),
    )


def removed(items: Sequence[Any], at: int) -> Arrangement:
    """Without the item at that place."""
    return Arrangement((*items[:at], *items[at + 1 :]), (*range(at), *range(at + 1, len(items))))


def moved(items: Sequence[Any], at: int, to: int) -> Arrangement:
    """With the item at one place at another."""
    order = [index for index in range(len(items)) if index != at]
    order.insert(to, at)
    return Arrangement(tuple(items[index] for index in order), tuple(order))


def renamed(texts: dict[str, str], of: str, arrangement: Arrangement) -> dict[str, str]:
    """Texts by key, of which those of the list's items follow their items; those of removed items go."""
    places = {origin: place for place, origin in enumerate(arrangement.origins) if origin is not None}
    found = {}
    for key, text in texts.items():
        index, dot, name = key.removeprefix(f"{of}.").partition(".")
        if not key.startswith(f"{of}.") or not index.isdigit():
            found[key] = text
        elif int(index) in places:
            found[f"{of}.{places[int(index)]}{dot}{name}"] = text
    return found
