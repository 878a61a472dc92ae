"""Styled text as terminal sequences that only say what changes from one piece to the next."""

from __future__ import annotations

from collections.abc import Iterable

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

RESET = "\x1b[0m"
_NULL = Style.null()


class Pen:
    """Writes segments one after another; cursor moves in between do not change the colours."""

    def __init__(self, color_system: ColorSystem) -> None:
        self._system = color_system
        self._style = _NULL

    def write(self, segments: Iterable[Segment]) -> str:
        """The segments, with a colour sequence only where the style changes."""
        pieces: list[str] = []
        for text, style, control in segments:
            if not control:
                pieces.append(self._change(style or _NULL))
            pieces.append(_linked(text, style) if style is not None and style.link else text)
        return "".join(pieces)

    def close(self) -> str:
        """Back to the terminal's own colours."""
        return self._change(_NULL)

    def _change(self, new: Style) -> str:
        old, self._style = self._style, new
        if new is old or new == old:
            return ""
        codes: list[str] = []
        attributes, had = _attributes(new), _attributes(old)
        loses_colour = (old.color and not new.color) or (old.bgcolor and not new.bgcolor)
        if attributes != had or loses_colour:
            # Attributes are only ever switched off all together.
            if had or loses_colour:
                codes.append("0")
                old = _NULL
            codes += attributes
        if new.color and new.color != old.color:
            codes += new.color.downgrade(self._system).get_ansi_codes()
        if new.bgcolor and new.bgcolor != old.bgcolor:
            codes += new.bgcolor.downgrade(self._system).get_ansi_codes(foreground=False)
        if not codes:
            return ""
        return RESET if codes == ["0"] else f"\x1b[{';'.join(codes)}m"


_SWITCHES = (
    ("bold", "1"),
    ("dim", "2"),
    ("italic", "3"),
    ("underline", "4"),
    ("blink", "5"),
    ("reverse", "7"),
    ("conceal", "8"),
    ("strike", "9"),
    ("underline2", "21"),
    ("overline", "53"),
)


def _attributes(style: Style) -> list[str]:
    return [code for name, code in _SWITCHES if getattr(style, name)]


def _linked(text: str, style: Style) -> str:
    return f"\x1b]8;;{style.link}\x1b\\{text}\x1b]8;;\x1b\\"
