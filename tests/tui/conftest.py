"""Every test of the app has a home of its own: no test sees the runs folders or the drafts of whoever runs it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from textual import _wait
from textual.pilot import Pilot

from tui.widgets.type_ahead import backlog_of


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TRAINDECK_RUNS", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TRAINDECK_THEME", raising=False)
    # Nor does one reach the clipboard or the title of whatever the tests run in.
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot looks 50 times a second whether the app is idle, several times a key: here 250 times."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 1 / 250)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 1 / 1000)


@pytest.fixture(autouse=True)
def taken_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are taken one by one: what the pilot presses is done when it says so."""
    press = Pilot.press

    async def pressed(pilot: Pilot[Any], *keys: str) -> None:
        await press(pilot, *keys)
        deadline = time.monotonic() + 10
        while pilot.app.is_running and backlog_of(pilot.app).waits:
            assert time.monotonic() < deadline, "a key is lost"
            await asyncio.sleep(0)
        await pilot._wait_for_screen()

    monkeypatch.setattr(Pilot, "press", pressed)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the test runs in, its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder
