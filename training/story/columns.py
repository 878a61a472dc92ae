"""The metrics of a run as columns of one table, a row for each epoch or step at which any was logged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from heapq import merge

from training.curve import Series
from training.text import clean_name


def columns_of(series: Mapping[str, Series], key: str) -> dict[str, list[float]]:
    """The rows' epochs or steps under `key`, whole numbers, then each metric; nan where a row has none of it.

    A metric that is called like the key is left out: nothing of ours is.
    """
    rows: list[int] = []
    for x in merge(*(metric.x for metric in series.values())):
        if not rows or x > rows[-1]:
            rows.append(int(x))
    place = {x: index for index, x in enumerate(rows)}
    columns: dict[str, list[float]] = {key: list(rows)}
    for name, metric in series.items():
        if name == key:
            continue
        if len(metric) == len(rows):
            columns[name] = list(metric.y)
            continue
        column = columns[name] = [math.nan] * len(rows)
        for x, y in zip(metric.x, metric.y, strict=True):
            column[place[int(x)]] = y
    return columns


def tsv(series: Mapping[str, Series], key: str) -> str:
    """The same as text, apart by tabs; a value that was not logged is empty, one that is not a number says so."""
    columns = columns_of(series, key)
    logged = {name: set(metric.x) for name, metric in series.items()}
    lines = ["\t".join(map(clean_name, columns))]
    for index, x in enumerate(columns[key]):
        cells = [
            repr(value) if name == key or x in logged[name] else ""
            for name, value in ((name, column[index]) for name, column in columns.items())
        ]
        lines.append("\t".join(cells))
    return "\n".join(lines)
