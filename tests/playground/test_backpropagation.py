"""Backpropagation edge by edge equals autograd, and the course's examples come out."""

import math
import random

import pytest
import torch
from formulas import random_formula

from explainer.playground.backpropagation import (
    EXAMPLES,
    autograd_gradients,
    backpropagate,
    example_graph,
)
from explainer.playground.expressions import OPERATIONS, read_formula


def by_name(key: str, **changed: float) -> dict[str, float]:
    graph = example_graph(key)
    found = backpropagate(graph, {**EXAMPLES[key].values, **changed})
    return {node.name: value for node, value in zip(graph.nodes, found.gradients, strict=True) if node.name}


def test_the_course_example():
    graph = example_graph("course")
    found = backpropagate(graph, {"x": 3.0})
    assert found.values[-1] == 21
    assert by_name("course")["x"] == 12
    assert [(graph.nodes[e.target].name, e.local, e.gradient) for e in found.edges] == [
        ("y", 1, 1),
        ("v2", 2, 2),
        ("v1", 6, 12),
    ]


@pytest.mark.parametrize("key", EXAMPLES)
def test_every_example_equals_autograd(key):
    graph, values = example_graph(key), EXAMPLES[key].values
    assert backpropagate(graph, values).gradients == pytest.approx(
        autograd_gradients(graph, values), rel=1e-12
    )


@pytest.mark.parametrize("seed", range(60))
def test_random_formulas_equal_autograd(seed):
    text, values = random_formula(random.Random(1000 + seed))
    graph = read_formula(text)
    given = {name: values[name] for name in graph.variables}
    expected = autograd_gradients(graph, given)
    assert backpropagate(graph, given).gradients == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("inputs", [(0.7, 1.3), (-0.6, 2.0), (0.0, 2.0), (0.0, 0.0), (3.0, -1.5)])
def test_derivatives_of_operations_are_pytorchs(name, inputs):
    operation = OPERATIONS[name]
    given = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in inputs[: operation.arity]]
    out = operation.compute(*given)
    expected = torch.autograd.grad(out, given)
    found = operation.partials(*(a.detach() for a in given), out.detach())
    torch.testing.assert_close(list(found), list(expected), equal_nan=True)


def test_what_is_used_twice_adds_up():
    # L = a b sin(a) + a b, so dL/da = b sin(a) + a b cos(a) + b, dL/db = a sin(a) + a
    a, b = 1.2, 0.7
    found = by_name("twice", a=a, b=b)
    assert found["a"] == pytest.approx(b * math.sin(a) + a * b * math.cos(a) + b)
    assert found["b"] == pytest.approx(a * math.sin(a) + a)


def test_softmax_with_cross_entropy_gives_probability_minus_target():
    logits = torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)
    p = logits.softmax(0).tolist()
    found = by_name("softmax")
    assert [found[name] for name in "abc"] == pytest.approx([p[0] - 1, p[1], p[2]])


def test_a_relu_that_is_off_lets_nothing_back():
    found = by_name("off")
    assert [found[name] for name in ("w", "x", "b", "z")] == [0, 0, 0, 0]
    assert found["h"] != 0
    assert by_name("off", b=2.0)["w"] != 0


def test_a_value_out_of_its_domain_is_no_number():
    graph = read_formula("log(x) + x")
    assert math.isnan(backpropagate(graph, {"x": -1.0}).values[-1])
