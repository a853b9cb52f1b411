"""Computational graphs for the browser, and as lines of PyTorch."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from explainer.playground.expressions import CONSTANT, Graph, Node

SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
"""Operations that Python has a sign for."""


def graph_nodes(graph: Graph) -> list[dict[str, Any]]:
    """Return a graph as the browser computes with it."""
    return [asdict(node) for node in graph.nodes]


def node_code(graph: Graph, node: Node) -> str:
    """Return the Python expression of one operation, its inputs by their names."""

    def operand(index: int) -> str:
        part = graph.nodes[index]
        return part.name if part.operation != CONSTANT else number_code(part.value)

    inputs = [operand(index) for index in node.inputs]
    if node.operation in SYMBOLS:
        # A negative number needs brackets: -2 ** 2 is -4 to Python.
        first, second = (f"({one})" if one.startswith("-") else one for one in inputs)
        return f"{first} {SYMBOLS[node.operation]} {second}"
    return f"-{inputs[0]}" if node.operation == "negate" else f"torch.{node.operation}({inputs[0]})"


def number_code(value: float) -> str:
    """Return a number in Python, as short as it can be without becoming another."""
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
