"""`traindeck resume` where what it would go on from is not what it seems: each is refused, and nothing is touched."""

from __future__ import annotations

import os
import struct
import zipfile
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

import traindeck
from tests.cli.test_resume import refused, started, stopped
from tests.conftest import MakeFolder
from tests.runs.sealing import configured, sealed, stopped_on
from training.config.data import Data
from training.runs.checkpoints import Damaged, check, newest, read_label, seal
from training.runs.layout import RunFolder

__all__ = ["started"]


def relabel(path: Path, comment: bytes) -> None:
    content = path.read_bytes()
    end = content.rfind(b"PK\x05\x06") + 20
    path.write_bytes(content[:end] + struct.pack("<H", len(comment)) + comment)


def test_a_checkpoint_that_cannot_be_read_is_no_reason_to_go_back_behind_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path)
    sealed(folder, "step-000000080.pt", epoch=2, step=80, seq=5)
    (folder.checkpoints / "last.pt").unlink()
    (folder.checkpoints / "last.pt").mkdir()
    assert "last.pt cannot be read: Is a directory." in refused(folder, capsys)


def test_a_log_that_ends_before_the_checkpoint_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path)
    lines = folder.events.read_bytes().splitlines(keepends=True)
    folder.events.write_bytes(b"".join(lines[:4]))
    assert "events.jsonl has lost what was logged before the checkpoint of step 120" in refused(folder, capsys)
    folder.events.unlink()
    assert "Bring the whole file back" in refused(folder, capsys)


def test_fewer_epochs_than_are_done_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path)
    configured(folder, epochs=2)
    assert "config.yaml: epochs is 2, but 3 are done already. Set epochs to 3" in refused(folder, capsys)


def test_a_config_that_this_version_does_not_know_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path)
    path = folder.checkpoints / "last.pt"
    label = read_label(path)
    zipped = BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("weights", b"1")
    seal(zipped, msgspec.structs.replace(label, config={**label.config, "of_tomorrow": 1}))
    path.write_bytes(zipped.getvalue())
    assert "written by a traindeck with another config" in refused(folder, capsys)


def test_a_digit_of_the_label_that_has_changed_is_damage(tmp_path: Path) -> None:
    path = sealed(RunFolder(tmp_path), step=120)
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"step":120', b'"step":124'))
    assert read_label(path).step == 124
    with pytest.raises(Damaged, match="checksum"):
        check(path)


@pytest.mark.parametrize("comment", [b"[" * 60_000, b"7", b'{"traindeck":"x"}', b"\xff"])
def test_a_label_of_nonsense_is_damage(tmp_path: Path, comment: bytes) -> None:
    folder = RunFolder(tmp_path)
    relabel(sealed(folder), comment)
    path, wrong = newest(folder)
    assert path is None
    assert "no label that can be read" in wrong[0].message


def test_weights_alone_are_nothing_to_go_on_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path)
    sealed(folder, resumable=False, epoch=3, step=120, seq=9)
    assert "last.pt holds the weights alone" in refused(folder, capsys)


def test_a_checkpoint_of_an_older_version_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stopped(tmp_path)
    relabel(folder.checkpoints / "last.pt", b"")
    assert "an older traindeck wrote it" in refused(folder, capsys)


def test_thousands_of_class_names_leave_the_other_keys_in_the_label(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stopped(tmp_path)
    names = tuple(f"{number:05} {'a name of some length' * 2}" for number in range(2_000))
    data = Data(source="folder", path=str(tmp_path), classes=names)
    sealed(folder, config=configured(folder, data=data), epoch=3, step=120, seq=9)
    assert read_label(folder.checkpoints / "last.pt").config["data"]["source"] == "folder"
    configured(folder, data=data, learning_rate=0.5)
    assert "learning_rate was changed from 0.001 to 0.5" in refused(folder, capsys)


def test_data_that_were_moved_are_found_by_a_path_relative_to_the_runs_config(
    tmp_path: Path, make_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = make_folder(cat=4, dog=4)
    folder = stopped(tmp_path)
    stopped_on(folder, images)
    moved = images.rename(tmp_path / "elsewhere")
    configured(folder, data=Data(source="folder", path=os.path.relpath(moved, folder.path)))
    monkeypatch.chdir("/")
    assert traindeck.main(["resume", str(folder.path), "--detach", "--yes"]) == 0
