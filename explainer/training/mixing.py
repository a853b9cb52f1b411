"""Mixup and CutMix: images made of two, with labels in the same shares."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.training.recipe import Recipe


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
    kinds = [kind for kind, alpha in ((mixup, recipe.mixup), (cutmix, recipe.cutmix)) if alpha]
    if not kinds:
        return images, labels
    kind = kinds[int(torch.randint(len(kinds), (), generator=generator))]
    alpha = recipe.mixup if kind is mixup else recipe.cutmix
    other = torch.randperm(len(images), generator=generator).to(images.device)
    seed = int(torch.randint(2**62, (), generator=generator))
    mixed, share = kind(images, images[other], alpha, np.random.default_rng(seed))
    own = F.one_hot(labels, classes).float()
    return mixed, share * own + (1 - share) * own[other]


def mixup(images: Tensor, others: Tensor, alpha: float, random: np.random.Generator) -> tuple[Tensor, float]:
    """Return weighted means of images and others, and the weight of the first (Zhang et al., 2018).

    The weight is drawn from Beta(alpha, alpha), once for all images of the batch.
    """
    share = float(random.beta(alpha, alpha))
    return share * images + (1 - share) * others, share


def cutmix(images: Tensor, others: Tensor, alpha: float, random: np.random.Generator) -> tuple[Tensor, float]:
    """Return images with a rectangle of the others, and the share of the area that stayed (Yun et al., 2019).

    The rectangle has the proportions of the image and an area of 1 - Beta(alpha, alpha); its centre may be
    anywhere, so that a part may lie outside. Equation 2 of the paper.
    """
    height, width = images.shape[2:]
    side = math.sqrt(1 - float(random.beta(alpha, alpha)))
    y, x = int(random.integers(height)), int(random.integers(width))
    tall, wide = int(height * side), int(width * side)
    top, bottom = max(0, y - tall // 2), min(height, y + tall // 2)
    left, right = max(0, x - wide // 2), min(width, x + wide // 2)
    mixed = images.clone()
    mixed[:, :, top:bottom, left:right] = others[:, :, top:bottom, left:right]
    return mixed, 1 - (bottom - top) * (right - left) / (height * width)
