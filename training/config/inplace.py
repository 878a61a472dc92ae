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
from training.config.leaf import WrongValue, check
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.config.spans import (
    Edit,
    applied,
    column,
    end,
    entry_removal,
    in_brackets,
    line_break,
    line_end,
    lines_after,
    replacement,
    start,
)
from training.config.spelling import dump, entry_lines, format_value, quoted_like
from training.config.table import FIELDS, SECTIONS, Field


def edit(text: str, config: TrainingConfig, remove: Iterable[str] = ()) -> str:
    """The text with `config` in it; reading it gives `config` back, unless it holds unknown keys.

    The dotted keys in `remove` are taken out first. Raises ConfigError for a text that is no YAML mapping.
    """
    document = yaml12.parse(text)
    try:
        for key in remove:
            document = _without(document, tuple(key.split(".")))
        result = applied(document.text, _Planning(document, config).edits())
        if _says_all(result, config):
            return result
        # A value that is shared through an alias may have changed in one place only.
        document = _expanded(document)
        result = applied(document.text, _Planning(document, config).edits())
        return result if _says_all(result, config) else _rewritten(text, config)
    except ConfigError:
        return _rewritten(text, config)


def _says_all(text: str, config: TrainingConfig) -> bool:
    """Whether a text says what `config` says."""
    try:
        return not list(_Planning(yaml12.parse(text), config).edits())
    except ConfigError:
        return False


def _without(document: yaml12.Document, path: yaml12.Path) -> yaml12.Document:
    """The document without the entry of one key, of the top level or a section; as it is where there is none."""
    document = _expanded(document)
    node: yaml.Node | None = document.root
    for depth, name in enumerate(path):
        if not isinstance(node, yaml.MappingNode) or name not in _children(node):
            return document
        key, child = _children(node)[name]
        if depth == len(path) - 1:
            return yaml12.parse(applied(document.text, [entry_removal(document.text, node, key, child)]))
        node = child
    return document


def _expanded(document: yaml12.Document) -> yaml12.Document:
    """The document with every alias replaced by the values that it stands for."""
    edits = list(_expanded_aliases(document))
    return yaml12.parse(applied(document.text, edits)) if edits else document


def _rewritten(text: str, config: TrainingConfig) -> str:
    """The last resort, for notations that no edit fits into: a new file under the old one's opening comments."""
    opening = []
    for line in text.splitlines(keepends=True):
        if not line.lstrip("\ufeff").lstrip(" ").startswith("#") and line.strip():
            break
        opening.append(line)
    return "".join(opening) + dump(config).replace("\n", line_break(text))


def _expanded_aliases(document: yaml12.Document) -> Iterator[Edit]:
    """The outermost aliases, each with its values."""

    def walk(node: yaml.Node, value: Any) -> Iterator[Edit]:
        if isinstance(node, yaml12.AliasNode):
            yield Edit(start(node), end(node), format_value(value))
        elif isinstance(node, yaml.MappingNode):
            for key, child in node.value:
                yield from walk(key, _resolved(key).value)
                yield from walk(child, value[_resolved(key).value])
        elif isinstance(node, yaml.SequenceNode):
            for child, item in zip(node.value, value, strict=True):
                yield from walk(child, item)

    if document.root:
        yield from walk(document.root, document.values)


class _Planning:
    """One walk over a document and a config side by side; yields the edits that make the document say the config."""

    def __init__(self, document: yaml12.Document, config: TrainingConfig) -> None:
        self.text = document.text
        self.document = document
        self.config = config

    def edits(self) -> Iterator[Edit]:
        """All edits; where two insert at one place, what is nested deeper comes first."""
        root, values = self.document.root, self.document.values
        if root is None:
            yield from self._fill()
            return
        nodes = _children(root)
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
        nodes = _children(node)
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
            yield from self._items(field, node, old, new)
        elif field.items:
            if not (isinstance(old, list) and not old and not new):
                yield replacement(self.text, node, format_value(new), key)
        elif not _says(field, old, new):
            style = node.style if isinstance(node, yaml.ScalarNode) else None
            spelled = quoted_like(new, style) if isinstance(new, str) else format_value(new)
            yield replacement(self.text, node, spelled, key)

    def _items(self, field: Field, node: yaml.SequenceNode, old: list[Any], new: tuple[Any, ...]) -> Iterator[Edit]:
        """A list of mappings: items are edited where they are; new ones come, and surplus ones go, at its end."""
        for child, old_item, item in zip(map(_resolved, node.value), old, new, strict=False):
            if isinstance(child, yaml.MappingNode) and child.value:
                content = {entry.name: getattr(item, entry.name) for entry in field.items}
                yield from self._mapping(child, old_item, field.items, content)
            else:
                yield replacement(self.text, child, format_value(item))
        more = [format_value(item) for item in new[len(old) :]]
        if more and node.flow_style:
            yield in_brackets(node, more)
        elif more:
            yield lines_after(self.text, end(node), column(node), [f"- {item}" for item in more])
        elif len(new) < len(old):
            first, last = end(node.value[len(new) - 1]), end(node.value[-1])
            if not node.flow_style:
                first, last = line_end(self.text, first), line_end(self.text, last)
            yield Edit(first, last, "")

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


def _children(node: yaml.Node) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Key and value node of each entry, by name."""
    return {str(_resolved(key).value): (key, _resolved(child)) for key, child in node.value}


def _resolved(node: yaml.Node) -> yaml.Node:
    """What an alias stands for."""
    return _resolved(node.value) if isinstance(node, yaml12.AliasNode) else node


def _missing(fields: Iterable[Field], new: Mapping[str, Any]) -> list[Field]:
    """The fields that a mapping has to name, since they are required or not at their default."""
    return [field for field in fields if field.required or new[field.name] != field.default]


def _says(field: Field, old: Any, new: Any) -> bool:
    """Whether a value as read from the text already means `new`."""
    try:
        return bool(check(field, old) == new)
    except WrongValue:
        return False
