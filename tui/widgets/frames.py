"""Frames as terminal sequences: of what changed on the screen every cell, and around the cells as little as can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.strip import Strip

from tui.widgets.pen import Pen, is_plain
from tui.widgets.rows import one_each


class Piece(NamedTuple):
    """Text of one style at a place of the screen."""

    y: int
    x: int
    text: str
    style: Style
    end: int
    """The column behind it."""


class SpanUpdate(ChopsUpdate):
    """Textual's partial update, cut at both ends of each span, with each colour said once."""

    _text: str | None = None

    def render_segments(self, console: Console) -> str:
        if self._text is None:
            self._text = frame(self.pieces(), console._color_system or ColorSystem.TRUECOLOR)
        return self._text

    def pieces(self) -> Iterator[Piece]:
        """What lies within the spans, line by line."""
        for y, spans in groupby(self.spans, key=lambda span: span[0]):
            within = [(start, end) for _, start, end in spans]
            for chop_end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                for piece in _pieces(y, x, strip or ()):
                    for start, end in within:
                        first, last = max(piece.x, start), min(piece.end, chop_end, end)
                        if first < last:
                            text = _cut(piece.text, first - piece.x, last - piece.x)
                            yield Piece(y, first, text, piece.style, last)


def _pieces(y: int, x: int, segments: Iterable[Segment]) -> Iterator[Piece]:
    for text, style, control in segments:
        if text and not control:
            end = x + (len(text) if one_each(text) else cell_len(text))
            yield Piece(y, x, text, style or Style.null(), end)
            x = end


def _cut(text: str, start: int, end: int) -> str:
    """The cells from start to end."""
    return text[start:end] if one_each(text) else Strip([Segment(text)]).crop(start, end).text


class WholeUpdate(LayoutUpdate):
    """Textual's update of the whole screen, with colours said only where they change."""

    def render_segments(self, console: Console) -> str:
        pen = Pen(console._color_system or ColorSystem.TRUECOLOR)
        lines = []
        for y, line in enumerate(self.strips, self.region.y):
            lines.append(_to(y, self.region.x))
            lines += [pen.write(strip) for strip in line]
        lines.append(pen.close())
        return "".join(lines)


class SpanCompositor(Compositor):
    """A compositor whose updates send the dirty spans and nothing else."""

    def render_partial_update(self) -> ChopsUpdate | None:
        update = super().render_partial_update()
        return None if update is None else SpanUpdate(update.chops, update.spans, update.chop_ends)

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        update = super().render_full_update(simplify)
        return WholeUpdate(update.strips, update.region)


def frame(pieces: Iterable[Piece], system: ColorSystem) -> str:
    """The pieces, all of one style before those of the next: a colour costs more bytes than a move of the cursor."""
    groups: dict[Style, list[Piece]] = {}
    for piece in _with_blanks(pieces):
        groups.setdefault(piece.style, []).append(piece)
    pen = Pen(system)
    sequences: list[str] = []
    at = (-1, -1)
    for style in sorted(groups, key=_order):
        sequences.append(pen.turn(style))
        for piece in groups[style]:
            if at != (piece.y, piece.x):
                sequences.append(f"\x1b[{piece.x + 1}G" if at[0] == piece.y else _to(piece.y, piece.x))
            sequences.append(pen.text(piece.text, style))
            at = (piece.y, piece.end)
    sequences.append(pen.close())
    return "".join(sequences)


def _with_blanks(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces that touch, and are of one style or blank on one ground, as one."""
    before: Piece | None = None
    for piece in pieces:
        if before is not None and (before.y, before.end) == (piece.y, piece.x):
            if piece.style == before.style or _blank_on(piece, before.style):
                before = before._replace(text=before.text + piece.text, end=piece.end)
                continue
            if _blank_on(before, piece.style):
                before = piece._replace(x=before.x, text=before.text + piece.text)
                continue
        if before is not None:
            yield before
        before = piece
    if before is not None:
        yield before


def _blank_on(piece: Piece, style: Style) -> bool:
    """Whether the piece looks the same in that style."""
    return piece.text.isspace() and piece.style.bgcolor == style.bgcolor and is_plain(piece.style) and is_plain(style)


def _order(style: Style) -> tuple[bool, str]:
    """Attributes last, since they are switched off with all else; one ground after the other."""
    return not is_plain(style) or bool(style.bold), str(style.bgcolor)


def _to(y: int, x: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
