"""`traindeck schema`: the JSON Schema of a config, for editors that complete and check YAML by one."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from training import files
from training.cli.output import say, say_json
from training.config.json_schema import TITLE, json_schema
from training.errors import EXIT_OK, InvalidInput
from training.text import one_line

MODELINE = "# yaml-language-server: $schema="


def run(arguments: argparse.Namespace) -> int:
    """Raises InvalidInput for a file that must not be replaced or cannot be written."""
    schema = json_schema()
    if arguments.output is None:
        if arguments.json:
            say_json(schema)
        else:
            sys.stdout.write(_text(schema))
        return EXIT_OK
    target = Path(arguments.output)
    _check(target, arguments.output, force=arguments.force)
    try:
        files.replace(target.resolve(), _text(schema).encode())
    except OSError as error:
        raise InvalidInput(f"{one_line(arguments.output)} cannot be written: {error.strerror}.") from error
    if arguments.json:
        say_json({"path": str(target.absolute())})
    else:
        say(f"{one_line(arguments.output)} written. As the first line of a config beside it, editors follow")
        say(f"{MODELINE}./{one_line(target.name)}")
    return EXIT_OK


def _text(schema: object) -> str:
    return json.dumps(schema, indent=2) + "\n"


def _check(target: Path, named: str, *, force: bool) -> None:
    """An older schema of ours may be replaced; another file only by force; a folder, a device or a pipe never."""
    there = os.path.exists(target)  # noqa: PTH110  pathlib's raises where a folder above is closed
    if not named or (there and not os.path.isfile(target)):  # noqa: PTH113
        raise InvalidInput(f"{one_line(named) or 'The schema'} is no file.", "Name one, such as traindeck.schema.json.")
    if there and not force and not _is_ours(target):
        remedy = "Name another file, or give --force."
        raise InvalidInput(f"{one_line(named)} is there already, and no schema of traindeck.", remedy)


def _is_ours(path: Path) -> bool:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("title") == TITLE
