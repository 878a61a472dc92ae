"""The event log: whole lines, nothing lost, nothing seen twice."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.curves import Curves
from training.diagnosis.findings import Finding, Fix
from training.runs import events
from training.runs.events import Attempt, Epoch, FindingChanged, Log, Step, decode, encode, number, spell, spell_all
from training.runs.log import EventReader, EventWriter, read_all


@given(st.floats())
def test_any_number_comes_back_from_a_line_as_it_went_in(value: float) -> None:
    line = encode(Step(step=1, epoch=1, metrics=spell_all({"train_loss": value})))
    event = decode(line)
    assert isinstance(event, Step)
    back = number(event.metrics["train_loss"])
    assert math.isnan(back) if math.isnan(value) else back == value


def test_lines_are_strict_json_where_python_would_write_nan(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "events.jsonl") as writer:
        writer.write(Epoch(epoch=1, step=3, metrics=spell_all({"a": math.nan, "b": math.inf, "c": -math.inf})))

    def refuse(name: str) -> float:
        raise AssertionError(f"{name} is not JSON")

    line = json.loads((tmp_path / "events.jsonl").read_text(), parse_constant=refuse)
    assert line["metrics"] == {"a": "nan", "b": "inf", "c": "-inf"}
    assert (line["seq"], line["attempt"], line["type"]) == (0, 1, "epoch")


def test_every_event_type_survives_the_round_trip() -> None:
    fix = Fix(title="t", effect="e", patch={"learning_rate": 0.001, "model.dense_layers": [{"units": 3}]})
    finding = Finding(
        issue="overfitting",
        label="overfitting",
        title="t",
        severity="warning",
        since_epoch=1,
        shown_epoch=2,
        evidence="e",
        stretch=(1, 2),
        causes=("c",),
        fixes=(fix,),
    )
    samples: list[events.AnyEvent] = [
        Attempt(run="r", epochs=2, steps_per_epoch=3, facts={"classes": ["a"]}),
        Step(step=0, epoch=1, metrics={"x": 1.0}),
        Epoch(epoch=1, step=3),
        events.State(state="paused"),
        Log(message="m", level="warning"),
        events.Acknowledged(id="i", command="pause", ok=True),
        events.Override(setting="learning_rate", value=0.1, step=2, epoch=1),
        events.Checkpoint(kind="best", path="checkpoints/best.pt", epoch=1, step=3),
        FindingChanged(change="opened", finding=finding, rules=1, epoch=2),
        events.End(state="finished", reason="all epochs done", epoch=2, step=6),
    ]
    assert [decode(encode(event)) for event in samples] == samples


def test_steps_are_held_for_a_batch_and_anything_else_is_written_at_once(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        writer.write(Attempt())
        size = path.stat().st_size
        writer.write(Step(step=0, epoch=1))
        assert path.stat().st_size == size
        writer.write(Log(message="now"))
        assert [event.seq for event in read_all(path)] == [0, 1, 2]


def test_a_torn_last_line_is_not_yet_there(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    line = encode(Log(message="whole", seq=0))
    path.write_bytes(line + line[:10])
    reader = EventReader(path)
    assert len(reader.read()) == 1
    assert reader.read() == []
    with path.open("ab") as file:
        file.write(line[10:])
    assert [event.seq for event in reader.read()] == [0]
    assert reader.skipped == 0


def test_a_new_attempt_goes_on_counting_and_a_line_torn_by_a_crash_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        for step in range(3):
            writer.write(Step(step=step, epoch=1))
    with path.open("ab") as file:
        file.write(b'{"type":"step","st')
    with EventWriter(path, attempt=2) as writer:
        writer.write(Attempt(from_step=2))
    reader = EventReader(path)
    assert [(event.seq, event.attempt) for event in reader.read()] == [(0, 1), (1, 1), (2, 1), (3, 2)]
    assert reader.skipped == 1


def test_counting_goes_on_behind_a_line_longer_than_the_first_look_back(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        writer.write(Log(message="first"))
        writer.write(Log(message="x" * 50_000))
    with EventWriter(path, attempt=2) as writer:
        writer.write(Log(message="next"))
    assert [event.seq for event in read_all(path)] == [0, 1, 2]


def test_an_event_type_of_a_newer_version_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"type":"hologram","seq":0}\n' + encode(Log(message="known", seq=1)))
    reader = EventReader(path)
    assert [event.seq for event in reader.read()] == [1]
    assert reader.skipped == 1


def test_a_read_is_bounded_in_count_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with EventWriter(path) as writer:
        for step in range(2500):
            writer.write(Step(step=step, epoch=1))
    reader = EventReader(path)
    batches = []
    while not reader.at_end:
        batches.append([event.seq for event in reader.read(limit=1000, seconds=60)])
    assert [len(batch) for batch in batches] == [1000, 1000, 500]
    assert [seq for batch in batches for seq in batch] == list(range(2500))


def test_following_a_log_that_does_not_exist_yet_reads_nothing(tmp_path: Path) -> None:
    reader = EventReader(tmp_path / "events.jsonl")
    assert reader.read() == []
    assert reader.at_end


@given(
    dead=st.integers(1, 12),
    resumed_from=st.integers(0, 12),
    steps_per_epoch=st.integers(1, 4),
)
def test_after_a_resume_the_history_has_no_gap_and_no_duplicate(
    dead: int, resumed_from: int, steps_per_epoch: int
) -> None:
    resumed_from = min(resumed_from, dead)
    curves = Curves()
    curves.extend([Attempt(attempt=1), *_train(1, 0, dead, steps_per_epoch)])
    curves.extend([Attempt(attempt=2, from_step=resumed_from), *_train(2, resumed_from, 12, steps_per_epoch)])
    assert list(curves.steps["train_loss"].x) == list(range(12))
    assert list(curves.epochs["val_loss"].x) == list(range(1, 12 // steps_per_epoch + 1))
    assert list(curves.steps["train_loss"].y) == [1.0] * resumed_from + [2.0] * (12 - resumed_from)
    assert curves.step == 12


def _train(attempt: int, first: int, end: int, steps_per_epoch: int) -> list[events.AnyEvent]:
    made: list[events.AnyEvent] = []
    for step in range(first, end):
        epoch = step // steps_per_epoch + 1
        made.append(Step(attempt=attempt, step=step, epoch=epoch, metrics={"train_loss": float(attempt)}))
        if (step + 1) % steps_per_epoch == 0:
            made.append(Epoch(attempt=attempt, epoch=epoch, step=step + 1, metrics={"val_loss": float(attempt)}))
    return made


def test_a_late_line_of_an_older_attempt_changes_nothing() -> None:
    curves = Curves()
    curves.extend([Attempt(attempt=2, from_step=0), Step(attempt=1, step=0, epoch=1, metrics={"train_loss": 9.0})])
    assert curves.steps == {}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0])
def test_spelling_and_reading_are_inverse(value: float) -> None:
    assert repr(number(spell(value))) == repr(value)


@pytest.mark.parametrize("line", [b'{"type":"log","message":"\xff"}', b'{"type":"attempt","facts":' + b"[" * 200_000])
def test_a_line_that_is_no_text_or_nested_without_end_is_skipped_like_any_other_damage(
    tmp_path: Path, line: bytes
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(line + b"\n" + encode(Log(message="after")))
    reader = EventReader(path)
    (event,) = reader.read()
    assert isinstance(event, Log)
    assert (event.message, reader.skipped) == ("after", 1)


def test_a_metric_that_is_no_number_counts_as_missing() -> None:
    curves = Curves()
    curves.extend([Epoch(epoch=1, step=5, metrics={"val_loss": "n/a", "train_loss": "inf"})])
    assert list(curves.epochs["train_loss"].y) == [math.inf]
    assert not curves.epochs.get("val_loss")
