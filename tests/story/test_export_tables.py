"""Charts as CSV, and the files that charts are written to."""

from __future__ import annotations

import csv as standard_csv
import io
import math
import os
import stat
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fakes import FakeRun
from training.errors import InvalidInput, RunFailed
from training.runs.events import AnyEvent, Epoch, Step, spell, spell_all
from training.runs.steps import in_columns
from training.story.export import csv
from training.story.export.figure import FigureCurve
from training.story.export.target import check, free_name, write


def table_of(batches: csv.Batches, names: list[str] | None = None) -> list[dict[str, str]]:
    file = io.BytesIO()
    csv.write_log(batches, file, names=csv.columns(batches) if names is None else names)
    return list(standard_csv.DictReader(io.StringIO(file.getvalue().decode())))


def same(spelled: str, value: float) -> bool:
    """To the last bit; every nan is one."""
    read = float(spelled)
    return (
        math.isnan(read) if math.isnan(value) else read == value and math.copysign(1, read) == math.copysign(1, value)
    )


# Tables


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_every_number_reads_back_as_the_very_same(numbers: list[float]) -> None:
    events: list[AnyEvent] = [
        Step(step=index, epoch=1, metrics={"train_loss": spell(value)}) for index, value in enumerate(numbers)
    ]
    rows = table_of(lambda: [events])
    assert [int(row["step"]) for row in rows] == list(range(len(numbers)))
    assert all(same(row["train_loss"], value) for row, value in zip(rows, numbers, strict=True))


def test_rows_are_of_steps_and_of_epochs_and_what_was_not_logged_is_empty() -> None:
    events: list[AnyEvent] = [
        Epoch(epoch=0, step=0, metrics={"val_loss": 2.3}),
        Step(step=0, epoch=1, metrics=spell_all({"train_loss": math.nan, "lr": 0.1})),
        Step(step=1, epoch=1, metrics=spell_all({"train_loss": math.inf})),
        Epoch(epoch=1, step=2, metrics=spell_all({"val_loss": -math.inf, "odd": 1.0})),
    ]
    assert table_of(lambda: [events]) == [
        {"kind": "epoch", "step": "0", "epoch": "0", "val_loss": "2.3", "train_loss": "", "lr": "", "odd": ""},
        {"kind": "step", "step": "0", "epoch": "1", "val_loss": "", "train_loss": "nan", "lr": "0.1", "odd": ""},
        {"kind": "step", "step": "1", "epoch": "1", "val_loss": "", "train_loss": "inf", "lr": "", "odd": ""},
        {"kind": "epoch", "step": "2", "epoch": "1", "val_loss": "-inf", "train_loss": "", "lr": "", "odd": "1.0"},
    ]
    assert [row["kind"] for row in table_of(lambda: [events], ["lr"])] == ["step"]


def test_a_table_holds_what_stands_of_a_resumed_run_and_nothing_twice(tmp_path: Path) -> None:
    run = FakeRun(tmp_path)
    run.begin()
    run.learn(2)
    place = run.checkpoint("last")
    run.learn(2)
    run.go_on(place)
    run.learn(1)
    rows = table_of(csv.log_of(run.folder.events))
    steps = [int(row["step"]) for row in rows if row["kind"] == "step"]
    assert steps == list(range(run.step))
    assert [int(row["epoch"]) for row in rows if row["kind"] == "epoch"] == [1, 2, 3]


def test_steps_that_are_held_in_columns_are_rows_all_the_same() -> None:
    steps: list[AnyEvent] = [
        Step(step=at, epoch=1, seq=at, metrics={"loss": at / 3, **({"lr": 0.1} if at % 2 else {})}) for at in range(5)
    ]
    held = list(in_columns(steps))
    assert len(held) == 1
    assert table_of(lambda: [held]) == table_of(lambda: [steps])


def test_names_of_metrics_are_quoted_where_they_need_it() -> None:
    events: list[AnyEvent] = [Epoch(epoch=1, step=1, metrics={'a,"b"': 1.0, "c\nd": 2.0})]
    assert table_of(lambda: [events])[0] == {"kind": "epoch", "step": "1", "epoch": "1", 'a,"b"': "1.0", "c d": "2.0"}


def test_curves_of_several_runs_are_told_apart_by_their_name() -> None:
    file = io.BytesIO()
    first = FigureCurve("a", [1.0, 2.0], [0.5, math.nan], 2, low=[0.4, 0.3], high=[0.6, 0.9])
    second = FigureCurve("b", [0.0, 1.0], [0.1, 0.2], 3, lambda step: (step + 1) / 2)
    assert csv.write_curves([first, second], "epoch", file) == 4
    assert file.getvalue().decode().splitlines() == [
        "curve,epoch,value,low,high",
        "a,1.0,0.5,0.4,0.6",
        "a,2.0,nan,0.3,0.9",
        "b,0.5,0.1,,",
        "b,1.0,0.2,,",
    ]


# Files


def fill(file: BinaryIO) -> None:
    file.write(b"all of it")


def test_a_file_is_written_whole_with_the_usual_rights_and_nothing_beside_it(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write(tmp_path / "a.svg", fill)
    finally:
        os.umask(mask)
    assert (tmp_path / "a.svg").read_bytes() == b"all of it"
    assert stat.S_IMODE((tmp_path / "a.svg").stat().st_mode) == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a.svg"]


def test_a_file_that_came_to_be_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def fill_late(file: BinaryIO) -> None:
        (tmp_path / "a.svg").write_text("mine")
        file.write(b"other")

    with pytest.raises(InvalidInput, match="is there already"):
        write(tmp_path / "a.svg", fill_late)
    assert (tmp_path / "a.svg").read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["a.svg"]
    write(tmp_path / "a.svg", fill, force=True)
    assert (tmp_path / "a.svg").read_bytes() == b"all of it"


def test_where_there_are_no_hard_links_a_file_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write(tmp_path / "a.svg", fill)
    assert (tmp_path / "a.svg").read_bytes() == b"all of it"
    with pytest.raises(InvalidInput, match="is there already"):
        write(tmp_path / "a.svg", fill)


def test_what_fails_half_way_leaves_no_file(tmp_path: Path) -> None:
    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(RunFailed, match="could not be written: No space left on device"):
        write(tmp_path / "a.svg", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="gone cannot be written to: No such file"):
        write(tmp_path / "gone" / "a.svg", fill)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.jpg", "is written as .svg, .png or .csv"),
        ("noending", "is written as .svg, .png or .csv"),
        ("gone/a.svg", "no such folder"),
        ("folder", "is a folder"),
        ("there.svg", "is there already"),
        ("dangling.svg", "is there already"),
    ],
)
def test_what_cannot_be_written_is_said_before(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "there.svg").touch()
    (tmp_path / "dangling.svg").symlink_to("nowhere")
    with pytest.raises(InvalidInput, match=words):
        check(tmp_path / name)


def test_the_ending_decides_whatever_its_case(tmp_path: Path) -> None:
    assert [check(tmp_path / name) for name in ("A.SVG", "b.Png", "c.csv")] == [".svg", ".png", ".csv"]


def test_a_proposed_name_is_free_and_one_that_every_system_takes(tmp_path: Path) -> None:
    assert free_name(tmp_path, "run 1", "loss") == "run-1-loss.svg"
    (tmp_path / "run-1-loss.svg").touch()
    (tmp_path / "run-1-loss-2.svg").touch()
    assert free_name(tmp_path, "run 1", "loss") == "run-1-loss-3.svg"
    assert free_name(tmp_path, "../../etc/\x1b[31m", "a/b") == "etc-a-b.svg"
    assert free_name(tmp_path, "", "..") == "chart.svg"
