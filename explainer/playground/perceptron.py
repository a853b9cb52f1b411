"""Rosenblatt's perceptron with two inputs: a weighted sum, a step, and the rule that learns the weights.

Sources: Rosenblatt 1958, *The perceptron*; the rule in the form of Minsky and Papert 1969, *Perceptrons*,
chapter 11; the bound on its mistakes: Novikoff 1962, *On convergence proofs on perceptrons*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from explainer.wording import later

LONGEST = 600
"""Looks at points after which learning is given up."""
MOST_POINTS = 24


@dataclass(frozen=True)
class Point:
    """One example: two inputs and the answer that is wanted, 0 or 1."""

    x1: float
    x2: float
    target: int


@dataclass(frozen=True)
class Weights:
    """The two weights and the bias: ``z = w1 x1 + w2 x2 + b``."""

    w1: float = 0.0
    w2: float = 0.0
    b: float = 0.0


@dataclass(frozen=True)
class Look:
    """One step of the learning rule: the look at one point."""

    point: int
    """Its place in the list."""
    total: float
    """z, the weighted sum before the step function."""
    output: int
    error: int
    """Target minus output: -1, 0 or 1."""
    change: Weights
    """What was added to the weights: rate * error * (x1, x2, 1)."""
    after: Weights


@dataclass(frozen=True)
class Run:
    """A whole run of the learning rule."""

    start: Weights
    looks: tuple[Look, ...]
    points: int
    """How many there are: so many looks are an epoch."""
    converged: bool
    """Whether the last epoch had no mistake."""
    cycle: tuple[int, int] | None
    """Numbers of looks after which the weights are the same, at ends of epochs: it goes round for ever."""

    @property
    def mistakes(self) -> int:
        """How many looks changed the weights."""
        return sum(look.error != 0 for look in self.looks)


GATES: Mapping[str, tuple[int, int, int, int]] = {
    "and": (0, 0, 0, 1),
    "or": (0, 1, 1, 1),
    "nand": (1, 1, 1, 0),
    "xor": (0, 1, 1, 0),
}
"""Answers for the inputs (0, 0), (0, 1), (1, 0), (1, 1)."""
CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
DATA: Mapping[str, str] = {
    "and": "AND",
    "or": "OR",
    "nand": "NAND",
    "xor": "XOR",
    "apart": later("Two clouds"),
    "mixed": later("Overlapping clouds"),
}
ORDERS: Mapping[str, str] = {"turn": later("In turn"), "shuffled": later("Shuffled anew every epoch")}


def data(name: str, seed: int = 0) -> tuple[Point, ...]:
    """Return the points of a gate, or two clouds of ten points drawn with ``seed``."""
    if name in GATES:
        return tuple(Point(*corner, answer) for corner, answer in zip(CORNERS, GATES[name], strict=True))
    generator = torch.Generator().manual_seed(seed)
    near = torch.tensor([[0.05, 0.2], [0.95, 0.8]] if name == "apart" else [[0.25, 0.35], [0.75, 0.65]])
    spread = 0.22 if name == "apart" else 0.32
    found = []
    for target, middle in enumerate(near):
        places = (middle + spread * torch.randn(10, 2, generator=generator)).clamp(-0.9, 1.9)
        found += [Point(round(20 * x) / 20, round(20 * y) / 20, target) for x, y in places.tolist()]
    return tuple(found)


def total(weights: Weights, x1: float, x2: float) -> float:
    """Return ``z = w1 x1 + w2 x2 + b`` in double precision."""
    return float(_row(weights) @ torch.tensor([x1, x2, 1.0], dtype=torch.float64))


def output(weights: Weights, x1: float, x2: float) -> int:
    """Return the perceptron's answer: 1 where ``z > 0``, else 0."""
    z = torch.tensor(total(weights, x1, x2), dtype=torch.float64)
    return int(torch.heaviside(z, torch.zeros_like(z)))


def look(weights: Weights, points: Sequence[Point], number: int, rate: float) -> Look:
    """Look at one point and learn from it: ``w <- w + rate * (target - output) * x``, the bias likewise."""
    point = points[number]
    x = torch.tensor([point.x1, point.x2, 1.0], dtype=torch.float64)
    w = _row(weights)
    z = w @ x
    answer = int(torch.heaviside(z, torch.zeros_like(z)))
    error = point.target - answer
    change = rate * error * x
    return Look(number, float(z), answer, error, _weights(change), _weights(w + change))


def learn(
    points: Sequence[Point],
    start: Weights | None = None,
    *,
    rate: float = 1.0,
    order: str = "turn",
    seed: int = 0,
    longest: int = LONGEST,
) -> Run:
    """Run the learning rule until an epoch has no mistake, the weights come back, or ``longest`` looks.

    Args:
        points: what to learn.
        start: the first weights; zeros without.
        rate: the learning rate, above 0.
        order: ``"turn"`` or ``"shuffled"``.
        seed: of the shuffling.
        longest: looks after which it is given up, in whole epochs.
    """
    weights = start = start or Weights()
    looks: list[Look] = []
    seen = {weights: 0}
    for epoch in _epochs(len(points), order, seed):
        if not points or len(looks) + len(points) > longest:
            break
        for number in epoch:
            looks.append(look(weights, points, number, rate))
            weights = looks[-1].after
        if not any(one.error for one in looks[-len(points) :]):
            return Run(start, tuple(looks), len(points), True, None)
        if order == "turn" and weights in seen:
            return Run(start, tuple(looks), len(points), False, (seen[weights], len(looks)))
        seen[weights] = len(looks)
    return Run(start, tuple(looks), len(points), False, None)


def _epochs(count: int, order: str, seed: int) -> Iterator[list[int]]:
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield (
            torch.randperm(count, generator=generator).tolist() if order == "shuffled" else list(range(count))
        )


def bound(points: Sequence[Point]) -> float | None:
    """Return Novikoff's bound ``(R / margin)^2`` on the mistakes of a run from zeros.

    ``None`` where no line divides the classes, or there is only one class.

    Every point gets a third input of 1 for the bias and is turned round where the target is 0. ``R`` is the
    length of the longest of these vectors; the margin, the largest possible distance of all of them from a
    plane through the origin, is the distance of their convex hull from the origin.
    """
    if len({point.target for point in points}) < 2:
        return None
    signed = _signed(points)
    margin = _distance_of_hull(signed)
    return None if margin is None else float(signed.norm(dim=1).max() ** 2 / margin**2)


def obstacle(points: Sequence[Point]) -> tuple[tuple[int, ...], tuple[float, float]] | None:
    """Return why no line divides the classes: up to four points and a place; ``None`` if a line does.

    The place lies between those of the points with target 1 as well as between those with target 0, so that
    a line would have it on both sides (Kirchberger's theorem: four points always suffice).
    """
    signed = _signed(points)
    if len({point.target for point in points}) < 2 or _distance_of_hull(signed) is not None:
        return None
    for size in range(2, min(4, len(points)) + 1):
        subsets = torch.combinations(torch.arange(len(points)), size)
        chosen = signed[subsets]  # [subsets, size, 3]
        system = torch.cat([chosen, torch.ones_like(chosen[..., :1])], dim=-1).transpose(1, 2)
        wanted = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=torch.float64).expand(len(subsets), 4).unsqueeze(-1)
        shares = torch.linalg.lstsq(system, wanted, driver="gelsd").solution
        missed = (system @ shares - wanted).abs().amax(dim=(1, 2))
        good = (missed < 1e-9) & (shares.amin(dim=(1, 2)) > -1e-9)
        if good.any():
            found = int(good.nonzero()[0])
            numbers = subsets[found].tolist()
            ones = [
                (share, points[number])
                for share, number in zip(shares[found, :, 0].tolist(), numbers, strict=True)
                if points[number].target
            ]
            whole = sum(share for share, _ in ones)
            place = (
                sum(share * point.x1 for share, point in ones) / whole,
                sum(share * point.x2 for share, point in ones) / whole,
            )
            return tuple(numbers), place
    return None


def _distance_of_hull(vectors: Tensor) -> float | None:
    """Return the distance of the convex hull of vectors, [n, 3], from the origin; ``None`` if that is inside.

    The nearest place lies on a corner, an edge or a triangle of them: all are tried.
    """
    for size in (1, 2, 3):
        if len(vectors) < size:
            break
        chosen = vectors[torch.combinations(torch.arange(len(vectors)), size)]
        gram = chosen @ chosen.transpose(1, 2)
        # Lagrange: gram @ shares is the same for all, and the shares add up to one.
        shares = torch.linalg.pinv(gram, hermitian=True) @ torch.ones(size, 1, dtype=torch.float64)
        shares = shares / shares.sum(dim=1, keepdim=True)
        nearest = (shares * chosen).sum(dim=1)
        square = nearest.square().sum(dim=1)
        good = (
            (shares.amin(dim=(1, 2)) >= -1e-9)
            & ((nearest @ vectors.T).amin(dim=1) >= square - 1e-9)
            & (square > 1e-12)
        )
        if good.any():
            return sqrt(float(square[good][0]))
    return None


def _signed(points: Sequence[Point]) -> Tensor:
    rows = [[point.x1, point.x2, 1.0] for point in points]
    signs = [2.0 * point.target - 1 for point in points]
    return torch.tensor(rows, dtype=torch.float64).reshape(-1, 3) * torch.tensor(
        signs, dtype=torch.float64
    ).reshape(-1, 1)


def _row(weights: Weights) -> Tensor:
    return torch.tensor([weights.w1, weights.w2, weights.b], dtype=torch.float64)


def _weights(row: Tensor) -> Weights:
    return Weights(*(value + 0.0 for value in row.tolist()))  # -0 is 0
