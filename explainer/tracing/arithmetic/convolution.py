"""Convolution and transposed convolution: a sum of input × weight over a window, plus a bias.

The index arithmetic is that of the PyTorch documentation of ``torch.nn.Conv2d`` and
``torch.nn.ConvTranspose2d``; pictures of it are in V. Dumoulin and F. Visin, "A guide to convolution
arithmetic for deep learning", arXiv:1603.07285, 2016.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np
import torch

from explainer.tracing.arithmetic.layout import places
from explainer.tracing.arithmetic.operands import Index, axes_tuple, entry, numbers, required, tensor_of
from explainer.tracing.arithmetic.result import (
    Arithmetic,
    Factors,
    NotTakenApartError,
    group_sums,
    total_of_sum,
)
from explainer.tracing.arithmetic.text import Phrase
from explainer.tracing.graph import Node
from explainer.wording import later

_CHANNEL = later("input channel {channel}")


def convolution(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain one output of a 1-D, 2-D or 3-D convolution; padding is zeros that are multiplied too."""
    source, weight, axes = _operands(node)
    stride = axes_tuple(node.arguments.get("stride", 1), axes)
    dilation = axes_tuple(node.arguments.get("dilation", 1), axes)
    kernel = weight.shape[2:]
    before = _padding(node, kernel, dilation)
    groups = node.arguments.get("groups", 1)
    spots = [
        out * s - p + np.arange(k) * d
        for out, s, p, k, d in zip(index[2:], stride, before, kernel, dilation, strict=True)
    ]
    taps = [np.arange(k) for k in kernel]
    channels = weight.shape[1]
    first = index[1] // (weight.shape[0] // groups) * channels
    kernels = weight[index[1]]
    return _sum_over(node, index, value, source, kernels, first, spots, taps)


def transposed_convolution(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain one output of a transposed convolution: the inputs whose stamped kernel covers this pixel."""
    source, weight, axes = _operands(node)
    stride = axes_tuple(node.arguments.get("stride", 1), axes)
    dilation = axes_tuple(node.arguments.get("dilation", 1), axes)
    padding = axes_tuple(node.arguments.get("padding", 0), axes)
    groups = node.arguments.get("groups", 1)
    spots, taps = [], []
    for out, s, p, k, d, size in zip(
        index[2:], stride, padding, weight.shape[2:], dilation, tensor_of(source).shape[2:], strict=True
    ):
        tap = np.arange(k)
        reach = out + p - tap * d
        hit = (reach % s == 0) & (reach >= 0) & (reach < size * s)
        spots.append(reach[hit] // s)
        taps.append(tap[hit])
    per_group = weight.shape[1]
    channels = weight.shape[0] // groups
    first = index[1] // per_group * channels
    kernels = weight[first : first + channels, index[1] % per_group]
    return _sum_over(node, index, value, source, kernels, first, spots, taps)


def _operands(node: Node) -> tuple[Any, torch.Tensor, int]:
    source, weight = required(node), tensor_of(required(node, "weight"))
    axes = weight.ndim - 2
    if tensor_of(source).ndim != axes + 2:
        raise NotTakenApartError(Phrase("The input has no batch axis."))
    return source, weight, axes


def _padding(node: Node, kernel: torch.Size, dilation: tuple[int, ...]) -> tuple[int, ...]:
    """Return the padding in front of each axis; ``"same"`` puts the odd pixel behind, as PyTorch does."""
    padding = node.arguments.get("padding", 0)
    if padding == "valid":
        return (0,) * len(kernel)
    if padding == "same":
        return tuple((k - 1) * d // 2 for k, d in zip(kernel, dilation, strict=True))
    return axes_tuple(padding, len(kernel))


def _sum_over(
    node: Node,
    index: Index,
    value: float,
    source: Any,
    kernels: torch.Tensor,
    first: int,
    spots: list[np.ndarray],
    taps: list[np.ndarray],
) -> Arithmetic:
    """Multiply a window of the input with kernels and add up.

    Args:
        node: the operation.
        index: of the output.
        value: the tensor's own.
        source: the input.
        kernels: [channels, *kernel], the weights that lead to this output channel.
        first: the input channel that ``kernels[0]`` reads.
        spots: for each axis the input coordinates, also outside the input.
        taps: for each axis the kernel coordinates that meet them.
    """
    tensor = tensor_of(source)
    count = kernels.shape[0]
    inside = [(spot >= 0) & (spot < size) for spot, size in zip(spots, tensor.shape[2:], strict=True)]
    window = tensor[index[0], first : first + count]
    weights = kernels
    for axis, (spot, size, tap) in enumerate(zip(spots, tensor.shape[2:], taps, strict=True), start=1):
        window = window.index_select(axis, torch.as_tensor(spot.clip(0, size - 1), device=window.device))
        weights = weights.index_select(axis, torch.as_tensor(tap, device=weights.device))
    kept = reduce(np.logical_and.outer, inside)
    values = np.where(kept, numbers(window), 0.0).reshape(-1)
    per_channel = math.prod(len(spot) for spot in spots)
    channels = np.repeat(np.arange(count), per_channel)
    grid = [np.tile(part.reshape(-1), count) for part in np.meshgrid(*spots, indexing="ij")]
    positions = None
    if isinstance(source, Node):
        positions = places(source, (index[0], channels + first, *grid))
        positions[~np.tile(kept.reshape(-1), count)] = -1
    steps = [np.tile(part.reshape(-1), count) for part in np.meshgrid(*taps, indexing="ij")]
    rows = np.ravel_multi_index(steps[:-1], kernels.shape[1:-1]) if steps[1:] else np.zeros_like(channels)
    groups = group_sums(
        Factors("input", values, source.index if isinstance(source, Node) else None, positions),
        Factors("weight", numbers(weights).reshape(-1), None, np.stack([channels, rows, steps[-1]], axis=-1)),
        channels + first,
        _CHANNEL,
    )
    bias = node.arguments.get("bias")
    return total_of_sum(
        node.kind,
        node.output,
        value,
        groups,
        None if bias is None else entry(bias, index[1]),
        formula="Σ input × weight" + ("" if bias is None else " + bias"),
        multiplies=True,
    )


CONVOLUTION = {
    **dict.fromkeys(("conv1d", "conv2d", "conv3d"), convolution),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), transposed_convolution),
}
