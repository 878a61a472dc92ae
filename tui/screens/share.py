"""Writing a run as one file for others: which kind, where to, and what became of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App

from training.errors import InvalidInput, TraindeckError
from training.figures import storage
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.story.share.writing import HTML, MARKDOWN, check, default_name, share
from training.text import one_line
from tui.screens.pick import Choice, PickScreen
from tui.screens.prompt import Judged, PromptScreen

KINDS = (
    Choice("html", "HTML page", "one file with its curves, for any browser"),
    Choice("html-redacted", "HTML page, redacted", "without paths, hosts, users, ids and the command line"),
    Choice("md", "Markdown", "for an issue or a pull request, curves as text"),
    Choice("md-redacted", "Markdown, redacted", "without paths, hosts, users, ids and the command line"),
)
NOTE_SECONDS = 10.0


def open_share(app: App[Any], folder: RunFolder) -> None:
    """Ask for the kind and the place, then write."""
    app.push_screen(PickScreen("Share this run as", KINDS), partial(_ask_where, app, folder))


def _ask_where(app: App[Any], folder: RunFolder, picked: str | None) -> None:
    if picked is None:
        return
    kind, _, redact = picked.partition("-")
    ending = HTML[0] if kind == "html" else MARKDOWN[0]
    here = Path.cwd()
    prompt = PromptScreen(
        "Write it to",
        str(here / default_name(folder, here, ending)),
        detail="Redacted: read it before you hand it on all the same." if redact else "",
        judge=partial(_judge, here),
    )
    app.push_screen(prompt, partial(_write_to, app, folder, here, bool(redact)))


def _judge(here: Path, text: str) -> Judged:
    try:
        check(_path(here, text))
    except InvalidInput as error:
        return Judged(False, str(error).replace(", or replace it by force", ""))
    return Judged()


def _path(here: Path, text: str) -> Path:
    """Raises InvalidInput for a home that nobody has."""
    try:
        return here / Path(text).expanduser()
    except RuntimeError as error:
        raise InvalidInput(f"{one_line(text)}: there is no such home directory.") from error


def _write_to(app: App[Any], folder: RunFolder, here: Path, redact: bool, text: str | None) -> None:
    if text is not None:
        work = partial(_write, app, folder, _path(here, text), redact)
        app.run_worker(work, thread=True, exit_on_error=False, group="share")


def _write(app: App[Any], folder: RunFolder, path: Path, redact: bool) -> None:
    """In a thread, for a long log takes its time; `notify` only posts a message."""
    run = view(folder)
    try:
        if run is None:
            raise InvalidInput(f"{one_line(str(folder.path))} holds no run any more.")
        share(run, path, redact=redact)
        said = f"{one_line(str(path))}: {storage(path.stat().st_size)}"
    except (TraindeckError, OSError) as error:
        app.notify(one_line(str(error)), title="Not written", severity="error", markup=False)
    else:
        app.notify(said, title="Written", timeout=NOTE_SECONDS, markup=False)
