"""What state a run is in, judged from its small files: what it says of itself, and what became of its processes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec

from training.runs.labels import NONE, Labels, read_labels
from training.runs.layout import RunFolder
from training.runs.muting import read_muted
from training.runs.process import ProcessRecord, read_heartbeat, read_process
from training.runs.summary import LIVE_STATES, FindingLine, RunState, Summary

SILENT_SECONDS = 60.0
"""A run elsewhere (or a hung one here) whose heartbeat is older counts as silent; the worker beats every 2 s."""
START_SECONDS = 20.0
"""A supervisor that has not written its record by then never started."""

_decoder = msgspec.json.Decoder(Summary)


@dataclass(frozen=True)
class RunView:
    """A run as a list shows it."""

    folder: RunFolder
    summary: Summary
    state: RunState
    detail: str
    """Why it is in that state, in words; may be empty."""
    process: ProcessRecord | None
    pinned: bool = False
    """Whether cleaning passes it over."""
    muted: frozenset[str] = frozenset()
    """Labels of findings that nobody wants to hear of any more in this run."""
    labels: Labels = NONE
    """Tags, a note, and whether it is archived."""

    @property
    def findings(self) -> list[FindingLine]:
        """The open findings that are not muted, worst first."""
        return [finding for finding in self.summary.findings if finding.label not in self.muted]

    @property
    def live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def controllable(self) -> bool:
        """Whether traindeck trains it; a run that a script reports, or another tool's log, hears no commands."""
        return self.summary.kind == "engine"

    @property
    def resumable(self) -> bool:
        """Whether it ended before its time, so that going on with it can be asked for."""
        return self.controllable and self.state in ("stopped", "failed", "crashed")

    @property
    def seconds(self) -> float:
        """Seconds of training so far, pauses not counted; wall seconds since its start for a run that does not say."""
        summary, now = self.summary, time.time()
        if summary.training_seconds:
            since = now - summary.updated if self.state == "running" else 0.0
            return summary.training_seconds + max(0.0, since)
        begun = summary.started or summary.created
        if self.live:
            return max(0.0, (summary.updated if self.state == "paused" else now) - begun)
        return max(0.0, self.ended - begun)

    @property
    def ended(self) -> float:
        """Wall clock of its end, or of the last that is known of it."""
        of_process = self.process.ended if self.process else None
        return self.summary.ended or of_process or self.summary.updated or self.summary.created

    @cached_property
    def words(self) -> str:
        """All that a search for words looks in, casefolded; made once, since lists are searched at every key."""
        summary, labels = self.summary, self.labels
        parts = [
            self.state,
            "pinned" if self.pinned else "",
            "archived" if labels.archived else "",
            summary.name,
            self.folder.id,
            summary.model,
            summary.data,
            summary.device,
            summary.reason,
            labels.note,
            *labels.tags,
            *(f"{finding.issue} {finding.label} {finding.title}" for finding in self.findings),
            *(f"{key}={value}" for key, value in summary.settings.items()),
        ]
        return " ".join(parts).casefold()


def view(folder: RunFolder) -> RunView | None:
    """The run in that folder, or None where there is none that can be read."""
    summary = read_summary(folder.summary)
    if summary is None:
        return None
    process = read_process(folder.process) if summary.state in LIVE_STATES else None
    state, detail = _judge(folder, summary, process)
    if process is None and state in ("failed", "stopped", "finished"):
        detail = summary.message
    if summary.slurm_job and (state in LIVE_STATES or state in ("crashed", "silent", "stopped")):
        from training.runs.in_queue import by_queue

        state, detail = by_queue(folder, summary, state, detail)
    muted, labels = read_muted(folder), read_labels(folder)
    return RunView(folder, summary, state, detail, process, folder.pin.exists(), muted, labels)


def read_summary(path: Path) -> Summary | None:
    """The summary, decoded again only when the file was replaced; treat it as read-only."""
    try:
        stat = path.stat()
        return _read(path, stat.st_mtime_ns, stat.st_ino, stat.st_size)
    except OSError:  # not remembered: a network file system may answer the next time
        return None


@lru_cache(maxsize=4096)
def _read(path: Path, _mtime: int, _inode: int, _size: int) -> Summary | None:
    try:
        return _decoder.decode(path.read_bytes())
    except ValueError:
        return None


def _judge(folder: RunFolder, summary: Summary, process: ProcessRecord | None) -> tuple[RunState, str]:
    if summary.state not in LIVE_STATES:
        return summary.state, summary.message
    if process is None:
        return _without_record(folder, summary)
    if process.ended is not None:
        return _ended(folder, summary, process)
    age = _age(folder, process.started)
    # Another boot is another machine of that name, as long as the run still moves.
    if not process.here or (process.rebooted and age is not None and age <= SILENT_SECONDS):
        return _elsewhere(process, summary, age)
    if process.rebooted:
        return "crashed", f"{process.host} was restarted"
    if not process.any_alive:
        return _ended(folder, summary, process, "its processes are gone and left no exit status")
    if age is not None and age > SILENT_SECONDS:
        return "silent", f"its process lives, but gave no sign for {age:.0f} s"
    return summary.state, summary.message


def _without_record(folder: RunFolder, summary: Summary) -> tuple[RunState, str]:
    """No process.json, or none that can be read at this moment: then the heartbeat tells a run that goes on."""
    age = _age(folder)
    # A run that is resumed was created long ago; its summary says when it was started anew.
    if time.time() - max(summary.created, summary.updated) > START_SECONDS and (age is None or age > SILENT_SECONDS):
        return "crashed", "its supervisor never started" if age is None else "its process.json cannot be read"
    return summary.state, summary.message


def _ended(folder: RunFolder, summary: Summary, process: ProcessRecord, how: str = "") -> tuple[RunState, str]:
    """The worker is gone. Its last word may have come between the two reads: look again before calling it a crash."""
    latest = read_summary(folder.summary) or summary
    if latest.state not in LIVE_STATES:
        return latest.state, latest.message
    return "crashed", how or process.how_it_ended()


def _elsewhere(process: ProcessRecord, summary: Summary, age: float | None) -> tuple[RunState, str]:
    if age is None:
        return summary.state, f"running on {process.host}"
    state: RunState = "silent" if age > SILENT_SECONDS else summary.state
    return state, f"running on {process.host}, last seen {age:.0f} s ago"


def _age(folder: RunFolder, started: float = 0.0) -> float | None:
    """Seconds since the last sign of life; a heartbeat from before `started` is that of the attempt before."""
    beat = read_heartbeat(folder.heartbeat)
    return max(0.0, time.time() - max(beat.t, started)) if beat else None
