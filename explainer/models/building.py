"""Build a network without drawing random numbers that published weights overwrite a moment later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

SEED = 0
"""Untrained networks are drawn from this seed, so that a link shows everyone the same numbers."""

_RANDOM_FILLS = {
    torch.Tensor.normal_,
    torch.Tensor.uniform_,
    nn.init.normal_,
    nn.init.uniform_,
    nn.init.kaiming_normal_,
    nn.init.kaiming_uniform_,
}

_one_at_a_time = threading.Lock()


class _Zeros(TorchFunctionMode):
    """Fill with zeros where an initialisation would fill at random.

    The mode belongs to the thread that entered it. Drawing the 138 million weights of VGG-16 twice takes
    seconds. Zeros, not whatever was in memory, because ``trunc_normal_`` draws again until all values are
    small.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func in _RANDOM_FILLS:
            with torch.no_grad():
                return (args[0] if args else kwargs["tensor"]).zero_()
        return func(*args, **kwargs)


@contextmanager
def blank() -> Iterator[None]:
    """Modules built inside have zeros for weights: all of them are to be loaded afterwards."""
    with _Zeros():
        yield


@contextmanager
def seeded() -> Iterator[None]:
    """Modules built inside draw their weights from ``SEED``; the global generator is left as it was."""
    with _one_at_a_time, torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        yield


def skeleton(build: Callable[[], nn.Module]) -> nn.Module:
    """Build without memory where the architecture allows it, else with zeros."""
    try:
        with torch.device("meta"):
            return build()
    except (NotImplementedError, RuntimeError):  # it computes with tensors while it is built
        with blank():
            return build()
