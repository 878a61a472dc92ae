"""Pausing, resuming and stopping a run from the monitor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tui.fakes import FakeRun, learning_run
from tests.tui.monitoring import MonitorPilot, monitor
from training.runs.events import Acknowledged
from tui.screens.confirm import ConfirmScreen


@pytest.fixture
def learning(runs_dir: Path) -> FakeRun:
    return learning_run(runs_dir)


def commands(run: FakeRun) -> list[dict[str, Any]]:
    path = run.folder.commands
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_pause_is_asked_for_and_shown_only_when_the_worker_has_done_it(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("p")
        await screen.shows("pause asked for, waiting for the worker", "status")
        [asked] = commands(learning)
        assert asked["command"] == "pause"
        assert "▶ running" in screen.text("status")
        learning.write(Acknowledged(id=asked["id"], command="pause", ok=True, message="done after step 540"))
        await screen.shows("✓ done after step 540", "status")
        learning.change_summary(state="paused")
        await screen.shows("‖ paused", "status")
        assert "done after step 540" not in screen.text("status")
        await screen.press("p")
        assert len(commands(learning)) == 1
        await screen.press("r")
        await screen.until(lambda: len(commands(learning)) == 2)
        assert commands(learning)[1]["command"] == "resume"


async def confirm_stop(screen: MonitorPilot) -> None:
    await screen.shows("epoch 12/30")
    await screen.press("s")
    await screen.until(lambda: isinstance(screen.app.screen, ConfirmScreen))


async def test_stop_asks_first_and_says_that_a_checkpoint_is_kept(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await confirm_stop(screen)
        question = screen.app.screen
        assert isinstance(question, ConfirmScreen)
        assert learning.folder.id in question.question
        assert "checkpoint is kept" in question.detail
        await screen.press("y")
        await screen.shows("stop asked for, waiting for the worker", "status")
        assert [command["command"] for command in commands(learning)] == ["stop"]


async def test_a_stop_that_is_not_confirmed_stops_nothing(learning: FakeRun) -> None:
    async with monitor(learning.folder) as screen:
        await confirm_stop(screen)
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.screen)
        assert commands(learning) == []


async def test_a_run_that_is_over_cannot_be_paused_or_stopped(runs_dir: Path) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.learn(1)
    run.finish()
    async with monitor(run.folder) as screen:
        await screen.shows("✓ finished")
        await screen.press("p", "r", "s")
        assert screen.app.screen is screen.screen
        assert commands(run) == []


async def test_a_command_that_cannot_be_written_says_why(learning: FakeRun) -> None:
    learning.folder.commands.mkdir()
    async with monitor(learning.folder) as screen:
        await screen.shows("epoch 12/30")
        await screen.press("p")
        await screen.until(lambda: screen.app._notifications)
        [note] = screen.app._notifications
        assert "cannot ask for pause" in note.message
