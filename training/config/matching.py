"""Which item of a list was which, when all that is known is the list before and after."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from training.config.leaf import WrongValue, check
from training.config.table import Field

Item = tuple[object, ...]
"""The values of an item's fields, in one order for all items."""
Pair = tuple[int, int]
"""Index before, index after."""

_PAIRED = 1_000_000
"""Worth of one more pair against any difference between the pairs."""
_MOST = 250_000
"""Comparisons beyond which items are paired by their place alone; no list that a person wrote comes near."""


def origins(old: Sequence[Item], new: Sequence[Item], default: Item) -> list[int | None]:
    """For each new item the index of the old one that it was, None for one that was not there; no index comes twice.

    Equal items are the same one, those that kept their order before those that moved. Between them an item that
    changed is the one most like it. Elsewhere, and only where the list is as long as before, one that moved and changed
    is told by a value that it kept and that is not the `default`.
    """
    kept = _kept(old, new)
    pairs = [*kept, *_moved(old, new, kept)]
    pairs += _changed(old, new, kept, pairs)
    if len(old) == len(new):
        elsewhere = zip(*_left(range(len(old)), range(len(new)), pairs), strict=True)
        pairs += [pair for pair in elsewhere if _share_a_value(old[pair[0]], new[pair[1]], default)]
    found: list[int | None] = [None] * len(new)
    for before, after in pairs:
        found[after] = before
    return found


def _kept(old: Sequence[Item], new: Sequence[Item]) -> list[Pair]:
    """Equal items in the same order: those at both ends, then as many as there are between."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    between = _aligned(
        range(head, len(old) - tail),
        range(head, len(new) - tail),
        lambda before, after: _PAIRED - abs(before - after) if old[before] == new[after] else 0,
    )
    ends = [(len(old) - at, len(new) - at) for at in range(tail, 0, -1)]
    return [*((at, at) for at in range(head)), *between, *ends]


def _moved(old: Sequence[Item], new: Sequence[Item], pairs: Sequence[Pair]) -> list[Pair]:
    """Equal items among the others, wherever they went."""
    befores, afters = _left(range(len(old)), range(len(new)), pairs)
    places: dict[Item, list[int]] = {}
    for before in reversed(befores):
        places.setdefault(old[before], []).append(before)
    return [(places[new[after]].pop(), after) for after in afters if places.get(new[after])]


def _changed(old: Sequence[Item], new: Sequence[Item], kept: Sequence[Pair], pairs: Sequence[Pair]) -> list[Pair]:
    """Items that lie between the same two kept ones, as many as there are and as alike as can be."""
    fences = [(-1, -1), *kept, (len(old), len(new))]
    found: list[Pair] = []
    for (before, after), (next_before, next_after) in pairwise(fences):
        if next_before - before == 1 or next_after - after == 1:
            continue
        befores, afters = _left(range(before + 1, next_before), range(after + 1, next_after), pairs)
        found += _aligned(
            befores, afters, lambda i, j: _PAIRED - sum(a != b for a, b in zip(old[i], new[j], strict=True))
        )
    return found


def _share_a_value(a: Item, b: Item, default: Item) -> bool:
    return any(x == y != plain for x, y, plain in zip(a, b, default, strict=True))


def _left(befores: Sequence[int], afters: Sequence[int], pairs: Sequence[Pair]) -> tuple[list[int], list[int]]:
    """What is in no pair."""
    taken_before, taken_after = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    return [at for at in befores if at not in taken_before], [at for at in afters if at not in taken_after]


def _aligned(befores: Sequence[int], afters: Sequence[int], worth: Callable[[int, int], int]) -> list[Pair]:
    """The pairs in rising order on both sides that are worth most together; a pair worth 0 is none."""
    if len(befores) * len(afters) > _MOST:
        return [(before, after) for before, after in zip(befores, afters, strict=False) if worth(before, after)]
    best = [[0] * (len(afters) + 1) for _ in range(len(befores) + 1)]
    for i in reversed(range(len(befores))):
        for j in reversed(range(len(afters))):
            paired = worth(befores[i], afters[j])
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired + best[i + 1][j + 1] if paired else 0)
    pairs: list[Pair] = []
    i = j = 0
    while i < len(befores) and j < len(afters):
        paired = worth(befores[i], afters[j])
        if paired and best[i][j] == paired + best[i + 1][j + 1]:
            pairs.append((befores[i], afters[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def rising(places: Sequence[int | None]) -> set[int]:
    """As many of the numbers as can stay where they are, so that they rise: the others have to move."""
    lowest: list[int] = []
    """The lowest number that a rise of each length can end with."""
    before: dict[int, int | None] = {}
    for place in places:
        if place is not None:
            length = bisect_left(lowest, place)
            before[place] = lowest[length - 1] if length else None
            lowest[length : length + 1] = [place]
    stay: set[int] = set()
    at = lowest[-1] if lowest else None
    while at is not None:
        stay.add(at)
        at = before[at]
    return stay


_NONE = object()
"""Stands for what a list item says where that is no value."""


def values_of(field: Field, item: Any) -> Item:
    """The values of an item, in the order of its fields."""
    return tuple(getattr(item, entry.name) for entry in field.items)


def meant(field: Field, raw: Any) -> Item:
    """The values of an item as read from the text."""
    return tuple(_meant_by(entry, raw) for entry in field.items)


def _meant_by(entry: Field, raw: Any) -> object:
    if not isinstance(raw, dict) or (entry.name not in raw and entry.required):
        return _NONE
    try:
        return check(entry, raw[entry.name]) if entry.name in raw else entry.default
    except WrongValue:
        return _NONE
