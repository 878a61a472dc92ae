"""The field in which a path is typed."""

from __future__ import annotations

from textual.message import Message

from tui.widgets.text_input import TextInput


class PathInput(TextInput):
    """At its end, the right arrow goes on into what is marked; ^u takes what is selected and all before it."""

    class GoesOn(Message):
        """The right arrow at the end of the text."""

    def action_cursor_right(self, select: bool = False) -> None:
        if self.cursor_at_end and self.selection.is_empty and not select:
            self.post_message(self.GoesOn())
        else:
            super().action_cursor_right(select)

    def action_delete_left_all(self) -> None:
        self.cursor_position = max(self.selection)
        super().action_delete_left_all()
