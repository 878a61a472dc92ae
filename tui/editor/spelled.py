"""How the form spells a value: as the file would, less the quotes and brackets that a field needs not."""

from __future__ import annotations

from training.config.fields import Field, field, format_value, parse_value, value
from training.config.schema import TrainingConfig
from tui.editor.items import is_item


def spelled(config: TrainingConfig, key: str) -> str:
    """The text of a field, or of an item of a list, which reads back as the value that it has."""
    found = value(config, key)
    if is_item(key):
        return format_value(found)[1:-1]
    entry = field(key)
    if entry.kind == "list":
        return format_value(found or ())[1:-1]
    if isinstance(found, str) and entry.kind == "text" and _reads_back(entry, found):
        return found
    return format_value(found)


def _reads_back(entry: Field, text: str) -> bool:
    try:
        return bool(parse_value(entry, text) == text)
    except ValueError:
        return False
