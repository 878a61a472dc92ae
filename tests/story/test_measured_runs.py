"""What a verdict learns of a run from its folder and its log."""

from __future__ import annotations

from pathlib import Path

from tests.runs.builders import make_run
from training.config.files import dump
from training.config.patch import apply
from training.config.schema import TrainingConfig
from training.curves import Curves
from training.runs.events import AnyEvent, Attempt, Epoch
from training.runs.lifecycle import RunView, view
from training.story.versus.of_run import measured, with_curves


def fork_of(tmp_path: Path, **summary: object) -> RunView:
    folder = make_run(tmp_path, "fork", **{"parent": "a", "start_from": "fork", "inherited_attempts": 2, **summary})
    folder.config.write_text(dump(apply(TrainingConfig(), {"runtime.seed": 7})))
    found = view(folder)
    assert found is not None
    return found


def epochs(first: int, last: int, seq: int, attempt: int) -> list[AnyEvent]:
    return [
        Epoch(seq=seq + n, attempt=attempt, epoch=n, step=10 * n, metrics={"val_loss": 0.5}) for n in range(first, last)
    ]


PARENTS: list[AnyEvent] = [
    Attempt(seq=0, attempt=1, epochs=20),
    *epochs(1, 4, 0, 1),
    Attempt(seq=10, attempt=2, epochs=20, from_epoch=3, from_step=30, from_seq=9),
    *epochs(4, 7, 10, 2),
]


def test_a_fork_says_where_it_left_its_parent(tmp_path: Path) -> None:
    curves = Curves()
    curves.extend(PARENTS)
    about = measured(fork_of(tmp_path), curves)
    assert (about.seed, about.inherited, about.forked_at) == (7, 2, 6)  # it has not begun: all is its parent's
    own = Attempt(seq=30, attempt=3, epochs=20, from_epoch=6, from_step=60, from_seq=30)  # as a fork writes it
    resumed = Attempt(seq=50, attempt=4, epochs=20, from_epoch=8, from_step=80, from_seq=49)
    curves.extend([own, *epochs(7, 9, 30, 3), resumed, *epochs(9, 11, 50, 4)])
    assert with_curves(about, curves, live=True).forked_at == 6


def test_a_run_that_is_no_fork_shares_no_epoch(tmp_path: Path) -> None:
    curves = Curves()
    curves.extend(PARENTS)
    assert measured(fork_of(tmp_path, start_from="best", inherited_attempts=0), curves).forked_at == 0
