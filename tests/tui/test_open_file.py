"""The path dialog: completion as in a shell, what entries are, recent files, mouse and small screens."""

from __future__ import annotations

from pathlib import Path

from tests.tui.disk import make
from tests.tui.path_dialog import dialog, here
from tui.recent_files import remember
from tui.widgets.keybar import KeyBar

__all__ = ["here"]


# The dialog


async def test_tab_completes_as_far_as_all_agree_then_goes_through_them(tmp_path: Path, here: Path) -> None:
    make(here, "run-a.yaml", "run-b.yaml", "other.yaml")
    async with dialog(tmp_path) as path:
        await path.press("r", "tab")
        assert path.typed == "run-"
        seen = []
        for _ in range(3):
            await path.press("tab")
            seen.append((path.typed, path.marked, path.names))
        both = ["run-a.yaml", "run-b.yaml"]
        assert seen == [(name, name, both) for name in ("run-a.yaml", "run-b.yaml", "run-a.yaml")]
        await path.press("enter")
    assert path.answers == [Path("run-a.yaml")]


async def test_tab_goes_into_folders_and_typing_on_narrows_again(tmp_path: Path, here: Path) -> None:
    make(here, "configs/deep/a.yaml", "configs/deep/b.yaml")
    async with dialog(tmp_path) as path:
        await path.press("tab", "tab")
        assert path.typed == "configs/deep/"
        await path.press("tab")
        assert path.typed == "configs/deep/a.yaml"
        await path.press("backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "b")
        assert path.names == ["b.yaml"]


async def test_right_at_the_end_goes_into_the_marked_folder(tmp_path: Path, here: Path) -> None:
    make(here, "a/x.yaml", "b/y.yaml")
    async with dialog(tmp_path) as path:
        await path.press("down", "right")
        assert (path.typed, path.names) == ("b/", ["y.yaml"])
        await path.press("left", "left", "right")
        assert path.typed == "b/"
        await path.press("end", "right", "enter")
    assert path.answers == [Path("b/y.yaml")]


async def test_enter_opens_what_is_marked_and_goes_into_folders(tmp_path: Path, here: Path) -> None:
    make(here, "configs/a.yaml", "configs/b.yaml")
    async with dialog(tmp_path) as path:
        assert path.enter == "Go in"
        await path.press("enter")
        assert (path.typed, path.enter) == ("configs/", "Open")
        await path.press("down", "enter")
    assert path.answers == [Path("configs/b.yaml")]


async def test_the_typed_file_goes_before_the_marked_one(tmp_path: Path, here: Path) -> None:
    make(here, "plain", "plain.yaml")
    async with dialog(tmp_path) as path:
        await path.type("plain")
        assert path.names == ["plain.yaml"]
        await path.press("enter")
    assert path.answers == [Path("plain")]


async def test_a_file_that_is_not_there_is_refused_in_one_line(tmp_path: Path, here: Path) -> None:
    async with dialog(tmp_path) as path:
        await path.type("mine")
        assert path.note == "No folder or YAML file begins so."
        await path.press("enter")
        assert path.note == f"✗ There is no file '{here}/mine'."
        assert path.answers == []
        await path.press("backspace")
        assert "✗" not in path.note


async def test_what_an_entry_is_stands_beside_it_and_of_the_marked_one_below_the_text(
    tmp_path: Path, here: Path
) -> None:
    make(here, "configs/a.yaml")
    (here / "base.yaml").write_text("# The baseline\n")
    async with dialog(tmp_path) as path:
        await path.until(lambda: path.said == {"configs/": "1 entry", "base.yaml": "The baseline"})
        assert path.note == "base.yaml: The baseline"
        await path.press("up")
        assert path.note == "configs: 1 entry"


async def test_recent_files_come_first_while_nothing_is_typed(tmp_path: Path, here: Path) -> None:
    make(tmp_path, "elsewhere/old.yaml", "elsewhere/new.yaml")
    make(here, "a.yaml")
    remember(tmp_path / "elsewhere/old.yaml")
    remember(tmp_path / "elsewhere/new.yaml")
    async with dialog(tmp_path, here) as path:
        assert path.names == ["new.yaml", "old.yaml", "a.yaml"]
        assert path.said["new.yaml"] == f"recent, in {tmp_path}/elsewhere"
        await path.press("a")
        assert path.names == ["a.yaml"]
        await path.press("backspace", "down", "enter")
    assert path.answers == [tmp_path / "elsewhere/old.yaml"]


async def test_a_recent_file_of_the_folder_is_there_once_and_still_completed(tmp_path: Path, here: Path) -> None:
    make(here, "ab.yaml", "ac.yaml", "deep/")
    remember(here / "ac.yaml")
    async with dialog(tmp_path, here) as path:
        assert path.names == ["ac.yaml", "deep/", "ab.yaml"]
        assert path.said["ac.yaml"].startswith("recent")
        await path.press("a", "tab", "tab")
        assert path.names == ["ab.yaml", "ac.yaml"]
    async with dialog(tmp_path, here) as path:
        await path.press("up", *"a")
        assert path.names == ["ab.yaml", "ac.yaml"]


async def test_recent_data_that_is_the_folder_itself_is_there_once(tmp_path: Path, here: Path) -> None:
    make(here, "pets/cat/", "birds/wren/")
    remember(here / "pets")
    async with dialog(tmp_path, here, wants="data") as path:
        assert path.names == ["./", "pets/", "birds/"]
    async with dialog(tmp_path, here / "pets", wants="data") as path:
        assert path.names == ["./", "cat/"]


async def test_where_a_config_is_opened_the_first_file_is_marked_until_a_name_is_begun(
    tmp_path: Path, here: Path
) -> None:
    make(here, "a/x.yaml", "a/deep/", "b/", "c.yaml", "cc/")
    async with dialog(tmp_path, here) as path:
        assert path.marked == "c.yaml"
        await path.press("up", "up", "up", "right")
        assert (path.names, path.marked) == (["deep/", "x.yaml"], "x.yaml")
        await path.press("ctrl+u", "c")
        assert path.marked == "cc/"


async def test_tab_completes_from_the_folder_although_recent_files_stand_above(tmp_path: Path, here: Path) -> None:
    make(tmp_path, "elsewhere/old.yaml")
    make(here, "alone.yaml")
    remember(tmp_path / "elsewhere/old.yaml")
    async with dialog(tmp_path, here) as path:
        await path.press("tab")
        assert path.typed == f"{here}/alone.yaml"


async def test_a_new_file_may_take_a_name_that_begins_like_another(tmp_path: Path, here: Path) -> None:
    make(here, "config-2.yaml")
    async with dialog(tmp_path, here / "config", must_exist=False) as path:
        assert (path.names, path.note, path.enter) == (["config-2.yaml"], "A new file.", "Save")
        await path.press("enter")
    assert path.answers == [here / "config"]


async def test_a_new_file_may_be_in_a_folder_that_is_not_there_yet_but_needs_a_name(tmp_path: Path, here: Path) -> None:
    async with dialog(tmp_path, "nowhere/a.yaml", must_exist=False) as path:
        await path.press("ctrl+u", "enter")
        assert path.note == "✗ This is a folder: type a name for the file."
        assert path.answers == []
        await path.press(*"new/a", "enter")
    assert path.answers == [Path("new/a")]


async def test_a_marked_file_is_put_into_the_text_before_it_is_overwritten(tmp_path: Path, here: Path) -> None:
    make(here, "a.yaml", "b.yaml")
    async with dialog(tmp_path, here, must_exist=False) as path:
        await path.press("down", "enter")
        assert (path.typed, path.note) == (f"{here}/b.yaml", "This file is there already.")
        assert path.answers == []
        await path.press("enter")
    assert path.answers == [here / "b.yaml"]


# Mouse and sizes


async def test_a_click_goes_into_a_folder_and_opens_a_file(tmp_path: Path, here: Path) -> None:
    make(here, "configs/a.yaml", "configs/b.yaml")
    async with dialog(tmp_path) as path:
        await path.pilot.click("#path-entries", offset=(4, 0))
        await path.pilot.pause()
        assert path.typed == "configs/"
        await path.pilot.click("#path-entries", offset=(4, 1))
        await path.pilot.pause()
    assert path.answers == [Path("configs/b.yaml")]


async def test_a_click_on_the_folder_itself_takes_the_data(tmp_path: Path, here: Path) -> None:
    make(here, "pets/cat/", "pets/dog/")
    async with dialog(tmp_path, wants="data") as path:
        await path.pilot.click("#path-entries", offset=(4, 1))
        await path.pilot.pause()
        assert path.typed == "pets/"
        await path.pilot.click("#path-entries", offset=(4, 0))
        await path.pilot.pause()
    assert path.answers == [Path("pets")]


async def test_on_a_small_screen_text_note_list_and_keys_are_all_there(tmp_path: Path, here: Path) -> None:
    make(here, *(f"{number:02}.yaml" for number in range(30)))
    async with dialog(tmp_path, size=(40, 12)) as path:
        for selector, height in (("#path", 1), ("#path-note", 1), ("#path-entries", 6), ("KeyBar", 1)):
            region = path.screen.query_one(selector).region
            assert region.height == height
            assert path.screen.region.contains_region(region)
        bar = path.screen.query_one(KeyBar)
        assert [row.description for row in bar.fitting(bar.size.width)] == ["Open", "Back", "Complete"]
        await path.press("down", "down", "down", "down", "down", "down", "down", "down", "enter")
    assert path.answers == [Path("08.yaml")]


async def test_the_focus_stays_in_the_text(tmp_path: Path, here: Path) -> None:
    make(here, "ab.yaml")
    async with dialog(tmp_path) as path:
        await path.press("tab", "shift+tab", "down", *"/b")
        assert path.typed.endswith("ab.yaml/b")


async def test_on_a_small_screen_the_way_back_stays_beside_a_marked_folder(tmp_path: Path, here: Path) -> None:
    make(here, "deep/")
    async with dialog(tmp_path, size=(40, 12)) as path:
        bar = path.screen.query_one(KeyBar)
        assert [row.description for row in bar.fitting(bar.size.width)] == ["Go in", "Back", "Complete"]
