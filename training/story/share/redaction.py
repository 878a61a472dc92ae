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
from training.story.share.gather import PRIVATE, environment_of, parent_of
from training.story.versus.of_run import config_of

SHORTEST = 2
"""Characters of a word that is looked for; a single letter tells nothing, and stands everywhere."""
PATTERNS = (
    (re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE), "[address]"),
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*(?::[^\s'\"<>,;)]+)?"), "[address]"),
    (re.compile(r"\b(?:GPU-|MIG-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "[id]"),
    (re.compile(r"\[path\](?:/[^\s'\"<>|;,()\[\]]*)+"), "[path]"),
    # Between quotes a path may have spaces in it.
    (re.compile(r"(?<=')(?:~[\w.-]*|\.{1,2})?/[^'\n]*(?=')|(?<=\")(?:~[\w.-]*|\.{1,2})?/[^\"\n]*(?=\")"), "[path]"),
    # Not the quotients of prose: `3/10`, `train/val`, `loss / acc`.
    (re.compile(r"(?<![\w.\]])(?:~[\w.-]*|\.{1,2})?/(?:[^\s'\"<>|;,()\[\]/]+/?)+"), "[path]"),
)


class Redactor:
    """Replaces known secrets by what they are, whatever surrounds them, then whatever looks like one."""

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        """`secrets` are texts, each with the word that takes its place."""
        places = {text: place for text, place in secrets if len(text) >= SHORTEST}
        self._places = {text.casefold(): place for text, place in places.items()}
        # The longest first: a folder before the folder above it.
        known = "|".join(re.escape(text) for text in sorted(places, key=len, reverse=True))
        self._known = re.compile(rf"(?<![^\W_])(?:{known})(?![^\W_])", re.IGNORECASE) if known else None

    def __call__(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(lambda match: self._places.get(match[0].casefold(), "[redacted]"), text)
        for pattern, place in PATTERNS:
            text = pattern.sub(place, text)
        return text


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
        yield getpass.getuser(), "[user]"
    with suppress(RuntimeError):
        yield from _paths(str(Path.home()))


def _of_run(run: RunView) -> Iterator[tuple[str, str]]:
    known = environment_of(run.folder)
    yield from _paths(str(run.folder.path))
    yield from _paths(str(known.get("directory") or ""))
    yield from _hosts(str(known.get("host") or ""))
    yield from _hosts(run.process.host if run.process else "")
    yield str(known.get("user") or ""), "[user]"
    yield run.summary.slurm_job, "[id]"
    device = known.get("device")
    if isinstance(device, Mapping):
        uuids = device.get("uuids")
        for uuid in (device.get("uuid"), *(uuids if isinstance(uuids, list) else str(uuids or "").split(","))):
            yield str(uuid or ""), "[id]"
    for text in (*_texts(known.get("command")), *_texts(known.get("variables")), *_texts(config_builtins(run))):
        if os.sep in text:
            yield text, "[path]"


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
    """The path, and the folders above it but for those at the top, such as /home."""
    if path:
        place = Path(path)
        yield from ((str(each), "[path]") for each in (place, *place.parents) if len(each.parts) > 2)


def _hosts(host: str) -> Iterator[tuple[str, str]]:
    """The whole name, its first part, and the domain where that is more than a word."""
    first, _, domain = host.partition(".")
    yield host, "[host]"
    yield first, "[host]"
    if "." in domain:
        yield domain, "[host]"
