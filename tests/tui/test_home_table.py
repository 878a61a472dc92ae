"""The table under Home: which columns stay in which width, and that nothing is painted when nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.geometry import Region

from tests.runs.builders import make_run
from tests.tui.driving import home
from tui.home.messages import RunsRead
from tui.screens import home_rows
from tui.widgets.frames import SpanUpdate
from tui.widgets.table import Cell, Row, Table, arrange, fit


def kept(width: int) -> list[str]:
    return [home_rows.COLUMNS[index].id for index in arrange(home_rows.COLUMNS, width)]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (118, ["state", "name", "epoch", "finding", "acc", "loss", "time", "model", "data", "size"]),
        (78, ["state", "name", "epoch", "finding", "acc", "loss", "time"]),
        (38, ["state", "name", "epoch", "acc"]),
        (12, ["state"]),
    ],
)
def test_columns_drop_out_by_rank(width: int, columns: list[str]) -> None:
    assert kept(width) == columns


def test_columns_never_need_more_room_than_there_is() -> None:
    for width in range(12, 300):
        widths = arrange(home_rows.COLUMNS, width)
        assert sum(widths.values()) + len(widths) - 1 <= width


def test_a_name_gets_its_room_before_the_finding_grows() -> None:
    index = {column.id: at for at, column in enumerate(home_rows.COLUMNS)}
    texts = {
        index["epoch"]: 5,
        index["name"]: 30,
        index["finding"]: 44,
        index["model"]: 22,
        index["data"]: 6,
        index["acc"]: 7,
        index["loss"]: 7,
    }
    for width, name in ((78, 20), (128, 30)):
        widths = arrange(home_rows.COLUMNS, width, texts)
        assert widths[index["name"]] == name
    assert widths[index["finding"]] > home_rows.COLUMNS[index["finding"]].width


def test_a_number_gets_its_room_before_a_name() -> None:
    index = {column.id: at for at, column in enumerate(home_rows.COLUMNS)}
    texts = {index["epoch"]: len("1683/5000"), index["name"]: 30, index["finding"]: 6}
    widths = arrange(home_rows.COLUMNS, 78, texts)
    assert widths[index["epoch"]] == len("1683/5000")


@pytest.mark.parametrize(("width", "shown"), [(12, "digits…fix-2"), (16, "digits-a…1-fix-2"), (1, "…"), (30, "")])
def test_a_name_is_cut_in_the_middle_so_that_its_end_stays(width: int, shown: str) -> None:
    name = "digits-adamw-0.001-fix-2"
    assert fit(name, width, cut="middle") == (shown or name.ljust(width))
    assert fit("日本語日本語", 6, cut="middle") == "日 …語"


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
        assert regions == [Region(2, 2, 10, 1)]


async def test_of_a_cell_only_the_digits_that_changed_are_painted(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(runs_dir, "run", state="finished", created=1.0, epoch=123, epochs=200)
    async with home(runs_dir) as app:
        table = app.home.table
        regions = painted(table, monkeypatch)
        cells = list(table.rows[0].cells)
        cells[2] = Cell("124/200")
        x = 2 + table.widths[0] + 1 + table.widths[1] + 1 + len("12")
        table.show([Row("run", tuple(cells))])
        assert regions == [Region(x, 1, 1, 1)]


async def test_reading_the_same_runs_again_writes_nothing_to_the_terminal(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(runs_dir, "done", state="finished", created=1.0, started=1.0, ended=2.0)
    async with home(runs_dir) as app:
        app.home.stop_watching()
        await app.press()
        drawn: list[object] = []
        monkeypatch.setattr(app.app, "_display", lambda *what: drawn.append(what))
        app.home.post_message(RunsRead(runs_dir, app.home.runs, app.home.others, app.home.disk))
        await app.press()
        await app.press()
    assert drawn == []


async def test_a_digit_that_changes_costs_its_own_cell_on_the_line(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(runs_dir, "run", state="finished", created=1.0, started=1.0, ended=2.0, epoch=123, epochs=200)
    async with home(runs_dir) as app:
        app.home.stop_watching()
        await app.press()
        table = app.home.table
        drawn: list[object] = []
        monkeypatch.setattr(app.app, "_display", lambda _, what: drawn.append(what))
        cells = list(table.rows[0].cells)
        cells[2] = Cell("124/200")
        table.show([Row("run", tuple(cells))])
        await app.press()
        await app.press()
        sent = [update.render_segments(app.app.console) for update in drawn if isinstance(update, SpanUpdate)]
    assert len(sent) == len(drawn) == 1
    assert "4" in sent[0]
    assert "124" not in sent[0]
