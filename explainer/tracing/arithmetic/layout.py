"""Where a tensor's channels and pixels are: (channel, y, x) to tensor index and back, for any node.

Networks keep images as [N, C, H, W], tokens as [N, L, C] and, in ConvNeXt or Swin, images as [N, H, W, C].
Nothing in a tensor says which, but the operations before it do: a convolution leaves channels on axis 1, a
linear layer on the last axis, a permutation moves them, and everything else keeps them where they were.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from explainer.errors import ReaderError
from explainer.tracing.graph import Node

_FIRST = (
    "input",
    "conv",
    "max_pool",
    "avg_pool",
    "adaptive_",
    "lp_pool",
    "batch_norm",
    "instance_norm",
    "group_norm",
    "interpolate",
    "upsample",
    "pixel_",
    "channel_shuffle",
)
_MOVES = {"permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims", "mT", "T", "t", "mt"}
_RESHAPES = {"view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze"}


def channels_last(node: Node) -> bool:
    """Return whether the channels of this node's 3-D or 4-D tensor are its last axis.

    Judged by the operations before it. The flag decides only how positions are called, never any number.
    """
    while True:
        dimensions = len(node.shape)
        if dimensions not in (3, 4) or node.kind.startswith(_FIRST):
            return False
        if node.kind in ("linear", "embedding") or (
            node.kind in ("scaled_dot_product_attention", "multi_head_attention_forward") and dimensions == 3
        ):
            return True
        if node.kind in ("layer_norm", "rms_norm"):
            normalized = node.arguments.get("normalized_shape", ())
            if isinstance(normalized, int) or len(normalized) == 1:
                return True
        if not node.inputs:
            return dimensions == 3
        before = next((other for other in node.inputs if len(other.shape) == dimensions), None)
        if node.kind in _MOVES and before is not None:
            return _moved(node, dimensions - 1 if channels_last(before) else 1) == dimensions - 1
        if node.kind in _RESHAPES:
            return _reshaped(node)
        if before is None:  # one channel cut out of an image leaves rows and columns, not tokens
            return dimensions == 3 and node.kind not in ("getitem", "select")
        node = before


def _moved(node: Node, axis: int) -> int:
    """Return where a permutation puts an axis, found by sending a tensor of distinct sizes through it."""
    sizes = (2, 3, 5, 7)[: len(node.shape)]
    probe = torch.empty(sizes, device="meta")
    args = tuple(probe if isinstance(argument, Node) else argument for argument in node.args)
    kwargs = {name: probe if isinstance(value, Node) else value for name, value in node.kwargs.items()}
    return tuple(node.function(*args, **kwargs).shape).index(sizes[axis])


def _reshaped(node: Node) -> bool:
    """Return whether a reshaped tensor has its channels last: the axis that kept the channel count."""
    before = node.inputs[0]
    new, old = node.shape, before.shape
    if len(old) not in (3, 4):
        return len(new) == 3
    if channels_last(before):
        return new[-1] == old[-1] or len(new) == 3
    return new[1] != old[1] and len(new) == 3


def extent(node: Node) -> tuple[int, int, int]:
    """Return (channels, height, width): the bounds of ``explain``'s positions, and of :func:`maps`.

    [N, C] has height and width 1, a sequence has height 1, a tensor of more than four axes counts its axes
    between batch and the last two as channels.
    """
    shape = node.shape
    if len(shape) < 2:
        return 1, 1, 1
    if len(shape) == 2:
        return shape[1], 1, 1
    last = channels_last(node)
    if len(shape) == 3:
        return (shape[2], 1, shape[1]) if last else (shape[1], 1, shape[2])
    if last:
        return shape[3], shape[1], shape[2]
    return math.prod(shape[1:-2]), shape[-2], shape[-1]


def maps(node: Node, item: int = 0) -> torch.Tensor:
    """Return one image's output as [channels, height, width]; ``explain(...).value`` is its entry."""
    return arranged(node, node.output, item)


def arranged(node: Node, output: torch.Tensor, item: int = 0) -> torch.Tensor:
    """Return one image of ``output``, a tensor like the node's own, as :func:`maps` returns that."""
    if output.ndim < 2:
        return output.reshape(-1)[item].reshape(1, 1, 1)
    picture = output[item]
    if picture.ndim == 1:
        return picture[:, None, None]
    if picture.ndim == 2:
        return (picture.T if channels_last(node) else picture)[:, None, :]
    if picture.ndim == 3 and channels_last(node):
        return picture.permute(2, 0, 1)
    return picture.reshape(extent(node))


def locate(node: Node, channel: int, y: int, x: int, item: int) -> tuple[int, ...]:
    """Return the index of one number in ``node.output``.

    Raises:
        ReaderError: if the position is outside the tensor.
    """
    shape = node.shape
    bounds = extent(node)
    position = [channel, y, x]
    if len(shape) < 3:
        position[1:] = 0, 0
    if len(shape) < 2:
        position[0] = 0
    elif len(shape) == 3:
        position[1] = 0
    for name, number, size in zip(("channel", "y", "x"), position, bounds, strict=True):
        _check(node, name, number, size)
    if len(shape):
        _check(node, "item", item, shape[0])
    channel, y, x = position
    if len(shape) == 0:
        return ()
    if len(shape) == 1:
        return (item,)
    if len(shape) == 2:
        return item, channel
    last = channels_last(node)
    if len(shape) == 3:
        return (item, x, channel) if last else (item, channel, x)
    if last:
        return item, y, x, channel
    middle = np.unravel_index(channel, shape[1:-2])
    return (item, *(int(number) for number in middle), y, x)


def _check(node: Node, name: str, number: int, size: int) -> None:
    if not 0 <= number < size:
        raise ReaderError(
            "{node} has no {axis} {number}: it counts from 0 to {last}.",
            node=node.name,
            axis=name,
            number=number,
            last=size - 1,
        )


def places(node: Node, index: Sequence[Any]) -> np.ndarray:
    """Return int [terms, 3], the (channel, y, x) of tensor indices of this node.

    Args:
        node: the node whose tensor is indexed.
        index: one integer or integer array [terms] per axis of its output, batch first.
    """
    zero = 0
    if len(index) < 2:
        columns: tuple[Any, ...] = (zero, zero, zero)
        if len(index) == 1:
            columns = (zero * np.asarray(index[0]), zero, zero)
    elif len(index) == 2:
        columns = (index[1], zero, zero)
    elif len(index) == 3:
        columns = (index[2], zero, index[1]) if channels_last(node) else (index[1], zero, index[2])
    elif channels_last(node):
        columns = (index[3], index[1], index[2])
    else:
        channel: Any = index[1]
        for size, number in zip(node.shape[2:-2], index[2:-2], strict=True):
            channel = np.asarray(channel) * size + number
        columns = (channel, index[-2], index[-1])
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(column) for column in columns)), axis=-1)
