"""Pooling and reductions: the largest, or the mean, of the numbers in a window.

Window bounds follow the PyTorch documentation of ``torch.nn.MaxPool2d`` and ``torch.nn.AvgPool2d``; an
adaptive window i of n over a length L covers ⌊i L / n⌋ up to, not including, ⌈(i + 1) L / n⌉.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from explainer.tracing.arithmetic.gather import reduced
from explainer.tracing.arithmetic.operands import Index, axes_tuple, column, required, tensor_of
from explainer.tracing.arithmetic.result import (
    Arithmetic,
    Factors,
    Group,
    NotTakenApartError,
    group_sums,
    total_of_sum,
)
from explainer.tracing.arithmetic.rounding import unit_roundoff
from explainer.tracing.arithmetic.text import Phrase, written
from explainer.tracing.graph import Node

_CHANNEL = "channel {channel}"


def max_pool(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain max pooling; padding never wins, so only places inside the input are listed."""
    source, lead, spots, _ = _windows(node, index)
    inside = [spot[spot >= 0] for spot in spots]
    return _chosen(node, _read(source, lead, inside), value, largest=True)


def adaptive_max_pool(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain adaptive max pooling."""
    source, lead, spots = _adaptive(node, index)
    return _chosen(node, _read(source, lead, spots), value, largest=True)


def avg_pool(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain average pooling; where padding counts, it is listed as zeros."""
    source, lead, spots, sizes = _windows(node, index)
    outside = [(spot < 0) | (spot >= size) for spot, size in zip(spots, sizes, strict=True)]
    counted = node.arguments.get("count_include_pad", True)
    if not counted:
        spots = [spot[~out] for spot, out in zip(spots, outside, strict=True)]
    divisor = node.arguments.get("divisor_override") or math.prod(len(spot) for spot in spots)
    return _mean(node, source, lead, spots, 1 / divisor, value, divisor)


def adaptive_avg_pool(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain adaptive average pooling (with output size 1: the global average)."""
    source, lead, spots = _adaptive(node, index)
    count = math.prod(len(spot) for spot in spots)
    return _mean(node, source, lead, spots, 1 / count, value, count)


def reduction(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain mean, sum, amax or amin over axes, and the values of max and min."""
    if not node.output.dtype.is_floating_point or isinstance(node.arguments.get("dim"), Node):
        raise NotTakenApartError(Phrase("These are positions, not values."))
    source, grid = reduced(node, index)
    values = column(source, grid)
    if node.kind in ("amax", "amin", "max", "min"):
        return _chosen(node, values, value, largest=node.kind in ("amax", "max"))
    count = len(values.values)
    scale = 1 / count if node.kind == "mean" else 1.0
    return _scaled_sum(node, values, scale, value, count if node.kind == "mean" else None)


def _windows(node: Node, index: Index) -> tuple[Any, Index, list[np.ndarray], Sequence[int]]:
    """Return the input, the fixed leading indices, the window's coordinates and the input's size per axis.

    Coordinates may lie in the padding (also behind the input), never behind the padding.
    """
    if node.output_index not in (None, 0) or not node.output.dtype.is_floating_point:
        raise NotTakenApartError(Phrase("These are the positions of the maxima, not values."))
    source = required(node)
    axes = int(node.kind[node.kind.index("pool") + 4])
    sizes = tensor_of(source).shape[-axes:]
    kernel = axes_tuple(node.arguments["kernel_size"], axes)
    stride = axes_tuple(node.arguments.get("stride") or kernel, axes)
    padding = axes_tuple(node.arguments.get("padding", 0), axes)
    dilation = axes_tuple(node.arguments.get("dilation", 1), axes)
    is_max = node.kind.startswith("max")
    spots = []
    for out, size, k, s, p, d in zip(index[-axes:], sizes, kernel, stride, padding, dilation, strict=True):
        spot = out * s - p + np.arange(k) * d
        spots.append(spot[spot < (size if is_max else size + p)])
    return source, index[:-axes], spots, sizes


def _adaptive(node: Node, index: Index) -> tuple[Any, Index, list[np.ndarray]]:
    if node.output_index not in (None, 0) or not node.output.dtype.is_floating_point:
        raise NotTakenApartError(Phrase("These are the positions of the maxima, not values."))
    source = required(node)
    axes = int(node.kind[node.kind.index("pool") + 4])
    spots = [
        np.arange(out * size // parts, -(-(out + 1) * size // parts))
        for out, size, parts in zip(
            index[-axes:], tensor_of(source).shape[-axes:], node.shape[-axes:], strict=True
        )
    ]
    return source, index[:-axes], spots


def _read(source: Any, lead: Index, spots: list[np.ndarray]) -> Factors:
    """Return the values of a window; outside the input they are zeros without a position."""
    sizes = tensor_of(source).shape[len(lead) :]
    grid = [part.reshape(-1) for part in np.meshgrid(*spots, indexing="ij")]
    inside = np.ones(len(grid[0]), dtype=bool)
    for spot, size in zip(grid, sizes, strict=True):
        inside &= (spot >= 0) & (spot < size)
    clipped = [spot.clip(0, size - 1) for spot, size in zip(grid, sizes, strict=True)]
    read = column(source, (*(np.full(len(grid[0]), number) for number in lead), *clipped))
    if inside.all():
        return read
    positions = None
    if read.positions is not None:
        positions = np.where(inside[:, None], read.positions, -1)
    return Factors(read.role, np.where(inside, read.values, 0.0), read.source, positions)


def _mean(
    node: Node,
    source: Any,
    lead: Index,
    spots: list[np.ndarray],
    scale: float,
    value: float,
    divisor: int,
) -> Arithmetic:
    return _scaled_sum(node, _read(source, lead, spots), scale, value, divisor)


def _scaled_sum(node: Node, values: Factors, scale: float, value: float, divisor: int | None) -> Arithmetic:
    channels = np.zeros(len(values.values), dtype=np.int64)
    if values.positions is not None:
        channels = values.positions[:, 0].copy()
        real = channels[channels >= 0]
        channels[channels < 0] = real[0] if len(real) else 0
    weights = None
    if divisor is not None:
        weights = Factors("constant", np.full(len(values.values), scale))
    groups = group_sums(values, weights, channels, _CHANNEL)
    return total_of_sum(
        node.kind,
        node.output,
        value,
        groups,
        formula="Σ input" if divisor is None else f"Σ input / {divisor}",
        facts={} if divisor is None else {"divisor": float(divisor)},
    )


def _chosen(node: Node, values: Factors, value: float, *, largest: bool) -> Arithmetic:
    """Explain a maximum or minimum; nan beats every number, as in PyTorch."""
    chosen = int(values.values.argmax() if largest else values.values.argmin())
    total = float(values.values[chosen])
    channel = None if values.positions is None else int(values.positions[0, 0])
    group = Group(Phrase(_CHANNEL, channel=channel), channel, (values,), values.values, total)
    name = "max" if largest else "min"
    shown = [written(number) for number in values.values[:9]]
    if len(values.values) > len(shown):
        shown = [*shown[:4], f"… ({len(values.values) - 4:,} more)"]
    return Arithmetic(
        kind=node.kind,
        form="max" if largest else "min",
        groups=(group,),
        bias=None,
        total=total,
        value=value,
        tolerance=0.0,
        expression=f"{name}({', '.join(shown)}) = {written(total)}",
        formula=f"{name}(inputs)",
        chosen=chosen,
    )


def interpolation(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain resizing: a weighted sum of nearby pixels of one channel.

    Every mode is linear in its input, so the weights are the gradient of this output pixel, computed by
    PyTorch with exactly the coordinates it used in the forward pass.
    """
    source = required(node)
    tensor = tensor_of(source)
    lead = index[:2]
    with torch.inference_mode(False), torch.enable_grad():
        plane = tensor[lead][None, None].detach().clone().requires_grad_()
        args = tuple(plane if argument is source else argument for argument in node.args)
        kwargs = {name: plane if item is source else item for name, item in node.kwargs.items()}
        resized = node.function(*args, **kwargs)
        (gradient,) = torch.autograd.grad(resized[(0, 0, *index[2:])], plane)
    spots = torch.nonzero(gradient[0, 0], as_tuple=True)
    weights = gradient[0, 0][spots].to("cpu", torch.float64).numpy()
    grid = [spot.cpu().numpy() for spot in spots]
    values = column(source, (*(np.full(len(weights), number) for number in lead), *grid))
    groups = group_sums(values, Factors("constant", weights), np.full(len(weights), lead[1]), _CHANNEL)
    result = total_of_sum(node.kind, node.output, value, groups, formula="Σ input × weight")
    # a coordinate is rounded to u times the size of the map, and so is the weight that depends on it
    reach = sum(plane.shape[2:]) * 2 * unit_roundoff(node.output)
    return replace(result, tolerance=result.tolerance + reach * float(np.abs(values.values).sum()))


_SIZES = ("1d", "2d", "3d", "1d_with_indices", "2d_with_indices", "3d_with_indices")

POOLING = {
    **dict.fromkeys((f"max_pool{size}" for size in _SIZES), max_pool),
    **dict.fromkeys((f"avg_pool{size}" for size in _SIZES[:3]), avg_pool),
    **dict.fromkeys((f"adaptive_max_pool{size}" for size in _SIZES), adaptive_max_pool),
    **dict.fromkeys((f"adaptive_avg_pool{size}" for size in _SIZES[:3]), adaptive_avg_pool),
    **dict.fromkeys(("mean", "sum", "amax", "amin", "max", "min"), reduction),
    **dict.fromkeys(("interpolate", "upsample", "upsample_nearest", "upsample_bilinear"), interpolation),
}
