"""What keeps a config from being launched on this machine stands in the form, at its field, as long as it holds."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.widgets import Static

from tests.conftest import MakeFolder
from tests.drawing import image
from tests.tui.driving import EditorPilot, editor, until
from training.config import files
from training.config.data import Data
from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.devices.choice import Choice
from training.runs import plan
from tui.editor.draft import Draft
from tui.editor.gathering import DataKnown
from tui.editor.notes import Note, open_hints
from tui.screens.editor import EditorScreen
from tui.screens.launch import LaunchScreen
from tui.screens.pick import PickScreen
from tui.screens.save import save


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "choose_many", lambda *_, **__: Choice("cpu", "CPU", "no GPU is visible"))


def draft_of(path: Path, **data: Any) -> Draft:
    return Draft(TrainingConfig(data=msgspec.convert({"source": "folder", "path": str(path), **data}, Data)))


def wrong(app: EditorPilot) -> list[tuple[str, str]]:
    """Key and message of every error in the form."""
    return [(note.key, note.message) for note in app.draft.notes if note.severity == "error"]


async def launch_into(app: EditorPilot, screen: type[Any]) -> Any:
    await app.press("f5")
    await until(app.pilot, lambda: isinstance(app.pilot.app.screen, screen))
    return app.pilot.app.screen


async def test_data_that_cannot_be_trained_on_are_an_error_at_their_field_until_they_can(
    runs_dir: Path, make_folder: MakeFolder
) -> None:
    root = make_folder(cat=4)
    async with editor(runs_dir, draft_of(root)) as app:
        await until(app.pilot, lambda: wrong(app))
        assert [key for key, _ in wrong(app)] == ["data.path"]
        assert app.row("data.path").state == "invalid"
        assert "one class only (cat)" in app.row("data.path").note.message  # type: ignore[union-attr]
        assert "✗ 1 error" in app.title
        await app.focus("epochs")
        while app.focused != "data.path":
            await app.press("n")
        assert "A classifier needs two or more classes." in app.about
        await app.set("data.path", str(root.parent))
        assert wrong(app) == []


@pytest.mark.parametrize(("key", "value"), [("data.groups", "patient9"), ("data.classes", ("cat", "owl"))])
async def test_what_the_data_do_not_have_is_an_error_at_the_field_that_names_it(
    runs_dir: Path, make_folder: MakeFolder, key: str, value: object
) -> None:
    async with editor(runs_dir, draft_of(make_folder(cat=4, dog=4))) as app:
        await app.set(key, value)
        await until(app.pilot, lambda: wrong(app))
        assert [found for found, _ in wrong(app)] == [key]
        assert app.row(key).state == "invalid"


async def test_a_config_whose_data_are_elsewhere_is_saved_all_the_same(runs_dir: Path, tmp_path: Path) -> None:
    async with editor(runs_dir, draft_of(tmp_path / "on-another-machine")) as app:
        await until(app.pilot, lambda: wrong(app))
        assert app.draft.problems == []
        app.draft.path = tmp_path / "saved.yaml"
        save(app.screen)
        await app.pilot.pause()
        assert files.load(tmp_path / "saved.yaml").data.path == str(tmp_path / "on-another-machine")
        assert wrong(app)


async def test_data_that_come_while_the_editor_is_left_are_no_error_any_more(runs_dir: Path, tmp_path: Path) -> None:
    root = tmp_path / "late"
    async with editor(runs_dir, draft_of(root)) as app:
        await until(app.pilot, lambda: wrong(app))
        await app.press("f1")
        for name in ("a", "b"):
            (root / name).mkdir(parents=True)
            for number in range(3):
                image(number).save(root / name / f"{number}.png")
        await app.press("escape")
        # Until the new look tells something, the old one counts: the row does not flicker.
        assert wrong(app)
        await until(app.pilot, lambda: not wrong(app))
        assert app.draft.facts.classes == 2


async def test_what_a_launch_met_stands_at_its_field_until_the_config_changes(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Problem("There are no such weights.", "model.weights", remedy="Fetch them.")
    monkeypatch.setattr(plan, "backbone_problems", lambda *_: [lost])
    async with editor(runs_dir) as app:
        await app.set("model.kind", "transfer")
        await launch_into(app, PickScreen)
        await app.press("enter")
        assert app.focused == "model.weights"
        assert wrong(app) == [("model.weights", "There are no such weights.")]
        assert app.row("model.weights").state == "invalid"
        assert "Fetch them." in app.about
        assert app.draft.problems == []
        await app.set("epochs", 7)
        assert wrong(app) == []
        await app.press("u")
        assert wrong(app) == []


async def test_a_launch_that_works_now_takes_back_what_the_last_one_met(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Problem("There are no such weights.", "model.weights")]
    monkeypatch.setattr(plan, "backbone_problems", lambda *_: found)
    async with editor(runs_dir) as app:
        await app.set("model.kind", "transfer")
        await launch_into(app, PickScreen)
        await app.press("escape")
        assert wrong(app)
        found.clear()
        await launch_into(app, LaunchScreen)
        await app.press("escape")
        assert wrong(app) == []


@pytest.mark.parametrize("by", ["launching", "coming back"])
async def test_data_that_a_launch_misses_are_an_error_until_they_are_back(
    runs_dir: Path, make_folder: MakeFolder, by: str
) -> None:
    root = make_folder(a=4, b=4)
    aside = root.with_name("aside")
    async with editor(runs_dir, draft_of(root)) as app:
        await until(app.pilot, lambda: app.draft.facts.classes == 2)
        shutil.move(root, aside)
        await launch_into(app, PickScreen)
        assert [key for key, _ in wrong(app)] == ["data.path"]
        await app.press("enter")
        await until(app.pilot, lambda: app.screen.gatherer and app.screen.gatherer.known.data.error)
        assert len(wrong(app)) == 1
        shutil.move(aside, root)
        if by == "launching":
            await launch_into(app, LaunchScreen)
        else:
            await app.press("f1")
        await app.press("escape")
        await until(app.pilot, lambda: not wrong(app))


async def test_an_answer_from_before_a_new_look_counts_no_more(runs_dir: Path, make_folder: MakeFolder) -> None:
    root = make_folder(a=4, b=4)
    async with editor(runs_dir, draft_of(root)) as app:
        gatherer = app.screen.gatherer
        assert gatherer is not None
        await until(app.pilot, lambda: gatherer.known.data.complete)
        before, asking = gatherer.known.data, gatherer._asking["data"]
        shutil.rmtree(root)
        gatherer.look_again()
        gatherer.post_message(DataKnown(before, asking))
        await app.pilot.pause()
        assert not gatherer.known.data.complete
        await until(app.pilot, lambda: wrong(app))


async def test_a_launch_lists_invalid_values_with_what_is_in_the_way_and_a_save_without(
    runs_dir: Path, tmp_path: Path
) -> None:
    async with editor(runs_dir, draft_of(tmp_path / "lost")) as app:
        await until(app.pilot, lambda: wrong(app))
        await app.type_into("epochs", "0")
        await app.press("escape")
        listed = await launch_into(app, PickScreen)
        assert sorted(choice.title for choice in listed.choices) == ["data.path", "epochs"]
        await app.press("escape")
        save(app.screen)
        await app.pilot.pause()
        saving = app.pilot.app.screen
        assert isinstance(saving, PickScreen)
        assert [choice.title for choice in saving.choices] == ["epochs"]


async def test_what_is_typed_over_what_is_in_the_way_is_all_that_is_said_of_it(runs_dir: Path, tmp_path: Path) -> None:
    async with editor(runs_dir, draft_of(tmp_path / "lost", classes=["a", "b"])) as app:
        await until(app.pilot, lambda: wrong(app))
        app.draft.outside = (Problem("No such class.", "data.classes"),)
        app.draft.type("data.classes", "[a")
        assert [key for key, _ in wrong(app)] == ["data.classes"]
        assert all(note.message != "No such class." for note in app.draft.notes)


# The launch dialog


@pytest.mark.parametrize(
    ("severities", "says"),
    [
        ([], ""),
        (["info"], "i 1 hint open"),
        (["warning", "info", "info"], "! 1 warning, 2 hints open"),
        (["warning", "warning"], "! 2 warnings open"),
        (["error"], ""),
    ],
)
def test_open_hints_are_counted(severities: list[Any], says: str) -> None:
    assert open_hints([Note(severity, "epochs", "") for severity in severities]) == says


async def test_the_launch_dialog_says_how_many_hints_are_open(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("learning_rate", 1.0)
        screen = await launch_into(app, LaunchScreen)
        said = str(screen.query_one("#launch-hints", Static).visual)
        assert said == open_hints(app.draft.notes)
        assert said.startswith("! 1 warning, ")


async def test_without_hints_the_launch_dialog_says_nothing_of_them(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        for _ in range(10):
            for note in app.draft.notes:
                app.draft.take(note.patch)
        assert app.draft.notes == []
        app.screen.show()
        screen = await launch_into(app, LaunchScreen)
        assert not screen.query("#launch-hints")
        await app.press("escape")
        assert isinstance(app.pilot.app.screen, EditorScreen)
