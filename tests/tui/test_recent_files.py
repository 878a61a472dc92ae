"""Recent files: newest first, only what is there, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.recent_files import MOST, offered, recent, recent_path, remember


def make(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.write_text("")
    return paths


def test_the_newest_comes_first_and_each_once(tmp_path: Path) -> None:
    a, b, c = make(tmp_path, "a.yaml", "b.yaml", "c.yaml")
    for path in (a, b, c, a):
        remember(path)
    assert recent() == [a, c, b]


def test_a_relative_path_is_found_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, "a.yaml")
    remember(Path("a.yaml"))
    monkeypatch.chdir("/")
    assert recent() == [tmp_path / "a.yaml"]


def test_what_is_gone_is_left_out_and_comes_back(tmp_path: Path) -> None:
    a, b = make(tmp_path, "a.yaml", "b.yaml")
    remember(a)
    remember(b)
    b.unlink()
    assert recent() == [a]
    b.write_text("")
    assert recent() == [b, a]


def test_only_so_many_are_kept(tmp_path: Path) -> None:
    paths = make(tmp_path, *(f"{number}.yaml" for number in range(MOST + 5)))
    for path in paths:
        remember(path)
    assert recent() == paths[: -MOST - 1 : -1]
    place = recent_path()
    assert place is not None
    assert len(place.read_text().splitlines()) == MOST


def test_names_that_are_no_text_come_back_as_they_are(tmp_path: Path) -> None:
    (odd,) = make(tmp_path, "caf\udce9 au lait.yaml")
    remember(odd)
    remember(tmp_path / "two\nlines.yaml")
    assert recent() == [odd]


def test_opening_the_same_file_again_writes_nothing(tmp_path: Path) -> None:
    (a,) = make(tmp_path, "a.yaml")
    remember(a)
    place = recent_path()
    assert place is not None
    before = place.stat().st_ino
    remember(a)
    assert place.stat().st_ino == before


def test_a_home_that_cannot_be_written_costs_the_memory_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (a,) = make(tmp_path, "a.yaml")
    monkeypatch.setenv("XDG_STATE_HOME", str(a))
    remember(a)
    assert recent() == []


def test_a_user_without_a_home_has_no_recent_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    remember(tmp_path)
    assert recent() == []


def test_only_what_can_be_the_answer_is_offered(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    config, manifest, evil = make(tmp_path, "a.yaml", "all.csv", "ev\x1bil.yaml")
    for path in (config, manifest, evil, tmp_path / "photos"):
        remember(path)
    assert [entry.text for entry in offered("config", 5)] == [str(config)]
    assert [entry.text for entry in offered("data", 5)] == [f"{tmp_path}/photos/", str(manifest)]
    assert [entry.text for entry in offered("data", 1)] == [f"{tmp_path}/photos/"]
