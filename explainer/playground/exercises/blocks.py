"""Exercises about building blocks; the answers are counted in the blocks themselves."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from explainer.playground.exercises import Exercise, Maker
from explainer.wording import later

if TYPE_CHECKING:
    from torch import nn

_SEPARABLE, _STANDARD = later("the depthwise separable one"), later("the standard one")
_EQUAL = later("both need the same")


def bottleneck_weights(random: Random) -> Exercise:
    """Ask for the weights of a bottleneck's three convolutions."""
    from explainer.models.building import blank
    from explainer.playground.blocks import Bottleneck

    reduction = random.choice((2, 4, 8))
    channels = random.choice((32, 64, 128, 256))
    narrow = channels // reduction
    with blank():
        block = Bottleneck(channels, reduction)
    return Exercise(
        later(
            "A bottleneck gets {channels} channels and reduces them by $r={reduction}$: convolutions 1×1, "
            "3×3 and 1×1, without biases. How many weights do the three have together? (Two 3×3 "
            "convolutions on all channels would have {plain}.)"
        ),
        _convolution_weights(block),
        later(
            "Inside there are ${channels}/{reduction}={narrow}$ channels: ${channels}\\cdot{narrow} + "
            "9\\cdot{narrow}^2 + {narrow}\\cdot{channels}$."
        ),
        {
            "channels": channels,
            "reduction": reduction,
            "narrow": narrow,
            "plain": f"{2 * 9 * channels**2:,}",
        },
    )


def dense_channels(random: Random) -> Exercise:
    """Ask for the channels that a dense block gives."""
    import torch

    from explainer.models.building import blank
    from explainer.playground.blocks import DenseBlock

    channels, growth = random.choice((8, 12, 16, 24)), random.choice((4, 6, 8, 12))
    with torch.no_grad(), blank():
        found = DenseBlock(channels, growth)(torch.zeros(1, channels, 4, 4)).shape[1]
    return Exercise(
        later(
            "A dense block of {layers} layers with growth rate $k={growth}$ gets {channels} channels. How "
            "many does it give?"
        ),
        found,
        later(
            "Every layer adds $k$ maps to all that are there and overwrites none: "
            "${channels} + {layers}\\cdot{growth}$."
        ),
        {"layers": DenseBlock.LAYERS, "growth": growth, "channels": channels},
    )


def residual_number(random: Random) -> Exercise:
    """Ask for one number behind a residual block's sum and ReLU."""
    import torch

    x, branch = random.randint(-40, 40) / 10, random.randint(-60, 60) / 10
    found = torch.relu(torch.tensor(x, dtype=torch.float64) + branch)
    return Exercise(
        later(
            "At one place $x={x}$, and the convolutions of a residual block give $F(x)={branch}$ there. "
            "What does the block hand on, behind its ReLU?"
        ),
        round(float(found), 6),
        later("$x+F(x)={sum}$, and the ReLU lets through what is above zero."),
        {"x": f"{x:g}", "branch": f"{branch:g}", "sum": f"{x + branch:.4g}"},
        tolerance=1e-6,
    )


def cheaper(random: Random) -> Exercise:
    """Ask which of two convolutions needs fewer multiply-adds; with one channel there is no saving."""
    from explainer.models.building import blank
    from explainer.playground.blocks import DepthwiseSeparable, conv

    channels = random.choice((1, 2, 8, 32))
    with blank():
        standard = conv(channels, channels, 3).weight.numel()
        separable = _convolution_weights(DepthwiseSeparable(channels))
    answer = _EQUAL if separable == standard else _SEPARABLE if separable < standard else _STANDARD
    return Exercise(
        later(
            "A 3×3 convolution from {channels} to {channels} channels, or a depthwise separable one: which "
            "needs fewer multiply-adds at each place?"
        ),
        answer,
        later(
            "Standard: $9\\cdot{channels}\\cdot{channels}={standard}$. Separable: $9\\cdot{channels} + "
            "{channels}\\cdot{channels}={separable}$. The saving comes from not doing both at once, so it "
            "needs channels."
        ),
        {"channels": channels, "standard": standard, "separable": separable},
        (_SEPARABLE, _STANDARD, _EQUAL),
    )


def _convolution_weights(module: nn.Module) -> int:
    from torch import nn

    return sum(one.weight.numel() for one in module.modules() if isinstance(one, nn.Conv2d))


EXERCISES: dict[str, Maker] = {
    "residual_number": residual_number,
    "bottleneck_weights": bottleneck_weights,
    "dense_channels": dense_channels,
    "cheaper": cheaper,
}
