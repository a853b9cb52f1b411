"""Linear layers and matrix products: a sum of products over one axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from explainer.tracing.arithmetic.gather import keeps_order
from explainer.tracing.arithmetic.layout import places
from explainer.tracing.arithmetic.operands import Index, column, entry, numbers, required, tensor_of
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


def linear(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain one output of a linear layer on [..., features].

    Where [N, features] is a flattened map, the terms point into that map and are grouped by its channels.
    """
    source, weight = required(node), tensor_of(required(node, "weight"))
    row = weight[index[-1]] if weight.ndim == 2 else weight
    tensor = tensor_of(source)
    lead = index[: tensor.ndim - 1]
    values = numbers(tensor[lead])
    count = len(values)
    origin, positions, channels = None, None, np.arange(count)
    if isinstance(source, Node):
        origin = _map_behind(source) if tensor.ndim == 2 else source
        if origin is source:
            spots: tuple[Any, ...] = (*lead, channels)
        else:
            start = int(np.ravel_multi_index((*lead, 0), tensor.shape))
            spots = np.unravel_index(start + channels, origin.shape)
        positions = places(origin, spots)
        channels = positions[:, 0]
    weights = np.zeros((count, 3), dtype=np.int64)
    weights[:, 0] = np.arange(count)
    groups = group_sums(
        Factors("input", values, None if origin is None else origin.index, positions),
        Factors("weight", numbers(row), None, weights),
        channels,
        later("input channel {channel}"),
    )
    bias = node.arguments.get("bias")
    offset = None
    if bias is not None:
        offset = entry(bias, index[-1] if tensor_of(bias).ndim else ())
    return total_of_sum(
        node.kind,
        node.output,
        value,
        groups,
        offset,
        formula="Σ input × weight" + ("" if bias is None else " + bias"),
        multiplies=True,
    )


def _map_behind(node: Node) -> Node:
    """Return the map whose numbers, in the same order, a flattened node holds, or the node itself."""
    best = node
    while keeps_order(node) and node.inputs:
        node = node.inputs[0]
        if node.output.ndim > best.output.ndim:
            best = node
    return best


def matrix_product(node: Node, index: Index, value: float) -> Arithmetic:
    """Explain one entry of a matrix product of two tensors: row times column."""
    left = required(node)
    right = required(node, "mat2" if "mat2" in node.arguments else "other")
    rows, columns = tensor_of(left).shape, tensor_of(right).shape
    if len(rows) < 2 or len(columns) < 2:
        raise NotTakenApartError(Phrase("A product with a vector."))
    steps = np.arange(rows[-1])
    first = column(left, [*_broadcast(rows, index), index[-2], steps])
    second = column(right, [*_broadcast(columns, index), steps, index[-1]])
    groups = group_sums(first, second, np.zeros(len(steps), dtype=np.int64), "row × column")
    return total_of_sum(node.kind, node.output, value, groups, formula="Σ a × b", multiplies=True)


def _broadcast(shape: tuple[int, ...], index: Index) -> list[int]:
    """Return the leading indices of one operand of a batched product."""
    lead = shape[:-2]
    own = index[: len(index) - 2][len(index) - 2 - len(lead) :]
    return [0 if size == 1 else spot for size, spot in zip(lead, own, strict=True)]


LINEAR = {"linear": linear, "matmul": matrix_product, "bmm": matrix_product}
