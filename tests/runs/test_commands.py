"""commands.jsonl: requests arrive once, in order, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.errors import RunFailed
from training.runs.commands import CommandReader, send
from training.runs.layout import RunFolder


def test_commands_arrive_in_order_and_once(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    reader = CommandReader(folder.commands)
    assert reader.poll() == []
    first = send(folder, "pause")
    second = send(folder, "set_lr", learning_rate=0.01)
    got = reader.poll()
    assert [(command.id, command.command, command.args) for command in got] == [
        (first, "pause", {}),
        (second, "set_lr", {"learning_rate": 0.01}),
    ]
    assert got[0].user
    assert reader.poll() == []


def test_half_a_line_waits_for_its_other_half(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    reader = CommandReader(folder.commands)
    send(folder, "stop")
    line = folder.commands.read_bytes()
    folder.commands.write_bytes(line[:8])
    assert reader.poll() == []
    folder.commands.write_bytes(line)
    assert [command.command for command in reader.poll()] == ["stop"]


def test_lines_that_are_no_commands_are_passed_over(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.commands.write_bytes(b'nonsense\n{"id":"x","t":0,"user":"u","command":"explode"}\n')
    reader = CommandReader(folder.commands)
    assert reader.poll() == []
    send(folder, "resume")
    assert [command.command for command in reader.poll()] == ["resume"]


def test_a_later_attempt_does_not_obey_what_an_earlier_one_was_told(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    send(folder, "stop")
    resumed_here = folder.commands.stat().st_size
    answered = send(folder, "pause")
    send(folder, "checkpoint")
    reader = CommandReader(folder.commands, start=resumed_here, answered={answered})
    assert [command.command for command in reader.poll()] == ["checkpoint"]


def test_a_line_that_is_no_text_is_passed_over(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.commands.write_bytes(b'{"id": "\xff"}\n')
    send(folder, "stop")
    assert [command.command for command in CommandReader(folder.commands).poll()] == ["stop"]


def test_a_file_system_that_stumbles_ends_no_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder(tmp_path)
    send(folder, "stop")
    reader = CommandReader(folder.commands)

    def stale(path: Path, *_: object) -> None:
        raise OSError(116, "Stale file handle", str(path))

    with monkeypatch.context() as broken:
        broken.setattr(Path, "stat", stale)
        assert reader.poll() == []
    assert [command.command for command in reader.poll()] == ["stop"]


def test_a_full_disk_is_said_to_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.runs.commands.os.write", full)
    with pytest.raises(RunFailed, match="No space left"):
        send(RunFolder(tmp_path), "stop")
