"""Seeds for the parts of a run: shuffling, dropout and the split each depend on the run's seed and their own name."""

from __future__ import annotations

from hashlib import blake2b


def derive(seed: int, *names: object) -> int:
    """A number below 2**63 for this seed and these names: the same in every process, version and platform."""
    text = "\x00".join(str(part) for part in (seed, *names))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big") >> 1
