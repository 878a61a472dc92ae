"""Changing the settings of a running job: epochs, patience, learning rate; what a resume makes of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from tests.engine.commanding import Wanted, answers, resumed, trained
from tests.engine.conftest import SMALL, MakeRun, Run
from tests.reliability.comparing import differences
from training.engine.objective import Objective
from training.runs.checkpoints import read_label
from training.runs.events import Attempt, Checkpoint, End, Epoch, Override, State, Step, number
from training.runs.lifecycle import view
from training.runs.overrides import overrides_ahead
from training.runs.resume import look_at

STEPS = 12
"""Of an epoch."""
COSINE = SMALL.replace("epochs: 2", "epochs: 4\nlr_strategy: Cosine Annealing") + "runtime: {threads: 1}\n"


def epochs_of(run: Run) -> list[int]:
    return [event.epoch for event in run.of(Epoch) if event.epoch]


@pytest.mark.parametrize("epochs", [2, 6])
def test_a_new_number_of_epochs_is_the_new_end_and_the_cosine_ends_there(make_run: MakeRun, epochs: int) -> None:
    run = trained(make_run(COSINE), {17: [("set_epochs", {"epochs": epochs})]})
    assert answers(run) == [("set_epochs", True, f"{epochs} epochs in all, planned anew from step 17 on")]
    assert epochs_of(run) == list(range(1, epochs + 1))
    assert run.one(End).reason == f"all {epochs} epochs done"
    override = run.one(Override)
    assert (override.setting, override.value, override.step, override.epoch) == ("epochs", epochs, 17, 2)
    assert (run.summary.epochs, run.summary.steps) == (epochs, epochs * STEPS)
    # A quarter of the way was behind it in epoch 2; the rest is gone through in equal parts.
    shares = [0.0, 0.25, *(0.25 + 0.75 * k / (epochs - 1) for k in range(1, epochs - 1))]
    expected = [1e-6 + (1e-3 - 1e-6) * (1 + math.cos(math.pi * share)) / 2 for share in shares]
    assert run.metric(Epoch, "lr") == pytest.approx(expected)


def test_the_rate_does_not_jump_where_the_epochs_change(make_run: MakeRun) -> None:
    rates = trained(make_run(COSINE), {17: [("set_epochs", {"epochs": 8})]}).metric(Step, "lr")
    assert len(set(rates[STEPS : 2 * STEPS])) == 1


def test_as_many_epochs_as_planned_change_nothing(make_run: MakeRun) -> None:
    plain = trained(make_run(COSINE, "plain"), {})
    run = trained(make_run(COSINE), {17: [("set_epochs", {"epochs": 4})]})
    assert answers(run) == [("set_epochs", True, "4 epochs in all, as planned")]
    assert list(differences(run.folder, plain.folder)) == []


@pytest.mark.parametrize("strategy", ["Constant", "Step Decay", "Exponential Decay", "ReduceLROnPlateau"])
def test_other_schedules_go_on_by_their_rule(make_run: MakeRun, strategy: str) -> None:
    longer = COSINE.replace("Cosine Annealing", strategy)
    plain = trained(make_run(longer, "plain"), {})
    run = trained(make_run(longer), {17: [("set_epochs", {"epochs": 6})]})
    assert run.metric(Epoch, "train_loss")[:4] == plain.metric(Epoch, "train_loss")
    assert run.metric(Epoch, "lr")[:4] == plain.metric(Epoch, "lr")
    assert len(epochs_of(run)) == 6


@pytest.mark.parametrize(
    ("command", "args", "says"),
    [
        ("set_epochs", {"epochs": 1}, "Epoch 2 has begun: 1 epochs in all would be too few. Give 2 or more."),
        ("set_epochs", {"epochs": 0}, "Epochs: 0 is out of range. Give a whole number of at least 1"),
        ("set_epochs", {"epochs": "many"}, 'Epochs: "many" is not a number.'),
        ("set_epochs", {"epochs": 2.5}, "Epochs: 2.5 is not a whole number."),
        ("set_epochs", {}, "Epochs: "),
        ("set_patience", {"patience": -1}, "Patience: -1 is out of range."),
        ("set_patience", {"patience": True}, "Patience: true is not a number."),
        ("set_patience", {}, "Patience: "),
        ("set_lr", {"rate": 0}, "0 is out of range. A learning rate is a number above 0."),
        ("set_lr", {"rate": 1e308}, "1e+308 is no rate that this schedule can be scaled to."),
        ("set_lr", {"factor": "half"}, "A factor is a number above 0."),
        ("stop_after_epoch", {"epoch": 1}, "Epoch 2 has begun: name that one or a later one"),
        ("stop_after_epoch", {"epoch": "x"}, "Epoch 2 has begun: name that one or a later one"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing(
    make_run: MakeRun, command: Any, args: dict[str, Any], says: str
) -> None:
    run = trained(make_run(COSINE.replace("epochs: 4", "epochs: 2")), {17: [(command, args)]})
    [(name, ok, said)] = answers(run)
    assert (name, ok) == (command, False)
    assert says in said
    assert run.of(Override) == []
    assert epochs_of(run) == [1, 2]


CHANGES: dict[int, Wanted] = {
    7: [("set_lr", {"factor": 0.5})],
    16: [("set_epochs", {"epochs": 6}), ("set_patience", {"patience": 3})],
    21: [("set_lr", {"rate": 0.002}), ("set_epochs", {"epochs": 5})],
}


@pytest.mark.parametrize("killed", [18, 23, 55])
@pytest.mark.parametrize("every", ["epoch", "5 steps", "40 steps"])
def test_a_run_that_was_changed_and_killed_ends_as_one_that_was_only_changed(
    make_run: MakeRun, killed: int, every: str
) -> None:
    config = COSINE.replace("threads: 1", f"threads: 1, checkpoint_every: {every}")
    whole = trained(make_run(config, "whole"), CHANGES)
    assert all(ok for _, ok, _ in answers(whole))
    run = trained(make_run(config), CHANGES, killed=killed)
    reached = {step: wanted for step, wanted in CHANGES.items() if step >= killed}
    trained(run, reached)
    assert len(run.of(Attempt)) == 2
    assert list(differences(run.folder, whole.folder)) == []
    assert (run.summary.epochs, run.summary.state, run.summary.epoch) == (5, "finished", 5)


@pytest.mark.parametrize("killed_again", [15, 25, 40])
def test_a_run_that_leaves_out_what_was_set_ends_as_one_that_was_never_changed(
    make_run: MakeRun, killed_again: int
) -> None:
    config = COSINE.replace("threads: 1", "threads: 1, checkpoint_every: epoch")
    whole = trained(make_run(config, "whole"), {})
    asked: dict[int, Wanted] = {20: [("set_lr", {"rate": 5.0}), ("set_epochs", {"epochs": 9})]}
    run = trained(make_run(config), asked, killed=22)
    ahead = overrides_ahead(run.folder.events, read_label(run.folder.checkpoints / "last.pt").seq)
    assert [(one.setting, one.rate) for one in ahead] == [("lr_factor", pytest.approx(5.0)), ("epochs", 0.0)]
    leave_out(run, ahead[-1].seq + 1)
    trained(run, {}, killed=killed_again)
    leave_out(run, 0)
    trained(run, {})
    assert [one.overrides_from for one in run.of(Attempt)] == [0, ahead[-1].seq + 1, 0]
    assert list(differences(run.folder, whole.folder)) == []


def leave_out(run: Run, before: int) -> None:
    """As a resume does that is told to, or not (0)."""
    summary = run.summary
    summary.overrides_from = before
    run.folder.summary.write_bytes(msgspec.json.encode(summary))


def test_a_run_of_more_epochs_than_its_config_says_can_be_resumed(make_run: MakeRun) -> None:
    config = COSINE.replace("epochs: 4", "epochs: 2")
    run = trained(make_run(config), {5: [("set_epochs", {"epochs": 4})], 40: [("stop", {})]})
    assert run.summary.state == "stopped"
    label = read_label(run.folder.checkpoints / "last.pt")
    assert (label.epoch, label.epochs) == (3, 4)
    stopped = view(run.folder)
    assert stopped is not None
    assert look_at(stopped).label == label
    resumed(run)
    assert run.of(Attempt)[1].epochs == 4
    assert run.of(End)[-1].reason == "all 4 epochs done"


def test_epochs_that_were_changed_in_the_config_since_are_newer_than_a_command(make_run: MakeRun) -> None:
    config = COSINE.replace("Cosine Annealing", "Constant")
    run = trained(make_run(config), {5: [("set_epochs", {"epochs": 6})], 30: [("stop", {})]})
    run.folder.config.write_text(config.replace("epochs: 4", "epochs: 3"))
    resumed(run)
    assert run.of(End)[-1].reason == "all 3 epochs done"


STALLED = SMALL.replace("epochs: 2", "epochs: 12\nlearning_rate: 1.0e-9") + "optimization: {label_smoothing: 0.1}\n"


@contextmanager
def no_better_than_at_first() -> Iterator[None]:
    """Every validation loss is above the one before."""
    original, calls = Objective.sums, iter(range(10_000))

    def sums(self: Objective, *batch: Any) -> Any:
        found = original(self, *batch)
        return found._replace(loss=found.loss + next(calls))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Objective, "sums", sums)
        yield


def test_a_patience_counts_the_epochs_that_were_waited_already(make_run: MakeRun) -> None:
    with no_better_than_at_first():
        run = trained(make_run(STALLED), {4 * STEPS + 3: [("set_patience", {"patience": 2})]})
    # Three bad epochs are behind it; the one under way is trained to its end.
    assert answers(run) == [
        ("set_patience", True, "early stopping after 2 epochs without a better validation loss; 3 have passed by now")
    ]
    assert run.one(End).reason == "early stopping: no better validation loss since epoch 1"
    assert epochs_of(run) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("off", [0, None, "none"])
def test_early_stopping_can_be_switched_off(make_run: MakeRun, off: object) -> None:
    config = STALLED.replace("epochs: 12", "epochs: 5\nearly_stopping: true\nes_patience: 2")
    with no_better_than_at_first():
        run = trained(make_run(config), {STEPS: [("set_patience", {"patience": off})]})
    assert answers(run) == [("set_patience", True, "no early stopping from now on")]
    assert epochs_of(run) == [1, 2, 3, 4, 5]


def test_a_rate_is_what_is_trained_at_whatever_the_schedule_and_an_earlier_factor(make_run: MakeRun) -> None:
    asked: dict[int, Wanted] = {3: [("set_lr", {"factor": 7.0})], 30: [("set_lr", {"rate": 1e-4})]}
    run = trained(make_run(COSINE), asked)
    rates = run.metric(Step, "lr")
    assert rates[29] == pytest.approx(7 * (1e-6 + (1e-3 - 1e-6) / 2))
    assert rates[30] == pytest.approx(1e-4)
    assert answers(run)[1] == ("set_lr", True, "the learning rate is 0.0001 from step 30 on")


def test_a_rate_in_the_warm_up_is_the_one_that_it_rises_to(make_run: MakeRun) -> None:
    run = trained(make_run(SMALL + "optimization: {warmup_epochs: 1}\n"), {5: [("set_lr", {"rate": 0.003})]})
    assert run.metric(Step, "lr")[5:] == pytest.approx([0.003 * min(1, (step + 1) / STEPS) for step in range(5, 24)])
    assert answers(run) == [("set_lr", True, "the learning rate is 0.0015 from step 5 on, and rises to 0.003")]


def test_a_plateau_halves_the_changed_rate(make_run: MakeRun) -> None:
    config = STALLED.replace("1.0e-9", "1.0e-4\nlr_strategy: ReduceLROnPlateau")
    with no_better_than_at_first():
        run = trained(make_run(config), {2 * STEPS: [("set_lr", {"factor": 0.1})]})
    assert run.metric(Epoch, "lr") == pytest.approx([1e-4] * 2 + [1e-5] * 5 + [5e-6] * 5)


def test_more_epochs_behind_the_end_of_a_cosine_stay_at_its_floor_and_the_answer_says_so(make_run: MakeRun) -> None:
    """Asked for during the last validation, when no step is left to wait for."""
    run = make_run(COSINE.replace("epochs: 4", "epochs: 2"))
    original, calls = Objective.sums, iter(range(1_000_000))

    def sums(self: Objective, *batch: Any) -> Any:
        if next(calls) == 0:
            return original(self, *batch)
        if run.folder.events.exists() and len(run.of(Step)) == 2 * STEPS and not run.folder.commands.exists():
            from training.runs.commands import send

            send(run.folder, "set_epochs", epochs=4)
        return original(self, *batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Objective, "sums", sums)
        patch.setattr("training.engine.control.POLL_SECONDS", 0.0)
        run.train()
    [(_, ok, said)] = answers(run)
    assert ok
    assert said.endswith("the schedule is at its end, so the learning rate stays at 1e-06")
    assert epochs_of(run) == [1, 2, 3, 4]
    assert run.metric(Epoch, "lr")[2:] == pytest.approx([1e-6, 1e-6])


def test_a_stop_after_the_epoch_leaves_it_validated_and_saved(make_run: MakeRun) -> None:
    run = trained(make_run(COSINE), {17: [("stop_after_epoch", {})]})
    end = run.one(End)
    assert (end.state, end.step) == ("stopped", 2 * STEPS)
    assert end.reason.startswith("stopped after epoch 2 by ")
    assert epochs_of(run) == [1, 2]
    assert run.checkpoint("last")["epoch"] == 2
    assert answers(run) == [("stop_after_epoch", True, "stopping after epoch 2")]
    assert [(event.state, event.message) for event in run.of(State)][1] == ("running", "stopping after epoch 2")
    assert [event.epoch for event in run.of(Checkpoint) if event.kind == "last"][-1] == 2
    # A person who resumes it wants it to go on.
    resumed(run)
    assert run.summary.state == "finished"


@pytest.mark.parametrize("withdrawal", [("stop_after_epoch", {"off": True}), ("resume", {})])
def test_a_stop_after_the_epoch_can_be_withdrawn(make_run: MakeRun, withdrawal: Any) -> None:
    run = trained(make_run(COSINE), {17: [("stop_after_epoch", {})], 18: [withdrawal]})
    assert answers(run)[1][1:] == (True, "training on after epoch 2")
    assert run.summary.state == "finished"
    assert [event.value for event in run.of(Override)] == [2, 0]
    assert [(event.state, event.message) for event in run.of(State)] == [
        ("running", ""), ("running", "stopping after epoch 2"), ("running", ""),
    ]  # fmt: skip


def test_a_stop_after_a_later_epoch_leaves_the_schedule_as_it_was(make_run: MakeRun) -> None:
    plain = trained(make_run(COSINE, "plain"), {})
    run = trained(make_run(COSINE), {2: [("stop_after_epoch", {"epoch": 3})]})
    assert run.metric(Step, "train_loss") == plain.metric(Step, "train_loss")[: 3 * STEPS]


@pytest.mark.parametrize(("restarts", "epochs"), [("1", [1, 2]), ("0", [1, 2, 3, 4])])
def test_a_stop_after_the_epoch_outlives_what_restarts_by_itself(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, restarts: str, epochs: list[int]
) -> None:
    run = trained(make_run(COSINE), {17: [("stop_after_epoch", {})]}, killed=19)
    monkeypatch.setenv("SLURM_RESTART_COUNT", restarts)
    resumed(run)
    assert sorted(set(epochs_of(run))) == epochs


def test_an_answer_to_nobody_is_not_given(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained(make_run(COSINE), {17: [("stop_after_epoch", {})]}, killed=19)
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    resumed(run)
    assert len(answers(run)) == 1
    assert run.summary.message == "stopped after epoch 2"
    assert msgspec.json.decode(run.folder.summary.read_bytes())["state"] == "stopped"


def test_overrides_are_numbers_that_json_can_spell(make_run: MakeRun) -> None:
    run = trained(make_run(COSINE), CHANGES)
    assert [(event.setting, number(event.value)) for event in run.of(Override)] == [
        ("lr_factor", 0.5), ("epochs", 6), ("early_stopping_patience", 3),
        ("lr_factor", pytest.approx(0.002 / (1e-6 + (1e-3 - 1e-6) * (1 + math.cos(math.pi / 4)) / 2))), ("epochs", 5),
    ]  # fmt: skip
