"""Some images of a listing looked at for their size and pixel mode: their headers, never their pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

from training.dataset.decode import Unreadable, header
from training.dataset.listing import Listing, shown
from training.dataset.preview import Looked, Unread, extent

MOST = 2000
"""Images that are looked at: a second or two, and enough to see what sizes there are."""


def look(
    listing: Listing,
    kind: Literal["image", "byteplot"],
    *,
    most: int = MOST,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
) -> Looked:
    """What the headers of at most `most` images say; `progress` hears (done, total) after each."""
    rows = spread_evenly(listing.labels, most)
    sizes: list[tuple[int, int]] = []
    modes: Counter[str] = Counter()
    unread: list[Unread] = []
    for done, row in enumerate(rows, 1):
        found = header(listing.root, listing.paths[row], kind)
        if isinstance(found, Unreadable):
            unread.append(Unread(shown(found.path), found.why))
        else:
            sizes.append(found.size)
            modes[found.mode] += 1
        progress(done, len(rows))
    return Looked(
        images=len(rows),
        width=extent([width for width, _ in sizes]),
        height=extent([height for _, height in sizes]),
        distinct=len(set(sizes)),
        modes=dict(modes.most_common()),
        unread=tuple(unread),
    )


def spread_evenly(labels: Sequence[int], most: int) -> list[int]:
    """At most `most` rows, as many of each class as there are or as all others get, each class from end to end."""
    by_class: dict[int, list[int]] = {}
    for row, label in enumerate(labels):
        by_class.setdefault(label, []).append(row)
    quota = _quota([len(rows) for rows in by_class.values()], most)
    if quota == 0:
        firsts = [rows[len(rows) // 2] for rows in by_class.values()]
        return _every(firsts, most)
    return sorted(row for rows in by_class.values() for row in _every(rows, quota))


def _quota(counts: Sequence[int], most: int) -> int:
    """The largest number that every class can give, small ones all they have, without exceeding `most`."""
    left, classes = most, len(counts)
    for count in sorted(counts):
        if count * classes > left:
            return left // classes
        left -= count
        classes -= 1
    return max(counts, default=0)


def _every(rows: Sequence[int], count: int) -> list[int]:
    if len(rows) <= count:
        return list(rows)
    return [rows[(2 * place + 1) * len(rows) // (2 * count)] for place in range(count)]
