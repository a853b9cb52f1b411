"""A few steps of a run as it would do them, of which nothing is left."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from explainer.errors import ReaderError
from explainer.training.data import Dataset
from explainer.training.learner import Learner
from explainer.training.processes import World
from explainer.training.recipe import Recipe


class Rehearsal(Learner):
    """The first steps of a recipe from its first weights: the same batches, losses and optimiser.

    No layer thaws, and the rate is the recipe's all the time, without a schedule. A subclass says what
    happens around each ``advance``, and sets ``over`` to end early.
    """

    def __init__(self, recipe: Recipe, data: Dataset, runs: Path, steps: int) -> None:
        """Prepare the steps.

        Args:
            recipe: of the run.
            data: its images.
            runs: folder of the other runs; a recipe may begin with the result of one of them.
            steps: how many.
        """
        plain = dataclasses.replace(
            recipe, schedule="constant", warmup=0.0, unfreeze_every=0, patience=0, average=0.0, compile=False
        )
        super().__init__(plain, data, runs / recipe.name, World())
        self.steps = steps
        self.over = False

    def rehearse(self) -> None:
        """Do the steps, until ``over`` is set.

        Raises:
            ReaderError: there is not enough memory.
        """
        try:
            with self.stepping():
                while self.step < self.steps and not self.over:
                    self.advance(noted=False)
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise ReaderError(
                "There is not enough memory for batches of {images} images. Choose smaller batches or "
                "images.",
                images=self.batch,
            ) from error
