"""The panels of the monitor driven by keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import until
from tests.tui.fakes import FakeRun, StillMachine, learning_run
from tests.tui.monitoring import SIZES, MonitorPilot, Repaints, Stage, monitor
from tests.tui.panel_runs import TEXT, Server, animals, long_console, many_classes, report_of, with_papers
from training.runs import console
from tui.screens.monitor import MonitorScreen


def shown(screen: MonitorPilot) -> str:
    return screen.screen.shown


@pytest.mark.parametrize("size", SIZES)
async def test_tab_goes_through_the_panels_that_have_something_to_say(runs_dir: Path, size: tuple[int, int]) -> None:
    run = with_papers(animals(runs_dir, live=True))
    run.folder.console.write_text("reading the data\n")
    async with monitor(run.folder, size) as screen:
        await screen.until(lambda: screen.screen.run.hardware and screen.screen.run.curves.classes)
        first = shown(screen)
        seen: list[str] = []
        while not seen or shown(screen) != first:
            await screen.press("tab")
            seen.append(shown(screen))
        small = ["charts", "diagnosis"] if size[0] < 60 else [] if size[0] >= 100 else ["diagnosis"]
        expected = [*small, "log", "console", "classes", "devices", "config"]
        assert [*seen[-1:], *seen[:-1]] == expected
        await screen.press("shift+tab")
        assert shown(screen) == "config"


async def test_panels_without_anything_to_say_are_passed_over(runs_dir: Path) -> None:
    run = FakeRun(runs_dir, kind="reported")
    run.begin()
    run.learn(1)
    run.finish()
    async with monitor(run.folder) as screen:
        await screen.shows("✓ finished")
        assert screen.screen.panel_names() == ["log", "console"]


@pytest.mark.parametrize("size", SIZES)
async def test_c_shows_the_classes_then_the_matrix_then_what_was_there(runs_dir: Path, size: tuple[int, int]) -> None:
    async with monitor(animals(runs_dir).folder, size) as screen:
        await screen.until(lambda: screen.screen.run.curves.classes)
        before = screen.panels
        await screen.press("c")
        await screen.shows("✗ truck", "table")
        await screen.press("c")
        await screen.shows("truck → ship", "table")
        assert ("diagnosis" in screen.panels) is False
        await screen.press("c")
        assert screen.panels == before


async def test_a_key_goes_back_to_the_panel_that_was_there_and_not_to_another_table(runs_dir: Path) -> None:
    run = with_papers(animals(runs_dir))
    run.folder.console.write_text("reading the data\n")
    async with monitor(run.folder, (80, 24)) as screen:
        await screen.until(lambda: screen.screen.run.curves.classes)
        await screen.press("tab")
        assert shown(screen) == "log"
        await screen.press("c", "g", "i", "i", "i")
        assert shown(screen) == "log"


async def test_i_shows_the_config_and_then_where_it_ran(runs_dir: Path) -> None:
    async with monitor(with_papers(animals(runs_dir)).folder) as screen:
        await screen.until(lambda: screen.screen.run.started)
        await screen.press("i")
        await screen.shows("unlike the defaults", "table")
        await screen.shows("optimizer: AdamW default Adam", "table")
        assert "diagnosis" in screen.panels
        await screen.press("i")
        await screen.shows("host node17 as alice", "table")


async def test_a_resumed_run_has_its_environment_read_again(runs_dir: Path) -> None:
    run = with_papers(animals(runs_dir, live=True))
    place = run.checkpoint("last")
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.started)
        await screen.press("i", "i")
        await screen.shows("host node17", "table")
        with_papers(run, TEXT, host="node18")
        run.go_on(place)
        await screen.shows("host node18", "table")


async def test_g_shows_the_gpus_of_the_run_and_what_they_do(runs_dir: Path) -> None:
    run = with_papers(animals(runs_dir, live=True))
    screen = MonitorScreen(run.folder, Server())
    async with Stage(screen).run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: screen.run.loads)
        await pilot.press("g")
        await until(pilot, lambda: "▸ GPU 1  NVIDIA H100" in screen.query_one("#table").text)  # type: ignore[attr-defined]
        assert screen.shown == "devices"
        await pilot.press("g")
        await pilot.pause()
        assert screen.shown == "log"


async def test_a_long_table_is_scrolled_by_pages_and_says_where(runs_dir: Path) -> None:
    async with monitor(many_classes(runs_dir).folder, (80, 24)) as screen:
        await screen.until(lambda: screen.screen.run.curves.classes)
        await screen.press("c")
        await screen.shows("1–17 of 1000", "table")
        await screen.press("pagedown", "space")
        await screen.shows("33–49 of 1000", "table")
        await screen.press("pageup", "b", "b")
        await screen.shows("1–17 of 1000", "table")


async def test_the_classes_of_a_live_run_are_those_of_its_last_validation(runs_dir: Path) -> None:
    run = animals(runs_dir, live=True)
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.curves.classes)
        await screen.press("c")
        await screen.shows("Classes epoch 5", "table")
        run.learn(1)
        run.write(report_of([[50, 0, 0, 0, 0]] * 5, 6))
        await screen.shows("Classes epoch 6", "table")
        await screen.shows("✗ dog", "table")


@pytest.mark.parametrize("size", SIZES)
async def test_a_search_goes_through_all_that_was_printed(runs_dir: Path, size: tuple[int, int]) -> None:
    run = animals(runs_dir)
    long_console(run)
    async with monitor(run.folder, size) as screen:
        await screen.until(lambda: screen.screen.run.console)
        await screen.press("slash", *"WARNING")
        assert shown(screen) == "console"
        await screen.shows("200/200", "console")
        await screen.shows("▸ warning 19900", "console")
        await screen.press("enter", "n")
        await screen.shows("▸ warning 0:", "console")
        assert "1/200" in screen.text("console")
        await screen.press("N", "N")
        await screen.shows("▸ warning 19800", "console")
        await screen.press("escape")
        await screen.shows("step 19999", "console")
        assert "warning" not in screen.text("console").splitlines()[0]
        assert screen.screen.is_current


async def test_letters_of_a_search_are_text_even_where_all_come_at_once(runs_dir: Path) -> None:
    run = animals(runs_dir)
    run.folder.console.write_text("queue is full\n")
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.console)
        for key in ("slash", *"queue"):
            screen.app.simulate_key(key)
        await screen.until(lambda: screen.screen.printed.query == "queue")
        assert screen.screen.is_current  # q and e did not go home, nor fork
        await screen.shows("1/1", "console")
        await screen.press("tab")
        assert shown(screen) == "classes"


async def test_a_search_is_typed_anew_over_the_last_one(runs_dir: Path) -> None:
    run = animals(runs_dir)
    long_console(run)
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.console)
        await screen.press("slash", *"step", "enter", "slash", *"err")
        await screen.until(lambda: screen.screen.printed.query == "err")
        await screen.shows("▸ Error: disk full 19990", "console")
        await screen.press("backspace", "backspace", "backspace", "enter")
        assert screen.screen.printed.query == ""


async def test_esc_does_not_stop_at_a_search_that_is_out_of_sight(runs_dir: Path) -> None:
    run = animals(runs_dir)
    run.folder.console.write_text("error one\n")
    async with monitor(run.folder, (80, 24)) as screen:
        await screen.until(lambda: screen.screen.run.console)
        await screen.press("slash", *"error", "enter")
        await screen.shows("1/1", "console")
        await screen.press("c", "escape")
        assert not screen.screen.is_current


async def test_what_a_live_run_prints_during_a_search_is_found(runs_dir: Path) -> None:
    run = learning_run(runs_dir)
    run.folder.console.write_text("error one\n")
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.console)
        await screen.press("slash", *"error", "enter")
        await screen.shows("1/1", "console")
        with run.folder.console.open("a") as more:
            more.write("error two\n")
        await screen.shows("1/2", "console")


async def test_a_new_search_ends_the_one_that_runs(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "CHUNK_BYTES", 4096)
    run = animals(runs_dir)
    long_console(run)
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.console)
        await screen.press("slash", *"warning")
        await screen.until(lambda: not screen.screen.printed.searching)
        assert len(screen.screen.printed.matches) == 200
        searches = [worker for worker in screen.screen.workers if worker.group == "search" and worker.is_running]
        assert not searches


async def test_paging_back_through_the_console_reads_it_from_the_disk(runs_dir: Path) -> None:
    run = animals(runs_dir)
    long_console(run)
    async with monitor(run.folder, (80, 24)) as screen:
        await screen.until(lambda: screen.screen.run.console)
        await screen.press("tab", "tab")
        await screen.shows("step 19999", "console")
        await screen.press("pageup")
        await screen.shows("% of 1 MB", "console")
        assert "19999" not in screen.text("console")
        await screen.press("space", "space")
        await screen.shows("step 19999", "console")


async def test_there_is_nothing_to_search_where_nothing_was_printed(runs_dir: Path) -> None:
    async with monitor(animals(runs_dir).folder) as screen:
        await screen.until(lambda: screen.screen.run.started)
        await screen.press("slash")
        assert screen.screen.printed.typing is None
        assert shown(screen) == "log"


async def test_the_events_say_how_far_up_they_are_scrolled(runs_dir: Path) -> None:
    run = animals(runs_dir)
    for number in range(60):
        run.say(f"message {number}")
    async with monitor(run.folder, (80, 24)) as screen:
        await screen.until(lambda: len(screen.screen.run.curves.log) > 60)
        await screen.press("tab")
        await screen.shows("Events pgup: older", "log")
        await screen.press("pageup")
        await screen.shows("27–44 of 61", "log")
        for _ in range(9):
            await screen.press("pageup")
        await screen.shows("1–18 of 61", "log")
        await screen.press("pagedown")
        await screen.shows("of 61", "log")


async def test_tables_repaint_only_what_changed(runs_dir: Path) -> None:
    async with monitor(animals(runs_dir).folder) as screen:
        await screen.until(lambda: screen.screen.run.curves.classes)
        await screen.press("c")
        await screen.shows("✗ truck", "table")
        repaints = Repaints(screen.screen.views)
        screen.screen.paint()
        await screen.pilot.pause()
        assert repaints.regions == []


async def test_a_machine_that_is_watched_fills_the_history(runs_dir: Path) -> None:
    run = learning_run(runs_dir)
    async with monitor(run.folder) as screen:
        await screen.until(lambda: screen.screen.run.loads)
        assert screen.screen.run.loads[-1] == StillMachine().read()
