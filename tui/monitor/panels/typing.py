"""What a key does to a line of text that is typed into a panel."""

from __future__ import annotations

from textual import events

from tui.editor.line_edit import LineEdit

LONGEST = 200


def edited(line: LineEdit, key: events.Key) -> LineEdit | None:
    """The line after that key; None for a key that is not for text."""
    match key.key:
        case "backspace":
            return line.backspace()
        case "delete" | "ctrl+d":
            return line.delete_right()
        case "ctrl+u":
            return line.delete_to_start()
        case "ctrl+k":
            return line.delete_to_end()
        case "ctrl+w":
            return line.delete_word()
        case "left":
            return line.to(line.cursor - 1)
        case "right":
            return line.to(line.cursor + 1)
        case "home":
            return line.to(0)
        case "end" | "ctrl+e":
            return line.to(len(line.text))
    if key.is_printable and key.character is not None:
        return line.insert(key.character) if len(line.text) < LONGEST else line
    return None
