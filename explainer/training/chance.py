"""Random numbers that depend on nothing but a seed and where in the run they are drawn.

A run that goes on from any step draws what it would have drawn without the break, on any number of processes.
"""

from __future__ import annotations

import hashlib

import torch


def seed_for(seed: int, *place: int | str) -> int:
    """Return a seed of 63 bits for a place in a run: ``seed_for(0, "order", epoch)``."""
    text = "/".join(map(str, (seed, *place)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


def generator_for(seed: int, *place: int | str) -> torch.Generator:
    """Return a generator on the CPU for a place in a run."""
    return torch.Generator().manual_seed(seed_for(seed, *place))
