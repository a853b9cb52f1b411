"""Operations that move numbers without changing them, and how to find where one number came from.

One trick answers for all of them: send a tensor that holds its own indices through the same operation and
read the index that arrives at the position asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from explainer.tracing.arithmetic.operands import Index, column, constant, is_tensor, required, tensor_of
from explainer.tracing.arithmetic.result import Arithmetic, Factors, NotTakenApartError, single
from explainer.tracing.arithmetic.rounding import SMALLEST, unit_roundoff
from explainer.tracing.arithmetic.text import Phrase, written
from explainer.tracing.graph import Node

_KEEPS = """flatten unflatten view view_as reshape reshape_as ravel squeeze unsqueeze contiguous clone
    detach alias identity to float double half bfloat16 type type_as cpu cuda atleast_1d atleast_2d atleast_3d
    dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout feature_alpha_dropout"""
ORDER_KEPT = frozenset(_KEEPS.split())
"""Kinds whose output lists the same numbers in the same row-major order."""

_MOVES = """permute transpose movedim t T mT adjoint chunk split tensor_split unsafe_chunk unsafe_split
    split_with_sizes hsplit vsplit dsplit unbind getitem select narrow index_select pad roll flip fliplr
    flipud rot90 expand expand_as broadcast_to repeat repeat_interleave tile cat stack hstack vstack dstack
    pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle unfold im2col diagonal"""
MOVED = frozenset(_MOVES.split())
"""Kinds whose output is made of input numbers, each in a place that the index trick finds."""


def keeps_order(node: Node) -> bool:
    """Return whether a node holds its input's numbers in the same row-major order."""
    return node.kind in ORDER_KEPT and not (
        "dropout" in node.kind and node.arguments.get("training", True) and node.arguments.get("p", 0.5)
    )


def moved(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain one number that was copied from an input (flatten, cat, permute, chunk, pad ...)."""
    if node.kind in ORDER_KEPT:
        if not keeps_order(node):
            raise NotTakenApartError(Phrase("In training mode {kind} draws random numbers.", kind=node.kind))
        source = required(node)
        spot: tuple[Any, ...] | None = index
        shape = tuple(tensor_of(source).shape)
        if shape != node.shape:
            flat = np.ravel_multi_index(index, node.shape) if index else 0
            spot = np.unravel_index(flat, shape) if shape else ()
    else:
        source, spot = _origin(node, index)
    if source is None or spot is None:
        filled = constant(_fill(node))
        return _copied(node, filled, value, Phrase("padding"), Phrase("This place is padding."))
    taken = column(source, spot)
    names = [other.name for other in node.inputs]
    name = source.name if isinstance(source, Node) else "constant"
    note = None
    if len(names) > 1 and isinstance(source, Node) and taken.positions is not None:
        note = Phrase(
            "Taken from input {number} of {count}, channel {channel}.",
            number=names.index(name) + 1,
            count=len(names),
            channel=int(taken.positions[0, 0]),
        )
    return _copied(node, taken, value, Phrase("{name}", name=name), note)


def _copied(node: Node, factor: Factors, value: float, label: Phrase, note: Phrase | None) -> Arithmetic:
    channel = None if factor.positions is None else int(factor.positions[0, 0])
    group = single([factor], label, channel)
    total = group.subtotal
    same_type = all(other.output.dtype == node.output.dtype for other in node.inputs)
    tolerance = 0.0 if same_type else unit_roundoff(node.output) * abs(total) + SMALLEST
    return Arithmetic(
        kind=node.kind,
        form="gather",
        groups=(group,),
        bias=None,
        total=total,
        value=value,
        tolerance=tolerance,
        expression=f"{label}{_place(factor)} = {written(total)}",
        formula="y = x",
        chosen=0,
        note=note,
    )


def _place(factor: Factors) -> str:
    """Return ``[channel, y, x]`` of the one value, or nothing where it has no place."""
    return "" if factor.positions is None else str(factor.positions[0].tolist())


def _origin(node: Node, index: Index) -> tuple[Any, tuple[Any, ...] | None]:
    """Return the operand and the index in it that a moved number came from; (None, None) for padding.

    All operands share one numbering from 1 upwards, so 0 marks what padding fills in. Integer and boolean
    tensors are positions to look up, not numbers to be moved, and are passed as they are.
    """
    operands: list[Any] = []
    starts: list[int] = []
    probes: dict[int, torch.Tensor] = {}
    if not node.output.dtype.is_floating_point:
        raise NotTakenApartError(Phrase("These are whole numbers or flags, not features."))
    # padding other than by a constant, and unfolding, exist for floating-point tensors only
    dtype = torch.float64 if node.kind in ("pad", "unfold", "im2col") else torch.int64

    def probe(operand: Any) -> Any:
        tensor = tensor_of(operand)
        if not tensor.dtype.is_floating_point:
            return tensor
        if id(operand) not in probes:
            start = starts[-1] + tensor_of(operands[-1]).numel() if operands else 1
            numbering = torch.arange(start, start + tensor.numel(), dtype=dtype, device=tensor.device)
            probes[id(operand)] = numbering.reshape(tensor.shape)
            operands.append(operand)
            starts.append(start)
        return probes[id(operand)]

    def swapped(argument: Any) -> Any:
        if is_tensor(argument):
            return probe(argument)
        if isinstance(argument, (list, tuple)) and type(argument) in (list, tuple):
            return type(argument)(swapped(part) for part in argument)
        return argument

    args = tuple(swapped(argument) for argument in node.args)
    kwargs = {name: swapped(argument) for name, argument in node.kwargs.items()}
    if node.kind == "pad":
        args, kwargs = args[:3], {**kwargs, "value": None if _mode(node) != "constant" else 0.0}
    with torch.inference_mode():
        result = node.function(*args, **kwargs)
    if node.output_index is not None:
        result = result[node.output_index]
    number = int(result[index].item())
    if number == 0:
        return None, None
    which = max(i for i, start in enumerate(starts) if start <= number)
    shape = tensor_of(operands[which]).shape
    spot = np.unravel_index(number - starts[which], tuple(shape)) if len(shape) else ()
    return operands[which], spot


def _mode(node: Node) -> str:
    return node.arguments.get("mode", "constant")


def _fill(node: Node) -> float:
    fill = node.arguments.get("value", 0.0) if node.kind == "pad" else 0.0
    return 0.0 if fill is None else float(fill)


def reduced(node: Node, index: Index) -> tuple[Any, list[np.ndarray]]:
    """Return the operand of a reduction over ``dim`` and the indices of all numbers that meet in one output.

    Raises:
        NotTakenApartError: if the shapes do not fit a reduction.
    """
    source = required(node)
    shape = tuple(tensor_of(source).shape)
    dim = node.arguments.get("dim")
    keep = node.arguments.get("keepdim", False)
    if dim is None or dim == ():
        dims = set(range(len(shape)))
    else:
        dims = {axis % len(shape) for axis in ((dim,) if isinstance(dim, int) else dim)}
    outer = list(index)
    spots, taken = [], 0
    for axis, size in enumerate(shape):
        if axis in dims:
            spots.append(np.arange(size))
            taken += bool(keep)
        else:
            if taken >= len(outer):
                raise NotTakenApartError(Phrase("The shapes do not fit."))
            spots.append(np.array([outer[taken]]))
            taken += 1
    grid = np.meshgrid(*spots, indexing="ij") if spots else []
    return source, [part.reshape(-1) for part in grid]


GATHER = dict.fromkeys(ORDER_KEPT | MOVED, moved)
