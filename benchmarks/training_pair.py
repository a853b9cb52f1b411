"""What ``benchmarks.training`` starts by ``torchrun``: some epochs, and the images per second of each."""

from __future__ import annotations

import json
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import torch

from benchmarks.training import CASES, IMAGES, MEAN, STD, Laps, pictures
from explainer.training.engine import Silent, Training
from explainer.training.processes import joined, leave
from explainer.training.recipe import Augmentation, Recipe

EPOCHS = 5
"""The first is not counted: it warms up."""


def main() -> None:
    """Train with the processes there are; the first one prints."""
    torch.set_num_threads(1)
    batch = CASES["resnet18"][0]
    recipe = Recipe(
        name="pair", network="resnet18", dataset="", epochs=EPOCHS, batch_size=batch, optimizer="sgd",
        learning_rate=0.01, weight_decay=1e-4, schedule="constant", mean=MEAN, std=STD,
        augmentation=Augmentation(flip=0.5, crop=0.35),
    )  # fmt: skip
    _, data = pictures()
    laps = Laps(EPOCHS, time.perf_counter)
    with joined() as world, tempfile.TemporaryDirectory() as folder:
        training = Training(recipe, data, Path(folder), world)
        training.go(laps if world.first else Silent())
    if world.first:
        ends = laps.times[1:]  # the first one is before the first epoch
        images = IMAGES // batch * batch
        print(json.dumps([images / (later - one) for one, later in pairwise(ends)]))
    if world.size > 1:
        leave()


if __name__ == "__main__":
    main()
