"""Where YAML nodes lie in their text, and replacing stretches of it without touching any other character."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import yaml

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_COMMA = re.compile(r"\s*,\s*")
_COLON = re.compile(r"( *:)\s*")
_GAP = re.compile(r"( +)#")
_COMMENT_LINE = re.compile(r"( *)#[^\r\n]*")


class Edit(NamedTuple):
    """Replace `text[start:end]`; an insertion where both are the same."""

    start: int
    end: int
    new: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; they must not overlap, and insertions at one place keep their order.

    An edit that comes twice, through an anchor and its alias, is made once. Raises ValueError for edits that overlap.
    """
    pieces = []
    done = 0
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: edit[:2]):
        if edit.start < done:
            raise ValueError("two edits of one place")
        pieces += [text[done : edit.start], edit.new]
        done = edit.end
    return "".join(pieces) + text[done:]


def with_comments_in_place(text: str, edits: Sequence[Edit]) -> Iterator[Edit]:
    """The edits, and those of spaces by which a comment after a value keeps its column, as far as there is room."""
    yield from edits
    starts = {edit.start for edit in edits}
    for edit in edits:
        gap = _GAP.match(text, edit.end)
        old = text[edit.start : edit.end]
        if not gap or not old or edit.end in starts or _LINE_BREAK.search(old + edit.new):
            continue
        wider = len(edit.new) - len(old)
        place = gap.end(1)
        yield Edit(place - max(0, min(wider, place - edit.end - 1)), place, " " * max(0, -wider))


def line_break(text: str) -> str:
    """The line break that this text uses."""
    found = _LINE_BREAK.search(text)
    return found[0] if found else "\n"


def start(node: yaml.Node) -> int:
    """Index of the node's first character, its anchor and tag included."""
    return int(node.start_mark.index)


def end(node: yaml.Node) -> int:
    """Index after the node's last character. PyYAML's own end of a block collection lies beyond comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end(last[1]) if isinstance(last, tuple) else end(last)
    return int(node.end_mark.index)


def column(node: yaml.CollectionNode) -> int:
    """Indentation of a block collection's entries; its own start may be an anchor or a tag."""
    first = node.value[0][0] if isinstance(node, yaml.MappingNode) else node
    return int(first.start_mark.column)


def line_end(text: str, index: int) -> int:
    """Index of the line break that ends the line of `index`, or the end of the text."""
    found = _LINE_BREAK.search(text, index)
    return found.start() if found else len(text)


def line_start(text: str, index: int) -> int:
    """Index of the first character of the line of `index`."""
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


def replacement(text: str, node: yaml.Node, new: str, key: yaml.Node | None = None) -> Edit:
    """Put `new` where the node is; `key` is the key that it is the value of."""
    first, last = start(node), end(node)
    if first == last:  # a value that was left out, as in `key:`
        return Edit(first, last, f" {new}")
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return Edit(first, first + len(text[first:last].rstrip()), new)
    if key and isinstance(node, yaml.CollectionNode) and not node.flow_style:
        # Brackets go on the line of the key, unless a comment there would swallow them; and not as far left as the key.
        if between := _COLON.fullmatch(text, end(key), first):
            return Edit(between.end(1), last, f" {new}")
        return Edit(first, last, f" {new}")
    return Edit(first, last, new)


def lines_after(text: str, index: int, indent: int, lines: Iterable[str]) -> Edit:
    """New lines of a block collection after the line that `index`, the end of an entry, is on.

    Comments below that line stay with it if they are indented like the entry or deeper (at the top level: at all).
    """
    newline = line_break(text)
    indented = [f"{' ' * indent}{line}" if line else "" for line in lines]
    if index and text[index - 1] in "\r\n":  # after a block scalar, whose last line break is its own
        return Edit(index, index, "".join(f"{line}{newline}" for line in indented))
    place = after_comments(text, line_end(text, index), max(indent, 1))
    return Edit(place, place, "".join(f"{newline}{line}" for line in indented))


def after_comments(text: str, place: int, indent: int) -> int:
    """The end of the last of the comment lines that follow the line break at `place`."""
    while found := _LINE_BREAK.match(text, place):
        comment = _COMMENT_LINE.match(text, found.end())
        if not comment or len(comment[1]) < indent:
            break
        place = comment.end()
    return place


def in_brackets(node: yaml.CollectionNode, entries: Iterable[str]) -> Edit:
    """New entries at the end of a mapping or list in brackets."""
    if not node.value:
        place = end(node) - 1
        return Edit(place, place, ", ".join(entries))
    last = node.value[-1]
    place = end(last[1] if isinstance(last, tuple) else last)
    return Edit(place, place, "".join(f", {entry}" for entry in entries))


def rearranged_in_brackets(
    text: str,
    node: yaml.SequenceNode,
    origins: Sequence[int | None],
    inner: Sequence[Sequence[Edit]],
    fresh: Mapping[int, str],
) -> Iterator[Edit]:
    """A list in brackets with its items in a new order; its commas, line breaks and comments stay as they are.

    `origins` says for each new item which old one it is, `inner` what changes inside that one, `fresh` how one is
    written that was not there.
    """
    written: list[str] = []
    for at, origin in enumerate(origins):
        if origin == at:
            yield from inner[at]
            written.append("")
            continue
        if origin is None:
            written.append(fresh[at])
        else:
            item = node.value[origin]
            written.append(within(text, start(item), end(item), inner[at]))
        if at < len(node.value):
            yield Edit(start(node.value[at]), end(node.value[at]), written[at])
    if len(origins) > len(node.value):
        yield in_brackets(node, written[len(node.value) :])
    elif len(origins) < len(node.value):
        yield Edit(end(node.value[len(origins) - 1]), end(node.value[-1]), "")


def within(text: str, first: int, last: int, edits: Iterable[Edit]) -> str:
    """`text[first:last]` with the edits made. Raises ValueError for an edit of another place."""
    edits = [Edit(edit.start - first, edit.end - first, edit.new) for edit in edits]
    if any(not 0 <= edit.start <= edit.end <= last - first for edit in edits):
        raise ValueError("an edit of another place")
    return applied(text[first:last], edits)


def entry_removal(text: str, node: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> Edit:
    """Take an entry out of its mapping: its lines, or its stretch between the brackets and one comma."""
    first, last = start(key), max(end(key), end(value))
    if node.flow_style:
        comma = _COMMA.match(text, last)
        return Edit(first, comma.end() if comma else last, "")
    found = _LINE_BREAK.match(text, line_end(text, last))
    return Edit(first - column(node), found.end() if found else len(text), "")
