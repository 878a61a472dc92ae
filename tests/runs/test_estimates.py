"""What a model takes, asked once and kept."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from training.config.patch import replaced
from training.config.schema import TrainingConfig
from training.engine.models.build import build_model
from training.engine.models.describe import memory
from training.runs import ask as asking_module
from training.runs import estimates
from training.runs.ask import Asking, Dropped, ask
from training.runs.estimates import Estimate, ask_estimate, question, recall, remember

ESTIMATE = Estimate((1, 8, 8), 100, 90, 1000, 400, 360, 380, 64)


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_an_estimate_says_for_every_optimizer_and_batch_what_the_engine_measures() -> None:
    found = ask_estimate(question(TrainingConfig(), 10, 1))
    for optimizer in ("Adam", "AdamW", "SGD with Momentum", "RMSprop"):
        for ema in (None, 0.99):
            config = replaced(replaced(TrainingConfig(), "optimizer", optimizer), "optimization.ema", ema)
            measured = memory(
                build_model(config, (1, 8, 8), 10), (1, 8, 8), config.optimizer, 64, average=ema is not None
            )
            parts = found.parts(config)
            assert parts == {name: getattr(measured, name) for name in parts}
            assert found.fixed(config) + 64 * found.per_image == pytest.approx(measured.total, rel=0.01)
    assert (found.input, found.parameters, found.trained) == ((1, 8, 8), 53_098, 53_098)


def test_what_costs_nothing_is_no_other_question() -> None:
    asked = question(TrainingConfig(), 10, 1)
    for key, value in (("optimizer", "AdamW"), ("batch_size", 7), ("model.blocks.0.dropout", 0.4), ("epochs", 3)):
        assert question(replaced(TrainingConfig(), key, value), 10, 1) == asked
    for key, value in (
        ("model.blocks.0.dropout", 0.0),
        ("model.blocks.0.filters", 16),
        ("data.image_size", 16),
        ("model.kind", "vit"),
    ):
        other = question(replaced(TrainingConfig(), key, value), 10, 1)
        assert other != asked
        assert other.key != asked.key
    assert question(TrainingConfig(), 11, 1).key != asked.key
    assert question(TrainingConfig(), 10, 3).key != asked.key


def test_an_answer_is_known_the_next_time() -> None:
    asked = question(TrainingConfig(), 10, 1)
    assert recall(asked) is None
    remember(asked, ESTIMATE)
    assert recall(asked) == ESTIMATE


def test_only_the_newest_answers_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "KEPT", 2)
    for classes in (2, 3, 4):
        remember(question(TrainingConfig(), classes, 1), ESTIMATE)
    assert [recall(question(TrainingConfig(), classes, 1)) is not None for classes in (2, 3, 4)] == [False, True, True]


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"a": {"input": 3}}', b"\xff"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state/traindeck/estimates.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    asked = question(TrainingConfig(), 10, 1)
    assert recall(asked) is None
    remember(asked, ESTIMATE)
    assert recall(asked) == ESTIMATE


def test_a_home_that_cannot_be_written_costs_no_more_than_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    remember(question(TrainingConfig(), 10, 1), ESTIMATE)
    assert recall(question(TrainingConfig(), 10, 1)) is None


# Dropping


def test_a_dropped_question_ends_at_once_with_its_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = tmp_path / "deaf.py"
    deaf.write_text("import sys, time\nsys.stdin.readline()\nprint('{\"progress\": 1}', flush=True)\ntime.sleep(600)\n")
    monkeypatch.setattr(asking_module, "ENTRY", deaf)
    asking, heard = Asking(), Event()
    raised: list[BaseException] = []

    def wait_for_the_answer() -> None:
        try:
            ask("nothing", {}, progress=lambda said: heard.set(), asking=asking)
        except Dropped as error:
            raised.append(error)

    thread = Thread(target=wait_for_the_answer)
    thread.start()
    assert heard.wait(30)
    asking.drop()
    thread.join(30)
    assert not thread.is_alive()
    assert len(raised) == 1


def test_a_question_that_was_dropped_before_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/python")
    asking = Asking()
    asking.drop()
    with pytest.raises(Dropped):
        ask("nothing", {}, asking=asking)
