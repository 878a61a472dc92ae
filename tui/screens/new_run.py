"""The ways to a new run: from a preset, from a file, from an old run. Each ends in the editor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from training.config.own_presets import OwnPreset, delete, own_presets
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.errors import TraindeckError
from training.runs.lifecycle import RunView
from training.text import one_line
from tui.editor.draft import Draft
from tui.recent_files import remember
from tui.screens import kept_drafts
from tui.screens.confirm import ConfirmScreen
from tui.screens.editor import EditorScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import Choice, PickScreen
from tui.screens.preset_list import DEFAULTS, OWN, config_of, grouped, own_choices, own_of, preset_choices
from tui.screens.unreadable import offer_to_mend

if TYPE_CHECKING:
    from tui.app import TraindeckApp

DELETE, OPEN = "delete", "open"


ON_DIGITS = "It trains on the built-in digits; Data → Source chooses your own images (/ source)."


def edit(app: TraindeckApp, draft: Draft, title: str, replace: EditorScreen | None = None, *, say: str = "") -> None:
    """Open the draft in an editor, in the one that is there if it is given; `say` is the panel's first sentence."""
    if replace is not None:
        replace.take_draft(draft, title)
    else:
        editor = EditorScreen(draft, title)
        editor.said = say
        app.push_screen(editor)


def _on_what(config: TrainingConfig) -> str:
    """What is to be known of the data of a preset."""
    return ON_DIGITS if config.data.source == "digits" else ""


def from_preset(app: TraindeckApp, replace: EditorScreen | None = None) -> None:
    """One of the presets, or the defaults; a preset of the user's own can be deleted here, too.

    In an editor that is there already it is one step to undo.
    """
    own = own_presets()
    choices = preset_choices(own)
    if own:
        choices.append(grouped(DELETE, "own", "Delete one …", "Delete a preset of your own; asks first."))

    def picked(id: str | None) -> None:
        if id == DELETE:
            _ask_which(app, own, lambda: from_preset(app, replace))
        elif id:
            start_from(app, id, replace)

    app.push_screen(PickScreen("Start from a preset", choices), picked)


def start_from(app: TraindeckApp, id: str, replace: EditorScreen | None = None) -> None:
    """The preset of a line of the list, in an editor."""
    if built_in := config_of(id):
        title, config = built_in
        if replace is not None:
            replace.take_preset(config, title)
        else:
            heading = "New config" if id == DEFAULTS else f"New config: {title}"
            edit(app, Draft(config), heading, say=_on_what(config))
    elif chosen := own_of(id):
        _take_own(app, chosen, replace)
    else:
        gone = one_line(id.removeprefix(OWN))
        app.notify(f"The preset {gone} is not there any more.", severity="warning", markup=False)


def _take_own(app: TraindeckApp, own: OwnPreset, replace: EditorScreen | None) -> None:
    """A config from a preset of the user's, comments included; a broken one is corrected or deleted first."""
    if own.preset is not None:
        if replace is not None:
            replace.take_preset(own.preset.config, own.name)
            return
        draft = Draft(own.preset.config, text=own.text, base_dir=Path.cwd())
        edit(app, draft, f"New config: {own.name}", say=_on_what(draft.config))
        return

    def picked(id: str | None) -> None:
        if id == OPEN:
            open_path(app, own.path, one_line(own.path.name), replace)
        elif id == DELETE:
            _delete(app, own, lambda: from_preset(app, replace))
        elif id is None:
            from_preset(app, replace)

    choices = [Choice(OPEN, "Open the file", own.says), Choice(DELETE, "Delete it", one_line(str(own.path)))]
    app.push_screen(PickScreen(f"The preset {own.name} is broken", choices), picked)


def _ask_which(app: TraindeckApp, own: Sequence[OwnPreset], then: Callable[[], None]) -> None:
    def picked(id: str | None) -> None:
        chosen = own_of(id) if id else None
        if chosen is not None:
            _delete(app, chosen, then)
        else:
            then()

    app.push_screen(PickScreen("Delete which preset?", own_choices(own)), picked)


def _delete(app: TraindeckApp, own: OwnPreset, then: Callable[[], None]) -> None:
    """Delete it after a yes, and go on either way."""

    def confirmed(yes: bool | None) -> None:
        if yes:
            try:
                delete(own)
            except TraindeckError as error:
                app.notify(one_line(str(error)), severity="error", markup=False)
        then()

    detail = one_line(str(own.path))
    screen = ConfirmScreen(f"Delete the preset {own.name}?", detail, yes="Delete", no="Keep it", danger=True)
    app.push_screen(screen, confirmed)


def from_file(app: TraindeckApp, replace: EditorScreen | None = None, start: Path | None = None) -> None:
    """A YAML file; the path to type begins with `start`."""

    def picked(path: Path | None) -> None:
        if path is not None:
            open_path(app, path, one_line(path.name), replace)

    app.push_screen(PathScreen("Open a config file", start or Path.cwd(), must_exist=True), picked)


def open_path(app: TraindeckApp, path: Path, title: str, replace: EditorScreen | None = None) -> None:
    """Edit a file; what was left of it unsaved is offered first."""
    kept_drafts.offer_for(app, path, lambda: _open_file(app, path, title, replace), replace)


def _open_file(app: TraindeckApp, path: Path, title: str, replace: EditorScreen | None = None) -> None:
    """Edit a file as on disk; of one that no form can show all that is wrong is listed, to be mended."""
    try:
        draft = Draft.open(path)
    except ConfigError as error:
        offer_to_mend(
            app,
            path,
            title,
            error.problems,
            reopen=lambda: _open_file(app, path, title, replace),
            back=lambda: from_file(app, replace, path),
        )
        return
    remember(path)
    edit(app, draft, title, replace)


def from_run(app: TraindeckApp, run: RunView) -> None:
    """A copy of an old run's config; its file stays as it is."""
    name = one_line(run.summary.name)
    try:
        opened = Draft.open(run.folder.config)
    except ConfigError as error:
        app.notify(str(error), severity="error", markup=False)
        return
    draft = Draft(opened.config, text=opened.text, base_dir=run.folder.path)
    edit(app, draft, f"New config from {name}")
