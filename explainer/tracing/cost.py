"""What a forward pass costs: parameters, floating-point operations and memory, per node and module call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from torch.nn import Parameter
from torch.utils.flop_counter import FlopCounterMode

from explainer.tracing.graph import Call, Node, Trace
from explainer.tracing.replay import replay


@dataclass(frozen=True)
class Cost:
    """Parameters (count), FLOPs (2 per multiply-add) and bytes of the results. Costs add up."""

    parameters: int = 0
    flops: int = 0
    activation_bytes: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.parameters + other.parameters,
            self.flops + other.flops,
            self.activation_bytes + other.activation_bytes,
        )


def cost(trace: Trace) -> dict[Node, Cost]:
    """Cost of every node.

    FLOPs are counted as ``torch.utils.flop_counter`` counts them: convolutions, matrix products and
    attention, 2 per multiply-add; a bias, a normalisation, an activation count nothing. A parameter counts
    once, at the node that reads it first, so the sum is the number of parameters the pass used.
    ``activation_bytes`` is the size of the node's output; a view is counted like any other tensor, and the
    input costs its own size.
    """
    seen: set[int] = set()
    return {
        node: Cost(
            sum(parameter.numel() for parameter in _first_used(node, seen)),
            0 if node.output_index else _flops(node),
            prod(node.shape) * node.dtype.itemsize,
        )
        for node in trace.nodes
    }


def module_costs(trace: Trace, costs: Mapping[Node, Cost] | None = None) -> dict[Call, Cost]:
    """Add up the cost of every module call, with all that ran inside; ``trace.root`` is the whole network.

    Args:
        trace: the forward pass.
        costs: what ``cost(trace)`` returned, where it is at hand.
    """
    costs = cost(trace) if costs is None else costs
    totals: dict[Call, Cost] = {trace.root: Cost()}
    for node in trace.nodes:
        call: Call | None = node.call
        while call is not None:
            totals[call] = totals.get(call, Cost()) + costs[node]
            call = call.parent
    return totals


def _first_used(node: Node, seen: set[int]) -> Iterator[Parameter]:
    for parameter in _parameters((*node.args, *node.kwargs.values())):
        if id(parameter) not in seen:
            seen.add(id(parameter))
            yield parameter


def _parameters(value: Any) -> Iterator[Parameter]:
    if isinstance(value, Parameter):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _parameters(item)


_COMPOSED = frozenset(
    """einsum multi_head_attention_forward bilinear lstm gru rnn_tanh rnn_relu lstm_cell gru_cell addmm addbmm
    baddbmm addmv mv tensordot chain_matmul multi_dot""".split()
)
"""Kinds that run several products inside, counted by running them again under PyTorch's own counter."""


def _flops(node: Node) -> int:
    kind = node.kind
    if kind in ("conv1d", "conv2d", "conv3d"):
        return 2 * prod(node.shape) * prod(node.arguments["weight"].shape[1:])
    if kind in ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"):
        return 2 * prod(node.inputs[0].shape) * prod(node.arguments["weight"].shape[1:])
    if kind == "linear":
        return 2 * prod(node.shape) * node.arguments["weight"].shape[-1]
    if kind in ("matmul", "bmm", "mm"):
        left = node.arguments["input"].shape
        return 2 * prod(node.shape) * left[-1]
    if kind == "scaled_dot_product_attention":
        query, key, value = (node.arguments[name].shape for name in ("query", "key", "value"))
        return 2 * prod(query[:-1]) * key[-2] * (query[-1] + value[-1])
    if kind in _COMPOSED:
        with FlopCounterMode(display=False) as counter:
            replay(node)
        return counter.get_total_flops()
    return 0
