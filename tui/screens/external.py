"""The config in the user's own editor, and what comes back from there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from training.config import files
from training.config.problems import ConfigError, Problem
from training.errors import TraindeckError
from training.text import one_line
from tui.editor import user_editor
from tui.editor.user_editor import Ended, UserEditor
from tui.screens import lend
from tui.screens.editor import EditorScreen
from tui.screens.pick import Choice, PickScreen

AGAIN, BACK = "again", "back"


def open_external(editor: EditorScreen) -> None:
    """Hand the terminal to $VISUAL, $EDITOR, vi or nano; take over what was written there, as one step to undo.

    The config's file itself where nothing is unsaved, else a private copy.
    """
    draft = editor.draft
    try:
        own = draft.path is not None and not draft.changed and draft.path.is_file()
    except OSError:
        own = False
    try:
        found = user_editor.user_editor()
        if own and draft.path is not None:
            Visit(editor, found, draft.path, draft.text, own=True).go()
        else:
            name = Path(draft.path.name if draft.path is not None else "config.yaml")
            Visit(editor, found, name, draft.yaml(), own=False).go()
    except TraindeckError as error:
        editor.say(one_line(str(error)))


class Visit:
    """One stay in the user's editor, with as many goes as it takes until the form can show the text."""

    def __init__(self, editor: EditorScreen, program: UserEditor, path: Path, text: str, *, own: bool) -> None:
        """`own`: `path` is the config's file, and `text` what the draft has of it. Else a copy is made of that name."""
        self.editor = editor
        self.program = program
        self.path = path
        self.before = text
        self.text = text
        self.own = own

    def go(self, line: int = 0) -> None:
        """Raises TraindeckError where no copy can be made."""
        with ExitStack() as stack:
            path = self.path if self.own else stack.enter_context(user_editor.private_copy(self.path.name, self.text))
            ended = self._edit(path, line)
            if ended is None:
                return
            loaded = files.read(path)
        # Emptied on purpose reads as no problem; a file that is gone or not text has no text and says why.
        readable = bool(loaded.text) or not loaded.problems
        if readable:
            self.text = loaded.text
        if ended.code:
            self._say_failed(ended)
        elif not readable:
            self._ask(loaded.problems)
        elif self.text == self.before:
            self._say_unchanged(ended)
        else:
            self._take()

    def _edit(self, path: Path, line: int) -> Ended | None:
        """None where it came to nothing, which is said."""
        self.editor.upkeep.write_now()
        try:
            return lend.lend(self.editor.app, self.program, path, line)
        except TraindeckError as error:
            self.editor.say(f"{one_line(str(error))} {self._left()}".rstrip())
            return None

    def _take(self) -> None:
        draft = self.editor.draft
        try:
            draft.take_text(self.text)
        except ConfigError as error:
            self._ask(error.problems)
            return
        if self.own:
            draft.settle(self.text)
            self.editor.say(f"Read again from {one_line(str(self.path))}.")
        else:
            self.editor.say(f"Taken over from {self.program.name}; it is not saved yet.")

    def _say_unchanged(self, ended: Ended) -> None:
        self.editor.say(lend.said_unchanged(self.program, ended))

    def _say_failed(self, ended: Ended) -> None:
        failed = lend.said_failed(self.program, ended)
        self.editor.say(f"{failed}: nothing was taken over. {self._left()}".rstrip())

    def _left(self) -> str:
        """Where the text is that the form did not take; empty for one that says nothing new."""
        if self.text == self.before:
            return ""
        if self.own:
            return f"The file stays as it was written there: {one_line(str(self.path))}."
        kept = user_editor.keep_text(self.path.name, self.text)
        return f"The text is in {one_line(str(kept))}." if kept is not None else ""

    def _ask(self, problems: Sequence[Problem]) -> None:
        """Broken YAML and unknown keys: what no field can show."""
        choices = [
            Choice(AGAIN, "Edit again", f"In {self.program.name}, with the text as it is."),
            Choice(BACK, "Back to the form as it was", "The text is kept; where is said then."),
            *(
                Choice(str(at), f"line {problem.line}" if problem.line else "the text", one_line(_says(problem)))
                for at, problem in enumerate(problems)
            ),
        ]
        lines = [problem.line or 0 for problem in problems]

        def picked(choice: str | None) -> None:
            if choice is None or choice == BACK:
                self.editor.say(f"The form is as it was. {self._left()}".rstrip())
                return
            try:
                self.go(lines[0 if choice == AGAIN else int(choice)])
            except TraindeckError as error:
                self.editor.say(f"{one_line(str(error))} {self._left()}".rstrip())

        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        title = f"The form cannot show this: {count}"
        self.editor.app.push_screen(PickScreen(title, choices, search=False), picked)


def _says(problem: Problem) -> str:
    return f"{problem.key} {problem.says}".strip()
