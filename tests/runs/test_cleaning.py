"""Cleaning: who is spared and why, what goes, and that the record of a run stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.runs.builders import add_process, beat, make_run, weigh
from training.config.schema import TrainingConfig
from training.devices.choice import Choice
from training.diagnosis.findings import Finding, Fix
from training.errors import InvalidInput, RunFailed
from training.runs import cleaning, lock, store
from training.runs.cleaning import CleaningPlan, Removal
from training.runs.correct import correct
from training.runs.layout import RunFolder
from training.runs.lifecycle import RunView, view
from training.runs.pin import pin
from training.runs.plan import LaunchPlan
from training.runs.resume import Resumption, resume, resumption
from training.runs.summary import Summary
from training.runs.survival import survival

NOW = 1_000_000.0
DAY = 86400.0


def over(runs_dir: Path, run_id: str, **changes: Any) -> RunFolder:
    """A run that has ended, with weights."""
    folder = make_run(runs_dir, run_id, **{"state": "stopped", "created": 1.0, "ended": 2.0, **changes})
    for kind, size in (("best", 300), ("last", 1000), ("step-000000003", 1000)):
        weigh(folder, kind, size)
    return folder


def planned(runs_dir: Path, **options: Any) -> CleaningPlan:
    return cleaning.plan(store.list_runs(runs_dir), now=NOW, **options)


def spared(plan: CleaningPlan) -> dict[str, str]:
    return {one.run.folder.id: one.reason for one in plan.passed_over}


def meant(plan: CleaningPlan) -> set[str]:
    return {one.run.folder.id for one in plan.removals}


def seen(folder: RunFolder) -> RunView:
    found = view(folder)
    assert found is not None
    return found


def only(plan: CleaningPlan) -> Removal:
    (removal,) = plan.removals
    return removal


def names(folder: RunFolder) -> list[str]:
    return sorted(path.name for path in folder.checkpoints.iterdir())


def test_live_silent_and_pinned_runs_and_those_of_other_tools_are_spared(tmp_path: Path) -> None:
    for run_id, seconds_ago in (("running", 0.0), ("silent", 600.0)):
        folder = over(tmp_path, run_id, state="running", ended=0.0)
        add_process(folder)
        beat(folder, seconds_ago)
    pin(over(tmp_path, "pinned"))
    over(tmp_path, "foreign", kind="foreign")
    make_run(tmp_path, "empty", state="finished")
    over(tmp_path, "crashed", state="running", ended=0.0)
    over(tmp_path, "finished", state="finished")
    plan = planned(tmp_path)
    assert meant(plan) == {"crashed", "finished"}
    assert spared(plan) == {
        "running": "live", "silent": "silent", "pinned": "pinned", "foreign": "foreign", "empty": "empty",
    }  # fmt: skip
    assert plan.freed == 2 * 2300
    assert plan.count == 6


def test_every_run_that_another_comes_from_is_spared_also_when_it_alone_is_meant(tmp_path: Path) -> None:
    over(tmp_path, "grandparent")
    parent = over(tmp_path, "parent", parent="grandparent")
    over(tmp_path, "child", parent="parent")
    over(tmp_path / "elsewhere", "grandparent")
    assert spared(planned(tmp_path)) == {"grandparent": "ancestor", "parent": "ancestor"}
    assert spared(planned(tmp_path, only={parent.path})) == {"parent": "ancestor"}
    assert meant(planned(tmp_path / "elsewhere")) == {"grandparent"}


def test_a_parent_whose_folder_was_renamed_and_a_link_to_a_run_are_spared(tmp_path: Path) -> None:
    over(tmp_path, "parent").path.rename(tmp_path / "renamed")
    over(tmp_path, "child", parent="parent")
    over(tmp_path / "other", "a")
    (tmp_path / "alias").symlink_to(tmp_path / "other" / "a")
    assert spared(planned(tmp_path)) == {"renamed": "ancestor", "alias": "link"}


def test_age_counts_from_the_end_of_a_run(tmp_path: Path) -> None:
    over(tmp_path, "long", created=NOW - 90 * DAY, ended=NOW - 3 * DAY)
    over(tmp_path, "old", created=NOW - 90 * DAY, ended=NOW - 31 * DAY)
    killed = over(tmp_path, "killed", created=NOW - 90 * DAY, state="running", ended=0.0, updated=NOW - 80 * DAY)
    add_process(killed, ended=NOW - 2 * DAY, signal=9)
    plan = planned(tmp_path, older=30 * DAY)
    assert meant(plan) == {"old"}
    assert spared(plan) == {"long": "younger", "killed": "younger"}


def test_only_weights_go_and_the_run_still_shows_with_its_record(tmp_path: Path) -> None:
    folder = over(tmp_path, "a", best_val_acc=0.9, epoch=7)
    folder.events.write_text("{}\n")
    (folder.checkpoints / ".last.pt.abc.tmp").write_bytes(b"x")
    (folder.checkpoints / "mine.pt").write_bytes(b"x")
    cleaning.clean(only(planned(tmp_path)))
    assert names(folder) == ["mine.pt"]
    after = seen(folder)
    assert (after.state, after.summary.epoch, after.summary.best_val_acc) == ("stopped", 7, 0.9)
    assert after.summary.cleaned > NOW
    assert folder.events.exists()
    assert spared(planned(tmp_path)) == {"a": "empty"}


def test_fields_of_a_newer_version_survive_in_the_summary(tmp_path: Path) -> None:
    folder = over(tmp_path, "a")
    summary = msgspec.json.decode(folder.summary.read_bytes())
    folder.summary.write_bytes(msgspec.json.encode({**summary, "of_tomorrow": 3}))
    cleaning.clean(only(planned(tmp_path)))
    assert msgspec.json.decode(folder.summary.read_bytes())["of_tomorrow"] == 3


def test_the_best_can_be_kept(tmp_path: Path) -> None:
    folder = over(tmp_path, "a")
    removal = only(planned(tmp_path, keep_best=True))
    assert removal.freed == 2000
    cleaning.clean(removal)
    assert names(folder) == ["best.pt"]
    assert spared(planned(tmp_path, keep_best=True)) == {"a": "empty"}


def test_a_last_that_is_another_name_of_the_best_stays_with_it(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="stopped")
    weigh(folder, "last", 1000)
    (folder.checkpoints / "best.pt").hardlink_to(folder.checkpoints / "last.pt")
    assert spared(planned(tmp_path, keep_best=True)) == {"a": "empty"}
    assert only(planned(tmp_path)).freed == 1000


def test_leftovers_alone_go_without_a_word_on_weights(tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", state="stopped")
    weigh(folder, ".last.pt.abc", 10).rename(folder.checkpoints / ".last.pt.abc.tmp")
    cleaning.clean(only(planned(tmp_path)))
    assert names(folder) == []
    assert seen(folder).summary.cleaned == 0


def resumed(folder: RunFolder) -> None:
    change(folder, state="starting", ended=0.0)


def resumed_and_over_again(folder: RunFolder) -> None:
    change(folder, step=999)


def change(folder: RunFolder, **changes: Any) -> None:
    summary = msgspec.json.decode(folder.summary.read_bytes(), type=Summary)
    folder.summary.write_bytes(msgspec.json.encode(msgspec.structs.replace(summary, **changes)))


@pytest.mark.parametrize("meanwhile", [resumed, resumed_and_over_again, pin])
def test_a_run_that_changed_since_the_plan_keeps_its_weights(tmp_path: Path, meanwhile: Any) -> None:
    folder = over(tmp_path, "a")
    removal = only(planned(tmp_path))
    meanwhile(folder)
    with pytest.raises(InvalidInput, match="meanwhile; its weights stay"):
        cleaning.clean(removal)
    assert len(names(folder)) == 3
    assert seen(folder).summary.cleaned == 0


def test_a_run_whose_lock_is_held_keeps_its_weights(tmp_path: Path) -> None:
    folder = over(tmp_path, "a")
    removal = only(planned(tmp_path))
    with lock.held(folder) as ours:
        assert ours
        assert lock.is_held(folder)
        with pytest.raises(InvalidInput, match="goes on again"):
            cleaning.clean(removal)
    assert not lock.is_held(folder)
    assert len(names(folder)) == 3


def test_a_summary_that_cannot_be_written_costs_no_weights(tmp_path: Path) -> None:
    folder = over(tmp_path, "a")
    removal = only(planned(tmp_path))
    folder.lock.mkdir()
    with pytest.raises(RunFailed, match="cannot be cleaned"):
        cleaning.clean(removal)
    assert len(names(folder)) == 3


def test_a_cleaned_run_is_not_resumed_and_says_why(tmp_path: Path) -> None:
    folder = over(tmp_path, "a")
    folder.config.write_text("epochs: 10\n")
    cleaning.clean(only(planned(tmp_path, keep_best=True)))
    with pytest.raises(InvalidInput, match="removed by `traindeck clean`") as refused:
        resumption(seen(folder))
    assert "new run" in refused.value.remedy


def test_a_resume_that_finds_its_checkpoint_gone_starts_nothing(tmp_path: Path) -> None:
    folder = over(tmp_path, "a")
    folder.config.write_text("epochs: 10\n")
    wanted = Resumption(seen(folder), TrainingConfig(), folder.checkpoints / "last.pt", None, ())
    cleaning.clean(only(planned(tmp_path)))
    with pytest.raises(InvalidInput, match=r"last\.pt has been removed"):
        resume(wanted, LaunchPlan((), Choice("cpu", "CPU", ""), survival()))
    assert seen(folder).state == "stopped"
    assert not folder.console.exists()


def test_a_fix_that_starts_from_cleaned_weights_is_refused_before_launch(tmp_path: Path) -> None:
    folder = over(tmp_path, "a")
    folder.config.write_text("epochs: 10\nlearning_rate: 0.1\n")
    fix = Fix(title="Halve it", effect="", patch={"learning_rate": 0.05}, start_from="best")
    finding = Finding(
        issue="overfitting", label="l", title="t", severity="warning", since_epoch=1, shown_epoch=1, evidence="",
        stretch=(1, 2), causes=(), fixes=(fix,),
    )  # fmt: skip
    assert correct(folder, finding, fix).config.learning_rate == 0.05
    cleaning.clean(only(planned(tmp_path)))
    with pytest.raises(InvalidInput, match=r"best\.pt.*removed by `traindeck clean`"):
        correct(folder, finding, fix)
