"""The panel that follows the cursor: hints in full, help, the guide's tables; it scrolls where they are long."""

from __future__ import annotations

from tui import keymap
from tui.editor.about import about_rows
from tui.editor.draft import Draft
from tui.editor.rows import FormRow
from tui.widgets.rows import Row, between
from tui.widgets.spans import SpanView


class AboutPane(SpanView, can_focus=False):
    """Shows one row of a draft; a long text goes on with the keys that scroll it."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(self.lines, id=id)
        self.first = 0
        self._draft: Draft | None = None
        self._row: FormRow | None = None
        self._said = ""
        self._typing = False

    def show(self, draft: Draft, row: FormRow | None, said: str = "", *, typing: bool = False) -> None:
        """What there is to say of the row, after what the last key did; from the top where it is another row."""
        if row is None or self._row is None or row.key != self._row.key or said:
            self.first = 0
        self._draft, self._row, self._said, self._typing = draft, row, said, typing
        self.update_rows()

    def whole(self, width: int) -> list[Row]:
        """All of it, however long."""
        if self._draft is None or self._row is None:
            return []
        return about_rows(self._draft, self._row, self._said, width, typing=self._typing)

    def lines(self, width: int, height: int) -> list[Row]:
        """The part that is shown; its last line says where the rest is."""
        whole = self.whole(width)
        self.first = max(0, min(self.first, len(whole) - height))
        shown = whole[self.first : self.first + height]
        rest = len(whole) - self.first - height
        if rest > 0 and height > 2:
            more = f"{keymap.find('editor.scroll_down').names} {rest + 1} more lines"
            shown[-1] = between([], [(more, "muted")], width)
        return shown

    def scroll(self, rows: int) -> None:
        """Down, or up, by so many rows."""
        self.first += rows
        self.update_rows()

    def on_mouse_scroll_down(self) -> None:
        self.scroll(2)

    def on_mouse_scroll_up(self) -> None:
        self.scroll(-2)
