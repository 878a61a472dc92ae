"""`clean` and `pin`: what is asked, what is said, and what goes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import traindeck
from tests.runs.builders import add_process, beat, make_run, weigh
from training.runs import registry
from training.runs.layout import RunFolder
from training.runs.pin import pin


class Terminal:
    """Somebody at stdin who types this answer; `meanwhile` happens while they think."""

    def __init__(self, answer: str, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.answer = answer
        self.meanwhile = meanwhile

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        self.meanwhile()
        return self.answer


@pytest.fixture
def runs_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr("sys.stdin", StringIO(""))
    return tmp_path / "runs"


def over(runs_dir: Path, run_id: str, **changes: Any) -> RunFolder:
    folder = make_run(runs_dir, run_id, **{"state": "stopped", "created": 1.0, "ended": 2.0, **changes})
    weigh(folder, "best", 40_000_000)
    weigh(folder, "last", 100_000_000)
    return folder


def has_weights(folder: RunFolder) -> bool:
    return (folder.checkpoints / "last.pt").exists()


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert traindeck.main(list(words)) == code
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.out + captured.err


def test_a_dry_run_shows_what_would_go_and_why_the_others_stay(
    runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = over(runs_dir, "a")
    pin(over(runs_dir, "b"))
    lines = said(capsys, "clean", "--dry-run").splitlines()
    assert lines == [
        "RUN  FILES             SIZE",
        "a    best.pt, last.pt  140 MB",
        "2 files of 1 run, 140 MB.",
        "Left alone, pinned: b.",
    ]
    assert has_weights(folder)


def test_without_a_terminal_it_needs_yes(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = over(runs_dir, "a")
    assert "--yes" in said(capsys, "clean", code=2)
    assert "--yes" in json.loads(said(capsys, "clean", "--json", code=2))["remedy"]
    assert has_weights(folder)
    assert "Removed 2 files of 1 run: 140 MB are free." in said(capsys, "clean", "--yes")
    assert not has_weights(folder)
    assert "There are no weights to remove." in said(capsys, "clean")


@pytest.mark.parametrize(("answer", "code", "kept"), [("y\n", 0, False), ("\n", 2, True), ("", 2, True)])
def test_on_a_terminal_it_asks_and_takes_all_but_yes_for_no(
    runs_dir: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
    kept: bool,
) -> None:
    folder = over(runs_dir, "a")
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    output = said(capsys, "clean", code=code)
    assert "Remove 2 files of 1 run, 140 MB, for good? [y/N]" in output
    assert ("Nothing was removed." in output) == kept
    assert has_weights(folder) == kept


def test_a_run_that_is_corrected_while_the_question_stands_keeps_its_weights(
    runs_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, other = over(runs_dir, "parent"), over(runs_dir, "other")
    monkeypatch.setattr("sys.stdin", Terminal("y\n", lambda: make_run(runs_dir, "child", parent="parent")))
    output = said(capsys, "clean")
    assert "Left alone, other runs come from them: parent." in output
    assert (has_weights(parent), has_weights(other)) == (True, False)


def test_only_the_named_runs_are_cleaned_and_the_best_kept(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = over(runs_dir, "a"), over(runs_dir, "b")
    printed = json.loads(said(capsys, "clean", "a", "--keep", "best", "--yes", "--json"))
    assert printed == {
        "dry_run": False,
        "bytes": 100_000_000,
        "removed": [{"id": "a", "name": "a", "path": str(a.path), "files": ["last.pt"], "bytes": 100_000_000}],
        "passed_over": [],
        "failed": [],
    }
    assert (a.checkpoints / "best.pt").exists()
    assert not has_weights(a)
    assert has_weights(b)


def test_a_named_run_that_goes_on_is_left_alone_with_the_reason(
    runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = over(runs_dir, "busy", state="running", ended=0.0)
    add_process(folder)
    beat(folder, 0.0)
    assert "Left alone, going on: busy." in said(capsys, "clean", "busy", "--yes")
    assert has_weights(folder)


def test_older_counts_hours_days_and_weeks(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for run_id, days in (("new", 1), ("old", 10)):
        over(runs_dir, run_id, ended=time.time() - days * 86400)
    for older, meant in (("12h", {"new", "old"}), ("2d", {"old"}), ("1w", {"old"}), ("2w", set[str]())):
        printed = json.loads(said(capsys, "clean", "--older", older, "--dry-run", "--json"))
        assert {run["id"] for run in printed["removed"]} == meant, older


@pytest.mark.parametrize("older", ["banana", "30", "-1d", "1.5d", "30 d", "d", "٣d", "9999999w", "\x1b[31md"])
def test_a_time_that_is_none_is_refused(runs_dir: Path, capsys: pytest.CaptureFixture[str], older: str) -> None:
    folder = over(runs_dir, "a")
    output = said(capsys, "clean", f"--older={older}", "--yes", code=2)
    assert "30d" in output
    assert "\x1b" not in output
    assert has_weights(folder)


def test_an_unknown_run_cleans_nothing(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = over(runs_dir, "a")
    assert "No run is called 'zebra'" in said(capsys, "clean", "a", "zebra", "--yes", code=2)
    assert "No run is called 'zebra'" in said(capsys, "pin", "zebra", code=2)
    assert "--all" in said(capsys, "clean", "a", "--all", "--yes", code=2)
    assert has_weights(folder)


def test_all_cleans_every_known_runs_folder_once(
    runs_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    over(runs_dir, "a")
    over(tmp_path / "elsewhere", "b")
    (tmp_path / "same").symlink_to(tmp_path / "elsewhere")
    for folder in (tmp_path / "elsewhere", tmp_path / "same"):
        registry.remember(folder)
    assert json.loads(said(capsys, "clean", "--dry-run", "--json"))["bytes"] == 140_000_000
    printed = json.loads(said(capsys, "clean", "--all", "--yes", "--json"))
    assert sorted(run["id"] for run in printed["removed"]) == ["a", "b"]


def test_a_run_that_cannot_be_cleaned_fails_the_verb_but_not_the_others(
    runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, fine = over(runs_dir, "broken"), over(runs_dir, "fine")
    broken.lock.mkdir()
    output = said(capsys, "clean", "--yes", code=1)
    assert "Not cleaned:" in output
    assert "broken" in output
    assert (has_weights(broken), has_weights(fine)) == (True, False)


def test_a_pin_shows_in_runs_and_show_and_comes_off_again(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = over(runs_dir, "a")
    assert "a is pinned" in said(capsys, "pin", "a")
    assert "stopped, pinned" in said(capsys, "runs")
    assert json.loads(said(capsys, "runs", "--json"))[0]["pinned"] is True
    assert "; pinned" in said(capsys, "show", "a")
    assert json.loads(said(capsys, "pin", "a", "--off", "--json"))["pinned"] is False
    assert not folder.pin.exists()
    assert "not pinned" in said(capsys, "pin", "a", "--off")


def test_show_tells_what_a_run_takes_and_that_its_weights_were_removed(
    runs_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    over(runs_dir, "a")
    assert "  disk      140 MB, 140 MB of it checkpoints\n" in said(capsys, "show", "a")
    assert json.loads(said(capsys, "show", "a", "--json"))["disk"]["weights"] == 140_000_000
    said(capsys, "clean", "--yes")
    today = time.strftime("%Y-%m-%d")
    assert f"cleaned by `traindeck clean` on {today}" in said(capsys, "show", "a")
