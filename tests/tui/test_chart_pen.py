"""The pen says as little as it can, and a terminal shows the same as if every piece had been said in full."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.widgets.pen import Pen

styles = st.builds(
    Style,
    color=st.sampled_from([None, "#d4d7dd", "#5fafd7", "red", "default"]),
    bgcolor=st.sampled_from([None, "#14171c", "blue"]),
    bold=st.sampled_from([None, False, True]),
    italic=st.sampled_from([None, True]),
    underline=st.sampled_from([None, True]),
    reverse=st.sampled_from([None, True]),
)
segments = st.lists(
    st.builds(Segment, st.text(alphabet="ab⣿", min_size=1, max_size=3), styles, control=st.none()), max_size=8
)


def shown(sequence: str) -> list[object]:
    screen = pyte.Screen(40, 1)
    pyte.Stream(screen).feed(sequence)
    return [screen.buffer[0][x] for x in range(40)]


@settings(deadline=None)
@given(segments)
def test_a_terminal_shows_what_the_segments_say(parts: list[Segment]) -> None:
    pen = Pen(ColorSystem.TRUECOLOR)
    written = pen.write(parts) + pen.close()
    in_full = "".join(
        Strip.render_style(style or Style.null(), text, ColorSystem.TRUECOLOR) for text, style, _ in parts
    )
    assert shown(written) == shown(in_full)
    assert len(written) <= len(in_full) + 4


def test_text_of_one_style_gets_one_colour_sequence() -> None:
    pen, style = Pen(ColorSystem.TRUECOLOR), Style(color="#5fafd7", bgcolor="#14171c")
    written = pen.write([Segment("a", style)]) + "\x1b[2;2H" + pen.write([Segment("b", style)]) + pen.close()
    assert written == "\x1b[38;2;95;175;215;48;2;20;23;28ma\x1b[2;2Hb\x1b[0m"


def test_only_the_colour_that_changes_is_said() -> None:
    pen = Pen(ColorSystem.TRUECOLOR)
    pen.write([Segment("a", Style(color="#5fafd7", bgcolor="#14171c"))])
    assert pen.write([Segment("b", Style(color="#ffffff", bgcolor="#14171c"))]) == "\x1b[38;2;255;255;255mb"
