"""Backbones with a new head: which parts are trained, which stay as they are, and which weights go in."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.ops import StochasticDepth

from training.config.schema import TrainingConfig
from training.engine.models.build import build_model, wanted
from training.engine.models.size import count_parameters, needs_company
from training.engine.models.stages import find_head, stages_before
from training.engine.models.transfer import Transfer
from training.errors import InvalidInput

GUIDE = [
    "resnet18",
    "resnet50",
    "resnet101",
    "efficientnet_b0",
    "efficientnet_b3",
    "convnext_tiny",
    "mobilenet_v3_large",
    "vit_b_16",
]
STAGES = {
    "resnet18": 5,  # the stem and four layers
    "efficientnet_b0": 9,
    "convnext_tiny": 8,
    "densenet121": 8,
    "vit_b_16": 13,  # the patches and twelve blocks
    "squeezenet1_1": 9,
    "vgg11": 10,
}
RESNET18_TRAINED = [5 * 513, 5 * 513 + 8_393_728, 5 * 513 + 8_393_728 + 2_099_712]


def config(**model: Any) -> TrainingConfig:
    return msgspec.convert({"model": {"kind": "transfer", "weights": "none", **model}}, TrainingConfig)


def resnet(side: int = 32, classes: int = 5, **settings: Any) -> Transfer:
    built = build_model(config(backbone="resnet18", **settings), (3, side, side), classes)
    assert isinstance(built, Transfer)
    return built


def step(model: nn.Module) -> None:
    """One training step on noise, whatever the learning rate does to it."""
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    loss = nn.functional.cross_entropy(model(torch.randn(4, 3, 32, 32)), torch.tensor([0, 1, 2, 3]))
    loss.backward()  # type: ignore[no-untyped-call]
    torch.optim.SGD(trained, lr=0.1).step()


def changed(model: nn.Module) -> set[str]:
    """Names of the tensors that a training step changes, batch norm's statistics too."""
    before = {name: value.clone() for name, value in model.state_dict().items()}
    step(model)
    return {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}


@pytest.mark.parametrize("backbone", GUIDE)
def test_every_backbone_of_the_guide_gets_a_head_for_the_classes(backbone: str) -> None:
    with torch.device("meta"):
        side = wanted(config(backbone=backbone)).side
        assert side is not None
        model = build_model(config(backbone=backbone), (3, side, side), 7)
        model.to("meta")
        assert model(torch.zeros(2, 3, side, side)).shape == (2, 7)
    assert isinstance(model, Transfer)
    assert sum(p.numel() for p in model.head_parameters()) == count_parameters(model)


@pytest.mark.parametrize("backbone", STAGES)
def test_a_network_is_cut_where_its_authors_cut_it_and_nothing_is_left_over(backbone: str) -> None:
    with torch.device("meta"):
        net = models.get_model(backbone, weights=None)
    head = net.get_submodule(find_head(net))
    stages = stages_before(net, head)
    assert len(stages) == STAGES[backbone]
    inside = [parameter for stage in stages for parameter in stage.parameters()]
    assert len(inside) == len({id(parameter) for parameter in inside})
    assert len(inside) + len(list(head.parameters())) == len(list(net.parameters()))


def test_frozen_changes_the_head_alone_and_no_statistics() -> None:
    assert changed(resnet(mode="frozen")) == {"net.fc.weight", "net.fc.bias"}


@pytest.mark.parametrize("stages", [1, 2])
def test_partial_changes_exactly_the_last_stages(stages: int) -> None:
    model = resnet(mode="partial", unfrozen_stages=stages)
    assert count_parameters(model) == RESNET18_TRAINED[stages]
    places = {name.split(".")[1] for name in changed(model)}
    assert places == {"layer4", "layer3", "fc"} if stages == 2 else {"layer4", "fc"}


def test_full_changes_everything_with_its_statistics() -> None:
    model = resnet(mode="full", backbone_lr=0.1)
    assert changed(model) == set(model.state_dict())
    backbone, head = model.backbone_parameters(), model.head_parameters()
    assert len(backbone) + len(head) == len(list(model.parameters()))


def test_frozen_parts_stay_in_evaluation_mode_and_the_heads_own_dropout_does_not() -> None:
    model = build_model(config(backbone="efficientnet_b0"), (3, 32, 32), 3)
    differs = (nn.Dropout, nn.BatchNorm2d, StochasticDepth)
    modes = {name: module.training for name, module in model.train().named_modules() if isinstance(module, differs)}
    assert [name for name, training in modes.items() if training] == ["net.classifier.0"]
    assert not any(module.training for module in model.eval().modules())


def test_more_stages_than_there_are_are_refused_with_their_number() -> None:
    with pytest.raises(InvalidInput, match=r"unfrozen_stages: resnet18 has 5 stages, not 6"):
        resnet(mode="partial", unfrozen_stages=6)


def test_batch_norm_that_is_frozen_needs_no_company() -> None:
    assert needs_company(resnet(mode="full"), (3, 32, 32))
    assert not needs_company(resnet(mode="frozen"), (3, 32, 32))


def test_size_and_normalisation_are_those_of_the_weights() -> None:
    pretrained = wanted(config(backbone="efficientnet_b3", weights="default"))
    assert (pretrained.side, pretrained.channels) == (300, 3)
    assert pretrained.normalisation is not None
    assert pretrained.normalisation.mean == (0.485, 0.456, 0.406)
    assert wanted(config(backbone="efficientnet_b3")).normalisation is None


def test_an_unknown_backbone_names_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"no backbone resnet19\. Did you mean resnet1"):
        wanted(config(backbone="resnet19"))


@pytest.mark.parametrize(
    ("backbone", "side", "works"),
    [("vit_b_32", 40, "such as 32 or 64"), ("inception_v3", 48, "Set it to 75 or more"), ("alexnet", 24, "or more")],
)
def test_a_size_that_a_backbone_cannot_take_is_refused_with_those_that_work(
    backbone: str, side: int, works: str
) -> None:
    with pytest.raises(InvalidInput, match=rf"data\.image_size: {backbone} cannot take .*{works}"):
        build_model(config(backbone=backbone), (3, side, side), 3)
