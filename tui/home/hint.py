"""Which keys may be meant while one is typed into the search."""

from __future__ import annotations

from training.runs.columns import ALIASES, RunColumns
from training.text import one_line

MOST = 6


def key_hint(search: str, columns: RunColumns) -> str:
    """The keys that the last word of a search may become; empty where it is none yet, or a whole term already."""
    if not search or search[-1].isspace():
        return ""
    word = search.split()[-1].lstrip("-").casefold()
    if len(word) < 2 or not all(letter.isalnum() or letter in "._" for letter in word):
        return ""
    keys = [*columns.by_key, *ALIASES]
    begun = [key for key in keys if key.casefold().startswith(word) or key.rpartition(".")[2].startswith(word)]
    if not begun:
        return ""
    more = f" and {len(begun) - MOST} more" if len(begun) > MOST else ""
    return one_line(f"keys: {'  '.join(f'{key}:' for key in sorted(begun, key=len)[:MOST])}{more}")
