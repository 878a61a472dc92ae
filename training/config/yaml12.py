"""YAML read with the core rules of YAML 1.2, on PyYAML's SafeLoader.

PyYAML speaks YAML 1.1: it reads `1e-3` as a text, `off` and `no` as false, `1:30` as 90 and a key `on` as true. Here
numbers are numbers (`1e-3`, `.5`, `0o17`, `.inf`), only true and false are bools, only `null`, `~` and nothing are
null, and keys are names. Every value keeps its line, and the nodes keep their place in the text, so that `inplace` can
edit one value and no other byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from training.config.problems import ConfigError, Problem, in_file_order, shown

Path = tuple[str, ...]
"""Keys and list indices from the top: ("model", "blocks", "0", "filters")."""

_MAX_DEPTH = 24
_MAX_VALUES = 20_000
_MAX_DIGITS = 40
_TAGS_OF: dict[type[yaml.Node], tuple[str, ...]] = {
    yaml.ScalarNode: ("null", "bool", "int", "float", "str"),
    yaml.SequenceNode: ("seq",),
    yaml.MappingNode: ("map",),
}
_CORE_TAGS = {f"tag:yaml.org,2002:{name}" for names in _TAGS_OF.values() for name in names}

_RESOLVERS = (
    ("null", r"(~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("bool", r"(true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("int", r"([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z", list("-+0123456789")),
    (
        "float",
        r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z",
        list("-+.0123456789"),
    ),
)


class AliasNode(yaml.Node):
    """An alias where it stands in the text (PyYAML would put the anchor's node, with the anchor's place, here)."""

    id = "alias"

    def __init__(self, target: yaml.Node, event: yaml.Event) -> None:
        super().__init__(target.tag, target, None, None)
        self.start_mark, self.end_mark = event.start_mark, event.end_mark


class _Loader(yaml.SafeLoader):
    """Composes nodes by YAML 1.2's core schema; constructs nothing."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    depth = 0
    count = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
            target = super().compose_node(parent, index)
            return AliasNode(target, event) if target else None
        self.depth += 1
        self.count += 1
        if self.depth > _MAX_DEPTH or self.count > _MAX_VALUES:
            problem = "values are nested too deep" if self.depth > _MAX_DEPTH else "too many values"
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _name, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(_pattern), _first)


@dataclass(frozen=True)
class Document:
    """A parsed YAML text whose top level is a mapping."""

    text: str
    source: str
    values: dict[str, Any]
    lines: dict[Path, int]
    """Line of each key and list item, from 1."""
    root: yaml.MappingNode | None
    """None where the text holds no value at all."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with single entries (duplicate keys, unknown tags, ...); those entries are left out of `values`."""


def parse(text: str, source: str = "<text>") -> Document:
    """The document in `text`. Raises ConfigError with everything that is wrong with it as YAML."""
    document = scan(text, source)
    if document.problems:
        raise ConfigError(document.problems)
    return document


@lru_cache(maxsize=4)
def scan(text: str, source: str = "<text>") -> Document:
    """Like `parse`, but with problems of single entries in the document, so that a caller can report others too.

    Raises ConfigError only where the text as a whole cannot be read. While a config is edited the same few texts are
    read at every key: the last documents are kept, so whoever gets one shares it and leaves its values as they are.
    """
    root = _compose(text, source)
    if root is None or (isinstance(root, yaml.ScalarNode) and root.tag.endswith(":null")):
        return Document(text, source, {}, {}, None)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError([_not_a_mapping(root, source)])
    reading = _Reading(source)
    values = reading.value(root, (), 0) or {}
    return Document(text, source, values, reading.lines, root, tuple(in_file_order(reading.problems)))


def scalar(text: str) -> Any:
    """The value that `text` has as one YAML value, lists and mappings included. Raises ConfigError."""
    node = _compose(text, "")
    if node is None:
        return None
    reading = _Reading("")
    value = reading.value(node, (), 0)
    if reading.problems:
        raise ConfigError(reading.problems)
    return value


def _compose(text: str, source: str) -> yaml.Node | None:
    line = None
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_node()
        finally:
            line = loader.line + 1
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"The character {_code(error.character)} is not allowed in YAML."
        raise ConfigError([Problem(message, line=line, source=source, remedy="Remove it.")]) from None
    except yaml.MarkedYAMLError as error:
        raise ConfigError([_syntax_problem(error, source)]) from None
    except (ValueError, OverflowError):
        # PyYAML lets chr() and bytes.decode() speak for themselves on "\UFFFFFFFF" and the like.
        message = "This is not valid YAML: a backslash or % escape names no character."
        raise ConfigError([Problem(message, line=line, source=source)]) from None


def _code(character: int | bytes) -> str:
    return f"U+{character:04X}" if isinstance(character, int) else repr(character)


def _not_a_mapping(root: yaml.Node, source: str) -> Problem:
    found = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
    message = f"A config is a mapping of keys to values; this is {found}."
    return Problem(message, line=root.start_mark.line + 1, source=source, remedy="Write lines such as `epochs: 50`.")


def _syntax_problem(error: yaml.MarkedYAMLError, source: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else None
    complaint = str(error.problem or error.context)
    for sign, message, remedy in _SYNTAX:
        if sign in complaint or sign in str(error.context):
            return Problem(message, line=line, source=source, remedy=remedy)
    return Problem(f"This is not valid YAML: {shown(complaint, 120)}.", line=line, source=source)


# What PyYAML's commonest complaints mean to somebody who edits a config.
_SYNTAX = (
    ("'\\t'", "A tab stands where YAML wants spaces.", "Replace it with spaces."),
    ("expected a single document", "A second document starts here; a config is one.", "Remove the `---` line."),
    ("but found another document", "A second document starts here; a config is one.", "Remove the `---` line."),
    (
        "mapping values are not allowed",
        "A second `:` on one line, or a wrong indentation.",
        "Quote texts with `: ` in them.",
    ),
    ("could not find expected ':'", "A key without a `:` after it.", "Write `key: value`."),
    (
        "found undefined alias",
        "An alias (*name) without an anchor (&name) before it.",
        "Quote a text that starts with *.",
    ),
    ("while scanning a quoted scalar", "A quoted text does not end.", "Close the quotes."),
    ("that cannot start any token", "A value cannot start with this character.", "Put the value in quotes."),
    ("'<stream end>'", "A list or mapping in brackets does not end.", "Close the bracket."),
    ("nested too deep", "Values are nested too deep here.", ""),
    ("too many values", "Too many values for a config.", ""),
    ("incompatible YAML document", "This YAML version is not known.", "Remove the %YAML line."),
)


class _Reading:
    """One walk over the nodes: values, their lines, and what is wrong."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self.left = _MAX_VALUES

    def value(self, node: yaml.Node, path: Path, depth: int) -> Any:
        """The node as plain Python; aliases are expanded, within the limits on count and depth."""
        while isinstance(node, AliasNode):
            node = node.value
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            message = "Too many values for a config." if self.left < 0 else "An alias here contains itself."
            remedy = "If aliases multiply them, write the values out." if self.left < 0 else "Write the value out."
            raise ConfigError([Problem(message, line=_line(node), source=self.source, remedy=remedy)])
        if node.tag not in _CORE_TAGS:
            self._complain(node, path, f"The tag {_tag(node)} is not known.", "Remove it.")
            return None
        if node.tag.rpartition(":")[2] not in _TAGS_OF[type(node)]:
            self._complain(node, path, f"The tag {_tag(node)} does not fit its value.", "Remove it.")
            return None
        if isinstance(node, yaml.MappingNode):
            return {key: self.value(child, (*path, key), depth + 1) for key, child in self._entries(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self._item(child, (*path, str(index)), depth) for index, child in enumerate(node.value)]
        return self._scalar(node, path)

    def _item(self, node: yaml.Node, path: Path, depth: int) -> Any:
        self.lines[path] = _line(node)
        return self.value(node, path, depth + 1)

    def _entries(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, yaml.Node]]:
        """Key and value of each sound entry of a mapping."""
        seen: dict[str, int] = {}
        for key_node, child in node.value:
            bare = key_node.value if isinstance(key_node, AliasNode) else key_node
            if not isinstance(bare, yaml.ScalarNode):
                self._complain(key_node, path, "A key is a name, not a list or a mapping.", "")
                continue
            key = str(bare.value)
            if key == "<<" and bare.style is None:
                self._complain(key_node, path, "Merge keys (<<) are not part of YAML 1.2.", "Write the keys out.")
            elif key in seen:
                message = f"This key is already set on line {seen[key]}."
                self._complain(key_node, (*path, key), message, "Remove one of the two.")
            else:
                seen[key] = self.lines[(*path, key)] = _line(key_node)
                yield key, child

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        kind = node.tag.rpartition(":")[2]
        text = str(node.value)
        if kind == "str":
            return _joined(text)
        try:
            return _convert(kind, text)
        except ValueError:
            self._complain(
                node, path, f'"{shown(text)}" is not a value of type {kind}.', "Remove the tag, or shorten it."
            )
            return None

    def _complain(self, node: yaml.Node, path: Path, message: str, remedy: str) -> None:
        key = ".".join(shown(part) for part in path)
        self.problems.append(Problem(message, key=key, line=_line(node), source=self.source, remedy=remedy))


def _joined(text: str) -> str:
    """JSON spells characters beyond U+FFFF as two escapes, a surrogate pair; YAML is to read JSON."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _convert(kind: str, text: str) -> Any:
    """A scalar's text as a value of a core type. Raises ValueError."""
    folded = text.casefold()
    if kind == "null":
        return None
    if kind == "bool":
        if folded not in ("true", "false"):
            raise ValueError(text)
        return folded == "true"
    if len(text) > _MAX_DIGITS and kind == "int":
        raise ValueError("too many digits")
    if kind == "float":
        return float(folded.replace(".inf", "inf").replace(".nan", "nan").replace("_", "-"))
    return int(text, 0) if folded[:2] in ("0o", "0x") else int(text.replace("_", "-"))


def _tag(node: yaml.Node) -> str:
    return shown(node.tag.replace("tag:yaml.org,2002:", "!!"))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
