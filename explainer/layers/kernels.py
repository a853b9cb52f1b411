"""The weights of a layer as filters: what each output channel is looking for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import torch
from torch import Tensor

from explainer.tracing import Node, Trace

Form = Literal["rgb", "depthwise", "spatial", "pointwise", "linear"]


@dataclass(frozen=True)
class Neighbour:
    """A filter and how much it resembles another: 1 the same direction, 0 unrelated, −1 the opposite."""

    filter: int
    cosine: float


@dataclass(frozen=True, eq=False)
class Kernels:
    """The filters of a layer, one for each output channel.

    Filters are compared and measured without their bias.
    """

    form: Form
    """``rgb``: looks at the three colours of the image; ``depthwise``: one kernel for each channel;
    ``pointwise``: 1×1, a matrix between channels; ``linear``: a matrix; ``spatial``: everything else."""
    weight: Tensor
    """float [O, I, kh, kw], detached, a view of the model's own where possible: read only. I is the number
    of input channels that one filter reads."""
    bias: Tensor | None
    """float [O]"""
    groups: int = 1
    transposed: bool = False
    """Whether the kernels are stamped onto the output rather than laid over the input."""

    def inputs(self, filter: int) -> range:
        """Return the input channels that a filter reads."""
        count = self.weight.shape[1]
        first = filter // (self.weight.shape[0] // self.groups) * count
        return range(first, first + count)

    @cached_property
    def l1(self) -> Tensor:
        """Sum of the magnitudes of each filter's weights, float [O]."""
        return self._rows.abs().sum(1)

    @cached_property
    def l2(self) -> Tensor:
        """Length of each filter as a vector, float [O]."""
        return torch.linalg.vector_norm(self._rows, dim=1)

    @cached_property
    def evenness(self) -> Tensor | None:
        """Share of each filter's energy that turning its kernels by half a turn leaves as it is, float [O].

        1: even, as a blur or a blob detector is; 0: odd, as an edge detector is, whose two sides have
        opposite signs. Every kernel is the sum of an even and an odd part, at right angles to each other.
        ``None`` for kernels of a single weight.
        """
        if self.weight.shape[2] * self.weight.shape[3] == 1:
            return None
        even = (self.weight + self.weight.flip(2, 3)).flatten(1) / 2
        energy = self.l2.square()
        share = torch.linalg.vector_norm(even, dim=1).square() / energy
        return torch.where(energy > 0, share, torch.zeros_like(share))

    def nearest(self, filter: int, k: int = 8) -> list[Neighbour]:
        """Return the ``k`` filters most like this one, by cosine similarity, the most similar first."""
        rows = self._rows
        lengths = (self.l2 * self.l2[filter]).clamp_min(torch.finfo(rows.dtype).tiny)
        cosine = (rows @ rows[filter]) / lengths
        cosine[filter] = -2  # not itself
        best = cosine.topk(min(k, len(rows) - 1))
        return [
            Neighbour(int(index), float(value))
            for index, value in zip(best.indices, best.values.clamp(-1, 1), strict=True)
        ]

    def folded(self, norm: Node) -> Kernels:
        """Return the kernels that do alone what these and the batch normalisation behind them do together.

        A filter's weights are scaled by gamma / sqrt(variance + eps) and its bias becomes
        beta + (bias − mean) · that factor (S. Ioffe and C. Szegedy, Batch normalization, 2015, section 3.1).

        Args:
            norm: what ``batch_norm_behind`` found.
        """
        found = norm.arguments
        mean, variance = found["running_mean"].detach(), found["running_var"].detach()
        gain = torch.rsqrt(variance + found["eps"])
        if found.get("weight") is not None:
            gain = gain * found["weight"].detach()
        bias = -mean * gain if self.bias is None else (self.bias - mean) * gain
        if found.get("bias") is not None:
            bias = bias + found["bias"].detach()
        return replace(self, weight=self.weight * gain[:, None, None, None], bias=bias)

    @cached_property
    def _rows(self) -> Tensor:
        return self.weight.flatten(1).float()


def kernels(node: Node) -> Kernels | None:
    """Return the filters of a convolution (1-D or 2-D, grouped, transposed) or of a linear layer.

    ``None`` where the operation has none: it has no weights, they are no parameters but results of other
    operations, or their kernels are no pictures (3-D convolutions).
    """
    reader = _READERS.get(node.kind)
    if reader is None:
        return None
    weight, bias = node.arguments["weight"], node.arguments.get("bias")
    if not isinstance(weight, Tensor) or isinstance(bias, Node):
        return None
    return reader(node, weight.detach(), None if bias is None else bias.detach())


def batch_norm_behind(trace: Trace, node: Node) -> Node | None:
    """Return the batch normalisation with running figures that alone reads ``node``, if there is one."""
    readers = trace.consumers(node)
    if len(readers) != 1 or readers[0].kind != "batch_norm":
        return None
    found = readers[0].arguments
    fixed = not found.get("training") and isinstance(found.get("running_mean"), Tensor)
    return readers[0] if fixed and len(found["running_mean"]) == node.shape[1] else None


def _convolution(node: Node, weight: Tensor, bias: Tensor | None) -> Kernels:
    weight = weight if weight.ndim == 4 else weight[:, :, None]
    groups = node.arguments["groups"]
    return Kernels(_form(node, weight, groups), weight, bias, groups)


def _transposed(node: Node, weight: Tensor, bias: Tensor | None) -> Kernels:
    """Order [I, O / groups, ...] by the output channel that the weights lead to."""
    weight = weight if weight.ndim == 4 else weight[:, :, None]
    groups = node.arguments["groups"]
    per_group = weight.reshape(groups, -1, *weight.shape[1:])
    weight = per_group.transpose(1, 2).flatten(0, 1)
    form = _form(node, weight, groups)
    return Kernels("spatial" if form == "rgb" else form, weight, bias, groups, transposed=True)


def _linear(node: Node, weight: Tensor, bias: Tensor | None) -> Kernels:
    return Kernels("linear", weight.reshape(-1, weight.shape[-1], 1, 1), bias)


def _form(node: Node, weight: Tensor, groups: int) -> Form:
    if weight.shape[1] == 1 and groups > 1:
        return "depthwise"
    if weight.shape[2:] == (1, 1):
        return "pointwise"
    source = _behind_scaling(node.arguments["input"])
    colours = weight.shape[1] == 3 and weight.shape[2] > 1 and groups == 1
    return "rgb" if colours and isinstance(source, Node) and source.kind == "input" else "spatial"


def _behind_scaling(source: Any) -> Any:
    """Return what is behind operations that leave colours colours, as scaling inside the model does."""
    while isinstance(source, Node) and source.kind in ("sub", "div", "mul", "add", "pad", "interpolate"):
        first = source.inputs[:1]
        if not first or first[0].shape[1:2] != (3,):
            break
        source = first[0]
    return source


_READERS: dict[str, Callable[[Node, Tensor, Tensor | None], Kernels]] = {
    "conv1d": _convolution,
    "conv2d": _convolution,
    "conv_transpose1d": _transposed,
    "conv_transpose2d": _transposed,
    "linear": _linear,
}
