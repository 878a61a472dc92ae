"""A user's own presets are files in a folder: found by name, replaced, deleted, and never in anybody's way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from training.config import own_presets as own
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.errors import InvalidInput


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "traindeck" / "presets"


def test_a_config_is_kept_with_its_comments_and_found_by_its_name(folder: Path) -> None:
    path = own.keep(" mine.yaml ", "# For the lungs\nepochs: 7\n")
    assert path == folder / "mine.yaml"
    assert path.read_text() == "# For the lungs\nepochs: 7\n"
    found = own.find("mine")
    assert (found.config, found.group, found.description) == (TrainingConfig(epochs=7), "own", "For the lungs")


def test_without_a_comment_a_preset_is_described_by_what_stands_out_in_it() -> None:
    own.keep("a", "# yaml-language-server: $schema=./x.json\noptimizer: AdamW\nmodel: {kind: transfer}\n")
    assert own.find("a").description == "resnet18, frozen: AdamW at 0.001, Constant, 100 epochs."


def test_a_preset_of_the_same_name_is_replaced_in_its_own_file(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "mine.yml").write_text("epochs: 1\n")
    own.keep("mine", "epochs: 2\n")
    assert [path.name for path in folder.iterdir()] == ["mine.yml"]
    assert own.find("mine").config.epochs == 2


def test_a_broken_one_is_listed_with_its_problem_and_spoils_no_other(folder: Path) -> None:
    own.keep("good", "epochs: 2\n")
    (folder / "bad.yaml").write_text("epochs: 2\nepoch: 3\n")
    (folder / "worse.yaml").write_bytes(b"\xff\x00")
    listed = {entry.name: entry.says for entry in own.own_presets()}
    assert list(listed) == ["bad", "good", "worse"]
    assert listed["bad"] == "line 2: epoch: This key is not known. Did you mean epochs?"
    assert listed["worse"] == "line 1: This file is not UTF-8 text. Save it as UTF-8."
    assert own.find("good").config.epochs == 2
    with pytest.raises(ConfigError) as caught:
        own.find("bad")
    assert caught.value.problems[0].line == 2


def test_what_is_no_preset_is_passed_over(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("x")
    (folder / ".hidden.yaml").write_text("epochs: 1\n")
    (folder / "folder.yaml").mkdir()
    (folder / "a\x1b[31m.yaml").write_text("epochs: 1\n")
    (folder / "gone.yaml").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.yaml")
    assert own.own_presets() == []


def test_without_a_folder_there_are_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert own.own_presets() == []
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    assert own.own_presets() == []
    with pytest.raises(InvalidInput, match="cannot be made"):
        own.keep("mine", "epochs: 1\n")


def test_a_user_without_a_home_has_none_and_is_told_where_to_keep_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert own.own_presets() == []
    with pytest.raises(InvalidInput, match="XDG_CONFIG_HOME"):
        own.keep("mine", "epochs: 1\n")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "needs a name"),
        (".yaml", "needs a name"),
        ("a b", "no spaces"),
        ("../x", "no name"),
        ("-x", "no name"),
        (".x", "no name"),
        ("a\nb", "no name"),
        ("x" * 61, "61 characters"),
        ("Balanced", "one of traindeck's"),
    ],
)
def test_a_name_that_could_not_be_used_is_refused(name: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        own.check_name(name)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["mine", "größe-2", "resnet50_v2.1", "7"])
def test_other_names_are_taken(name: str) -> None:
    assert own.check_name(name) == name


def test_a_file_called_like_one_of_traindecks_presets_never_hides_it(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "balanced.yaml").write_text("epochs: 1\n")
    assert own.find("balanced").config.epochs == 100
    assert own.own_named("balanced") is None
    assert [entry.says for entry in own.own_presets()] == ["traindeck has a preset of this name. Rename the file."]


def test_the_start_of_a_name_is_enough_where_it_is_the_only_one() -> None:
    own.keep("balance-2", "epochs: 2\n")
    own.keep("lungs", "epochs: 3\n")
    assert own.find("lun").config.epochs == 3
    with pytest.raises(InvalidInput, match="could be balanced or balance-2"):
        own.find("bal")


def test_a_deleted_preset_is_gone(folder: Path) -> None:
    own.keep("mine", "epochs: 2\n")
    own.delete(own.own_presets()[0])
    assert not list(folder.iterdir())
    with pytest.raises(InvalidInput, match="There is no preset mine"):
        own.find("mine")
