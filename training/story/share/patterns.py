"""What gives itself away by its look, whoever it belongs to: addresses, ids, hosts with a port, paths.

Where prose and a path look alike, too much is taken out rather than too little; but `loss / acc`, `3/10`, `train/val`
and the names of metrics stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv6Address

from training.runs.metric_names import higher_is_better

ADDRESS, ID, HOST, PATH = "[address]", "[id]", "[host]", "[path]"

_STOP = r"\s'\"<>|;,()\[\]"
_ATOM = rf"(?:[^{_STOP}/\\]|\([^\s()/\\]*\)|\[[^\s\[\]/\\]*\])"
"""A character of a part of a path, or a pair of brackets within it."""
_KINDS = (
    "png|jpe?g|gif|bmp|tiff?|webp|ppm|npy|npz|h5|hdf5|lmdb|parquet|csv|tsv|jsonl?|ya?ml|toml|ini|cfg|txt|md|log|pt|pth|"
    "ckpt|safetensors|onnx|pkl|bin|exe|dll|so|py|ipynb|sh|zip|tar|t?gz|tfrecords?"
)
_SPACED = rf"(?:(?: {{1,3}}(?![~.]){_ATOM}{{1,64}}){{1,3}}/{_ATOM}*(?:/{_ATOM}*)*)*"
"""A path that goes on behind spaces: what follows them has a slash."""
_NAMED = rf"(?:(?: {{1,3}}{_ATOM}{{1,64}}){{0,2}} {{1,3}}[^{_STOP}/\\.]{{1,64}}\.(?:{_KINDS})\b)?"
"""Or the name of a file."""
_SLASHES = rf"(?:/{_ATOM}+)+/?{_SPACED}{_NAMED}"
_ROOT = r"(?:~[\w.-]*|\.{1,2})?"

_IPV6 = r"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F.:]*(?:%\w+)?"
_SOURCE = re.compile(rf"\.(?:{_KINDS}|c|cc|cpp|cu|h|rs)$")
_PLAIN_PARTS = re.compile(
    "train|training|val|valid|validation|test|eval|evaluation|images?|metrics?|samples?|steps?|epochs?|batch|batches|s|ms|"
    r"min|max|mean|std|avg|sum|count|lr|and|or|top|n|a|\d+",
    re.IGNORECASE,
)
"""Parts of what is a quotient, a date or the name of a metric rather than a path."""


def _ipv6(match: re.Match[str]) -> str:
    """Nothing of `12:34:56` or of `std::vector`."""
    try:
        IPv6Address(match["bare"] or match["closed"])
    except ValueError:
        return match[0]
    return ADDRESS if any(character.isalnum() for character in match[0]) else match[0]


def _with_port(match: re.Match[str]) -> str:
    """`node18:29500`, and not `train.py:1204` or `epoch:1000`."""
    name = match["name"]
    return match[0] if _SOURCE.search(name) or not re.search(r"\d|-|\..*\.", name) else HOST


def _relative(match: re.Match[str]) -> str:
    """A path without a root: two slashes, or one and the name of a file."""
    parts = [part for part in match[0].split("/") if part]
    slashes = match[0].count("/")
    if slashes < 2 and not _SOURCE.search(parts[-1]):
        return match[0]
    return match[0] if all(map(_is_plain, parts)) else PATH


def _is_plain(part: str) -> bool:
    return bool(_PLAIN_PARTS.fullmatch(part)) or higher_is_better(part) is not None


_TOP = "com|org|edu|gov|mil|int|local|localdomain|lan|internal|intranet|corp|cluster|hpc"
_COUNTRY = (
    "net|io|ai|dev|cloud|at|au|be|br|ca|ch|cn|cz|de|dk|es|eu|fi|fr|gr|hu|ie|il|in|it|jp|kr|nl|no|nz|pl|pt|ru|se|sg|tw|uk|"
    "us"
)
_NAME = r"[A-Za-z0-9][\w-]{0,62}"
PATTERNS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\b[a-z][a-z0-9+.-]{0,30}://[^\s'\"<>]+", re.IGNORECASE), ADDRESS),
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,255}@[\w-]+(?:\.[\w-]+)*(?::[^\s'\"<>,;)]+)?"), ADDRESS),
    (re.compile(r"\b(?:GPU-|MIG-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), ID),
    (re.compile(r"(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4,6}(?![\w:-])", re.IGNORECASE), ID),
    (re.compile(r"\b[0-9a-f]{32}\b", re.IGNORECASE), ID),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?::\d+)?(?![\w.]*\w)"), ADDRESS),
    (re.compile(rf"\[(?P<closed>{_IPV6})\](?::\d+)?|(?<![\w:.])(?P<bare>{_IPV6})(?![\w:])"), _ipv6),
    (re.compile(rf"(?<![\w.-])(?:{_NAME}\.){{1,12}}(?:{_TOP})(?::\d+)?(?![\w-]|\.\w)", re.IGNORECASE), HOST),
    (re.compile(rf"(?<![\w.-])(?:{_NAME}\.){{2,12}}(?:{_COUNTRY})(?::\d+)?(?![\w-]|\.\w)", re.IGNORECASE), HOST),
    (re.compile(rf"\[(?:\[host\]|{_NAME}(?:\.[\w-]+)*)\]:\d{{2,5}}\b"), HOST),
    (
        re.compile(r"(?<![\w.:/\\-])(?P<name>[A-Za-z][\w-]{0,62}(?:\.[\w-]{1,63}){0,12}):\d{4,5}(?![\w.:])"),
        _with_port,
    ),
    # `host node18`, not `host memory`.
    (
        re.compile(r"(?<=\b(?:host|node|peer)[ =:])(?=[\w.-]*[A-Za-z])(?=[\w.-]*\d)[A-Za-z][\w.-]*\w", re.IGNORECASE),
        HOST,
    ),
    (re.compile(rf"\\\\[\w.$?-]+(?:[\\/][^{_STOP}]*)+"), PATH),
    (
        re.compile(
            rf"(?<![A-Za-z])[A-Za-z]:[\\/](?:[^{_STOP}]|\[\w+\])*(?:(?: {{1,3}}[\w.-]{{1,64}}){{1,3}}\\[^{_STOP}]*)*"
        ),
        PATH,
    ),
    (re.compile(r"(?<![\w.\\-])[\w.-]{1,255}(?:\\[\w.-]+){2,}"), PATH),
    (re.compile(rf"\[(?:path|user|host)\](?:[\\/](?:{_ATOM}|\\)*)+{_SPACED}{_NAMED}"), PATH),
    # Between quotes a path may have spaces in it.
    (re.compile(rf"(?<=')(?:{_ROOT})/[^'\n]*(?=')|(?<=\")(?:{_ROOT})/[^\"\n]*(?=\")"), PATH),
    (re.compile(rf"(?<!\S)-[A-Za-z]{_SLASHES}"), PATH),
    (re.compile(rf"(?<![\w.\]]){_ROOT}{_SLASHES}"), PATH),
    (re.compile(rf"(?<![\w/.\\\]~@+-])[\w@+.-]{{1,255}}(?:/[\w@+.-]+)+/?{_NAMED}"), _relative),
)
