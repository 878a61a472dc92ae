"""Runs on disk: names, listing, finding, deleting."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.runs.builders import add_process, make_run
from training.errors import InvalidInput
from training.runs import registry, store
from training.runs.lifecycle import view


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("TRAINDECK_RUNS", raising=False)


def test_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    made = [store.make_folder(tmp_path / "runs", "My run!").id for _ in range(3)]
    assert made == ["My-run", "My-run-2", "My-run-3"]


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb", "bell\x07", "\u202eevil", "\x9b1m"])
def test_a_name_that_a_terminal_would_obey_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="control characters"):
        store.make_folder(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InvalidInput, match="--runs-dir"):
        store.make_folder(tmp_path / "runs", "a")


def test_a_file_in_the_way_of_the_runs_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(InvalidInput, match="--runs-dir"):
        store.make_folder(tmp_path / "runs", "a")


def test_runs_are_listed_newest_first_and_other_folders_passed_over(tmp_path: Path) -> None:
    make_run(tmp_path, "old", created=1.0)
    make_run(tmp_path, "new", created=2.0)
    (tmp_path / "notes").mkdir()
    assert [run.folder.id for run in store.list_runs(tmp_path)] == ["new", "old"]
    assert store.list_runs(tmp_path / "missing") == []


def test_a_run_is_found_by_path_id_name_prefix_and_last_from_any_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "project" / "runs"
    make_run(runs, "digits-adam", created=1.0, name="my digits")
    make_run(runs, "faces", created=2.0)
    registry.remember(runs)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for wanted, found in {
        str(runs / "faces"): "faces",
        "digits-adam": "digits-adam",
        "my digits": "digits-adam",
        "fa": "faces",
        "last": "faces",
    }.items():
        assert store.find_run(wanted).folder.id == found


def test_a_name_that_fits_several_runs_or_none_is_refused_with_the_candidates(tmp_path: Path) -> None:
    make_run(tmp_path, "digits-a", created=1.0)
    make_run(tmp_path, "digits-b", created=2.0)
    with pytest.raises(InvalidInput, match="digits-b, digits-a"):
        store.find_run("digits", tmp_path)
    with pytest.raises(InvalidInput, match="No run is called"):
        store.find_run("nothing", tmp_path)
    with pytest.raises(InvalidInput, match="no run yet"):
        store.find_run("last", tmp_path / "empty")


def test_this_folder_wins_where_a_name_is_used_in_two(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        make_run(tmp_path / folder, "same")
        registry.remember(tmp_path / folder)
    assert store.find_run("same", tmp_path / "a").folder.path == tmp_path / "a" / "same"


def test_runs_going_on_in_other_folders_are_known(tmp_path: Path) -> None:
    live = make_run(tmp_path / "a", "live")
    add_process(live)
    make_run(tmp_path / "a", "done", state="finished")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir(exist_ok=True)
        registry.remember(tmp_path / folder)
    assert [run.folder.id for run in store.other_live_runs(tmp_path / "b")] == ["live"]
    assert store.other_live_runs(tmp_path / "a") == []


def test_deleting_takes_only_what_traindeck_wrote(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="finished")
    folder.checkpoints.mkdir()
    (folder.checkpoints / "best.pt").write_bytes(b"weights")
    (folder.path / "my notes.txt").write_text("keep me")
    run = view(folder)
    assert run is not None
    store.delete_run(run)
    assert [path.name for path in folder.path.iterdir()] == ["my notes.txt"]


def test_deleting_a_run_of_ours_alone_leaves_nothing(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="crashed")
    folder.checkpoints.mkdir()
    (folder.checkpoints / ".best.pt.x1.tmp").write_bytes(b"half a checkpoint, left by kill -9")
    run = view(folder)
    assert run is not None
    store.delete_run(run)
    assert list(tmp_path.iterdir()) == []


def test_a_live_run_is_not_deleted(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a")
    add_process(folder)
    run = view(folder)
    assert run is not None
    with pytest.raises(InvalidInput, match="Stop it"):
        store.delete_run(run)
    assert folder.summary.exists()


def test_the_registry_keeps_the_last_used_first_and_forgets_what_is_gone(tmp_path: Path) -> None:
    for name in ("a", "b", "a"):
        (tmp_path / name).mkdir(exist_ok=True)
        registry.remember(tmp_path / name)
    assert registry.known_folders() == [tmp_path / "a", tmp_path / "b"]
    (tmp_path / "a").rmdir()
    assert registry.known_folders() == [tmp_path / "b"]


def test_where_runs_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert store.runs_dir_for() == tmp_path / "traindeck_runs"
    monkeypatch.setenv("TRAINDECK_RUNS", str(tmp_path / "env"))
    assert store.runs_dir_for() == tmp_path / "env"
    assert store.runs_dir_for("option") == tmp_path / "option"


def test_a_link_that_leads_to_itself_hides_no_run(tmp_path: Path) -> None:
    make_run(tmp_path, "a")
    (tmp_path / "loop").symlink_to("loop")
    assert [run.folder.id for run in store.list_runs(tmp_path)] == ["a"]


def test_an_empty_name_means_no_run_even_where_there_is_only_one(tmp_path: Path) -> None:
    make_run(tmp_path, "a")
    with pytest.raises(InvalidInput, match="empty"):
        store.find_run("", tmp_path)


def test_a_name_too_long_for_any_file_is_unknown_not_an_error_of_the_system(tmp_path: Path) -> None:
    make_run(tmp_path, "a")
    with pytest.raises(InvalidInput, match="No run is called"):
        store.find_run("x" * 5000, tmp_path)


def test_a_home_that_does_not_exist_is_named() -> None:
    with pytest.raises(InvalidInput, match="~nobody-of-that-name"):
        store.runs_dir_for("~nobody-of-that-name/runs")


def test_a_user_without_a_home_has_runs_but_no_register_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    folder = store.make_folder(tmp_path / "runs", "a")
    assert folder.path.is_dir()
    assert store.all_runs(tmp_path / "runs") == []


def test_a_registered_folder_that_was_closed_to_this_user_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(tmp_path, "a")
    (tmp_path / "registry").write_text("/locked/runs\n")
    monkeypatch.setattr(registry, "registry_path", lambda: tmp_path / "registry")
    status = os.stat

    def closed(path: Any, *more: Any, **how: Any) -> os.stat_result:
        if str(path).startswith("/locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return status(path, *more, **how)

    monkeypatch.setattr(os, "stat", closed)
    assert [run.folder.id for run in store.all_runs(tmp_path)] == ["a"]
