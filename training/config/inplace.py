"""Saving a config into the text that it came from: changed values change, every other character stays.

Comments, order, spelling, quotes, line ends and unknown keys survive. Keys that the text lacks and that are not at
their default are added to their section.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any

import yaml

from training.config import yaml12
from training.config.item_lines import ItemLines
from training.config.leaf import WrongValue, check
from training.config.matching import meant, origins, values_of
from training.config.nodes import children, expanded, resolved
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.config.spans import (
    Edit,
    after_comments,
    applied,
    column,
    end,
    entry_removal,
    in_brackets,
    line_break,
    line_end,
    lines_after,
    rearranged_in_brackets,
    replacement,
    with_comments_in_place,
)
from training.config.spelling import changed_values, dump, entry_lines, format_value, number_like, quoted_like
from training.config.table import FIELDS, SECTIONS, Field


def edit(text: str, config: TrainingConfig, remove: Iterable[str] = ()) -> str:
    """The text with `config` in it; reading it gives `config` back, unless it holds unknown keys.

    The dotted keys in `remove` are taken out first. Raises ConfigError for a text that is no YAML mapping.
    """
    document = yaml12.parse(text)
    try:
        for key in remove:
            document = _without(document, tuple(key.split(".")))
        for plan in _plans(document, config):
            result = _carried_out(plan)
            if result is not None and _says_all(result, config):
                return result
    except ConfigError:
        pass
    return _rewritten(text, config)


def _plans(document: yaml12.Document, config: TrainingConfig) -> Iterator[_Planning]:
    """Ways to edit the text, the one that keeps most of it first."""
    yield _Planning(document, config)
    # A value that is shared through an alias may have changed in one place only.
    document = expanded(document)
    yield _Planning(document, config)
    yield _Planning(document, config, move_items=False)


def _carried_out(plan: _Planning) -> str | None:
    try:
        return applied(plan.text, with_comments_in_place(plan.text, list(plan.edits())))
    except ValueError:  # an item that goes elsewhere holds an anchor that changes
        return None


def _says_all(text: str, config: TrainingConfig) -> bool:
    """Whether a text says what `config` says."""
    try:
        return not list(_Planning(yaml12.parse(text), config).edits())
    except ConfigError:
        return False


def _without(document: yaml12.Document, path: yaml12.Path) -> yaml12.Document:
    """The document without the entry of one key, of the top level or a section; as it is where there is none."""
    document = expanded(document)
    node: yaml.Node | None = document.root
    for depth, name in enumerate(path):
        if not isinstance(node, yaml.MappingNode) or name not in children(node):
            return document
        key, child = children(node)[name]
        if depth == len(path) - 1:
            return yaml12.parse(applied(document.text, [entry_removal(document.text, node, key, child)]))
        node = child
    return document


def _rewritten(text: str, config: TrainingConfig) -> str:
    """The last resort, for notations that no edit fits into: a new file under the old one's opening comments."""
    opening = []
    for line in text.splitlines(keepends=True):
        if not line.lstrip("\ufeff").lstrip(" ").startswith("#") and line.strip():
            break
        opening.append(line)
    return "".join(opening) + dump(config).replace("\n", line_break(text))


class _Planning:
    """One walk over a document and a config side by side; yields the edits that make the document say the config."""

    def __init__(self, document: yaml12.Document, config: TrainingConfig, move_items: bool = True) -> None:
        self.text = document.text
        self.move_items = move_items
        self.document = document
        self.config = config

    def edits(self) -> Iterator[Edit]:
        """All edits; where two insert at one place, what is nested deeper comes first."""
        root, values = self.document.root, self.document.values
        if root is None:
            yield from self._fill()
            return
        nodes = children(root)
        for section, fields in _BY_SECTION.items():
            if section in nodes:
                yield from self._section(*nodes[section], values[section], fields)
        yield from self._mapping(root, values, _FLAT, self._part(_FLAT))
        for section, fields in _BY_SECTION.items():
            if section not in nodes:
                yield from self._new_section(root, section, fields)

    def _section(self, key: yaml.Node, node: yaml.Node, old: Any, fields: tuple[Field, ...]) -> Iterator[Edit]:
        """A section that the text has; without any key it may be empty."""
        new = self._part(fields)
        if isinstance(node, yaml.MappingNode):
            yield from self._mapping(node, old, fields, new)
        elif old is not None or _missing(fields, new):
            content = {field.name: new[field.name] for field in _missing(fields, new)}
            yield replacement(self.text, node, format_value(content), key)

    def _fill(self) -> Iterator[Edit]:
        """A text without any value: comments at most."""
        if self.config != TrainingConfig():
            newline = line_break(self.text)
            gap = "" if not self.text or self.text.endswith(("\n", "\r", "\ufeff")) else newline
            place = len(self.text)
            yield Edit(place, place, gap + dump(self.config).replace("\n", newline))

    def _part(self, fields: Iterable[Field]) -> dict[str, Any]:
        """The config's values of some fields, by name."""
        return {field.name: attrgetter(field.key)(self.config) for field in fields}

    def _mapping(
        self, node: yaml.MappingNode, values: Any, fields: tuple[Field, ...], new: Mapping[str, Any]
    ) -> Iterator[Edit]:
        """The entries of one mapping: the top level's flat keys, a section, or an item of a list."""
        nodes = children(node)
        for field in fields:
            if field.name in nodes:
                key, child = nodes[field.name]
                yield from self._entry(field, key, child, values[field.name], new[field.name])
        added = [field for field in _missing(fields, new) if field.name not in nodes]
        if added:
            yield self._added(node, added, new, last=[child for name, (_, child) in nodes.items() if name in new])

    def _entry(self, field: Field, key: yaml.Node, node: yaml.Node, old: Any, new: Any) -> Iterator[Edit]:
        """One key of a mapping."""
        if field.items and isinstance(node, yaml.SequenceNode) and node.value and new:
            yield from self._items(field, key, node, old, new)
        elif field.items:
            if not (isinstance(old, list) and not old and not new):
                yield replacement(self.text, node, format_value(new), key)
        elif not _says(field, old, new):
            yield replacement(self.text, node, _spelled_like(node, new), key)

    def _items(
        self, field: Field, key: yaml.Node, node: yaml.SequenceNode, old: list[Any], new: tuple[Any, ...]
    ) -> Iterator[Edit]:
        """A list of mappings: each item keeps its text, comments included, wherever it goes."""
        before, after = [meant(field, item) for item in old], [values_of(field, item) for item in new]
        in_place = [at if at < len(old) else None for at in range(len(new))]
        default = tuple(entry.default for entry in field.items)
        come_from = origins(before, after, default) if self.move_items else in_place
        inner = [
            [] if at is None else list(self._item(field, node.value[at], old[at], item))
            for at, item in zip(come_from, new, strict=True)
        ]
        if come_from == list(range(len(old))):
            yield from (edit for edits in inner for edit in edits)
            return
        added = {at: item for at, item in enumerate(new) if come_from[at] is None}
        if node.flow_style:
            written = {at: format_value(item) for at, item in added.items()}
            yield from rearranged_in_brackets(self.text, node, come_from, inner, written)
            return
        lines = ItemLines.of(self.text, node) if self.move_items else None
        if lines:
            in_lines = all(isinstance(child, yaml.MappingNode) and not child.flow_style for child in node.value)
            fresh = {
                at: lines.written(_item_lines(item) if in_lines else [format_value(item)]) for at, item in added.items()
            }
            # A comment that is indented like the list's own key speaks of the next key.
            bottom = after_comments(self.text, lines.items[-1].end, max(lines.indent, key.start_mark.column + 1))
            yield from lines.rearranged(come_from, inner, fresh, bottom)
        else:
            yield from self._items_in_place(field, node, old, new)

    def _item(self, field: Field, node: yaml.Node, old: Any, new: Any) -> Iterator[Edit]:
        """An item where it is."""
        node = resolved(node)
        if isinstance(node, yaml.MappingNode) and node.value:
            content = {entry.name: getattr(new, entry.name) for entry in field.items}
            yield from self._mapping(node, old, field.items, content)
        else:
            yield replacement(self.text, node, format_value(new))

    def _items_in_place(
        self, field: Field, node: yaml.SequenceNode, old: list[Any], new: tuple[Any, ...]
    ) -> Iterator[Edit]:
        """Each item by its number; new ones come, and surplus ones go, at the end."""
        for child, old_item, item in zip(node.value, old, new, strict=False):
            yield from self._item(field, child, old_item, item)
        more = [format_value(item) for item in new[len(old) :]]
        if more:
            yield lines_after(self.text, end(node), column(node), [f"- {item}" for item in more])
        elif len(new) < len(old):
            first, last = end(node.value[len(new) - 1]), end(node.value[-1])
            yield Edit(line_end(self.text, first), line_end(self.text, last), "")

    def _added(
        self, node: yaml.MappingNode, fields: list[Field], new: Mapping[str, Any], last: list[yaml.Node]
    ) -> Edit:
        """Missing keys, after the last of the keys of their kind."""
        if node.flow_style:
            return in_brackets(node, [f"{field.name}: {format_value(new[field.name])}" for field in fields])
        lines = [line for field in fields for line in entry_lines(field, new[field.name], " " * self._step())]
        place = max((end(child) for child in last), default=end(node))
        return lines_after(self.text, place, column(node), lines)

    def _new_section(self, root: yaml.MappingNode, name: str, fields: tuple[Field, ...]) -> Iterator[Edit]:
        new = self._part(fields)
        added = _missing(fields, new)
        if not added:
            return
        if root.flow_style:
            yield in_brackets(root, [f"{name}: {format_value({field.name: new[field.name] for field in added})}"])
            return
        step = " " * self._step()
        lines = [f"{step}{line}" for field in added for line in entry_lines(field, new[field.name], step)]
        gap = [""] if line_break(self.text) * 2 in self.text else []
        yield lines_after(self.text, end(root), column(root), [*gap, f"{name}:", *lines])

    def _step(self) -> int:
        """Indentation of a section's keys in this file."""
        root = self.document.root
        for _, child in root.value if root else ():
            if isinstance(child, yaml.MappingNode) and not child.flow_style:
                return max(1, column(child) - column(root)) if root else 2
        return 2


_FLAT = tuple(field for field in FIELDS if not field.section)
_BY_SECTION = {
    section.name: tuple(field for field in FIELDS if field.section == section.name)
    for section in SECTIONS
    if section.name
}


def _spelled_like(node: yaml.Node, new: Any) -> str:
    """A value in the quotes or the notation of the one that it replaces."""
    if isinstance(node, yaml.ScalarNode) and isinstance(new, str):
        return quoted_like(new, node.style)
    if isinstance(node, yaml.ScalarNode) and isinstance(new, int | float) and not isinstance(new, bool):
        return number_like(new, node.value)
    return format_value(new)


def _item_lines(item: Any) -> list[str]:
    return [f"{name}: {format_value(value)}" for name, value in changed_values(item).items()]


def _missing(fields: Iterable[Field], new: Mapping[str, Any]) -> list[Field]:
    """The fields that a mapping has to name, since they are required or not at their default."""
    return [field for field in fields if field.required or new[field.name] != field.default]


def _says(field: Field, old: Any, new: Any) -> bool:
    """Whether a value as read from the text already means `new`."""
    try:
        return bool(check(field, old) == new)
    except WrongValue:
        return False
