"""What a fix changes, as a person reads it: key, old value, new value; a list of blocks item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from training.config.patch import Change, apply, diff
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.config.spelling import changed_values, entry_lines, format_value
from training.config.table import FIELDS, SECTIONS

Known = TrainingConfig | Mapping[str, Any] | None
"""The config that a patch is for: whole, a few flat keys, or unknown."""


@dataclass(frozen=True)
class ChangeLine:
    """One value that changes. `old` is None where it is not known, "" for an item that is added; `new` "" for one
    that goes."""

    key: str
    old: str | None
    new: str

    @property
    def text(self) -> str:
        if self.old is None:
            return f"{self.key}: {self.new}"
        if not self.old:
            return f"{self.key}: added: {self.new}"
        return f"{self.key}: {self.old} → {self.new}" if self.new else f"{self.key}: removed: {self.old}"


def change_lines(changes: Sequence[Change]) -> list[ChangeLine]:
    """One line a value; a list that grows or shrinks takes one line for each item that differs."""
    return [line for change in changes for line in _lines(change)]


def patch_lines(patch: Mapping[str, Any], config: Known) -> list[ChangeLine]:
    """What a patch does to a config, as far as that is known."""
    changes = _changes(patch, config)
    if changes is not None:
        return change_lines(changes)
    lines: list[ChangeLine] = []
    for key, new in patch.items():
        if _is_items(new):
            lines += [ChangeLine(f"{key}.{index}", None, _item(item)) for index, item in enumerate(new)]
        else:
            old = format_value(config[key]) if isinstance(config, Mapping) and key in config else None
            lines.append(ChangeLine(key, old, format_value(new)))
    return lines


def patch_yaml(patch: Mapping[str, Any], config: Known) -> list[str]:
    """The patch as the lines of a YAML fragment that can be put into a config.

    A key inside a list needs the whole list, which only a whole config knows: without one it is said in a comment.
    """
    changes = _changes(patch, config)
    if changes is None or not isinstance(config, TrainingConfig):
        values, whole = dict(patch), None
    else:
        values, whole = {change.key: change.new for change in changes}, apply(config, patch)
    lines: list[str] = []
    for section in SECTIONS:
        entries: list[str] = []
        for field in FIELDS:
            if field.section != section.name:
                continue
            inside = {key: new for key, new in values.items() if key.startswith(f"{field.key}.")}
            if whole is not None and (field.key in values or inside):
                new = getattr(getattr(whole, section.name) if section.name else whole, field.name)
                entries += entry_lines(field, new)
            elif field.key in values:
                entries += entry_lines(field, values[field.key])
            else:
                entries += [f"# {key}={format_value(new)}" for key, new in inside.items()]
        if entries and section.name:
            lines += [f"{section.name}:", *(f"  {entry}" for entry in entries)]
        else:
            lines += entries
    return lines


def _changes(patch: Mapping[str, Any], config: Known) -> list[Change] | None:
    """What changes in a whole config; None where there is none, or the patch does not fit it."""
    if not isinstance(config, TrainingConfig):
        return None
    try:
        return diff(config, apply(config, patch))
    except ConfigError:
        return None


def _lines(change: Change) -> Iterator[ChangeLine]:
    if not (_is_items(change.old) or _is_items(change.new)):
        yield ChangeLine(change.key, format_value(change.old), format_value(change.new))
        return
    for index in range(max(len(change.old), len(change.new))):
        old = _item(change.old[index]) if index < len(change.old) else ""
        new = _item(change.new[index]) if index < len(change.new) else ""
        if old != new:
            yield ChangeLine(f"{change.key}.{index}", old, new)


def _is_items(value: Any) -> bool:
    """Whether a value is a list of blocks or layers."""
    return isinstance(value, list | tuple) and any(isinstance(item, msgspec.Struct | Mapping) for item in value)


def _item(item: Any) -> str:
    """A block or a layer in words: what it must say, and what is not its default."""
    values = changed_values(item) if isinstance(item, msgspec.Struct) else item
    return ", ".join(f"{name} {format_value(value)}" for name, value in values.items())
