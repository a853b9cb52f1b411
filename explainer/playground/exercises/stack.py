"""Exercises about layers in a chain; the traced chain gives the answers."""

from __future__ import annotations

import random
from collections.abc import Mapping

from explainer.playground.exercises import Exercise, Maker
from explainer.playground.layer_code import layer, write_layer
from explainer.playground.layer_specs import LayerSpec
from explainer.playground.stacking import stack
from explainer.wording import later


def _listed(specs: tuple[LayerSpec, ...]) -> str:
    return ", ".join(f"`{write_layer(spec)}`" for spec in specs)


def _convolution(before: int, after: int, size: int, **more: object) -> LayerSpec:
    given = {"in_channels": before, "out_channels": after, "kernel_size": size} | more
    return layer("Conv2d", **given)


def field(dice: random.Random) -> Exercise:
    """Ask for the receptive field of a short chain."""
    pooling = layer(dice.choice(["MaxPool2d", "AvgPool2d"]), kernel_size=2)
    specs = (
        _convolution(3, 8, dice.choice([3, 5])),
        pooling,
        _convolution(8, 8, dice.choice([3, 5]), dilation=dice.choice([1, 1, 2])),
        *((pooling,) if dice.random() < 0.5 else ()),
        _convolution(8, 8, 3),
    )
    steps = stack(specs, 64).steps
    return Exercise(
        question=later("{chain}: how many pixels of the input does a unit at the end see in a direction?"),
        answer=int(steps[-1].size[0]),
        why=later("From layer to layer the field is {sizes} pixels wide; the step grows with every stride."),
        fields={"chain": _listed(specs), "sizes": ", ".join(f"{step.size[0]:g}" for step in steps)},
    )


def shape(dice: random.Random) -> Exercise:
    """Ask for the shape behind two layers."""
    side = 32
    specs = (
        _convolution(
            3, dice.choice([6, 8, 16]), dice.choice([3, 5, 7]), stride=dice.choice([1, 2]), padding=1
        ),
        layer("MaxPool2d", kernel_size=dice.choice([2, 3]), stride=2),
    )
    steps = stack(specs, side).steps
    return Exercise(
        question=later("A picture of 3 × {side} × {side} goes through {chain}. Which shape comes out?"),
        answer=steps[-1].shape,
        why=later("Behind the convolution it is {middle}; pooling keeps the channels."),
        fields={
            "side": side,
            "chain": _listed(specs),
            "middle": " × ".join(map(str, steps[0].shape)),
        },
    )


def parameters(dice: random.Random) -> Exercise:
    """Ask for the weights that small kernels save."""
    channels = dice.choice([8, 16, 32, 64])
    count = dice.choice([2, 3])
    size = 2 * count + 1
    small = stack((_convolution(channels, channels, 3, padding=1, bias=False),) * count, 32)
    large = stack((_convolution(channels, channels, size, padding=count, bias=False),), 32)
    return Exercise(
        question=later(
            "{count} convolutions 3 × 3 take the place of one of {size} × {size}, all from {channels} to "
            "{channels} channels without bias. How many weights fewer are there?"
        ),
        answer=large.parameters - small.parameters,
        why=later("{large:,} − {small:,}; both see {size} × {size} pixels."),
        fields={
            "count": count,
            "size": size,
            "channels": channels,
            "large": large.parameters,
            "small": small.parameters,
        },
    )


_FIRST = later("in the first layer")
_LAST = later("in the last layer")
_SAME = later("it makes no difference")


def where_to_stride(dice: random.Random) -> Exercise:
    """Ask where a stride widens the field more."""
    count = dice.choice([3, 4, 5])

    def with_stride_at(place: int) -> float:
        specs = tuple(_convolution(8, 8, 3, stride=2 if at == place else 1) for at in range(count))
        return stack(specs, 64).steps[-1].size[0]

    first, last = with_stride_at(0), with_stride_at(count - 1)
    return Exercise(
        question=later(
            "{count} convolutions 3 × 3 in a row, one of them with stride 2. Where does the stride make the "
            "field of the last layer larger?"
        ),
        answer=_FIRST if first > last else _LAST if last > first else _SAME,
        why=later(
            "In the first layer: {first:g} pixels, in the last: {last:g}. A stride widens what follows."
        ),
        fields={"count": count, "first": first, "last": last},
        choices=(_FIRST, _LAST, _SAME),
    )


EXERCISES: Mapping[str, Maker] = {
    "field": field,
    "shape": shape,
    "parameters": parameters,
    "where_to_stride": where_to_stride,
}
