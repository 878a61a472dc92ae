"""Going on with a run by a key, from Home and from the monitor."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Static

from tests.runs.builders import make_run
from tests.runs.sealing import configured, damage, sealed
from tests.tui.driving import HomePilot, home
from tests.tui.fakes import FakeRun
from tests.tui.monitoring import MonitorPilot, monitor
from training.devices.choice import Choice
from training.runs import checkpoints
from training.runs import resume as resuming
from training.runs.events import Override
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import EventWriter
from training.runs.plan import LaunchPlan
from training.runs.survival import survival
from tui.screens.confirm import ConfirmScreen
from tui.screens.monitor import MonitorScreen
from tui.screens.resume import ResumeScreen
from tui.widgets.keybar import KeyBar

CPU = Choice("cpu", "CPU", "no GPU is visible")
SHARED = Choice("cuda", "GPU 0", "the only one", "GPU-a", {}, "GPU 0 is held by ann (python, pid 7). Share it?")


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    """The runs whose supervisors would have been started; all else of the resume is real."""
    folders: list[RunFolder] = []
    monkeypatch.setattr(resuming, "start_supervisor", lambda folder, *_: folders.append(folder))
    choose(CPU, monkeypatch)
    return folders


def choose(device: Choice, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine would offer."""
    planned = LaunchPlan((), device, survival())
    monkeypatch.setattr("tui.screens.resume.plan_next", lambda _: planned)


@pytest.fixture
def dead(runs_dir: Path) -> RunFolder:
    """A run that failed, with a checkpoint of its third epoch."""
    folder = make_run(runs_dir, "dead", state="failed", message="the disk is full", epoch=3)
    sealed(folder, config=configured(folder), epoch=3, step=120, seq=9)
    return folder


def footer(screen: Any) -> set[str]:
    return {key.id for key in screen.query_one(KeyBar).available()}


async def asked(app: HomePilot | MonitorPilot) -> ResumeScreen:
    """Press the key, and wait until the dialog knows what it would do."""
    await app.press("r")
    await app.until(lambda: isinstance(app.app.screen, ResumeScreen) and app.app.screen.plan is not None)
    screen = app.app.screen
    assert isinstance(screen, ResumeScreen)
    return screen


def shown(screen: ResumeScreen) -> str:
    return " ".join(str(part.visual) for part in screen.query(Static) if part.display)


async def test_the_dialog_says_where_it_goes_on_on_which_device_and_why(runs_dir: Path, dead: RunFolder) -> None:
    async with home(runs_dir) as app:
        said = shown(await asked(app))
    assert "Resume dead" in said
    assert "It goes on from epoch 3, step 120 (checkpoints/last.pt)." in said
    assert "Device: CPU (no GPU is visible)." in said


async def test_enter_starts_it_and_opens_its_monitor(runs_dir: Path, dead: RunFolder, started: list[RunFolder]) -> None:
    async with home(runs_dir) as app:
        await asked(app)
        assert started == []
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, MonitorScreen))
        assert started == [dead]
        assert app.app.watched == "dead"
    now = view(dead)
    assert now is not None
    assert (now.state, now.summary.interruption) == ("starting", "failed: the disk is full")


async def test_escape_leaves_the_run_as_it_is(runs_dir: Path, dead: RunFolder, started: list[RunFolder]) -> None:
    before = dead.summary.read_bytes()
    async with home(runs_dir) as app:
        await asked(app)
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.home)
    assert started == []
    assert dead.summary.read_bytes() == before


async def test_a_damaged_checkpoint_that_is_passed_over_is_named(runs_dir: Path, dead: RunFolder) -> None:
    sealed(dead, "step-000000080.pt", config=configured(dead), epoch=2, step=80, seq=5)
    damage(dead.checkpoints / "last.pt")
    async with home(runs_dir) as app:
        said = shown(await asked(app))
    assert "It goes on from epoch 2, step 80" in said
    assert "last.pt is damaged" in said


async def test_what_forbids_it_is_said_in_a_sentence_and_nothing_is_started(
    runs_dir: Path, dead: RunFolder, started: list[RunFolder]
) -> None:
    configured(dead, learning_rate=0.5)
    async with home(runs_dir) as app:
        await app.press("r")
        await app.until(lambda: app.said)
        await app.until(lambda: app.app.screen is app.home)
        [said] = app.said
    assert "learning_rate was changed from 0.001 to 0.5" in said
    assert started == []


async def test_what_cannot_be_resumed_is_offered_no_key(runs_dir: Path, dead: RunFolder) -> None:
    make_run(runs_dir, "done", state="finished", created=1e12)
    async with home(runs_dir) as app:
        assert app.selected == "done"
        assert "home.resume" not in footer(app.home)
        await app.press("r")
        assert app.app.screen is app.home
        await app.press("down")
        assert app.selected == "dead"
        assert "home.resume" in footer(app.home)


async def test_a_gpu_that_others_use_is_asked_for_first(
    runs_dir: Path, dead: RunFolder, started: list[RunFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(SHARED, monkeypatch)
    async with home(runs_dir) as app:
        await asked(app)
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, ConfirmScreen))
        await app.press("n")
        await app.until(lambda: isinstance(app.app.screen, ResumeScreen))
        assert started == []
        await app.press("enter")
        await app.until(lambda: isinstance(app.app.screen, ConfirmScreen))
        await app.press("y")
        await app.until(lambda: started == [dead])


@pytest.fixture
def slow_checksum(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A checkpoint whose checksum takes as long as the test wants."""
    done = threading.Event()
    whole = checkpoints.newest

    def newest(folder: RunFolder) -> Any:
        assert done.wait(10)
        return whole(folder)

    monkeypatch.setattr(checkpoints, "newest", newest)
    yield done
    done.set()


async def test_a_long_look_at_the_checkpoint_holds_nothing_up(
    runs_dir: Path, dead: RunFolder, slow_checksum: threading.Event
) -> None:
    async with home(runs_dir) as app:
        await app.press("r")
        await app.until(lambda: isinstance(app.app.screen, ResumeScreen))
        screen = app.app.screen
        assert isinstance(screen, ResumeScreen)
        assert "Checking the checkpoint" in shown(screen)
        await app.press("enter")
        assert app.app.screen is screen
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.home)
        slow_checksum.set()


async def test_the_monitor_of_a_dead_run_resumes_it_and_stays(runs_dir: Path, started: list[RunFolder]) -> None:
    run = FakeRun(runs_dir)
    run.begin()
    run.learn(2)
    seq, step = run.checkpoint("last")
    sealed(run.folder, config=run.config, epoch=2, step=step, seq=seq)
    run.crash(signal=9)
    async with monitor(run.folder, (80, 24)) as screen:
        await screen.shows("† crashed", "status")
        assert "monitor.resume" in footer(screen.screen)
        dialog = await asked(screen)
        assert "It goes on from epoch 2, step 90" in shown(dialog)
        await screen.press("enter")
        await screen.until(lambda: screen.app.screen is screen.screen)
        assert started == [run.folder]
        await screen.shows("◌ starting", "status")
        run.go_on((seq, step))
        run.learn(1)
        await screen.shows("epoch 3/30", "status")
        await screen.shows("attempt 2", "status")


@pytest.mark.parametrize("size", [(40, 12), (80, 24)])
async def test_the_dialog_fits_on_small_screens(runs_dir: Path, dead: RunFolder, size: tuple[int, int]) -> None:
    async with home(runs_dir, size) as app:
        screen = await asked(app)
        await app.press()
        assert screen.query_one("#resume-where").region.bottom <= size[1]
        assert screen.query_one(".dialog").region.height <= size[1]


async def test_a_resumed_run_is_one_row_that_names_its_attempt(runs_dir: Path) -> None:
    why = "crashed: killed by signal 9 (SIGKILL)"
    make_run(runs_dir, "a", state="stopped", message="Ctrl+C", attempt=2, from_epoch=3, interruption=why)
    async with home(runs_dir) as app:
        assert app.ids == ["a"]
        assert f"attempt 2, went on from epoch 3 ({why})" in app.text("#home-detail")


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_what_was_set_by_hand_is_listed_and_left_out_by_a_key(
    runs_dir: Path, dead: RunFolder, size: tuple[int, int]
) -> None:
    with EventWriter(dead.events, 1) as writer:
        writer.write(Override(setting="lr_factor", value=1e33, step=130, epoch=4, rate=1e30))
    async with home(runs_dir, size) as app:
        screen = await asked(app)
        what = "learning rate 1e+30 (×1e+33) from step 130 on."
        assert f"Set by hand, and again: {what}" in shown(screen)
        await app.press("o")
        assert f"Left out, and gone for good: {what}" in shown(screen)
        await app.press("o", "o", "enter")
        await app.until(lambda: isinstance(app.app.screen, MonitorScreen))
    now = view(dead)
    assert now is not None
    assert now.summary.overrides_from == 10


async def test_nothing_is_left_out_where_nothing_was_set(runs_dir: Path, dead: RunFolder) -> None:
    async with home(runs_dir) as app:
        screen = await asked(app)
        assert footer(screen) == {"resume.start", "resume.cancel"}
