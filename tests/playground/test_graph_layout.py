"""Graphs are drawn in layers: nothing overlaps, edges lead forwards and past what stands between."""

import random
from itertools import pairwise

import pytest
from formulas import random_formula

from explainer.playground.backpropagation import EXAMPLES
from explainer.playground.expressions import read_formula
from explainer.playground.graph_layout import layout

FORMULAS = [
    *(example.formula for example in EXAMPLES.values()),
    *(random_formula(random.Random(seed))[0] for seed in range(25)),
    "x",
    "x * x",
    "u = x * 2\nv = exp(u)\nw = sin(v)\nu * w + x",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_layers_and_rows(text):
    graph = read_formula(text)
    found = layout(graph)
    assert set(found.places) == {i for i, node in enumerate(graph.nodes) if node.operation != "constant"}
    assert min(row for _, row in found.places.values()) >= 0
    assert max(layer for layer, _ in found.places.values()) == found.layers - 1
    for layer in range(found.layers):
        rows = sorted(row for at, row in found.places.values() if at == layer)
        assert all(b - a >= 1 - 1e-9 for a, b in pairwise(rows)), "two boxes overlap"
    for (target, slot), points in found.routes.items():
        source = graph.nodes[target].inputs[slot]
        assert points[0] == found.places[source]
        assert points[-1] == found.places[target]
        assert [layer for layer, _ in points] == [points[0][0] + i for i in range(len(points))]
        for layer, row in points[1:-1]:
            beside = [r for at, r in found.places.values() if at == layer]
            assert all(abs(r - row) >= 0.6 - 1e-9 for r in beside), "an edge runs through a box"


def test_a_chain_is_a_straight_line():
    found = layout(read_formula("tanh(sin(exp(x)))"))
    assert [row for _, row in found.places.values()] == [0, 0, 0, 0]


def test_a_tree_has_no_crossings():
    found = layout(read_formula("(a * b + c * d) * (e * f + g * h)"))
    ends = [(points[0], points[-1]) for points in found.routes.values()]
    for (a, b), (c, d) in ((one, other) for one in ends for other in ends):
        if a[0] == c[0] and b[0] == d[0] == a[0] + 1:
            assert (a[1] - c[1]) * (b[1] - d[1]) >= -1e-9
