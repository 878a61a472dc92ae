"""Pause, checkpoint, new settings and stop reach all ranks at the same step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.distributed.ranked import Trained, on_ranks, trained
from tests.distributed.test_same_training import made
from tests.engine.conftest import Run
from tests.waiting import wait_until
from training.engine.place import Place
from training.runs.commands import CommandName, send
from training.runs.events import Acknowledged, Attempt, Checkpoint, End, Override, State, Step
from training.runs.layout import RunFolder

CONFIG = """
epochs: 100000
lr_strategy: Cosine Annealing
batch_size: 128
model: {blocks: [{filters: 4, batch_norm: true, dropout: 0.2}], dense_layers: []}
optimization: {ema: 0.9}
"""


def drive(run: Run) -> None:
    """A person at the app, one request after the answer to the last."""

    def ask(command: CommandName, **args: object) -> None:
        wanted = send(run.folder, command, **args)
        wait_until(lambda: [e for e in run.of(Acknowledged) if e.id == wanted], what=command)

    wait_until(lambda: run.folder.events.exists() and run.of(Step), what="the first steps")
    ask("pause")
    wait_until(lambda: run.summary.state == "paused", what="the pause")
    ask("checkpoint")
    ask("resume")
    ask("set_lr", factor=0.5)
    ask("set_epochs", epochs=50_000)
    ask("set_patience", patience=40_000)
    ask("stop_after_epoch")


def obey(place: Place, run: Path) -> Trained:
    if place.first:
        threading.Thread(target=drive, args=(Run(RunFolder(run)),), daemon=True).start()
    return trained(run)


def stop_again(place: Place, run: Path) -> Trained:
    """The next attempt, which finds a request to stop at its first look."""
    if place.first:
        send(RunFolder(run), "stop")
    return trained(run)


def twice(place: Place, run: Path) -> tuple[Trained, Trained]:
    return obey(place, run), stop_again(place, run)


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, list[tuple[Trained, Trained]]]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAINDECK_DEVICE", "cpu")
        run = made(tmp_path_factory.mktemp("driven") / "run", "")
        run.folder.config.write_text(CONFIG)
        yield run, on_ranks(2, twice, run.folder.path)


def test_all_ranks_stop_at_the_same_step_with_the_same_weights(
    driven: tuple[Run, list[tuple[Trained, Trained]]],
) -> None:
    run, ((first, again), (second, also)) = driven
    assert first == second
    assert first.code == 0
    end = run.of(End)[0]
    assert (end.state, end.step) == ("stopped", first.step)
    assert end.reason.startswith(f"stopped after epoch {end.epoch} by ")
    assert end.step % 12 == 0
    # What went on from there on both ranks is what was saved, each with its own random state.
    assert again == also
    assert run.of(Attempt)[1].from_step == first.step


def test_each_request_is_answered_once_and_done(driven: tuple[Run, list[tuple[Trained, Trained]]]) -> None:
    run, _ = driven
    answers = [(event.command, event.ok) for event in run.of(Acknowledged)]
    asked = ("pause", "checkpoint", "resume", "set_lr", "set_epochs", "set_patience", "stop_after_epoch", "stop")
    assert answers == [(name, True) for name in asked]
    paused = next(event.step for event in run.of(State) if event.state == "paused")
    saved = next(event.step for event in run.of(Checkpoint) if event.kind == "last" and event.step >= (paused or 0))
    assert saved == paused
    made = [(event.setting, event.value) for event in run.of(Override)]
    assert made[:3] == [("lr_factor", 0.5), ("epochs", 50_000), ("early_stopping_patience", 40_000)]
    assert run.of(Attempt)[1].epochs == 50_000
    assert [event.state for event in run.of(State)][:5] == ["running", "paused", "running", "running", "stopping"]
