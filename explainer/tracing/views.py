"""Views: several tensors that look at the same memory, and what happens when one of them is written to."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from explainer.tracing.graph import Node


def holds_alone(tensor: Tensor) -> bool:
    """Whether no other tensor shares this one's memory."""
    storage = tensor.untyped_storage()
    return torch._C._storage_Use_Count(storage._cdata) <= 2  # the tensor itself, and `storage` here


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
    memory = before.new_zeros(end - start)
    memory = memory.as_strided_scatter(before, before.shape, stride, offset - start)
    memory = memory.as_strided_scatter(written, written.shape, written_stride, written_offset - start)
    return memory.as_strided(before.shape, stride, offset - start).clone()


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
