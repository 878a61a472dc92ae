"""Taking out of texts what is nobody else's business: paths, hosts, users, ids of devices, addresses."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from training.runs import pids
from training.runs.lifecycle import RunView
from training.story.share.content import Shared
from training.story.share.gather import PRIVATE, environment_of, meeting_of, parent_of
from training.story.share.patterns import HOST, PATH, PATTERNS
from training.story.versus.of_run import config_of

SHORTEST = 2
"""Characters of a word that is looked for; a single letter tells nothing, and stands everywhere."""
EVERYBODY = ("root",)
"""Names of users that tell nothing, and are words of prose."""
SIBLING_LETTERS = re.compile(r"[^\W\d_]{3,}")
"""That a host's name has where others are called alike but for the number."""


class Redactor:
    """Replaces known secrets by what they are, whatever surrounds them, then whatever looks like one."""

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        """`secrets` are texts, each with the word that takes its place."""
        places = {text: place for text, place in secrets if len(text) >= SHORTEST}
        self._places = {text.casefold(): place for text, place in places.items()}
        # The longest first: a folder before the folder above it.
        longest_first = sorted(places, key=len, reverse=True)
        self._known = _whole(re.escape(text) for text in longest_first if places[text] != HOST)
        self._hosts = _whole(_alike(text) for text in longest_first if places[text] == HOST)

    def __call__(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(lambda match: self._places.get(match[0].casefold(), "[redacted]"), text)
        if self._hosts is not None:
            text = self._hosts.sub(HOST, text)
        for pattern, place in PATTERNS:
            text = pattern.sub(place, text)
        return text


def _whole(patterns: Iterable[str]) -> re.Pattern[str] | None:
    """Any of them, as whole words; None where there are none."""
    any_of = "|".join(patterns)
    return re.compile(rf"(?<![^\W_])(?:{any_of})(?![^\W_])", re.IGNORECASE) if any_of else None


def _alike(host: str) -> str:
    """The pattern of the hosts of a cluster by one of them: other numbers, and for a domain any name before it."""
    first, dot, domain = host.partition(".")
    alike = re.sub(r"\d+", r"\\d+", re.escape(first)) if SIBLING_LETTERS.search(first) else re.escape(first)
    return rf"(?:[\w-]{{1,63}}\.){{0,8}}{alike}{re.escape(dot + domain)}" if dot else alike


def redacted(shared: Shared, run: RunView) -> Shared:
    """The report without paths, names of hosts and users, device ids, addresses and the command line."""
    return shared.without(Redactor(secrets_of(run)), *PRIVATE)


def secrets_of(run: RunView) -> Iterator[tuple[str, str]]:
    """What is known to be private about a run, its parent, and whoever writes the report."""
    for each in (run, parent_of(run)):
        if each is not None:
            yield from _of_run(each)
    yield from _hosts(pids.host())
    with suppress(OSError, KeyError):  # a container's number without a name
        yield from _users(getpass.getuser())
    with suppress(RuntimeError):
        yield from _paths(str(Path.home()))


def _of_run(run: RunView) -> Iterator[tuple[str, str]]:
    known = environment_of(run.folder)
    yield from _paths(str(run.folder.path))
    yield from _paths(str(known.get("directory") or ""))
    yield from _hosts(str(known.get("host") or ""))
    yield from _hosts(run.process.host if run.process else "")
    yield from _hosts(meeting_of(run.folder))
    yield from _users(str(known.get("user") or ""))
    yield run.summary.slurm_job, "[id]"
    device = known.get("device")
    if isinstance(device, Mapping):
        uuids = device.get("uuids")
        for uuid in (device.get("uuid"), *(uuids if isinstance(uuids, list) else str(uuids or "").split(","))):
            yield str(uuid or ""), "[id]"
    for text in (*_texts(known.get("command")), *_texts(known.get("variables")), *_texts(config_builtins(run))):
        for part in (text, text.partition("=")[2]):
            if os.sep in part:
                yield part, PATH
                yield from _paths(part)
    # What a run says of its data, such as a watched log's.
    if os.sep in run.summary.data:
        yield from _paths(run.summary.data)


def config_builtins(run: RunView) -> Any:
    """The config as plain values; what was told of itself where it has none of ours."""
    config = config_of(run)
    return dict(run.summary.settings) if config is None else msgspec.to_builtins(config)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _paths(path: str) -> Iterator[tuple[str, str]]:
    """The path, the folders above it but for those at the top, such as /home, and what is relative to any of them."""
    if not path:
        return
    place = Path(path)
    names = place.parts[1:] if place.is_absolute() else place.parts
    for end in range(2, len(names) + 1):
        yield str(Path(place.anchor, *names[:end])), PATH
        for start in range(1, end - 1):
            yield str(Path(*names[start:end])), PATH


def _users(name: str) -> Iterator[tuple[str, str]]:
    if name not in EVERYBODY:
        yield name, "[user]"


def _hosts(host: str) -> Iterator[tuple[str, str]]:
    """The whole name, its first part, and the domain where that is more than a word."""
    first, _, domain = host.partition(".")
    yield host, HOST
    yield first, HOST
    if "." in domain:
        yield domain, HOST
