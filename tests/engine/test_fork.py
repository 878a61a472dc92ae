"""A fork goes on from a checkpoint of another run, to the bit where its config lets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.commanding import answers, resumed, trained
from tests.engine.conftest import SMALL, MakeRun, Run
from tests.reliability.comparing import differences
from training.config import files as config_files
from training.config.patch import apply
from training.curves import Curves
from training.devices.choice import Choice
from training.errors import InvalidInput, TraindeckError
from training.runs import launch as launching
from training.runs.checkpoints import path_of
from training.runs.events import Acknowledged, Attempt, Checkpoint, End, Epoch, Log, Override, Step, number
from training.runs.fork import Fork, config_there, find_source, sources
from training.runs.lifecycle import view
from training.runs.log import standing
from training.runs.plan import LaunchPlan
from training.runs.survival import Survival

STEPS = 12
PLAN = LaunchPlan((), Choice("cpu", "CPU", "the test wants it"), Survival(None, "It survives."))
CONFIG = SMALL.replace("epochs: 2", "epochs: 4\nlr_strategy: Cosine Annealing\nlearning_rate: 0.003") + (
    "runtime: {threads: 1, checkpoint_keep: 100}\n"
)


@pytest.fixture(autouse=True)
def _nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker of a fork runs in this process."""
    monkeypatch.setattr(launching, "start_supervisor", lambda *_: None)


def forked(run: Run, wanted: str, patch: dict[str, Any] | None = None, *, weights_only: bool = False) -> Run:
    """A fork of the run, not yet trained."""
    parent = view(run.folder)
    assert parent is not None
    source = find_source(parent, wanted)
    config, text = config_there(parent, source)
    config = apply(config, patch or {})
    fork = Fork(parent, source, weights_only)
    folder = launching.launch(
        config_files.edit(text, config), config, PLAN,
        runs_dir=run.folder.path.parent, base_dir=run.folder.path, name=fork.name, fork=fork,
    )  # fmt: skip
    return Run(folder)


def losses(run: Run, first: int = 0) -> list[tuple[int, float, float]]:
    steps = [event for event in standing(run.events) if isinstance(event, Step) and event.step >= first]
    return [(e.step, number(e.metrics["train_loss"]), number(e.metrics["lr"])) for e in steps]


def validated(run: Run) -> list[tuple[int, float]]:
    return [(e.epoch, number(e.metrics["val_loss"])) for e in standing(run.events) if isinstance(e, Epoch)]


@pytest.mark.parametrize("step", [7, 24])
@pytest.mark.parametrize("optimizer", ["AdamW", "SGD with Momentum"])
def test_a_rate_changed_live_gives_the_losses_of_a_fork_at_that_step_with_that_rate(
    make_run: MakeRun, step: int, optimizer: str
) -> None:
    config = CONFIG + f"optimizer: {optimizer}\noptimization: {{ema: 0.9, warmup_epochs: 1}}\n"
    live = trained(make_run(config, "live"), {step: [("checkpoint", {}), ("set_lr", {"learning_rate": 0.0017})]})
    acknowledged = [event.step for event in live.of(Acknowledged) if event.command == "set_lr"]
    assert acknowledged == [step]
    fork = forked(live, f"step-{step}", {"learning_rate": 0.0017})
    assert fork.train() == 0
    assert losses(fork) == losses(live)
    assert validated(fork) == validated(live)
    # And it is no run that the rate made no difference to.
    assert losses(forked(live, f"step-{step}"), step) == []
    plain = trained(make_run(config, "plain"), {})
    assert losses(plain)[:step] == losses(live)[:step]
    assert losses(plain)[step + 1] != losses(live)[step + 1]


def test_a_fork_without_a_change_is_its_parent_over_again(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    fork = forked(run, "step-24")
    fork.train()
    assert list(differences(fork.folder, run.folder)) == []
    assert fork.summary.best_val_loss == run.summary.best_val_loss
    assert fork.summary.kept_epoch == run.summary.kept_epoch


def test_new_epochs_give_the_losses_of_a_fork_with_as_many(make_run: MakeRun) -> None:
    live = trained(make_run(CONFIG, "live"), {17: [("checkpoint", {}), ("set_epochs", {"epochs": 6})]})
    fork = forked(live, "step-17", {"epochs": 6})
    fork.train()
    assert losses(fork) == losses(live)
    assert fork.of(End)[-1].reason == "all 6 epochs done"


def test_what_commands_had_changed_before_is_in_the_config_of_the_fork(make_run: MakeRun) -> None:
    asked: dict[int, Any] = {
        5: [("set_epochs", {"epochs": 5}), ("set_patience", {"patience": 3}), ("set_lr", {"factor": 0.3})],
        30: [("set_epochs", {"epochs": 6})],
    }
    live = trained(make_run(CONFIG, "live"), asked)
    fork = forked(live, "step-24")
    config = config_files.load(fork.folder.config)
    assert (config.epochs, config.early_stopping, config.es_patience) == (5, True, 3)
    fork.train()
    assert losses(fork, 24)[0] == losses(live, 24)[0]
    assert fork.of(End)[-1].reason == "all 5 epochs done"


def test_a_fork_tells_where_it_comes_from_and_has_the_history_up_to_there(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    fork = forked(run, "step-24", {"learning_rate": 0.001, "data.augmentation": "light"})
    summary = fork.summary
    assert (summary.parent, summary.reason, summary.start_from) == ("whole", "fork at step 24", "fork")
    assert (summary.id, summary.epoch, summary.step) == ("whole-fork", 2, 24)
    assert fork.folder.split.read_bytes() == run.folder.split.read_bytes()
    fork.train()
    assert [event.from_step for event in fork.of(Attempt)] == [0, 24]
    assert fork.of(Attempt)[1].why == "forked from whole at step 24"
    curves = Curves()
    curves.extend(fork.events)
    assert curves.step == 4 * STEPS
    assert list(curves.epochs["val_loss"].x) == [0, 1, 2, 3, 4]
    assert losses(fork)[:24] == losses(run)[:24]
    changed = "Changed since that checkpoint: learning_rate 0.003 → 0.001, data.augmentation none → light."
    assert changed in [event.message for event in fork.of(Log)]


def test_a_fork_can_be_resumed_even_before_its_first_checkpoint(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    patch = {"learning_rate": 0.001, "epochs": 6, "runtime.checkpoint_every": "1000 steps"}
    straight, broken = (forked(run, "step-24", patch) for _ in range(2))
    straight.train()
    trained(broken, {}, killed=30)
    resumed(broken)
    assert losses(broken) == losses(straight)
    assert len(broken.of(Attempt)) == 3


def test_another_schedule_starts_at_the_fork_and_ends_with_it(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG.replace("Cosine Annealing", "Constant"), "whole"), {})
    fork = forked(run, "step-24", {"lr_strategy": "Cosine Annealing"})
    fork.train()
    rates = [rate for _, _, rate in losses(fork, 24)]
    assert rates[0] == pytest.approx(0.003)
    assert rates[STEPS] == pytest.approx(1e-6 + (0.003 - 1e-6) / 2)


def test_another_decay_is_what_is_decayed_by(make_run: MakeRun) -> None:
    config = CONFIG + "optimizer: AdamW\n"
    run = trained(make_run(config, "whole"), {})
    fork = forked(run, "step-24", {"l2_decay": True, "l2_lambda": 0.5})
    fork.train()
    assert fork.checkpoint("last")["optimizer"]["param_groups"][0]["weight_decay"] == 0.5
    assert losses(fork, 24)[0] == losses(run, 24)[0]
    assert losses(fork, 24)[1] != losses(run, 24)[1]


@pytest.mark.parametrize(
    ("wanted", "patch", "why"),
    [
        ("step-24", {"optimizer": "RMSprop"}, "since optimizer (Adam → RMSprop) changed"),
        ("step-24", {"batch_size": 64}, "since batch_size (128 → 64) changed"),
        ("best", {}, ": its best checkpoint holds nothing else"),
    ],
)
def test_where_the_state_would_not_fit_the_weights_alone_are_taken_and_it_says_why(
    make_run: MakeRun, wanted: str, patch: dict[str, Any], why: str
) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    parent = view(run.folder)
    assert parent is not None
    fork = Fork(parent, find_source(parent, wanted))
    assert why in fork.sentence(apply(config_files.load(run.folder.config), patch))
    child = forked(run, wanted, patch)
    assert child.summary.reason.endswith(", weights alone")
    child.train()
    assert child.summary.state == "finished"
    assert [event.from_step for event in child.of(Attempt)] == [0]
    # It begins with what its parent had learned.
    epoch = run.summary.kept_epoch if wanted == "best" else 2
    assert validated(child)[0][1] == pytest.approx(dict(validated(run))[epoch])


def test_a_fork_keeps_what_it_starts_from_when_its_parent_is_gone(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    forks = [forked(run, "step-24"), forked(run, "step-24", weights_only=True)]
    for path in run.folder.checkpoints.glob("*.pt"):
        path.unlink()
    run.folder.events.unlink()
    for fork in forks:
        assert fork.train() == 0


def test_a_best_checkpoint_from_after_the_fork_is_not_its_best(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    assert run.summary.kept_epoch == 4
    fork = forked(run, "step-12", {"learning_rate": 1e-9, "lr_strategy": "Constant"})
    assert not path_of(fork.folder, "best").exists()
    fork.train()
    # No later epoch is better than the first, whose weights are not here.
    assert path_of(fork.folder, "best").exists()
    assert [event.epoch for event in standing(fork.events) if isinstance(event, Checkpoint) and event.kind == "best"]


def test_the_checkpoints_of_a_run_are_listed_newest_first(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    (run.folder.checkpoints / "step-000000012.pt").write_bytes(b"torn")
    assert [(one.name, one.label.epoch) for one in sources(run.folder)] == [
        ("last", 4), ("step-36", 3), ("step-24", 2), ("best", 4),
    ]  # fmt: skip
    parent = view(run.folder)
    assert parent is not None
    by_epoch = find_source(parent, "epoch-3")
    assert by_epoch is not None
    assert by_epoch.name == "step-36"
    last = find_source(parent, "step-48")
    assert last is not None
    assert last.name == "last"
    assert find_source(parent, "scratch") is None


def test_an_epoch_is_its_end_and_no_place_in_the_next_one(make_run: MakeRun) -> None:
    parent = view(trained(make_run(CONFIG, "whole"), {27: [("checkpoint", {})], 30: [("stop", {})]}).folder)
    assert parent is not None
    source = find_source(parent, "epoch-2")
    assert source is not None
    assert source.label.step == 24


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("step-13", "whole has no checkpoint step-13. There is last (epoch 4, step 48), "),
        ("newest", "'newest' names no checkpoint. Say last, best, step-N, epoch-N or scratch."),
        ("step-", "names no checkpoint"),
    ],
)
def test_a_checkpoint_that_is_not_there_is_named_with_those_that_are(make_run: MakeRun, wanted: str, says: str) -> None:
    parent = view(trained(make_run(CONFIG, "whole"), {}).folder)
    assert parent is not None
    with pytest.raises(InvalidInput) as refused:
        find_source(parent, wanted)
    assert says in str(refused.value)


def test_a_fork_with_nothing_left_to_train_is_refused_and_leaves_no_folder(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    with pytest.raises(InvalidInput, match="epochs is 4, and 4 are done at step 48"):
        forked(run, "last")
    assert [path.name for path in run.folder.path.parent.iterdir()] == ["whole"]


def test_a_damaged_checkpoint_is_refused_and_leaves_no_folder(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    path = run.folder.checkpoints / "step-000000024.pt"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    for weights_only in (False, True):
        with pytest.raises(TraindeckError, match="its checksum"):
            forked(run, "step-24", weights_only=weights_only)
    assert [path.name for path in run.folder.path.parent.iterdir()] == ["whole"]


def test_a_checkpoint_that_was_replaced_meanwhile_is_not_taken_for_the_one_chosen(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {})
    parent = view(run.folder)
    assert parent is not None
    fork = Fork(parent, find_source(parent, "step-24"))
    Path(run.folder.checkpoints / "step-000000036.pt").replace(run.folder.checkpoints / "step-000000024.pt")
    config, text = config_there(parent, fork.source)
    with pytest.raises(TraindeckError, match="is of step 36 by now"):
        launching.launch(text, config, PLAN, runs_dir=run.folder.path.parent, base_dir=run.folder.path, fork=fork)


def test_a_fork_obeys_commands_of_its_own(make_run: MakeRun) -> None:
    run = trained(make_run(CONFIG, "whole"), {5: [("set_lr", {"factor": 0.5})]})
    fork = trained(forked(run, "step-24"), {30: [("set_lr", {"learning_rate": 0.006})]})
    assert [number(event.value) for event in fork.of(Override)] == [0.5, 2.0]
    assert answers(fork)[-1][1]
