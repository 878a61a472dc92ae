"""`traindeck hook`: which command the user's settings have run when something happens; `hook test` runs it."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from training.cli.output import say, say_json
from training.errors import EXIT_FAILED, EXIT_OK, InvalidInput
from training.runs.hook_process import call
from training.runs.hooks import HOOK_SECONDS
from training.runs.occasion import Occasion
from training.runs.user_settings import EXAMPLE, KEYS, UserSettings, read_settings, source
from training.text import one_line, plain

TEST = Occasion("test", "traindeck: a test of your hook", "Run ends and critical findings are told like this.")


def run(arguments: argparse.Namespace) -> int:
    """Exit code 1 where the hook fails the test. Raises InvalidInput for settings that cannot be used."""
    settings = read_settings()
    if arguments.action == "test":
        return _test(settings, as_json=arguments.json)
    if arguments.json:
        say_json({"settings": source(), "exists": _there(), **msgspec.to_builtins(settings)})
        return EXIT_OK
    say(f"{one_line(source()) or 'this user has no home'}{'' if _there() else ' (not there)'}")
    for key, what in KEYS.items():
        say(f"  {key}: {_spelled(getattr(settings, key))}  ({what})")
    if not settings.on_event:
        say(f"To be told, put a line into it such as  {EXAMPLE}")
    return EXIT_OK


def _test(settings: UserSettings, *, as_json: bool) -> int:
    if not settings.on_event:
        place = one_line(source()) or "settings.yaml"
        raise InvalidInput(f"{place} names no hook.", f"Put a line into it such as  {EXAMPLE}")
    content = {"event": TEST.event, "title": TEST.title, "detail": TEST.detail, "run": str(Path.cwd()), "name": "test"}
    ran = call(settings.on_event, TEST, content, Path.cwd(), HOOK_SECONDS)
    if as_json:
        say_json({"ok": not ran.failure, "failure": ran.failure, "output": ran.output})
    else:
        for line in plain(ran.output).splitlines():
            say(f"  | {line}")
        say(f"✗ The hook {ran.failure}." if ran.failure else "✓ The hook ran.")
    return EXIT_FAILED if ran.failure else EXIT_OK


def _there() -> bool:
    return bool(source()) and Path(source()).exists()


def _spelled(value: str | tuple[str, ...] | bool) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return one_line(" ".join(value) if isinstance(value, tuple) else value) or "none"
