"""A log of another tool, watched: what the monitor would read while the log grows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

import traindeck
from tests.recording.conftest import epochs, found
from tests.waiting import wait_until
from training.curves import Curves
from training.foreign.reading import open_source
from training.recording import tailing
from training.recording.shadow import GROWING_SECONDS, Shadow
from training.recording.tailing import Tailing
from training.recording.watched import first_summary
from training.recording.watching import shadow_of
from training.runs.events import Epoch
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.log import read_all, standing

HEADER = "epoch,loss,val_loss\n"
SOUND = [(1.0 / epoch, 1.1 / epoch) for epoch in range(1, 9)]
OVERFITTED = [(2.3 * 0.8**n, 2.3 * 0.8 ** min(n, 8) + 0.08 * max(0, n - 8)) for n in range(30)]


def rows(losses: Sequence[tuple[float, float]], first: int = 0) -> str:
    return "".join(f"{epoch},{train},{val}\n" for epoch, (train, val) in enumerate(losses, first))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "metrics.csv"


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "shadow")
    made.path.mkdir()
    return made


def shadow(log: Path, folder: RunFolder) -> Shadow:
    """One that has taken what is there."""
    source = open_source(log)
    made = Shadow(folder, first_summary(folder, log, source.format), source)
    while events := source.poll():
        made.take(events)
    return made


def seen(folder: RunFolder) -> RunView:
    run = view(folder)
    assert run is not None
    return run


def test_a_log_that_is_watched_is_a_run_that_nobody_can_stop(log: Path) -> None:
    log.write_text(HEADER + rows(OVERFITTED))
    with shadow_of(log, {}) as folder:
        wait_until(lambda: seen(folder).summary.epoch >= 29, 20, "the log to be read")
        wait_until(lambda: seen(folder).state != "starting", 20, "it to be judged")
        run = seen(folder)
        assert (run.state, run.controllable, run.resumable) == ("running", False, False)
        assert (run.summary.name, run.summary.data) == ("metrics.csv", "Keras' CSVLogger")
        assert run.summary.device == f"read only, {log}"
        assert ("opened", "overfitting") in found(folder)
    assert not folder.path.parent.exists()
    assert log.read_text().startswith(HEADER)


@pytest.mark.parametrize(("spelled", "name"), [("night/log.csv", "log.csv"), (".", "here"), ("night/..", "here")])
def test_a_watched_log_is_called_like_its_file_or_folder_however_it_is_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelled: str, name: str
) -> None:
    (tmp_path / "here/night").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    (Path("night/log.csv")).write_text(HEADER + rows(SOUND))
    with shadow_of(Path(spelled), {}) as folder:
        assert (folder.id, seen(folder).summary.name) == (name, name)


def test_what_is_added_to_the_log_comes_and_so_does_what_is_found_in_it(log: Path) -> None:
    log.write_text(HEADER + rows(OVERFITTED[:9]))
    with shadow_of(log, {}) as folder:
        wait_until(lambda: seen(folder).summary.epoch >= 8, 20, "the log to be read")
        assert found(folder) == []
        with log.open("a") as file:
            file.write(rows(OVERFITTED[9:], 9))
        wait_until(lambda: found(folder), 10, "a finding")
        assert [line.label for line in seen(folder).summary.findings] == ["overfitting"]


def test_how_much_of_a_long_log_is_read_is_told(log: Path, folder: RunFolder) -> None:
    log.write_text("epoch,step,loss\n" + "".join(f"{step // 1000},{step},0.5\n" for step in range(200_000)))
    tail = Tailing(log, folder, {})
    told = []
    while not tail.step():
        run = seen(folder)
        told.append((run.state, run.summary.message))
    assert len(told) > 2
    assert {state for state, _ in told} == {"starting"}
    shares = [int(message.removeprefix("reading the log, ").removesuffix(" %")) for _, message in told]
    assert shares == sorted(set(shares))
    assert (shares[0], shares[-1]) == (0, 100)
    assert seen(folder).state == "running"


def test_a_column_is_named_with_map(log: Path) -> None:
    log.write_text("epoch,ce,valid/ce\n" + rows(SOUND))
    with shadow_of(log, {"train_loss": "ce", "val_loss": "valid/ce"}) as folder:
        wait_until(lambda: seen(folder).summary.epoch >= 7, 20, "the log to be read")
        assert epochs(folder)[0] == (1, {"train_loss": 1.0, "val_loss": 1.1})


def test_a_reader_whose_viewer_was_killed_takes_its_folder_along(log: Path, tmp_path: Path) -> None:
    log.write_text(HEADER + rows(SOUND))
    source = f"""
import os, sys
sys.path.insert(0, {str(Path(traindeck.__file__).parent)!r})
from pathlib import Path
from training.recording.watching import shadow_of
with shadow_of(Path({str(log)!r}), {{}}) as folder:
    print(folder.path, flush=True)
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)
    folder = Path(done.stdout.strip())
    assert folder.name == "metrics.csv"
    wait_until(lambda: not folder.parent.exists(), 20, "the folder to go")


def test_a_log_that_starts_over_supersedes_what_it_said(log: Path, folder: RunFolder) -> None:
    log.write_text(HEADER + rows(OVERFITTED) + rows(SOUND))
    made = shadow(log, folder)
    curves = Curves()
    curves.extend(read_all(folder.events))
    assert (curves.epoch, curves.findings) == (8, {})
    assert made.summary.findings == []
    assert (made.summary.epoch, made.summary.attempt) == (8, 2)


def test_a_log_that_goes_back_keeps_what_came_before_and_the_findings_in_it(log: Path, folder: RunFolder) -> None:
    log.write_text(HEADER + rows(OVERFITTED) + rows(OVERFITTED[25:] * 2, 25))
    shadow(log, folder)
    events = read_all(folder.events)
    stood = [event.epoch for event in standing(events) if isinstance(event, Epoch)]
    assert stood == sorted(set(stood))
    curves = Curves()
    curves.extend(events)
    assert list(curves.findings) == ["overfitting"]
    assert [line.label for line in seen(folder).summary.findings] == ["overfitting"]
    assert [event.seq for event in events] == list(range(len(events)))


def test_a_log_that_nobody_has_written_to_lately_may_be_over(log: Path, folder: RunFolder) -> None:
    log.write_text(HEADER + rows(SOUND))
    made = shadow(log, folder)
    made.judge(time.time() - GROWING_SECONDS - 60)
    assert seen(folder).state == "silent"
    assert seen(folder).detail.startswith("last written to on ")
    made.judge(time.time())
    assert seen(folder).summary.state == "running"


def test_a_log_that_says_its_end_is_finished(log: Path, folder: RunFolder) -> None:
    log.write_text(
        '{"type":"meta","config":{"epochs":2,"learning_rate":0.1}}\n'
        '{"type":"epoch","epoch":1,"train_loss":1.0}\n{"type":"end","status":"completed","epoch":1}\n'
    )
    made = shadow(log, folder)
    made.judge(time.time())
    run = seen(folder)
    assert (run.state, run.summary.epochs, run.summary.settings["learning_rate"]) == ("finished", 2, 0.1)


def test_the_last_epoch_of_a_log_that_has_stopped_growing_is_shown(log: Path, folder: RunFolder) -> None:
    log.write_text("epoch,step,train_loss,val_loss\n0,9,1.0,\n0,9,,1.1\n1,19,0.9,\n1,19,,1.0\n")
    os.utime(log, (time.time() - 3600,) * 2)
    tail = Tailing(log, folder, {})
    for _ in range(4):
        tail.step()
    assert [number for number, _ in epochs(folder)] == [1, 2]
    with log.open("a") as file:
        file.write("2,29,0.8,\n2,29,,0.9\n3,39,0.7,\n3,39,,0.8\n")
    for _ in range(4):
        tail.step()
    curves = Curves()
    curves.extend(read_all(folder.events))
    assert curves.epoch >= 3
    assert list(curves.epochs["val_loss"].y)[:3] == [1.1, 1.0, 0.9]


def test_a_file_that_is_no_log_is_one_error_before_a_screen_opens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content, words in ((b"\0\1\2", "binary"), (b"hello\n", "no log that traindeck can read")):
        path = tmp_path / "file.csv"
        path.write_bytes(content)
        assert traindeck.main(["watch", str(path)]) == 2
        errors = capsys.readouterr().err
        assert words in errors
        assert errors.count("traindeck:") == 1


def test_watching_without_a_terminal_says_what_to_do_instead(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_text(HEADER + rows(SOUND))
    assert traindeck.main(["watch", str(log)]) == 2
    assert "needs a terminal" in capsys.readouterr().err
    assert traindeck.main(["watch", str(log), "--map", "val_loss=nothing"]) == 2
    assert "no column 'nothing'" in capsys.readouterr().err


def test_a_reader_that_fails_leaves_the_folder_and_the_reason_to_whoever_watches(
    log: Path, folder: RunFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_text(HEADER + rows(SOUND))
    folder.summary.write_bytes(msgspec.json.encode(first_summary(folder, log, "table")))
    watched: list[RunView] = []
    monkeypatch.setattr(Shadow, "take", lambda *_: 1 / 0)
    monkeypatch.setattr(tailing, "_wait_for_the_end", lambda: watched.append(seen(folder)))
    assert tailing.main(log, folder.path, "{}") == 1
    assert (watched[0].state, watched[0].detail) == ("failed", "ZeroDivisionError: division by zero")
    assert "Traceback" in capsys.readouterr().err
    assert not folder.path.exists()
