"""From plain values to a TrainingConfig: leaf by leaf against the field table, so that every error shows at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import msgspec

from training.config.data import Data
from training.config.leaf import WrongValue, check, expected
from training.config.model import Model, ModelKind
from training.config.names import is_for, meant
from training.config.problems import Problem, in_file_order, shown
from training.config.schema import TrainingConfig
from training.config.table import FIELDS, SECTIONS, Field

Lines = Mapping[tuple[str, ...], int]

# Side in pixels that `image_size: auto` stands for, by source (guide, section 1: ours).
_AUTO_SIZE = {"digits": 8}
_AUTO_SIZE_ELSEWHERE = 64


@dataclass(frozen=True)
class Checked:
    """A config, or what keeps it from being one."""

    config: TrainingConfig | None
    problems: tuple[Problem, ...]


def convert(mapping: Mapping[str, Any], lines: Lines | None = None, source: str = "") -> Checked:
    """Every key of `mapping` (as a file nests it) checked; absent keys take their defaults.

    `lines` gives the line of each path. Values that depend on each other are compared once each is fine by itself.
    """
    checking = _Checking(lines or {}, source)
    values = checking.top(mapping)
    if checking.problems:
        return Checked(None, tuple(in_file_order(checking.problems)))
    config = msgspec.convert(values, TrainingConfig)
    for key, message, remedy in conflicts(config):
        checking.complain(tuple(key.split(".")), message, remedy)
    problems = tuple(in_file_order(checking.problems))
    return Checked(None if problems else config, problems)


def check_items(field: Field, raw: Any) -> tuple[Any, ...]:
    """A list of mappings as structs. Raises WrongValue with the first of its problems."""
    checking = _Checking({}, "")
    items = checking.items(field, raw, ())
    for problem in checking.problems:
        raise WrongValue(f"{problem.key}: {problem.message}".removeprefix(": "), problem.remedy)
    return tuple(msgspec.convert(item, field.item_type) for item in items)


class _Checking:
    """One walk over a mapping; values that pass come back, the others become problems."""

    def __init__(self, lines: Lines, source: str) -> None:
        self.lines = lines
        self.source = source
        self.kind = ""
        """Of the model, where it is known."""
        self.problems: list[Problem] = []

    def complain(self, path: tuple[str, ...], message: str, remedy: str = "") -> None:
        """Add a problem at `path`, on the line of the nearest enclosing entry that has one."""
        line = next((self.lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self.lines), None)
        key = ".".join(shown(part) for part in path)
        self.problems.append(Problem(message, key=key, line=line, source=self.source, remedy=remedy))

    def top(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """The whole config."""
        values: dict[str, Any] = {}
        self.kind = _kind(mapping)
        for name, raw in mapping.items():
            if name in _FLAT:
                self.entry(values, _FLAT[name], raw, (name,))
            elif name in _IN_SECTION:
                values[name] = self.mapping(_IN_SECTION[name], raw, (name,))
            else:
                self.complain((str(name),), "This key is not known.", meant(str(name), kind=self.kind))
        return values

    def mapping(self, fields: Mapping[str, Field], raw: Any, path: tuple[str, ...]) -> dict[str, Any]:
        """A section, or an item of a list of mappings."""
        values: dict[str, Any] = {}
        if not isinstance(raw, Mapping):
            if raw is not None or any(field.required for field in fields.values()):
                self.complain(path, "This is not a mapping.", f"Its keys are {', '.join(fields)}.")
            return values
        for name, value in raw.items():
            if name in fields:
                self.entry(values, fields[name], value, (*path, name))
            else:
                here = [field.name for field in fields.values() if is_for(field, self.kind)]
                remedy = meant(".".join((*path, str(name))), here, self.kind)
                self.complain((*path, str(name)), "This key is not known.", remedy)
        for field in fields.values():
            if field.required and field.name not in raw:
                self.complain(path, f"The key {field.name} is missing.", f"Write {field.name}: with {expected(field)}.")
        return values

    def entry(self, values: dict[str, Any], field: Field, raw: Any, path: tuple[str, ...]) -> None:
        """One key: its value goes into `values`."""
        if field.items:
            values[field.name] = self.items(field, raw, path)
            return
        try:
            values[field.name] = check(field, raw)
        except WrongValue as error:
            self.complain(path, error.message, error.remedy)

    def items(self, field: Field, raw: Any, path: tuple[str, ...]) -> list[dict[str, Any]]:
        """A list of mappings."""
        if not isinstance(raw, Sequence) or isinstance(raw, str):
            self.complain(path, "This is not a list.", "Write one item a line, each after a dash.")
            return []
        if len(raw) < field.min_length:
            self.complain(path, f"{field.title} is empty.", "Give it at least one item.")
        names = {item.name: item for item in field.items}
        return [self.mapping(names, item, (*path, str(index))) for index, item in enumerate(raw)]


def _kind(mapping: Mapping[str, Any]) -> str:
    """Of the model that a file describes; "" where it is none."""
    model = mapping.get("model")
    kind = model.get("kind", Model().kind) if isinstance(model, Mapping) else Model().kind
    return kind if kind in get_args(ModelKind) else ""


_FLAT = {field.name: field for field in FIELDS if not field.section}
_IN_SECTION = {
    section.name: {field.name: field for field in FIELDS if field.section == section.name}
    for section in SECTIONS
    if section.name
}


# What depends on more than one key. Each yields (key, message, remedy).
Conflict = tuple[str, str, str]


def conflicts(config: TrainingConfig) -> Iterator[Conflict]:
    """What is wrong between keys that are fine one by one; only where both count."""
    for rule in _RULES:
        yield from rule(config)


def input_side(data: Data, wanted: int | None = None) -> int:
    """Side of the square input in pixels; `auto` is what a model's weights were trained at, if it has a wish."""
    if data.image_size != "auto":
        return data.image_size
    return wanted or _AUTO_SIZE.get(data.source, _AUTO_SIZE_ELSEWHERE)


def _path_missing(config: TrainingConfig) -> Iterator[Conflict]:
    if config.data.source != "digits" and not config.data.path:
        message = f"The source {config.data.source} needs a path."
        what = "the manifest" if config.data.source == "manifest" else "the folder with one subfolder a class"
        yield "data.path", message, f"Set data.path to {what}."


def _shares_too_large(config: TrainingConfig) -> Iterator[Conflict]:
    if config.data.val_fraction + config.data.test_fraction >= 1:
        message = "The validation and test shares leave nothing to train on."
        yield "data.val_fraction", message, "Make their sum less than 1."


def _groups_unreadable(config: TrainingConfig) -> Iterator[Conflict]:
    """For folders the groups are a regular expression; for a manifest, a column."""
    if config.data.source not in ("folder", "byteplot") or config.data.groups is None:
        return
    try:
        re.compile(config.data.groups)
    except (re.error, OverflowError, RecursionError) as error:
        yield "data.groups", f"This is no regular expression: {error}.", "Correct the expression."


def _too_much_pooling(config: TrainingConfig) -> Iterator[Conflict]:
    """Each pooling halves the side, rounding down; it has to stay at least one pixel."""
    if config.model.kind != "custom_cnn":
        return
    side = start = input_side(config.data)
    for index, block in enumerate(config.model.blocks):
        if block.pooling == "none":
            continue
        side //= 2
        if side < 1:
            message = f"Pooling here leaves nothing of an image of {start} pixels a side."
            yield f"model.blocks.{index}.pooling", message, "Set it to none, or raise data.image_size."
            return


def _width_not_divisible(config: TrainingConfig) -> Iterator[Conflict]:
    model: Model = config.model
    if model.kind == "vit" and model.width % model.heads:
        message = f"The width {model.width} is not a multiple of the {model.heads} heads."
        near = max(1, round(model.width / model.heads)) * model.heads
        yield "model.width", message, f"Set it to {near}, for one."


def _patch_too_large(config: TrainingConfig) -> Iterator[Conflict]:
    side = input_side(config.data)
    if config.model.kind == "vit" and config.model.patch_size > side:
        message = f"A patch of {config.model.patch_size} pixels is larger than the image of {side}."
        yield "model.patch_size", message, f"Set it to {side} or less."


def _patch_leaves_a_rest(config: TrainingConfig) -> Iterator[Conflict]:
    side, patch = input_side(config.data), config.model.patch_size
    if config.model.kind == "vit" and patch < side and side % patch:
        near = min((size for size in range(1, side + 1) if side % size == 0), key=lambda size: abs(size - patch))
        message = f"Patches of {patch} pixels do not fill an image of {side}."
        yield "model.patch_size", message, f"Set it to {near}, for one, or data.image_size to a multiple of {patch}."


_RULES: tuple[Callable[[TrainingConfig], Iterator[Conflict]], ...] = (
    _path_missing,
    _shares_too_large,
    _groups_unreadable,
    _too_much_pooling,
    _width_not_divisible,
    _patch_too_large,
    _patch_leaves_a_rest,
)
