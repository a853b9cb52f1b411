"""Operations that read through windows: convolution, pooling, resizing."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from explainer.tracing.graph import Node
from explainer.tracing.receptive.common import POOLED, Reaches, Rule, source_of, unknown
from explainer.tracing.receptive.moving import MOVING
from explainer.tracing.receptive.reach import (
    BOUND,
    Reach,
    look,
    permuted,
    reduced,
    reshaped,
    stacked,
    without_local,
)
from explainer.tracing.receptive.windows import adaptive, resized, sliding, transposed


def _channels(reach: Reach, inputs: int, outputs: int, groups: int) -> Reach:
    """Let every output channel see what the input channels of its group see."""
    if all(table.shape[2] == 1 for table in reach.tables):
        return reach
    if groups == 1:
        return reduced(reach, [1])
    tables = []
    for table in reach.tables:
        if table.shape[2] > 1:
            behind = table.shape[3:]
            table = table.reshape(6, -1, groups, inputs // groups, *behind).min(axis=3)
            table = table.repeat(outputs // groups, axis=2)
        tables.append(table)
    return Reach((tables[0], tables[1]), reach.axes, reach.jumps, reach.status, reach.reason)


def _convolution(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    given = node.arguments
    weight, count = given["weight"].shape, int(node.kind[-2])
    if len(shape) != count + 2:
        return unknown(node, reaches)
    backwards = "transpose" in node.kind
    make = transposed if backwards else sliding
    padding = given["padding"]
    if isinstance(padding, str):  # "same" with an odd pixel, which goes behind
        padding = tuple((k - 1) * d // 2 for k, d in zip(weight[2:], given["dilation"], strict=True))
    outputs = node.shape
    reach = _channels(reach, shape[1], outputs[1], given["groups"])
    for i in range(count):
        axis = i + 2
        kernel, stride, before, dilation = weight[axis], given["stride"][i], padding[i], given["dilation"][i]
        if kernel > 1 or stride > 1 or before:
            windows = make(shape[axis], outputs[axis], kernel, stride, before, dilation)
            reach = look(reach, axis, windows)
    return reach


def _pooling(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    given = node.arguments
    count = next(int(letter) for letter in node.kind if letter in "123")
    first = len(shape) - count
    for i in range(count):
        axis = first + i
        dilation = given["dilation"][i] if "dilation" in given else 1
        windows = sliding(
            shape[axis],
            node.shape[axis],
            given["kernel_size"][i],
            given["stride"][i],
            given["padding"][i] if "padding" in given else 0,
            dilation,
        )
        reach = look(reach, axis, windows)
    return reach


def _adaptive_pooling(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    count = next(int(letter) for letter in node.kind if letter in "123")
    whole = []
    for axis in range(len(shape) - count, len(shape)):
        size, outputs = shape[axis], node.shape[axis]
        if outputs == 1 and size > 1 and reach.spreads(axis, size):
            whole.append(axis)
        elif outputs != size:
            reach = look(reach, axis, adaptive(size, outputs))
    if whole:
        reach = without_local(reduced(reach, whole)).because(BOUND, POOLED)
    return reach


def _interpolation(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    given = node.arguments
    mode = given.get("mode") or ("bilinear" if "bilinear" in node.kind else "nearest")
    mode = {"linear": "bilinear", "trilinear": "bilinear"}.get(mode, mode)
    count = len(shape) - 2
    scale: Any = given.get("scale_factor") if given.get("recompute_scale_factor") is not True else None
    scales = list(scale) if isinstance(scale, tuple | list) else [scale] * count
    for i in range(count):
        axis, factor = i + 2, scales[i]
        factor = None if factor is None or isinstance(factor, Node | Tensor) else float(factor)
        corners, smooth = given.get("align_corners"), bool(given.get("antialias"))
        windows = resized(shape[axis], node.shape[axis], mode, corners, smooth, factor)
        reach = look(reach, axis, windows)
    return reach


def _unfold(node: Node, reaches: Reaches) -> Reach | None:
    """Return what columns of windows [N, C·k·k, L] see: each entry the one position it was copied from."""
    if node.function is not F.unfold:
        return MOVING["unfold"](node, reaches)
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    given = node.arguments
    kernels, sizes = [], []
    for i, axis in enumerate((2, 4)):  # [N, C, H, W] becomes [N, C, k, h, k, w]
        kernel, dilation, padding, stride = (
            value if isinstance(value, int) else value[i % len(value)]
            for value in (given["kernel_size"], given["dilation"], given["padding"], given["stride"])
        )
        size = shape[i + 2]
        count = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
        taps = [sliding(size, count, 1, stride, padding - tap * dilation, 1) for tap in range(kernel)]
        reach = stacked([look(reach, axis, windows) for windows in taps], axis)
        kernels.append(kernel)
        sizes.append(count)
    reach = permuted(reach, [0, 1, 2, 4, 3, 5])
    return reshaped(reach, (*shape[:2], *kernels, *sizes), node.shape)


_SIZES = ("1d", "2d", "3d")

LAYERS: dict[str, Rule] = {
    **dict.fromkeys((f"conv{size}" for size in _SIZES), _convolution),
    **dict.fromkeys((f"conv_transpose{size}" for size in _SIZES), _convolution),
    **{
        f"{kind}_pool{size}{more}": _pooling
        for kind in ("max", "avg", "lp")
        for size in _SIZES
        for more in ("", "_with_indices")
    },
    **{
        f"adaptive_{kind}_pool{size}{more}": _adaptive_pooling
        for kind in ("max", "avg")
        for size in _SIZES
        for more in ("", "_with_indices")
    },
    **dict.fromkeys(("interpolate", "upsample", "upsample_nearest", "upsample_bilinear"), _interpolation),
    "unfold": _unfold,
}
