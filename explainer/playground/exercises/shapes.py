"""Exercises on the shapes inside a network; layers of PyTorch without numbers answer them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING

from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

if TYPE_CHECKING:
    from torch import nn


def lenet_sides(random: random.Random) -> Exercise:
    """Ask for the sides of LeNet-5's first four maps where the picture has another size."""
    import torch
    from torch import nn

    side = random.choice((28, 36, 40, 44, 48))
    layers = (nn.Conv2d(1, 6, 5), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.AvgPool2d(2))
    map_ = torch.empty(1, 1, side, side, device="meta")
    sides = []
    for layer in layers:
        map_ = layer.to("meta")(map_)
        sides.append(map_.shape[-1])
    return Exercise(
        later(
            "LeNet-5 is given {side} × {side} pixels instead of 32 × 32. What are the sides of the maps of "
            "C1 (5 × 5), S2 (2 × 2, stride 2), C3 (5 × 5) and S4 (2 × 2, stride 2)? Nothing is padded."
        ),
        tuple(sides),
        later(
            "A 5 × 5 window without padding takes away 4, a 2 × 2 window with stride 2 halves: ${side} - 4 = "
            "{a}$, ${a} / 2 = {b}$, ${b} - 4 = {c}$, ${c} / 2 = {d}$."
        ),
        {"side": side} | dict(zip("abcd", sides, strict=True)),
    )


def parameters(random: random.Random) -> Exercise:
    """Ask for the parameters of a convolution."""
    from torch import nn

    groups = random.choice((1, 1, 2))
    sources, channels = random.choice((3, 4, 6, 8)) * groups, random.choice((4, 8, 10, 16))
    side, bias = random.choice((1, 3, 5)), random.random() < 0.6
    count = _count(nn.Conv2d(sources, channels, side, groups=groups, bias=bias, device="meta"))
    return Exercise(
        later(
            "How many parameters has `nn.Conv2d({sources}, {channels}, {side}, groups={groups}, "
            "bias={bias})`?"
        ),
        count,
        later(
            r"Each of the {channels} outputs has a kernel of ${each} \times {side} \times {side}$ weights"
            r" and {biases} bias: ${channels} \times ({each} \times {side} \times {side} + {biases})"
            r" = {count}$."
        ),
        {
            "sources": sources,
            "channels": channels,
            "side": side,
            "groups": groups,
            "bias": bias,
            "each": sources // groups,
            "biases": int(bias),
            "count": count,
        },
    )


def first_linear(random: random.Random) -> Exercise:
    """Ask for the parameters of the linear layer behind the last map."""
    from torch import nn

    channels, side, features = (
        random.choice((16, 32, 64)),
        random.choice((2, 4, 5, 7)),
        random.choice((10, 100)),
    )
    count = _count(nn.Linear(channels * side * side, features, device="meta"))
    return Exercise(
        later(
            "The last map of a network is {channels} @ {side} × {side}. It is flattened and read by a linear "
            "layer with {features} outputs and biases. How many parameters has that layer?"
        ),
        count,
        later(
            r"Flattened there are ${channels} \cdot {side} \cdot {side} = {inputs}$ numbers, so "
            r"${features} \cdot ({inputs} + 1) = {count}$. A mean over each channel first would leave "
            r"${features} \cdot ({channels} + 1) = {few}$."
        ),
        {
            "channels": channels,
            "side": side,
            "features": features,
            "inputs": channels * side * side,
            "count": count,
            "few": _count(nn.Linear(channels, features, device="meta")),
        },
    )


def _count(layer: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layer.parameters())


EXERCISES: Mapping[str, Maker] = {
    "lenet_sides": lenet_sides,
    "parameters": parameters,
    "first_linear": first_linear,
}
