"""How fast a recipe trains on this machine in each precision, and with how much memory."""

from __future__ import annotations

import dataclasses
import re
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from explainer.models.timing import machine
from explainer.progress import Progress
from explainer.training.data import Dataset, drawn, load_dataset
from explainer.training.precision import device_of
from explainer.training.recipe import Precision, Recipe
from explainer.training.rehearsal import Rehearsal

STEPS = 8
"""Steps that are timed, after ``WARM`` that are not."""
WARM = 2
_BATCHES = 4
"""Whose images are used, again and again."""
_FLAGS = re.compile(r"\b(avx512_bf16|amx_bf16|bf16|svebf16)\b")
"""What Linux calls the instructions of x86 and of ARM that multiply bfloat16."""


@dataclass(frozen=True)
class Speed:
    """One way to compute a step."""

    precision: Precision
    channels_last: bool
    images_per_second: float
    """By the median time of a step: images made ready, forward, backward and update."""
    memory: int
    """In bytes; what was measured, ``Speeds.memory`` says."""


@dataclass(frozen=True)
class Speeds:
    """All ways that a machine has."""

    device: str
    batch: int
    found: tuple[Speed, ...]
    """float32 first, in plain layout first."""
    memory: Literal["peak", "kept"]
    """``"peak"``: the most that PyTorch held on the GPU at any time of the steps, weights and optimiser
    included. ``"kept"``: what the forward pass keeps for the backward pass besides the weights, but with
    their rounded copies in bfloat16. A CPU's allocator does not say what it has given out, and what a process
    holds depends on what it did before."""
    instructions: tuple[str, ...] | None
    """Of the CPU, for bfloat16: without any it is slower than float32. ``None`` on a GPU, or if not known."""


def measure_precisions(
    recipe: Recipe, data: Dataset, runs: Path, progress: Progress | None = None, steps: int = STEPS
) -> Speeds:
    """Train a few steps in every precision that the recipe's device has, in both layouts; nothing is kept.

    Args:
        recipe: of the run; its precision and layout do not matter.
        data: its images; only the first few batches are used.
        runs: folder of the other runs; a recipe may begin with the result of one of them.
        progress: told how many ways are done, of how many; may raise ``Cancelled``.
        steps: that are timed, for each way.

    Raises:
        ReaderError: the recipe cannot be followed, or there is not enough memory.
    """
    device = device_of(dataclasses.replace(recipe, precision="float32"))
    # Frozen layers see each image once before the first step: of more images this would only take longer.
    used = drawn(data.train, recipe.images_per_class, recipe.seed)
    first = torch.arange(min(len(used), _BATCHES * recipe.batch_size))
    few = dataclasses.replace(data, train=used.part(first))
    ways = [(precision, layout) for precision in precisions_of(device) for layout in (False, True)]
    found = []
    for done, (precision, layout) in enumerate(ways):
        if progress is not None:
            progress(done, len(ways))
        changed = dataclasses.replace(
            recipe, precision=precision, channels_last=layout, validation=0.0, images_per_class=0
        )
        timed = _Timed(changed, few, runs, WARM + steps + 1)
        timed.rehearse()
        seconds = statistics.median(timed.seconds[WARM : WARM + steps])
        found.append(Speed(precision, layout, timed.batch / seconds, timed.memory))
        batch = timed.batch
    if progress is not None:
        progress(len(ways), len(ways))
    cuda = device.type == "cuda"
    return Speeds(
        torch.cuda.get_device_name(device) if cuda else machine(),
        batch,
        tuple(found),
        "peak" if cuda else "kept",
        None if cuda else bfloat16_instructions(),
    )


def measure_precisions_of(recipe: Recipe, runs: Path, progress: Progress | None = None) -> Speeds:
    """Load the recipe's images and measure: to be called by ``aside``."""
    return measure_precisions(recipe, load_dataset(recipe.dataset, side=recipe.side), runs, progress)


def precisions_of(device: torch.device) -> tuple[Precision, ...]:
    """Return the precisions that a device can train in."""
    if device.type == "cuda":
        half: tuple[Precision, ...] = ("bfloat16", "float16")
        return ("float32", *(half if torch.cuda.is_bf16_supported(including_emulation=False) else half[1:]))
    return ("float32", "bfloat16")


def bfloat16_instructions(text: str | None = None) -> tuple[str, ...] | None:
    """Return the instructions for bfloat16 that this machine's CPU has; ``None`` if the system does not say.

    Args:
        text: what ``/proc/cpuinfo`` says, if it is not this machine's.
    """
    if text is None:
        try:
            text = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
        except OSError:
            return None
    lines = re.findall(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    return tuple(sorted(set(_FLAGS.findall(lines[0])))) if lines else None


class _Timed(Rehearsal):
    """Times all steps but the last, and weighs what the last one needs."""

    def __init__(self, recipe: Recipe, data: Dataset, runs: Path, steps: int) -> None:
        super().__init__(recipe, data, runs, steps)
        self.seconds: list[float] = []
        self.memory = 0
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)

    def advance(self, noted: bool) -> dict[str, Any]:
        if self.device.type != "cuda" and self.step == self.steps - 1:
            return self._weighed()
        self._wait()
        begun = time.perf_counter()
        line = super().advance(noted=False)
        self._wait()
        self.seconds.append(time.perf_counter() - begun)
        if self.device.type == "cuda":
            self.memory = torch.cuda.max_memory_allocated(self.device)
        return line

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def _weighed(self) -> dict[str, Any]:
        """Do a step and count the bytes that are saved for its way back, each storage once."""
        known = {one.untyped_storage().data_ptr() for one in self.model.state_dict().values()}
        sizes: dict[int, int] = {}

        def save(saved: Tensor) -> Tensor:
            storage = saved.untyped_storage()
            if storage.data_ptr() not in known:
                sizes[storage.data_ptr()] = storage.nbytes()
            return saved

        with torch.autograd.graph.saved_tensors_hooks(save, lambda saved: saved):
            line = super().advance(noted=False)
        self.memory = sum(sizes.values())
        return line
