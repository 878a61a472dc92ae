"""The JSON Schema of a config file, read off the field table: what editors complete, explain and check.

Draft-07, the newest that VS Code's and Neovim's YAML language server know in full. It takes what a load takes, but for
two things that JSON cannot say: numbers that are not finite, and what depends on more than one key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from training.config.fields import format_value
from training.config.leaf import LARGEST_INT, expected
from training.config.names import ALIASES, NULL_CHOICES
from training.config.problems import listed
from training.config.table import FIELDS, SECTIONS, Field

DIALECT = "http://json-schema.org/draft-07/schema#"
TITLE = "traindeck training config"
_CONTROLS = "[\\u0000-\\u001f\\u007f-\\u009f]"
_JSON_TYPES = {"bool": "boolean", "int": "integer", "float": "number", "text": "string"}

Schema = dict[str, Any]


def json_schema() -> Schema:
    """The whole schema, as plain values that JSON can spell."""
    properties: Schema = {field.name: field_schema(field) for field in FIELDS if not field.section}
    for section in SECTIONS:
        if section.name:
            inside = _mapping(field for field in FIELDS if field.section == section.name)
            # A section without keys, `model:`, is null.
            properties[section.name] = {
                "title": section.title,
                "description": section.help,
                **inside,
                "type": ["object", "null"],
            }
    return {
        "$schema": DIALECT,
        "title": TITLE,
        "description": "Keys that are left out have the guide's defaults.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def field_schema(field: Field) -> Schema:
    """What one key takes, with its title, what it is for, and its default."""
    schema: Schema = {"title": field.title, "description": _description(field)}
    if not field.required:
        schema["default"] = msgspec.json.decode(msgspec.json.encode(field.default))
    if field.suggest:
        schema["examples"] = list(field.suggest)
    return schema | _takes(field)


def _description(field: Field) -> str:
    parts = [field.help]
    if field.unit:
        parts.append(f"Unit: {field.unit}.")
    if field.when:
        key, *values = field.when
        parts.append(f"Counts while {key} is {listed(format_value(value) for value in values)}.")
    if field.guide:
        parts.append(f"Guide, section {field.guide.replace(', ', ' and ')}.")
    return " ".join(parts)


def _mapping(fields: Iterable[Field]) -> Schema:
    known = {field.name: field for field in fields}
    required = [name for name, field in known.items() if field.required]
    return {
        "type": "object",
        "additionalProperties": False,
        **({"required": required} if required else {}),
        "properties": {name: field_schema(field) for name, field in known.items()},
    }


def _takes(field: Field) -> Schema:
    if field.items:
        return {"type": "array", "minItems": field.min_length, "items": _mapping(field.items)}
    if field.kind == "list":
        least = 1 if field.optional else field.min_length
        return {"type": _or_null(field, "array"), "items": {"type": "string", **_text_rules(field, least)}}
    if field.kind == "choice":
        return _choice(field)
    plain: Schema = {"type": _or_null(field, _JSON_TYPES[field.kind])}
    if field.kind == "text":
        return plain | _text_rules(field, 1 if field.optional else field.min_length)
    if field.kind in ("int", "float"):
        plain |= _bounds(field)
    if not field.extra_choice:
        return plain
    return {"anyOf": [plain, {"enum": [field.extra_choice]}, _in_any_case([field.extra_choice], field)]}


def _or_null(field: Field, name: str) -> str | list[str]:
    return [name, "null"] if field.optional else name


def _choice(field: Field) -> Schema:
    """The canonical spellings first, so that an editor offers them first; then what else a load takes for one."""
    words = [*field.choices, *(alias for alias in ALIASES.get(field.key, {}) if alias not in field.choices)]
    null = [None] if field.key in NULL_CHOICES or field.optional else []
    return {"anyOf": [{"enum": [*words, *null]}, _in_any_case(words, field, spaced=True)]}


def _in_any_case(words: Iterable[str], field: Field, *, spaced: bool = False) -> Schema:
    """The same words in capitals or not, for which JSON Schema has no flag; `spaced` with blanks around them, too."""
    spellings = "|".join(dict.fromkeys("".join(_either_case(letter) for letter in word) for word in words))
    blank = "\\s*" if spaced else ""
    says = f"Write {expected(field)}."
    return {"type": "string", "pattern": f"^{blank}({spellings}){blank}$", "patternErrorMessage": says}


def _either_case(letter: str) -> str:
    return f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else letter


def _text_rules(field: Field, least: int) -> Schema:
    """As a load checks a text: never with control characters, and by the field's pattern in ASCII."""
    rules: Schema = {"not": {"type": "string", "pattern": _CONTROLS}}
    if least:
        rules["minLength"] = least
    if field.pattern:
        rules["pattern"] = field.pattern.replace("\\d", "[0-9]")
        rules["patternErrorMessage"] = f"It takes {field.help[:1].lower()}{field.help[1:]}"
    return rules


def _bounds(field: Field) -> Schema:
    bounds: Schema = {}
    if field.minimum is not None:
        bounds["exclusiveMinimum" if field.exclusive_minimum else "minimum"] = field.minimum
    elif field.kind == "int":
        bounds["minimum"] = -LARGEST_INT
    if field.maximum is not None:
        bounds["exclusiveMaximum" if field.exclusive_maximum else "maximum"] = field.maximum
    elif field.kind == "int":
        bounds["maximum"] = LARGEST_INT
    return bounds
