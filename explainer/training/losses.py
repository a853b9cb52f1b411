"""What a network is trained to make small: its answers against labels, against a teacher, under attack."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.training.recipe import Recipe


def loss_of(logits: Tensor, targets: Tensor, recipe: Recipe, teacher: Tensor | None = None) -> Tensor:
    """Return the mean loss of a batch.

    Args:
        logits: [N, classes].
        targets: class indices [N], or their shares [N, classes] of mixed images.
        recipe: its ``label_smoothing``, ``temperature`` and ``teacher_share``.
        teacher: logits [N, classes] of a larger network for the same images. Its softened answers are learned
            with the factor T squared (Hinton, Vinyals, Dean, 2015, section 2).
    """
    loss = F.cross_entropy(logits.float(), targets, label_smoothing=recipe.label_smoothing)
    if teacher is None:
        return loss
    heat = recipe.temperature
    taught = F.kl_div(
        F.log_softmax(logits.float() / heat, 1),
        F.log_softmax(teacher.float() / heat, 1),
        reduction="batchmean",
        log_target=True,
    )
    return (1 - recipe.teacher_share) * loss + recipe.teacher_share * heat**2 * taught


def attacked(
    images: Tensor,
    targets: Tensor,
    network: Callable[[Tensor], Tensor],
    recipe: Recipe,
    generator: torch.Generator,
) -> Tensor:
    """Return images changed within ``recipe.adversarial`` so that the loss grows.

    One step along the sign of the gradient, 1.25 times the largest change, from a random start (Wong, Rice,
    Kolter, 2020, Fast is better than free, algorithm 3).

    Args:
        images: float [N, C, H, W] in 0..1.
        targets: as in ``loss_of``.
        network: makes logits of images in 0..1; its parameters get no gradient of this.
        recipe: its ``adversarial``.
        generator: draws the start.
    """
    most = recipe.adversarial
    change = (torch.rand(images.shape, generator=generator) * 2 - 1).to(images.device) * most
    change = change.requires_grad_()
    loss = F.cross_entropy(network((images + change).clamp(0, 1)).float(), targets)
    (slope,) = torch.autograd.grad(loss, change)
    change = (change.detach() + 1.25 * most * slope.sign()).clamp(-most, most)
    return (images + change).clamp(0, 1)
