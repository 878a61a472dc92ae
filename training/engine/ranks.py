"""The processes that train one run together: what each does of a batch, and how they add up, tell and agree.

What decides over the course of training (a validation loss, a command) is gathered, not summed on the device: every
rank then computes the same number to the bit and takes the same turn.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import psutil
import torch
import torch.distributed as dist
from torch import Tensor

from training.engine.control import Stopped
from training.engine.place import Place
from training.errors import RunFailed

T = TypeVar("T")

PATIENCE = timedelta(days=1)
"""How long the host waits for another rank, which may decode a million images first. One that dies shows at once."""
_LOST = ("gloo", "NCCL", "Connection closed by peer", "Connection reset by peer", "TCPStore", "ProcessGroup")
"""What torch's errors say where another rank is gone; few of them have a class of their own."""


class Ranks:
    """All ranks, seen from this one. With one process every method costs nothing."""

    def __init__(self, place: Place | None = None, host: Any = None) -> None:
        self.place = place or Place()
        self.rank, self.world = self.place.rank, self.place.world
        self._host = host
        """The gloo group: its collectives take tensors of the host."""

    @property
    def several(self) -> bool:
        return self.world > 1

    @property
    def first(self) -> bool:
        return self.rank == 0

    def part(self, bounds: tuple[int, int]) -> tuple[tuple[int, int], int]:
        """First and end of this rank's images of a batch, and how many ranks have those too: 1.

        All have all of a batch with fewer images than ranks: each then counts for 1 / `world` of it.
        """
        first, end = bounds
        count = end - first
        if count < self.world:
            return bounds, self.world
        each, more = divmod(count, self.world)
        begin = first + self.rank * each + min(self.rank, more)
        return (begin, begin + each + (self.rank < more)), 1

    def sum(self, *scalars: Tensor) -> tuple[Tensor, ...]:
        """Each of these scalars on the device, summed over the ranks; the host does not wait for a GPU."""
        if not self.several:
            return scalars
        both = torch.stack(scalars)
        dist.all_reduce(both)
        return both.unbind()

    def sum_on_host(self, values: Tensor) -> Tensor:
        """A tensor on the CPU, summed over the ranks in place."""
        if self.several:
            dist.all_reduce(values, group=self._host)
        return values

    def gather(self, value: T) -> list[T]:
        """Every rank's value, in their order."""
        if not self.several:
            return [value]
        values: list[Any] = [None] * self.world
        dist.all_gather_object(values, value, group=self._host)
        return values

    def tell(self, value: T) -> T:
        """Rank 0's value."""
        if not self.several:
            return value
        told: list[Any] = [value]
        dist.broadcast_object_list(told, src=0, group=self._host)
        return told[0]  # type: ignore[no-any-return]

    def first_then_all(self, do: Callable[[], T]) -> T:
        """What rank 0 does alone at first, since it writes a file that the others then read. Raises Stopped on all."""
        if not self.several:
            return do()
        if self.first:
            try:
                done = do()
            except Stopped as stop:
                self.tell(str(stop))
                raise
            self.tell("")
            return done
        if stopped := self.tell(""):
            raise Stopped(stopped)
        return do()


ALONE = Ranks()
"""The ranks of a run with one process."""


def join(place: Place, device: torch.device) -> Ranks:
    """Meet the other ranks. Raises RunFailed where they cannot be met."""
    if place.world == 1:
        return ALONE
    if device.type not in ("cpu", "cuda"):
        raise RunFailed("Several processes train on NVIDIA GPUs or on the CPU only.", "Set runtime.processes: 1.")
    if place.local_world < place.world:
        _name_interface(os.environ.get("MASTER_ADDR", ""))
    with _endable():
        try:
            if device.type == "cuda":
                dist.init_process_group("nccl", device_id=device)
            else:
                dist.init_process_group("gloo")
            return Ranks(place, dist.new_group(backend="gloo", timeout=PATIENCE))
        except (ValueError, dist.DistBackendError) as error:  # what the environment lacks, or NCCL
            raise RunFailed(f"The {place.world} training processes could not meet: {error}.") from error


@contextmanager
def _endable() -> Iterator[None]:
    """SIGTERM ends this process at once in the block: a rank that waits for one that will not come hears no Python."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def lost_a_peer(error: BaseException) -> bool:
    """Whether an error says that another rank, or what connects it, is gone: no failure of this one."""
    if isinstance(error, dist.DistError | ConnectionError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _LOST)


def _name_interface(master: str) -> None:
    """Tell gloo and NCCL which network leads to the other machines: gloo takes that of the host's name, which is often
    the loopback.
    """
    name = interface_towards(master)
    for variable in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME") if name else ():
        os.environ.setdefault(variable, name)


def interface_towards(host: str) -> str:
    """The name of the network interface on the way to a host, empty where there is no way. Nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((host, 9))
            own = probe.getsockname()[0]
    except OSError:
        return ""
    for name, addresses in psutil.net_if_addrs().items():
        if any(address.address == own for address in addresses):
            return name
    return ""
