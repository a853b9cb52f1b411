"""How good a network is on images it does not learn from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from explainer.training.data import Split
from explainer.training.recipe import Recipe


@dataclass(frozen=True)
class Measured:
    """What a network answered on a split."""

    probabilities: Tensor
    """[N, classes]."""
    labels: Tensor
    """[N]."""

    @property
    def loss(self) -> float:
        """Mean cross-entropy."""
        own = self.probabilities.gather(1, self.labels[:, None]).double()
        return float(-own.clamp_min(1e-12).log().mean())

    @property
    def accuracy(self) -> float:
        """Share whose most probable class is their own."""
        return float((self.probabilities.argmax(1) == self.labels).double().mean())

    @property
    def confusion(self) -> Tensor:
        """Images of each class (rows) taken for each class (columns): int64 [classes, classes]."""
        count = self.probabilities.shape[1]
        cells = self.labels * count + self.probabilities.argmax(1)
        return cells.bincount(minlength=count * count).reshape(count, count)

    def worst(self, count: int) -> Tensor:
        """Return the indices of the mistakes that gave the right class the least probability."""
        wrong = (self.probabilities.argmax(1) != self.labels).nonzero()[:, 0]
        own = self.probabilities[wrong, self.labels[wrong]]
        return wrong[own.argsort(stable=True)[:count]]


def measure(
    model: nn.Module, split: Split, recipe: Recipe, device: torch.device | None = None, batch_size: int = 250
) -> Measured:
    """Run a network in float32 over a split.

    Args:
        model: put into evaluation mode.
        split: images and labels.
        recipe: its ``mean`` and ``std``.
        device: of the model; the CPU where it is not said.
        batch_size: images at once.
    """
    model.eval()
    return answered(model, fed(split, recipe, device, batch_size), split.labels)


def fed(
    split: Split, recipe: Recipe, device: torch.device | None = None, batch_size: int = 250
) -> Iterator[Tensor]:
    """Yield the images of a split as a network is fed them: batches of float32 [N, C, H, W]."""
    device = device or torch.device("cpu")
    for images in split.images.split(batch_size):
        yield normalise(images.to(device).float() / 255, recipe)


@torch.no_grad()
def answered(network: Callable[[Tensor], Tensor], batches: Iterable[Tensor], labels: Tensor) -> Measured:
    """Ask a network, which is in evaluation mode, about all batches."""
    parts = [network(batch).float().softmax(1).cpu() for batch in batches]
    return Measured(torch.cat(parts), labels.cpu())


def evaluate(model: nn.Module, split: Split, recipe: Recipe) -> float:
    """Return top-1 accuracy, computed in float32 on the CPU."""
    return measure(model, split, recipe).accuracy


class Scaled(Protocol):
    """What says how images are scaled: a recipe, or a network's preprocessing."""

    @property
    def mean(self) -> tuple[float, ...]:
        """Of each channel."""

    @property
    def std(self) -> tuple[float, ...]:
        """Of each channel."""


def normalise(images: Tensor, scaled: Scaled) -> Tensor:
    """Subtract the mean and divide by the deviation of each channel; images float [N, C, H, W] in 0..1."""
    mean, std = (
        torch.tensor(values[: images.shape[1]], device=images.device) for values in (scaled.mean, scaled.std)
    )
    if images.is_contiguous():
        return (images - mean[:, None, None]).div_(std[:, None, None])
    # Rows of pixels as they lie in memory with channels last: the same numbers, three at a time were slow.
    rows = images.permute(0, 2, 3, 1).flatten(2)
    width = images.shape[3]
    scaled_rows = (rows - mean.repeat(width)).div_(std.repeat(width))
    return scaled_rows.unflatten(2, (width, -1)).permute(0, 3, 1, 2)
