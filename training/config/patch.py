"""Changes to a config by dotted key: applying them, finding them, and reading them off a command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from training.config.fields import field, parse_value, value
from training.config.names import meant
from training.config.problems import ConfigError, Problem, shown
from training.config.schema import TrainingConfig
from training.config.table import FIELDS, Field
from training.config.validate import convert
from training.errors import InvalidInput


@dataclass(frozen=True)
class Change:
    """One key that differs between two configs."""

    key: str
    old: Any
    new: Any


def apply(config: TrainingConfig, patch: Mapping[str, Any]) -> TrainingConfig:
    """The config with the patch's keys set, validated as a file would be. Raises ConfigError."""
    values = msgspec.json.decode(msgspec.json.encode(config))
    problems = [problem for key, new in patch.items() for problem in _set(values, key, new)]
    if problems:
        raise ConfigError(problems)
    checked = convert(values)
    if checked.config is None:
        raise ConfigError(checked.problems)
    return checked.config


def _set(values: dict[str, Any], key: str, new: Any) -> Iterator[Problem]:
    """Set a dotted key in nested plain values; yields the problem where that place does not exist."""
    try:
        field(key)
    except InvalidInput as error:
        yield Problem("This key is not known.", key=shown(key), remedy=error.remedy)
        return
    *places, name = key.split(".")
    inside: Any = values
    for place in places:
        if isinstance(inside, list) and int(place) >= len(inside):
            message = f"There is no item {place}; the list has {len(inside)}."
            yield Problem(message, key=key, remedy="Indices start at 0.")
            return
        inside = inside[int(place)] if isinstance(inside, list) else inside[place]
    inside[name] = msgspec.to_builtins(new)


def replaced(config: TrainingConfig, key: str, new: Any) -> TrainingConfig:
    """The config with one valid value set, unchecked: for advice that tries out values of its own."""
    return _replaced(config, key.split("."), new)  # type: ignore[no-any-return]


def _replaced(part: Any, path: list[str], new: Any) -> Any:
    if not path:
        return new
    head, *rest = path
    if isinstance(part, tuple):
        index = int(head)
        return (*part[:index], _replaced(part[index], rest, new), *part[index + 1 :])
    return msgspec.structs.replace(part, **{head: _replaced(getattr(part, head), rest, new)})


def diff(a: TrainingConfig, b: TrainingConfig) -> list[Change]:
    """What changes from `a` to `b`, key by key in the order of a file; a list of another length is one change."""
    return [change for entry in FIELDS for change in _differences(entry, value(a, entry.key), value(b, entry.key))]


def _differences(entry: Field, old: Any, new: Any) -> Iterator[Change]:
    if not entry.items or len(old) != len(new):
        if old != new:
            yield Change(entry.key, old, new)
        return
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        for item in entry.items:
            if getattr(before, item.name) != getattr(after, item.name):
                key = f"{entry.key}.{index}.{item.name}"
                yield Change(key, getattr(before, item.name), getattr(after, item.name))


def parse_overrides(arguments: Iterable[str], kind: str = "") -> dict[str, Any]:
    """`key=value` arguments as a patch; values by the rules of the file. Raises InvalidInput for the first bad one.

    `kind` is that of the config's model, unless the arguments say another.
    """
    patch: dict[str, Any] = {}
    for argument in arguments:
        key, separator, text = argument.partition("=")
        key = key.strip()
        if not separator:
            message = f"{shown(argument)} is not of the form key=value."
            raise InvalidInput(message, f"Write {shown(key)}=VALUE." if key else meant(key))
        entry = field(key, patch.get("model.kind", kind))
        try:
            patch[key] = parse_value(entry, text)
        except ValueError as error:
            raise InvalidInput(f"{key}: {error}") from None
    return patch
