"""The cache on disk: built once, found again, never half, never stale, and cleaned up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeFolder
from tests.drawing import image
from training.config.data import Data
from training.dataset import cache, pixels, scratch
from training.dataset.decode import Recipe
from training.dataset.pixels import Pixels, load_pixels
from training.dataset.scratch import Unsuitable, scratch_folder
from training.dataset.source import list_source

ROOT = Path(__file__).resolve().parents[2]


def load(root: Path, folder: Path, side: int = 8, **how: Any) -> Pixels:
    listing = list_source(Data(source="folder", path="x"), root, 0)
    settings: dict[str, Any] = {"mode": "disk", "workers": 1, "progress": lambda done, total: None}
    return load_pixels(listing, Recipe(side), cache_dir=folder, **(settings | how))


def suffixes(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


@pytest.fixture
def root(make_folder: MakeFolder) -> Path:
    return make_folder(a=3, b=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_what_was_built_is_found_again_with_what_was_known_of_it(root: Path, folder: Path) -> None:
    (root / "a" / "01.png").write_bytes(b"no image")
    image().convert("LA").save(root / "a" / "02.png")
    first, second = load(root, folder), load(root, folder)
    assert first.buffer is not None
    assert second.buffer is not None
    assert bytes(first.buffer) == bytes(second.buffer)
    assert (second.bad, second.notes, second.channels) == (first.bad, first.notes, first.channels)
    assert "built in" in first.where
    assert "found there" in second.where
    assert suffixes(folder) == [".json", ".u8"]


def test_a_changed_file_another_size_and_another_recipe_are_built_anew(root: Path, folder: Path) -> None:
    load(root, folder)
    path = root / "a" / "00.png"
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))
    assert "built" in load(root, folder).where
    assert "built" in load(root, folder, side=9).where
    image().save(root / "b" / "more.png")
    assert "built" in load(root, folder).where
    assert "found" in load(root, folder).where


@pytest.mark.parametrize("damage", ["shorter", "gone", "facts"])
def test_a_damaged_entry_is_built_anew(root: Path, folder: Path, damage: str) -> None:
    whole = load(root, folder)
    (content,), (facts,) = folder.glob("*.u8"), folder.glob("*.json")
    match damage:
        case "shorter":
            os.truncate(content, 100)
        case "gone":
            content.unlink()
        case "facts":
            facts.write_bytes(facts.read_bytes()[:-3])
    again = load(root, folder)
    assert "built" in again.where
    assert damage == "shorter" or bytes(again.buffer or b"") == bytes(whole.buffer or b"")
    assert "found" in load(root, folder).where


def test_what_is_written_to_the_pixels_never_reaches_the_file(root: Path, folder: Path) -> None:
    found = load(root, folder)
    assert found.buffer is not None
    before = bytes(found.buffer)
    found.buffer[0] = before[0] ^ 0xFF
    assert bytes(load(root, folder).buffer or b"") == before


def test_a_second_run_waits_for_the_first_and_uses_what_it_built(root: Path, folder: Path) -> None:
    told: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def slowly(done: int, total: int) -> None:
        if any(folder.glob("*.part")):
            inside.set()
            assert go_on.wait(20)

    results: list[Pixels] = []
    first = threading.Thread(target=lambda: results.append(load(root, folder, progress=slowly)))
    first.start()
    assert inside.wait(20)

    def tell(sentence: str) -> None:
        told.append(sentence)
        go_on.set()

    second = load(root, folder, tell=tell)
    first.join()
    assert told == ["Another run is decoding the same images; waiting for them."]
    assert "another run has just built" in second.where
    assert "built in" in results[0].where


def test_a_killed_build_leaves_nothing_that_is_read_and_the_next_one_cleans_up(root: Path, folder: Path) -> None:
    source = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from tests.dataset.test_cache import load\n"
        "def hang(done, total):\n"
        f"    if done: print('half', flush=True); time.sleep(60)\n"
        f"load(Path({str(root)!r}), Path({str(folder)!r}), progress=hang)\n"
    )
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half\n"
        child.send_signal(signal.SIGKILL)
    assert suffixes(folder) == [".lock", ".part"]
    assert "built in" in load(root, folder).where
    assert suffixes(folder) == [".json", ".u8"]


def test_leftovers_of_other_data_go_too_but_not_of_a_build_that_is_going_on(root: Path, folder: Path) -> None:
    folder.mkdir()
    for key in ("a" * 40, "b" * 40):
        (folder / f"{key}.0123456789abcdef.part").touch()
    (folder / "not ours.part").touch()
    with cache.Entry(folder, "b" * 40).locked(waiting=pytest.fail):
        load(root, folder)
    assert sorted(path.name[:8] for path in folder.glob("*.part")) == ["b" * 8, "not ours"]


def test_entries_that_nobody_used_for_a_month_are_removed_when_another_is_built(root: Path, folder: Path) -> None:
    load(root, folder, side=5)
    load(root, folder, side=6)
    for path in folder.glob("*.json"):
        os.utime(path, (0, time.time() - 31 * 86400))
    load(root, folder, side=6)  # used again
    load(root, folder, side=7)
    assert sorted(path.stat().st_size for path in folder.glob("*.u8")) == [6 * 36, 6 * 49]


def test_room_is_asked_for_and_told_before_anything_is_built(root: Path, folder: Path) -> None:
    told: list[str] = []
    load(root, folder, side=100, tell=told.append)
    assert told[0].startswith(f"Decoding 6 images to 60 kB in {folder}, where ")
    assert told[0].endswith("are free.")


def test_a_disk_that_is_full_is_named_with_the_remedy(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pixels, "build", full)
    with pytest.raises(Exception, match=r"cannot be written to .*No space left on device.*data\.cache_dir"):
        load(root, folder)
    assert suffixes(folder) == []


# The folder


def test_the_folder_is_the_chosen_one_then_the_environments_then_slurms_then_this_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINDECK_CACHE", str(tmp_path / "env"))
    monkeypatch.setenv("SLURM_TMPDIR", str(tmp_path))
    assert scratch_folder(str(tmp_path / "deep" / "er")) == tmp_path / "deep" / "er"
    assert scratch_folder(None) == tmp_path / "env"
    monkeypatch.delenv("TRAINDECK_CACHE")
    assert scratch_folder(None) == tmp_path / "traindeck-cache"
    monkeypatch.delenv("SLURM_TMPDIR")
    assert scratch._own_places()[0] == Path(f"/var/tmp/traindeck-{os.getuid()}")


def test_a_folder_that_others_prepared_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    monkeypatch.delenv("TRAINDECK_CACHE")
    places = [tmp_path / "link", tmp_path / "open"]
    monkeypatch.setattr(scratch, "_own_places", lambda: places)
    with pytest.raises(Unsuitable, match=r"is a link.*can be written to by others"):
        scratch_folder(None)
    places.append(tmp_path / "own")
    assert scratch_folder(None) == tmp_path / "own"
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700


def test_a_chosen_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unsuitable, match=r"file/x cannot be made"):
        scratch_folder(tmp_path / "file" / "x")
