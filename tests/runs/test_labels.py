"""Tags, notes and the archive: what is kept, and what a broken file or a closed folder comes to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.runs.builders import make_run
from training.errors import InvalidInput, RunFailed
from training.runs import store
from training.runs.hooks import ENTRY
from training.runs.labels import Labels, change_labels, read_labels, tags_from
from training.runs.layout import RunFolder
from training.runs.lifecycle import view
from training.runs.lock import briefly


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


@pytest.mark.parametrize(
    "content",
    [
        b"{", b'{"tags": 5}', b"[]", b"\xff\xfe", b'{"tags": [["a"]]}', b"[" * 5000, b'{"x": ' + b"[" * 5000,
        b'{"tags": "baseline", "note": "precious", "archived": true}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_no_labels_and_no_change_touches_it(folder: RunFolder, content: bytes) -> None:
    folder.labels.write_bytes(content)
    assert read_labels(folder) == Labels()
    with pytest.raises(InvalidInput, match=r"labels\.json cannot be read: .*Mend it or remove it"):
        change_labels(folder, add=["new"])
    assert folder.labels.read_bytes() == content


def test_an_empty_file_is_no_labels_and_can_be_changed(folder: RunFolder) -> None:
    folder.labels.write_bytes(b"\n")
    change_labels(folder, add=["new"])
    assert read_labels(folder).tags == ("new",)


def test_what_a_later_version_writes_there_is_passed_over_and_kept(folder: RunFolder) -> None:
    folder.labels.write_bytes(b'{"tags": ["a"], "stars": {"mine": 5}}')
    assert read_labels(folder).tags == ("a",)
    change_labels(folder, add=["b"])
    assert json.loads(folder.labels.read_bytes()) == {
        "tags": ["a", "b"], "note": "", "archived": False, "stars": {"mine": 5},
    }  # fmt: skip


def test_of_changes_by_several_processes_at_once_none_is_lost(folder: RunFolder) -> None:
    script = (
        "import sys; from pathlib import Path; from training.runs.labels import change_labels;"
        "from training.runs.layout import RunFolder; folder = RunFolder(Path(sys.argv[1]));"
        "print(flush=True); sys.stdin.read();"
        "[change_labels(folder, add=[f'{sys.argv[2]}-{n}']) for n in range(30)]"
    )
    with ExitStack() as stack:
        start = partial(subprocess.Popen, cwd=ENTRY.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        command = [sys.executable, "-c", script, str(folder.path)]
        writers = [stack.enter_context(start([*command, name])) for name in "ab"]
        for writer in writers:
            assert writer.stdout
            assert writer.stdout.readline()
        for writer in writers:
            assert writer.stdin
            writer.stdin.close()
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(read_labels(folder).tags) == sorted(f"{name}-{n}" for name in "ab" for n in range(30))


def test_one_at_a_time_has_the_lock_and_it_is_free_after(folder: RunFolder) -> None:
    with briefly(folder.labels_lock) as ours, briefly(folder.labels_lock, seconds=0.0) as theirs:
        assert (ours, theirs) == (True, False)
    with briefly(folder.labels_lock, seconds=0.0) as ours:
        assert ours


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open any file")
def test_a_lock_that_another_user_made_can_be_taken(folder: RunFolder) -> None:
    folder.labels_lock.touch(0o444)
    assert change_labels(folder, add=["x"]).tags == ("x",)


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
