"""The file of a draft: it gives back what was unsaved, and says whose it is."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.strategies import configs
from tests.tui.kept import COMMENTED, GONE, changed, kept_of, leave, of_commented, on_disk, place
from training.config.presets import PRESETS
from training.config.schema import TrainingConfig
from tui.editor import keeping
from tui.editor.draft import Draft
from tui.editor.keeping import Keeper, Kept, me
from tui.editor.unsaved import as_kept, restore, unsaved

# The file


def test_a_draft_comes_back_with_its_comments_and_its_file(tmp_path: Path) -> None:
    draft = restore(kept_of(of_commented(tmp_path / "mine.yaml")))
    assert draft.yaml() == COMMENTED.replace("7", "9")
    assert (draft.path, draft.text, draft.changed) == (tmp_path / "mine.yaml", COMMENTED, True)


def test_a_text_that_is_no_value_comes_back_as_it_was_typed() -> None:
    draft = changed()
    draft.type("learning_rate", "1e-")
    draft.type("model.blocks.0", "filters: many")
    back = restore(kept_of(draft))
    assert (back.shown("learning_rate"), back.shown("model.blocks.0")) == ("1e-", "filters: many")
    assert back.errors == draft.errors
    assert back.config == draft.config


def test_a_wrong_value_alone_is_a_change_that_is_kept() -> None:
    draft = Draft(TrainingConfig())
    draft.type("epochs", "many")
    assert restore(kept_of(draft)).shown("epochs") == "many"


def test_what_was_wrong_in_the_file_is_no_change_of_the_draft(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("epochs: many\n")
    draft = Draft.open(path)
    draft.set("optimizer", "AdamW")
    back = restore(kept_of(draft))
    assert (back.shown("epochs"), back.config.optimizer) == ("many", "AdamW")
    assert back.undo() is not None
    assert not back.changed


def test_all_changes_of_a_restored_draft_are_one_step_to_undo(tmp_path: Path) -> None:
    draft = of_commented(tmp_path / "mine.yaml")
    draft.type("learning_rate", "1e-")
    draft.type("batch_size", "some")
    back = restore(kept_of(draft))
    assert back.undo() is not None
    assert (back.changed, back.yaml()) == (False, COMMENTED)
    assert back.undo() is None


def test_a_preset_comes_back_as_a_new_config(tmp_path: Path) -> None:
    draft = Draft(PRESETS[1].config, base_dir=tmp_path)
    draft.set("epochs", 3)
    back = restore(kept_of(draft, "New config: x"))
    assert (back.config, back.saved, back.path) == (draft.config, PRESETS[1].config, None)
    assert back.yaml() == draft.yaml()


@settings(max_examples=40, deadline=None)
@given(configs(), configs(), st.text(alphabet=st.characters(codec="utf-8"), max_size=20))
def test_any_draft_survives_its_file(start: TrainingConfig, config: TrainingConfig, typed: str) -> None:
    draft = Draft(start)
    draft.replace(config)
    draft.type("epochs", typed)
    state = unsaved(draft, "x")
    if state is None:
        assert draft.config == start
        return
    data = keeping._encoded(as_kept(state, "x"))
    back = restore(msgspec.convert(json.loads(data), Kept))
    assert back.config == draft.config
    assert {key: back.typed[key] for key in back.errors} == {key: draft.typed[key] for key in draft.errors}


def test_a_kept_draft_is_for_its_user_alone() -> None:
    leave(changed())
    assert [stat.S_IMODE(path.stat().st_mode) for path in (place(), *on_disk())] == [0o700, 0o600]


def test_a_path_that_is_no_utf_8_comes_back(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.yaml")
    leave(of_commented(path))
    (found,) = keeping.orphans()
    assert restore(found).path == path
    assert found.name == "caf\N{REPLACEMENT CHARACTER}.yaml"


def test_of_two_states_that_threads_write_the_younger_one_stays() -> None:
    keeper = Keeper("draft")
    older, younger = keeper.turn(), keeper.turn()
    keeper.put(kept_of(changed(2)), younger)
    keeper.put(kept_of(changed(1)), older)
    found = keeping.read("draft")
    assert found is not None
    assert restore(found).config.epochs == 2
    keeper.put(None, keeper.turn())
    keeper.put(kept_of(changed(2)), younger)
    assert keeping.read("draft") is None


# Whose it is


def test_a_draft_is_offered_once_its_process_is_gone() -> None:
    leave(changed(), id="held", holder=me())
    assert keeping.orphans() == []
    leave(changed(), id="left", holder=GONE)
    assert [kept.id for kept in keeping.orphans()] == ["left"]


def test_a_draft_of_another_boot_is_offered_whatever_its_number() -> None:
    leave(changed(), holder=msgspec.structs.replace(me(), boot_id="before"))
    assert [kept.id for kept in keeping.orphans()] == ["draft"]


@pytest.mark.parametrize("change", [{"host": "elsewhere"}, {"pid_space": "pid:[1]"}])
def test_a_draft_of_another_host_or_container_is_offered_after_a_day(change: dict[str, str]) -> None:
    holder = msgspec.structs.replace(GONE, **change)
    leave(changed(), id="fresh", holder=holder, age=3600)
    leave(changed(), id="old", holder=holder, age=25 * 3600)
    assert [kept.id for kept in keeping.orphans()] == ["old"]


def test_the_youngest_draft_stands_first() -> None:
    for id, age in (("a", 20.0), ("b", 10.0), ("c", 30.0)):
        leave(changed(), id=id, age=age)
    assert [kept.id for kept in keeping.orphans()] == ["b", "a", "c"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"schema": 1}'],
    ids=["empty", "half", "a list", "an object", "no text", "deep", "incomplete"],
)
def test_a_file_that_is_no_draft_is_left_alone(content: bytes) -> None:
    leave(changed())
    odd = place() / "odd.json"
    odd.write_bytes(content)
    assert [kept.id for kept in keeping.orphans()] == ["draft"]
    assert odd.read_bytes() == content


def test_a_draft_of_a_later_version_is_left_alone() -> None:
    kept = leave(changed())
    Keeper("later").put(msgspec.structs.replace(kept, schema=2, id="later"), 1)
    assert [kept.id for kept in keeping.orphans()] == ["draft"]
    assert (place() / "later.json").exists()


def test_without_drafts_the_start_of_the_app_loads_no_editor(tmp_path: Path) -> None:
    lines = (
        "import sys",
        "from tui.screens import kept_drafts",
        "kept_drafts.offer(None)",
        "assert 'tui.editor.draft' not in sys.modules and 'yaml' not in sys.modules",
    )
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "none")}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], env=env, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
