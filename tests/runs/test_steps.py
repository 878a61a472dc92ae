"""Steps in columns, and logs that are read so: nothing is lost on the way."""

from __future__ import annotations

from array import array
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.long_log import long_run
from tests.curve_reading import seen
from training.curves import Curves
from training.runs.column_reader import ColumnReader, in_batches
from training.runs.events import AnyEvent, Epoch, Log, Metrics, Step, Steps, decode, encode
from training.runs.log import EventReader, EventWriter, length, read_all
from training.runs.steps import count_of, in_columns, last_of, one_by_one, without

values = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["nan", "inf", "-inf"]))
rows: st.SearchStrategy[Metrics] = st.dictionaries(
    st.sampled_from(["train_loss", "lr", "grad_norm", "images_per_s"]), values, max_size=4
)


def steps_of(metrics: list[Metrics], numbers: list[int], times: list[float], epoch: int = 1) -> list[Step]:
    return [
        Step(seq=place, attempt=1, t=t, step=step, epoch=epoch, metrics=row)
        for place, (row, step, t) in enumerate(zip(metrics, numbers, times, strict=False))
    ]


some_steps = st.builds(
    steps_of,
    st.lists(rows, max_size=12),
    st.one_of(st.just(list(range(12))), st.lists(st.integers(0, 99), min_size=12, max_size=12)),
    st.one_of(st.just([0.0] * 12), st.lists(st.floats(1, 99), min_size=12, max_size=12)),
    st.integers(1, 2),
)
a_log = st.lists(
    st.one_of(some_steps, st.builds(lambda: [Log(message="a")]), st.builds(lambda: [Epoch(epoch=1, step=3)])),
    max_size=4,
)


def numbered(events: list[AnyEvent]) -> list[AnyEvent]:
    for place, event in enumerate(events):
        event.seq = place
    return events


def plain(events: list[AnyEvent]) -> list[AnyEvent]:
    """NaN is not equal to itself, but spelled it is."""
    return [decode(encode(event)) for event in events]


@settings(max_examples=200, deadline=None)
@given(a_log)
def test_there_and_back_is_the_same(parts: list[list[AnyEvent]]) -> None:
    events = numbered([event for part in parts for event in part])
    columns = list(in_columns(events))
    assert plain(list(one_by_one(columns))) == plain(events)
    assert sum(map(count_of, columns)) == len(events)
    assert plain(list(one_by_one(decode(encode(event)) for event in columns))) == plain(events)


@settings(max_examples=100, deadline=None)
@given(some_steps, st.integers(0, 5))
def test_a_block_gives_its_last_step_and_what_follows_its_first(steps: list[Step], dropped: int) -> None:
    blocks = list(in_columns(steps))
    if not (blocks and isinstance(blocks[0], Steps)):
        return
    assert plain([last_of(blocks[0])]) == plain([steps[-1]])
    if dropped < len(steps):
        assert plain(list(one_by_one([without(blocks[0], dropped)]))) == plain(list(steps[dropped:]))


def test_steps_of_one_epoch_and_attempt_are_one_block_and_others_are_not() -> None:
    steps = [
        Step(seq=place, attempt=1 + (place >= 6), step=place, epoch=1 + place // 3, metrics={"lr": 1.0})
        for place in range(9)
    ]
    blocks = list(in_columns(steps))
    assert [(block.epoch, block.attempt, count_of(block)) for block in blocks if isinstance(block, Steps)] == [
        (1, 1, 3), (2, 1, 3), (3, 2, 3),
    ]  # fmt: skip


def test_a_step_with_a_metric_that_is_no_number_stays_a_step() -> None:
    steps: list[AnyEvent] = [Step(seq=place, step=place, epoch=1, metrics={"lr": "n/a"}) for place in range(3)]
    assert list(in_columns(steps)) == steps


def test_a_step_beyond_all_counting_stays_a_step() -> None:
    steps: list[AnyEvent] = [Step(seq=seq, step=10**place, epoch=1) for seq, place in enumerate((17, 18, 30))]
    assert list(in_columns(steps)) == steps


@pytest.mark.parametrize(
    "damage",
    [
        {"count": 0}, {"count": 3}, {"count": -1}, {"by": 0}, {"first": 1 << 60}, {"steps": "AAAA"}, {"times": "AAAA"},
        {"metrics": {"lr": "AAAA"}}, {"places": {"lr": ""}}, {"count": "two"},
        {"places": {"lr": msgspec.json.decode(msgspec.json.encode(array("q", [0, 2]).tobytes()))}},
    ],
)  # fmt: skip
def test_a_block_that_does_not_add_up_is_a_damaged_line(damage: dict[str, object]) -> None:
    (block,) = in_columns([Step(seq=place, step=place, epoch=1, metrics={"lr": 1.0}) for place in range(2)])
    whole = msgspec.json.decode(encode(block))
    assert decode(msgspec.json.encode(whole)) == block
    with pytest.raises(msgspec.DecodeError):
        decode(msgspec.json.encode(whole | damage))


def test_a_log_read_in_columns_is_the_log(tmp_path: Path) -> None:
    folder = long_run(tmp_path, 12_345, 400)
    batches = list(in_batches(folder.events))
    assert list(one_by_one(event for batch in batches for event in batch)) == read_all(folder.events)
    by_columns, by_events = Curves(), Curves()
    for batch in batches:
        by_columns.extend(batch)
    by_events.extend(read_all(folder.events))
    assert seen(by_columns) == seen(by_events)
    assert by_columns.steps["train_loss"].x == range(12_345)


DAMAGE = (b"", b"not json", b'{"type":"step","step":1', b'{"type":"tomorrow"}', b"\xff", b'{"type":"end"}')


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.integers(1, 4), st.sampled_from(DAMAGE)), max_size=12), st.integers(20, 400), st.booleans()
)
def test_what_is_damaged_is_left_out_and_counted_as_by_the_other_reader(
    tmp_path_factory: pytest.TempPathFactory, parts: list[int | bytes], piece: int, torn: bool
) -> None:
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    step = 0
    lines: list[bytes] = []
    for part in parts:
        for _ in range(part if isinstance(part, int) else 0):
            lines.append(encode(Step(seq=len(lines), step=step, epoch=1, metrics={"lr": 0.1 * step})))
            step += 1
        if isinstance(part, bytes):
            lines.append(part + b"\n")
    path.write_bytes(b"".join(lines) + (b'{"type":"st' if torn else b""))
    one, other = ColumnReader(path), EventReader(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.runs.column_reader.PIECE", piece)
        patch.setattr("training.runs.column_reader.CHUNK", 2 * piece)
        found: list[AnyEvent] = []
        while not one.at_end:
            found += one.read(seconds=5)
    assert list(one_by_one(found)) == other.read()
    assert one.skipped == other.skipped


def test_two_events_on_one_line_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    line = encode(Log(message="a")).rstrip()
    path.write_bytes(line + line + b"\n" + line + b"\n")
    reader = ColumnReader(path)
    assert (len(reader.read()), reader.skipped) == (1, 1)


def test_a_log_that_grows_byte_by_byte_is_read_once(tmp_path: Path) -> None:
    whole = b"".join(encode(Step(step=step, epoch=1, metrics={"lr": 1.0})) for step in range(5))
    path = tmp_path / "events.jsonl"
    reader = ColumnReader(path)
    assert reader.read() == []
    found: list[AnyEvent] = []
    with path.open("wb", buffering=0) as file:
        for byte in whole:
            file.write(bytes([byte]))
            found += reader.read()
    assert [event.step for event in found if isinstance(event, Step)] == list(range(5))
    assert reader.share == 1.0


def test_steps_with_a_gap_in_their_numbers_are_two_blocks() -> None:
    steps = [
        Step(seq=2 * place if place > 3 else place, step=place, epoch=1, metrics={"lr": 1.0}) for place in range(9)
    ]
    blocks = list(in_columns(steps))
    assert list(one_by_one(blocks)) == steps
    assert [count_of(block) for block in blocks] == [4, 1, 1, 1, 1, 1]


def test_a_batch_is_bounded_and_says_how_far_it_is(tmp_path: Path) -> None:
    folder = long_run(tmp_path, 12_345, 4000)
    reader = ColumnReader(folder.events)
    first = reader.read(limit=1000)
    assert 1000 <= sum(map(count_of, first)) < 2000
    assert not reader.at_end
    assert reader.share == pytest.approx(sum(map(count_of, first)) / 12_345, rel=0.1)
    reader.read(limit=10**9, seconds=60)
    assert reader.at_end
    assert reader.share == 1.0


def test_the_numbers_of_a_log_go_on_behind_a_block(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    (block,) = in_columns([Step(seq=place, step=place, epoch=1, metrics={"lr": 1.0}) for place in range(7)])
    with EventWriter(path) as writer:
        writer.write(Log(message="a"))
        writer.write(block)
        writer.write(Log(message="b"))
    assert [event.seq for event in read_all(path)] == [0, 1, 8]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    assert length(path) == 8
