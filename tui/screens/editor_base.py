"""What the parts of the editor's screen know of each other; each part is in a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from training.config.problems import Problem
from training.config.schema import TrainingConfig
from training.runs.fork import Fork
from tui.editor.draft import Draft
from tui.editor.panes.side import Side
from tui.editor.rows import Folds
from tui.widgets.form import Form
from tui.widgets.spans import SpanScreen

if TYPE_CHECKING:
    from tui.app import TraindeckApp


class EditorPart(SpanScreen[None], inherit_bindings=False):
    """The state that all parts share, and what one asks of another."""

    app: TraindeckApp
    draft: Draft
    heading: str
    """What a config without a file is called."""
    folds: Folds
    fork: Fork | None = None
    """Where the run that is launched from here comes from, if from another one."""

    @property
    def form(self) -> Form:
        """The form."""
        return self.query_one("#form", Form)

    @property
    def side(self) -> Side:
        """What stands beside the form, or under it."""
        return self.query_one("#side", Side)

    def show(self) -> None:
        """Everything from the draft again."""
        raise NotImplementedError

    def say(self, sentence: str) -> None:
        """Answer a key, until the next one."""
        raise NotImplementedError

    def go(self, key: str) -> None:
        """Put the cursor on the row of a key, unfolded."""
        raise NotImplementedError

    def forget_kept(self) -> None:
        """The draft is kept elsewhere from now on: in a file, or in a run."""
        raise NotImplementedError

    def take_refusal(self, config: TrainingConfig, problems: Sequence[Problem]) -> None:
        """A launch of that config was tried: this was in the way, or nothing."""
        raise NotImplementedError
