"""Code that makes the preview of augmentation again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from explainer.training.recipe import Augmentation, Recipe

_CODE = """\
import torch

from explainer.training.augment import augment
from explainer.training.chance import generator_for
from explainer.training.data import load_dataset
from explainer.training.mixing import mix
from explainer.training.recipe import Augmentation, Recipe

settings = Augmentation({settings})
recipe = Recipe(
    name="preview", network={network!r}, dataset={dataset!r}, epochs=1, batch_size={count},
    optimizer="adamw", learning_rate=0.001, weight_decay=0.0,
    side={side}, mixup={mixup:g}, cutmix={cutmix:g}, augmentation=settings,
)
data = load_dataset(recipe.dataset, side=recipe.side)
batch = data.train.part(torch.tensor({indices}))

generator = generator_for({seed}, "preview", 0)  # the first draw
images = augment(batch.images, settings, generator)  # float [{count}, C, H, W] in 0..1
images, labels = mix(images, batch.labels, len(data.classes), recipe, generator)
print(images.shape, labels)
"""


def augmented_code(recipe: Recipe, indices: Sequence[int], *, seed: int) -> str:
    """Return a script that changes and mixes a batch as the recipe says.

    Args:
        recipe: its images, its ``augmentation``, ``mixup`` and ``cutmix``.
        indices: of the images, in the training split.
        seed: of the draws.
    """
    usual = Augmentation()
    settings = {
        name: value
        for name, value in dataclasses.asdict(recipe.augmentation).items()
        if value != getattr(usual, name)
    }
    dataset = recipe.dataset if "/" not in recipe.dataset else "photos.zip"
    return _CODE.format(
        settings=", ".join(f"{name}={value!r}" for name, value in settings.items()),
        network=recipe.network,
        dataset=dataset,
        side=recipe.side,
        count=len(indices),
        indices=list(indices),
        mixup=recipe.mixup,
        cutmix=recipe.cutmix,
        seed=seed,
    )
