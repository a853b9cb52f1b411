"""The learning-rate range test: the rates that a network learns with, and from where on it diverges.

Smith, "Cyclical learning rates for training neural networks" (2017), section 3.3; with an exponential rise,
as most libraries have it, so that every power of ten gets the same number of steps.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explainer.errors import ReaderError
from explainer.progress import Progress
from explainer.training.data import Dataset, load_dataset
from explainer.training.recipe import Recipe
from explainer.training.rehearsal import Rehearsal

LOWEST, HIGHEST, STEPS = 1e-6, 10.0, 140
DIVERGED = 4.0
"""The test ends where the smoothed loss is so many times its lowest, and higher than at first."""
SPREAD = 0.15
"""Standard deviation of the smoothing, in powers of ten of the rate."""


@dataclass(frozen=True)
class Rates:
    """The loss by the learning rate, one step each, and what follows from it."""

    rates: tuple[float, ...]
    """Rising; as many as steps were done."""
    losses: tuple[float, ...]
    """Of the batch of each step before it, as measured; the last ones may be infinite or NaN."""
    smoothed: tuple[float, ...]
    """Mean of the neighbouring losses, weighted by a normal curve of ``SPREAD``: it lags to neither side."""
    diverged: bool
    """Whether the loss grew beyond what ``DIVERGED`` says, or beyond all numbers, which ended the test."""

    @property
    def lowest(self) -> int:
        """Index of the lowest smoothed loss."""
        return int(np.argmin(np.where(np.isfinite(self.smoothed), self.smoothed, np.inf)))

    @property
    def steepest(self) -> float | None:
        """The rate where the smoothed loss falls fastest, by the logarithm of the rate; ``None`` if nowhere.

        Here one step gains most; beyond it, the gain shrinks although the step grows.
        """
        end = self.lowest + 1
        if end < 3:
            return None
        slopes = np.gradient(np.array(self.smoothed[:end]), np.log10(self.rates[:end]))
        place = int(slopes.argmin())
        return self.rates[place] if slopes[place] < 0 else None

    @property
    def tenth(self) -> float | None:
        """A tenth of the rate with the lowest smoothed loss; ``None`` if the loss never fell.

        At the lowest loss itself the rate is too high already: what was gained is about to be lost.
        """
        return self.rates[self.lowest] / 10 if self.lowest else None


def find_rate(
    recipe: Recipe,
    data: Dataset,
    runs: Path,
    progress: Progress | None = None,
    *,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    steps: int = STEPS,
) -> Rates:
    """Train for some steps with a rising learning rate, from the recipe's first weights; nothing is kept.

    The same recipe gives the same curve (bit for bit on a CPU). Layer-wise rates keep their proportions;
    frozen layers stay frozen.

    Args:
        recipe: of the run; its learning rate and schedule do not matter.
        data: its images.
        runs: folder of the other runs; a recipe may begin with the result of one of them.
        progress: told how many steps are done, of how many; may raise ``Cancelled``.
        lowest: rate of the first step.
        highest: rate of the last step.
        steps: how many.

    Raises:
        ReaderError: the recipe cannot be followed, or there is no range to test.
    """
    if not (0 < lowest < highest < math.inf and steps > 2):
        raise ReaderError("The learning rate must rise from a number above zero, in three steps or more.")
    test = _Rising(recipe, data, runs, np.geomspace(lowest, highest, steps).tolist(), progress)
    test.rehearse()
    done = len(test.losses)
    return Rates(
        tuple(test.rates[:done]), tuple(test.losses), smooth(test.rates[:done], test.losses), test.over
    )


def find_rate_of(recipe: Recipe, runs: Path, progress: Progress | None = None) -> Rates:
    """Load the recipe's images and find the rates for them: to be called by ``aside``."""
    return find_rate(recipe, load_dataset(recipe.dataset, side=recipe.side), runs, progress)


def smooth(rates: list[float], losses: list[float]) -> tuple[float, ...]:
    """Return the mean of each loss and its neighbours, weighted by a normal curve over the power of ten.

    Losses that are no number count for nothing; where there are only such, the mean is NaN.
    """
    places, values = np.log10(rates), np.array(losses)
    sound = np.isfinite(values)
    weights = np.exp(-0.5 * ((places[:, None] - places[None, sound]) / SPREAD) ** 2)
    total = weights.sum(1)
    means = weights @ values[sound] / np.where(total > 0, total, np.nan)
    return tuple(means.tolist())


class _Rising(Rehearsal):
    """Steps with rates that are given."""

    def __init__(
        self, recipe: Recipe, data: Dataset, runs: Path, rates: list[float], progress: Progress | None
    ) -> None:
        # With a rate of 1, the peaks of the stages are their shares of it.
        super().__init__(dataclasses.replace(recipe, learning_rate=1.0), data, runs, len(rates))
        self.rates = rates
        self.losses: list[float] = []
        self._progress = progress
        self._shares = [group["peak"] for group in self.optimizer.param_groups]

    def advance(self, noted: bool) -> dict[str, Any]:
        rate = self.rates[self.step]
        for group, share in zip(self.optimizer.param_groups, self._shares, strict=True):
            group["peak"] = rate * share
        line = super().advance(noted=True)
        self.losses.append(line["loss"])
        done = len(self.losses)
        means = np.array(smooth(self.rates[:done], self.losses))
        self.over = not math.isfinite(line["loss"]) or bool(
            means[-1] > max(DIVERGED * np.nanmin(means), means[0])
        )
        if self._progress is not None:
            self._progress(done, self.steps)
        return line
