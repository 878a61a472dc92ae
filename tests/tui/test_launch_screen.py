"""From the editor to a started run: refused with reasons, confirmed where asked, and then written and started."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tui.driving import EditorPilot, editor, text_of, until
from training.config import files
from training.config.problems import Problem
from training.devices.choice import Choice
from training.errors import RunFailed
from training.runs import launch, plan, store
from training.runs.layout import RunFolder
from tui.screens.confirm import ConfirmScreen
from tui.screens.editor import EditorScreen
from tui.screens.help import HelpScreen
from tui.screens.launch import LaunchScreen
from tui.screens.pick import PickScreen
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import wrap

CPU = Choice("cpu", "CPU", "no GPU is visible")


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    """The runs whose supervisors would have been started; the rest of the launch is real."""
    folders: list[RunFolder] = []
    monkeypatch.setattr(launch, "start_supervisor", lambda folder, *_: folders.append(folder))
    monkeypatch.setattr(plan, "choose_many", lambda *_, **__: CPU)
    return folders


@pytest.fixture
def monitors(monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    """The runs whose monitor was opened in the editor's place."""
    opened: list[RunFolder] = []

    def launched(_: EditorScreen, folder: RunFolder | None) -> None:
        if folder is not None:
            opened.append(folder)

    monkeypatch.setattr(EditorScreen, "launched", launched)
    return opened


async def ask_to_launch(app: EditorPilot, screen: type[Any]) -> Any:
    """Press the launch key and wait for what it opens."""
    await app.press("f5")
    await until(app.pilot, lambda: isinstance(app.pilot.app.screen, screen))
    return app.pilot.app.screen


async def test_an_invalid_config_is_refused_with_its_errors_each_a_way_to_the_field(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "0")
        await app.type_into("learning_rate", "fast")
        await app.focus("optimizer")
        listed = await ask_to_launch(app, PickScreen)
        assert sorted(choice.title for choice in listed.choices) == ["epochs", "learning_rate"]
        await app.press("down", "enter")
        assert app.focused == listed.choices[1].title


async def test_more_processes_than_a_batch_has_images_are_named_and_refused(
    runs_dir: Path, started: list[RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "choose_many", lambda processes, *_, **__: replace(CPU, processes=processes))
    async with editor(runs_dir) as app:
        await app.type_into("batch_size", "2")
        await app.type_into("runtime.processes", "3")
        listed = await ask_to_launch(app, PickScreen)
        assert [choice.title for choice in listed.choices] == ["batch_size"]
        await app.press("enter")
        assert app.focused == "batch_size"
    assert started == []


async def test_weights_that_are_fetched_before_a_launch_are_heard_of_and_their_lack_is_named(
    runs_dir: Path, started: list[RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = threading.Event()

    def fetch(_config: object, _base_dir: Path, progress: Callable[[str], None]) -> list[Problem]:
        progress("resnet18: 12 of 45 MB")
        assert seen.wait(10)
        long = "The weights are not on this host and could not be fetched: " + "no answer, " * 12
        return [Problem(f"{long}for now.", "model.weights", remedy="Fetch them elsewhere.")]

    monkeypatch.setattr(plan, "backbone_problems", fetch)
    async with editor(runs_dir) as app:
        await app.set("model.kind", "transfer")
        await app.press("f5")
        await until(app.pilot, lambda: "12 of 45 MB" in app.about)
        seen.set()
        await until(app.pilot, lambda: isinstance(app.pilot.app.screen, PickScreen))
        listed = app.pilot.app.screen
        assert isinstance(listed, PickScreen)
        shown = listed.query_one("#pick-detail").size
        whole = wrap(listed.choices[0].detail, shown.width)  # the remedy stands at its end
        assert shown.height >= len(whole) > 2
        await app.press("enter")
        assert app.focused == "model.weights"
        assert "12 of 45 MB" not in app.about
    assert started == []


async def test_the_last_look_names_the_run_the_device_with_its_reason_and_what_ends_it(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        screen = await ask_to_launch(app, LaunchScreen)
        shown = [str(note.visual) for note in screen.query(".launch-note")]
        assert screen.query_one("#launch-name").value == "digits-adam-0.001"
        assert shown[0] == "Device: CPU (no GPU is visible)."
        assert shown[1] == screen.plan.survival.sentence


async def test_enter_writes_the_run_starts_it_and_opens_its_monitor(
    runs_dir: Path, started: list[RunFolder], monitors: list[RunFolder]
) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "3")
        await ask_to_launch(app, LaunchScreen)
        await app.press("ctrl+u", *"mine", "enter")
        await until(app.pilot, lambda: monitors)
    assert monitors == started == [RunFolder(runs_dir / "mine")]
    assert files.load(started[0].config).epochs == 3
    assert [run.summary.name for run in store.list_runs(runs_dir)] == ["mine"]


async def test_f1_shows_the_keys_of_the_launch(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await ask_to_launch(app, LaunchScreen)
        await app.press("f1")
        screen = app.pilot.app.screen
        assert isinstance(screen, HelpScreen)
        assert [keys for keys, _ in screen.rows][:4] == ["enter", "f2 ^t", "esc", "f1"]
        await app.press("escape")
        assert isinstance(app.pilot.app.screen, LaunchScreen)


async def test_escape_starts_nothing(runs_dir: Path, started: list[RunFolder]) -> None:
    async with editor(runs_dir) as app:
        await ask_to_launch(app, LaunchScreen)
        await app.press("escape")
        assert isinstance(app.pilot.app.screen, EditorScreen)
    assert started == []


async def test_a_question_wants_a_yes_before_anything_starts(
    runs_dir: Path, started: list[RunFolder], monitors: list[RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = Choice("cpu", "CPU", "the config asks for it", confirm="This host has a GPU. Train on the CPU?")
    monkeypatch.setattr(plan, "choose_many", lambda *_, **__: asking)
    async with editor(runs_dir) as app:
        await ask_to_launch(app, LaunchScreen)
        await app.press("enter")
        assert isinstance(app.pilot.app.screen, ConfirmScreen)
        await app.press("enter")
        assert started == []
        await app.press("enter", "y")
        await until(app.pilot, lambda: monitors)
    assert len(started) == 1


async def test_a_launch_that_fails_says_so_and_can_be_tried_again(
    runs_dir: Path, monitors: list[RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(folder: RunFolder, *_: object) -> None:
        raise RunFailed(f"{folder.id}: its supervisor could not be started: [/]no.")

    monkeypatch.setattr(launch, "start_supervisor", fail)
    async with editor(runs_dir) as app:
        await ask_to_launch(app, LaunchScreen)
        await app.press("enter")
        await until(app.pilot, lambda: text_of(app.screen.app, "#launch-error"))
        assert "could not be started: [/]no." in text_of(app.screen.app, "#launch-error")
        monkeypatch.setattr(launch, "start_supervisor", lambda *_: None)
        await app.press("enter")
        await until(app.pilot, lambda: monitors)


async def test_a_runs_folder_that_cannot_be_written_is_one_sentence(runs_dir: Path) -> None:
    runs_dir.rmdir()
    runs_dir.write_text("a file where the folder should be")
    async with editor(runs_dir) as app:
        await ask_to_launch(app, LaunchScreen)
        await app.press("enter")
        await until(app.pilot, lambda: text_of(app.screen.app, "#launch-error"))
        assert "cannot create a run here" in text_of(app.screen.app, "#launch-error")


async def test_a_name_with_escapes_is_refused(runs_dir: Path, started: list[RunFolder]) -> None:
    async with editor(runs_dir) as app:
        screen = await ask_to_launch(app, LaunchScreen)
        screen.query_one("#launch-name").value = "a\x1b[31m"
        await app.press("enter")
        await until(app.pilot, lambda: text_of(app.screen.app, "#launch-error"))
        assert "control characters" in text_of(app.screen.app, "#launch-error")
    assert started == []


async def test_on_a_small_screen_the_name_its_label_and_the_keys_stand_and_the_text_scrolls(runs_dir: Path) -> None:
    async with editor(runs_dir, size=(40, 12)) as app:
        screen = await ask_to_launch(app, LaunchScreen)
        await app.pilot.pause()
        for selector in ("#launch-label", "#launch-name", "KeyBar", ".title"):
            widget = screen.query_one(selector)
            assert widget.region.height == 1
            assert screen.region.contains_region(widget.region)
            assert widget.display
        assert screen.body.max_scroll_y > 0
        await app.press("down")
        assert screen.body.scroll_y == 1
        await app.press("pagedown", "pagedown", "pagedown")
        assert screen.body.scroll_y == screen.body.max_scroll_y
        assert screen.region.contains_region(screen.query_one(KeyBar).region)
