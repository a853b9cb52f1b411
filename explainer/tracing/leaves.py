"""What PyTorch's own layers call, so that running one need not be watched from inside.

Watching every function that a module calls costs several microseconds a call, more than many layers take.
Most modules of a network are PyTorch's own layers, and each calls one function with arguments that it
holds. Anything else about them (subclasses, hooks, another padding mode, training) is watched like any
module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.tracing.operations import Operation, operation

State = dict[str, Any]
"""``module.__dict__``."""
Arguments = tuple[Any, ...]


def _run_batch_norm(
    value: Tensor,
    mean: Tensor,
    variance: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    training: bool,
    momentum: float,
    eps: float,
) -> Tensor:
    return torch.batch_norm(value, weight, bias, mean, variance, training, momentum, eps, True)


def _run_relu(value: Tensor, inplace: bool = False) -> Tensor:
    return torch.relu_(value) if inplace else torch.relu(value)


class Leaf:
    """The function that a layer calls on its input, and the arguments that follow."""

    __slots__ = ("arguments", "cheap", "function", "kind", "run")

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Callable[[State], Arguments | None] = lambda state: (),
        run: Callable[..., Any] | None = None,
    ) -> None:
        self.function = function
        """What is recorded."""
        self.run = run or function
        """What runs: the same computation, by the shortest way."""
        self.arguments = arguments
        """Arguments after the input; ``None`` if this module does more than call the function."""
        known = operation(function)
        assert isinstance(known, Operation)
        self.kind = known.kind
        self.cheap = known.cheap


def _convolution(state: State) -> Arguments | None:
    if state["padding_mode"] != "zeros":
        return None
    own = state["_parameters"]
    sizes = (state["stride"], state["padding"], state["dilation"], state["groups"])
    return (own["weight"], own["bias"], *sizes)


def _batch_norm(state: State) -> Arguments | None:
    buffers, own = state["_buffers"], state["_parameters"]
    mean, variance = buffers["running_mean"], buffers["running_var"]
    if state["training"] or mean is None or variance is None:
        return None
    momentum = 0.0 if state["momentum"] is None else state["momentum"]
    return (mean, variance, own["weight"], own["bias"], False, momentum, state["eps"])


def _linear(state: State) -> Arguments:
    own = state["_parameters"]
    return (own["weight"], own["bias"])


def _layer_norm(state: State) -> Arguments:
    own = state["_parameters"]
    return (state["normalized_shape"], own["weight"], own["bias"], state["eps"])


def _group_norm(state: State) -> Arguments:
    own = state["_parameters"]
    return (state["num_groups"], own["weight"], own["bias"], state["eps"])


def _max_pool(state: State) -> Arguments | None:
    if state["return_indices"]:
        return None
    return _named(state, "kernel_size", "stride", "padding", "dilation", "ceil_mode")


def _avg_pool(state: State) -> Arguments:
    names = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
    return _named(state, *names)


def _dropout(state: State) -> Arguments | None:
    return None if state["training"] else (state["p"], False)


def _approximation(state: State) -> Arguments | None:
    return () if state["approximate"] == "none" else None


def _named(state: State, *names: str) -> Arguments:
    return tuple([state[name] for name in names])


def _attributes(*names: str) -> Callable[[State], Arguments]:
    return lambda state: tuple([state[name] for name in names])


LEAVES: dict[type[nn.Module], Leaf] = {
    nn.Conv1d: Leaf(torch.conv1d, _convolution),
    nn.Conv2d: Leaf(torch.conv2d, _convolution),
    nn.Conv3d: Leaf(torch.conv3d, _convolution),
    nn.Linear: Leaf(F.linear, _linear),
    nn.BatchNorm1d: Leaf(F.batch_norm, _batch_norm, _run_batch_norm),
    nn.BatchNorm2d: Leaf(F.batch_norm, _batch_norm, _run_batch_norm),
    nn.BatchNorm3d: Leaf(F.batch_norm, _batch_norm, _run_batch_norm),
    nn.LayerNorm: Leaf(F.layer_norm, _layer_norm),
    nn.GroupNorm: Leaf(F.group_norm, _group_norm),
    nn.ReLU: Leaf(F.relu, run=_run_relu),
    nn.ReLU6: Leaf(F.hardtanh, _attributes("min_val", "max_val")),
    nn.SiLU: Leaf(F.silu),
    nn.Hardswish: Leaf(F.hardswish),
    nn.Hardsigmoid: Leaf(F.hardsigmoid),
    nn.LeakyReLU: Leaf(F.leaky_relu, _attributes("negative_slope")),
    nn.Sigmoid: Leaf(torch.sigmoid),
    nn.GELU: Leaf(F.gelu, _approximation),
    nn.MaxPool2d: Leaf(torch.max_pool2d, _max_pool),
    nn.AvgPool2d: Leaf(F.avg_pool2d, _avg_pool),
    nn.AdaptiveAvgPool2d: Leaf(F.adaptive_avg_pool2d, _attributes("output_size")),
    nn.Dropout: Leaf(F.dropout, _dropout),
    nn.Flatten: Leaf(Tensor.flatten, _attributes("start_dim", "end_dim")),
}
"""Exact types only: a subclass may do anything."""
