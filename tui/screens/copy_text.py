"""Text that is copied, and shown to be selected with the mouse where the terminal does not take it."""

from __future__ import annotations

from itertools import zip_longest
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from training.text import plain
from tui import keymap
from tui.away import clipboard
from tui.away.terminal import lend_mouse, take_mouse_back
from tui.widgets.keybar import KeyBar
from tui.widgets.rows import Row, wrap
from tui.widgets.spans import SpanView

SENT = "Sent to the clipboard of your terminal (OSC 52)."
TOO_LONG = "Too long for the clipboard of a terminal ({kib} KiB of at most {most})."
SELECT = "Not there? The mouse is the terminal's here: select the text with it."


class CopyScreen(ModalScreen[None]):
    """Copies `text`, and shows it under `title`, plainly and without a frame at its sides."""

    CSS_PATH = "copy_text.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("copy")

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.heading = title
        self.text = plain(text)
        self.sent = clipboard.fits(self.text)
        self.lines = aligned(self.text)
        self.top = 0

    def compose(self) -> ComposeResult:
        yield SpanView(self.head_rows, id="copy-head")
        yield SpanView(self.text_rows, id="copy-text")
        yield KeyBar("copy")

    def on_mount(self) -> None:
        clipboard.copy(self.app, self.text)
        lend_mouse(self.app)

    def on_unmount(self) -> None:
        take_mouse_back(self.app)

    def on_resize(self) -> None:
        # Title, what became of it, a blank line.
        self.query_one("#copy-head").styles.height = len(self.head_rows(self.size.width, 0))

    @property
    def said(self) -> str:
        """What became of it, and what to do where the terminal did not take it."""
        size = len(self.text.encode())
        long = TOO_LONG.format(kib=-(-size // 1024), most=clipboard.MOST_BYTES // 1024)
        return f"{SENT} {SELECT}" if self.sent else f"{long} {SELECT.removeprefix('Not there? ')}"

    def head_rows(self, width: int, _height: int) -> list[Row]:
        return [[(f"Copy: {self.heading}", "title")], *wrap(self.said, width, "muted"), []]

    def broken(self, width: int) -> list[str]:
        """The lines as they are shown: a long one goes on below, and columns that do not fit side by side run on."""
        lines = self.lines
        if any(cell_len(line) > width for line in lines):
            lines = self.text.rstrip("\n").replace("\t", "  ").split("\n")
        return [part for line in lines for part in (chop_cells(line, width) if line else [""])]

    def text_rows(self, width: int, height: int) -> list[Row]:
        lines = self.broken(width)
        self.top = max(0, min(self.top, len(lines) - height))
        return [[(line, "text")] for line in lines[self.top : self.top + height]]

    @property
    def view(self) -> SpanView:
        return self.query_one("#copy-text", SpanView)

    def action_scroll(self, lines: int) -> None:
        self.top += lines
        self.view.update_rows()

    def action_page(self, pages: int) -> None:
        """By a page, of which one line stays in sight."""
        self.action_scroll(pages * max(1, self.view.size.height - 1))

    def action_close(self) -> None:
        self.dismiss(None)


def aligned(text: str) -> list[str]:
    """The lines of a text, columns that are apart by tabs one below the other."""
    lines = [line.split("\t") for line in text.rstrip("\n").split("\n")]
    tables = [line for line in lines if len(line) > 1]
    widths = [max(map(cell_len, column)) for column in zip_longest(*tables, fillvalue="")]
    return [
        line[0]
        if len(line) == 1
        else "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=False)
        ).rstrip()
        for line in lines
    ]
