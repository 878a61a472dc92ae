"""A fork from the monitor: which checkpoint, the editor on its config, and the launch that starts there."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest

from tests.runs.sealing import sealed
from tests.tui.driving import text_of
from tests.tui.fakes import STEPS_PER_EPOCH, FakeRun
from tests.tui.monitoring import MonitorPilot, monitor
from training.config import files as config_files
from training.config.schema import TrainingConfig
from training.devices.choice import Choice
from training.runs import launch, plan
from training.runs.checkpoints import Label, path_of, read_label, seal
from training.runs.events import Override
from training.runs.fork import Fork, find_source
from training.runs.forking import hold, release
from training.runs.layout import RunFolder
from training.runs.lifecycle import read_summary, view
from tui.screens.editor import EditorScreen
from tui.screens.launch import LaunchScreen
from tui.screens.pick import PickScreen
from tui.widgets.rows import wrap

SIZES = [(120, 40), (80, 24), (40, 12)]


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunFolder]:
    """The runs whose supervisors would have been started; the rest of the launch is real."""
    folders: list[RunFolder] = []
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(launch, "start_supervisor", lambda folder, *_: folders.append(folder))
    monkeypatch.setattr(plan, "choose_many", lambda *_, **__: Choice("cpu", "CPU", "no GPU is visible"))
    monkeypatch.setattr(EditorScreen, "launched", lambda *_: None)  # else the monitor of the fork takes its place
    return folders


@pytest.fixture
def finished(runs_dir: Path) -> FakeRun:
    """A run of 12 epochs with three checkpoints, whose epochs were raised from 10 in its fourth."""
    run = FakeRun(runs_dir, "digits", config=TrainingConfig(epochs=10))
    run.begin()
    run.learn(4)
    run.write(Override(setting="epochs", value=12.0, step=run.step, epoch=5))
    for name, epochs, resumable in (("step-000000360.pt", 4, True), ("best.pt", 3, False), ("last.pt", 1, True)):
        run.learn(epochs)
        sealed(run.folder, name, run.config, epoch=run.done, step=run.step, seq=run.seq, resumable=resumable, epochs=12)
    run.finish()
    return run


async def offered(screen: MonitorPilot) -> PickScreen:
    await screen.shows("✓ finished")
    await screen.press("e")
    await screen.until(lambda: isinstance(screen.app.screen, PickScreen))
    pick = screen.app.screen
    assert isinstance(pick, PickScreen)
    return pick


async def edited(screen: MonitorPilot, *keys: str) -> EditorScreen:
    """The editor of the fork from the checkpoint that these keys pick."""
    await offered(screen)
    await screen.press(*keys, "enter")
    await screen.until(lambda: isinstance(screen.app.screen, EditorScreen))
    editor = screen.app.screen
    assert isinstance(editor, EditorScreen)
    return editor


async def test_every_checkpoint_is_offered_with_what_is_known_of_it(finished: FakeRun) -> None:
    async with monitor(finished.folder) as screen:
        pick = await offered(screen)
    assert [(choice.id, choice.title.split(maxsplit=1)[1]) for choice in pick.choices[:3]] == [
        ("last", "epoch 12, step 540"), ("step-360", "epoch 8, step 360"), ("best", "epoch 11, step 495"),
    ]  # fmt: skip
    assert pick.choices[-1].id == "scratch"
    details = [choice.detail.split(", ") for choice in pick.choices[:2]]
    assert [parts[0] for parts in details] == ["val loss 0.1141", "val loss 0.2488"]
    assert [parts[2] for parts in details] == ["goes on exactly"] * 2
    assert pick.choices[2].detail.endswith("weights alone")


async def test_the_editor_has_the_config_as_it_was_there_and_the_launch_goes_on_from_there(
    finished: FakeRun, started: list[RunFolder]
) -> None:
    async with monitor(finished.folder) as screen:
        editor = await edited(screen, "down")
        assert editor.heading == "Fork of digits at step 360"
        assert editor.draft.config.epochs == 12
        assert editor.said.startswith("Goes on exactly from digits at step 360 (epoch 8)")
        editor.draft.set("learning_rate", 0.0005)
        editor.show()
        await screen.press("f5")
        await screen.until(lambda: isinstance(screen.app.screen, LaunchScreen))
        assert text_of(screen.app, "#launch-fork").startswith("Goes on exactly")
        await screen.press("enter")
        await screen.until(lambda: started)
    [child] = started
    assert child.id == "digits-fork"
    assert read_label(path_of(child, "last")).step == 360
    assert config_files.load(child.config).learning_rate == 0.0005
    summary = read_summary(child.summary)
    assert summary is not None
    assert (summary.parent, summary.reason) == ("digits", "fork at step 360")


async def test_a_change_that_the_state_does_not_fit_is_told_before_the_launch(
    finished: FakeRun, started: list[RunFolder]
) -> None:
    async with monitor(finished.folder) as screen:
        editor = await edited(screen, "down")
        editor.draft.set("optimizer", "AdamW")
        editor.show()
        await screen.press("f5")
        await screen.until(lambda: isinstance(screen.app.screen, LaunchScreen))
        said = text_of(screen.app, "#launch-fork")
        assert "alone, since optimizer (Adam → AdamW) changed" in said
        await screen.press("enter")
        await screen.until(lambda: started)
    assert started[0].start.exists()


async def test_where_nothing_is_left_to_train_the_epochs_are_what_is_in_the_way(finished: FakeRun) -> None:
    async with monitor(finished.folder) as screen:
        editor = await edited(screen)
        assert "nothing is left to train" in editor.said
        await screen.press("f5")
        await screen.until(lambda: isinstance(screen.app.screen, PickScreen))
        pick = screen.app.screen
        assert isinstance(pick, PickScreen)
        assert [choice.title for choice in pick.choices] == ["epochs"]


async def test_the_checkpoint_stays_while_the_config_is_edited_and_no_longer(finished: FakeRun) -> None:
    def held() -> list[Path]:
        return list(finished.folder.checkpoints.glob("held-*"))

    async with monitor(finished.folder) as screen:
        await edited(screen, "down")
        assert len(held()) == 1
        (finished.folder.checkpoints / "step-000000360.pt").unlink()  # as a run that goes on does
        await screen.press("escape")
        await screen.until(lambda: screen.app.screen is screen.screen)
        await screen.until(lambda: not held())


async def test_a_checkpoint_that_has_gone_meanwhile_says_what_there_is(finished: FakeRun) -> None:
    async with monitor(finished.folder) as screen:
        await offered(screen)
        (finished.folder.checkpoints / "step-000000360.pt").unlink()
        await screen.press("down", "enter")
        await screen.until(lambda: screen.app._notifications)
        [note] = screen.app._notifications
        assert "no checkpoint step-360. There is last (epoch 12, step 540), best" in note.message
        assert screen.app.screen is screen.screen


@pytest.mark.parametrize("size", SIZES)
async def test_the_launch_of_a_fork_fits_any_screen(finished: FakeRun, size: tuple[int, int]) -> None:
    async with monitor(finished.folder, size) as screen:
        await edited(screen, "down")
        await screen.press("f5")
        await screen.until(lambda: isinstance(screen.app.screen, LaunchScreen))
        await screen.pilot.pause()
        fork = screen.app.screen.query_one("#launch-fork")
        words = text_of(screen.app, "#launch-fork")
        assert fork.region.height >= len(wrap(words, fork.size.width))
        assert screen.app.screen.query_one("#launch-name").region.bottom <= size[1]


def test_a_fork_holds_the_file_that_was_chosen_not_its_name(finished: FakeRun) -> None:
    run = view(finished.folder)
    assert run is not None
    fork = hold(Fork(run, find_source(run, "last")))
    zipped = BytesIO()
    with ZipFile(zipped, "w") as archive:
        archive.writestr("archive/data.pkl", b"1")
    seal(zipped, Label(step=13 * STEPS_PER_EPOCH, config=msgspec.to_builtins(finished.config)))
    partial = finished.folder.checkpoints / "new"
    partial.write_bytes(zipped.getvalue())
    partial.replace(path_of(finished.folder, "last"))
    assert fork.source is not None
    assert read_label(fork.source.path).step == 540
    release(fork)
    assert not fork.source.path.exists()
    assert path_of(finished.folder, "last").exists()
