"""Exercises about backpropagation; the answers come from PyTorch's autograd."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later


def _gradients(formula: str, values: Mapping[str, float]) -> dict[str, float]:
    """Return the gradients of a formula by the names of its nodes."""
    from explainer.playground.backpropagation import autograd_gradients
    from explainer.playground.expressions import read_formula

    graph = read_formula(formula)
    found = autograd_gradients(graph, values)
    return {node.name: value for node, value in zip(graph.nodes, found, strict=True) if node.name}


def slope(random: Random) -> Exercise:
    """Ask for the derivative of a parabola at a point."""
    a, c, x = random.randint(2, 5), random.randint(1, 9), random.choice((-3, -2, 2, 3, 4))
    answer = int(_gradients(f"y = {a} * x**2 + {c}", {"x": float(x)})["x"])
    return Exercise(
        later("$y = {a} x^2 + {c}$. What is $dy/dx$ at $x = {x}$?"),
        answer,
        later(
            "Backwards along the graph: adding {c} passes on 1, the factor gives {a}, the square gives "
            "$2x = {double}$. The product is ${a} \\cdot ({double}) = {answer}$."
        ),
        {"a": a, "c": c, "x": x, "double": 2 * x, "answer": answer},
    )


def weight(random: Random) -> Exercise:
    """Ask for the gradient of a weight under a squared error."""
    w, x, b, t = (random.choice((-2, -1, 2, 3)), random.choice((-2, 2, 3)), random.randint(-2, 2), 1)
    if w * x + b == t:
        b += 1
    values = {"w": float(w), "x": float(x), "b": float(b), "t": float(t)}
    found = _gradients("y = w * x + b\nL = (y - t)**2", values)
    return Exercise(
        later(
            "$y = wx + b$ and $L = (y - t)^2$ with $w={w}$, $x={x}$, $b={b}$, $t={t}$. What is "
            "$\\partial L/\\partial w$?"
        ),
        int(found["w"]),
        later(
            "$y = {y}$, so $\\partial L/\\partial y = 2(y - t) = {above}$; times "
            "$\\partial y/\\partial w = x = {x}$ that is {answer}."
        ),
        {"w": w, "x": x, "b": b, "t": t, "y": w * x + b, "above": int(found["y"]), "answer": int(found["w"])},
    )


def adds_up(random: Random) -> Exercise:
    """Ask for the gradient of a value that is used twice."""
    x, y = random.choice((-3, -2, 2, 3)), random.choice((-4, -3, 3, 5))
    found = _gradients("u = x * y\nL = u * x", {"x": float(x), "y": float(y)})
    return Exercise(
        later("$u = xy$ and $L = ux$ with $x={x}$, $y={y}$. What is $\\partial L/\\partial x$?"),
        int(found["x"]),
        later(
            "Two edges lead back to $x$: one from $L$ with $u = {u}$, one over $u$ with $x \\cdot y = {u}$. "
            "They add up to {answer}."
        ),
        {"x": x, "y": y, "u": x * y, "answer": int(found["x"])},
    )


def through_relu(random: Random) -> Exercise:
    """Ask what a ReLU lets back."""
    w, x = random.choice((-2, -1, 1, 2)), random.choice((1, 2, 3))
    found = _gradients("z = w * x\nh = relu(z)\nL = 5 * h", {"w": float(w), "x": float(x)})
    return Exercise(
        later(
            "$z = wx$, $h = \\mathrm{{ReLU}}(z)$ and $L = 5h$ with $w={w}$, $x={x}$. What is "
            "$\\partial L/\\partial w$?"
        ),
        int(found["w"]),
        later(
            "$z = {z}$. The derivative of the ReLU is 1 for $z > 0$ and 0 otherwise, here {local}; so "
            "$5 \\cdot {local} \\cdot {x} = {answer}$."
        ),
        {"w": w, "x": x, "z": w * x, "local": int(w * x > 0), "answer": int(found["w"])},
    )


EXERCISES: Mapping[str, Maker] = {
    "slope": slope,
    "weight": weight,
    "adds_up": adds_up,
    "through_relu": through_relu,
}
