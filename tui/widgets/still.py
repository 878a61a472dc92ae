"""Widgets that nothing scrolls in: their size is given to them once.

Textual (8.2, `Widget.virtual_size`) lays the screen out again, and paints the widget again, each time that a widget has
got another size, since it may need scroll bars now.
"""

from __future__ import annotations

from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.widget import Widget


class Still(Widget):
    """Takes its size without asking for another layout."""

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:  # noqa: ARG002
        return super()._size_updated(size, virtual_size, container_size, layout=False)


class Across(Still, Horizontal):
    """Widgets side by side."""


class Down(Still, Vertical):
    """Widgets one below the other."""
