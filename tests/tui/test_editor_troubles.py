"""What can go wrong while one edits: errors that a switch hides, changes while a launch is planned, odd files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import editor, until
from training.config.presets import preset
from training.config.schema import TrainingConfig
from tui.editor.draft import Draft
from tui.editor.planning import plan_draft
from tui.screens.editor import EditorScreen
from tui.screens.launch import LaunchScreen
from tui.screens.pick import PickScreen


def opened(folder: Path, text: str) -> Draft:
    path = folder / "mine.yaml"
    path.write_text(text)
    return Draft.open(path)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("l2_decay: false\nl2_lambda: abc\n", "l2_lambda"),
        ("data: {source: digits, classes: 5}\n", "data.classes"),
        ("model: {kind: vit, blocks: [{filters: many}]}\n", "model.blocks.0"),
        ("model: {blocks: 5}\n", "model.blocks.+"),
        ("model: {blocks: []}\n", "model.blocks.+"),
        ("model: {dense_layers: null}\n", "model.dense_layers.+"),
    ],
)
async def test_every_error_has_a_row_that_is_found_and_corrected(
    runs_dir: Path, tmp_path: Path, text: str, key: str
) -> None:
    async with editor(runs_dir, opened(tmp_path, text)) as app:
        assert len(app.draft.problems) == 1
        visited = []
        for _ in range(6):
            await app.press("n")
            visited.append(app.focused)
        assert key in visited
        await app.press("f4")
        assert isinstance(app.pilot.app.screen, PickScreen)
        await app.press("enter")
        assert app.focused == key
        if key.endswith(".+"):
            await app.press("d")
        elif key == "model.blocks.0":
            await app.press("enter", "ctrl+u", *"filters", "colon", "space", "8", "enter")
        else:
            await app.press("d")
        assert app.draft.problems == []


async def test_a_plan_of_a_config_that_changed_meanwhile_opens_no_dialog(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        draft = app.draft
        planned = plan_draft(draft, lambda _: None)
        await app.type_into("epochs", "77")
        app.screen.take_plan(planned)
        assert app.pilot.app.screen is app.screen
        assert "The config was changed meanwhile" in app.about
        await app.press("f5")
        await until(app.pilot, lambda: isinstance(app.pilot.app.screen, LaunchScreen))


async def test_a_screen_over_the_form_ends_typing_in_it(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "7")
        await app.press("f6", "escape", "j")
        assert not app.screen.form.typing
        assert app.draft.config.epochs == 7


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (120, 40)])
async def test_what_a_fold_leaves_is_still_in_view(runs_dir: Path, size: tuple[int, int]) -> None:
    async with editor(runs_dir, size=size) as app:
        await app.press("G", "z", "z")
        form = app.screen.form
        await until(app.pilot, lambda: 0 <= form.at - form.scroll_offset.y < form.size.height)


async def test_typing_replaces_a_word_for_none(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.set("data.source", "folder")
        await app.focus("data.groups")
        await app.press("enter", "a", "b")
        assert app.draft.config.data.groups == "ab"


async def test_a_step_that_changes_nothing_keeps_what_can_be_done_again(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("epochs")
        await app.press("right", "u", "d")
        assert "Epochs is at its default." in app.about
        await app.press("U")
        assert app.draft.config.epochs == 110


def test_a_moved_item_is_not_given_what_another_one_was() -> None:
    draft = Draft(TrainingConfig())
    draft.move_item("model.blocks.0", 1)
    assert "undo" in draft.set_default("model.blocks.0")
    assert [block.filters for block in draft.config.model.blocks] == [64, 32]


def test_undo_after_saving_elsewhere_keeps_what_a_path_means(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    draft = opened(first, "data: {source: folder, path: images}\n")
    draft.set("epochs", 5)
    draft.save(second / "mine.yaml")
    draft.undo()
    draft.undo()
    assert draft.config.epochs == 100
    assert draft.config.data.path == str(first / "images")


def test_a_preset_keeps_a_text_that_is_no_value_yet_in_what_stays() -> None:
    draft = Draft(TrainingConfig())
    draft.type("data.subset", "half")
    draft.type("epochs", "many")
    draft.replace(preset("small-data").config, keep=("data",))
    assert list(draft.errors) == ["data.subset"]


async def test_unfolded_items_stay_unfolded_where_the_list_changes(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.focus("model.blocks.1")
        await app.press("l", "K", "y")
        assert app.shows("model.blocks.0.filters")
        assert not app.shows("model.blocks.1.filters")
        await app.focus("model.blocks.1")
        await app.press("x", "k", "a", "escape")
        assert app.shows("model.blocks.0.filters")


async def test_the_badge_says_how_many_hints_are_silenced(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("n", "m", "n", "m")
        assert "2 silenced" in app.title


async def test_a_hint_that_is_gone_to_is_read_where_a_view_took_its_place(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("v")
        assert app.screen.side.view == "YAML"
        await app.press("n")
        assert app.screen.side.view == "Help"


async def test_leaving_asks_about_each_editor_that_holds_changes(runs_dir: Path) -> None:
    async with editor(runs_dir) as app:
        await app.type_into("epochs", "7")
        other = Draft(TrainingConfig())
        other.set("epochs", 8)
        await app.pilot.app.push_screen(EditorScreen(other))
        await app.press("ctrl+c", "ctrl+c")
        screen = app.pilot.app.screen
        assert isinstance(screen, PickScreen)
        screen.dismiss("drop")
        await until(
            app.pilot, lambda: isinstance(app.pilot.app.screen, PickScreen) and app.pilot.app.screen is not screen
        )
        assert app.draft.changed
