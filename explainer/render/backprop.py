"""A computational graph with values and gradients for the browser, and the PyTorch code of it."""

from __future__ import annotations

import math
from typing import Any

from explainer.playground.backprop_link import Chosen
from explainer.playground.backpropagation import autograd_gradients, backpropagate
from explainer.playground.expressions import CONSTANT, VARIABLE
from explainer.playground.graph_layout import layout
from explainer.render.graph_code import graph_nodes, node_code, number_code


def backprop_frame(chosen: Chosen) -> dict[str, Any]:
    """Return what the component draws; numbers in float64, as PyTorch has them."""
    found = backpropagate(chosen.graph, chosen.values)
    drawn = layout(chosen.graph)
    return {
        "key": chosen.key,
        "formula": chosen.formula,
        "nodes": graph_nodes(chosen.graph),
        "given": dict(chosen.values),
        "step": chosen.step,
        "values": found.values,
        "autograd": autograd_gradients(chosen.graph, chosen.values),
        "layout": {
            "places": [drawn.places.get(i) for i in range(len(chosen.graph.nodes))],
            "routes": [
                {"target": target, "slot": slot, "points": points}
                for (target, slot), points in drawn.routes.items()
            ],
            "layers": drawn.layers,
            "rows": drawn.rows,
        },
    }


def undefined(chosen: Chosen) -> str:
    """Return the name of the first node whose value is not a finite number; empty if there is none."""
    found = backpropagate(chosen.graph, chosen.values)
    bad = (
        node.name
        for node, value in zip(chosen.graph.nodes, found.values, strict=True)
        if not math.isfinite(value)
    )
    return next(bad, "")


def backprop_code(chosen: Chosen) -> str:
    """Return a script that computes the graph and prints the gradients of its variables with autograd."""
    graph = chosen.graph
    lines = ["import torch", ""]
    for name in graph.variables:
        value = number_code(chosen.values[name])
        lines.append(f"{name} = torch.tensor({value}, dtype=torch.float64, requires_grad=True)")
    lines.append("")
    lines += [
        f"{node.name} = {node_code(graph, node)}"
        for node in graph.nodes
        if node.operation not in (VARIABLE, CONSTANT)
    ]
    last = graph.output.name
    lines += [f"{last}.backward()", "", f'print("{last} =", {last}.item())']
    lines += [f'print("d{last}/d{name} =", {name}.grad.item())' for name in graph.variables]
    return "\n".join(lines) + "\n"
