"""One hidden layer, wider and wider: how well a sum of simple units follows a curve.

The network is  f(x) = c + Σ v_i σ(w_i x + b_i),  x in [-1, 1].  Its units are either put on an even grid and
only the sum's weights are solved for (least squares: the best there is for these units), or everything is
learned by gradient descent.

Sources: Cybenko (1989), "Approximation by superpositions of a sigmoidal function"; Hornik (1991),
"Approximation capabilities of multilayer feedforward networks"; Leshno, Lin, Pinkus, Schocken (1993),
"Multilayer feedforward networks with a nonpolynomial activation function can approximate any function";
Telgarsky (2016), "Benefits of depth in neural networks" (the zigzag).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.progress import Progress
from explainer.wording import later

POINTS = 257
"""Places on [-1, 1] at which curves are compared and drawn."""
WIDEST = 128
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""Widths at which the error is measured."""
KNOTS = 33
"""Values of a curve drawn by the reader, at even distances."""
STEPS = 1500
"""Of gradient descent."""
DOUBLINGS = (1, 2, 4, 8, 16, 32, 64, 128)
"""Widths for the zigzag, whose corners the even grid then hits."""
DEEPEST = 6
"""Hidden layers of the zigzag."""

UNITS: Mapping[str, tuple[str, Callable[[Tensor], Tensor]]] = {
    "relu": ("ReLU", torch.relu),
    "tanh": ("tanh", torch.tanh),
    "sigmoid": (later("Sigmoid"), torch.sigmoid),
    "step": (later("Step"), lambda x: (x >= 0).to(x.dtype)),
    "square": (later("Square (a polynomial)"), torch.square),
}
"""Title and function of each kind of unit."""
TARGETS: Mapping[str, str] = {
    "wave": later("Wave"),
    "bump": later("Bump"),
    "jump": later("Jump"),
    "corner": later("Corners"),
    "chirp": later("Ever faster wave"),
    "zigzag": later("Zigzag"),
}
"""Titles of the curves by key."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A network and what it makes, at the places ``places()``."""

    w: Tensor
    """float32 [n]: weights into the units."""
    b: Tensor
    """float32 [n]: the units' biases."""
    v: Tensor
    """float32 [n]: weights out of the units."""
    c: float
    """Bias of the sum."""
    parts: Tensor
    """What each unit adds, ``v_i σ(w_i x + b_i)``: float32 [n, POINTS]."""
    total: Tensor
    """The sum with its bias, float32 [POINTS]."""
    error: float
    """Root of the mean squared difference from the curve."""
    largest: float
    """Largest difference, what the theorems are about."""


def places() -> Tensor:
    """Return the places, float32 [POINTS], -1 to 1."""
    return torch.linspace(-1, 1, POINTS)


def target(kind: str) -> Tensor:
    """Return a curve of ``TARGETS`` at ``places()``."""
    x = places()
    if kind not in TARGETS:
        raise ReaderError("There is no curve called {name}.", name=kind)
    return {
        "wave": lambda: 0.8 * torch.sin(2 * math.pi * x),
        "bump": lambda: 1.5 * torch.exp(-((x / 0.22) ** 2)) - 0.6,
        "jump": lambda: torch.where(x < -0.2, -0.6, 0.5) + 0.25 * x,
        "corner": lambda: 1.2 * ((x + 0.5).abs() - (x - 0.1).abs() + 0.6 * (x - 0.6).abs()) - 0.7,
        "chirp": lambda: 0.8 * torch.sin(1.2 * math.pi * (x + 1.15) ** 2.2),
        "zigzag": lambda: 1.6 * zigzag(3)(x) - 0.8,
    }[kind]()


def hand_drawn(values: Sequence[float]) -> Tensor:
    """Return the curve through values at even distances, straight between them, at ``places()``."""
    if len(values) != KNOTS or not all(math.isfinite(one) for one in values):
        raise ReaderError("A drawn curve has {count} values.", count=KNOTS)
    line = torch.tensor(values, dtype=torch.float32).clamp(-1.2, 1.2)[None, None]
    return nn.functional.interpolate(line, POINTS, mode="linear", align_corners=True)[0, 0]


def write(values: Sequence[float]) -> str:
    """Return a drawn curve as text for a link: two digits for each value, 00 the lowest, 99 the highest."""
    return "".join(f"{round((max(-1.2, min(1.2, one)) / 1.2 + 1) / 2 * 99):02d}" for one in values)


def read(text: str) -> tuple[float, ...] | None:
    """Read a drawn curve from a link; ``None`` for everything else."""
    if len(text) != 2 * KNOTS or not (text.isascii() and text.isdigit()):
        return None
    return tuple((int(text[at : at + 2]) / 99 * 2 - 1) * 1.2 for at in range(0, len(text), 2))


def least_squares(curve: Tensor, units: str, width: int) -> Fit:
    """Fit the weights of the sum alone, by least squares; the units stand at even distances.

    ReLUs and steps begin at their places; sigmoids and tanh are as steep as their distance asks for. The
    system is solved in double precision, with singular values below 1e-7 of the largest left out: sigmoids
    that overlap are nearly the same.
    """
    x = places().double()
    w, b = _grid(units, width)
    _, function = UNITS[units]
    features = function(w * x[:, None] + b)
    system = torch.cat([features, torch.ones(POINTS, 1, dtype=x.dtype)], 1)
    solved = torch.linalg.lstsq(system, curve.double()[:, None], rcond=1e-7, driver="gelsd").solution[:, 0]
    return _fit(curve, units, w, b, solved[:-1], float(solved[-1]))


def _grid(units: str, width: int) -> tuple[Tensor, Tensor]:
    spacing = 2 / width
    knots = -1 + spacing * torch.arange(width, dtype=torch.float64)
    if units == "step":
        knots = -1 + 2 / (width + 1) * torch.arange(1, width + 1, dtype=torch.float64)
        return torch.ones(width, dtype=torch.float64), -knots
    if units == "relu":
        return torch.ones(width, dtype=torch.float64), -knots
    if units == "square":
        steep = torch.linspace(0.5, 1.5, width, dtype=torch.float64)
        return steep, -steep * (knots + spacing / 2)
    slope = {"tanh": 1.2, "sigmoid": 2.4}[units] / spacing
    return torch.full((width,), slope, dtype=torch.float64), -slope * (knots + spacing / 2)


def _fit(curve: Tensor, units: str, w: Tensor, b: Tensor, v: Tensor, c: float) -> Fit:
    _, function = UNITS[units]
    x = places().to(w.dtype)
    parts = v[:, None] * function(w[:, None] * x + b[:, None])
    total = parts.sum(0) + c
    difference = total - curve
    return Fit(
        w.float(),
        b.float(),
        v.float(),
        c,
        parts.float(),
        total.float(),
        float(difference.square().mean().sqrt()),
        float(difference.abs().max()),
    )


def errors(curve: Tensor, units: str) -> list[float]:
    """Return the error of ``least_squares`` at all ``WIDTHS``."""
    return [least_squares(curve, units, width).error for width in WIDTHS]


def train(
    curve: Tensor,
    units: str,
    width: int,
    *,
    seed: int = 0,
    steps: int = STEPS,
    progress: Progress = lambda done, total: None,
) -> Fit:
    """Learn where the units stand, how steep they are and how much they count, by Adam on the squared error.

    Units begin at chance places of [-1, 1] (a step has no gradient and cannot be learned).
    """
    if units == "step":
        raise ReaderError("A step has no gradient: its place cannot be learned. Choose another unit.")
    chance = torch.Generator().manual_seed(seed)
    x = places()
    steep = (2 + 4 * torch.rand(width, generator=chance)) * torch.where(
        torch.rand(width, generator=chance) < 0.5, -1.0, 1.0
    )
    at = 2 * torch.rand(width, generator=chance) - 1
    w = steep.requires_grad_()
    b = (-steep.detach() * at).requires_grad_()
    v = (torch.randn(width, generator=chance) / math.sqrt(width) / 3).requires_grad_()
    c = torch.zeros((), requires_grad=True)
    optimiser = torch.optim.Adam([w, b, v, c], lr=0.03)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    _, function = UNITS[units]
    for step in range(steps):
        optimiser.zero_grad(set_to_none=True)
        (function(x[:, None] * w + b) @ v + c - curve).square().mean().backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 49:
            progress(step + 1, steps)
    w, b, v, c = (one.detach() for one in (w, b, v, c))
    return _fit(curve, units, w, b, v, float(c))


# --- depth ------------------------------------------------------------------------------------------------


def zigzag(depth: int) -> Callable[[Tensor], Tensor]:
    """Return the zigzag with 2 ** (depth - 1) teeth on [-1, 1], between 0 and 1, as a network.

    It has ``depth`` hidden layers of two ReLUs each: the tent map composed with itself (Telgarsky 2016).
    """
    layers: list[nn.Module] = []
    for number in range(depth):
        tent = nn.utils.skip_init(nn.Linear, 1, 2)
        out = nn.utils.skip_init(nn.Linear, 2, 1)
        with torch.no_grad():
            # max(0, 2u) - max(0, 4u - 2) for u in [0, 1]; at first u = (x + 1) / 2.
            scale, offset = (0.5, 0.5) if number == 0 else (1.0, 0.0)
            tent.weight.copy_(torch.tensor([[2.0], [4.0]]) * scale)
            tent.bias.copy_(torch.tensor([0.0, -2.0]) + torch.tensor([2.0, 4.0]) * offset)
            out.weight.copy_(torch.tensor([[1.0, -1.0]]))
            out.bias.zero_()
        layers += [tent, nn.ReLU(), out]
    network = nn.Sequential(*layers).requires_grad_(False)
    return lambda x: network(x.reshape(-1, 1)).reshape(x.shape)


@dataclass(frozen=True, eq=False)
class Depth:
    """A zigzag made by a deep network, and what one hidden layer makes of it."""

    curve: Tensor
    """float32 [POINTS]: what the deep network gives."""
    units: int
    """Its hidden units: two a layer."""
    shallow: Fit
    """One hidden layer with as many units."""
    needed: int
    """Units with which one hidden layer is as good: one for every straight piece."""
    errors: list[float]
    """Of one hidden layer, at ``DOUBLINGS``."""


def depth(layers: int) -> Depth:
    """Compare the zigzag of so many hidden layers with one hidden layer of ReLUs."""
    curve = zigzag(layers)(places())
    found = [least_squares(curve, "relu", width).error for width in DOUBLINGS]
    return Depth(curve, 2 * layers, least_squares(curve, "relu", 2 * layers), 2**layers, found)
