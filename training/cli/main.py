"""The verbs: from a command line to the module that does it."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from importlib import import_module

from training.cli.listing import minus_apart
from training.cli.opening import OpenApp, need_terminal
from training.cli.output import complain, open_streams
from training.cli.verbs import build_parser
from training.errors import EXIT_FAILED, EXIT_INVALID, EXIT_OK, InvalidInput, RunFailed, TraindeckError

# Verb → module of training.cli that holds `run(arguments)`; imported only when the verb is used.
MODULES = {
    "train": "train",
    "resume": "resume",
    "join": "join",
    "check": "check",
    "data": "data",
    "runs": "runs",
    "show": "show",
    "diagnose": "diagnose",
    "plot": "plot",
    "stop": "stop",
    "tell": "tell",
    "pin": "pin",
    "clean": "clean",
    "presets": "presets",
    "schema": "schema",
    "diff": "diff",
    "model": "model",
    "fetch": "fetch",
    "evaluate": "evaluate",
    "predict": "predict",
    "export": "export",
    "compare": "compare",
    "repeat": "repeat",
    "share": "share",
    "hook": "hook",
    "tag": "tag",
    "note": "note",
    "archive": "archive",
}


def run_verb(words: list[str], open_app: OpenApp) -> int:
    """Run one command line; errors that a user can act on are printed as one sentence, never as a traceback."""
    open_streams()
    words, sbatch_options = _apart(words)
    words, minus_words = minus_apart(words)
    if words and words[0].lower().endswith((".yaml", ".yml")):
        meant = f"Did you mean `traindeck edit {shlex.quote(words[0])}`?"
        complain(InvalidInput(f"{words[0]} is no verb.", meant), as_json="--json" in words)
        return EXIT_INVALID
    arguments = build_parser().parse_args(words)
    arguments.sbatch_options = sbatch_options
    arguments.minus_words = minus_words
    as_json = getattr(arguments, "json", False)
    try:
        return _dispatch(arguments, open_app)
    except TraindeckError as error:
        complain(error, as_json=as_json)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output has left (`| head`): not an error, and nothing more to say.
        _silence_stdout()
        return EXIT_OK
    except OSError as error:
        # A file of a run that may not be read, a disk that fails: the path and the reason are all there is to say.
        if error.filename is None:
            _silence_stdout()  # it was our own output that could not be written
        place = f"{error.filename}: " if error.filename is not None else ""
        complain(RunFailed(f"{place}{error.strerror or error}."), as_json=as_json)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return 130


def _apart(words: list[str]) -> tuple[list[str], list[str]]:
    """What follows `--` behind `--slurm` is for sbatch, whatever it looks like."""
    if "--" in words and "--slurm" in words[: words.index("--")]:
        at = words.index("--")
        return words[:at], words[at + 1 :]
    return words, []


def _silence_stdout() -> None:
    """What is still held for it would fail again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: argparse.Namespace, open_app: OpenApp) -> int:
    from training.runs import store

    runs_dir = store.runs_dir_for(arguments.runs_dir)
    arguments.runs_dir = runs_dir
    if arguments.theme:
        os.environ["TRAINDECK_THEME"] = arguments.theme
    match arguments.verb:
        case None:
            need_terminal("traindeck", "Use a verb: `traindeck --help` lists them.")
            return open_app(runs_dir, None)
        case "edit":
            from training.cli import edit

            return edit.run(arguments, open_app)
        case "fork":
            from training.cli import fork

            return fork.run(arguments, open_app)
        case "watch":
            from training.cli import watch

            return watch.run(arguments, open_app)
        case "demo":
            from training.cli import demo

            return demo.run(arguments, open_app)
    code = import_module(f"training.cli.{MODULES[arguments.verb]}").run(arguments)
    return code if isinstance(code, int) else EXIT_FAILED
