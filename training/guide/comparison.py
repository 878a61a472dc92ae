"""What differs between two configs by its meaning: keys that count, in the order of a file, blocks matched as items.

A key counts in a config while the switch that it hangs on is set (`when` in the field table). One that counts in
neither config makes no difference; one that counts in a single one is there only, whatever its value in the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from training.config.fields import FIELDS, Field, applies, format_value, value
from training.config.fields import field as field_of
from training.config.matching import origins, rising
from training.config.schema import TrainingConfig
from training.config.spelling import changed_values
from training.guide.meaning import DECAY_KEYS, item_meaning, meaning

Change = Literal["changed", "added", "removed", "moved"]
SIGNS: dict[Change, str] = {"changed": "~", "added": "+", "removed": "−", "moved": "↕"}


@dataclass(frozen=True)
class Difference:
    """One thing in which the new config differs from the old one."""

    key: str
    """Dotted; an item is named by its place in the new config, one that was removed by its place in the old one."""
    section: str
    label: str
    change: Change
    old: str = ""
    new: str = ""
    meaning: str = ""
    patch: dict[str, Any] = field(default_factory=dict)
    """What makes the new config as the old one here; empty where nothing does (the last block has to stay)."""

    @property
    def sign(self) -> str:
        return SIGNS[self.change]

    @property
    def values(self) -> str:
        """`0.001 → 0.0001`, or the one value that there is."""
        return f"{self.old} → {self.new}" if self.change in ("changed", "moved") else self.old or self.new


def compare(old: TrainingConfig, new: TrainingConfig) -> list[Difference]:
    """Everything that differs and counts, in the order of a file."""
    differing = {entry.key for entry in FIELDS if _differs(entry, old, new)}
    return [found for entry in FIELDS if entry.key in differing for found in _told(entry, old, new, differing)]


def without_effect(old: TrainingConfig, new: TrainingConfig) -> list[str]:
    """Keys that differ and count in neither config."""
    idle = [entry for entry in FIELDS if not (applies(entry, old) or applies(entry, new))]
    return [entry.key for entry in idle if value(old, entry.key) != value(new, entry.key)]


def _differs(entry: Field, old: TrainingConfig, new: TrainingConfig) -> bool:
    before, after = value(old, entry.key), value(new, entry.key)
    there, here = applies(entry, old), applies(entry, new)
    if there and here:
        return bool(before != after)
    return (here and _telling(after)) or (there and _telling(before))


def _told(entry: Field, old: TrainingConfig, new: TrainingConfig, differing: set[str]) -> Iterator[Difference]:
    before, after = value(old, entry.key), value(new, entry.key)
    there, here = applies(entry, old), applies(entry, new)
    if entry.items and there and here:
        yield from _items(entry, before, after)
        return
    if there and here:
        change: Change = "changed"
        patch = {entry.key: before} | _hanging_on(entry.key, old, new)
    elif here:
        change = "added"
        patch = {key: value(old, key) for key in _switches(entry, old)[:1]}
    else:
        change = "removed"
        patch = {key: value(old, key) for key in _switches(entry, new)} | {entry.key: before}
    # What counts on one side only has nothing beside it to be larger or smaller than; the decay has the optimizer's.
    said = meaning(entry.key, old, new, differing) if change == "changed" or entry.key in DECAY_KEYS else ""
    texts = _text(entry, before) if there else "", _text(entry, after) if here else ""
    yield Difference(entry.key, entry.section, entry.title, change, *texts, said, patch)


def _telling(held: Any) -> bool:
    """Whether a value says anything where there is none beside it to compare it with."""
    return held not in (None, "auto", ())


def _switches(entry: Field, config: TrainingConfig) -> list[str]:
    """The keys whose values keep a field from counting, the one furthest up first."""
    found: list[str] = []
    while entry.when:
        key, *values = entry.when
        if value(config, key) not in values:
            found.insert(0, key)
        entry = field_of(key)
    return found


def _hanging_on(switch: str, old: TrainingConfig, new: TrainingConfig) -> dict[str, Any]:
    """What counts in the old config alone, for the value of that switch: it comes with the switch."""
    return {
        entry.key: value(old, entry.key)
        for entry in FIELDS
        if applies(entry, old) and switch in _switches(entry, new) and value(old, entry.key) != value(new, entry.key)
    }


def _text(entry: Field, held: Any) -> str:
    return ", ".join(f"({_item(item)})" for item in held) if entry.items else format_value(held)


def _item(item: msgspec.Struct) -> str:
    """A block or a layer in words: what it must say, and what is not its default."""
    return ", ".join(f"{name} {format_value(held)}" for name, held in changed_values(item).items())


# Lists of blocks and layers


def _items(entry: Field, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Difference]:
    """Item by item: what is new, gone, moved, or changed inside; those that are gone stand where they were."""
    astuple = msgspec.structs.astuple
    default = tuple(inner.default for inner in entry.items)
    was = origins([astuple(item) for item in old], [astuple(item) for item in new], default)
    stay = rising(was)
    gone = [at for at in range(len(old)) if at not in was]
    yield from (_gone(entry, old, new, was, at) for at in gone if _place(was, at) == 0)
    for at, before in enumerate(was):
        yield from _item_lines(entry, old, new, was, at, moved=before is not None and before not in stay)
        yield from (_gone(entry, old, new, was, lost) for lost in gone if _place(was, lost) == at + 1)


def _item_lines(
    entry: Field, old: tuple[Any, ...], new: tuple[Any, ...], was: list[int | None], at: int, *, moved: bool
) -> Iterator[Difference]:
    key, label, before = f"{entry.key}.{at}", f"{_singular(entry)} {at + 1}", was[at]
    rest = (*new[:at], *new[at + 1 :])
    if before is None:
        patch = {entry.key: rest} if len(rest) >= entry.min_length else {}
        yield Difference(key, entry.section, label, "added", "", _item(new[at]), patch=patch)
        return
    if moved:
        to = _place([*was[:at], *was[at + 1 :]], before)
        patch = {entry.key: (*rest[:to], new[at], *rest[to:])}
        places = f"place {before + 1}", f"place {at + 1}"
        yield Difference(key, entry.section, label, "moved", *places, patch=patch)
    for inner in entry.items:
        left, right = getattr(old[before], inner.name), getattr(new[at], inner.name)
        if left != right:
            yield Difference(
                f"{key}.{inner.name}",
                entry.section,
                f"{label}: {inner.title.lower()}",
                "changed",
                format_value(left),
                format_value(right),
                item_meaning(inner.name, left, right),
                {f"{key}.{inner.name}": left},
            )


def _gone(entry: Field, old: tuple[Any, ...], new: tuple[Any, ...], was: list[int | None], at: int) -> Difference:
    to = _place(was, at)
    patch = {entry.key: (*new[:to], old[at], *new[to:])}
    label = f"{_singular(entry)} {at + 1}"
    return Difference(f"{entry.key}.{at}", entry.section, label, "removed", _item(old[at]), patch=patch)


def _place(was: list[int | None], before: int) -> int:
    """Where an item of that old place belongs: behind the one that stood nearest before it."""
    nearest = max((place for place in was if place is not None and place < before), default=None)
    return 0 if nearest is None else was.index(nearest) + 1


def _singular(entry: Field) -> str:
    return entry.title.removesuffix("s")
