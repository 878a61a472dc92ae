"""`traindeck export RUN --format FORMAT`: its network as a file for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training.cli.output import say, say_json
from training.cli.progress import overwrite
from training.dataset.listing import shown
from training.errors import EXIT_OK, InvalidInput
from training.figures import storage
from training.runs import store
from training.runs.ask import ask
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput where there is a file already, TraindeckError where the network cannot be exported."""
    found = store.find_run(arguments.run, arguments.runs_dir)
    to = Path(arguments.output or f"{found.folder.id}.{arguments.format}").expanduser().absolute()
    _check(to, force=arguments.force)
    try:
        scratch = TemporaryDirectory(prefix=".traindeck-export-", dir=to.parent)
    except OSError as error:
        raise InvalidInput(
            f"{shown(str(to.parent))}: cannot be written to: {error.strerror}.", "Name another place with --output."
        ) from error
    with scratch as folder:
        draft = Path(folder, f"network.{arguments.format}")
        written = ask(
            "export",
            {
                "run": str(found.folder.path),
                "checkpoint": arguments.checkpoint,
                "format": arguments.format,
                "to": str(draft),
                "place": str(to),
            },
            progress=overwrite,
        )
        _check(to, force=arguments.force)
        draft.chmod(to.stat().st_mode & 0o7777 if to.exists() else 0o644)  # some formats keep it from everybody else
        draft.replace(to)
    overwrite()
    if arguments.json:
        say_json({"path": str(to), "format": arguments.format, **written})
    else:
        _tell(to, written)
    return EXIT_OK


def _check(to: Path, *, force: bool) -> None:
    if not to.parent.is_dir():
        raise InvalidInput(f"{shown(str(to.parent))}: no such folder.", "Create it, or name another with --output.")
    if to.is_dir():
        raise InvalidInput(f"{shown(str(to))} is a folder.", "Name a file with --output.")
    if not force and (to.exists() or to.is_symlink()):
        raise InvalidInput(f"{shown(str(to))} is there already.", "Say --force to replace it, or name another.")


def _tell(to: Path, written: dict[str, Any]) -> None:
    say(f"{shown(str(to))}: {storage(written['bytes'])}, {one_line(written['network'])}")
    say(f"  weights  {written['checkpoint']} checkpoint, epoch {written['epoch']}")
    say(f"  input    {written['input']}")
    say(f"  output   {written['output']}")
    real = f", {written['real']} of them real," if written["real"] else ""
    say(
        f"  checked  read back and compared with the run on {written['images']} images{real} "
        f"logits differ by {written['difference']:.1e} at most"
    )
