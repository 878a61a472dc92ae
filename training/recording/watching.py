"""Watching another tool's log: a run folder that lasts as long as somebody looks, and a process that fills it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from training import files
from training.foreign.reading import open_source
from training.recording.watched import first_summary, name_of
from training.runs.describe import slug
from training.runs.layout import RunFolder
from training.runs.supervisor import ENTRY

END_SECONDS = 5.0


@contextmanager
def shadow_of(log: Path, names: Mapping[str, str]) -> Iterator[RunFolder]:
    """A run folder of ours that shows the log while the block lasts, in the folder for temporary files.

    Raises InvalidInput where the log cannot be read, or a name of `names` (our metric → its column) is none.
    """
    source = open_source(log, names)
    with TemporaryDirectory(prefix="traindeck-", ignore_cleanup_errors=True) as temporary:
        folder = RunFolder(Path(temporary) / slug(name_of(log)))
        folder.path.mkdir()
        files.replace(folder.summary, msgspec.json.encode(first_summary(folder, log, source.format)))
        with folder.console.open("ab") as console:
            process = subprocess.Popen(
                [sys.executable, str(ENTRY), "_tail", str(log.absolute()), str(folder.path), json.dumps(dict(names))],
                stdin=subprocess.PIPE,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        try:
            yield folder
        finally:
            assert process.stdin
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            if process.poll() is None:
                process.kill()
                process.wait()
