"""The path dialog for data: folders are taken or gone into; a value that is there is replaced by typing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.disk import make
from tests.tui.path_dialog import dialog, here
from tui.recent_files import recent, remember

__all__ = ["here"]


async def test_a_data_folder_is_taken_with_enter_and_entered_with_right(tmp_path: Path, here: Path) -> None:
    make(here, "sets/pets/cat/", "sets/pets/dog/", "sets/all.csv", "a.yaml")
    async with dialog(tmp_path, wants="data") as path:
        assert path.names == ["./", "sets/"]
        await path.press("down", "right")
        assert (path.typed, path.names) == ("sets/", ["./", "pets/", "all.csv"])
        await path.press("down")
        await path.until(lambda: path.note == "pets: 2 subfolders: cat, dog")
        await path.press("enter")
    assert path.answers == [Path("sets/pets")]
    assert recent() == [here / "sets/pets"]


async def test_the_folder_that_is_typed_is_the_first_line(tmp_path: Path, here: Path) -> None:
    make(here, "pets/cat/", "pets/dog/")
    async with dialog(tmp_path, "pets/", wants="data") as path:
        assert path.marked == "./"
        await path.until(lambda: path.note == "this folder: 2 subfolders: cat, dog")
        await path.press("enter")
    assert path.answers == [Path("pets")]


async def test_relative_data_is_sought_from_the_base_and_stays_relative(tmp_path: Path) -> None:
    make(tmp_path, "project/pets/cat/", "project/pets/dog/")
    async with dialog(tmp_path, wants="data", base=tmp_path / "project") as path:
        await path.press("p", "tab", "enter")
    assert path.answers == [Path("pets")]


async def test_home_and_variables_are_written_out_in_the_answer(
    tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA", str(here))
    make(here, "pets/cat/")
    async with dialog(tmp_path, wants="data") as path:
        await path.type("$DATA/pets")
        await path.press("enter")
    assert path.answers == [here / "pets"]


async def test_a_folder_without_classes_is_refused_and_can_still_be_entered(tmp_path: Path, here: Path) -> None:
    make(here, "flat/a.png")
    async with dialog(tmp_path, wants="data") as path:
        await path.press("down", "enter")
        assert path.note == "✗ This folder has no subfolders: data has one for each class."
        assert path.answers == []
        await path.press("right")
        assert path.typed == "flat/"


async def test_recent_data_is_offered_before_anything_else(tmp_path: Path, here: Path) -> None:
    make(tmp_path, "elsewhere/pets/cat/", "elsewhere/old.yaml")
    remember(tmp_path / "elsewhere/pets")
    remember(tmp_path / "elsewhere/old.yaml")
    async with dialog(tmp_path, wants="data") as path:
        assert path.names == ["pets/", "./"]
        await path.press("enter")
    assert path.answers == [tmp_path / "elsewhere/pets"]


# The value that is there


async def test_typing_replaces_the_data_that_is_there(tmp_path: Path, here: Path) -> None:
    make(here, "pets/cat/", "birds/wren/")
    async with dialog(tmp_path, "pets", wants="data") as path:
        await path.press("b", "tab", "enter")
    assert path.answers == [Path("birds")]


@pytest.mark.parametrize("key", ["right", "end"])
async def test_right_and_end_keep_the_data_that_is_there(tmp_path: Path, here: Path, key: str) -> None:
    make(here, "pets/cat/small/", "pets/cat/big/")
    async with dialog(tmp_path, "pets/", wants="data") as path:
        await path.press(key)
        assert path.typed == "pets/"
        await path.press("c", "tab", "enter")
    assert path.answers == [Path("pets/cat")]


async def test_of_a_file_the_name_alone_is_replaced(tmp_path: Path, here: Path) -> None:
    make(here, "deep/")
    async with dialog(tmp_path, "deep/config.yaml", must_exist=False) as path:
        await path.press(*"mine", "enter")
    assert path.answers == [Path("deep/mine")]


async def test_a_folder_to_begin_in_is_not_replaced(tmp_path: Path, here: Path) -> None:
    make(here, "mine.yaml")
    async with dialog(tmp_path, here) as path:
        await path.press("m", "tab", "enter")
    assert path.answers == [here / "mine.yaml"]
