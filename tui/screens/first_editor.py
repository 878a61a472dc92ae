"""What `traindeck edit CONFIG` shows first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from training.config.schema import TrainingConfig
from training.text import one_line
from tui import keymap
from tui.editor.draft import Draft
from tui.paths import is_folder
from tui.screens import kept_drafts, new_run
from tui.screens.preset_list import line_of

if TYPE_CHECKING:
    from tui.app import TraindeckApp


def open_first(app: TraindeckApp, name: str) -> None:
    """An editor on a file, old or new, or on a preset; of a folder the way to a file in it, of no name the presets."""
    path, title = Path(name), one_line(Path(name).name)
    if not name:
        new_run.from_preset(app)
    elif is_folder(path):
        new_run.from_file(app, start=path)
    elif path.exists():
        new_run.open_path(app, path, title)
    elif preset := line_of(name):
        new_run.start_from(app, preset)
    else:
        kept_drafts.offer_for(app, path, lambda: _open_new(app, path, title))


def _open_new(app: TraindeckApp, path: Path, title: str) -> None:
    save = keymap.find("editor.save").keys.partition(",")[0]
    new_run.edit(app, Draft(TrainingConfig(), path=path), title, say=f"A new file, at the defaults; {save} writes it.")
