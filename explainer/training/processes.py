"""Several processes that train one network: who this one is, and what they tell each other.

``torchrun`` starts them and says so in the environment; without it there is one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed


@dataclass(frozen=True)
class World:
    """All processes of a run."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    """Of the process on its machine."""

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and measures."""
        return self.rank == 0

    def total(self, values: Tensor) -> Tensor:
        """Return the sum of a tensor over all processes."""
        if self.size > 1:
            values = values.clone()
            distributed.all_reduce(values)
        return values

    def told(self, value: int, device: torch.device) -> int:
        """Return what the first process says."""
        if self.size == 1:
            return value
        told = torch.tensor(value, device=device)
        distributed.broadcast(told, 0)
        return int(told)

    def meet(self) -> None:
        """Wait until all processes are here."""
        if self.size > 1:
            distributed.barrier()


@contextmanager
def joined() -> Iterator[World]:
    """Join the processes that ``torchrun`` started: NCCL where each has a GPU, else gloo."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World()
        return
    local = int(os.environ.get("LOCAL_RANK", "0"))
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    distributed.init_process_group("nccl" if gpus > local else "gloo")
    try:
        yield World(distributed.get_rank(), size, local)
    finally:
        distributed.destroy_process_group()


def leave() -> None:
    """End a process of a group that has done its work.

    DistributedDataParallel keeps gloo's threads running after the group is destroyed; one that asks for the
    interpreter while that ends aborts the whole process. So this one ends without the interpreter's farewell.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
