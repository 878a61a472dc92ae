"""Which of a run's processes this one is, as torchrun's environment says. Known before torch is loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from training.errors import RunFailed


@dataclass(frozen=True)
class Place:
    """A rank among `world` ranks; `local_rank` of the `local_world` ones on this machine."""

    rank: int = 0
    world: int = 1
    local_rank: int = 0
    local_world: int = 1
    restarts: int = 0
    """How often torchrun has started all ranks anew, because one was lost."""
    most_restarts: int = 0

    @property
    def first(self) -> bool:
        """Rank 0: the one that writes."""
        return self.rank == 0

    @property
    def several(self) -> bool:
        return self.world > 1

    @classmethod
    def here(cls, environ: Mapping[str, str] = os.environ) -> Place:
        """This process's. Raises RunFailed where torchrun's variables are there, but make no sense."""
        if "TORCHELASTIC_RUN_ID" not in environ:  # RANK alone may be left over from another program
            return cls()
        try:
            place = cls(
                rank=int(environ["RANK"]),
                world=int(environ["WORLD_SIZE"]),
                local_rank=int(environ["LOCAL_RANK"]),
                local_world=int(environ["LOCAL_WORLD_SIZE"]),
                restarts=int(environ.get("TORCHELASTIC_RESTART_COUNT", 0)),
                most_restarts=int(environ.get("TORCHELASTIC_MAX_RESTARTS", 0)),
            )
        except (KeyError, ValueError) as error:
            raise RunFailed(f"torchrun's environment cannot be read: {error}.") from error
        if not (0 <= place.rank < place.world and 0 <= place.local_rank < place.local_world):
            raise RunFailed(f"torchrun says that this is rank {place.rank} of {place.world}, which cannot be.")
        return place


ALONE = Place()
"""The only process of a run."""
