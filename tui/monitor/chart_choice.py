"""Which charts are shown and in which order: what a user chose once, for runs with other charts than that one's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from training.story.charts import in_order


class ChartChoice(msgspec.Struct, frozen=True):
    """Groups of `training.story.charts.group_of`; those that are in neither list were never chosen about."""

    order: tuple[str, ...] = ()
    """What was shown, in the order that was chosen, of all runs whose charts were chosen about."""
    hidden: tuple[str, ...] = ()


def shown(groups: Iterable[str], choice: ChartChoice) -> list[str]:
    """Those of a run's groups that are shown, in order. Where all of them are hidden, all are shown: an empty screen
    would say nothing.
    """
    default = in_order(groups)
    wanted = [group for group in default if group not in choice.hidden]
    chosen = [group for group in dict.fromkeys(choice.order) if group in wanted]
    return _placed(chosen, wanted) if wanted else default


def hidden(groups: Iterable[str], choice: ChartChoice) -> list[str]:
    """Those that are not."""
    default = in_order(groups)
    seen = shown(default, choice)
    return [group for group in default if group not in seen]


def chosen(groups: Iterable[str], wanted: Sequence[str], before: ChartChoice) -> ChartChoice:
    """The choice after a user wanted these of a run's groups, in this order; other groups stay as they were."""
    here = set(groups)
    elsewhere = [group for group in before.order if group not in here]
    order = _placed(wanted, [group for group in before.order if group in elsewhere or group in wanted])
    still = [group for group in before.hidden if group not in here]
    return ChartChoice(tuple(order), (*still, *in_order(here.difference(wanted))))


def _placed(order: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """The order, and what else is wanted: each behind the nearest that stands before it there, else at the front."""
    placed = list(order)
    for at, group in enumerate(wanted):
        if group not in placed:
            before = next((placed.index(earlier) for earlier in reversed(wanted[:at]) if earlier in placed), -1)
            placed.insert(before + 1, group)
    return placed
