"""Home: the runs that are there, in the order and with the words that a person needs."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from tests.runs.builders import add_process, beat, make_run
from tests.tui.driving import home
from training.runs import registry
from training.runs.layout import RunFolder
from training.runs.summary import FindingLine, Summary
from tui.app import TraindeckApp
from tui.screens.monitor import MonitorScreen
from tui.widgets.keybar import KeyBar

FLAT = FindingLine(
    issue="loss_not_decreasing", label="flat", title="The loss does not fall", severity="critical", since_epoch=1
)


def finished(runs_dir: Path, run_id: str, created: float, **changes: object) -> RunFolder:
    times = {"created": created, "started": created, "ended": created + 60}
    known = {"state": "finished", "epoch": 10, "epochs": 10, "model": "CNN 32", "data": "digits"}
    return make_run(runs_dir, run_id, **{**times, **known, **changes})


def change(folder: RunFolder, **changes: object) -> None:
    summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
    partial = folder.path / "summary.new"
    partial.write_bytes(msgspec.json.encode(msgspec.structs.replace(summary, **changes)))
    partial.replace(folder.summary)


async def test_runs_stand_newest_first(runs_dir: Path) -> None:
    for created, run_id in ((100.0, "old"), (300.0, "new"), (200.0, "middle")):
        finished(runs_dir, run_id, created)
    async with home(runs_dir) as app:
        assert app.ids == ["new", "middle", "old"]


async def test_a_row_tells_state_progress_bests_duration_and_the_worst_finding(runs_dir: Path) -> None:
    finished(runs_dir, "a", 100.0, best_val_loss=0.02344, best_val_acc=0.9917, findings=[FLAT])
    async with home(runs_dir) as app:
        shown = app.cells("a")
        assert shown.pop("size")
    assert shown == {
        "state": "✓ finished",
        "name": "a",
        "epoch": "10/10",
        "finding": "✗ The loss does not fall",
        "acc": "99.2 %",
        "loss": "0.02344",
        "time": "1:00",
        "model": "CNN 32",
        "data": "digits",
    }


async def test_a_summary_that_changes_shows_within_a_poll(runs_dir: Path) -> None:
    folder = make_run(runs_dir, "live", epoch=1)
    add_process(folder)
    beat(folder, 0.0)
    async with home(runs_dir) as app:
        assert app.cells("live")["epoch"] == "1/10"
        change(folder, epoch=2)
        await app.until(lambda: app.cells("live")["epoch"] == "2/10")


async def test_a_run_that_appears_leaves_the_cursor_on_its_row(runs_dir: Path) -> None:
    finished(runs_dir, "first", 100.0)
    finished(runs_dir, "second", 200.0)
    async with home(runs_dir) as app:
        await app.press("j")
        assert app.selected == "first"
        finished(runs_dir, "third", 300.0)
        await app.until(lambda: len(app.ids) == 3)
        assert app.selected == "first"


async def test_a_crashed_run_says_how(runs_dir: Path) -> None:
    make_run(runs_dir, "dead", created=100.0)
    async with home(runs_dir) as app:
        assert app.cells("dead")["state"] == "† crashed"
        assert "its supervisor never started" in app.text("#home-detail")


async def test_an_empty_home_says_in_three_lines_what_to_do_next(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        text = app.text("#home-empty")
        assert app.app.screen.query_one("#home-empty").display
        assert not app.app.screen.query_one("#home-table").display
    assert len(text.splitlines()) == 3
    assert "n for a new run" in text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("adam", ["b", "a"]),
        ("ADAMW", ["b"]),
        ("digits optimizer=adamw", ["b"]),
        ("does not fall", ["a"]),
        ("nothing", []),
    ],
)
async def test_a_search_keeps_the_runs_that_contain_every_word(runs_dir: Path, search: str, found: list[str]) -> None:
    finished(runs_dir, "a", 100.0, settings={"optimizer": "Adam"}, findings=[FLAT])
    finished(runs_dir, "b", 200.0, settings={"optimizer": "AdamW"})
    async with home(runs_dir) as app:
        await app.press("slash", *("space" if c == " " else "equals_sign" if c == "=" else c for c in search))
        assert app.ids == found
        await app.press("escape")
        assert len(app.ids) == 2


async def test_a_run_going_on_in_another_folder_is_named_and_one_key_away(
    runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_run(tmp_path / "elsewhere", "far away")
    add_process(folder)
    beat(folder, 0.0)
    registry.remember(tmp_path / "elsewhere")
    opened: list[RunFolder] = []
    monkeypatch.setattr(TraindeckApp, "open_monitor", lambda _, folder: opened.append(folder))
    async with home(runs_dir) as app:
        assert "far away" in app.text("#home-others")
        await app.press("o")
    assert opened == [folder]


async def test_enter_opens_the_monitor_of_the_selected_run(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(runs_dir, "old", 100.0)
    finished(runs_dir, "new", 200.0)
    opened: list[RunFolder] = []
    monkeypatch.setattr(TraindeckApp, "open_monitor", lambda _, folder: opened.append(folder))
    async with home(runs_dir) as app:
        await app.press("down", "enter")
    assert [folder.id for folder in opened] == ["old"]


async def test_names_are_plain_text_without_control_characters(runs_dir: Path) -> None:
    finished(runs_dir, "evil", 100.0, name="a\x1b[31mb[bold]c[/]\nd")
    async with home(runs_dir) as app:
        assert app.cells("evil")["name"] == "ab[bold]c[/] d"
        assert "[bold]" in app.text("#home-detail")


async def test_q_quits(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("q")
        await app.until(lambda: not app.app.is_running)


async def test_one_ctrl_c_only_says_what_a_second_one_does(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("ctrl+c")
        assert app.app.is_running
        await app.press("ctrl+c")
        await app.until(lambda: not app.app.is_running)


async def test_a_search_without_a_match_says_how_to_go_on(runs_dir: Path) -> None:
    finished(runs_dir, "a", 100.0)
    async with home(runs_dir) as app:
        await app.press("slash", "z", "z", "z")
        assert app.home.query_one("#home-unmatched").display
        assert not app.home.table.display
        assert app.text("#home-unmatched") == "No run matches; esc ends the search."
        assert app.text("#home-search-label") == "Search:"
        await app.press("enter", "escape")
        assert not app.home.query_one("#home-unmatched").display
        assert app.selected == "a"
        await app.press("slash")
        assert app.home.typing


async def test_while_typing_the_footer_shows_only_what_works(runs_dir: Path) -> None:
    finished(runs_dir, "a", 100.0)
    async with home(runs_dir) as app:
        await app.press("slash")
        bar = app.home.query_one(KeyBar)
        assert [key.id for key in bar.fitting(80)] == ["home.clear", "app.help"]
        assert bar.help_key == "f1"
        await app.press("a", "enter")
        assert {"home.open", "home.delete", "home.clear"} <= {key.id for key in bar.fitting(120)}


async def test_a_run_that_ended_badly_says_why_instead_of_no_finding(runs_dir: Path) -> None:
    killed = make_run(runs_dir, "killed", created=100.0, epoch=3)
    add_process(killed, ended=110.0, signal=9)
    finished(runs_dir, "failed", 200.0, state="failed", message="the disk is full")
    async with home(runs_dir) as app:
        assert app.cells("killed")["finding"] == "† signal 9"
        assert app.cells("failed")["finding"] == "✗ the disk is full"


@pytest.mark.parametrize("key", ["enter", "e"])
async def test_a_run_whose_folder_is_gone_says_so(runs_dir: Path, key: str) -> None:
    folder = finished(runs_dir, "a", 100.0)
    async with home(runs_dir) as app:
        app.home.stop_watching()
        await app.press()
        shutil.rmtree(folder.path)
        await app.press(key)
        assert app.app.screen is app.home
        assert any("is gone" in said for said in app.said)


async def test_the_cursor_comes_back_on_the_run_that_was_watched_last(runs_dir: Path) -> None:
    finished(runs_dir, "old", 100.0)
    finished(runs_dir, "older", 50.0)
    async with home(runs_dir) as app:
        await app.press("down", "enter")
        await app.until(lambda: isinstance(app.app.screen, MonitorScreen))
        await app.app.switch_screen(MonitorScreen(finished(runs_dir, "launched", 300.0)))
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.home and "launched" in app.ids)
        assert app.selected == "launched"
        await app.press("down")
        assert app.selected == "old"
