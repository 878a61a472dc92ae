"""Which groups are drawn, whole, so that each class gives about its share."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

Counts = Mapping[int, int]
"""Images by class."""

_ATTEMPTS = 32
"""Orders that are tried where groups of several classes get in each other's way."""


class Undrawable(Exception):
    """No draw was found that has enough groups of this class both inside and outside."""

    def __init__(self, label: int) -> None:
        super().__init__(label)
        self.label = label


def draw_groups(
    groups: Mapping[str, Counts],
    targets: Counts,
    *,
    order: Callable[[int, str], int],
    inside: Counts,
    outside: int,
) -> set[str]:
    """Groups that together hold about `targets` images of each class.

    At least `inside` groups of each class are drawn, and at least `outside` are left. `order(attempt, group)` decides
    who comes first, so that the draw is a function of names and seed. Groups that share no class do not affect each
    other, unless a first attempt fails.

    First come those that fit, then those that bring the shares nearer to their targets: with groups of one class each,
    a class misses its target by half its largest group at most, but for those two bounds. Raises Undrawable.
    """
    for attempt in range(_ATTEMPTS):
        ordered = sorted(groups, key=lambda group: (order(attempt, group), group))
        draw = _Draw(groups, targets, outside)
        draw.take_those(ordered, draw.fits)
        draw.take_those(ordered, draw.helps)
        lacking = draw.fill(ordered, inside)
        if lacking is None:
            return draw.taken
        if attempt == 0:
            first = lacking
    raise Undrawable(first)


class _Draw:
    """A draw in progress."""

    def __init__(self, groups: Mapping[str, Counts], targets: Counts, outside: int) -> None:
        self.groups = groups
        self.targets = targets
        self.outside = outside
        self.taken: set[str] = set()
        self.missing: dict[int, int] = dict(targets)
        """Images by class; below zero where a class has given more than its share."""
        self.left: Counter[int] = Counter(label for counts in groups.values() for label in counts)
        """Groups by class."""
        self.totals: Counter[int] = Counter()
        for counts in groups.values():
            self.totals.update(counts)

    def fits(self, group: str) -> bool:
        return all(count <= self.missing[label] for label, count in self.groups[group].items())

    def gain(self, group: str) -> float:
        """How much nearer the shares come, as a sum of squares over the classes of the group."""
        return sum(
            (self.missing[label] ** 2 - (self.missing[label] - count) ** 2) / self.totals[label] ** 2
            for label, count in sorted(self.groups[group].items())
        )

    def helps(self, group: str) -> bool:
        return self.gain(group) > 0

    def spared(self, group: str) -> bool:
        """Whether its classes can do without it outside."""
        return all(self.left[label] > self.outside for label in self.groups[group])

    def take(self, group: str) -> None:
        self.taken.add(group)
        for label, count in self.groups[group].items():
            self.missing[label] -= count
            self.left[label] -= 1

    def take_those(self, ordered: Iterable[str], wanted: Callable[[str], bool]) -> None:
        for group in ordered:
            if group not in self.taken and wanted(group) and self.spared(group):
                self.take(group)

    def fill(self, ordered: Iterable[str], inside: Counts) -> int | None:
        """Take more of the classes that have too few groups inside; returns the first that stays so."""
        of_class: dict[int, list[str]] = defaultdict(list)
        for group in ordered:
            for label in self.groups[group]:
                of_class[label].append(group)
        for label in sorted(of_class):
            while sum(group in self.taken for group in of_class[label]) < inside[label]:
                able = [group for group in of_class[label] if group not in self.taken and self.spared(group)]
                if not able:
                    return label
                self.take(max(able, key=self.gain))
        return None
