"""A text field without the keys that screen, tmux and terminals keep for themselves."""

from __future__ import annotations

from textual.widgets import Input

from tui.keymap import without_reserved


class TextInput(Input, inherit_bindings=False):
    """Textual's Input; `home` goes to the start, as ctrl+a would."""

    BINDINGS = without_reserved(Input.BINDINGS)
