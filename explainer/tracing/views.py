"""Views: several tensors that look at the same memory, and what happens when one of them is written to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from explainer.tracing.graph import Node
from explainer.tracing.operations import Operation


def holds_alone(tensor: Tensor) -> bool:
    """Whether no other tensor shares this one's memory."""
    storage = tensor.untyped_storage()
    return torch._C._storage_Use_Count(storage._cdata) <= 2  # the tensor itself, and `storage` here


def run_aside(
    known: Operation,
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    target: Tensor,
) -> None:
    """Run an in-place operation in new memory, to which the tensor object ``target`` moves.

    Its old memory, which nothing else may show, is left as it was.
    """
    old = target.data
    if kwargs and kwargs.get("out") is not None:
        result = None
    elif known.twin is not None:
        result = known.twin(*args, **kwargs)
    elif kwargs and kwargs.get("inplace"):
        result = func(*args, **{**kwargs, "inplace": False})
    else:
        result = None
    if (
        result is not None
        and result is not target
        and result.dtype is old.dtype
        and result.shape == old.shape
        and result.stride() == old.stride()
    ):
        target.data = result
    else:
        target.data = old.clone()
        func(*args, **kwargs)


def view_update(
    before: Tensor,
    written: Tensor,
    stride: tuple[int, ...],
    offset: int,
    written_stride: tuple[int, ...],
    written_offset: int,
) -> Tensor:
    """Compute what a view shows after another view of the same memory was written to.

    Args:
        before: what it showed until then.
        written: the whole value of the view that was written to.
        stride: strides of ``before`` in the shared memory, in elements.
        offset: position of its first element there.
        written_stride: strides of ``written``.
        written_offset: position of its first element.

    Returns:
        A tensor of the shape of ``before``; differentiable with respect to both.
    """
    start = min(offset, written_offset)
    end = max(_end(before.shape, stride, offset), _end(written.shape, written_stride, written_offset))
    # by index: the gradient of as_strided_scatter is wrong where two views overlap
    places = torch.arange(end - start, device=before.device)
    shown = places.as_strided(before.shape, stride, offset - start).reshape(-1)
    changed = places.as_strided(written.shape, written_stride, written_offset - start).reshape(-1)
    memory = before.new_zeros(end - start).index_copy(0, shown, before.reshape(-1))
    memory = memory.index_copy(0, changed, written.reshape(-1))
    return memory[shown].reshape(before.shape)


def _end(shape: torch.Size, stride: tuple[int, ...], offset: int) -> int:
    return offset + 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def without_unread_updates(nodes: list[Node], output: Any) -> list[Node]:
    """Drop the updates of views that nothing read: they were in scope still, but not used again."""
    if not any(node.kind == "view_update" for node in nodes):
        return nodes
    read = set(_nodes(output))
    kept = []
    for node in reversed(nodes):
        if node.kind == "view_update" and node not in read:
            continue
        read.update(node.inputs)
        kept.append(node)
    kept.reverse()
    for index, node in enumerate(kept):
        node.index = index
    return kept


def _nodes(value: Any) -> list[Node]:
    if isinstance(value, Node):
        return [value]
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return [node for item in value for node in _nodes(item)]
    return []
