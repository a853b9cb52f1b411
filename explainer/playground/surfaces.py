"""Losses over two parameters: landscapes to walk down.

They are formulas in x and y, or the squared error of a line fitted to points: there a mini-batch sees only
some of the points, so its gradient is noisy as in training. All numbers are float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

from explainer.errors import ReaderError
from explainer.playground.expressions import Graph, compute, read_formula
from explainer.wording import later

POINTS = 40
"""Data of the fitted line."""

Loss = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""Loss of x and y, tensors of one shape; for a surface with data also which points count, [B]."""


@dataclass(frozen=True)
class Surface:
    """A loss over two parameters."""

    title: str
    formula: str
    """In x and y; empty for the fitted line."""
    low: tuple[float, float]
    """Smallest x and y on the picture."""
    high: tuple[float, float]
    start: tuple[float, float]
    steps: int
    rate: float
    """Learning rate of SGD to begin with."""
    adaptive_rate: float
    """Likewise of RMSprop and Adam, which scale the gradient to about 1."""
    minima: tuple[tuple[float, float], ...]
    """Where it is smallest; empty where that is not known."""
    remark: str

    @property
    def has_data(self) -> bool:
        """Whether it is a mean over data, so that mini-batches make sense."""
        return not self.formula


@cache
def line_data() -> tuple[Tensor, Tensor]:
    """Return the points that the line is fitted to: y = 0.8 x − 0.5 and noise, float64 [40] each."""
    generator = torch.Generator().manual_seed(3)
    x = 4 * torch.rand(POINTS, generator=generator, dtype=torch.float64)
    noise = 0.5 * torch.randn(POINTS, generator=generator, dtype=torch.float64)
    # Few digits: what the browser and a reader's script get are the very same numbers.
    return x.mul(100).round().div(100), (0.8 * x - 0.5 + noise).mul(100).round().div(100)


@cache
def line_minimum() -> tuple[float, float]:
    """Return slope and intercept of least squares."""
    x, y = line_data()
    columns = torch.stack([x, torch.ones_like(x)], 1)
    slope, intercept = torch.linalg.lstsq(columns, y[:, None]).solution[:, 0].tolist()
    return float(slope), float(intercept)


_ROOT = math.sqrt(2.0)
_SURFACES: Mapping[str, Surface] = {
    "bowl": Surface(
        later("Bowl"),
        "x**2 + y**2",
        (-3.0, -3.0),
        (3.0, 3.0),
        (-2.4, 1.6),
        40,
        0.1,
        0.1,
        ((0.0, 0.0),),
        later("Equally steep in all directions: the gradient points straight to the minimum."),
    ),
    "valley": Surface(
        later("Long valley"),
        "0.1 * x**2 + 2 * y**2",
        (-5.0, -3.5),
        (5.0, 3.5),
        (-4.2, 1.8),
        60,
        0.42,
        0.2,
        ((0.0, 0.0),),
        later("Twenty times steeper across than along: SGD swings from side to side and gets on slowly."),
    ),
    "rosenbrock": Surface(
        later("Rosenbrock"),
        "(1 - x)**2 + 100 * (y - x**2)**2",
        (-2.0, -1.0),
        (2.0, 3.0),
        (-1.2, 1.0),
        300,
        0.001,
        0.05,
        ((1.0, 1.0),),
        later("A bent, nearly flat valley (Rosenbrock, 1960): easy to find, hard to follow to its end."),
    ),
    "saddle": Surface(
        later("Saddle"),
        "x**2 - y**2 + y**4 / 4",
        (-2.5, -2.5),
        (2.5, 2.5),
        (-2.0, 0.02),
        60,
        0.1,
        0.1,
        ((0.0, -_ROOT), (0.0, _ROOT)),
        later("At (0, 0) the gradient vanishes, yet it is no minimum: along y it goes down."),
    ),
    "himmelblau": Surface(
        later("Himmelblau"),
        "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        (-5.0, -5.0),
        (5.0, 5.0),
        (0.0, -1.0),
        80,
        0.01,
        0.2,
        ((3.0, 2.0), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)),
        later(
            "Four minima of equal depth (Himmelblau, 1972): the start and the optimiser choose among them."
        ),
    ),
    "beale": Surface(
        later("Beale"),
        "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        (-1.0, -2.5),
        (4.5, 2.5),
        (1.0, 1.6),
        200,
        0.005,
        0.05,
        ((3.0, 0.5),),
        later("Steep walls beside a plateau (Beale, 1958): one learning rate cannot suit both."),
    ),
    "line": Surface(
        later("Line through points"),
        "",
        (-2.0, -3.0),
        (3.0, 2.0),
        (-1.0, 1.4),
        80,
        0.05,
        0.1,
        (),
        later("The mean squared error of y = w x + b over 40 points; a mini-batch sees only some of them."),
    ),
}


@cache
def surfaces() -> Mapping[str, Surface]:
    """Return the ready-made surfaces by what the link calls them."""
    return {**_SURFACES, "line": replace(_SURFACES["line"], minima=(line_minimum(),))}


def own_surface(formula: str) -> Surface:
    """Return the surface of a reader's formula.

    Raises:
        ReaderError: it is no formula in x and y.
    """
    names = set(read_formula(formula).variables)
    if not names <= {"x", "y"}:
        other = sorted(names - {"x", "y"})[0]
        raise ReaderError("A surface is a formula in x and y; {name} is neither.", name=other)
    return Surface(
        later("Own formula"), formula, (-3.0, -3.0), (3.0, 3.0), (-2.0, 2.0), 80, 0.05, 0.1, (), ""
    )


def loss_of(surface: Surface) -> Loss:
    """Return the function that computes a surface's loss."""
    if surface.has_data:
        return _line_loss
    graph = read_formula(surface.formula)

    def loss(x: Tensor, y: Tensor, batch: Tensor | None = None) -> Tensor:
        return _value(graph, x, y)

    return loss


def _value(graph: Graph, x: Tensor, y: Tensor) -> Tensor:
    given = {"x": x, "y": y}
    return compute(graph, {name: given[name] for name in graph.variables})[-1]


def _line_loss(w: Tensor, b: Tensor, batch: Tensor | None = None) -> Tensor:
    """Return the mean squared error of the lines y = w x + b over the points of a batch, or over all."""
    x, y = line_data()
    if batch is not None:
        x, y = x[batch], y[batch]
    return (w[..., None] * x + b[..., None] - y).square().mean(-1)
