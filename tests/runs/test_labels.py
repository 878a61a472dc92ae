"""Tags, notes and the archive: what is kept, and what a broken file or a closed folder comes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.builders import make_run
from training.errors import InvalidInput, RunFailed
from training.runs import store
from training.runs.labels import Labels, change_labels, read_labels, tags_from
from training.runs.layout import RunFolder
from training.runs.lifecycle import view


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return make_run(tmp_path, "a", state="finished")


def test_a_change_leaves_the_rest_as_it_is(folder: RunFolder) -> None:
    assert read_labels(folder) == Labels()
    change_labels(folder, add=["one", "two"])
    change_labels(folder, note="  seen  ")
    change_labels(folder, archived=True)
    assert read_labels(folder) == Labels(("one", "two"), "seen", True)
    change_labels(folder, add=["three", "ONE"], remove=["Two"])
    assert read_labels(folder).tags == ("one", "three")
    change_labels(folder, tags=["only"])
    run = view(folder)
    assert run is not None
    assert run.labels == Labels(("only",), "seen", True)


def test_nothing_is_written_where_nothing_changes(folder: RunFolder) -> None:
    change_labels(folder, remove=["none"], note="", archived=False)
    assert not folder.labels.exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"tags": 5}', b"[]", b"\xff\xfe", b'{"tags": [["a"]]}', b"[" * 5000])
def test_a_broken_file_is_no_labels(folder: RunFolder, content: bytes) -> None:
    folder.labels.write_bytes(content)
    assert read_labels(folder) == Labels()
    assert change_labels(folder, add=["new"]).tags == ("new",)
    assert read_labels(folder).tags == ("new",)


def test_what_a_later_version_writes_there_is_passed_over(folder: RunFolder) -> None:
    folder.labels.write_bytes(b'{"tags": ["a"], "stars": 5}')
    assert read_labels(folder).tags == ("a",)


@pytest.mark.parametrize("tag", ["", "-x", "two words", 'quo"te', "a,b", "x" * 41, "\x1b[31mred", "new\nline"])
def test_what_is_no_tag_is_refused(folder: RunFolder, tag: str) -> None:
    with pytest.raises(InvalidInput):
        change_labels(folder, add=[tag])
    assert not folder.labels.exists()


@pytest.mark.parametrize("note", ["\x1b]0;title\x07", "x" * 2001])
def test_what_is_no_note_is_refused(folder: RunFolder, note: str) -> None:
    with pytest.raises(InvalidInput):
        change_labels(folder, note=note)


def test_words_with_a_minus_take_tags_away() -> None:
    assert tags_from(" new -old  new ") == (("new",), ("old",))
    with pytest.raises(InvalidInput):
        tags_from("--x")


def test_a_folder_that_is_gone_gives_the_reason(folder: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="its labels cannot be written: No such file"):
        change_labels(RunFolder(tmp_path / "gone"), add=["x"])


def test_labels_go_with_the_run(folder: RunFolder) -> None:
    change_labels(folder, add=["x"])
    run = view(folder)
    assert run is not None
    store.delete_run(run)
    assert not folder.path.exists()
