"""A few steps of a run as it would do them, of which nothing is left."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch

from explainer.errors import ReaderError
from explainer.training.data import Dataset
from explainer.training.engine import Silent, Training, Watcher, Wish
from explainer.training.processes import World
from explainer.training.recipe import Recipe


class Rehearsal(Training):
    """The first steps of a recipe from its first weights: the same batches, losses and optimiser.

    Nothing is written, no checkpoint is read, nothing is measured on held-out images, and no layer thaws. The
    rate is the recipe's all the time, without a schedule. A subclass says what happens around each ``_step``,
    and sets ``over`` to end early.
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
            self.go(_Until(self))
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise ReaderError(
                "There is not enough memory for batches of {images} images. Choose smaller batches or "
                "images.",
                images=self.batch,
            ) from error

    def save(self) -> None:
        """Write nothing."""

    def _resume(self) -> None:
        """Begin at the beginning."""

    def _report(self, watcher: Watcher, line: dict[str, Any]) -> None:
        """Measure nothing."""

    def _check(self) -> None:
        """Let the loss be anything."""


class _Until(Silent):
    """Goes on until a rehearsal is over."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal = rehearsal

    def wish(self) -> Wish:
        return "stop" if self.rehearsal.over else "go"
