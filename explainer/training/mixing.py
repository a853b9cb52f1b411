"""Mixup and CutMix: images made of two, with labels in the same shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.training.recipe import Recipe

Box = tuple[int, int, int, int]
"""Top, bottom, left, right, in pixels; the second and fourth are no longer inside."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """How a batch is mixed with itself in another order."""

    kind: Literal["mixup", "cutmix"]
    other: Tensor
    """int64 [N], on the CPU: which image each is mixed with; it may be itself."""
    share: float
    """How much of each image is its own."""
    box: Box | None = None
    """Of CutMix: the part that comes from the other image."""


def mix(
    images: Tensor, labels: Tensor, classes: int, recipe: Recipe, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return a batch mixed with itself in another order, and its targets.

    Args:
        images: float [N, C, H, W].
        labels: class indices [N].
        classes: number of classes.
        recipe: its ``mixup`` and ``cutmix``; with both, each batch takes one of them at random.
        generator: on the CPU.

    Returns:
        Images, and the share of each class in them, float [N, classes], which sum to one. Without any mixing
        the images and labels that were given.
    """
    mixture = draw_mixture(images.shape, recipe, generator)
    if mixture is None:
        return images, labels
    return mixed(images, mixture), class_shares(labels, classes, mixture)


def draw_mixture(shape: tuple[int, ...], recipe: Recipe, generator: torch.Generator) -> Mixture | None:
    """Draw how images [N, C, H, W] are mixed; ``None`` where the recipe does not mix.

    Mixup (Zhang et al., 2018) draws the share from Beta(alpha, alpha), once for all images of the batch.
    CutMix (Yun et al., 2019, equation 2) draws a rectangle with the proportions of the image and an area of
    1 - Beta(alpha, alpha); its centre may be anywhere, so that a part may lie outside. The share is that of
    the pixels that stayed.
    """
    alphas = {"mixup": recipe.mixup, "cutmix": recipe.cutmix}
    kinds = [kind for kind, alpha in alphas.items() if alpha]
    if not kinds:
        return None
    kind = kinds[int(torch.randint(len(kinds), (), generator=generator))]
    other = torch.randperm(shape[0], generator=generator)
    # PyTorch has no Beta distribution that takes a generator.
    random = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    share = float(random.beta(alphas[kind], alphas[kind]))
    if kind == "mixup":
        return Mixture("mixup", other, share)
    height, width = shape[2:]
    side = math.sqrt(1 - share)
    y, x = int(random.integers(height)), int(random.integers(width))
    tall, wide = int(height * side), int(width * side)
    top, bottom = max(0, y - tall // 2), min(height, y + tall // 2)
    left, right = max(0, x - wide // 2), min(width, x + wide // 2)
    area = (bottom - top) * (right - left)
    return Mixture("cutmix", other, 1 - area / (height * width), (top, bottom, left, right))


def mixed(images: Tensor, mixture: Mixture) -> Tensor:
    """Return float images [N, C, H, W] mixed: weighted means, or with a rectangle of another image."""
    other = mixture.other.to(images.device)
    if mixture.box is None:
        return torch.lerp(images.index_select(0, other), images, mixture.share)
    top, bottom, left, right = mixture.box
    cut = images.clone()
    cut[:, :, top:bottom, left:right] = images[:, :, top:bottom, left:right].index_select(0, other)
    return cut


def class_shares(labels: Tensor, classes: int, mixture: Mixture) -> Tensor:
    """Return how much of each class is in mixed images, float [N, classes]; ``labels`` are indices [N]."""
    own = F.one_hot(labels, classes).float()
    return mixture.share * own + (1 - mixture.share) * own[mixture.other.to(labels.device)]
