"""Logs that grow, are torn, cut or written anew while they are watched."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.diagnosis.curves import CURVES
from tests.foreign.logs import LOGS, attempts, epochs, opened, polled
from training.errors import InvalidInput
from training.foreign.reading import open_source, read
from training.runs.events import AnyEvent, Epoch
from training.runs.log import standing

GROWING = (
    "lightning/metrics.csv",
    "keras.csv",
    "ultralytics_classify.csv",
    "timm.csv",
    "events.out.tfevents.by_step",
    "events.out.tfevents.hugging_face",
    "offline.wandb",
)
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _grown(path: Path, data: bytes, cuts: list[int]) -> list[AnyEvent]:
    """What is polled of a file that grows from cut to cut."""
    first, *later = sorted({min(cut, len(data)) for cut in cuts} | {len(data)})
    path.write_bytes(data[:first])
    source = open_source(path)
    events = polled(source)
    for begin, end in pairwise([first, *later]):
        with path.open("ab") as file:
            file.write(data[begin:end])
        events += polled(source)
    return events + source.finish()


@pytest.mark.parametrize("name", ["lightning/metrics.csv", "timm.csv", "events.out.tfevents.by_step"])
def test_a_log_that_grows_byte_by_byte_tells_what_it_tells_as_a_whole(tmp_path: Path, name: str) -> None:
    data = (LOGS / name).read_bytes()
    start = 120  # the head that tells which format it is
    assert _grown(tmp_path / "log", data, list(range(start, len(data)))) == read(LOGS / name).events


@pytest.mark.parametrize("name", GROWING)
@SLOW
@given(st.data())
def test_when_a_log_was_looked_at_makes_no_difference(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = (LOGS / name).read_bytes()
    cuts = data.draw(st.lists(st.integers(150, len(content)), max_size=12))
    path = tmp_path / "log"
    path.unlink(missing_ok=True)
    assert _grown(path, content, cuts) == read(LOGS / name).events


@SLOW
@given(st.data())
def test_a_labelled_curve_may_be_torn_anywhere(tmp_path: Path, data: st.DataObject) -> None:
    content = b"".join((CURVES / "run_046.jsonl").read_bytes().splitlines(keepends=True)[:60])
    cut = data.draw(st.integers(700, len(content)))
    path = tmp_path / "log"
    path.write_bytes(content)
    whole = read(path).events
    path.write_bytes(content[:cut])
    torn = read(path).events
    assert torn == whole[: len(torn)]


@pytest.mark.parametrize("name", [*GROWING, "hugging_face_epochs.json"])
@SLOW
@given(st.data())
def test_damaged_bytes_are_refused_or_passed_over(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = bytearray((LOGS / name).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "log"
    path.write_bytes(content)
    with suppress(InvalidInput):
        assert read(path).events


def test_a_trainer_state_that_is_written_anew_tells_only_what_is_new(tmp_path: Path) -> None:
    state = json.loads((LOGS / "hugging_face_epochs.json").read_text())
    history, path = state["log_history"], tmp_path / "trainer_state.json"
    path.write_text(json.dumps(state | {"log_history": history[:6]}))
    source = open_source(path)
    events = polled(source)
    for size in range(7, len(history) + 1):
        text = json.dumps(state | {"log_history": history[:size]})
        path.write_text(text[: len(text) // 2])  # looked at in the middle of a write
        assert source.poll() == []
        path.write_text(text)
        events += polled(source)
    assert events + source.finish() == read(LOGS / "hugging_face_epochs.json").events


def test_a_newer_checkpoint_of_the_trainer_is_gone_on_with(tmp_path: Path) -> None:
    whole = LOGS / "hugging_face_checkpoints" / "checkpoint-150" / "trainer_state.json"
    early = LOGS / "hugging_face_checkpoints" / "checkpoint-50" / "trainer_state.json"
    (tmp_path / "checkpoint-50").mkdir()
    (tmp_path / "checkpoint-50" / "trainer_state.json").write_bytes(early.read_bytes())
    source = open_source(tmp_path)
    first = polled(source)
    assert [epoch for epoch, _ in epochs(first)] == [1]
    (tmp_path / "checkpoint-150").mkdir()
    (tmp_path / "checkpoint-150" / "trainer_state.json").write_bytes(whole.read_bytes())
    assert first + polled(source) + source.finish() == read(whole).events


def test_a_table_that_is_written_anew_for_a_new_column_tells_only_what_is_new(tmp_path: Path) -> None:
    path, source = opened(tmp_path, "epoch,step,train_loss\n0,9,3\n1,19,2\n2,29,1\n")
    events = polled(source)
    path.write_text("epoch,step,train_loss,val_loss\n0,9,3,\n1,19,2,\n2,29,1,\n2,29,,0.5\n3,39,0.5,\n3,39,,0.4\n")
    events += polled(source) + source.finish()
    assert len(attempts(events)) == 1
    assert epochs(events)[:2] == [(1, {"train_loss": 3.0}), (2, {"train_loss": 2.0})]
    assert epochs(events)[-2:] == [
        (3, {"train_loss": 1.0, "val_loss": 0.5}),
        (4, {"train_loss": 0.5, "val_loss": 0.4}),
    ]


@pytest.mark.parametrize("way", ["cut", "replaced"])
def test_another_log_in_the_same_place_begins_anew(tmp_path: Path, way: str) -> None:
    header = "epoch,loss,val_loss\n"
    path, source = opened(tmp_path, header + "1,3,3\n2,2,2\n3,1,1\n")
    events = polled(source)
    if way == "replaced":
        other = tmp_path / "other.csv"
        other.write_text(header + "1,7,7\n2,6,6\n")
        other.replace(path)
    else:
        path.write_text(header + "1,7,7\n2,6,6\n")
    events += polled(source) + source.finish()
    assert [(attempt.attempt, attempt.from_seq) for attempt in attempts(events)] == [(1, 0), (2, 0)]
    assert [event.seq for event in events] == list(range(len(events)))
    assert [metrics["train_loss"] for _, metrics in epochs(standing(events))] == [7.0, 6.0]


def test_a_log_that_is_gone_for_a_moment_has_nothing_new(tmp_path: Path) -> None:
    path, source = opened(tmp_path, "epoch,loss,val_loss\n1,3,3\n2,2,2\n")
    events = polled(source)
    text = path.read_text()
    path.unlink()
    assert source.poll() == []
    path.write_text(text + "3,1,1\n")
    assert [event.epoch for event in events + polled(source) if isinstance(event, Epoch)] == [1, 2, 3]


def test_a_file_of_events_that_a_resume_adds_is_gone_on_with(tmp_path: Path) -> None:
    first, second = sorted((LOGS / "lightning_tensorboard").glob("events*"))
    (tmp_path / first.name).write_bytes(first.read_bytes())
    source = open_source(tmp_path)
    events = polled(source)
    (tmp_path / second.name).write_bytes(second.read_bytes())
    assert events + polled(source) + source.finish() == read(LOGS / "lightning_tensorboard").events


@SLOW
@given(st.data())
def test_two_folders_of_events_may_grow_in_any_order(tmp_path: Path, data: st.DataObject) -> None:
    shutil.rmtree(tmp_path)
    sides = {side: next((LOGS / "tensorboard_pair" / side).iterdir()) for side in ("train", "validation")}
    for side, log in sides.items():
        (tmp_path / side).mkdir(parents=True)
        (tmp_path / side / log.name).write_bytes(log.read_bytes()[:100])
    source = open_source(tmp_path)
    events = polled(source)
    for side in data.draw(st.lists(st.sampled_from(sorted(sides)), max_size=10)):
        size = (tmp_path / side / sides[side].name).stat().st_size + data.draw(st.integers(1, 300))
        (tmp_path / side / sides[side].name).write_bytes(sides[side].read_bytes()[:size])
        events += polled(source)
    for side, log in sides.items():
        (tmp_path / side / log.name).write_bytes(log.read_bytes())
    assert events + source.finish() == read(LOGS / "tensorboard_pair").events


def _table(size: int) -> str:
    rows = (f"{step // 10_000},{step},{2 - step / size:.5f},0.001" for step in range(size))
    return "epoch,step,train_loss,lr\n" + "\n".join(rows) + "\n"


def _records(size: int) -> str:
    return "".join(f'{{"step":{step},"loss":{2 - step / size:.5f},"lr":0.001}}\n' for step in range(size))


@pytest.mark.parametrize(("name", "make"), [("log.csv", _table), ("log.jsonl", _records)])
def test_long_logs_are_read_a_bounded_part_at_a_time(tmp_path: Path, name: str, make: Callable[[int], str]) -> None:
    _, source = opened(tmp_path, make(100_000), name)
    sizes, slowest = [], 0.0
    while True:
        before = time.process_time()
        events = source.poll()
        slowest = max(slowest, time.process_time() - before)
        if not events:
            break
        sizes.append(len(events))
    assert sum(sizes) > 99_000
    assert len(sizes) >= 2
    assert max(sizes) < 60_000
    assert slowest < 5 * (1 + os.getloadavg()[0])
