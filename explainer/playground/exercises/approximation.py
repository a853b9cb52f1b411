"""Exercises about sums of units and how well they follow curves; the answers are computed with PyTorch."""

from __future__ import annotations

import random

import torch

from explainer.playground import approximation
from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

_SQUARE = later("square: σ(z) = z²")
_KINDS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": later("Sigmoid"), "square": _SQUARE}


def pieces(dice: random.Random) -> Exercise:
    """Count the straight pieces of a sum of ReLUs, on a fine grid."""
    count = dice.randint(2, 6)
    bends = sorted(dice.sample([-0.8, -0.6, -0.4, -0.2, 0.2, 0.4, 0.6, 0.8], count))
    x = torch.linspace(-1, 1, 2001, dtype=torch.float64)
    heights = torch.tensor([dice.choice((-2.0, -1.0, 1.0, 2.0)) for _ in bends], dtype=torch.float64)
    total = torch.relu(x[:, None] - torch.tensor(bends, dtype=torch.float64)) @ heights
    slopes = (total.diff() / x.diff()).round(decimals=3)
    return Exercise(
        later(
            "One hidden layer has {count} ReLUs that bend at {bends}, none with the weight 0. Of how many "
            "straight "
            "pieces is its sum made between −1 and 1?"
        ),
        int((slopes.diff() != 0).sum()) + 1,
        later("Between two neighbouring bends nothing bends: {count} bends make one piece more than bends."),
        {"count": count, "bends": ", ".join(f"{one:g}".replace("-", "−") for one in bends)},
    )


def steps_for_a_ramp(dice: random.Random) -> Exercise:
    """Count the steps that follow f(x) = x closely enough."""
    error = dice.choice((0.25, 0.2, 0.1, 0.05, 0.04))
    count = next(number for number in range(1, 100) if _stairs(number) <= error + 1e-9)
    return Exercise(
        later(
            "The line f(x) = x on [0, 1] is to be followed by stairs of equal steps: n hidden step units "
            "make n + 1 "
            "levels. How many units are needed so that the stairs are never further than {error} from the "
            "line?"
        ),
        count,
        later(
            "n + 1 levels cut [0, 1] into parts of 1/(n + 1); in the middle of each part, half of it is "
            "the error."
        ),
        {"error": error},
    )


def _stairs(units: int) -> float:
    """Return the largest distance between the line and the best equal stairs."""
    x = torch.linspace(0, 1, 10001, dtype=torch.float64)
    level = (x * (units + 1)).floor().clamp(max=units)
    return float(((level + 0.5) / (units + 1) - x).abs().max())


def which_unit_fails(dice: random.Random) -> Exercise:
    """Ask for the unit with which width does not help; measured by least squares."""
    name = dice.choice(("wave", "chirp", "zigzag"))
    curve = approximation.target(name)
    left = {kind: approximation.least_squares(curve, kind, 128).error for kind in _KINDS}
    worst = max(left, key=lambda kind: left[kind])
    return Exercise(
        later(
            "A curve with many bends is followed by one hidden layer of 128 units, the sum's weights "
            "solved for. "
            "With which kind of unit does the error stay large, however many there are?"
        ),
        _KINDS[worst],
        later(
            "A sum of parabolas is a parabola again. Leshno et al. (1993): every continuous activation "
            "works unless "
            "it is a polynomial. Measured here: {errors}."
        ),
        {
            "errors": ", ".join(f"{kind} {error:.1e}" for kind, error in left.items()),
        },
        choices=tuple(_KINDS.values()),
    )


def folded(dice: random.Random) -> Exercise:
    """Count the straight pieces of a zigzag made by depth."""
    layers = dice.randint(2, approximation.DEEPEST)
    curve = approximation.zigzag(layers)(torch.linspace(-1, 1, 2**10 + 1))
    return Exercise(
        later(
            "A layer of two ReLUs folds its input in the middle: 0 … 1 becomes 0 … 1 … 0. {layers} such "
            "layers follow "
            "each other. Of how many straight pieces is the result made?"
        ),
        int((curve.diff().sign().diff() != 0).sum()) + 1,
        later(
            "Every fold doubles the pieces: 2 to the power of {layers}. One hidden layer needs a unit for "
            "each."
        ),
        {"layers": layers},
    )


EXERCISES: dict[str, Maker] = {
    "pieces": pieces,
    "steps_for_a_ramp": steps_for_a_ramp,
    "which_unit_fails": which_unit_fails,
    "folded": folded,
}
