"""What an editor holds that is in no file: taken apart so that a thread can write it, and put together again."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from training.config import files
from training.config.patch import diff
from training.config.schema import TrainingConfig
from training.errors import InvalidInput
from tui.editor.draft import Draft
from tui.editor.keeping import Holder, Kept, me
from tui.editor.reading import read_config_text


@dataclass(frozen=True)
class Unsaved:
    """What an editor holds at one moment; made of immutable parts, so that a thread can write it."""

    title: str
    path: Path | None
    base_dir: Path
    text: str
    base: str
    saved: TrainingConfig
    config: TrainingConfig
    wrong: tuple[tuple[str, str], ...]
    fork: str = ""
    """Where the run that it launches goes on from."""


def unsaved(draft: Draft, title: str, fork: str = "") -> Unsaved | None:
    """The changes of a draft that are in no file; None where there are none. Costs microseconds."""
    if not draft.changed:
        return None
    wrong = tuple((key, draft.typed[key]) for key in draft.errors)
    return Unsaved(title, draft.path, draft.base_dir, draft.text, draft.base, draft.saved, draft.config, wrong, fork)


def as_kept(state: Unsaved, id: str, holder: Holder | None = None) -> Kept:
    """The same in texts, for its file, held by this process unless by another; costs milliseconds, so a thread does
    it."""
    in_place = bool(state.base.strip())
    return Kept(
        id=id,
        title=state.title,
        path=str(state.path.absolute()) if state.path else "",
        base_dir=str(state.base_dir.absolute()),
        text=state.text,
        start=files.dump(state.saved),
        yaml=files.edit(state.base, state.config) if in_place else files.dump(state.config),
        in_place=in_place,
        wrong=dict(state.wrong),
        changes=len({change.key for change in diff(state.saved, state.config)} | {key for key, _ in state.wrong}),
        kept=time.time(),
        holder=holder or me(),
        fork=state.fork,
    )


def restore(kept: Kept) -> Draft:
    """The draft as it was, its changes one step that can be undone. Raises ConfigError for what no field can show.

    What is on disk meanwhile is not looked at: saving asks, as always, where it differs from the text opened then.
    """
    path = Path(kept.path) if kept.path else None
    first = read_config_text(kept.text or kept.start, kept.name)
    draft = Draft(first.config, text=kept.text, path=path, base_dir=Path(kept.base_dir))
    draft.typed, draft.errors = first.typed, first.errors
    draft.settle(kept.text)
    if kept.in_place:
        draft.take_text(kept.yaml)
    else:
        draft.replace(read_config_text(kept.yaml, kept.name).config)
    for key, text in kept.wrong.items():
        with suppress(InvalidInput, LookupError):  # a key that this version does not have
            draft.type(key, text)
    del draft.history.past[1:]
    draft.history.pause()
    return draft
