"""What Home says around its table: the title, what goes on elsewhere, and why a table is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len

from training.figures import storage
from training.runs.disk import DiskUse
from training.runs.lifecycle import RunView
from training.text import one_line
from tui import keymap
from tui.screens.home_rows import short

EMPTY = """\
No runs yet in {folder}.
Press n for a new run, on built-in digits or your own images; f opens a file.
Training goes on without the app: leave with q, look in again any time."""
SEARCH_HELP = "any config key or metric, and name: data: finding: note: acc> loss< ended:"

NO_RUNS = "There are no runs here yet."
NO_RUN = "No run is selected."
UNFIT = {
    **dict.fromkeys(("open", "search", "sort", "group", "columns", "copy"), NO_RUNS),
    **dict.fromkeys(("pin", "note", "share", "again", "repeat", "resume", "delete", "tags", "archive", "mark"), NO_RUN),
    "unmark": "No run is marked.",
    "archived": "No run is archived.",
    "others": "No run goes on in another folder.",
}
"""Why a key has nothing to do, by its action."""
TOO_FEW = "Mark at least two runs with space, then c."


@dataclass(frozen=True)
class Counts:
    """What the title counts beside the runs."""

    archived: int = 0
    """Of the runs that are archived, those that are left out."""
    marked: int = 0
    marked_unseen: int = 0
    """Of the marked, those that are not in the table."""
    unread: int = 0
    grouped_by: str = ""


def title(
    runs_dir: Path,
    runs: Sequence[RunView],
    shown: Sequence[RunView],
    search: str,
    disk: Mapping[Path, DiskUse],
    counts: Counts = Counts(),
    width: int = 0,
) -> str:
    """Which folder this is, how many runs it holds, and what the shown ones take once all of them are measured.

    Where that does not fit into `width` cells (0: any), the folder is named by its last part alone.
    """
    live = sum(run.live for run in runs)
    total = len(runs) - counts.archived
    count = _runs(total)
    if search:
        count = f"{len(shown)} of {count} with “{one_line(search)}”"
    uses = [use for run in shown if (use := disk.get(run.folder.path))]
    parts = [count]
    if counts.marked:
        unseen = f" ({counts.marked_unseen} not shown)" if counts.marked_unseen else ""
        parts.append(f"{counts.marked} marked{unseen}")
    if uses and len(uses) == len(shown):
        parts.append(storage(sum(use.total for use in uses)))
    if counts.archived:
        parts.append(f"{counts.archived} archived")
    if counts.unread:
        parts.append(f"{counts.unread} still to be read")
    if counts.grouped_by:
        parts.append(f"by {one_line(counts.grouped_by)}")
    if live:
        parts.append(f"{live} going on")
    told = f"traindeck  {short(runs_dir)}  {', '.join(parts)}"
    return told if not width or cell_len(told) <= width else f"{one_line(runs_dir.name)}: {', '.join(parts)}"


def unmatched(search: str, archived: int, archived_matches: int) -> str:
    """Why there are runs, but none in the table."""
    key = keymap.find("home.archived").names
    if not search:
        return f"{_runs(archived)[:1].upper()}{_runs(archived)[1:]} here, all of them archived; {key} shows them."
    if archived_matches:
        return f"No run matches but {archived_matches} archived; {key} shows them, esc ends the search."
    return "No run matches; esc ends the search."


def drafts_hint(drafts: int) -> str:
    """Behind the title: how many configs were left with changes that are in no file."""
    key = keymap.find("app.drafts").names
    return f"  • {drafts} unsaved draft{'' if drafts == 1 else 's'}: {key}" if drafts else ""


def others_line(others: Sequence[RunView]) -> str:
    """What goes on in other folders; empty where nothing does."""
    if not others:
        return ""
    names = ", ".join(f"{one_line(run.summary.name)} ({short(run.folder.path.parent)})" for run in others[:2])
    more = f" and {len(others) - 2} more" if len(others) > 2 else ""
    return f"▶ {len(others)} elsewhere, o opens: {names}{more}"


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"
