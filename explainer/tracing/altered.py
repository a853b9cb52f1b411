"""A trace again with some operations more and some weights other: what the network would have computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from explainer.tracing.execute import substitute
from explainer.tracing.graph import Node, Trace
from explainer.tracing.replay import replay


@dataclass(frozen=True, eq=False)
class Insertion:
    """An operation to put behind a node: ``function(output, *args, **kwargs)`` keeps the output's shape."""

    kind: str
    function: Callable[..., Tensor]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def altered(
    trace: Trace,
    inserted: Mapping[Node, Sequence[Callable[[Node], Insertion]]],
    replaced: Sequence[tuple[Tensor | Node, Tensor]] = (),
    *,
    suffix: str = "altered",
) -> Trace:
    """Return a copy of a trace in which everything downstream of a change has its new output.

    The copy is a trace like any other: each node's output is what its operation makes of its inputs. What
    lies upstream is shared with ``trace``; neither it nor the model is touched.

    Args:
        trace: the recorded forward pass.
        inserted: operations to run behind a node, in order, before anything else reads it. Each is made
            from the node it follows, whose output is the new one by then.
        replaced: tensors (a parameter, or a node that computes a weight) and what stands in for each
            wherever it is an argument.
        suffix: an operation behind ``conv1`` is called ``conv1.<suffix>``, the next ``conv1.<suffix>:2``.
    """
    stand_in = {id(old): new for old, new in replaced}
    moved: dict[Node, Node] = {}
    changed: set[Node] = set()
    nodes: list[Node] = []
    for old in trace.nodes:
        node, fresh = _carried(old, len(nodes), moved, changed, stand_in)
        nodes.append(node)
        if fresh:
            changed.add(node)
        for number, make in enumerate(inserted.get(old, ()), 1):
            node = _behind(node, len(nodes), make(node))
            node.name = f"{old.name}.{suffix}" if number == 1 else f"{old.name}.{suffix}:{number}"
            nodes.append(node)
            changed.add(node)
        moved[old] = node
    output = substitute(trace.output, lambda leaf: moved[leaf] if type(leaf) is Node else leaf)
    return Trace(nodes, output, trace.root)


def _carried(
    old: Node, index: int, moved: Mapping[Node, Node], changed: set[Node], stand_in: Mapping[int, Tensor]
) -> tuple[Node, bool]:
    """Return a node of the copy and whether it had to be computed anew; itself where nothing is different."""
    inputs: list[Node] = []
    edited = False

    def leaf(value: Any) -> Any:
        nonlocal edited
        if id(value) in stand_in:
            edited = True
            return stand_in[id(value)]
        if type(value) is Node:
            inputs.append(moved[value])
            return moved[value]
        return value

    args, kwargs = substitute(old.args, leaf), substitute(dict(old.kwargs), leaf)
    fresh = edited or any(node in changed for node in inputs)
    if not fresh and index == old.index and tuple(inputs) == old.inputs:
        return old, False
    node = copy(old)
    node.index, node.inputs, node.args, node.kwargs = index, tuple(inputs), args, kwargs
    node._arguments = None
    if fresh:
        node._output = replay(node)
        node._depth = 0
    return node, fresh


def _behind(node: Node, index: int, what: Insertion) -> Node:
    with torch.inference_mode(False), torch.no_grad():
        output = what.function(node.output, *what.args, **what.kwargs)
    return Node(index, what.kind, node.call, (node,), output, what.function, (node, *what.args), what.kwargs)
