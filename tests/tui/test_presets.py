"""Starting from a preset, and keeping a config as one: asked before anything is replaced or deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from tests.tui.driving import EditorPilot, HomePilot, editor, home
from training.config import own_presets
from training.config.files import load
from training.config.presets import PRESETS, Preset, preset
from training.config.schema import TrainingConfig
from tui.editor.draft import Draft
from tui.screens.confirm import ConfirmScreen
from tui.screens.editor import EditorScreen
from tui.screens.home import HomeScreen
from tui.screens.keep_preset import NameScreen
from tui.screens.pick import PickScreen
from tui.widgets.keybar import KeyBar


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where one's own presets are."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "config" / "traindeck" / "presets"


def picking(app: HomePilot) -> PickScreen:
    screen = app.app.screen
    assert isinstance(screen, PickScreen)
    return screen


def editing(app: HomePilot) -> Draft:
    screen = app.app.screen
    assert isinstance(screen, EditorScreen)
    return screen.draft


# Starting from one


async def test_presets_are_listed_by_group_each_with_what_it_is_for(runs_dir: Path) -> None:
    own_presets.keep("lungs", "# For X-rays\nepochs: 3\n")
    async with home(runs_dir) as app:
        await app.press("n")
        screen = picking(app)
        groups = [choice.title.split()[0] for choice in screen.choices]
        assert groups == ["guide"] * 4 + ["model"] * 6 + ["own"] * 2
        assert all(choice.detail for choice in screen.choices)
        assert screen.search
        await app.press(*"model vit")
        assert [row.key for row in screen.table.rows] == ["vit", "vit-fine-tuning"]


@pytest.mark.parametrize("entry", PRESETS, ids=lambda entry: entry.id)
async def test_every_preset_opens_by_its_title(runs_dir: Path, entry: Preset) -> None:
    async with home(runs_dir) as app:
        await app.press("n", *[{" ": "space", ",": "comma"}.get(letter, letter) for letter in entry.title], "enter")
        assert editing(app).config == entry.config
        assert not editing(app).changed


async def test_the_defaults_open_as_a_config_without_a_name(runs_dir: Path) -> None:
    async with home(runs_dir) as app:
        await app.press("n", *"defaults", "enter")
        assert editing(app).config == TrainingConfig()


async def test_a_preset_of_ones_own_opens_with_its_comments(runs_dir: Path) -> None:
    own_presets.keep("lungs", "# For X-rays\nepochs: 3  # few\n")
    async with home(runs_dir) as app:
        await app.press("n", *"lungs", "enter")
        draft = editing(app)
        assert (draft.config.epochs, draft.path) == (3, None)
        draft.set("epochs", 4)
        assert draft.yaml() == "# For X-rays\nepochs: 4  # few\n"


async def test_a_broken_one_is_listed_with_its_problem_and_can_be_corrected(runs_dir: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text("epochs: none\n")
    async with home(runs_dir) as app:
        await app.press("n")
        broken = next(choice for choice in picking(app).choices if "bad" in choice.title)
        assert broken.detail.startswith('✗ line 1: epochs: "none" is not a number.')
        await app.press(*"bad", "enter")
        assert picking(app).heading == "The preset bad is broken"
        await app.press("escape")
        assert picking(app).heading == "Start from a preset"
        await app.press(*"bad", "enter", "enter")
        assert editing(app).path == folder / "bad.yaml"
        assert editing(app).problems[0].key == "epochs"


async def test_a_preset_is_deleted_only_after_a_yes(runs_dir: Path, folder: Path) -> None:
    own_presets.keep("lungs", "epochs: 3\n")
    async with home(runs_dir) as app:
        await app.press("n", *"delete one", "enter", "enter")
        assert isinstance(app.app.screen, ConfirmScreen)
        await app.press("enter")
        assert (folder / "lungs.yaml").exists()
        assert picking(app).heading == "Start from a preset"
        await app.press(*"delete one", "enter", "enter", "y")
        assert not (folder / "lungs.yaml").exists()
        assert [choice.title.split()[0] for choice in picking(app).choices][-1] == "model"
        await app.press("escape")
        assert isinstance(app.app.screen, HomeScreen)


async def test_a_preset_that_is_gone_by_the_time_it_is_picked_opens_nothing(runs_dir: Path, folder: Path) -> None:
    own_presets.keep("lungs", "epochs: 3\n")
    async with home(runs_dir) as app:
        await app.press("n", *"lungs")
        (folder / "lungs.yaml").unlink()
        await app.press("enter")
        assert isinstance(app.app.screen, HomeScreen)
        assert app.said == ["The preset lungs is not there any more."]


# Keeping one


def naming(app: EditorPilot) -> NameScreen:
    screen = app.pilot.app.screen
    assert isinstance(screen, NameScreen)
    return screen


async def test_a_config_is_kept_under_the_name_that_is_typed(runs_dir: Path, folder: Path) -> None:
    async with editor(runs_dir, Draft(preset("vit").config, text="# mine\nmodel: {kind: vit}\n")) as app:
        await app.press("P")
        assert "Keep" in [row.description for row in naming(app).query_one(KeyBar).fitting(80)]
        await app.press(*"lungs", "enter")
        assert app.pilot.app.screen is app.screen
        assert load(folder / "lungs.yaml") == preset("vit").config
        assert (folder / "lungs.yaml").read_text().startswith("# mine\n")
        assert "Kept as the preset lungs" in app.about


async def test_the_keys_of_a_preset_s_name_are_not_those_of_a_path(runs_dir: Path) -> None:
    own_presets.keep("lungs-1", "epochs: 3\n")
    async with editor(runs_dir) as app:
        await app.press("P", "l")
        assert [row.description for row in naming(app).query_one(KeyBar).fitting(80)] == ["Keep", "Back", "Complete"]
        await app.press("shift+tab")
        assert naming(app).typed == "lungs-1"


async def test_the_paths_of_a_preset_are_absolute_so_that_it_works_anywhere(
    runs_dir: Path, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "mine.yaml").write_text("data: {source: folder, path: images} # here\n")
    async with editor(runs_dir, Draft.open(tmp_path / "mine.yaml")) as app:
        await app.press("P")
        assert naming(app).typed == "mine"
        await app.press("enter")
    kept = (folder / "mine.yaml").read_text()
    assert kept == f"data: {{source: folder, path: {tmp_path / 'images'}}} # here\n"


async def test_a_name_that_is_none_is_refused_where_it_is_typed(runs_dir: Path, folder: Path) -> None:
    async with editor(runs_dir) as app:
        await app.press("P", "enter")
        assert "A preset needs a name." in str(naming(app).query_one("#preset-error", Static).visual)
        await app.press("v", "i", "t", "enter")
        assert "vit is one of traindeck's presets." in str(naming(app).query_one("#preset-error", Static).visual)
        await app.press("escape")
        assert app.pilot.app.screen is app.screen
        assert not folder.exists()


async def test_a_preset_is_replaced_only_after_a_yes(runs_dir: Path, folder: Path) -> None:
    own_presets.keep("lungs-1", "epochs: 3\n")
    own_presets.keep("lungs-2", "epochs: 4\n")
    async with editor(runs_dir) as app:
        await app.press("P", "l", "tab")
        assert naming(app).typed == "lungs-"
        assert [row.key for row in naming(app).table.rows] == ["lungs-1", "lungs-2"]
        await app.press("down", "tab", "enter")
        assert isinstance(app.pilot.app.screen, ConfirmScreen)
        await app.press("enter")
        assert load(folder / "lungs-2.yaml").epochs == 4
        await app.press("P", *"lungs", "minus", "2", "enter", "y")
        assert load(folder / "lungs-2.yaml").epochs == 100


async def test_a_config_with_values_that_are_not_valid_is_not_kept(runs_dir: Path, folder: Path) -> None:
    draft = Draft(TrainingConfig())
    draft.type("epochs", "many")
    async with editor(runs_dir, draft) as app:
        await app.press("P")
        screen = app.pilot.app.screen
        assert isinstance(screen, PickScreen)
        assert screen.heading.startswith("Not kept")
        assert not folder.exists()


async def test_a_home_that_cannot_be_written_is_said_and_costs_nothing_else(
    runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    async with editor(runs_dir) as app:
        await app.press("P", *"lungs", "enter")
        assert app.pilot.app.screen is app.screen
        assert "cannot be made" in app.about
