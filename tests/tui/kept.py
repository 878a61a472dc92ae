"""Drafts on disk, as an app left them that is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.tui.driving import EditorPilot, HomePilot, until
from training.config.schema import TrainingConfig
from tui.editor import keeping
from tui.editor.draft import Draft
from tui.editor.keeping import Holder, Keeper, Kept, me
from tui.editor.unsaved import as_kept, unsaved

GONE = Holder(me().host, me().boot_id, me().pid_space, 2**22 + 1, "1")
"""A process of this machine that does not live: no kernel gives that number."""
COMMENTED = "# mine\nepochs: 7   # few\noptimizer: 'AdamW'\n"


def kept_of(draft: Draft, title: str = "", id: str = "draft") -> Kept:
    state = unsaved(draft, title)
    assert state is not None
    return as_kept(state, id)


def leave(draft: Draft, title: str = "", *, id: str = "draft", holder: Holder = GONE, age: float = 60.0) -> Kept:
    """A draft on disk, as an app left it that is gone."""
    kept = msgspec.structs.replace(kept_of(draft, title, id), holder=holder, kept=time.time() - age)
    assert Keeper(id).put(kept, 1) == ""
    return kept


def changed(epochs: int = 7) -> Draft:
    draft = Draft(TrainingConfig())
    draft.set("epochs", epochs)
    return draft


def of_commented(path: Path, epochs: int = 9) -> Draft:
    path.write_text(COMMENTED)
    draft = Draft.open(path)
    draft.set("epochs", epochs)
    return draft


def place() -> Path:
    folder = keeping.folder()
    assert folder is not None
    return folder


def on_disk() -> list[Path]:
    return sorted(place().glob("*.json")) if place().is_dir() else []


async def kept_with(app: EditorPilot | HomePilot, condition: Callable[[Kept], bool]) -> None:
    await until(app.pilot, lambda: any(condition(kept) for kept in keeping.all_kept()))
