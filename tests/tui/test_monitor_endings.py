"""What the monitor says of runs that went wrong: failed, crashed, or gone with their folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tui.driving import until
from tests.tui.fakes import FLAT, FakeRun, StillMachine, faulty_run, learning_run
from tests.tui.monitoring import SIZES, Stage, monitor
from tests.tui.panels import text, words
from tests.tui.test_monitor_model import monitored
from tests.tui.test_monitor_tail import news_of
from tui.monitor.choice import Choice
from tui.monitor.diagnosis import diagnosis_rows
from tui.monitor.panels.console import ConsoleReading
from tui.monitor.status import ending_rows, status_rows
from tui.screens.monitor import MonitorScreen
from tui.widgets.rows import width_of

REASON = (
    "Class bad has no readable image; training and validation need at least one image of each class. "
    "Remove the folder bad, or put readable images in."
)
COMMANDS = ("pause", "resume", "stop", "fix", "select")


def failed_run(runs_dir: Path, reason: str = REASON) -> FakeRun:
    run = FakeRun(runs_dir)
    run.begin()
    run.folder.console.write_text("reading the data\n")
    run.finish(reason, state="failed")
    return run


@pytest.mark.parametrize("size", SIZES)
async def test_a_failed_run_says_its_whole_reason_at_every_size(runs_dir: Path, size: tuple[int, int]) -> None:
    async with monitor(failed_run(runs_dir).folder, size) as screen:
        await screen.shows("✗ failed", "status")
        await screen.shows(REASON, "diagnosis" if size[0] >= 80 else "console")


def test_a_long_path_is_cut_in_the_header_and_whole_in_the_diagnosis(tmp_path: Path) -> None:
    reason = "/data/somewhere/far/away/checkpoints/best.pt: the file is cut short (see ~/notes/a/b.txt, or x/y)."
    run = monitored(failed_run(tmp_path, reason))
    assert "…/checkpoints/best.pt: the file is cut short (see …/a/b.txt, or x/y)." in text(status_rows(run, 140, 6))
    assert reason in words(diagnosis_rows(run, 60, 20, None, ending=ending_rows(run, 140, 60)))


@pytest.mark.parametrize("printed", ["", "reading the data\n"])
async def test_a_console_in_which_nothing_was_printed_takes_no_room_from_the_findings(
    runs_dir: Path, printed: str
) -> None:
    run = faulty_run(runs_dir)
    run.crash(printed, exit_code=1)
    async with monitor(run.folder, (80, 24)) as screen:
        await screen.shows("† crashed", "status")
        await screen.shows("The training loss does not fall", "diagnosis")
        assert ("console" in screen.panels) == bool(printed)
    async with monitor(run.folder, (120, 40)) as screen:
        await screen.shows("The training loss does not fall", "diagnosis")
        await screen.press("tab")
        console = screen.screen.query_one("#console")
        if not printed:
            await screen.shows("nothing printed", "console")
            assert console.size.height == 2


def test_the_reason_is_the_first_thing_that_the_diagnosis_says(tmp_path: Path) -> None:
    run = monitored(failed_run(tmp_path))
    rows = diagnosis_rows(run, 43, 17, None, ending=ending_rows(run, 80, 43))
    assert text(rows[1:2]).startswith("✗ Class bad has no readable image")
    assert all(width_of(row) <= 43 for row in rows)


def test_a_long_reason_leaves_room_for_the_heading_of_the_selected_finding(tmp_path: Path) -> None:
    fake = faulty_run(tmp_path)
    fake.finish(f"{REASON} {REASON}", state="failed")
    run = monitored(fake)
    for height in (6, 9, 12):
        rows = diagnosis_rows(run, 43, height, Choice(FLAT.label, 0), ending=ending_rows(run, 80, 43))
        shown = text(rows).splitlines()
        heading = next(number for number, line in enumerate(shown) if line.startswith("✗ The training loss"))
        assert shown[heading - 1].endswith("…")
        assert any("▸1  Lower the learning rate" in line for line in shown[heading:])


def test_an_early_stop_is_wrapped_only_where_the_status_line_cuts_it(tmp_path: Path) -> None:
    reason = "early stopping: no better validation loss for 10 epochs"
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(3)
    run.finish(reason)
    found = monitored(run)
    assert reason in words(ending_rows(found, 80, 43))
    assert ending_rows(found, 120, 43) == []


def test_long_console_lines_are_wrapped_and_keep_their_indent(tmp_path: Path) -> None:
    run = monitored(FakeRun(tmp_path))
    line = (
        '    raise InvalidInput(f"{folder}: the folder has no readable image, and no class without one can be learned")'
    )
    run.console = ("Traceback (most recent call last):", line)
    rows = ConsoleReading().rows(run, 40, 10)
    assert " ".join(line.split()) in words(rows)
    assert text(rows[2:3]).startswith("    raise")
    assert all(width_of(row) <= 40 for row in rows)


@pytest.mark.parametrize("ending", ["failed", "crashed"])
def test_a_run_that_ended_badly_is_not_called_healthy(tmp_path: Path, ending: str) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(5)
    if ending == "failed":
        run.finish("out of memory", state="failed")
    else:
        run.crash(signal=9)
    shown = words(diagnosis_rows(monitored(run), 60, 20, None))
    assert "Healthy" not in shown
    assert "✓" not in shown
    assert "No finding in its curves up to epoch 5." in shown


@pytest.mark.parametrize("size", SIZES)
async def test_a_live_run_whose_folder_is_moved_away_says_so_and_offers_nothing(
    runs_dir: Path, size: tuple[int, int]
) -> None:
    run = faulty_run(runs_dir, live=True)
    async with monitor(run.folder, size) as screen:
        await screen.shows("epoch 3/30", "status")
        run.folder.path.rename(runs_dir / "elsewhere")
        await screen.shows("Its folder is gone: ", "status")
        assert run.folder.id[-8:] in screen.text("status").splitlines()[0]
        assert [action for action in COMMANDS if screen.screen.check_action(action, ())] == []
        await screen.press("1", "enter", "p", "s")
        assert screen.app.screen is screen.screen
        assert "Lower the learning rate" not in screen.text()
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is not screen.screen)


async def test_the_whole_path_of_a_folder_that_is_gone_can_be_read(runs_dir: Path) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.learn(2)
    run.finish()
    async with monitor(run.folder, (80, 24)) as screen:
        await screen.shows("✓ finished", "status")
        shutil.rmtree(run.folder.path)
        await screen.shows("Its folder is gone", "diagnosis")
        joined = "".join(screen.text("diagnosis").split())
        assert f"Itsfolderisgone:{run.folder.path}" in joined


async def test_a_folder_that_was_never_there_is_called_gone(runs_dir: Path) -> None:
    run = FakeRun(runs_dir)
    shutil.rmtree(run.folder.path)
    screen = MonitorScreen(run.folder, StillMachine())
    async with Stage(screen).run_test() as pilot:
        view = screen.query_one("#status")
        await until(pilot, lambda: "Its folder is gone" in getattr(view, "text", ""))


def test_a_folder_that_comes_back_is_watched_again(tmp_path: Path) -> None:
    run = FakeRun(tmp_path, live=True)
    run.begin()
    away = tmp_path / "away"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tui.monitor.tail.VIEW_SECONDS", 0.0)
        acts = (lambda: run.folder.path.rename(away), lambda: away.rename(run.folder.path), None)
        found = news_of(run.folder, *acts)
    assert [news.gone for news in found if news.gone is not None] == [True, False]


def test_a_command_that_was_asked_for_is_not_waited_for_once_the_folder_is_gone(tmp_path: Path) -> None:
    run = monitored(learning_run(tmp_path))
    run.gone = True
    assert "waiting" not in text(status_rows(run, 80, 5))
    assert "ETA" not in text(status_rows(run, 80, 5))
