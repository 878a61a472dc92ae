"""True logs of other tools, and short ways to look at what was read of one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from training.foreign.log import ForeignLog
from training.foreign.reading import open_source, read
from training.foreign.source import Source
from training.runs.events import AnyEvent, Attempt, Epoch, Metrics, Step

LOGS = Path(__file__).parents[1] / "data" / "foreign"


def epochs(events: Iterable[AnyEvent]) -> list[tuple[int, Metrics]]:
    return [(event.epoch, event.metrics) for event in events if isinstance(event, Epoch)]


def steps(events: Iterable[AnyEvent]) -> list[Step]:
    return [event for event in events if isinstance(event, Step)]


def attempts(events: Iterable[AnyEvent]) -> list[Attempt]:
    return [event for event in events if isinstance(event, Attempt)]


def polled(source: Source) -> list[AnyEvent]:
    """All that is new."""
    events: list[AnyEvent] = []
    while new := source.poll():
        events += new
    return events


def written(tmp_path: Path, text: str, name: str = "log.csv") -> ForeignLog:
    """What is read of a file with that text."""
    path = tmp_path / name
    path.write_text(text)
    return read(path)


def opened(tmp_path: Path, text: str, name: str = "log.csv") -> tuple[Path, Source]:
    """A file with that text, as a source."""
    path = tmp_path / name
    path.write_text(text)
    return path, open_source(path)
