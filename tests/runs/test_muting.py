"""Muting the findings of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.builders import make_run
from training.config.files import dump
from training.config.schema import Advice, TrainingConfig
from training.errors import RunFailed
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.muting import mute, mute_silenced, read_muted
from training.runs.store import delete_run
from training.runs.summary import FindingLine

OPEN = [
    FindingLine(issue="loss_diverged", label="nan", title="Not a number", severity="critical", since_epoch=2),
    FindingLine(issue="overfitting", label="val_noisy", title="Few images", severity="warning", since_epoch=0),
]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return make_run(tmp_path, "a", state="finished", findings=OPEN)


def test_a_label_is_muted_until_it_is_not(folder: RunFolder) -> None:
    assert read_muted(folder) == frozenset()
    assert mute(folder, "nan") == {"nan"}
    assert mute(folder, "val_noisy") == {"nan", "val_noisy"}
    assert read_muted(folder) == {"nan", "val_noisy"}
    assert mute(folder, "nan", on=False) == {"val_noisy"}
    assert read_muted(folder) == {"val_noisy"}


def test_a_run_shows_the_findings_that_are_not_muted(folder: RunFolder) -> None:
    mute(folder, "nan")
    run = view(folder)
    assert run is not None
    assert [finding.label for finding in run.findings] == ["val_noisy"]
    assert [finding.label for finding in run.summary.findings] == ["nan", "val_noisy"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"labels": 3}', b"\xff"])
def test_a_file_that_cannot_be_read_mutes_nothing(folder: RunFolder, content: bytes) -> None:
    folder.muted.write_bytes(content)
    assert read_muted(folder) == frozenset()
    assert mute(folder, "nan") == {"nan"}


def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="cannot be muted"):
        mute(RunFolder(tmp_path / "gone"), "nan")


def test_what_the_config_silences_is_muted_from_the_start(folder: RunFolder) -> None:
    mute_silenced(folder, TrainingConfig(advice=Advice(silenced=("learning_rate_high", "val_noisy"))))
    assert read_muted(folder) == {"val_noisy"}


def test_a_config_that_silences_hints_alone_writes_no_file(folder: RunFolder) -> None:
    mute_silenced(folder, TrainingConfig(advice=Advice(silenced=("learning_rate_high",))))
    assert not folder.muted.exists()


def test_a_deleted_run_takes_the_file_with_it(folder: RunFolder) -> None:
    folder.config.write_text(dump(TrainingConfig()))
    mute(folder, "nan")
    run = view(folder)
    assert run is not None
    delete_run(run)
    assert not folder.path.exists()
