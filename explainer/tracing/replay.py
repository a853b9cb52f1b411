"""Compute parts of a recorded forward pass again, from the trace alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from explainer.tracing.execute import execute, substitute
from explainer.tracing.graph import Node, Trace

_GIVEN = frozenset({"input", "constant", "empty", "empty_like", "new_empty", "empty_strided"})
"""Kinds with nothing to compute: given from outside, or whatever happened to be in memory."""


def replay(node: Node) -> Tensor:
    """Compute a node again from its recorded inputs and arguments, without gradients.

    Returns:
        A tensor of the shape of ``node.output``; an input or constant gives its own value. Nothing recorded
        is changed. It may share memory with an input where the operation is a view.
    """
    with torch.no_grad():
        return _compute(node, {})


def replay_from(trace: Trace, changed: Mapping[Node, Tensor], wanted: Iterable[Node]) -> dict[Node, Tensor]:
    """Compute what the wanted nodes would be if other nodes had had other values.

    Only what lies between the changed and the wanted nodes runs; everything else keeps its recorded value.
    Runs in the caller's gradient mode: where a replacement requires gradients, so do the results. Parameters
    take no part in gradients, so that a shared model never gets a ``.grad``.

    Args:
        trace: the recorded forward pass.
        changed: replacement outputs by node, each of the shape the rest of the network accepts.
        wanted: nodes to compute.

    Returns:
        Each wanted node's value: recomputed if it lies downstream of a change, else the recorded tensor.
    """
    wanted = list(wanted)
    values: dict[Node, Tensor] = dict(changed)
    affected = set(changed)
    behind = trace.nodes[min((node.index for node in changed), default=len(trace.nodes)) + 1 :]
    for node in behind:
        if node not in affected and any(source in affected for source in node.inputs):
            affected.add(node)
    needed: set[Node] = set()
    waiting = [node for node in wanted if node in affected]
    while waiting:
        node = waiting.pop()
        if node not in needed and node not in values:
            needed.add(node)
            waiting.extend(source for source in node.inputs if source in affected)
    for node in behind:
        if node in needed:
            values[node] = _compute(node, values)
    # not .get(): asking for an output may compute it
    return {node: values[node] if node in values else node.output for node in wanted}  # noqa: SIM401


def _compute(node: Node, values: Mapping[Node, Tensor]) -> Tensor:
    if node.kind in _GIVEN:
        return node.output

    # Detached parameters may take another kernel, with other rounding: only where gradients would reach them.
    detach = torch.is_grad_enabled()

    def tensor(argument: Any) -> Any:
        if isinstance(argument, Node):
            return values[argument] if argument in values else argument.output  # noqa: SIM401
        return argument.detach() if detach and isinstance(argument, Parameter) else argument

    return execute(
        node.function,
        substitute(node.args, tensor),
        substitute(node.kwargs, tensor),
        node.output_index,
        node.random_state,
    )
