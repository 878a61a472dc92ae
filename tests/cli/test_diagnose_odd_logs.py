"""`diagnose` of logs that can be read in part, and reports into what is no file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import traindeck
from training.story.report import MARK

ROOT = Path(__file__).resolve().parents[2]
PARTLY = "epoch,train_loss,val_loss\n1,3,3\n2,x,y\n3,2,2\nred,green,blue\n5,1,1\n"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    (tmp_path / "runs").mkdir()
    path = tmp_path / "log.csv"
    path.write_text(PARTLY)
    return path


def test_rows_that_could_not_be_read_are_counted(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["diagnose", str(log)]) == 0
    assert capsys.readouterr().out.endswith("\n  2 rows could not be read\n")
    assert traindeck.main(["diagnose", str(log), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == 2
    assert traindeck.main(["diagnose", str(log), "--report", "-"]) == 0
    assert "- Not read: 2 rows\n" in capsys.readouterr().out


def test_a_log_of_which_nothing_can_be_read_is_an_error(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_text("epoch,train_loss\n1,x\n2,y\n")
    assert traindeck.main(["diagnose", str(log)]) == 2
    assert "2 of 2 rows could not be read" in capsys.readouterr().err


def test_a_report_goes_into_a_pipe_without_a_look_at_what_is_in_it(log: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, str(ROOT / "traindeck.py"), "diagnose", str(log), "--report"]
    with subprocess.Popen([*command, str(pipe)], stdout=subprocess.DEVNULL) as process:
        try:
            # Without waiting: were the pipe read first, this end would be the only one that is for reading.
            descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            os.set_blocking(descriptor, True)
            assert process.wait(30) == 0
            with os.fdopen(descriptor, "rb") as said:
                assert said.read().startswith(MARK.encode())
        finally:
            process.kill()
    assert pipe.is_fifo()
    done = subprocess.run([*command, "/dev/stdout"], capture_output=True, text=True, timeout=30, check=True)
    assert MARK in done.stdout
