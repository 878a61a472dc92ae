"""How a value that is being typed is painted where it is longer or wider than its place."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from rich.style import Style

from tui.editor.line_edit import LineEdit
from tui.editor.rows import FormRow
from tui.widgets.form_lines import FormLines


def cursor_cell(text: str, cursor: int) -> int:
    """The cell of the value that the cursor is painted on."""
    mark = Style(bold=True)
    lines = FormLines(80, lambda name: mark if name == "cursor" else Style())
    row = FormRow("data.groups", "text", "Groups", text=text)
    segments = lines.segments(row, LineEdit(text, cursor), here=True, typing=True)
    before = [cell_len(segment.text) for segment in segments[: [segment.style for segment in segments].index(mark)]]
    return sum(before) - lines.widths(row)[0]


@pytest.mark.parametrize(
    ("text", "cursor", "cell"),
    [("ab", 2, 2), ("ab ", 3, 3), ("", 0, 0), ("猫", 1, 2), ("猫の写真", 2, 4), ("x" * 60, 60, 22), ("猫" * 9, 9, 18)],
)
def test_the_cursor_is_where_the_next_character_goes(text: str, cursor: int, cell: int) -> None:
    assert cursor_cell(text, cursor) == cell


@pytest.mark.parametrize("width", [80, 60, 40])
@pytest.mark.parametrize("text", ["/data/" + "猫の写真/" * 12, "a" * 200, "ключ" * 30])
def test_a_long_text_never_runs_over_its_place(text: str, width: int) -> None:
    lines = FormLines(width, lambda _: Style())
    row = FormRow("data.groups", "text", "Groups", text=text, help="What it is.")
    for cursor in range(0, len(text), 7):
        for typing in (True, False):
            segments = lines.segments(row, LineEdit(text, cursor), here=True, typing=typing)
            assert sum(cell_len(segment.text) for segment in segments) <= width


@pytest.mark.parametrize(("cell", "character"), [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (30, 4)])
def test_a_click_finds_the_character_under_it(cell: int, character: int) -> None:
    lines = FormLines(80, lambda _: Style())
    assert lines.cursor_at(LineEdit("猫の写真", 0), 23, cell) == character
