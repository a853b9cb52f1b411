"""Readable, unique names for the nodes of a trace."""

from __future__ import annotations

from collections.abc import Sequence

from explainer.tracing.graph import Call, Node


def give_names(nodes: Sequence[Node]) -> None:
    """Name each node by its module where that ran one operation, else by module and kind.

    A name that comes again gets ``":2"``, ``":3"``, ... in execution order.
    """
    operations: dict[Call | None, int] = {}
    for node in nodes:
        if node.kind == "hardtanh" and _clips_at_six(node):
            node.kind = "relu6"
        call = node.call
        if not node.output_index:
            operations[call] = operations.get(call, 0) + 1
    for call in [call for call in operations if call is not None]:
        operations[call.parent] = 2  # a module that called others has more than one operation to name
    taken: dict[str, int] = {}
    for node in nodes:
        path = node.call.path
        if node.kind == "input":
            name = "input"
        elif path and operations[node.call] == 1:
            name = path
        else:
            name = f"{path}.{node.kind}" if path else node.kind
        if name in taken:
            taken[name] += 1
            name = f"{name}:{taken[name]}"
        taken[name] = 1
        node.name = name


def _clips_at_six(node: Node) -> bool:
    """``nn.ReLU6`` calls itself ``hardtanh`` with other bounds."""
    return node.arguments["min_val"] == 0 and node.arguments["max_val"] == 6
