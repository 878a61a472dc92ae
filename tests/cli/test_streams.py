"""Verbs in odd surroundings: closed streams, terminals of plain ASCII, folders that may not be read."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import traindeck
from tests.runs.builders import add_process, beat, make_run
from training.cli import stop
from training.cli.output import say_json

ENTRY = Path(traindeck.__file__)


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runs folder with one finished run, and a home of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    make_run(tmp_path / "runs", "a", state="finished", model="CNN 32-64 · 128")
    return tmp_path / "runs"


def shell(command: str) -> subprocess.CompletedProcess[str]:
    line = f'"{sys.executable}" "{ENTRY}" {command}'
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("closing", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(closing: str) -> None:
    done = shell(f"runs {closing}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_an_input_the_app_says_that_it_needs_a_terminal() -> None:
    done = shell("<&-")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_an_output_that_is_full_gets_one_sentence() -> None:
    done = shell("runs >/dev/full")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


def test_json_is_read_back_from_a_terminal_of_plain_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert traindeck.main(["runs", "--json"]) == 0
    (run,) = json.loads(raw.getvalue())
    assert run["model"] == "CNN 32-64 · 128"


def test_a_path_that_is_no_text_survives_json(capsys: pytest.CaptureFixture[str]) -> None:
    path = os.fsdecode(b"/data/d\xff")
    say_json({"path": path})
    assert os.fsencode(json.loads(capsys.readouterr().out)["path"]) == b"/data/d\xff"


def test_a_file_that_may_not_be_read_is_named_with_the_reason(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain_open = Path.open

    def closed(path: Path, *more: Any, **how: Any) -> Any:
        if path.name == "events.jsonl":
            raise PermissionError(13, "Permission denied", str(path))
        return plain_open(path, *more, **how)

    monkeypatch.setattr(Path, "open", closed)
    assert traindeck.main(["diagnose", "a"]) == 1
    captured = capsys.readouterr()
    assert "events.jsonl: Permission denied." in captured.err


def test_a_runs_folder_that_cannot_be_read_is_not_called_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert traindeck.main(["runs", "--runs-dir", str(tmp_path / "file")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_run_without_events_and_config_is_shown_and_diagnosed(capsys: pytest.CaptureFixture[str]) -> None:
    assert traindeck.main(["show", "a"]) == 0
    assert traindeck.main(["diagnose", "a"]) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_a_silent_run_that_does_not_answer_is_not_called_stopped(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_run(runs, "hung")
    add_process(folder)
    beat(folder, seconds_ago=300)
    monkeypatch.setattr(stop, "WAIT_SECONDS", 0.0)
    assert traindeck.main(["stop", "hung"]) == 1
    assert "has not answered" in capsys.readouterr().out
