"""Rows of a table are taken in many at once: no event differs from what they make one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.foreign.logs import LOGS, polled
from training.foreign import table
from training.foreign.reading import open_source, read
from training.runs.events import AnyEvent, Steps, encode
from training.runs.steps import one_by_one

HEADERS = (
    ("epoch", "step", "train_loss", "val_loss", "lr"),
    ("epoch", "step", "train_loss_step", "train_loss_epoch", "val_loss", "val_acc"),
    ("step", "loss", "acc"),
    ("epoch", "train/box_loss", "train/cls_loss", "val/box_loss", "lr/pg0"),
    ("epoch", "step", "loss", "train_error", "val_loss"),
    ("epoch", "loss", "val_loss"),
    ("step", "epoch", "train_loss", "grad_norm", "custom"),
    ("epoch", "step", "loss", "loss"),
)
CELLS = (
    "",
    "0.5",
    "0.25",
    "1",
    "1.05",
    "-0.5",
    "33.0",
    "nan",
    "inf",
    "1e400",
    ".5",
    "2.",
    "+1",
    "1_0",
    "null",
    "5%",
    "x",
    " 1 ",
)
ODD = ("", "# a comment", "epoch,step,train_loss,val_loss,lr", ",,,,", "   ", "1,2", "0,0,1,1,1,1,1", 'a,"b,c",d')


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Stretches of rows of one kind, with an epoch and a step that mostly go on, and odd lines between them."""
    names = draw(st.sampled_from(HEADERS))
    delimiter = draw(st.sampled_from((",", ",", ";", "\t")))
    lines, step, epoch = [delimiter.join(names)], 0, draw(st.integers(0, 1))
    for _ in range(draw(st.integers(1, 12))):
        cells = [draw(st.sampled_from(CELLS[:4] if draw(st.integers(0, 5)) else CELLS)) for _ in names]
        for _ in range(draw(st.integers(1, 9))):
            row = list(cells)
            for place, name in enumerate(names):
                if name == "epoch" and row[place]:
                    row[place] = str(epoch)
                if name == "step" and row[place]:
                    row[place] = str(step)
                if "loss" in name and row[place] == "0.5":
                    row[place] = str(round(1 / (abs(step) + 1), 6))
            lines.append(delimiter.join(row))
            step += 1
        if not draw(st.integers(0, 9)):
            lines.append(draw(st.sampled_from(ODD)))
        epoch += draw(st.sampled_from((0, 1, 1, 1, -1, 3)))
        step += draw(st.sampled_from((0, 0, 0, 50, -7, 10**13)))
    return "\n".join(lines) + "\n" * draw(st.integers(0, 1))


@st.composite
def regular(draw: st.DrawFn) -> str:
    """Epochs of so many like rows that they are told as soon as they are complete, and then some that are not."""
    lines, step = ["epoch,step,train_loss,val_loss,custom"], 0
    size = draw(st.integers(2, 6))
    ends = draw(st.sampled_from(("0.5", "")))
    for epoch in range(draw(st.integers(3, 8))):
        rows = draw(st.sampled_from((size, size, size, size + 1, size + 4, size - 1)))
        for place in range(rows):
            train = draw(st.sampled_from(("0.1", "0.1", "0.1", "")))
            lines.append(f"{epoch},{step},{train},{ends if place == rows - 1 else ''},0.3")
            step += 1
    return "\n".join(lines) + "\n"


def told(path: Path, block: int) -> tuple[list[bytes], int, object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "BLOCK", block)
        source = open_source(path)
        events = source.finish()
    return [encode(event) for event in events], source.skipped, source.config


@settings(max_examples=400, deadline=None)
@given(tables() | regular())
def test_rows_many_at_once_are_what_they_are_one_by_one(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text(text)
    assert told(path, 512) == told(path, 1)
    assert told(path, 5) == told(path, 1)


def test_rows_among_which_the_first_percentage_is_are_told_as_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    shares = "".join(f"0,{step},0.5,0.{step % 9 + 1}\n" for step in range(20))
    path.write_text("epoch,step,train_loss,train_acc\n" + shares + "0,20,0.4,0.9\n0,21,0.4,33.5\n0,22,0.4,0.8\n")
    assert told(path, 512) == told(path, 1)
    assert b'"train_acc":0.335' in b"".join(told(path, 512)[0])


@settings(max_examples=100, deadline=None)
@given(tables(), st.data())
def test_a_log_in_columns_says_the_same_while_it_grows_and_at_its_end(
    tmp_path_factory: pytest.TempPathFactory, text: str, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    header = text.index("\n") + 1
    cut = data.draw(st.integers(header, len(text)))
    path.write_text(text[:cut])
    one, other = open_source(path), open_source(path)
    events, columns = polled(one), polled_columns(other)
    rest = other.rest()
    path.write_text(text)
    events += polled(one)
    columns += polled_columns(other)
    assert spelled(columns) == spelled(events)
    final = open_source(path)
    polled(final)
    if cut == len(text):
        assert spelled(rest) == spelled(final.finish())


@pytest.mark.parametrize("known", [0, 1, 130, 255, 2000])
def test_a_log_that_is_written_anew_with_what_it_said_before_says_only_the_rest(tmp_path: Path, known: int) -> None:
    path = tmp_path / "log.csv"
    lines = [f"{step // 100},{step},{1 / (step + 1):.6f}\n" for step in range(2000)]
    path.write_text("epoch,step,train_loss\n" + "".join(lines[:known]))
    source = open_source(path)
    events = polled_columns(source)
    other = tmp_path / "other"
    other.write_text("epoch,step,train_loss\n" + "".join(lines))
    other.replace(path)
    events += polled_columns(source)
    assert spelled([*events, *source.finish()]) == spelled(read(path).events)


def polled_columns(source: object) -> list[AnyEvent]:
    found: list[AnyEvent] = []
    while new := source.poll_columns():  # type: ignore[attr-defined]
        found += new
    return found


def spelled(events: list[AnyEvent]) -> list[bytes]:
    return [encode(event) for event in one_by_one(events)]


@pytest.mark.parametrize("name", sorted(path.name for path in LOGS.iterdir() if path.suffix in (".csv", ".jsonl")))
def test_the_logs_of_real_tools_say_the_same_in_columns(name: str) -> None:
    assert spelled(polled_columns(open_source(LOGS / name))) == spelled(polled(open_source(LOGS / name)))


def test_a_long_log_comes_in_few_events(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    lines = "".join(f"{step // 100},{step},{1 / (step + 1):.6f}\n" for step in range(5000))
    path.write_text(f"epoch,step,train_loss\n{lines}")
    events = polled_columns(open_source(path))
    assert len(events) < 250
    assert sum(event.count for event in events if isinstance(event, Steps)) > 4500
    assert spelled(events) == spelled(polled(open_source(path)))


def test_what_a_log_holds_back_can_be_asked_for_and_still_comes_later(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss,val_loss\n1,1,1\n2,1,1\n3,1,1\n4,1,1\n4,0.5,0.5\n")
    source = open_source(path)
    before = source.poll()
    rest = source.rest()
    assert rest
    assert source.rest() == rest
    assert before + source.finish() == read(path).events
