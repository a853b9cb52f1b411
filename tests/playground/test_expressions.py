"""Formulas read without running them: what they compute, and what is refused."""

import math
import random

import pytest
import torch
from formulas import FORMS, random_formula

from explainer.errors import ReaderError
from explainer.playground.expressions import (
    CONSTANT,
    FUNCTIONS,
    LONGEST,
    MOST_NODES,
    compute,
    read_formula,
)


def value(text: str, **values: float) -> float:
    graph = read_formula(text)
    given = {name: torch.tensor(float(values[name]), dtype=torch.float64) for name in graph.variables}
    return float(compute(graph, given)[-1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 * x**2 + 3", 21),
        ("2x^2 + 3", 21),
        ("2x² + 3", 21),
        ("2(x + 1)", 8),
        ("-x**2", -9),
        ("x − 1 · 2", 1),
        ("x ÷ 2", 1.5),
        ("x**-1", 1 / 3),
        ("(-2)**2 * x", 12),
        ("pi * x", 3 * math.pi),
        ("square(x) - sqrt(x * 3)", 6),
        ("1e1 * x + .5x", 31.5),
        ("u = x * x\nv = u + u\nv / 2", 9),
        ("u = x + 1; y = u * u", 16),
        ("２ * ｘ", 6),
    ],
)
def test_what_a_formula_computes(text, expected):
    assert value(text, x=3) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("seed", range(40))
def test_random_formulas_compute_what_python_does(seed):
    text, values = random_formula(random.Random(seed))
    assert value(text, **values) == pytest.approx(float(eval(text, dict(FORMS), values)), rel=1e-12)


def test_a_variable_is_one_node_and_constants_are_worked_out():
    graph = read_formula("x * x + 2 * 3 * x")
    assert graph.variables == ("x",)
    assert [node.value for node in graph.nodes if node.operation == CONSTANT] == [6.0]
    assert [node.name for node in graph.nodes if node.name] == ["x", "v1", "v2", "L"]


def test_names_are_kept_and_what_is_not_needed_is_left_out():
    graph = read_formula("v1 = a + b\nwaste = a * 7\ny = v1 * c")
    assert [node.name for node in graph.nodes] == ["a", "b", "v1", "c", "y"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type a formula"),
        ("2 + 3", "no variable"),
        ("x **", "cannot be read"),
        ("(" * 300 + "x", "cannot be read"),
        ("f(x)", "no function f"),
        ("__import__('os').system('true')", "no place"),
        ("().__class__", "no place"),
        ("x.real", "no place"),
        ("[x for x in y]", "no place"),
        ("lambda: x", "no place"),
        ("'x' * 3", "no place"),
        ("True * x", "no place"),
        ("x < 3", "no place"),
        ("import os", "a name, = and a formula"),
        ("x = y = z", "taken"),
        ("x += 1", "a name, = and a formula"),
        ("a[0] = x", "a name, = and a formula"),
        ("sin", "one value in brackets"),
        ("sin(x, y)", "one value in brackets"),
        ("sin(*x)", "no place"),
        ("x\ny", "last line"),
        ("u = x\nu = y", "taken"),
        ("torch * x", "taken"),
        ("9**9**9 * x", "too large"),
        ("1e400 * x", "too large"),
        ("10**400 * x", "too large"),
        ("log(0) * x", "too large"),
        ("averyveryverylongname * 2", "longer"),
        ("x" * (LONGEST + 1), "longer"),
        ("-" * (MOST_NODES + 1) + "x", "operations"),
        ("+".join(f"x{i}" for i in range(13)), "variables"),
        ("\x00x", "cannot be read"),
    ],
)
def test_everything_else_is_refused_in_words(text, said):
    with pytest.raises(ReaderError, match=said):
        read_formula(text)


def test_every_function_can_be_called():
    for name in FUNCTIONS:
        assert math.isfinite(value(f"{name}(x)", x=0.5))
