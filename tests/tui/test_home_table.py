"""The table under Home: which columns stay in which width, and that nothing is painted when nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.geometry import Region

from tests.runs.builders import make_run
from tests.tui.driving import home
from tui.screens import home_rows
from tui.screens.home import RunsRead
from tui.widgets.table import Cell, Row, Table, arrange, fit


def kept(width: int) -> list[str]:
    return [home_rows.COLUMNS[index].id for index in arrange(home_rows.COLUMNS, width)]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (118, ["state", "name", "epoch", "finding", "accuracy", "loss", "seconds", "model", "data"]),
        (78, ["state", "name", "epoch", "finding", "accuracy", "loss", "seconds"]),
        (38, ["state", "name", "epoch", "accuracy"]),
        (12, ["state"]),
    ],
)
def test_columns_drop_out_by_rank(width: int, columns: list[str]) -> None:
    assert kept(width) == columns


def test_columns_never_need_more_room_than_there_is() -> None:
    for width in range(12, 300):
        widths = arrange(home_rows.COLUMNS, width)
        assert sum(widths.values()) + len(widths) - 1 <= width


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("abc", 5, "abc  "), ("abcdef", 4, "abc…"), ("日本語", 4, "日 …"), ("", 2, "  ")]
)
def test_a_text_is_cut_or_padded_to_its_cells(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


def painted(table: Table, monkeypatch: pytest.MonkeyPatch) -> list[Region]:
    """The regions that the table asks to have painted from now on."""
    regions: list[Region] = []

    def record(*asked: Region, **_: object) -> Table:
        regions.extend(asked or [table.size.region])
        return table

    monkeypatch.setattr(table, "refresh", record)
    return regions


async def test_only_the_cell_that_changed_is_painted(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        make_run(runs_dir, f"run-{number}", state="finished", created=float(number))
    async with home(runs_dir) as app:
        table = app.home.table
        rows = list(table.rows)
        regions = painted(table, monkeypatch)
        table.show(rows)
        assert regions == []
        cells = list(rows[1].cells)
        cells[0] = Cell("▶ running", "primary")
        table.show([rows[0], Row(rows[1].key, tuple(cells)), rows[2]])
        assert regions == [Region(0, 2, 10, 1)]


async def test_reading_the_same_runs_again_writes_nothing_to_the_terminal(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(runs_dir, "done", state="finished", created=1.0, started=1.0, ended=2.0)
    async with home(runs_dir) as app:
        app.home.stop_watching()
        await app.press()
        drawn: list[object] = []
        monkeypatch.setattr(app.app, "_display", lambda *what: drawn.append(what))
        app.home.post_message(RunsRead(runs_dir, app.home.runs, app.home.others))
        await app.press()
        await app.press()
    assert drawn == []
