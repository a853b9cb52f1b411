"""Exercises about dense and convolutional layers on moved digits; the answers are computed with PyTorch."""

from __future__ import annotations

import random

import torch
from torch import nn

from explainer.playground.exercises import Exercise, Maker
from explainer.playground.shifted import parameters
from explainer.wording import later

_SAME, _OTHER, _MOVED = (
    later("It stays exactly as it is"),
    later("It moves along by as much"),
    later("It changes altogether"),
)


def dense_against_conv(dice: random.Random) -> Exercise:
    """Count the parameters of a dense layer that does what a convolution does."""
    side, kernel = dice.choice((6, 8, 10, 28)), dice.choice((3, 5))
    conv = nn.utils.skip_init(nn.Conv2d, 1, 1, kernel, padding=kernel // 2)
    layer = nn.utils.skip_init(nn.Linear, side * side, side * side, device="meta")
    return Exercise(
        later(
            "A convolution with one {kernel} × {kernel} kernel and a bias makes a {side} × {side} map of a "
            "{side} × {side} picture: {conv} parameters. How many has a dense layer between pictures of "
            "the same "
            "sizes, with one bias for each output?"
        ),
        parameters(layer),
        later(
            "Every one of {count} outputs has {count} weights and a bias of its own: {count} · ({count} + 1)."
        ),
        {"kernel": kernel, "side": side, "conv": parameters(conv), "count": side * side},
    )


def where_the_peak_goes(dice: random.Random) -> Exercise:
    """Follow the largest value of a feature map when the picture is moved."""
    row, column = dice.randint(2, 4), dice.randint(2, 4)
    down, right = dice.randint(0, 3), dice.randint(1, 3)
    picture = torch.zeros(1, 1, 10, 10)
    picture[0, 0, row + down, column + right] = 1
    kernel = torch.zeros(1, 1, 3, 3)
    kernel[0, 0, 1, 1] = 1
    peak = int(torch.conv2d(picture, kernel, padding=1).argmax())
    return Exercise(
        later(
            "A feature map (stride 1) has its largest value in row {row}, column {column}. The picture is "
            "moved "
            "down by {down} and right by {right}, and nothing leaves it. Where is the largest "
            "value now? "
            "Row and column."
        ),
        divmod(peak, 10),
        later("Moving and convolving may change places: the whole map moves as the picture does."),
        {"row": row, "column": column, "down": down, "right": right},
    )


def with_stride(dice: random.Random) -> Exercise:
    """Ask by how many cells a map with a stride moves."""
    stride = dice.choice((2, 4))
    cells = dice.randint(1, 3)
    picture = torch.zeros(1, 1, 24, 24)
    picture[0, 0, 4, 4] = 1
    pool = nn.MaxPool2d(stride)
    before = int(pool(picture)[0, 0].amax(0).argmax())
    after = int(pool(picture.roll(stride * cells, 3))[0, 0].amax(0).argmax())
    return Exercise(
        later(
            "Behind max pooling with window and stride {stride}, the picture is moved right by {pixels} "
            "pixels. By "
            "how many cells does the pooled map move?"
        ),
        after - before,
        later(
            "{pixels} / {stride} = {cells}. By a number of pixels that {stride} does not divide, the "
            "pooled map does "
            "not simply move: that is why the accuracy of the convolutional network is not exactly the "
            "same everywhere."
        ),
        {"stride": stride, "pixels": stride * cells, "cells": cells},
    )


def behind_global_pooling(dice: random.Random) -> Exercise:
    """Ask what global pooling makes of a map that moves; tried out on a map."""
    chance = torch.Generator().manual_seed(dice.randrange(1 << 30))
    field = torch.zeros(1, 12, 12)
    field[0, 4:8, 4:8] = torch.rand(4, 4, generator=chance)
    right = dice.randint(1, 4)
    kind = dice.choice(("max", "mean"))
    pool = torch.amax if kind == "max" else torch.mean
    before, after = (pool(one, dim=(1, 2)) for one in (field, field.roll(right, 2)))
    return Exercise(
        later(
            "A feature map is 0 around a patch in its middle. The picture is moved by {right} pixels, and "
            "the patch "
            "moves along without leaving the map. What happens to the map's largest value and to its mean?"
        ),
        _SAME if torch.allclose(before, after) else _OTHER,
        later(
            "Neither the largest value nor the mean asks where a value stands. The convolution is "
            "equivariant, global "
            "pooling makes it invariant."
        ),
        {"right": right},
        choices=(_SAME, _OTHER, _MOVED),
    )


EXERCISES: dict[str, Maker] = {
    "dense_against_conv": dense_against_conv,
    "where_the_peak_goes": where_the_peak_goes,
    "with_stride": with_stride,
    "behind_global_pooling": behind_global_pooling,
}
