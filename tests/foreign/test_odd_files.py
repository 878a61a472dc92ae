"""Files that are not what their names say, or hold rows that cannot be read."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.foreign.logs import epochs, polled, written
from training.errors import InvalidInput
from training.foreign.reading import open_source, read
from training.foreign.tail import Tail, Whole

ROWS = "epoch,train_loss,val_loss\n1,3,3\n2,2,2\n3,1,1\n"


@pytest.fixture
def alarm() -> Iterator[None]:
    """Ends a test that waits for ever."""

    def ring(*_: object) -> None:
        pytest.fail("it waits for the pipe")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 10)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm")
def test_a_pipe_in_a_folder_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InvalidInput, match=r"pipe\.csv cannot be read: it is no file"):
        read(tmp_path)
    (tmp_path / "log.csv").write_text(ROWS)
    assert len(epochs(read(tmp_path).events)) == 3


@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("kind", [Tail, Whole])
def test_a_log_that_was_replaced_by_a_pipe_has_nothing_new(tmp_path: Path, kind: type[Tail] | type[Whole]) -> None:
    path = tmp_path / "log.csv"
    path.write_text(ROWS)
    content = kind(path)
    assert content.read()[0] == ROWS.encode()
    path.unlink()
    os.mkfifo(path)
    assert content.read() == (b"", False)


def test_a_table_is_read_up_to_the_zeros_that_its_writer_took_ahead(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(ROWS.encode() + bytes(20000))
    log = read(path)
    assert (len(epochs(log.events)), log.skipped) == (3, 0)
    source = open_source(path)
    polled(source)
    path.write_bytes(ROWS.encode() + b"4,0.5,0.5\n5,0.4,0.4\n" + bytes(19000))
    assert [epoch for epoch, _ in epochs(polled(source))] == [4, 5]


def test_a_log_of_which_no_row_can_be_read_is_refused_with_their_number(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"log\.csv: 3 of 3 rows could not be read"):
        written(tmp_path, "epoch,train_loss\n1,x\n2,y\n3,z\n")
    with pytest.raises(InvalidInput, match="The only row could not be read"):
        written(tmp_path, "epoch,train_loss\n1,x\n")
    assert written(tmp_path, "epoch,train_loss\n1,x\n2,1\n3,z\n").skipped == 2


def test_one_column_is_not_two_metrics(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,ce\n1,3\n")
    with pytest.raises(InvalidInput, match="'ce' is mapped to val_loss and to train_loss"):
        read(path, {"val_loss": "ce", "train_loss": "ce "})
