"""A config file as it will be saved: its lines by YAML role, what changed against the file on disk, where keys are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import yaml

from training.config import yaml12
from training.config.fields import SECTIONS
from training.config.problems import ConfigError
from training.config.spans import end, start
from training.text import plain
from tui.widgets.rows import Row

BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What PyYAML counts as the end of a line."""
_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n\r\x85\u2028\u2029]*", re.MULTILINE)
_KEY = re.compile(r"\s*(?:- +)*[^:]*")
_SECTIONS = {section.name for section in SECTIONS if section.name}
TAB = 4

ROLES = {"key": "accent", "value": "text", "comment": "muted", "mark": "muted"}
"""The style of each part: keys, values, comments, and the marks between them."""


@dataclass(frozen=True)
class YamlText:
    """The lines of a text, with what is known of each; lines and indices count from 0."""

    rows: list[Row]
    """Parts of each line, styled by `ROLES`."""
    marks: list[str]
    """`+` for a line that the file on disk lacks, `~` for one that it has otherwise, else empty."""
    gone: dict[int, list[str]]
    """Lines of the file on disk that are no more, by the line that they stood before."""
    places: dict[yaml12.Path, int]
    """The line of each key and list item."""
    fault: tuple[int, str] | None = None
    """The line and the message of what makes the text unreadable as YAML."""

    @property
    def changed(self) -> int:
        """Lines that were added, changed or taken out."""
        return sum(map(bool, self.marks)) + sum(map(len, self.gone.values()))

    def last_line(self, section: str) -> int | None:
        """The last line that starts a key of a section, or of the flat keys for ""; None without any."""
        lines = [line for path, line in self.places.items() if (path[0] if path[0] in _SECTIONS else "") == section]
        return max(lines, default=None)


def yaml_text(text: str, on_disk: str) -> YamlText:
    """The text, compared with what is on disk; with an empty `on_disk` nothing counts as changed."""
    marks, gone = changes(BREAK.split(on_disk), BREAK.split(text)) if on_disk else ([], {})
    fault = None
    try:
        document = yaml12.parse(text)
        rows = list(_lines(text, _spans(document.root))) if document.root else _plain_lines(text)
        places = {path: line - 1 for path, line in document.lines.items()}
    except ConfigError as error:
        rows, places = _plain_lines(text), {}
        fault = ((error.problems[0].line or 1) - 1, error.problems[0].says)
    if rows and not rows[-1]:
        rows.pop()  # what follows the last line break is no line
    marks = (marks or [""] * len(rows))[: len(rows)]
    fault = fault and (max(0, min(fault[0], len(rows) - 1)), fault[1])
    return YamlText(rows, marks, gone, places, fault)


# Colours


def _spans(node: yaml.Node | None) -> Iterator[tuple[int, int, str]]:
    """Start, end and role of each key and each scalar, in the order of the text."""
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            yield start(key), end(key), "key"
            yield from _spans(child)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _spans(child)
    elif node is not None:
        yield start(node), end(node), "value"


def _lines(text: str, spans: Iterator[tuple[int, int, str]]) -> Iterator[Row]:
    """The text cut into lines of parts."""
    row: Row = []
    for first, last, role in _parts(text, spans):
        pieces = BREAK.split(text[first:last])
        for at, piece in enumerate(pieces):
            if at:
                yield row
                row = []
            if piece:
                row.append((shown(piece), ROLES[role]))
    yield row


def _parts(text: str, spans: Iterator[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The spans and what lies between them: comments and marks."""
    done = 0
    for first, last, role in spans:
        yield from _between(text, done, first)
        yield max(done, first), last, role
        done = max(done, last)
    yield from _between(text, done, len(text))


def _between(text: str, first: int, last: int) -> Iterator[tuple[int, int, str]]:
    done = first
    for comment in _COMMENT.finditer(text, first, last):
        yield done, comment.start(), "mark"
        yield comment.start(), comment.end(), "comment"
        done = comment.end()
    yield done, last, "mark"


def _plain_lines(text: str) -> list[Row]:
    """Lines of a text that has no values, or that cannot be read."""
    return [
        [(shown(line), ROLES["comment" if line.lstrip().startswith("#") else "value"])] if line else []
        for line in BREAK.split(text)
    ]


def shown(piece: str) -> str:
    """A stretch of a line, safe to print."""
    return plain(piece.replace("\t", " " * TAB))


# Changes


def changes(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], dict[int, list[str]]]:
    """The mark of each new line, and the old lines that are gone by the new line that they stood before."""
    marks = [""] * len(new)
    gone: dict[int, list[str]] = {}
    head = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - head
    tail = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    for kind, a, b, c, d in middle.get_opcodes():
        if kind != "equal":
            _mark(old[head + a : head + b], new, range(head + c, head + d), marks, gone)
    return marks, gone


def _mark(
    before: Sequence[str], new: Sequence[str], places: range, marks: list[str], gone: dict[int, list[str]]
) -> None:
    """Within a stretch that differs, lines of one key belong together."""
    left = list(before)
    for place in places:
        twin = next((at for at, line in enumerate(left) if _key(line) and _key(line) == _key(new[place])), None)
        if twin is None:
            marks[place] = "+"
            continue
        marks[place] = "~"
        if left[:twin]:
            gone.setdefault(place, []).extend(left[:twin])
        del left[: twin + 1]
    if left:
        gone.setdefault(places.stop, []).extend(left)


def _key(line: str) -> str:
    found = _KEY.match(line) if ":" in line else None
    return found[0].strip() if found else ""
