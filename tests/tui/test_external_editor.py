"""The config in the user's own editor: what is handed over, and what is taken back."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.tui.driving import EditorPilot, editor
from tests.tui.scripted_editor import Script, dialog, left_behind, lent, said, script
from training.config.schema import TrainingConfig
from tui.editor import keeping, user_editor
from tui.editor.draft import Draft
from tui.screens.pick import PickScreen

__all__ = ["lent", "script"]

COMMENTED = "# mine\nepochs: 7   # few\n"


# What comes back


async def test_a_new_config_is_edited_as_a_private_copy(runs_dir: Path, script: Script, lent: list[str]) -> None:
    script.does('printf "# by hand\\nepochs: 12\\n" > "$path"')
    async with editor(runs_dir, Draft(TrainingConfig(epochs=7))) as app:
        await app.press("e")
        assert lent == ["lent", "back"]
        assert Path(script.words[0]).name == "config.yaml"
        assert "epochs: 7" in script.seen.read_text()
        file_mode, folder_mode = script.seen.with_name("seen.modes").read_text().split()
        assert (file_mode, folder_mode) == ("600", "700")
        assert (app.draft.config.epochs, app.draft.yaml()) == (12, "# by hand\nepochs: 12\n")
        assert said(app) == "Taken over from fake editor; it is not saved yet."
        assert left_behind() == []
        await app.press("u")
        assert app.draft.config.epochs == 7
        assert not app.draft.changed


async def test_a_saved_file_is_edited_itself(runs_dir: Path, tmp_path: Path, script: Script) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(COMMENTED)
    script.does('sed -i s/7/12/ "$path"')
    async with editor(runs_dir, Draft.open(path)) as app:
        await app.press("e")
        assert script.words == [str(path)]
        assert (app.draft.config.epochs, app.draft.changed) == (12, False)
        assert said(app) == f"Read again from {path}."
        await app.press("s")
        assert path.read_text() == COMMENTED.replace("7", "12")
        await app.press("u")
        assert (app.draft.config.epochs, app.draft.changed) == (7, True)


async def test_a_file_with_unsaved_changes_is_edited_as_a_copy_of_its_name(
    runs_dir: Path, tmp_path: Path, script: Script
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(COMMENTED)
    script.does('sed -i s/few/several/ "$path"')
    async with editor(runs_dir, Draft.open(path)) as app:
        await app.set("epochs", 9)
        await app.press("e")
        assert (Path(script.words[0]).name, Path(script.words[0]) == path) == ("mine.yaml", False)
        assert script.seen.read_text() == "# mine\nepochs: 9   # few\n"
        assert path.read_text() == COMMENTED
        assert app.draft.yaml() == "# mine\nepochs: 9   # several\n"
        await app.press("s")
        assert path.read_text() == "# mine\nepochs: 9   # several\n"


async def test_a_value_that_is_wrong_is_left_to_be_corrected_in_the_form(runs_dir: Path, script: Script) -> None:
    script.does('printf "epochs: many\\noptimizer: AdamW\\n" > "$path"')
    async with editor(runs_dir) as app:
        await app.press("e")
        assert (app.draft.shown("epochs"), app.draft.config.optimizer) == ("many", "AdamW")
        assert [note.key for note in app.draft.problems] == ["epochs"]


async def test_an_editor_that_changes_nothing_changes_nothing(runs_dir: Path, script: Script) -> None:
    async with editor(runs_dir) as app:
        await app.set("epochs", 9)
        steps = len(app.draft.history.past)
        await app.press("e")
        assert said(app).startswith("Nothing was changed in fake editor.")
        assert "$EDITOR='code --wait'" in said(app)
        assert len(app.draft.history.past) == steps


async def test_the_changes_are_kept_before_the_screen_is_handed_over(runs_dir: Path, script: Script) -> None:
    place = keeping.folder()
    script.does(f"ls '{place}' > '{script.seen}.drafts'")
    async with editor(runs_dir) as app:
        app.draft.set("epochs", 9)
        await app.press("e")
        assert ".json" in script.seen.with_name("seen.drafts").read_text()


# What no form can show


async def broken(app: EditorPilot, script: Script, text: str = "epochs: 12\\nlearing_rate: 1\\n") -> PickScreen:
    script.does(f'printf "{text}" > "$path"')
    await app.press("e")
    return dialog(app)


async def test_broken_yaml_is_listed_with_its_lines(runs_dir: Path, script: Script) -> None:
    async with editor(runs_dir) as app:
        screen = await broken(app, script, "epochs: 12\\nlearing_rate: 1\\nbatch_size: [1\\n")
        assert [choice.title for choice in screen.choices[:2]] == ["Edit again", "Back to the form as it was"]
        assert all(choice.title.startswith("line ") for choice in screen.choices[2:])
        assert len(screen.choices) > 2


async def test_editing_again_goes_on_with_the_text_as_it_was(runs_dir: Path, script: Script) -> None:
    async with editor(runs_dir) as app:
        await broken(app, script)
        script.does('sed -i s/learing/learning/ "$path"')
        await app.press("enter")
        assert script.seen.read_text() == "epochs: 12\nlearing_rate: 1\n"
        assert (app.draft.config.epochs, app.draft.config.learning_rate) == (12, 1.0)
        assert left_behind() == []


@pytest.mark.parametrize("keys", [("down", "enter"), ("escape",)])
async def test_going_back_keeps_the_form_and_the_text(runs_dir: Path, script: Script, keys: tuple[str, ...]) -> None:
    async with editor(runs_dir, Draft(TrainingConfig(epochs=7))) as app:
        await broken(app, script)
        await app.press(*keys)
        assert app.pilot.app.screen is app.screen
        assert app.draft.config == TrainingConfig(epochs=7)
        (name,) = left_behind()
        place = keeping.folder()
        assert place is not None
        assert said(app) == f"The form is as it was. The text is in {place / name}."
        assert (place / name).read_text() == "epochs: 12\nlearing_rate: 1\n"
        assert stat.S_IMODE((place / name).stat().st_mode) == 0o600


async def test_of_a_file_that_was_broken_itself_no_copy_is_kept(runs_dir: Path, tmp_path: Path, script: Script) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(COMMENTED)
    async with editor(runs_dir, Draft.open(path)) as app:
        await broken(app, script)
        await app.press("escape")
        assert said(app) == f"The form is as it was. The file stays as it was written there: {path}."
        assert (app.draft.yaml(), left_behind()) == (COMMENTED, [])
        # The form and the file differ now: saving asks.
        await app.press("s")
        assert "was changed on disk" in dialog(app).heading


async def test_picking_a_problem_edits_again_at_its_line(
    runs_dir: Path, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_editor, "TAKES_LINE", {"fake editor"})
    async with editor(runs_dir) as app:
        screen = await broken(app, script)
        assert [choice.title for choice in screen.choices[2:]] == ["line 2"]
        await app.press("down", "down", "enter")
        assert script.words[0] == "+2"


@pytest.mark.parametrize("does", ['rm "$path"', "printf '\\377\\376' > \"$path\""], ids=["gone", "no text"])
async def test_what_is_no_text_any_more_is_not_taken(runs_dir: Path, script: Script, does: str) -> None:
    script.does(does)
    async with editor(runs_dir, Draft(TrainingConfig(epochs=7))) as app:
        await app.press("e")
        assert dialog(app).choices[0].title == "Edit again"
        await app.press("escape")
        assert app.draft.config.epochs == 7


async def test_a_file_that_was_emptied_is_all_defaults(runs_dir: Path, script: Script) -> None:
    script.does(': > "$path"')
    async with editor(runs_dir, Draft(TrainingConfig(epochs=7))) as app:
        await app.press("e")
        assert app.draft.config == TrainingConfig()
        await app.press("u")
        assert app.draft.config.epochs == 7
