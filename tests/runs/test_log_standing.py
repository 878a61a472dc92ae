"""What stands of a log, told batch by batch: the same as of the log in whole."""

from __future__ import annotations

import tracemalloc
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.runs.events import AnyEvent, Attempt, Epoch, Log, Step, encode
from training.runs.log import EventReader, read_all, standing, standing_batches

DAMAGE = (
    b"",
    b"\r",
    b"  ",
    b'{"type":"step","st',
    b'{"type":"hologram","seq":3}',
    b'{"type":"step","step":1,"epoch":1,"metrics":{"lr":[1]}}',
    b'{"type":"step","step":1,"epoch":1,"type":"attempt"}',
    b'{"type":"log","message":"\xff"}',
)
numbers = st.integers(0, 40)


def turned(event: AnyEvent) -> bytes:
    """The line with its keys in another order, as another writer may spell it."""
    fields = msgspec.json.decode(encode(event))
    return msgspec.json.encode(dict(reversed(fields.items()))) + b"\n"


def stamped(event: AnyEvent, seq: int, attempt: int) -> AnyEvent:
    event.seq, event.attempt = seq, attempt
    return event


events = st.builds(
    stamped,
    st.one_of(
        st.builds(Step, step=numbers, epoch=numbers, metrics=st.sampled_from([{}, {"train_loss": 1.5, "x": "nan"}])),
        st.builds(Step, step=numbers, epoch=numbers),
        st.builds(Epoch, step=numbers, epoch=numbers),
        st.builds(Log, message=st.text(max_size=3)),
        st.builds(Attempt, from_seq=numbers),
    ),
    seq=numbers,
    attempt=st.integers(0, 4),
)
lines = st.one_of(events.map(encode), events.map(turned), st.sampled_from(DAMAGE).map(lambda line: line + b"\n"))


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=60), st.binary(max_size=4), st.integers(1, 7))
def test_batches_hold_what_stands_of_any_log(lines: list[bytes], torn: bytes, batch: int) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.runs.log._BATCH", batch)
        path = Path(folder) / "events.jsonl"
        path.write_bytes(b"".join(lines) + torn.replace(b"\n", b""))
        assert list(chain(*standing_batches(path))) == standing(read_all(path))


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, max_size=30))
def test_damaged_lines_cost_none_of_those_around_them(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        alone = []
        for line in lines:
            path.write_bytes(line)
            reader = EventReader(path)
            alone.append((reader.read(), reader.skipped))
        path.write_bytes(b"".join(lines))
        reader = EventReader(path)
        assert reader.read() == [event for found, _ in alone for event in found]
        assert reader.skipped == sum(skipped for _, skipped in alone)


def test_a_log_that_is_not_there_has_no_batches_to_show(tmp_path: Path) -> None:
    assert list(chain(*standing_batches(tmp_path / "events.jsonl"))) == []


def test_an_attempt_that_begins_while_the_log_is_read_is_for_the_next_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.runs.log._BATCH", 2)
    path = tmp_path / "events.jsonl"
    steps = [stamped(Step(step=step, epoch=1), step, 1) for step in range(4)]
    path.write_bytes(b"".join(map(encode, steps)))
    batches = standing_batches(path)
    seen = next(batches)
    with path.open("ab") as file:
        file.write(encode(stamped(Attempt(from_seq=1), 4, 2)) + encode(stamped(Step(step=1, epoch=1), 5, 2)))
    assert [*seen, *chain(*batches)] == steps
    assert [event.seq for event in chain(*standing_batches(path))] == [0, 4, 5]


def test_the_memory_that_it_takes_does_not_grow_with_the_log(tmp_path: Path) -> None:
    peaks = []
    for count in (20_000, 60_000):
        path = tmp_path / f"{count}.jsonl"
        path.write_bytes(
            b"".join(encode(stamped(Step(step=step, epoch=1, metrics={"x": 1.0}), step, 1)) for step in range(count))
        )
        tracemalloc.start()
        assert sum(map(len, standing_batches(path))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
