"""Operations that move numbers without changing them: the table moves as the tensor does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explainer.tracing.execute import execute, substitute
from explainer.tracing.graph import Node
from explainer.tracing.receptive.common import Reaches, Rule, chosen, elementwise, inputs, source_of, unknown
from explainer.tracing.receptive.reach import (
    Reach,
    both,
    joined,
    look,
    permuted,
    planewise,
    reduced,
    reshaped,
    stacked,
    union,
    with_axis,
)
from explainer.tracing.receptive.windows import padded, picked


def _reshape(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    return None if reach is None else reshaped(reach, shape, node.shape)


def _permute(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    # where the axes go is found by sending a tensor without any content through
    probe = torch.empty(tuple(range(2, len(shape) + 2)), device="meta")
    args = substitute(node.args, lambda value: probe if isinstance(value, Node) else value)
    kwargs = substitute(dict(node.kwargs), lambda value: probe if isinstance(value, Node) else value)
    return permuted(reach, [size - 2 for size in node.function(*args, **kwargs).shape])


def _getitem(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    index = node.arguments["index"]
    parts = list(index) if isinstance(index, tuple | list) else [index]
    if any(reaches.get(part) is not None for part in parts if isinstance(part, Node)):
        return chosen(node, reaches)
    if reach is None:
        return None
    if not all(part is None or part is Ellipsis or _plain(part) for part in parts) or isinstance(index, list):
        return _sent_through(node, reaches)
    used = sum(part is not None and part is not Ellipsis for part in parts)
    if not any(part is Ellipsis for part in parts):
        parts.append(Ellipsis)
    at = next(place for place, part in enumerate(parts) if part is Ellipsis)
    parts[at : at + 1] = [slice(None)] * (len(shape) - used)
    axis = 0
    kept: list[int | None] = []  # axes of the source that stay, None for new ones
    dropped: list[int] = []
    for part in parts:
        if part is None:
            kept.append(None)
            continue
        size = shape[axis]
        if isinstance(part, slice):
            numbers = range(*part.indices(size))
            if len(numbers) != size or numbers.step != 1:
                reach = look(reach, axis, picked(numbers, size, numbers.step))
            kept.append(axis)
        else:
            reach = look(reach, axis, picked([int(part) % size], size, 1))
            dropped.append(axis)
        axis += 1
    reach = reduced(reach, dropped, keep=False) if dropped else reach
    for place, kept_axis in enumerate(kept):
        if kept_axis is None:
            reach = with_axis(reach, place)
    return reach


def _plain(part: Any) -> bool:
    if isinstance(part, slice):
        return all(end is None or isinstance(end, int) for end in (part.start, part.stop, part.step))
    return isinstance(part, int) and not isinstance(part, bool)


def _select(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    given = node.arguments
    if reach is None or not isinstance(given["index"], int):
        return unknown(node, reaches)
    axis = given["dim"] % len(shape)
    return reduced(
        look(reach, axis, picked([given["index"] % shape[axis]], shape[axis], 1)), [axis], keep=False
    )


def _narrow(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    given = node.arguments
    if reach is None or not isinstance(given["start"], int):
        return unknown(node, reaches)
    axis = given["dim"] % len(shape)
    start = given["start"] % shape[axis] if shape[axis] else 0
    return look(reach, axis, picked(range(start, start + given["length"]), shape[axis], 1))


def _parts(node: Node, reaches: Reaches) -> Reach | None:
    """One of several pieces along an axis (chunk, split)."""
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    if node.kind not in ("chunk", "split", "split_with_sizes", "unsafe_chunk", "unsafe_split"):
        return _sent_through(node, reaches)
    axis = _dim(node) % len(shape)
    sizes = node.arguments.get("split_size_or_sections", node.arguments.get("split_sizes"))
    if isinstance(sizes, list | tuple):
        start = sum(sizes[: node.output_index])
    else:  # all pieces but the last are equally long
        whole = sizes if isinstance(sizes, int) else -(-shape[axis] // node.arguments["chunks"])
        start = whole * (node.output_index or 0)
    return look(reach, axis, picked(range(start, start + node.shape[axis]), shape[axis], 1))


def _unbind(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    axis = _dim(node) % len(shape)
    return reduced(look(reach, axis, picked([node.output_index or 0], shape[axis], 1)), [axis], keep=False)


def _dim(node: Node) -> int:
    dim = node.arguments.get("dim", 0)
    return dim if isinstance(dim, int) else 0


def _nothing(shape: Sequence[int]) -> Reach:
    """Numbers that see nothing."""
    table = np.full((6, *(1,) * len(shape)), np.inf)
    return Reach((table, table), (None, None), (1.0, 1.0))


def _cat(node: Node, reaches: Reaches) -> Reach | None:
    parts = [part for part in node.arguments["tensors"] if not _empty(part)]
    found = [reaches.get(part) if isinstance(part, Node) else None for part in parts]
    if all(reach is None for reach in found):
        return None
    shapes = [tuple(part.shape) for part in parts]
    axis = _dim(node)
    filled = [reach or _nothing(shape) for reach, shape in zip(found, shapes, strict=True)]
    if node.kind == "stack":
        axis %= len(node.shape)
        return stacked(filled, axis)
    axis %= len(node.shape)
    return joined(filled, axis, [shape[axis] for shape in shapes])


def _empty(part: Any) -> bool:
    return tuple(part.shape) == (0,)


def _pad(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    widths, mode = node.arguments["pad"], node.arguments.get("mode", "constant")
    if not all(isinstance(width, int) for width in widths):
        return unknown(node, reaches)
    for place in range(len(widths) // 2):
        before, after = widths[2 * place], widths[2 * place + 1]
        axis = len(shape) - 1 - place
        if before or after:
            if axis == 1 and mode == "constant":  # channels of zeros
                reach = _padded_channels(reach, shape, before, after)
            else:
                reach = look(reach, axis, padded(shape[axis], before, after, mode))
    return reach


def _padded_channels(reach: Reach, shape: Sequence[int], before: int, after: int) -> Reach:
    """Channels of zeros see nothing; the hull over all channels stays what it was."""
    if all(table.shape[2] == 1 for table in reach.tables):
        return reach
    return look(reduced(reach, [1]), 1, padded(1, 0, 0, "constant"))


def _roll(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    shifts, dims = node.arguments["shifts"], node.arguments["dims"]
    if dims in (None, (), []):
        return _sent_through(node, reaches)
    shifts = (shifts,) if isinstance(shifts, int) else shifts
    dims = (dims,) if isinstance(dims, int) else dims
    for shift, dim in zip(shifts, dims, strict=True):
        axis = dim % len(shape)
        size = shape[axis]
        reach = look(reach, axis, picked((np.arange(size) - shift) % size, size, 1))
        rows, columns = reach.axes  # no even steps any more
        reach = replace(reach, axes=(None if rows == axis else rows, None if columns == axis else columns))
    return reach


def _flip(node: Node, reaches: Reaches) -> Reach | None:
    reach, shape = source_of(node, reaches)
    if reach is None:
        return None
    dims = {"fliplr": (1,), "flipud": (0,)}.get(node.kind) or node.arguments["dims"]
    for dim in (dims,) if isinstance(dims, int) else dims:
        axis = dim % len(shape)
        reach = look(reach, axis, picked(range(shape[axis] - 1, -1, -1), shape[axis], -1))
    return reach


def _repeat(node: Node, reaches: Reaches) -> Reach | None:
    reach, _ = source_of(node, reaches)
    if reach is None:
        return None
    reach = union([reach], len(node.shape))
    if all(
        table.shape[axis + 1] in (1, node.shape[axis])
        for table in reach.tables
        for axis in range(len(node.shape))
    ):
        return reach
    return _sent_through(node, reaches)


def _shuffled(node: Node, reaches: Reaches) -> Reach | None:
    """``pixel_shuffle``: channels become pixels, r by r."""
    reach, shape = source_of(node, reaches)
    if reach is None or len(shape) != 4:
        return unknown(node, reaches)
    n, channels, height, width = shape
    if node.kind == "pixel_shuffle":
        r = node.shape[2] // height
        split = (n, channels // r**2, r, r, height, width)
        order = [0, 1, 4, 2, 5, 3]
    else:
        r = height // node.shape[2]
        split = (n, channels, height // r, r, width // r, r)
        order = [0, 1, 3, 5, 2, 4]
    cut = reshaped(reach, shape, split)
    moved = reshaped(permuted(cut, order), tuple(split[axis] for axis in order), node.shape)
    factor = 1 / r if node.kind == "pixel_shuffle" else r
    return replace(moved, jumps=both(lambda jump: jump * factor, reach.jumps))


def _index_select(node: Node, reaches: Reaches) -> Reach | None:
    index = node.arguments.get("index")
    if isinstance(index, Node) and reaches.get(index) is not None:
        return chosen(node, reaches)
    return _sent_through(node, reaches)


def _sent_through(node: Node, reaches: Reaches, args: tuple[Any, ...] | None = None) -> Reach | None:
    """Send the table itself through the operation, with everything else as it was recorded."""
    args = node.args if args is None else args
    sources = [source for source in dict.fromkeys(node.inputs) if source.dtype.is_floating_point]
    if not inputs(node, reaches):
        return None
    if sum(int(np.prod(source.shape)) for source in sources) > _MOST or not node.dtype.is_floating_point:
        return unknown(node, reaches)
    full = [reaches[source] or _nothing(source.shape) for source in sources]

    def run(planes: list[np.ndarray]) -> np.ndarray:
        given = dict(zip(sources, (torch.from_numpy(plane.copy()) for plane in planes), strict=True))

        def swap(value: Any) -> Any:
            if isinstance(value, Node):
                return given[value] if value in given else value.output  # noqa: SIM401
            if isinstance(value, Tensor) and value.dtype.is_floating_point:
                return torch.full(value.shape, np.inf, dtype=torch.float64)
            return value

        with torch.inference_mode():
            made = execute(
                node.function,
                substitute(args, swap),
                substitute(dict(node.kwargs), swap),
                node.output_index,
            )
        return made.numpy()

    return planewise(full, [source.shape for source in sources], run, len(node.shape))


_MOST = 1 << 21


def _written(node: Node, reaches: Reaches) -> Reach | None:
    """``x[index] = value``, also with a mask of the same shape as index."""
    index, value = node.arguments.get("index"), node.arguments.get("value")
    parts = index if isinstance(index, tuple | list) else [index]
    if any(reaches.get(part) is not None for part in parts if isinstance(part, Node)):
        mask = isinstance(index, Node) and index.shape == node.shape and not isinstance(value, Node)
        return elementwise(node, reaches) if mask else chosen(node, reaches)
    fixed = value if isinstance(value, Node | Tensor) else float("inf")  # a constant sees nothing
    return _sent_through(node, reaches, (node.inputs[0], index, fixed))


_RESHAPES = """flatten unflatten view view_as reshape reshape_as ravel squeeze unsqueeze
    atleast_1d atleast_2d atleast_3d channel_view _unsafe_view""".split()
_PERMUTES = "permute transpose movedim moveaxis t T mT adjoint swapaxes swapdims".split()
_PARTS = "chunk split tensor_split unsafe_chunk unsafe_split split_with_sizes hsplit vsplit dsplit".split()
_THROUGH = """rot90 repeat_interleave channel_shuffle native_channel_shuffle unfold diagonal view_update
    hstack vstack dstack take_along_dim""".split()

MOVING: dict[str, Rule] = {
    **dict.fromkeys(_RESHAPES, _reshape),
    **dict.fromkeys(_PERMUTES, _permute),
    **dict.fromkeys(_PARTS, _parts),
    **dict.fromkeys(_THROUGH, _sent_through),
    **dict.fromkeys(("expand", "expand_as", "broadcast_to", "repeat", "tile"), _repeat),
    **dict.fromkeys(("flip", "fliplr", "flipud"), _flip),
    **dict.fromkeys(("pixel_shuffle", "pixel_unshuffle"), _shuffled),
    **dict.fromkeys(("cat", "stack"), _cat),
    "getitem": _getitem,
    "select": _select,
    "narrow": _narrow,
    "unbind": _unbind,
    "pad": _pad,
    "roll": _roll,
    "index_select": _index_select,
    "setitem": _written,
}
