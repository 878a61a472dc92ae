"""An $EDITOR that a test writes, and a terminal that can be handed to it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tui.driving import EditorPilot
from tui.app import TraindeckApp
from tui.editor import keeping
from tui.screens.pick import PickScreen


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The terminal of a test can be handed over; holds what was handed to whom."""
    seen: list[str] = []

    @contextmanager
    def suspend(_: TraindeckApp) -> Iterator[None]:
        seen.append("lent")
        yield
        seen.append("back")

    monkeypatch.setattr(TraindeckApp, "suspend", suspend)
    monkeypatch.delenv("VISUAL", raising=False)
    return seen


class Script:
    """An editor that a test writes: a shell script, with the path to edit in $1 and its words in a file."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "bin" / "fake editor"
        self.path.parent.mkdir()
        self.words_file = folder / "words"
        self.seen = folder / "seen"
        monkeypatch.setenv("EDITOR", f"'{self.path}'")
        self.does(":")

    def does(self, lines: str) -> None:
        head = f"""\
            #!/bin/sh
            printf '%s\\n' "$@" > '{self.words_file}'
            for path; do :; done
            cp "$path" '{self.seen}'
            stat -c '%a' "$path" "$(dirname "$path")" > '{self.seen}.modes'
            """
        self.path.write_text(f"{textwrap.dedent(head)}{lines}\n")
        self.path.chmod(0o755)

    @property
    def words(self) -> list[str]:
        return self.words_file.read_text().splitlines()


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lent: list[str]) -> Script:
    return Script(tmp_path, monkeypatch)


def left_behind() -> list[str]:
    """What is in the drafts' folder beside the drafts."""
    place = keeping.folder()
    assert place is not None
    return sorted(path.name for path in place.iterdir() if path.suffix != ".json") if place.is_dir() else []


def said(app: EditorPilot) -> str:
    """What the panel answers, whatever its width."""
    return app.screen.said


def dialog(app: EditorPilot) -> PickScreen:
    screen = app.pilot.app.screen
    assert isinstance(screen, PickScreen)
    return screen
