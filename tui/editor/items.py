"""An item of a list of mappings (a block, a dense layer), edited as one line: `filters: 64, dropout: 0.25`."""

from __future__ import annotations

import re
from typing import Any

from training.config import yaml12
from training.config.fields import Field, field, parse_value
from training.config.problems import ConfigError

_NO_SPACE = re.compile(r"(?:^|,)\s*(\w+):(?=[^\s,])", re.ASCII)
REMOVED_ON_LEAVING = "This line is empty: it is removed when you leave it."


def is_item(key: str) -> bool:
    """Whether the key is that of an item of a list of mappings ("model.blocks.0")."""
    return key.rpartition(".")[2].isdigit()


def item_of(key: str) -> str:
    """The key of the item that a key is of or inside of ("model.blocks.0" for "model.blocks.0.filters"); else ""."""
    if is_item(key):
        return key
    outer = key.rpartition(".")[0]
    return outer if is_item(outer) else ""


def singular(entry: Field) -> str:
    """What one item of the list is called: "Block"."""
    return entry.title.removesuffix("s")


def item_label(key: str) -> str:
    """The name of an item's row: "Block 1"."""
    of, _, index = key.rpartition(".")
    return f"{singular(field(of))} {int(index) + 1}"


def parse_item(key: str, text: str) -> Any:
    """The item that a line stands for. Raises ValueError with a sentence that names the row as the form does."""
    if not text.strip():
        raise ValueError(REMOVED_ON_LEAVING)
    label = item_label(key)
    if match := _NO_SPACE.search(text):
        raise ValueError(f"{label}: a space is missing after {match[1]}:")
    try:
        if not isinstance(yaml12.scalar(f"{{{text}}}"), dict):
            raise ValueError(_unreadable(label))
    except ConfigError as error:
        problem = error.problems[0]
        twice = problem.key and "already set" in problem.message
        raise ValueError(f"{label}: {problem.key} is there twice." if twice else _unreadable(label)) from None
    try:
        return parse_value(field(key.rpartition(".")[0]), f"[{{{text}}}]")[0]
    except ValueError as error:
        # The place in the list of one, "0" or "0.dropout", says less than the row.
        raise ValueError(f"{label}: {re.sub(r'^0(?:: |[.])', '', str(error))}") from None


def _unreadable(label: str) -> str:
    return f"{label} cannot be read. Write it as key: value, key: value."


def example(entry: Field) -> str:
    """A list with one item whose required keys have a middling value."""
    required = ", ".join(f"{item.name}: 64" for item in entry.items if item.required)
    return f"[{{{required}}}]"
