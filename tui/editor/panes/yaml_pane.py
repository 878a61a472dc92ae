"""The YAML pane: the file as it will be saved, its changes and errors marked, following the focused field."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.timer import Timer

from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from tui.editor.yaml_lines import entries, title_row, yaml_rows
from tui.editor.yaml_text import YamlText, yaml_text
from tui.widgets.rows import Row
from tui.widgets.spans import SpanView

if TYPE_CHECKING:
    from tui.editor.draft import Draft

LARGE = 2_000
"""Characters of a file that is edited anew only after a pause in typing; see `tests/bench/bench_yaml_pane.py`."""
PAUSE = 0.25
"""Seconds without a change that end such a wait."""


class YamlPane(SpanView, can_focus=False):
    """Shows the draft that it was told of last."""

    TITLE: ClassVar[str] = "YAML"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(self._lines, id=id, classes=classes)
        self._draft: Draft | None = None
        self._key = ""
        self._top = 0
        self._seen: tuple[TrainingConfig, str, str] | None = None
        self._text: YamlText | None = None
        self._timer: Timer | None = None

    def show(self, draft: Draft, key: str) -> None:
        """The file of this draft, with the line of the row `key` in sight."""
        another = draft is not self._draft
        self._draft, self._key = draft, key
        if another or self._text is None or len(draft.base) < LARGE:
            self._read()
        elif self.late:
            self._wait()
        self.update_rows()

    @property
    def late(self) -> bool:
        """Whether the text that is shown is older than the draft."""
        draft = self._draft
        return draft is not None and self._seen != (draft.config, draft.base, draft.text)

    def _read(self) -> None:
        """Bring the text up to the draft; moving about costs nothing."""
        draft = self._draft
        if draft is None or not self.late:
            return
        self._seen = (draft.config, draft.base, draft.text)
        try:
            text = draft.yaml()
        except ConfigError:  # no edit fits into a text that is no YAML
            text = draft.base
        self._text = yaml_text(text, draft.text)

    def _wait(self) -> None:
        """A large file takes longer than a key may: it waits for a pause."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self.catch_up)

    def catch_up(self) -> None:
        """Show the draft as it is now."""
        self._read()
        self.update_rows()

    def _lines(self, width: int, height: int) -> list[Row]:
        draft, text = self._draft, self._text
        if draft is None or text is None:
            return []
        found = entries(text, draft.config, draft.notes, draft.typed, self._key, width)
        rows, self._top = yaml_rows(found, text, self._top, width, height - 1)
        name = draft.path.name if draft.path else "New config"
        return [title_row(name, text, draft.text, width, self.late), *rows]
