"""What a typed path may go on to, and what stands there, told from a quick look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.tui.disk import make
from tui import paths
from tui.path_facts import about, refusal, why_no_data
from tui.paths import Listing, Wants

needs_a_user = pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path


def texts(typed: str, base: Path, wants: Wants = "config") -> list[str]:
    return [entry.text for entry in Listing(base, wants).of(typed).entries]


def test_folders_come_first_then_yaml_files_and_hidden_ones_after_a_dot(here: Path) -> None:
    make(here, "configs/", "B.yml", "a.yaml", "c.txt", ".hidden.yaml", ".git/", "ev\x1bil.yaml")
    assert texts("", here) == ["configs/", "a.yaml", "B.yml"]
    assert texts(f"{here}/a", here) == [f"{here}/a.yaml"]
    assert texts(".", here) == [".git/", ".hidden.yaml"]
    assert texts("./c", here) == ["./configs/"]


def test_spaces_need_no_quoting(here: Path) -> None:
    make(here, "my runs/a b.yaml")
    assert texts("my r", here) == ["my runs/"]
    assert texts("my runs/a", here) == ["my runs/a b.yaml"]


def test_home_variables_and_the_folder_above_are_followed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("SCRATCH", str(here / "configs"))
    make(here, "configs/a.yaml")
    assert texts("~", here) == ["~/"]
    assert texts("~/", here) == ["~/configs/"]
    assert texts("$SCRATCH", here) == ["$SCRATCH/"]
    assert texts("$SCRATCH/a", here) == ["$SCRATCH/a.yaml"]
    assert texts("..", here) == ["../"]
    assert texts("~nobody-of-that-name/", here) == []


def test_a_missing_folder_is_said(here: Path) -> None:
    assert Listing(here, "config").of("nowhere/x").problem == "There is no folder 'nowhere/'."


@needs_a_user
def test_an_unreadable_folder_is_said(here: Path) -> None:
    make(here, "closed/")
    (here / "closed").chmod(0)
    assert Listing(here, "config").of("closed/").problem == "closed/ cannot be read: Permission denied."
    (here / "closed").chmod(0o700)


def test_a_folder_that_is_a_file_is_said(here: Path) -> None:
    make(here, "a.yaml")
    assert Listing(here, "config").of("a.yaml/").problem == "a.yaml/ cannot be read: Not a directory."


def test_a_wide_folder_is_read_so_far_and_no_further(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_READ", 10)
    make(here, *(f"{number:02}.yaml" for number in range(30)))
    listed = Listing(here, "config").of("")
    assert len(listed.entries) == 10
    assert listed.partly
    monkeypatch.setattr(paths, "MOST_READ", 1000)
    monkeypatch.setattr(paths, "MOST", 5)
    listed = Listing(here, "config").of("")
    assert [entry.text for entry in listed.entries] == [f"{number:02}.yaml" for number in range(5)]
    assert listed.partly


def test_a_folder_that_was_not_read_is_found_by_its_whole_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_READ", 0)
    make(here, "masks/")
    assert texts("mask", here, "data") == []
    assert texts("masks", here, "data") == ["masks/"]


def test_a_folder_among_thousands_of_files_is_found(here: Path) -> None:
    make(here, *(f"{number}.png" for number in range(3000)), "masks/")
    assert texts("m", here, "data") == ["masks/"]


def test_typing_on_in_a_folder_does_not_read_it_again(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(here, "ab.yaml", "ac.yaml")
    scans: list[object] = []
    scan = os.scandir

    def counted(path: Path) -> Any:
        scans.append(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", counted)
    listing = Listing(here, "config")
    for typed in ("", "a", "ab"):
        listing.of(typed)
    assert scans == [here]
    make(here, "abc.yaml")
    os.utime(here, ns=(1, 1))
    assert [entry.text for entry in listing.of("ab").entries] == ["ab.yaml", "abc.yaml"]


# What entries are


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Baseline of June\nepochs: 3\n", "Baseline of June"),
        ("---\n# --- Baseline ---\nepochs: 3\n", "Baseline"),
        ("# yaml-language-server: $schema=x\n# Mine\n", "Mine"),
        (
            "model:\n  kind: transfer # big\noptimizer: 'SGD with Momentum'\nlearning_rate: 1e-2\n",
            "transfer · SGD with Momentum · 1e-2",
        ),
        ("epochs: 3\n# not the first line\n", ""),
        ("# ev\x1b[31mil\n", "evil"),
        ("", ""),
    ],
)
def test_a_config_is_told_by_its_first_comment_or_its_model_and_optimizer(here: Path, text: str, said: str) -> None:
    (here / "a.yaml").write_text(text)
    assert about(here / "a.yaml", "config") == said


def test_a_folder_is_told_by_its_entries(here: Path) -> None:
    make(here, "one/a", "two/a", "two/b", "none/", "two/.hidden")
    assert [about(here / name, "config") for name in ("one", "two", "none")] == ["1 entry", "2 entries", "empty"]


def test_a_data_folder_is_told_by_its_subfolders(here: Path) -> None:
    make(here, "pets/cat/", "pets/dog/", "flat/a.png", "flat/b.png", "none/")
    assert about(here / "pets", "data") == "2 subfolders: cat, dog"
    assert about(here / "flat", "data") == "no subfolders, 2 files"
    assert about(here / "none", "data") == "empty"
    make(here, *(f"many/class-{number:04}/" for number in range(1100)))
    assert about(here / "many", "data").startswith("1000+ subfolders: class-")


def test_a_manifest_is_told_by_its_columns(here: Path) -> None:
    (here / "all.csv").write_text("path,label\na.png,cat\n")
    assert about(here / "all.csv", "data") == "columns path,label"


def test_a_pipe_is_not_waited_for(here: Path) -> None:
    os.mkfifo(here / "pipe.yaml")
    assert about(here / "pipe.yaml", "config") == ""


def test_what_is_no_data_is_said(here: Path) -> None:
    make(here, "pets/cat/", "flat/a.png", "all.csv", "notes.txt")
    assert [why_no_data(here / name) for name in ("pets", "all.csv")] == ["", ""]
    assert "no subfolders" in why_no_data(here / "flat")
    assert "neither a folder nor" in why_no_data(here / "notes.txt")
    assert "There is no" in why_no_data(here / "nowhere")


def test_a_control_character_is_said_and_never_looked_up(here: Path) -> None:
    assert "control character" in Listing(here, "config").of("a\x00/b").problem
    assert "control character" in refusal(here / "a\x00", "config")


def test_a_name_longer_than_any_file_has_is_no_file(here: Path) -> None:
    assert "There is no file" in refusal(here / ("x" * 5000), "config")
    assert why_no_data(here / ("x" * 5000)) != ""
