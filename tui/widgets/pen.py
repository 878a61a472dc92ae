"""Styled text as terminal sequences that only say what changes from one piece to the next."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.color import Color, ColorSystem
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
        """The segments, with a colour sequence only where the style changes, and is seen to."""
        pieces: list[str] = []
        for text, style, control in segments:
            style = style or _NULL
            if not control and not self._looks_the_same(text, style):
                pieces.append(self.turn(style))
            pieces.append(self.text(text, style))
        return "".join(pieces)

    @staticmethod
    def text(text: str, style: Style) -> str:
        """The text, with the link of its style."""
        return f"\x1b]8;;{style.link}\x1b\\{text}\x1b]8;;\x1b\\" if style.link else text

    def close(self) -> str:
        """Back to the terminal's own colours."""
        return self.turn(_NULL)

    def _looks_the_same(self, text: str, style: Style) -> bool:
        """Whether the text is blank, and so is without another colour what it is with it."""
        now = self._style
        if style is now or not text.isspace():
            return False
        return style.bgcolor == now.bgcolor and is_plain(style) and is_plain(now)

    def turn(self, new: Style) -> str:
        """From now on in that style."""
        old, self._style = self._style, new
        return "" if new is old or new == old else _change(old, new, self._system)


@lru_cache(maxsize=1024)
def _change(old: Style, new: Style, system: ColorSystem) -> str:
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
        codes += _codes(new.color, system)
    if new.bgcolor and new.bgcolor != old.bgcolor:
        codes += _codes(new.bgcolor, system, foreground=False)
    if not codes:
        return ""
    return RESET if codes == ["0"] else f"\x1b[{';'.join(codes)}m"


def _codes(color: Color, system: ColorSystem, *, foreground: bool = True) -> tuple[str, ...]:
    return color.downgrade(system).get_ansi_codes(foreground)


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
_SEEN_ON_BLANKS = ("underline", "reverse", "strike", "underline2", "overline")


def _attributes(style: Style) -> list[str]:
    return [code for name, code in _SWITCHES if getattr(style, name)]


@lru_cache(maxsize=1024)
def is_plain(style: Style) -> bool:
    """Whether a blank in that style shows nothing but its ground."""
    return not style.link and not any(getattr(style, name) for name in _SEEN_ON_BLANKS)
