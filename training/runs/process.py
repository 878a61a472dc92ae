"""process.json: which processes train a run, and how they ended; written by the supervisor alone."""

from __future__ import annotations

import signal
from pathlib import Path

import msgspec

from training.figures import storage
from training.runs import pids


class ProcessMark(msgspec.Struct, frozen=True):
    """A process, told from a later one with the same pid by its start mark."""

    pid: int
    start: str


class ProcessRecord(msgspec.Struct, kw_only=True):
    """The content of process.json."""

    schema: int = 1
    host: str
    boot_id: str
    pid_space: str = ""
    started: float
    supervisor: ProcessMark
    worker: ProcessMark | None = None
    ended: float | None = None
    exit_code: int | None = None
    signal: int | None = None
    peak_memory: int | None = None
    """Bytes, the largest resident size of the worker."""
    out_of_memory: bool = False
    error: str = ""
    """Why the worker could not be started at all."""

    @property
    def here(self) -> bool:
        """Whether the pids can be judged from this process."""
        return self.host == pids.host() and self.pid_space == pids.pid_space()

    @property
    def rebooted(self) -> bool:
        return self.boot_id != pids.boot_id()

    @property
    def any_alive(self) -> bool:
        return any(mark and pids.is_alive(mark.pid, mark.start) for mark in (self.worker, self.supervisor))

    def how_it_ended(self) -> str:
        """The end in words, for a worker that left no word of its own."""
        if self.error:
            return self.error
        if self.out_of_memory:
            return f"out of memory: the kernel killed it{_peak(self.peak_memory)}"
        if self.signal is not None:
            return f"killed by signal {self.signal} ({signal_name(self.signal)})"
        return f"ended with exit code {self.exit_code}"


class Heartbeat(msgspec.Struct):
    """heartbeat.json: a counter that a thread of the worker keeps moving, and its wall clock."""

    counter: int = 0
    t: float = 0.0


_record_decoder = msgspec.json.Decoder(ProcessRecord)
_heartbeat_decoder = msgspec.json.Decoder(Heartbeat)


def read_process(path: Path) -> ProcessRecord | None:
    """The record, or None where the supervisor has not written one that can be read."""
    try:
        return _record_decoder.decode(path.read_bytes())
    except (OSError, ValueError):
        return None


def read_heartbeat(path: Path) -> Heartbeat | None:
    try:
        return _heartbeat_decoder.decode(path.read_bytes())
    except (OSError, ValueError):
        return None


def processes_of(record: ProcessRecord | None) -> set[int]:
    """The pids of a run's worker and of all that it has started, such as the ranks of a run with several processes."""
    worker = record.worker if record is not None and record.here else None
    if worker is None:
        return set()
    import psutil

    try:
        return {worker.pid, *(child.pid for child in psutil.Process(worker.pid).children(recursive=True))}
    except psutil.Error:
        return {worker.pid}


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"


def _peak(peak: int | None) -> str:
    return f", at {storage(peak)}" if peak else ""
