"""The ways to a new run: from a preset, from a file, from an old run. Each ends in the editor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from training.config.presets import PRESETS, preset
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from training.runs.lifecycle import RunView
from training.text import one_line
from tui.editor.draft import Draft
from tui.screens.editor import EditorScreen
from tui.screens.open_file import PathScreen
from tui.screens.pick import Choice, PickScreen

if TYPE_CHECKING:
    from tui.app import TraindeckApp

DEFAULTS = "defaults"


def edit(app: TraindeckApp, draft: Draft, title: str, replace: EditorScreen | None = None) -> None:
    """Open the draft in an editor, in the one that is there if it is given."""
    if replace is not None:
        replace.take_draft(draft, title)
    else:
        app.push_screen(EditorScreen(draft, title))


def from_preset(app: TraindeckApp, replace: EditorScreen | None = None) -> None:
    """One of the guide's presets, or the defaults."""
    choices = [Choice(entry.id, entry.title, entry.description) for entry in PRESETS]
    choices.append(Choice(DEFAULTS, "Defaults", "Every key at its default: Adam at 0.001, 100 epochs."))

    def picked(id: str | None) -> None:
        if id == DEFAULTS:
            edit(app, Draft(TrainingConfig()), "New config", replace)
        elif id is not None:
            edit(app, Draft(preset(id).config), f"New config: {preset(id).title}", replace)

    app.push_screen(PickScreen("Start from a preset", choices), picked)


def from_file(app: TraindeckApp, replace: EditorScreen | None = None, start: Path | None = None) -> None:
    """A YAML file; the path to type begins with `start`."""

    def picked(path: Path | None) -> None:
        if path is not None:
            open_path(app, path, one_line(path.name), replace)

    app.push_screen(PathScreen("Open a config file", start or Path.cwd(), must_exist=True), picked)


def open_path(app: TraindeckApp, path: Path, title: str, replace: EditorScreen | None = None) -> None:
    """Edit a file. Of one that no form can show, all that is wrong is listed; then the path is asked for again."""
    try:
        draft = Draft.open(path)
    except ConfigError as error:
        choices = [
            Choice(
                str(index),
                f"line {problem.line}" if problem.line else "the file",
                one_line(f"{problem.key} {problem.says}"),
            )
            for index, problem in enumerate(error.problems)
        ]
        count = "1 problem" if len(choices) == 1 else f"{len(choices)} problems"
        screen = PickScreen(
            f"{title} cannot be opened: {count}",
            choices,
            search=False,
            labels={"pick.take": "Back to the path", "pick.cancel": ""},
        )
        app.push_screen(screen, lambda _: from_file(app, replace, path))
        return
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
