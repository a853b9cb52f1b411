"""Exercises about gradient descent; the answers are walked by PyTorch's optimisers."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING

from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

if TYPE_CHECKING:
    from explainer.playground.descent import Path, Run

_STRAIGHT = later("x goes to 0 from one side")
_SWINGS = later("x goes to 0, changing its sign at every step")
_DIVERGES = later("x gets larger and larger")


def _walk(formula: str, start: tuple[float, float], run: Run, steps: int) -> Path:
    from explainer.playground.descent import descend
    from explainer.playground.surfaces import own_surface

    return descend(own_surface(formula), start, [run], steps)[0]


def one_step(random: Random) -> Exercise:
    """Ask where a step of gradient descent leads."""
    from explainer.playground.descent import Run

    a, b = random.randint(2, 5), random.randint(2, 5)
    x, y = random.choice((-3, -2, -1, 1, 2, 3)), random.choice((-2, -1, 1, 2))
    rate = random.choice((0.05, 0.1, 0.2))
    path = _walk(f"{a} * x**2 + {b} * y**2", (float(x), float(y)), Run("sgd", rate), 1)
    return Exercise(
        later(
            "The loss is $L(x, y) = {a} x^2 + {b} y^2$. Gradient descent with learning rate $\\eta = {rate}$ "
            "stands at $({x}, {y})$. What is $x$ after one step?"
        ),
        float(path.points[1, 0]),
        later(
            "$\\partial L/\\partial x = 2 \\cdot {a} \\cdot x = {slope}$, and "
            "$x - \\eta \\cdot ({slope}) = {after}$."
        ),
        {
            "a": a,
            "b": b,
            "x": x,
            "y": y,
            "rate": rate,
            "slope": f"{float(path.gradients[0, 0]):g}",
            "after": f"{float(path.points[1, 0]):.4g}",
        },
        tolerance=0.005,
    )


def largest_rate(random: Random) -> Exercise:
    """Ask above which learning rate gradient descent diverges."""
    import torch

    from explainer.playground.descent import Run, eigenvalues, hessians
    from explainer.playground.descent import largest_rate as limit_of
    from explainer.playground.surfaces import own_surface

    a, b = random.sample((0.5, 2, 2.5, 4, 5, 8, 10), 2)
    surface = own_surface(f"{a} * x**2 + {b} * y**2")
    steepest = float(eigenvalues(hessians(surface, torch.zeros(1, 2, dtype=torch.float64)))[0, 0])
    limit = limit_of(Run("sgd", 0.1), steepest)
    assert limit is not None
    return Exercise(
        later(
            "The loss is $L(x, y) = {a} x^2 + {b} y^2$. Above which learning rate does plain gradient "
            "descent diverge?"
        ),
        limit,
        later(
            "The Hessian has the eigenvalues $2 \\cdot {a}$ and $2 \\cdot {b}$. The largest is "
            "$\\lambda = {steepest}$, and the limit is $2/\\lambda = {limit}$: there a step lands just as "
            "far on the other side."
        ),
        {"a": f"{a:g}", "b": f"{b:g}", "steepest": f"{steepest:g}", "limit": f"{limit:.4g}"},
        tolerance=0.005 * limit,
    )


def with_momentum(random: Random) -> Exercise:
    """Ask where two steps with momentum lead."""
    from explainer.playground.descent import Run

    a, x = random.randint(2, 4), random.choice((-4, -2, 2, 4))
    mu = random.choice((0.5, 0.8, 0.9))
    path = _walk(f"{a} * x**2 + 0 * y", (float(x), 0.0), Run("momentum", 0.1, momentum=mu), 2)
    return Exercise(
        later(
            "The loss is $L(x) = {a} x^2$; momentum $\\mu = {mu}$, learning rate $\\eta = 0.1$, start "
            "$x = {x}$, $v = 0$. Each step: $v \\leftarrow \\mu v + g$, then $x \\leftarrow x - \\eta v$. "
            "What is $x$ after two steps?"
        ),
        round(float(path.points[2, 0]), 6),
        later(
            "First $v = g = {g1}$ and $x = {x1}$. Then $g = {g2}$, $v = {mu} \\cdot ({g1}) + ({g2}) = {v2}$ "
            "and $x = {x2}$."
        ),
        {
            "a": a,
            "mu": mu,
            "x": x,
            "g1": f"{float(path.gradients[0, 0]):.4g}",
            "x1": f"{float(path.points[1, 0]):.4g}",
            "g2": f"{float(path.gradients[1, 0]):.4g}",
            "v2": f"{float(path.memory['momentum_buffer'][1, 0]):.4g}",
            "x2": f"{round(float(path.points[2, 0]), 6):.4g}",
        },
        tolerance=0.01,
    )


def what_happens(random: Random) -> Exercise:
    """Ask how gradient descent behaves with a given learning rate."""
    from explainer.playground.descent import Run

    a = random.choice((2, 3, 5))
    share = random.choice((0.3, 0.6, 0.8, 1.2, 1.4, 1.7, 2.2, 2.6))
    rate = round(share / (2 * a), 4)
    points = _walk(f"{a} * x**2 + 0 * y", (1.0, 0.0), Run("sgd", rate), 12).points[:, 0]
    near = _SWINGS if float(points[1]) < 0 else _STRAIGHT
    answer = near if abs(float(points[-1])) < 1 else _DIVERGES
    return Exercise(
        later("Gradient descent on $L(x) = {a} x^2$ with learning rate {rate}, from $x = 1$. What happens?"),
        answer,
        later(
            "A step is $x \\leftarrow (1 - \\eta \\cdot 2 \\cdot {a})\\, x = {factor}\\, x$. Below 0 the "
            "sign changes, beyond ±1 the distance grows."
        ),
        {"a": a, "rate": rate, "factor": f"({float(points[1]):.3g})"},
        choices=(_STRAIGHT, _SWINGS, _DIVERGES),
    )


EXERCISES: Mapping[str, Maker] = {
    "one_step": one_step,
    "largest_rate": largest_rate,
    "what_happens": what_happens,
    "with_momentum": with_momentum,
}
