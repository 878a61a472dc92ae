"""Config files: read whatever they hold, written without losing anything."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.strategies import configs
from training.config.files import dump, load, read, read_text, save
from training.config.model import Block, Model
from training.config.presets import PRESETS
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.errors import InvalidInput


def test_a_config_of_the_guides_web_tool_loads_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        "optimizer: Adam\nlearning_rate: 1e-3\nl2_decay: true\nl2_lambda: 1e-4\nlr_strategy: ReduceLROnPlateau\n"
        "class_weights: None\nepochs: 100\nbatch_size: 32\nearly_stopping: true\nes_patience: 10\n"
    )
    assert load(path) == PRESETS[0].config


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"epochs: \xff\xfe", ":1: This file is not UTF-8"),
        (b"\xff\xfee\x00p\x00", "not UTF-8"),
        (b"#" * 300_000, "larger than"),
        (b"epochs: 0\n", "epochs: 0 is out of range"),
    ],
)
def test_a_file_that_is_no_config_is_named_with_the_reason(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "c.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)
    assert caught.value.exit_code == 2
    assert read(path).config is None


def test_a_folder_is_no_config_file(tmp_path: Path) -> None:
    assert "folder" in read(tmp_path).problems[0].text


def test_a_name_that_no_file_can_have_is_refused() -> None:
    assert read("a\0b").problems


def test_reading_keeps_the_text_to_the_last_byte(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    content = "\ufeffepochs: 3  \r\n# größer\r\n".encode()
    path.write_bytes(content)
    save(path, read(path).text)
    assert path.read_bytes() == content


def test_a_new_file_lists_the_guides_keys_then_what_differs() -> None:
    config = TrainingConfig(epochs=20, model=Model(blocks=(Block(filters=8), Block(filters=16, dropout=0.3))))
    assert dump(config) == (
        "optimizer: Adam\nlearning_rate: 0.001\nl2_decay: false\nl2_lambda: 0.0001\nlr_strategy: Constant\n"
        "class_weights: None\nepochs: 20\nbatch_size: 32\nearly_stopping: false\nes_patience: 10\n"
        "\nmodel:\n  kind: custom_cnn\n  blocks:\n    - {filters: 8}\n    - {filters: 16, dropout: 0.3}\n"
        "\ndata:\n  source: digits\n"
    )


@settings(max_examples=60, deadline=None)
@given(configs(), st.booleans())
def test_what_is_dumped_reads_back(config: TrainingConfig, only_changed: bool) -> None:
    assert read_text(dump(config, only_changed)) == (config, ())


def test_saving_keeps_the_permissions(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("a")
    path.chmod(0o640)
    save(path, "b")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("b", 0o640)


def test_a_file_of_a_group_stays_the_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("a")
    given: list[tuple[int, int]] = []

    def chown(_: Path, owner: int, group: int) -> None:
        if owner != -1:
            raise PermissionError(1, "Operation not permitted")
        given.append((owner, group))

    monkeypatch.setattr(os, "chown", chown)
    save(path, "b")
    assert (path.read_text(), given) == ("b", [(-1, path.stat().st_gid)])


def test_a_pipe_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InvalidInput, match="Not a regular file"):
        save(pipe, "a")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_saving_through_a_link_changes_the_file_behind_it(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("a")
    link = tmp_path / "link.yaml"
    link.symlink_to("real.yaml")
    save(link, "b")
    assert link.is_symlink()
    assert (tmp_path / "real.yaml").read_text() == "b"


def test_saving_leaves_no_other_file_behind(tmp_path: Path) -> None:
    save(tmp_path / "c.yaml", "a")
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]


def test_a_save_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InvalidInput, match="No space left on device"):
        save(path, "new")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("c.yaml", "old")]


def test_a_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anything
    with pytest.raises(InvalidInput, match="Permission denied"):
        save(path, "new")
    assert path.read_text() == "old"


@pytest.mark.parametrize("name", ["missing/c.yaml", ".", "a\0b", "x" * 300])
def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be written"):
        save(f"{tmp_path}/{name}", "text")
