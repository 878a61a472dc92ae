"""One optimizer step that a non-finite loss or gradient never reaches, decided on the device.

The host must not wait for the device at every step, so it cannot look at the loss before the update. Instead a latch on
the device turns from 0 to 1 at the first loss or gradient norm that is not finite and stays there; while it is 1, no
step changes a weight or the optimizer's state. The host learns of it when it next fetches the metrics. Under fp16,
where overflows are expected, a step is refused by itself; the latch waits until a smaller scale no longer helps.

Fused kernels (Adam, AdamW, SGD on CUDA and the CPU) read the refusal themselves as `found_inf`, the way torch's
GradScaler tells them of an overflow: they then write nothing, and torch takes the step count back. For the others
(RMSprop; and MPS, whose kernels are not documented to look at `found_inf`) what the step wrote is taken back on the
device. It is not enough to zero the gradients there: weight decay, momentum and the moving averages would go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer, RMSprop

from training.config.schema import TrainingConfig
from training.engine.fused import FusedStep
from training.engine.packing import Pack, packed
from training.errors import TraindeckError
from training.optimizers import optimizer_arguments

LEAST_SCALE = 1.0
"""Of the loss under fp16: what still overflows here would overflow unscaled."""


SAMPLED = 16
"""Steps from one look at single layers' gradients to the next."""


def _groups(model: nn.Module, config: TrainingConfig) -> list[tuple[list[nn.Parameter], float]]:
    """Parameters and their learning rate: a backbone's trained part may have its own, lower one."""
    rate = config.learning_rate
    if config.model.kind != "transfer" or config.model.backbone_lr == 1:
        return [([p for p in model.parameters() if p.requires_grad], rate)]
    from training.engine.models.transfer import Transfer  # torchvision comes with it

    assert isinstance(model, Transfer)
    groups = [(model.head_parameters(), rate), (model.backbone_parameters(), rate * config.model.backbone_lr)]
    return [group for group in groups if group[0]]


def _optimizer(packs: list[tuple[list[Pack], float]], config: TrainingConfig, device: torch.device) -> Optimizer:
    """The config's optimizer, fused where its kernel reads the refusal: faster too, one kernel for all parameters."""
    kind, arguments = optimizer_arguments(config)
    if kind is not RMSprop and device.type in ("cpu", "cuda"):
        arguments["fused"] = True
    groups = [{"params": [pack.whole for pack in group], "lr": rate} for group, rate in packs]
    optimizer = _uncompiled(kind)(groups, **arguments)
    if isinstance(optimizer, SGD):
        # torch makes the momentum at the first step, before the kernel reads the latch. From zeros it comes out equal.
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)
    return optimizer


def _uncompiled(kind: type[Optimizer]) -> type[Optimizer]:
    """The optimizer without torch's guards against being compiled.

    They do nothing for us but import the compiler at the first step: 1.2 s and 150 MB (measured on torch 2.14). What
    they guard is kept by `functools.wraps` as `__wrapped__`; where a torch has no guard, its own function stays.
    """
    plain: dict[str, Any] = {"step": torch.no_grad()(_innermost(kind.step))}
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        plain[name] = _innermost(getattr(kind, name))
    return type(kind.__name__, (kind,), plain)


def _innermost(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


class Update:
    """Backward passes, gradient norm, clipping and the gated step.

    With a `scaler` (fp16) a gradient that overflows is part of the game: that step alone is refused and the scale
    halved, until it falls below LEAST_SCALE. Without one the first refusal is final.
    """

    def __init__(
        self,
        model: nn.Module,
        config: TrainingConfig,
        device: torch.device,
        scaler: torch.amp.GradScaler | None = None,
        world: int = 1,
    ) -> None:
        """The model must be on the device already: the optimizer is made here, on its weights as they lie.

        `world` processes train it; the mean of their gradients is what a backward pass leaves.
        """
        self._world = world
        groups = [(packed(parameters, device), rate) for parameters, rate in _groups(model, config)]
        self.optimizer = _optimizer(groups, config, device)
        self.scaler = scaler
        self.given_up = torch.zeros((), device=device)
        """The latch: 0, or 1 from the step on after which no other is taken."""
        self._refused = torch.zeros((), device=device) if scaler else self.given_up
        self._packs = [pack for group, _ in groups for pack in group]
        self._parameters = [pack.whole for pack in self._packs]
        self._clip = config.optimization.grad_clip
        self._foreach = device.type in ("cpu", "cuda")  # elsewhere torch has no kernels for lists of tensors
        self._one = torch.ones((), device=device)
        # What a forward pass writes: without scaling, the run ends and keeps its last checkpoint.
        self._statistics = [b for b in model.buffers() if b.is_floating_point()] if scaler else []
        self._before: list[Tensor] = []
        self._ends = self._first_and_last(model)
        self._steps = 0
        self._fused_step = (
            FusedStep(self.optimizer, self._refused) if self.optimizer.param_groups[0].get("fused") else None
        )

    def begin(self) -> None:
        """Before the first forward pass of a step."""
        for pack in self._packs:
            pack.drop_gradients()
        self._before = [tensor.clone() for tensor in self._statistics]

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of one batch's part of the step's loss; that of several processes is their parts' sum."""
        if self._world > 1:
            loss = loss * self._world
        scaled = self.scaler.scale(loss) if self.scaler else loss
        scaled.backward()  # type: ignore[no-untyped-call]

    def step(self, loss: Tensor) -> Tensor:
        """Step on the gradients of this loss, the same on all processes, so that they refuse or take the step together;
        returns the gradients' global norm before clipping, on the device.
        """
        self._steps += 1
        for pack in self._packs:
            pack.collect()
        if self.scaler:
            self.scaler.unscale_(self.optimizer)
        norm = self._norm([p.grad for p in self._parameters if p.grad is not None])
        if self._clip is not None:
            nn.utils.clip_grads_with_norm_(self._parameters, self._clip, norm, foreach=self._foreach)
        # Times 0 is not 0 for what is not finite, nor for a sum of two numbers that overflows: no update of use could
        # come of that either.
        bad = (loss + norm).mul_(0).ne(0)
        if self.scaler:
            self._give_up_or_go_on(self.scaler, bad, norm)
        else:
            self.given_up.masked_fill_(bad, 1.0)
        if self._fused_step:
            self._fused_step()
        else:
            self._step_and_take_back()
        return norm

    def state(self) -> dict[str, Any]:
        """The optimizer's in torch's form, an entry a weight: how they are stepped on is this device's business."""
        groups, entries, first = [], [], 0
        for group in self.optimizer.param_groups:
            packs = self._packs_of(group)
            parts = [part for pack in packs for part in pack.split(self.optimizer.state.get(pack.whole, {}))]
            settings = {name: value for name, value in group.items() if name != "params"}
            groups.append({**settings, "params": list(range(first, first + len(parts)))})
            entries += parts
            first += len(parts)
        return {"state": {place: entry for place, entry in enumerate(entries) if entry}, "param_groups": groups}

    def load(self, state: Mapping[str, Any], steps: int) -> None:
        """Go on from a state that `state` gave, on whatever device, after that many steps.

        Raises TraindeckError where it is of other weights.
        """
        theirs, entries = state["param_groups"], state["state"]
        shapes = [len(group["params"]) for group in theirs]
        if shapes != [sum(len(pack.members) for pack in self._packs_of(g)) for g in self.optimizer.param_groups]:
            raise TraindeckError("The checkpoint's optimizer is that of another model.", "Launch a new run instead.")
        groups, whole, first, place = [], {}, 0, 0
        for group, saved in zip(self.optimizer.param_groups, theirs, strict=True):
            packs = self._packs_of(group)
            for pack in packs:
                parts = [entries.get(number, {}) for number in range(first, first + len(pack.members))]
                first += len(pack.members)
                if all(parts):
                    whole[place] = pack.join(parts)
                place += 1
            groups.append({**saved, "params": list(range(place - len(packs), place))})
        self.optimizer.load_state_dict({"state": whole, "param_groups": groups})
        self._steps = steps

    def set_decay(self, decay: float) -> None:
        """Of all weights, whatever the state that was loaded says."""
        for group in self.optimizer.param_groups:
            group["weight_decay"] = decay

    def _packs_of(self, group: Mapping[str, Any]) -> list[Pack]:
        return [pack for pack in self._packs if any(pack.whole is parameter for parameter in group["params"])]

    def ends(self) -> tuple[Tensor, Tensor] | None:
        """Gradient norms, clipped, of the first and the last weight matrix, once in SAMPLED steps: where the first gets
        next to nothing, the early layers do not learn. None at the other steps.
        """
        if self._ends is None or self._steps % SAMPLED != 1:
            return None
        first, last = (pack.gradient_of(member) for pack, member in self._ends)
        return None if first is None or last is None else (first.norm(), last.norm())

    def _first_and_last(self, model: nn.Module) -> tuple[tuple[Pack, nn.Parameter], tuple[Pack, nn.Parameter]] | None:
        """The first and the last layer's weights that are trained, and where their gradient is to be found.

        Layers are what has a weight matrix or kernels: what is learned beside them, such as a transformer's positions,
        gets gradients of another size.
        """
        weights = [module.weight for module in model.modules() if isinstance(getattr(module, "weight", None), Tensor)]
        matrices = [w for w in weights if isinstance(w, nn.Parameter) and w.requires_grad and w.dim() > 1]
        if len(matrices) < 2:
            return None
        place = {id(member): pack for pack in self._packs for member in pack.members}
        first, last = matrices[0], matrices[-1]
        return (place[id(first)], first), (place[id(last)], last)

    def _norm(self, gradients: list[Tensor]) -> Tensor:
        if len(gradients) == 1:
            norm: Tensor = torch.linalg.vector_norm(gradients[0])
            return norm
        return nn.utils.get_total_norm(gradients, foreach=self._foreach)

    def _give_up_or_go_on(self, scaler: torch.amp.GradScaler, bad: Tensor, norm: Tensor) -> None:
        """Refuse this step where it is bad, halve or grow the scale, and give up where that does not help.

        It never does where the loss is not finite, but its gradients are: then nothing was too large for the format.
        """
        hopeless = bad & ((scaler.scale(self._one) < LEAST_SCALE) | norm.isfinite())
        self.given_up.masked_fill_(hopeless, 1.0)
        torch.maximum(self.given_up, bad.to(self.given_up.dtype), out=self._refused)
        for tensor, before in zip(self._statistics, self._before, strict=True):
            tensor.copy_(torch.where(bad, before, tensor))
        scaler.update()

    def _step_and_take_back(self) -> None:
        """What the step makes anew starts from zeros, as in all of torch's optimizers.

        Step counts that lie on the host run on while the device refuses: RMSprop's update does not depend on them, and
        where the others come here (MPS) a refusal is final, so that nothing is saved any more.
        """
        kept = {name: tensor.clone() for name, tensor in self._written()}
        self.optimizer.step()
        refused = self._refused != 0
        for name, tensor in self._written():
            before = kept[name] if name in kept else torch.zeros_like(tensor)
            tensor.copy_(torch.where(refused, before, tensor))

    def _written(self) -> Iterator[tuple[tuple[int, str], Tensor]]:
        """The tensors on the device that a step changes, by parameter and name."""
        for number, parameter in enumerate(self._parameters):
            yield (number, "weights"), parameter.detach()
            for name, value in self.optimizer.state[parameter].items():
                if isinstance(value, Tensor) and value.device == self.given_up.device:
                    yield (number, name), value
