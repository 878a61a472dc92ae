"""A network cut into its head and the stages before it, whatever its author called them.

The units are the network's children in the order of their definition, with the ancestors of the head replaced by their
children. Units that only normalise belong to the one before, and so do those without parameters, but for the last of
them, right before the head (its dropout, say), which are the head's. Where that makes fewer than ENOUGH stages, the
unit with the most layers is a container, and is replaced by its children too. So a ResNet has its stem and four
stages, an EfficientNet nine, ViT-B/16 the patches and twelve blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

ENOUGH = 4


@dataclass
class Stage:
    """Modules that are trained, or frozen, together."""

    modules: list[nn.Module] = field(default_factory=list)
    loose: list[nn.Parameter] = field(default_factory=list)
    """Parameters that lie in no module of any stage (class token, position embedding); all count to the first."""

    def parameters(self) -> Iterator[nn.Parameter]:
        yield from self.loose
        for module in self.modules:
            yield from module.parameters()


def find_head(network: nn.Module) -> str:
    """The name of the module that classifies: the last linear layer, or the last convolution where there is none."""
    for kind in (nn.Linear, nn.Conv2d):
        names: list[str] = [name for name, module in network.named_modules() if isinstance(module, kind)]
        if names:
            return names[-1]
    raise ValueError("the network has neither a linear layer nor a convolution")


def stages_before(network: nn.Module, head: nn.Module) -> list[Stage]:
    """First to last; together they hold every parameter but the head's."""
    units = _units(network, head)
    stages = _joined(units)
    while len(stages) < ENOUGH:
        container = max(units, key=_layers)
        children = list(container.children())
        if not children or _layers(container) < 2:
            break
        at = units.index(container)
        units[at : at + 1] = children
        stages = _joined(units)
    known = {id(parameter) for stage in (*stages, Stage([head])) for parameter in stage.parameters()}
    stages[0].loose = [parameter for parameter in network.parameters() if id(parameter) not in known]
    return stages


def _units(network: nn.Module, head: nn.Module) -> list[nn.Module]:
    """What comes before the head."""
    units: list[nn.Module] = []
    for child in network.children():
        if child is head:
            break
        if any(module is head for module in child.modules()):
            return units + _units(child, head)
        units.append(child)
    return units


def _joined(units: list[nn.Module]) -> list[Stage]:
    stages: list[Stage] = []
    waiting: list[nn.Module] = []
    for unit in units:
        waiting.append(unit)
        if not _layers(unit):
            continue
        if not stages or not _only_normalises(unit):
            stages.append(Stage())
            if len(stages) > 1:
                stages[-2].modules += waiting[:-1]
                waiting = waiting[-1:]
        stages[-1].modules += waiting
        waiting = []
    return stages


def _layers(unit: nn.Module) -> int:
    """Modules with parameters of their own."""
    return sum(any(True for _ in module.parameters(recurse=False)) for module in unit.modules())


def _only_normalises(unit: nn.Module) -> bool:
    return all(
        isinstance(module, _NormBase | nn.LayerNorm | nn.GroupNorm | nn.RMSNorm)
        for module in unit.modules()
        if any(True for _ in module.parameters(recurse=False))
    )
