"""Text from outside (run names, log lines, foreign files) made safe to print in a terminal."""

from __future__ import annotations

import re

# Whole escape sequences first (CSI, OSC and the other string types, two-byte ones), then every control character left.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]P_^X]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Bytes of a file name or an argument that are no UTF-8: a stream or a JSON file would refuse them.
_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(text: str) -> str:
    """The text without control sequences, and what is no character as �; tabs and newlines stay."""
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _ESCAPES.sub("", text)))


def one_line(text: str) -> str:
    """The text on one line, without control sequences."""
    return " ".join(plain(text).split())


def clean_name(name: str) -> str:
    """A name that a log gives, such as a metric's, as it is where all of it can be shown, at next to no cost."""
    return name if name.isprintable() else one_line(name) or "\ufffd"


def has_controls(text: str) -> bool:
    """Whether the text holds anything that a terminal would obey."""
    return plain(text) != text or "\n" in text or "\t" in text
