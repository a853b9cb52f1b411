"""Points in the plane with two classes: drawn from a recipe, or painted by the reader."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explainer.errors import ReaderError
from explainer.wording import later

REACH = 1.5
"""The plane shown: both coordinates from -REACH to REACH."""
MOST = 240
"""Points a reader may paint."""
_STEPS = 63
"""A painted coordinate is kept as a whole number from 0 to this."""
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


@dataclass(frozen=True, eq=False)
class Points:
    """Training points and points held out, which the training never sees."""

    train: Tensor
    """float32 [n, 2]: x to the right, y up."""
    train_labels: Tensor
    """float32 [n]: 0 or 1."""
    test: Tensor
    """float32 [m, 2]; empty where the reader painted too few."""
    test_labels: Tensor


@dataclass(frozen=True)
class Painted:
    """A point the reader has put down."""

    x: float
    y: float
    label: int


def make(kind: str, *, count: int, noise: float, held_out: float, seed: int) -> Points:
    """Draw points of a data set.

    Args:
        kind: a key of ``KINDS``.
        count: of all points.
        noise: standard deviation of what is added to both coordinates.
        held_out: share of the points that training does not see, 0 to 1.
        seed: of positions, noise and split; no other source of chance is used.
    """
    if kind not in KINDS:
        raise ReaderError("There is no data set called {name}.", name=kind)
    chance = torch.Generator().manual_seed(seed)
    labels = (torch.arange(count) % 2).float()
    where = _MAKERS[kind](labels, chance)
    where = where + noise * torch.randn(count, 2, generator=chance)
    return _split(where, labels, held_out, chance)


def painted(points: Iterable[Painted], *, held_out: float) -> Points:
    """Return the reader's points, in each class every so many of them held out.

    A new point at the end of its class does not change what is held out of the others.
    """
    rows = sorted(points, key=lambda one: one.label)
    before = [0, 0]
    kept: tuple[list[Painted], list[Painted]] = ([], [])
    for one in rows:
        number = before[one.label]
        before[one.label] += 1
        kept[int((number + 1) * held_out) > int(number * held_out)].append(one)

    def places(part: list[Painted]) -> Tensor:
        return torch.tensor([[one.x, one.y] for one in part], dtype=torch.float32).reshape(-1, 2)

    def labels(part: list[Painted]) -> Tensor:
        return torch.tensor([float(one.label) for one in part])

    return Points(places(kept[0]), labels(kept[0]), places(kept[1]), labels(kept[1]))


def write(points: Iterable[Painted]) -> str:
    """Return points as text for a link: two letters a point, class 0, a dot, class 1."""

    def letters(label: int) -> str:
        return "".join(_letter(one.x) + _letter(one.y) for one in listed if one.label == label)

    listed = list(points)
    return f"{letters(0)}.{letters(1)}" if listed else ""


def read(text: str) -> tuple[Painted, ...]:
    """Read points from a link; what makes no sense is left out."""
    found = []
    for label, part in enumerate(text.split(".")[:2]):
        values = [_DIGITS.find(letter) for letter in part]
        pairs = zip(values[::2], values[1::2], strict=False)
        found += [Painted(_place(x), _place(y), label) for x, y in pairs if min(x, y) >= 0]
    return tuple(found[:MOST])


def _letter(value: float) -> str:
    return _DIGITS[max(0, min(_STEPS, round((value / REACH + 1) / 2 * _STEPS)))]


def _place(step: int) -> float:
    return (2 * step / _STEPS - 1) * REACH


def _split(where: Tensor, labels: Tensor, held_out: float, chance: torch.Generator) -> Points:
    order = torch.randperm(len(labels), generator=chance)
    kept = len(labels) - round(held_out * len(labels))
    train, test = order[:kept], order[kept:]
    return Points(where[train], labels[train], where[test], labels[test])


def _uniform(count: int, low: float, high: float, chance: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(count, generator=chance)


def _moons(labels: Tensor, chance: torch.Generator) -> Tensor:
    angle = _uniform(len(labels), 0, math.pi, chance)
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], 1)
    lower = torch.stack([0.5 - angle.cos(), 0.25 - angle.sin()], 1)
    return 0.85 * torch.where(labels[:, None] > 0, lower, upper)


def _circles(labels: Tensor, chance: torch.Generator) -> Tensor:
    radius = torch.where(labels > 0, 0.42, 1.05)
    angle = _uniform(len(labels), 0, math.tau, chance)
    return radius[:, None] * torch.stack([angle.cos(), angle.sin()], 1)


def _xor(labels: Tensor, chance: torch.Generator) -> Tensor:
    x, y = (_uniform(len(labels), 0.12, 1.2, chance) for _ in range(2))
    side = torch.where(torch.rand(len(labels), generator=chance) < 0.5, -1.0, 1.0)
    return torch.stack([side * x, torch.where(labels > 0, side, -side) * y], 1)


def _spirals(labels: Tensor, chance: torch.Generator) -> Tensor:
    part = _uniform(len(labels), 0.02, 1, chance).sqrt()
    angle = 1.75 * math.tau * part * 0.9 + math.pi * labels
    return 1.3 * part[:, None] * torch.stack([angle.cos(), angle.sin()], 1)


def _blobs(labels: Tensor, chance: torch.Generator) -> Tensor:
    middle = torch.where(labels > 0, 0.6, -0.6)[:, None]
    return middle + 0.28 * torch.randn(len(labels), 2, generator=chance)


_MAKERS: Mapping[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "moons": _moons,
    "circles": _circles,
    "xor": _xor,
    "spirals": _spirals,
    "blobs": _blobs,
}
KINDS: Mapping[str, str] = {
    "moons": later("Two moons"),
    "circles": later("Circles"),
    "xor": later("XOR"),
    "spirals": later("Spirals"),
    "blobs": later("Blobs"),
}
"""Titles of the data sets by key."""
