"""Taking a learning rate back that was set by hand: in the running job, or by a fork from before it was set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.builders import add_process, beat, make_run
from tests.runs.sealing import configured, sealed
from tests.tui.fakes import FLAT
from tests.tui.fixing import CPU
from training.diagnosis.by_hand import taken_back
from training.diagnosis.rate_change import RateChange
from training.errors import InvalidInput
from training.runs.commands import CommandReader
from training.runs.correct import correct, fates, launch_correction
from training.runs.events import Override
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.log import EventWriter

FIX = taken_back(RateChange(130, 1, 5.0, 0.001))
FINDING = FLAT  # since epoch 1


def changed(tmp_path: Path, *factors: float, state: str = "failed") -> RunFolder:
    """A run with a checkpoint of step 120, whose rate was set after that."""
    folder = make_run(tmp_path, "a", state=state)
    sealed(folder, config=configured(folder), epoch=3, step=120, seq=9)
    with EventWriter(folder.events, 1) as writer:
        for place, factor in enumerate(factors):
            writer.write(Override(setting="lr_factor", value=factor, step=130 + place, epoch=1 + 9 * place))
    if state == "running":
        add_process(folder)
        beat(folder, 0)
    return folder


def test_a_run_that_goes_on_gets_its_own_rate_back(tmp_path: Path) -> None:
    folder = changed(tmp_path, 5000.0, state="running")
    parent = view(folder)
    assert parent is not None
    correction = correct(folder, FINDING, FIX)
    assert fates(parent, correction.fix, CPU) == (("live",), "live")
    assert launch_correction(correction, "live", CPU) == folder
    (command,) = CommandReader(folder.commands).poll()
    assert (command.command, command.args) == ("set_lr", {"learning_rate": correction.config.learning_rate})


def test_a_run_that_has_ended_is_forked_from_before_the_change(tmp_path: Path) -> None:
    correction = correct(changed(tmp_path, 5000.0), FINDING, FIX)
    assert correction.fork is not None
    assert correction.fork.place == "a at step 120"
    assert correction.changes == []


def test_a_run_that_is_back_at_its_schedule_is_forked_too(tmp_path: Path) -> None:
    folder = changed(tmp_path, 5000.0, 1.0, state="running")
    parent = view(folder)
    assert parent is not None
    correction = correct(folder, FINDING, FIX)
    assert correction.fork is not None
    assert "live" not in fates(parent, correction.fix, CPU)[0]


def test_without_a_checkpoint_from_before_it_what_to_do_is_said(tmp_path: Path) -> None:
    folder = changed(tmp_path, 5000.0)
    (folder.checkpoints / "last.pt").unlink()
    with pytest.raises(InvalidInput, match=r"no checkpoint from before .*`traindeck train "):
        correct(folder, FINDING, FIX)
