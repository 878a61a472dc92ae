"""The nodes of a document as entries, and aliases among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from training.config import yaml12
from training.config.spans import Edit, applied, end, start
from training.config.spelling import format_value


def children(node: yaml.Node) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Key and value node of each entry, by name."""
    return {str(resolved(key).value): (key, resolved(child)) for key, child in node.value}


def resolved(node: yaml.Node) -> yaml.Node:
    """What an alias stands for."""
    return resolved(node.value) if isinstance(node, yaml12.AliasNode) else node


def expanded(document: yaml12.Document) -> yaml12.Document:
    """The document with every alias replaced by the values that it stands for."""
    edits = list(_written_out(document))
    return yaml12.parse(applied(document.text, edits)) if edits else document


def _written_out(document: yaml12.Document) -> Iterator[Edit]:
    """The outermost aliases, each with its values."""

    def walk(node: yaml.Node, value: Any) -> Iterator[Edit]:
        if isinstance(node, yaml12.AliasNode):
            yield Edit(start(node), end(node), format_value(value))
        elif isinstance(node, yaml.MappingNode):
            for key, child in node.value:
                yield from walk(key, resolved(key).value)
                yield from walk(child, value[resolved(key).value])
        elif isinstance(node, yaml.SequenceNode):
            for child, item in zip(node.value, value, strict=True):
                yield from walk(child, item)

    if document.root:
        yield from walk(document.root, document.values)
