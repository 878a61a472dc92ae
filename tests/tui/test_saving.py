"""Saving: where, over what, and what stands in the way; never over something that was not seen."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.tui.driving import EditorPilot, dialog, editor, type_epochs
from training.config import files
from training.config.schema import TrainingConfig
from tui import recent_files
from tui.editor.draft import Draft
from tui.screens import save
from tui.screens.compare import CompareScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import PickScreen

pytestmark = pytest.mark.usefixtures("here")


async def test_a_new_config_asks_for_its_name_once(runs_dir: Path, here: Path) -> None:
    async with editor(runs_dir) as app:
        await type_epochs(app, "7")
        await app.press("s")
        assert isinstance(app.pilot.app.screen, PathScreen)
        await app.press("enter")
        assert files.load(here / "config.yaml").epochs == 7
        assert not app.draft.changed
        await app.type_into("epochs", "8")
        await app.press("ctrl+y")
        assert files.load(here / "config.yaml").epochs == 8


async def test_saving_says_where_and_remembers_the_file(runs_dir: Path, here: Path) -> None:
    (here / "mine.yaml").write_text("epochs: 1\n")
    async with editor(runs_dir, Draft.open(Path("mine.yaml"))) as app:
        await type_epochs(app, "2")
        await app.press("s")
        assert "Saved as mine.yaml." in app.about
        assert recent_files.recent()[0] == here / "mine.yaml"


async def test_a_file_that_is_not_ours_is_overwritten_only_after_a_yes(runs_dir: Path, here: Path) -> None:
    (here / "config.yaml").write_text("epochs: 1\n")
    async with editor(runs_dir) as app:
        await app.press("f4", "enter")
        assert isinstance(app.pilot.app.screen, ConfirmScreen)
        await app.press("enter")
        assert (here / "config.yaml").read_text() == "epochs: 1\n"
        await app.press("f4", "enter", "y")
        assert files.load(here / "config.yaml") == TrainingConfig()


async def changed_on_disk(app: EditorPilot, path: Path) -> PickScreen:
    """The question about a file that somebody else has written meanwhile."""
    path.write_text("epochs: 2\n")
    await type_epochs(app, "3")
    await app.press("s")
    return dialog(app)


async def test_a_file_that_changed_on_disk_is_kept_by_enter_and_esc(runs_dir: Path, here: Path) -> None:
    path = here / "mine.yaml"
    path.write_text("epochs: 1\n")
    async with editor(runs_dir, Draft.open(path)) as app:
        assert [choice.id for choice in (await changed_on_disk(app, path)).choices] == ["keep", "compare", "overwrite"]
        await app.press("enter")
        await app.press("s", "escape")
        assert path.read_text() == "epochs: 2\n"
        assert app.draft.changed


async def test_a_file_that_changed_on_disk_is_overwritten_when_that_is_picked(runs_dir: Path, here: Path) -> None:
    path = here / "mine.yaml"
    path.write_text("epochs: 1\n")
    async with editor(runs_dir, Draft.open(path)) as app:
        await changed_on_disk(app, path)
        await app.press("down", "down", "enter")
        assert path.read_text() == "epochs: 3\n"
        assert not app.draft.changed


async def test_a_file_that_changed_on_disk_can_be_compared_first(runs_dir: Path, here: Path) -> None:
    path = here / "mine.yaml"
    path.write_text("epochs: 1\n")
    async with editor(runs_dir, Draft.open(path)) as app:
        await changed_on_disk(app, path)
        await app.press("down", "enter")
        screen = app.pilot.app.screen
        assert isinstance(screen, CompareScreen)
        assert path.read_text() == "epochs: 2\n"


def test_saved_into_another_folder_a_path_still_leads_where_it_led(here: Path) -> None:
    (here / "configs").mkdir()
    draft = Draft(TrainingConfig(), base_dir=here)
    draft.take({"data.source": "folder", "data.path": "images"})
    draft.save(here / "configs" / "mine.yaml")
    assert files.load(here / "configs" / "mine.yaml").data.path == str(here / "images")
    assert not draft.changed
    draft.set("data.path", "../images")
    draft.save(here / "configs" / "other.yaml")
    assert files.load(here / "configs" / "other.yaml").data.path == "../images"


@pytest.mark.parametrize(("key", "saved"), [("y", True), ("n", False), ("enter", True)])
async def test_a_folder_that_is_gone_is_created_after_a_yes(runs_dir: Path, here: Path, key: str, saved: bool) -> None:
    path = here / "a" / "b" / "mine.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("epochs: 1\n")
    async with editor(runs_dir, Draft.open(path)) as app:
        path.unlink()
        path.parent.rmdir()
        path.parent.parent.rmdir()
        await type_epochs(app, "5")
        await app.press("s")
        assert isinstance(app.pilot.app.screen, ConfirmScreen)
        await app.press(key)
        assert path.exists() is saved
        assert app.draft.changed is not saved


async def test_a_folder_under_the_files_name_is_refused(runs_dir: Path, here: Path) -> None:
    path = here / "mine.yaml"
    path.write_text("epochs: 1\n")
    async with editor(runs_dir, Draft.open(path)) as app:
        path.unlink()
        path.mkdir()
        await type_epochs(app, "5")
        await app.press("s")
        assert f"Not saved: {path} is a folder." in app.about


async def test_a_file_in_the_folders_place_is_refused(runs_dir: Path, here: Path) -> None:
    path = here / "configs" / "mine.yaml"
    path.parent.mkdir()
    path.write_text("epochs: 1\n")
    async with editor(runs_dir, Draft.open(path)) as app:
        path.unlink()
        path.parent.rmdir()
        path.parent.write_text("")
        await type_epochs(app, "5")
        await app.press("s")
        assert f"Not saved: {path.parent} is a file, not a folder." in app.about


async def test_a_name_that_no_disk_takes_is_refused(runs_dir: Path, here: Path) -> None:
    async with editor(runs_dir) as app:
        save._save_to(app.screen, here / f"{'x' * 300}.yaml", None)
        assert "cannot be reached: File name too long." in " ".join(app.about.split())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
async def test_a_disk_that_takes_nothing_leaves_the_file_and_the_changes(
    runs_dir: Path, here: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(_: int) -> None:
        raise OSError(code, os.strerror(code))

    path = here / "mine.yaml"
    path.write_text("epochs: 1\n")
    async with editor(runs_dir, Draft.open(path)) as app:
        await type_epochs(app, "5")
        monkeypatch.setattr("os.fsync", full)
        await app.press("s")
        assert f"cannot be written: {os.strerror(code)}." in app.about
        assert path.read_text() == "epochs: 1\n"
        assert app.draft.changed
        assert sorted(entry.name for entry in here.glob("*mine*")) == ["mine.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_read_only_file_is_left_alone(runs_dir: Path, here: Path) -> None:
    path = here / "mine.yaml"
    path.write_text("epochs: 1\n")
    path.chmod(0o444)
    async with editor(runs_dir, Draft.open(path)) as app:
        await type_epochs(app, "5")
        await app.press("s")
        assert "cannot be written: Permission denied. Save it under another name." in app.about
        assert path.read_text() == "epochs: 1\n"


async def test_a_draft_with_errors_lists_them_instead_of_saving(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await type_epochs(app, "0")
        await app.focus("optimizer")
        await app.press("s")
        assert "Not saved" in dialog(app).heading
        await app.press("enter")
        assert app.focused == "epochs"
