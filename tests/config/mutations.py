"""Config files as accidents leave them, and what has to hold for each: it loads or is refused with a line, at once."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from training.config.files import Loaded, dump, edit, read, read_text
from training.config.patch import replaced
from training.config.presets import PRESETS
from training.config.problems import ConfigError
from training.config.schema import TrainingConfig
from tui.editor.draft import Draft

T = TypeVar("T")

README = Path(__file__).parents[2] / "README.md"
LARGEST = 256 * 1024
"""Bytes beyond which a file is refused as a whole, without a line."""

ODD = (
    "# only a comment\n",
    "---\nepochs: 5\n...\n",
    "%YAML 1.2\n---\nepochs: 5\n",
    "\ufeffoptimizer: adam   # größer\r\nlearning_rate: 1e-3\r\n\r\nmodel:\r\n  blocks:\r\n  - {filters: 8}\r\n",
    "{epochs: 5, model: {kind: vit, depth: 2}, advice: {silenced: [a, 'b: c']}}",
    "model: {blocks: [&b {filters: 8}, *b, {filters: 16, dropout: .25}]} # twice\n",
    "model:\n  blocks: &all\n  # the stem\n  - &a\n    filters: 8   # small\n    # deep\n\n  - *a\n  - filters: 32\n",
    '"epochs": !!int 7\n? batch_size\n: 64\ndata:\n  source: folder\n  path: >-\n    a\n    b\n\nruntime:\n',
    "data: {source: 'digits', val_fraction: 0.25}\nl2_lambda: 1.0e-4\nadvice:\n  silenced:\n    - a\n    - b\n",
    "epochs: many\nmodel: 5\nruntime:\n  seed: -1\n  device: [x]\nunknown: 1\n",
)
TOKENS = (
    *(": ", "- ", "? ", "#", " # x", "&a ", "*a", "!!int ", "!x ", "|", ">", "'", '"', "{", "}", "[", "]", ",", "\\"),
    *("<<: *a", "---\n", "...\n", "%YAML 1.1\n", "\t", "\r", "\x00", "\x85", "\u2028", "\ufeff", "null", "~", ".nan"),
    *("-.inf", "1e999", "-1", "0", "off", "true", "1:30", "2001-01-01", "0x", "'1'", '"\\ud800"', '"\\UFFFFFFFF"'),
)
Mutation = Callable[[random.Random, bytes], bytes]


def seeds() -> list[bytes]:
    """The files that mutations start from: presets, what the README shows, and odd ones."""
    shown = re.findall(r"```ya?ml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    presets = [dump(preset.config, only_changed) for preset in PRESETS for only_changed in (True, False)]
    return [text.encode() for text in (*presets, *shown, *ODD)]


def mutated(rng: random.Random, content: bytes) -> bytes:
    """The content after one to three accidents."""
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
        content = rng.choice(MUTATIONS)(rng, content)
    return content


def _flip(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content or b"\n")
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _lines(rng: random.Random, content: bytes) -> tuple[list[bytes], int]:
    lines = content.splitlines(keepends=True) or [b"\n"]
    return lines, rng.randrange(len(lines))


def _line_twice(rng: random.Random, content: bytes) -> bytes:
    lines, at = _lines(rng, content)
    lines.insert(rng.randint(0, len(lines)), lines[at])
    return b"".join(lines)


def _line_elsewhere(rng: random.Random, content: bytes) -> bytes:
    lines, at = _lines(rng, content)
    line = lines.pop(at)
    lines.insert(rng.randint(0, len(lines)), line)
    return b"".join(lines)


def _indented(rng: random.Random, content: bytes) -> bytes:
    lines, at = _lines(rng, content)
    lines[at] = rng.choice((b" ", b"  ", b"\t", b"      ")) + lines[at] if rng.random() < 0.6 else lines[at].lstrip()
    return b"".join(lines)


def _token(rng: random.Random, content: bytes) -> bytes:
    at = rng.randint(0, len(content))
    return content[:at] + rng.choice(TOKENS).encode() + content[at:]


def _words_swapped(rng: random.Random, content: bytes) -> bytes:
    words = re.split(rb"(\w+)", content)
    if len(words) > 4:
        a, b = (2 * rng.randrange(len(words) // 2) + 1 for _ in range(2))
        words[a], words[b] = words[b], words[a]
    return b"".join(words)


def _deleted(rng: random.Random, content: bytes) -> bytes:
    first = rng.randint(0, len(content))
    return content[:first] + content[first + rng.choice((1, 1, 2, 8, 60)) :]


def _junk(rng: random.Random, content: bytes) -> bytes:
    at = rng.randint(0, len(content))
    return content[:at] + rng.randbytes(rng.choice((1, 3, 40))) + content[at:]


def _value(rng: random.Random, content: bytes) -> bytes:
    """Another value for a key: a number that is too large, too long, or of the wrong kind."""
    values = [
        b"9" * 5000,
        b"1e99999",
        b"-" * 50,
        b"0." + b"0" * 3000 + b"1",
        b"'" + b"x" * 2000 + b"'",
        b"0x" + b"f" * 99,
    ]
    values += [b"[[1]]", b"{a: {b: 1}}", b"&x [*x]", b"!!float x", b"!!binary aGk=", b"\xff", b"2147483648", b"1_000"]
    keys = list(re.finditer(rb":[ \t]+([^\s#][^\r\n#]*)", content))
    if not keys:
        return content + rng.choice(values)
    first, last = rng.choice(keys).span(1)
    return content[:first] + rng.choice(values) + content[last:]


def _nested(rng: random.Random, content: bytes) -> bytes:
    depth = rng.choice((3, 30, 30, 400, 4000))
    opening, closing = rng.choice(((b"[", b"]"), (b"{a: ", b"}"), (b"- ", b""), (b"? ", b""), (b"!!seq [", b"]")))
    return content + b"\nx: " + opening * depth + (closing * depth if rng.random() < 0.5 else b"") + b"\n"


def _aliases(rng: random.Random, content: bytes) -> bytes:
    """Values that multiply: ten of ten of ten."""
    lines = [b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, rng.choice((2, 5, 12))):
        lines.append(b"a%d: &a%d [%s]" % (level, level, b", ".join([b"*a%d" % (level - 1)] * 10)))
    return b"\n".join([*lines, content]) if rng.random() < 0.5 else b"\n".join([content, *lines])


def _long(rng: random.Random, content: bytes) -> bytes:
    """Much of the same: of one line, of one comment, of everything."""
    lines, at = _lines(rng, content)
    lines[at] *= rng.choice((50, 50, 300, 2000))
    return b"".join(lines)[: LARGEST + 10] if rng.random() < 0.9 else (content * 300)[: LARGEST + 10]


def _recoded(rng: random.Random, content: bytes) -> bytes:
    if rng.random() < 0.5:
        return content.replace(b"\r\n", b"\n").replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\n\t")))
    return content.decode("utf-8", "replace").encode(rng.choice(("utf-16", "utf-8-sig", "latin-1")), "replace")


MUTATIONS: tuple[Mutation, ...] = (
    *(_flip, _line_twice, _line_elsewhere, _indented, _token, _words_swapped, _deleted, _junk, _value),
    *(_nested, _aliases, _long, _recoded),
)


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    kind: str
    """`loads`, `to correct` (the editor shows its wrong values), or `refused`."""
    seconds: float
    """Of one core: the longest that the user waits for one thing, reading, opening or saving."""


def examine(path: Path) -> Outcome:
    """Read, open and edit a file. Raises AssertionError where a promise is broken."""
    before = path.read_bytes()
    watch = _Watch()
    loaded = watch(lambda: read(path))
    _check_problems(loaded)
    try:
        draft = watch(lambda: Draft.open(path))
    except ConfigError:
        assert loaded.config is None, "the editor refuses a sound file"
        return Outcome("refused", watch.longest)
    assert isinstance(draft.notes, list)
    saved = watch(draft.yaml)
    if loaded.config is None:
        assert draft.problems, "a wrong file can be saved"
    else:
        _check_editing(loaded.text, loaded.config, watch)
        assert saved == loaded.text or not loaded.text.strip()
    assert path.read_bytes() == before, "reading changed the file"
    return Outcome("loads" if loaded.config else "to correct", watch.longest)


class _Watch:
    """Calls functions; keeps how long the slowest took."""

    def __init__(self) -> None:
        self.longest = 0.0

    def __call__(self, work: Callable[[], T]) -> T:
        started = time.thread_time()
        try:
            return work()
        finally:
            self.longest = max(self.longest, time.thread_time() - started)


def _check_problems(loaded: Loaded) -> None:
    assert (loaded.config is None) == bool(loaded.problems)
    for problem in loaded.problems:
        assert problem.text.isprintable(), problem.text
        assert problem.line is not None or loaded.path.stat().st_size > LARGEST, problem.text


def _check_editing(text: str, config: TrainingConfig, watch: _Watch) -> None:
    assert edit(text, config) == text, "an edit without a change changes the text"
    more = replaced(config, "epochs", config.epochs % 1000 + 1)
    assert read_text(watch(lambda: edit(text, more))) == (more, ()), "a change is not in the edited text"


def mutations(seed: int, count: int) -> Iterator[bytes]:
    """That many files, the same ones for the same seed."""
    rng = random.Random(seed)
    start: Sequence[bytes] = seeds()
    for _ in range(count):
        yield mutated(rng, rng.choice(start))
