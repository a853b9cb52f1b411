"""Why float16 needs a loss scale: gradients that would vanish without one, and how it is found.

Micikevicius et al., "Mixed precision training" (2018), section 3.2 and figure 3.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from explainer.progress import Progress
from explainer.training.data import Dataset, load_dataset
from explainer.training.recipe import Recipe
from explainer.training.rehearsal import Rehearsal

START, GROWTH, BACKOFF, INTERVAL = 2.0**16, 2.0, 0.5, 2000
"""Of ``torch.amp.GradScaler``: first scale, factors up and down, and the steps in a row that earn a rise."""
WARM = 10
"""Steps before the one whose gradients are looked at: those of the first step are not typical."""

_LEAST, _MOST = -149, 127
"""Powers of two of the smallest and the largest float32."""
_VANISHES = -25
"""float16 rounds to zero what is at most 2 to this power: half of its smallest number, a tie goes to even."""
_OVERFLOWS, _TOP = 15, 65520 / 65536
"""float16 rounds to infinity what is at least 65520: of this power, and of this share of the next."""


@dataclass(frozen=True)
class Scaled:
    """One step of a run with a loss scale."""

    scale: float
    """What the loss was multiplied by."""
    skipped: bool
    """Whether the step was left out, because a gradient was infinite or NaN."""


def scale_course(
    finite: Iterable[bool],
    start: float = START,
    growth: float = GROWTH,
    backoff: float = BACKOFF,
    interval: int = INTERVAL,
) -> tuple[Scaled, ...]:
    """Return how the scale goes: down after each overflow, up after so many steps in a row without one.

    Args:
        finite: for each step, whether all its gradients are numbers.
        start: scale of the first step.
        growth: factor of a rise.
        backoff: factor of a fall.
        interval: steps in a row before a rise.
    """
    course, scale, quiet = [], start, 0
    for sound in finite:
        course.append(Scaled(scale, not sound))
        quiet = quiet + 1 if sound else 0
        if not sound:
            scale *= backoff
        elif quiet == interval:
            scale, quiet = scale * growth, 0
    return tuple(course)


@dataclass(frozen=True)
class Magnitudes:
    """How large many float32 values are: how many lie between each power of two and the next.

    The three rows begin with the power of the smallest float32, and end with that of the largest.
    """

    counts: tuple[int, ...]
    """Values of each power."""
    exact: tuple[int, ...]
    """Those of them that are the power itself."""
    top: tuple[int, ...]
    """Those of them that float16 would round up to the next power."""
    count: int
    """Of all values, zeros among them; those that are no number are not counted."""

    @property
    def shares(self) -> dict[int, float]:
        """Share of all values by their power of two, from the lowest power that has any to the highest."""
        found = [place for place, count in enumerate(self.counts) if count]
        if not found:
            return {}
        return {place + _LEAST: self.counts[place] / self.count for place in range(found[0], found[-1] + 1)}

    @property
    def zero(self) -> float:
        """Share that is zero in float32 already: no format would show it."""
        return 1 - sum(self.counts) / self.count if self.count else 0.0

    def vanished(self, power: int = 0) -> float:
        """Return the share that is not zero, and would be in float16 with a scale of 2 to the ``power``."""
        bound = _VANISHES - power - _LEAST
        lost = sum(self.counts[: max(0, bound)])
        if 0 <= bound < len(self.exact):
            lost += self.exact[bound]
        return lost / self.count if self.count else 0.0

    def overflowed(self, power: int = 0) -> float:
        """Return the share that would be infinite in float16 with a scale of 2 to the ``power``."""
        bound = _OVERFLOWS - power - _LEAST
        lost = sum(self.counts[max(0, bound + 1) :])
        if 0 <= bound < len(self.top):
            lost += self.top[bound]
        return lost / self.count if self.count else 0.0

    def __add__(self, other: Magnitudes) -> Magnitudes:
        """Return both together."""
        return Magnitudes(
            tuple(map(add, self.counts, other.counts)),
            tuple(map(add, self.exact, other.exact)),
            tuple(map(add, self.top, other.top)),
            self.count + other.count,
        )


def magnitudes(values: Tensor) -> Magnitudes:
    """Return how large the values of a float32 tensor are."""
    sound = values.detach().flatten()
    sound = sound[sound.isfinite()]
    share, power = torch.frexp(sound[sound != 0].abs().cpu())  # share in 0.5..1
    place = power.long() - 1 - _LEAST

    def row(places: Tensor) -> tuple[int, ...]:
        return tuple(places.bincount(minlength=_MOST - _LEAST + 1).tolist())

    return Magnitudes(row(place), row(place[share == 0.5]), row(place[share >= _TOP]), sound.numel())


@dataclass(frozen=True)
class Gradients:
    """How large the gradients of the mean loss of one batch are, computed in float32."""

    weights: Magnitudes
    """With respect to everything that learns."""
    outputs: Magnitudes
    """With respect to the outputs of all layers: what is handed back from layer to layer."""


def gradients(
    recipe: Recipe, data: Dataset, runs: Path, progress: Progress | None = None, warm: int = WARM
) -> Gradients:
    """Train for a few steps, of which nothing is kept, and return the gradients of the next.

    They are those that float16 would have to hold; computed in float32, so that none is lost yet.

    Args:
        recipe: of the run.
        data: its images.
        runs: folder of the other runs; a recipe may begin with the result of one of them.
        progress: told how many steps are done, of how many; may raise ``Cancelled``.
        warm: steps before the one that is looked at.

    Raises:
        ReaderError: the recipe cannot be followed.
    """
    step = _Looked(recipe, data, runs, warm + 1, progress)
    step.rehearse()
    return Gradients(
        sum((magnitudes(slope) for slope in step.slopes()), magnitudes(torch.empty(0))),
        step.outputs,
    )


def gradients_of(recipe: Recipe, runs: Path, progress: Progress | None = None) -> Gradients:
    """Load the recipe's images and return the gradients: to be called by ``aside``."""
    return gradients(recipe, load_dataset(recipe.dataset, side=recipe.side), runs, progress)


class _Looked(Rehearsal):
    """Looks at what flows back in the last step."""

    def __init__(
        self, recipe: Recipe, data: Dataset, runs: Path, steps: int, progress: Progress | None
    ) -> None:
        plain = dataclasses.replace(recipe, precision="float32", clip=0.0)
        super().__init__(plain, data, runs, steps)
        self.outputs = magnitudes(torch.empty(0))
        self._progress = progress

    def slopes(self) -> list[Tensor]:
        """Return the gradients of the weights in the last step."""
        return [one.grad for one in self.model.parameters() if one.grad is not None]

    def advance(self, noted: bool) -> dict[str, Any]:
        last = self.step == self.steps - 1
        leaves = [one for one in self.model.modules() if last and not any(True for _ in one.children())]
        hooks = [one.register_forward_hook(self._listen) for one in leaves]
        try:
            line = super().advance(noted=False)
        finally:
            for hook in hooks:
                hook.remove()
        if self._progress is not None:
            self._progress(self.step, self.steps)
        return line

    def _listen(self, module: nn.Module, given: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.requires_grad:
            output.register_hook(self._count)

    def _count(self, slope: Tensor) -> None:
        self.outputs += magnitudes(slope)
