"""Names of metrics are text from outside: none reaches a terminal, a table or a clipboard as more than text."""

from __future__ import annotations

import io
from array import array
from pathlib import Path

import pytest

from tests.tui.fakes import FakeRun
from training.cli.main import run_verb
from training.curve import Series
from training.curves import Curves
from training.runs.columns import RunColumns
from training.runs.events import AnyEvent, Attempt, Epoch, Step
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.steps import in_columns
from training.story.columns import tsv
from training.story.export import csv
from training.text import clean_name, has_controls

EVIL = "val_a\x1b]0;PWN\x07\x9b31mb\u202e\nrm -rf /\n"
CLEAN = "val_ab rm -rf /"


def evil_run(tmp_path: Path, name: str = "evil") -> RunFolder:
    run = FakeRun(tmp_path, name)
    run.begin()
    run.train_step(**{EVIL: 1.0})
    for epoch in range(1, 4):
        run.write(Epoch(epoch=epoch, step=45 * epoch, metrics={"val_loss": 1 / epoch, EVIL: float(epoch)}))
    run.finish()
    run.change_summary(latest={EVIL: 3.0, "val_loss": 0.3}, test={EVIL: 2.0})
    return run.folder


def test_a_name_is_kept_as_it_is_where_all_of_it_can_be_shown() -> None:
    for name in ("val_loss", "grad  norm", "Präzision µ", "损失"):
        assert clean_name(name) is name
    assert clean_name(EVIL) == CLEAN
    assert clean_name("\x1b[31m") == "\ufffd"


def test_curves_have_clean_names_however_they_are_read() -> None:
    steps: list[AnyEvent] = [
        Step(seq=n, attempt=1, t=1.0 + n, step=n, epoch=1, metrics={EVIL: float(n)}) for n in range(1, 9)
    ]
    begin = Attempt(seq=0, attempt=1, t=1.0, epochs=3, steps_per_epoch=8)
    for events in ([begin, *steps], [begin, *in_columns(steps)]):
        curves = Curves()
        for event in events:
            curves.extend([event])
        assert {name: list(series.y) for name, series in curves.steps.items()} == {CLEAN: [1, 2, 3, 4, 5, 6, 7, 8]}


def test_a_table_for_the_clipboard_has_as_many_columns_and_rows_as_it_says() -> None:
    told = tsv({EVIL: Series(range(1, 2), array("d", [0.5]))}, "epoch")
    assert told == f"epoch\t{CLEAN}\n1\t0.5"


@pytest.mark.parametrize("words", [["compare", "a", "b", "--metric", CLEAN], ["show", "a"], ["plot", "a"],
                                   ["plot", "a", "--chart", "ab rm -rf /"], ["runs"]])  # fmt: skip
def test_no_verb_prints_what_a_terminal_obeys(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path))
    for name in "ab":
        evil_run(tmp_path, name)
    assert run_verb(words, lambda *_: 0) == 0, capsys.readouterr().err
    told = capsys.readouterr().out
    assert not has_controls(told.replace("\n", "").replace("\t", ""))
    assert "PWN" not in told


def test_lists_call_such_a_metric_by_its_clean_name_and_find_its_value(tmp_path: Path) -> None:
    run = view(evil_run(tmp_path))
    assert run is not None
    columns = RunColumns([run]).by_key
    assert not any(has_controls(column.key + column.title) for column in columns.values())
    assert columns[CLEAN].value(run) == 3.0


def test_a_csv_has_its_values_under_the_clean_name(tmp_path: Path) -> None:
    batches = csv.log_of(evil_run(tmp_path).events)
    file = io.BytesIO()
    csv.write_log(batches, file, names=csv.columns(batches))
    header, *rows = file.getvalue().decode().splitlines()
    assert CLEAN in header.split(",")
    assert len(rows) == 4
    assert rows[-1] == "epoch,135,3,3.0,0.3333333333333333"
