"""`traindeck share RUN`: the run as one file to hand on."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.cli.output import say, say_json
from training.errors import EXIT_OK, InvalidInput
from training.figures import storage
from training.runs import store
from training.story.share.writing import check, default_name, share
from training.text import one_line


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput for what is no run, and for a file that is there, RunFailed where the disk refuses."""
    found = store.find_run(arguments.run, arguments.runs_dir)
    here = Path.cwd()
    if arguments.out == "":
        raise InvalidInput("The name of the file is empty.", "Name one, such as run.html.")
    path = here / (Path(arguments.out).expanduser() if arguments.out else default_name(found.folder, here))
    try:
        check(path, force=arguments.force)
    except InvalidInput as error:
        raise InvalidInput(error.message, error.remedy.replace("replace it by force", "give --force")) from error
    shared = share(found, path, redact=arguments.redact, force=arguments.force)
    size = path.stat().st_size
    if arguments.json:
        say_json({"path": str(path), "bytes": size, "redacted": shared.redacted, "findings": len(shared.report.open)})
    else:
        say(f"{one_line(str(path))}: {storage(size)}{', redacted' if shared.redacted else ''}")
    return EXIT_OK
