"""The launch dialog where there is a Slurm: where the run goes, what is asked for, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.slurm.fakes import FakeSlurm, slurm
from tests.tui.driving import EditorPilot, editor, text_of, until
from training.devices.choice import Choice
from training.devices.gpus import Gpu, Nvml, Reading
from training.errors import InvalidInput
from training.runs import launch, plan, store
from training.runs.layout import RunFolder
from training.runs.submit import allocation_of
from training.slurm.script import Allocation
from tui.screens.editor import EditorScreen
from tui.screens.launch import LaunchScreen

__all__ = ["slurm"]


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch, slurm: FakeSlurm) -> list[RunFolder]:
    """Runs started on this machine; the app's screen after a launch is not looked at."""
    folders: list[RunFolder] = []
    monkeypatch.setattr(launch, "start_supervisor", lambda folder, *_: folders.append(folder))
    monkeypatch.setattr(plan, "choose_many", lambda *_, **__: Choice("cpu", "CPU", "no GPU is visible"))
    monkeypatch.setattr(Nvml, "read", lambda *_, **__: Reading())
    monkeypatch.setattr(EditorScreen, "launched", lambda *_: None)
    return folders


async def open_launch(app: EditorPilot) -> LaunchScreen:
    await app.press("f5")
    # It has the focus once it is whole: what it says of the target comes when it is mounted.
    await until(app.pilot, lambda: isinstance(app.pilot.app.screen, LaunchScreen) and app.pilot.app.screen.focused)
    screen = app.pilot.app.screen
    assert isinstance(screen, LaunchScreen)
    return screen


def shown(app: EditorPilot, selector: str) -> str:
    return text_of(app.screen.app, selector)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_on_a_login_node_slurm_is_offered_and_takes_what_the_fields_say(
    runs_dir: Path, slurm: FakeSlurm, started: list[RunFolder], size: tuple[int, int]
) -> None:
    async with editor(runs_dir, size=size) as app:
        await open_launch(app)
        assert "▸ Slurm" in shown(app, "#launch-where")
        await app.press("tab", "ctrl+u", "2", "tab", "ctrl+u", "4", "tab", *"60", "tab", "minus", "p", "space", *"gpu")
        await until(app.pilot, lambda: "2 nodes, 4 GPUs each, at most 60 (-p gpu)" in shown(app, ".launch-note"))
        await app.press("enter")
        await until(app.pilot, lambda: slurm.calls("sbatch"))
        await until(app.pilot, lambda: isinstance(app.pilot.app.screen, EditorScreen))
    (run,) = store.list_runs(runs_dir)
    assert (run.state, run.detail) == ("queued", "Slurm job 7: PENDING (Resources)")
    assert allocation_of(run.folder) == Allocation(2, 4, "60", ("-p", "gpu"))
    assert started == []


async def test_f2_trains_on_this_machine_after_all(runs_dir: Path, slurm: FakeSlurm, started: list[RunFolder]) -> None:
    async with editor(runs_dir) as app:
        await open_launch(app)
        await app.press("f2")
        await until(app.pilot, lambda: "▸ this machine" in shown(app, "#launch-where"))
        assert shown(app, ".launch-note") == "Device: CPU (no GPU is visible)."
        await app.press("enter")
        await until(app.pilot, lambda: started)
    assert slurm.calls("sbatch") == []


async def test_a_field_that_says_nothing_valid_launches_nothing_and_says_so(runs_dir: Path, slurm: FakeSlurm) -> None:
    async with editor(runs_dir) as app:
        await open_launch(app)
        await app.press("tab", "ctrl+u", "0", "enter")
        assert shown(app, "#launch-error") == "Nodes: '0' is no number from 1 on."
        await app.press("ctrl+u", "1")
        assert shown(app, "#launch-error") == ""
    assert slurm.calls("sbatch") == []


async def test_what_slurm_refuses_is_shown_in_its_words_and_can_be_tried_again(
    runs_dir: Path, slurm: FakeSlurm
) -> None:
    slurm.answers("sbatch", error="sbatch: error: invalid partition specified: nope\n", code=1)
    async with editor(runs_dir) as app:
        await open_launch(app)
        await app.press("enter")
        await until(app.pilot, lambda: "invalid partition specified: nope" in shown(app, "#launch-error"))
        slurm.answers("sbatch", "7\n")
        await app.press("enter")
        await until(app.pilot, lambda: isinstance(app.pilot.app.screen, EditorScreen))
    assert len(store.list_runs(runs_dir)) == 1


async def test_on_a_host_with_a_gpu_this_machine_comes_first_and_without_slurm_there_is_no_question(
    runs_dir: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Nvml, "read", lambda *_, **__: Reading((Gpu(0, "GPU-0", "A100", 1, 0),)))
    async with editor(runs_dir) as app:
        await open_launch(app)
        assert "▸ this machine" in shown(app, "#launch-where")
    monkeypatch.setenv("PATH", "/nowhere")
    async with editor(runs_dir) as app:
        screen = await open_launch(app)
        assert not screen.query("#launch-where")


async def test_where_every_gpu_of_this_machine_is_taken_the_run_can_still_go_to_slurm(
    runs_dir: Path, slurm: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Nvml, "read", lambda *_, **__: Reading((Gpu(0, "GPU-0", "A100", 1, 0),)))
    taken = Choice("cpu", "none", "taken", problem=InvalidInput("Every visible GPU is in use: by anna.", "Wait."))
    monkeypatch.setattr(plan, "choose_many", lambda *_, **__: taken)
    async with editor(runs_dir) as app:
        await open_launch(app)
        assert "▸ Slurm" in shown(app, "#launch-where")
        await app.press("f2")
        await until(app.pilot, lambda: "in use: by anna" in shown(app, "#launch-error"))
