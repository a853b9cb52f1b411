r"""Backpropagation, edge by edge: the chain rule on a computational graph.

With the loss :math:`L`, every node :math:`v` gets :math:`\bar v = ∂L/∂v`. It begins with
:math:`\bar L = 1` and goes backwards through the operations: an edge from :math:`u` to :math:`v` carries
:math:`\bar v · ∂v/∂u`, and what arrives at a node over several edges adds up. That is reverse-mode automatic
differentiation (Linnainmaa, 1970); Rumelhart, Hinton and Williams (1986) trained networks with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explainer.playground.expressions import CONSTANT, OPERATIONS, VARIABLE, Graph, compute, read_formula
from explainer.wording import later


@dataclass(frozen=True)
class Edge:
    """What flows back from a node to one of its inputs."""

    source: int
    """The input."""
    target: int
    """The node computed from it."""
    slot: int
    """Which of the target's inputs."""
    local: float
    """∂target/∂source."""
    gradient: float
    """∂L/∂target · ∂target/∂source."""


@dataclass(frozen=True)
class Pass:
    """Forward values and backward gradients of a graph at one place."""

    graph: Graph
    values: tuple[float, ...]
    gradients: tuple[float, ...]
    """∂L/∂node; 0 for constants, which nobody asks."""
    edges: tuple[Edge, ...]
    """In the order in which the backward pass takes them."""


@dataclass(frozen=True)
class Example:
    """A formula worth looking at."""

    title: str
    formula: str
    values: Mapping[str, float]
    remark: str
    """What there is to see."""


EXAMPLES: Mapping[str, Example] = {
    "course": Example(
        later("y = 2x² + 3"),
        "y = 2 * x**2 + 3",
        {"x": 3.0},
        later("The derivative of 2x² + 3 is 4x: at x = 3 it is 12."),
    ),
    "neuron": Example(
        later("Neuron"),
        "z = w1 * x1 + w2 * x2 + b\na = sigmoid(z)\nL = (a - t)**2",
        {"w1": 0.6, "x1": 1.0, "w2": -0.4, "x2": 2.0, "b": 0.1, "t": 1.0},
        later("The gradient of a weight is that of z times its input: inputs that are 0 teach nothing."),
    ),
    "twice": Example(
        later("Used twice"),
        "u = a * b\nL = u * sin(a) + u",
        {"a": 1.2, "b": 0.7},
        later("Two paths lead from u to L, and two from a: what comes back over them adds up."),
    ),
    "softmax": Example(
        later("Softmax and cross entropy"),
        "s = exp(a) + exp(b) + exp(c)\nL = log(s) - a",
        {"a": 1.0, "b": 2.0, "c": 0.5},
        later("a is the right class: its gradient is p − 1, those of the others are p."),
    ),
    "off": Example(
        later("ReLU that is off"),
        "z = w * x + b\nh = relu(z)\nL = (h - t)**2",
        {"w": -0.8, "x": 1.5, "b": 0.2, "t": 1.0},
        later("z is negative: the ReLU lets nothing back, and w, x and b get the gradient 0."),
    ),
    "layers": Example(
        later("Two layers"),
        "h1 = tanh(w1 * x + b1)\nh2 = tanh(w2 * x + b2)\ny = u1 * h1 + u2 * h2\nL = (y - t)**2",
        {
            "w1": 0.8,
            "x": 1.0,
            "b1": -0.2,
            "w2": -1.1,
            "b2": 0.4,
            "u1": 1.5,
            "u2": -0.7,
            "t": 0.5,
        },
        later("The error reaches the first layer through both hidden units."),
    ),
}
"""By what the link calls them."""


def backpropagate(graph: Graph, values: Mapping[str, float]) -> Pass:
    """Return the forward values and, by the chain rule, the gradient on every edge and at every node.

    Args:
        graph: the formula.
        values: of its variables.
    """
    given = {name: torch.tensor(values[name], dtype=torch.float64) for name in graph.variables}
    found = compute(graph, given)
    gradients = [torch.zeros((), dtype=torch.float64) for _ in graph.nodes]
    gradients[-1] = torch.ones((), dtype=torch.float64)
    edges = []
    for target in reversed(range(len(graph.nodes))):
        node = graph.nodes[target]
        if node.operation in (VARIABLE, CONSTANT):
            continue
        inputs = [found[i] for i in node.inputs]
        partials = OPERATIONS[node.operation].partials(*inputs, found[target])
        for slot, (source, local) in enumerate(zip(node.inputs, partials, strict=True)):
            if graph.nodes[source].operation == CONSTANT:
                continue
            flow = gradients[target] * local
            gradients[source] = gradients[source] + flow
            edges.append(Edge(source, target, slot, float(local), float(flow)))
    return Pass(graph, tuple(map(float, found)), tuple(map(float, gradients)), tuple(edges))


def autograd_gradients(graph: Graph, values: Mapping[str, float]) -> tuple[float, ...]:
    """Return ∂L/∂node for every node as PyTorch's autograd has it; 0 for constants."""
    given = {
        name: torch.tensor(values[name], dtype=torch.float64, requires_grad=True) for name in graph.variables
    }
    found = compute(graph, given)
    asked = [i for i, node in enumerate(graph.nodes) if node.operation != CONSTANT]
    gradients: tuple[Tensor, ...] = torch.autograd.grad(found[-1], [found[i] for i in asked])
    by_node = dict(zip(asked, map(float, gradients), strict=True))
    return tuple(by_node.get(i, 0.0) for i in range(len(graph.nodes)))


def example_graph(key: str) -> Graph:
    """Return the graph of an example."""
    return read_formula(EXAMPLES[key].formula)
