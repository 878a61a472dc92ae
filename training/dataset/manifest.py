"""Manifests: a CSV file that names each image and its class, and may name its side of the split and its group."""

from __future__ import annotations

import csv
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path, PurePath

from training.config.problems import listed, nearest
from training.dataset.listing import SIDE_NAMES, Listing, Side, shown
from training.errors import InvalidInput

LAYOUT = "A manifest is a CSV file with the columns path and label, and split if the split is ready-made."

_PATH = ("path", "file", "filename", "image")
_LABEL = ("label", "class", "target")
_SPLIT = ("split",)
_DELIMITERS = ",;\t"
_NO_UTF8 = re.compile("[\udc80-\udcff]")
"""Bytes that could not be decoded, as surrogateescape keeps them."""


@dataclass(frozen=True)
class _Row:
    line: int
    """From 1; where the row ends, if a quoted value holds line breaks."""
    path: str
    label: str
    side: Side | None
    group: str | None


def list_manifest(path: Path, group_column: str | None = None) -> Listing:
    """The images that a manifest names, in the order of class and path; their paths are relative to its folder.

    An image without a value in the group column is a group of its own. Raises InvalidInput with file and line.
    """
    rows = list(_rows(path, group_column))
    if not rows:
        raise InvalidInput(f"{shown(str(path))} names no image.", LAYOUT)
    _check_unique(path, rows)
    status = _look_up(path, rows)
    classes = sorted({row.label for row in rows})
    label_of = {name: label for label, name in enumerate(classes)}
    order = sorted(range(len(rows)), key=lambda index: (rows[index].label, rows[index].path))
    ordered = [rows[index] for index in order]
    sides = tuple(row.side for row in ordered if row.side)
    return Listing(
        root=path.parent,
        classes=tuple(classes),
        paths=tuple(row.path for row in ordered),
        labels=tuple(label_of[row.label] for row in ordered),
        sizes=tuple(status[index].st_size for index in order),
        mtimes=tuple(status[index].st_mtime_ns for index in order),
        sides=sides or None,
        groups=tuple(row.group or row.path for row in ordered) if group_column else None,
        from_manifest=True,
    )


def _rows(path: Path, group_column: str | None) -> Iterator[_Row]:
    text = _text(path)
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(header))
    where = shown(str(path))
    try:
        columns = [cell.strip() for cell in next(reader, [])]
        if not any(columns):
            raise InvalidInput(f"{where} is empty." if not text.strip() else f"{where}:1: the header is empty.", LAYOUT)
        path_at = _column(where, columns, _PATH)
        label_at = _column(where, columns, _LABEL)
        split_at = _place(columns, _SPLIT)
        group_at = _group_place(where, columns, group_column)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            line = f"{where}:{reader.line_num}"
            if len(cells) > len(columns):
                raise InvalidInput(
                    f"{line}: {len(cells)} values, but the header names {len(columns)} columns.",
                    "Put a value that holds the delimiter into double quotes.",
                )
            cells = [cell.strip() for cell in cells] + [""] * (len(columns) - len(cells))
            if not cells[path_at] or not cells[label_at]:
                raise InvalidInput(f"{line}: the {columns[label_at if cells[path_at] else path_at]} is empty.", LAYOUT)
            yield _Row(
                reader.line_num,
                str(PurePath(cells[path_at])),
                cells[label_at],
                None if split_at is None else _side(line, cells[split_at]),
                None if group_at is None else cells[group_at],
            )
    except csv.Error as error:
        raise InvalidInput(
            f"{where}:{reader.line_num}: not readable as CSV: {error}.", "Look for a lost quote."
        ) from error


def _text(path: Path) -> str:
    """The file as text; what is no UTF-8 is kept as the file system keeps it in names."""
    where = shown(str(path))
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InvalidInput(f"{where}: no such file.", LAYOUT) from error
    except IsADirectoryError as error:
        raise InvalidInput(
            f"{where} is a folder, not a manifest.", "For a folder of images, set data.source: folder."
        ) from error
    except OSError as error:
        raise InvalidInput(f"{where}: cannot be read: {error.strerror}.") from error
    if b"\x00" in content[:4096]:
        raise InvalidInput(f"{where} is no text in UTF-8.", "Save it as a CSV file in UTF-8.")
    return content.decode("utf-8-sig", "surrogateescape")


def _delimiter(header: str) -> str:
    """The one that splits the header into the columns that are needed, else the most frequent one."""

    def fitness(delimiter: str) -> tuple[int, int]:
        columns = [cell.strip().strip('"') for cell in header.split(delimiter)]
        return sum(_place(columns, names) is not None for names in (_PATH, _LABEL)), len(columns)

    return max(_DELIMITERS, key=fitness)


def _place(columns: Sequence[str], names: Sequence[str]) -> int | None:
    """Where the first of these names stands, in any case."""
    lowered = [column.lower() for column in columns]
    return next((lowered.index(name) for name in names if name in lowered), None)


def _column(where: str, columns: Sequence[str], names: Sequence[str]) -> int:
    place = _place(columns, names)
    if place is None:
        raise InvalidInput(
            f"{where}:1: no column {names[0]}; there are {listed(map(shown, columns), 'and')}.",
            f"Name the column {listed(names)}.",
        )
    return place


def _group_place(where: str, columns: Sequence[str], wanted: str | None) -> int | None:
    if wanted is None or wanted in columns:
        return None if wanted is None else columns.index(wanted)
    near = nearest(wanted, columns)
    remedy = f"Did you mean {shown(near)}?" if near else "Set data.groups to one of them."
    columns_are = listed(map(shown, columns), "and")
    message = f"{where}:1: no column {shown(wanted)} for data.groups; there are {columns_are}."
    raise InvalidInput(message, remedy, "data.groups")


def _side(line: str, value: str) -> Side:
    side = SIDE_NAMES.get(value.lower())
    if side is None:
        what = f"{shown(value)} is no side of a split" if value else "the split is empty"
        raise InvalidInput(f"{line}: {what}.", "Write train, val or test.")
    return side


def _check_unique(path: Path, rows: Sequence[_Row]) -> None:
    first: dict[str, int] = {}
    root = os.path.abspath(path.parent)  # noqa: PTH100
    for row in rows:
        line = first.setdefault(os.path.join(root, row.path), row.line)  # noqa: PTH118
        if line != row.line:
            message = f"{shown(str(path))}:{row.line}: {shown(row.path)} is on line {line} already."
            raise InvalidInput(message, "Name each image once.")


def _look_up(path: Path, rows: Sequence[_Row]) -> list[os.stat_result]:
    """The status of each file, all of which have to be there."""
    root = str(path.parent)
    found: list[os.stat_result] = []
    lost: list[tuple[_Row, str]] = []
    for row in rows:
        try:
            status = os.stat(os.path.join(root, row.path))  # noqa: PTH116, PTH118
        except (FileNotFoundError, NotADirectoryError, ValueError):
            lost.append((row, "is not there"))
            continue
        except OSError as error:
            lost.append((row, f"cannot be read ({error.strerror})"))
            continue
        if stat.S_ISREG(status.st_mode):
            found.append(status)
        else:
            lost.append((row, "is no file"))
    if lost:
        row, why = lost[0]
        more = f"; {len(lost)} of its {len(rows)} files cannot be used" if len(lost) > 1 else ""
        raise InvalidInput(
            f"{shown(str(path))}:{row.line}: {shown(row.path)} {why}{more}.",
            _remedy([row.path for row, _ in lost]),
        )
    return found


def _remedy(lost: Sequence[str]) -> str:
    """For paths under which there are no files; the first of them is named."""
    if "\\" in lost[0]:
        return "Write paths with /."
    relative = "Paths are relative to the folder of the manifest."
    if any(_NO_UTF8.search(path) for path in lost):
        return f"The manifest has file names that are not in UTF-8: save it as a CSV file in UTF-8. {relative}"
    return relative
