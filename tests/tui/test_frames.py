"""Frames: a terminal shows the same as if all had been said in full, and what is said is little."""

from __future__ import annotations

from typing import Any

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui.widgets.frames import Piece, SpanUpdate, WholeUpdate, frame

WIDTH, HEIGHT = 30, 4
GROUND = Style(color="#d4d7dd", bgcolor="#14171c")
BLUE = Style(color="#5fafd7", bgcolor="#14171c")
styles = st.builds(
    Style,
    color=st.sampled_from(["#d4d7dd", "#5fafd7"]),
    bgcolor=st.sampled_from(["#14171c", "#202020"]),
    bold=st.sampled_from([None, True]),
    underline=st.sampled_from([None, None, True]),
    reverse=st.sampled_from([None, None, True]),
)
texts = st.text(alphabet="ab  ⣿日", min_size=1, max_size=6)
lines = st.lists(st.builds(Segment, texts, styles, control=st.none()), min_size=1, max_size=6).map(
    lambda parts: Strip(parts).adjust_cell_length(WIDTH, GROUND)
)
screens = st.lists(lines, min_size=HEIGHT, max_size=HEIGHT)


def shown(*sequences: str) -> list[list[object]]:
    """What is seen on a terminal: the colour of a blank is not."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    for sequence in sequences:
        stream.feed(sequence)
    rows = [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]
    return [[_seen(cell) for cell in row] for row in rows]


def _seen(cell: Any) -> object:
    plain = cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough)
    return cell._replace(fg="", bold=False, italics=False) if plain else cell


def in_full(strips: list[Strip]) -> str:
    return LayoutUpdate([[strip] for strip in strips], Region(0, 0, WIDTH, HEIGHT)).render_segments(console())


def console() -> Console:
    return Console(color_system="truecolor", force_terminal=True)


@settings(deadline=None)
@given(screens)
def test_a_whole_screen_is_that_of_textual_in_fewer_bytes(strips: list[Strip]) -> None:
    whole = WholeUpdate([[strip] for strip in strips], Region(0, 0, WIDTH, HEIGHT)).render_segments(console())
    assert shown(whole) == shown(in_full(strips))
    assert len(whole) <= len(in_full(strips))


@settings(deadline=None)
@given(screens, screens, st.data())
def test_spans_put_on_the_old_screen_make_it_the_new_one_there(
    old: list[Strip], new: list[Strip], data: st.DataObject
) -> None:
    spans, merged = [], []
    for y, (before, after) in enumerate(zip(old, new, strict=True)):
        # Where no wide character would be cut in half, in either of them.
        cuts = [x for x in range(WIDTH + 1) if _whole(before, x) and _whole(after, x)]
        start, end = sorted(data.draw(st.lists(st.sampled_from(cuts), min_size=2, max_size=2)))
        if start < end:
            spans.append((y, start, end))
        merged.append(Strip.join([before.crop(0, start), after.crop(start, end), before.crop(end, WIDTH)]))
    update = SpanUpdate([{0: strip} for strip in new], spans, [[WIDTH]] * HEIGHT)
    assert shown(in_full(old), update.render_segments(console())) == shown(in_full(merged))


def _whole(strip: Strip, at: int) -> bool:
    return strip.crop(0, at).text + strip.crop(at, WIDTH).text == strip.text


def test_a_colour_is_said_once_whatever_lies_between() -> None:
    pieces = [
        Piece(0, 2, "1", GROUND, 3),
        Piece(0, 9, "⣿", BLUE, 10),
        Piece(1, 2, "2", GROUND, 3),
        Piece(1, 9, "⣿", BLUE, 10),
    ]
    assert frame(pieces, ColorSystem.TRUECOLOR) == (
        "\x1b[38;2;212;215;221;48;2;20;23;28m\x1b[1;3H1\x1b[2;3H2\x1b[38;2;95;175;215m\x1b[1;10H⣿\x1b[2;10H⣿\x1b[0m"
    )


def test_on_one_line_the_cursor_moves_by_its_column_alone_and_to_its_neighbour_not_at_all() -> None:
    pieces = [Piece(1, 0, "a", GROUND, 1), Piece(1, 1, " ", BLUE, 2), Piece(1, 8, "b", GROUND, 9)]
    assert frame(pieces, ColorSystem.TRUECOLOR) == "\x1b[38;2;212;215;221;48;2;20;23;28m\x1b[2Ha \x1b[9Gb\x1b[0m"


def test_nothing_is_nothing() -> None:
    assert frame([], ColorSystem.TRUECOLOR) == ""
