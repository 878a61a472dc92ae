"""Repeating a run with other seeds, in the app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import text_of, until
from tests.tui.overlaying import run_of
from training.devices.choice import Choice
from training.errors import RunFailed
from training.runs import repeat as repeating
from training.runs.layout import RunFolder
from training.runs.plan import LaunchPlan
from training.runs.survival import Survival
from tui.app import TraindeckApp
from tui.screens.prompt import PromptScreen
from tui.screens.repeat import RepeatScreen, open_repeat


class Host:
    """What a launch would do here, and the names that were launched."""

    def __init__(self) -> None:
        self.device = Choice("cpu", "CPU", "a test")
        self.names: list[str] = []
        self.fails_after = 99

    def plan(self, *_: Any, **__: Any) -> LaunchPlan:
        return LaunchPlan((), self.device, Survival(True, "It goes on."))

    def launch(self, *_: Any, name: str, runs_dir: Path, **__: Any) -> RunFolder:
        if len(self.names) >= self.fails_after:
            raise RunFailed("The disk is full.")
        self.names.append(name)
        return RunFolder(runs_dir / name)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host()
    monkeypatch.setattr(repeating, "plan", made.plan)
    monkeypatch.setattr(repeating, "launch", made.launch)
    return made


def folder_of(runs_dir: Path) -> RunFolder:
    folder = run_of(runs_dir, "digits").folder
    folder.split.write_text('{"fingerprint": "f", "val": [1]}')
    return folder


async def asked(pilot: Pilot[None], app: TraindeckApp, folder: RunFolder, *keys: str) -> None:
    """The dialog that says what it comes to, after those keys in the one before."""
    open_repeat(app, folder)
    await until(pilot, lambda: isinstance(app.screen, PromptScreen))
    await pilot.press(*keys, "enter")
    await until(pilot, lambda: isinstance(app.screen, RepeatScreen))
    await until(pilot, lambda: "Looking" not in text_of(app, "#confirm-detail"))
    await pilot.pause()  # the dialog has grown with what it says


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_four_more_seeds_are_one_key_each_away(runs_dir: Path, host: Host, size: tuple[int, int]) -> None:
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=size) as pilot:
        await asked(pilot, app, folder_of(runs_dir))
        assert "Seeds 1, 2, 3, 4" in text_of(app, "#confirm-detail")
        assert app.screen.query_one("#confirm-yes").region.bottom <= size[1]
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, RepeatScreen))
        assert host.names == [f"digits-seed-{seed}" for seed in (1, 2, 3, 4)]
        assert any("digits-seed-1 to digits-seed-4" in note.message for note in app._notifications)


async def test_another_number_can_be_typed_and_no_launches_nothing(runs_dir: Path, host: Host) -> None:
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, folder_of(runs_dir), "ctrl+u", "2")
        assert "Seeds 1, 2; otherwise" in text_of(app, "#confirm-detail")
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, RepeatScreen))
        assert host.names == []


@pytest.mark.parametrize("text", ["0", "51", "x", "-1", "²"])
async def test_what_is_no_number_is_not_taken(runs_dir: Path, host: Host, text: str) -> None:
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        open_repeat(app, folder_of(runs_dir))
        await until(pilot, lambda: isinstance(app.screen, PromptScreen))
        await pilot.press("ctrl+u", *text, "enter")
        await pilot.pause()
        assert isinstance(app.screen, PromptScreen)
        assert "A number from 1 to 50" in text_of(app, "#prompt-said")


async def test_a_device_that_is_asked_about_makes_enter_a_no(runs_dir: Path, host: Host) -> None:
    host.device = Choice("cpu", "CPU", "a test", confirm="This host has a GPU. Train on the CPU all the same?")
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, folder_of(runs_dir))
        assert "! This host has a GPU" in text_of(app, "#confirm-detail")
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, RepeatScreen))
        assert host.names == []


async def test_what_cannot_be_repeated_says_why_and_launches_nothing(runs_dir: Path, host: Host) -> None:
    folder = folder_of(runs_dir)
    folder.split.unlink()
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, folder)
        assert "✗ digits has no split yet" in text_of(app, "#confirm-detail")
        await pilot.press("enter", "y")
        await pilot.pause()
        assert host.names == []


async def test_a_launch_that_fails_half_way_says_how_far_it_came(runs_dir: Path, host: Host) -> None:
    host.fails_after = 2
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, folder_of(runs_dir))
        await pilot.press("y")
        await until(pilot, lambda: not isinstance(app.screen, RepeatScreen))
        assert any("2 of 4 launched. The disk is full." in note.message for note in app._notifications)


async def test_a_click_on_yes_launches_too(runs_dir: Path, host: Host) -> None:
    app = TraindeckApp(runs_dir)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, folder_of(runs_dir), "ctrl+u", "1")
        await pilot.click("#confirm-yes")
        await until(pilot, lambda: not isinstance(app.screen, RepeatScreen))
        assert host.names == ["digits-seed-1"]
