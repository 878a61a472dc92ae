"""What a child with torch answers; asked here in this process (tests/cli/test_model.py asks through the child)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.config.problems import ConfigError
from training.engine.ask.questions import find_answer
from training.errors import TraindeckError

MODEL = {"kind": "transfer", "backbone": "resnet18", "weights": "none"}
CONFIG = {"model": MODEL, "data": {"image_size": 32}}


@pytest.fixture(autouse=True)
def _offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # the discard port: nobody listens


def ask(question: str, **arguments: Any) -> Any:
    return find_answer(question)(arguments, lambda _progress: None)


def with_model(**change: Any) -> dict[str, Any]:
    return {**CONFIG, "model": {**MODEL, **change}}


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"weights": "/nowhere.pt"}, "model.weights", "/nowhere.pt: there is no such file"),
        ({"backbone": "resnet19"}, "model.backbone", "no backbone resnet19"),
        ({"backbone": "inception_v3"}, "data.image_size", "32×32"),
        ({"mode": "partial", "unfrozen_stages": 6}, "model.unfrozen_stages", "5 stages"),
    ],
)
def test_what_would_stop_the_run_is_known_with_its_key(change: dict[str, Any], key: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ask("backbone", config=with_model(**change))
    (problem,) = caught.value.problems
    assert problem.key == key
    assert said in problem.message


def test_what_can_be_built_is_in_order_and_default_weights_have_to_be_had() -> None:
    assert ask("backbone", config=CONFIG) == {"side": 32}
    with pytest.raises(TraindeckError, match=r"resnet18-f37072fd\.pth: .*refused"):
        ask("backbone", config=with_model(weights="default"))


def test_weights_that_are_there_are_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "resnet18-f37072fd.pth").write_bytes(b"there")
    found = ask("fetch", backbone="resnet18", to=str(tmp_path))
    belongs = tmp_path / "torch" / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
    assert found == {"path": str(tmp_path / belongs.name), "fetched": False, "belongs": str(belongs)}


def test_classes_channels_and_size_shape_the_model() -> None:
    vit = {"model": {"kind": "vit", "patch_size": 2, "depth": 1, "width": 8, "heads": 2}}
    found = ask("model", config=vit, classes=3, channels=1, side=8)
    assert (found["input"], found["classes"]) == ([1, 8, 8], 3)
    assert found["layers"][-1]["output"] == (3,)
