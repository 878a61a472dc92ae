"""`traindeck tell RUN WHAT …`: change a running job, and print what its worker answers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from training.cli.confirm import ask
from training.cli.output import say, say_json
from training.config import files as config_files
from training.config.fields import field, parse_value
from training.config.problems import shown
from training.errors import EXIT_FAILED, EXIT_OK, InvalidInput
from training.runs import store
from training.runs.adjusting import doubt_of_rate, rate_in_force, wanted_epochs, wanted_patience, wanted_rate
from training.runs.answers import Conversation, check_listens
from training.runs.commands import CommandName
from training.runs.events import Acknowledged
from training.runs.lifecycle import RunView, view
from training.text import one_line

Wanted = tuple[CommandName, dict[str, object]]

PLAIN: dict[str, CommandName] = {"pause": "pause", "resume": "resume", "checkpoint": "checkpoint"}
SCHEDULED = "scheduled"
"""The learning rate that the schedule has, with nothing set by hand."""
KNOWN = "pause, resume, checkpoint, stop-after-epoch[=N|off], lr=RATE, lr=scheduled, epochs=N or patience=N"


def run(arguments: argparse.Namespace, what: Sequence[str] = (), seconds: float | None = None) -> int:
    """Exit code 0 where the worker did all of it; 1 where it refused something, or did not answer in time.

    `what` and `seconds` take the place of the options of those names.
    """
    what = what or arguments.what
    seconds = arguments.wait if seconds is None else seconds
    wanted = [_wanted(words) for words in what]
    found = store.find_run(arguments.run, arguments.runs_dir)
    check_listens(found)
    wanted = [_with_schedule(command, args, found) for command, args in wanted]
    ask(_doubts(wanted, found), getattr(arguments, "yes", False), refused="Nothing was told.")
    conversation = Conversation(found.folder)
    ids = [conversation.ask(command, args) for command, args in wanted]
    answers = conversation.answers(ids, seconds)
    told = [(words, answers.get(id)) for words, id in zip(what, ids, strict=True)]
    if arguments.json:
        say_json([_as_json(words, answer) for words, answer in told])
    else:
        for words, answer in told:
            if answer is not None:
                say(f"{'✓' if answer.ok else '✗'} {words}: {one_line(answer.message)}")
        if len(answers) < len(ids):
            now = view(found.folder)
            say(_unanswered(found.folder.id, seconds, now.state if now else "gone"))
    return EXIT_OK if all(answer is not None and answer.ok for _, answer in told) else EXIT_FAILED


def _with_schedule(command: CommandName, args: dict[str, object], run: RunView) -> Wanted:
    """The same command, with the config's learning rate where that is asked for. Raises ConfigError."""
    if args == {"rate": SCHEDULED}:
        args = {"learning_rate": config_files.load(run.folder.config).learning_rate}
    return command, args


def _doubts(wanted: Sequence[Wanted], run: RunView) -> Iterator[str]:
    """What is asked before a learning rate that seems mistyped is set."""
    for command, args in wanted:
        if command == "set_lr" and "rate" in args:
            _, rate = wanted_rate(args)
            if doubt := doubt_of_rate(rate, rate_in_force(run)):
                yield f"lr={rate:g}: {doubt} Set it?"


def _as_json(words: str, answer: Acknowledged | None) -> dict[str, object]:
    if answer is None:
        return {"asked": words, "answered": False, "ok": False}
    said = {"message": answer.message, "step": answer.step, "epoch": answer.epoch}
    return {"asked": words, "answered": True, "ok": answer.ok, **said}


def _unanswered(id: str, seconds: float, state: str) -> str:
    if state in ("finished", "stopped", "failed", "crashed", "gone"):
        return f"! {id} ended before it answered."
    asked = f"! {id} was asked, and has not answered"
    return f"{asked} within {seconds:g} s (it is {state}); `traindeck watch {id}` shows when it has."


def _wanted(words: str) -> Wanted:
    """The command for one WHAT. Raises InvalidInput for one that no run could obey."""
    name, given, value = (part.strip() for part in words.partition("="))
    name = name.casefold().replace("_", "-")
    if name in PLAIN and not given:
        return PLAIN[name], {}
    if name == "stop-after-epoch":
        return "stop_after_epoch", _after(value) if given else {}
    if given and name == "lr" and value.casefold() == SCHEDULED:
        return "set_lr", {"rate": SCHEDULED}
    if given and name == "lr":
        return "set_lr", {"rate": _value("learning_rate", value)}
    if given and name == "epochs":
        return "set_epochs", {"epochs": wanted_epochs(_value("epochs", value))}
    if given and name == "patience":
        return "set_patience", {"patience": wanted_patience(value if not value.isdecimal() else int(value))}
    if name == "stop":
        raise InvalidInput("stop is a verb of its own.", "Say `traindeck stop RUN`.")
    raise InvalidInput(f"{shown(words)} is nothing that a run can be told.", f"Say {KNOWN}.")


def _after(value: str) -> dict[str, object]:
    if value.casefold() == "off":
        return {"off": True}
    if value.isascii() and value.isdecimal() and 0 < int(value[:12]) <= 1_000_000:
        return {"epoch": int(value)}
    raise InvalidInput(f"stop-after-epoch: {shown(value)!r} is no epoch.", "Give a number from 1 on, or off.")


def _value(key: str, text: str) -> object:
    try:
        return parse_value(field(key), text)
    except ValueError as error:
        raise InvalidInput(f"{key}: {error}") from error
