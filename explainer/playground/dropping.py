"""Dropout as what it is: a mask of zeros and ones, drawn anew for every forward pass, and a scale.

Source: N. Srivastava et al. (2014), "Dropout: A Simple Way to Prevent Neural Networks from Overfitting"; in
the form in use today the survivors are scaled by 1 / (1 - p) in training, so that nothing is left to do in
evaluation (section 10 there). Whole channels: J. Tompson et al. (2015), "Efficient Object Localization Using
Convolutional Networks", section 3.2.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from explainer.playground.feeding import Choice, features_of, feed
from explainer.samples import sample

MAPS = 6


@cache
def usual_maps() -> Tensor:
    """Return feature maps of a photograph [6, 8, 8], behind the third stage's first block of ResNet-20.

    Those whose mean is largest beside their peak: most of their numbers say something.
    """
    _, recorded = feed(Choice("residual", channels=64), sample("chelsea").load())
    maps = features_of(recorded, "residual").output[0]
    fullest = (maps.mean((1, 2)) / maps.amax((1, 2)).clamp_min(1e-9)).topk(MAPS).indices.sort().values
    return maps[fullest].clone()


def masks(
    shape: tuple[int, int, int], p: float, count: int, *, seed: int = 0, channels: bool = False
) -> Tensor:
    """Return ``count`` masks [count, C, H, W] (uint8), 0 where a number is dropped, each with probability p.

    The first is the one that ``torch.nn.functional.dropout`` draws on the CPU after
    ``torch.manual_seed(seed)``, and the following those of its next calls.

    Args:
        shape: of the maps [C, H, W].
        p: probability of being dropped, 0 <= p < 1.
        count: how many draws.
        seed: of the draws.
        channels: whether whole channels are dropped (``nn.Dropout2d``).
    """
    if not 0 <= p < 1:
        raise ValueError(f"p is {p}, not in 0 <= p < 1")
    generator = torch.Generator().manual_seed(seed)
    size = (shape[0], 1, 1) if channels else shape
    drawn = [torch.empty(1, *size).bernoulli_(1 - p, generator=generator) for _ in range(count)]
    return torch.cat(drawn).to(torch.uint8).expand(count, *shape).contiguous()


def dropped(x: Tensor, mask: Tensor, p: float) -> Tensor:
    """Return what dropout makes of x in training mode: x * mask / (1 - p), rounded as PyTorch rounds it."""
    return x * (mask.to(x.dtype) / (1 - p))
