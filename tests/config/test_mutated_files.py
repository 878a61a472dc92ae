"""Whatever accident a config file had, it loads or is refused with a line number, at once and without a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.bench_config_files import SLOWEST, run
from tests.config.mutations import examine, seeds


def test_the_files_that_are_mutated_are_sound_to_begin_with(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    kinds = []
    for content in seeds():
        path.write_bytes(content)
        kinds.append(examine(path).kind)
    assert kinds.count("loads") == len(kinds) - 1, "all but the odd one with wrong values"


def test_five_hundred_mutated_files_load_or_are_refused(tmp_path: Path) -> None:
    found = run(tmp_path, count=500, seed=1)
    assert not found.broken, "\n".join(found.broken)
    # The bench holds the bound; here other tests share the process's heap, and with it the garbage collector's pauses.
    assert found.slowest < 5 * SLOWEST
    assert set(found.kinds) == {"loads", "to correct", "refused"}
    assert sum(found.kinds.values()) == 500


def test_a_broken_promise_is_reported_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.config.mutations.edit", lambda text, _: text + "#")
    found = run(tmp_path, count=50, seed=1)
    assert found.broken
    assert all(Path(line.split(": ")[0]).is_file() for line in found.broken)
