"""How much of a pretrained network to train: advice from the number of images and their likeness to ImageNet.

The four cases of transfer learning, as the notes of Stanford's CS231n ("Transfer learning") put them:
features become more specific to their data from layer to layer (Yosinski et al., 2014, How transferable are
features in deep neural networks?), and what is trained on few images learns them by heart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.models.preprocessing import Preprocessing
from explainer.tracing.arithmetic.text import Phrase
from explainer.training.chance import generator_for
from explainer.training.measuring import normalise
from explainer.training.recipe import Augmentation

FEW = 200
"""Training images of the smallest class; fewer are few. No sharp border: within a factor of two, try both."""
FAR = 0.5
"""Likeness below which images are far from those that the network knows."""
_GRIDS = (4, 7)
_SIDE = 224
"""Pixels; both grids divide it."""
_BATCH = 16

Kind = Literal["scratch", "head", "late", "all"]


@dataclass(frozen=True)
class Likeness:
    """How much a pretrained network makes of images, beyond their colours and textures."""

    share: float
    """Of comparisons that the whole image won: its answer was surer than that to its pieces, shuffled."""
    images: int
    """How many were looked at."""

    @property
    def near(self) -> bool:
        """Whether the images are like those that the network was trained on."""
        return self.share >= FAR


@dataclass(frozen=True)
class Advice:
    """What to train, why, and the settings of a recipe that do so."""

    kind: Kind
    """``scratch``: all, from random weights; ``head``, ``late`` (the last stages) and ``all`` from published
    ones."""
    reason: Phrase
    settings: Mapping[str, Any]
    """Fields of ``Recipe``."""


def likeness_of(
    model: nn.Module, preprocessing: Preprocessing, images: Tensor, *, count: int = 64, seed: int = 0
) -> Likeness:
    """Measure how like images are to those that a network was trained on.

    An image is shown whole, and cut into 4 x 4 and into 7 x 7 pieces that are shuffled: the colours and
    textures are the same, but no object is left. Of a thing that it knows the network is surer whole (the
    entropy of its answer is lower); of images that mean nothing to it the new edges between the pieces make
    it surer. That says nothing of how sure the network is in general, nor does it depend on the number of
    classes. Measured with SqueezeNet 1.1 and 64 images each: ImageNet 0.8, ten classes of Tiny ImageNet 0.7
    (each by itself 0.5 to 0.9), CIFAR-10 and COCO 0.65, faces with masks 0.5, MNIST 0.4, this project's
    drawings 0.25, noise 0.05.

    Args:
        model: a classifier in evaluation mode; it is not changed.
        preprocessing: what it is fed.
        images: uint8 [N, C, H, W], all of them: some are taken at equal distances.
        count: of images to look at, three forward passes each.
        seed: decides the order of the pieces.
    """
    count = min(count, len(images))
    chosen = images[torch.linspace(0, len(images) - 1, count).round().long()].float() / 255
    chosen = chosen.expand(-1, 3, -1, -1) if preprocessing.mode == "RGB" else chosen.mean(1, keepdim=True)
    whole = F.interpolate(chosen, (_SIDE, _SIDE), mode="bilinear", antialias=True)
    generator = generator_for(seed, "pieces")
    entropy = _entropy(model, preprocessing, whole)
    won = [entropy < _entropy(model, preprocessing, shuffled(whole, grid, generator)) for grid in _GRIDS]
    return Likeness(float(torch.stack(won).double().mean()), count)


def shuffled(images: Tensor, grid: int, generator: torch.Generator) -> Tensor:
    """Cut square images [N, C, S, S] into ``grid`` x ``grid`` pieces and put these into another order."""
    count, channels, side = images.shape[:3]
    piece = side // grid
    pieces = images.reshape(count, channels, grid, piece, grid, piece).permute(0, 2, 4, 1, 3, 5)
    pieces = pieces.reshape(count, grid * grid, channels, piece, piece)
    order = torch.rand(count, grid * grid, generator=generator).argsort(1)
    pieces = pieces[torch.arange(count)[:, None], order]
    pieces = pieces.reshape(count, grid, grid, channels, piece, piece).permute(0, 3, 1, 4, 2, 5)
    return pieces.reshape(images.shape)


def advise(smallest: int, near: bool | None, stages: int) -> Advice:
    """Say how much to train.

    Args:
        smallest: training images of the smallest class.
        near: whether the images are like those that the published weights were learned from: measured
            (``likeness_of(...).near``) or as the reader says; ``None`` where there are no published weights.
        stages: of the network, the head among them (``stages_of``).
    """
    few = smallest < FEW
    kind: Kind = "scratch" if near is None else "all" if not few else "head" if near else "late"
    return Advice(kind, _reason(smallest, near, kind), _settings(few, near, kind, stages))


def _reason(smallest: int, near: bool | None, kind: Kind) -> Phrase:
    if kind == "scratch":
        return Phrase(
            "There are no published weights to begin with, so all stages are trained. The fewer images a "
            "class has (the smallest has {count}), the more it helps to change them at random.",
            count=smallest,
        )
    if kind == "head":
        return Phrase(
            "The smallest class has {count} images, which is few, and they are like those that the network "
            "knows: its features fit. Train the head alone; all stages would learn so few by heart.",
            count=smallest,
        )
    if kind == "late":
        return Phrase(
            "The smallest class has {count} images, which is few, and they are unlike those that the network "
            "knows. Keep its first stages, whose edges and colours all pictures have, and train the last "
            "ones, whose features are of other things.",
            count=smallest,
        )
    if near:
        return Phrase(
            "The smallest class has {count} images, which is many, and they are like those that the network "
            "knows. Train all stages, the first ones slowly: their features nearly fit.",
            count=smallest,
        )
    return Phrase(
        "The smallest class has {count} images, which is many, and they are unlike those that the network "
        "knows. Train all stages; its weights are still a better beginning than random ones.",
        count=smallest,
    )


_CHANGED = Augmentation(shift=0.1, scale=0.15, rotate=10, brightness=0.2)
"""No mirror images: of letters and digits these are others. Photographs may be mirrored."""


def _settings(few: bool, near: bool | None, kind: Kind, stages: int) -> dict[str, Any]:
    """Return fields of a recipe: the more of the published weights is to be kept, the smaller the steps."""
    own: dict[Kind, dict[str, Any]] = {
        "scratch": {"start": "", "learning_rate": 3e-3, "epochs": 60 if few else 30},
        # Images that stay the same, so that what the frozen stages make of them is computed once.
        "head": {"frozen_stages": -1, "learning_rate": 3e-3, "epochs": 30, "augmentation": Augmentation()},
        "late": {"frozen_stages": max(1, stages // 2), "learning_rate": 5e-4, "epochs": 30},
        "all": {
            "learning_rate": 3e-4 if near else 5e-4,
            "epochs": 15,
            # The first stage gets a tenth of the head's rate, or a third where it has more to change.
            "rate_decay": (0.1 if near else 1 / 3) ** (1 / max(1, stages - 1)),
        },
    }
    everywhere: dict[str, Any] = {
        "start": "published",
        "frozen_stages": 0,
        "unfreeze_every": 0,
        "rate_decay": 1.0,
        "optimizer": "adamw",
        "weight_decay": 1e-2,
        "schedule": "one_cycle",
        "augmentation": replace(_CHANGED, flip=0.5) if near else _CHANGED,
    }
    return everywhere | own[kind]


@torch.no_grad()
def _entropy(model: nn.Module, preprocessing: Preprocessing, images: Tensor) -> Tensor:
    """Return how unsure a network is of each image, in nats: [N]."""
    height, width = preprocessing.size
    parts = []
    for batch in images.split(_BATCH):
        if batch.shape[-2:] != (height, width):
            batch = F.interpolate(batch, (height, width), mode="bilinear", antialias=True)
        logs = model(normalise(batch, preprocessing)).double().log_softmax(1)
        parts.append(-(logs.exp() * logs).sum(1))
    return torch.cat(parts)
