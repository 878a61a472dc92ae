"""Diagnosing what is on disk: runs of ours and logs of others."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagnosis.curves import CURVES, shown_labels
from tests.tui.fakes import FakeRun
from training.config import files as config_files
from training.config.schema import TrainingConfig
from training.diagnosis.engine import Diagnosis
from training.errors import InvalidInput
from training.replay import Told, diagnose_file, diagnose_run, replay
from training.runs.events import Attempt, End, Epoch, Metrics, Number, Step, encode, numbers
from training.runs.layout import RunFolder
from training.runs.log import EventWriter, read_all, standing

FACTS = {"classes": [str(digit) for digit in range(10)], "n_val": 360}


def _run(path: Path, config: str) -> RunFolder:
    folder = RunFolder(path)
    folder.config.write_text(config)
    with EventWriter(folder.events) as log:
        log.write(Attempt(run="x", epochs=10, facts=FACTS))
        log.write(Step(step=0, epoch=1, metrics={"train_loss": 2.4}))
        for epoch, loss in enumerate([90.0, 2.5, 2.4, 2.41, 2.4, 2.42], 1):
            metrics: Metrics = {"train_loss": loss, "val_loss": 2.4, "train_acc": 0.1, "val_acc": 0.1, "lr": 1.0}
            log.write(Epoch(epoch=epoch, step=epoch, metrics=metrics))
        log.write(End(state="stopped", reason="early stopping", epoch=6, step=6))
    return folder


def test_a_run_folder_is_diagnosed_with_its_own_config(tmp_path: Path) -> None:
    diagnosed = diagnose_run(_run(tmp_path, config_files.dump(TrainingConfig(learning_rate=1.0))))
    assert [finding.label for finding in diagnosed.shown] == ["divergence", "lr_too_high_flat"]
    assert diagnosed.open[0].fixes[0].patch == {"learning_rate": 0.001}
    assert diagnosed.open[0] in diagnosed.shown
    assert diagnosed.shown[0] not in diagnosed.open


def test_a_run_that_crashed_is_not_called_healthy(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(5)
    run.crash(signal=9)
    found = diagnose_run(run.folder).verdict
    assert found.startswith("The run crashed, killed by signal 9 (SIGKILL); no finding in its curves up to epoch 5:")


def test_what_a_later_attempt_superseded_is_no_part_of_the_diagnosis(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(5)
    checkpoint = run.checkpoint("last")
    for _ in range(20):
        run.train_step(train_loss=math.nan)
    assert diagnose_run(run.folder).open != []
    run.go_on(checkpoint)
    run.learn(3)
    run.finish()
    diagnosed = diagnose_run(run.folder)
    assert (diagnosed.shown, diagnosed.told) == ([], [])


def test_a_run_whose_config_cannot_be_read_is_diagnosed_without(tmp_path: Path) -> None:
    diagnosed = diagnose_run(_run(tmp_path, "learning_rate: [\n"))
    assert diagnosed.open[0].label == "lr_too_high_flat"
    assert diagnosed.open[0].fixes[0].title == "Lower the learning rate tenfold"


def test_a_run_without_events_has_nothing_to_judge(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert diagnose_run(folder).verdict == "Nothing to judge yet: no epoch is complete."
    assert replay([]).open == []


def test_a_labelled_curve_is_diagnosed_as_a_file() -> None:
    diagnosed = diagnose_file(CURVES / "run_109.jsonl")
    assert shown_labels(diagnosed) == {"divergence", "lr_too_high_flat"}
    assert diagnosed.open[0].fixes[0].title == "Lower learning_rate from 1 to 0.001"


def test_a_file_that_is_no_log_says_what_was_tried(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary\n")
    with pytest.raises(InvalidInput, match=r"Tried:\n(.*\n)+- labelled.*\n.*\n- table.* dear diary\n") as raised:
        diagnose_file(path)
    assert "train_loss" in raised.value.remedy


def test_what_the_facts_alone_show_is_told_at_epoch_0_before_all_else(tmp_path: Path) -> None:
    facts = FACTS | {"input_mean": 77.0, "input_std": 95.0}
    (told,) = replay([Attempt(attempt=1, facts=facts), Epoch(attempt=1, epoch=0, step=0)]).told
    assert (told.epoch, told.step, told.change.finding.label) == (0, None, "unnormalised_inputs")
    assert told.change.finding.shown_epoch == 0


losses = st.one_of(st.sampled_from([2.3, 2.3, 0.2, 30.0]), st.sampled_from([2.3, 90.0, "nan", "inf", "n/a", None]))
words = st.lists(st.tuples(st.sampled_from(["steps", "steps", "epoch", "torn", "resume", "odd"]), losses), max_size=25)


def _events_of(words: list[tuple[str, Number | None]], path: Path) -> None:
    """A log with what those words say: stretches of steps at a loss, epochs, damage, and attempts that go back."""
    seq, attempt, step = 0, 1, 0
    with path.open("wb") as log:
        for word, loss in [("start", None), *words]:
            metrics: Metrics = {"lr": 0.1} if loss is None else {"lr": 0.1, "train_loss": loss}
            made: list[Attempt | Step | Epoch] = []
            if word == "steps":
                made += [Step(step=step + place, epoch=step // 100 + 1, metrics=metrics) for place in range(30)]
                step += 30
            elif word == "epoch":
                made.append(Epoch(epoch=step // 100 + 1, step=step, metrics=metrics | {"val_loss": 2.3}))
            elif word in ("start", "resume"):
                attempt += word == "resume"
                step = step // 2
                made.append(Attempt(from_seq=seq // 2, facts=FACTS))
            else:
                log.write(b'{"type":"step","step":\n' if word == "torn" else b'{"epoch":1,"step":3,"type":"step"}\n')
            for event in made:
                event.seq, event.attempt = seq, attempt
                log.write(encode(event))
                seq += 1


@settings(max_examples=150, deadline=None)
@given(words)
def test_a_log_is_diagnosed_in_bulk_as_it_is_event_by_event(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[str, Number | None]]
) -> None:
    folder = RunFolder(tmp_path_factory.mktemp("run"))
    _events_of(words, folder.events)
    events = standing(read_all(folder.events))
    diagnosis = Diagnosis(None, FACTS)
    told = [Told(0, None, change) for change in diagnosis.begin()]
    for event in events:
        if isinstance(event, Step | Epoch):
            metrics = numbers({name: value for name, value in event.metrics.items() if value != "n/a"})
            step = event.step if isinstance(event, Step) else None
            changes = (
                diagnosis.epoch(event.epoch, metrics) if step is None else diagnosis.step(step, event.epoch, metrics)
            )
            told += [Told(event.epoch, step, change) for change in changes]
    diagnosed = diagnose_run(folder)
    assert diagnosed.told == told
    assert (diagnosed.open, diagnosed.verdict) == (diagnosis.open, diagnosis.verdict())
    assert replay(events).told == told
