"""Which units of a network fire on the images of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from tests.engine.conftest import SMALL, MakeRun
from training.engine import firing as firing_module
from training.engine.control import Stopped
from training.engine.data.batches import Batch
from training.engine.evaluation import Evaluation, evaluate
from training.engine.firing import Firing
from training.engine.models.transfer import Transfer
from training.engine.objective import Objective
from training.engine.precision import choose_precision
from training.runs.events import Epoch, number

CPU = torch.device("cpu")


def judged(net: nn.Module, *batches: Tensor, classes: int) -> Evaluation:
    """An evaluation of the net on batches of images, all of class 0."""
    given = (Batch(images, torch.zeros(len(images), dtype=torch.int64)) for images in batches)
    objective, precision = Objective(nn.CrossEntropyLoss()), choose_precision("fp32", CPU)
    return evaluate(net, given, objective, classes, precision, lambda: None, firing=Firing(net))


def dense(bias: list[float], *, activation: nn.Module | None = None) -> nn.Sequential:
    """One unit an output, each its bias plus the one input value."""
    layer = nn.Linear(1, len(bias))
    with torch.no_grad():
        layer.weight.fill_(1.0)
        layer.bias.copy_(torch.tensor(bias))
    return nn.Sequential(nn.Flatten(), layer, activation or nn.ReLU())


def values(*numbers: float) -> Tensor:
    return torch.tensor(numbers).view(-1, 1, 1, 1)


def test_a_unit_is_dead_that_fires_for_no_image_of_any_batch() -> None:
    net = dense([0.0, -1.5, -9.0, -9.0])
    assert judged(net, values(1.0), classes=4).dead_relu == 3 / 4
    assert judged(net, values(1.0), values(2.0, -1.0), classes=4).dead_relu == 2 / 4
    assert judged(net, values(10.0), values(1.0), classes=4).dead_relu == 0


def test_a_channel_is_alive_that_fires_anywhere_in_an_image() -> None:
    conv = nn.Conv2d(1, 3, 1, bias=False)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([1.0, -1.0, 0.0]).view(3, 1, 1, 1))
    image = torch.zeros(2, 1, 4, 4)
    image[1, 0, 3, 2] = 5.0
    net = nn.Sequential(conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert judged(net, image, classes=3).dead_relu == pytest.approx(2 / 3)


def test_it_is_the_worst_layer_that_is_told() -> None:
    last = nn.Linear(2, 4)
    with torch.no_grad():
        last.weight.fill_(-1.0)
        last.bias.copy_(torch.tensor([0.0, 0.0, 0.0, 100.0]))
    net = nn.Sequential(*dense([0.0, 0.0]), last, nn.ReLU())
    assert judged(net, values(1.0), classes=4).dead_relu == 3 / 4


def test_a_layer_that_is_used_twice_is_looked_at_twice() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.relu = nn.ReLU()

        def forward(self, images: Tensor) -> Tensor:
            x = images.flatten(1)
            return torch.cat([self.relu(x), self.relu(x - 5), self.relu(x)], dim=1)

    assert judged(Twice(), values(1.0), values(2.0), classes=3).dead_relu == 1
    assert judged(Twice(), values(1.0), values(6.0), classes=3).dead_relu == 0


def test_a_value_that_is_not_finite_is_not_taken_for_death() -> None:
    assert judged(dense([0.0, 0.0]), values(float("nan")), classes=2).dead_relu == 0


@pytest.mark.parametrize("activation", [nn.GELU(), nn.LeakyReLU(), nn.Tanh()])
def test_other_activations_have_no_dead_units(activation: nn.Module) -> None:
    assert judged(dense([-9.0, 0.0], activation=activation), values(1.0), classes=2).dead_relu is None


def test_a_part_of_a_large_batch_is_looked_at_spread_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing_module, "FIRST", 4)
    monkeypatch.setattr(firing_module, "LATER", 2)
    net, none = dense([0.0, -5.0]), torch.full((8, 1, 1, 1), -1.0)

    def dead(batch: int, image: int) -> float | None:
        """With one image that makes all units fire."""
        images = [none.clone() for _ in range(2)]
        images[batch][image] = 9.0
        return judged(net, *images, classes=2).dead_relu

    assert [dead(0, image) for image in range(8)] == [0, 1, 0, 1, 0, 1, 0, 1]
    assert [dead(1, image) for image in range(8)] == [0, 1, 1, 1, 0, 1, 1, 1]


def test_of_many_batches_ever_fewer_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firing_module, "EACH", 4)
    net, seen = dense([0.0]), []
    for fires in range(34):
        batches = [values(1.0 if batch == fires else -1.0) for batch in range(34)]
        if judged(net, *batches, classes=1).dead_relu == 0:
            seen.append(fires)
    assert seen == [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32]


def test_frozen_layers_are_not_looked_at() -> None:
    from torchvision import models

    from training.engine.models.stages import stages_before

    net = models.resnet18(weights=None, num_classes=2)
    stages = stages_before(net, net.fc)
    assert len(Firing(Transfer(net, "fc", stages))._layers) == 0
    assert len(Firing(Transfer(net, "fc", stages[:-1]))._layers) == 2
    assert len(Firing(Transfer(net, "fc", []))._layers) == 9


def test_nothing_is_left_on_the_model_even_where_it_is_stopped() -> None:
    net = dense([0.0])

    def batches() -> Iterator[Batch]:
        yield Batch(values(1.0), torch.zeros(1, dtype=torch.int64))

    def stop() -> None:
        raise Stopped("by a test")

    objective, precision = Objective(nn.CrossEntropyLoss()), choose_precision("fp32", CPU)
    with pytest.raises(Stopped):
        evaluate(net, batches(), objective, 1, precision, stop, firing=Firing(net))
    judged(net, values(1.0), classes=1)
    assert not any(module._forward_hooks for module in net.modules())


def test_looking_changes_nothing_else_that_an_evaluation_says() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 3))
    images = torch.randn(50, 1, 4, 4)
    objective, precision = Objective(nn.CrossEntropyLoss()), choose_precision("fp32", CPU)
    given = [Batch(images, torch.zeros(50, dtype=torch.int64))]
    plain = evaluate(net, given, objective, 3, precision, lambda: None)
    looked = judged(net, images, classes=3)
    assert (plain.loss, plain.cross_entropy) == (looked.loss, looked.cross_entropy)
    assert torch.equal(plain.confusion, looked.confusion)
    assert plain.dead_relu is None


def test_each_epoch_of_a_relu_net_tells_its_dead_units(make_run: MakeRun) -> None:
    run = make_run()
    run.train()
    assert [0 <= number(epoch.metrics["dead_relu"]) <= 1 for epoch in run.of(Epoch)] == [True] * 3


def test_a_transformer_has_none_to_tell(make_run: MakeRun) -> None:
    model = "model: {kind: vit, patch_size: 4, depth: 1, heads: 1, width: 8}\n"
    run = make_run(SMALL.partition("model:")[0] + model)
    assert run.train() == 0
    assert not any("dead_relu" in epoch.metrics for epoch in run.of(Epoch))
