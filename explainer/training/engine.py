"""The training loop: seeded, resumable at any step, and blind to the images it is judged by."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.training.checkpoint import save_state, saved_state
from explainer.training.data import Dataset
from explainer.training.features import computed_by_batch, cut_frozen
from explainer.training.learner import Learner
from explainer.training.measuring import Measured, answered, fed, measure
from explainer.training.processes import World
from explainer.training.recipe import Recipe
from explainer.training.stages import freeze

Wish = Literal["go", "pause", "stop"]
_LINES_PER_EPOCH = 50
_SAVED_EVERY = 60.0
"""Seconds after which a checkpoint is written within an epoch."""
_SAVED_AT_MOST_EVERY = 5.0
"""Seconds between the checkpoints of epochs that are shorter than that."""


class Watcher(Protocol):
    """Follows a run and may stop it; only the first process has one."""

    def step(self, line: dict[str, Any]) -> None:
        """Take what a step came to; not of every step."""

    def epoch(self, line: dict[str, Any], measured: Measured | None, network: nn.Module) -> None:
        """Take what an epoch came to, and the network as it is now (read only)."""

    def wish(self) -> Wish:
        """Say whether the run should go on; asked at every step."""


class Silent:
    """Watches nothing."""

    def step(self, line: dict[str, Any]) -> None:
        """Do nothing."""

    def epoch(self, line: dict[str, Any], measured: Measured | None, network: nn.Module) -> None:
        """Do nothing."""

    def wish(self) -> Wish:
        """Go on."""
        return "go"


def fit(
    recipe: Recipe,
    data: Dataset,
    folder: Path,
    watcher: Watcher | None = None,
    world: World | None = None,
) -> nn.Module:
    """Train by ``recipe`` and return the network in evaluation mode, on the CPU.

    Checkpoints are written to ``folder``; a run that finds one continues from it, to the same bits (on a CPU,
    with one process). The result is what the last epoch leaves; where images are held out, the weights of the
    epoch with the lowest loss on them. The images of the test are never looked at.

    Raises:
        ReaderError: the recipe cannot be followed here, or the loss is no longer a number.
    """
    run = Training(recipe, data, folder, world or World())
    run.go(watcher or Silent())
    return run.result()


class Training(Learner):
    """One run, from its first step or its last checkpoint: judged and saved epoch by epoch.

    ``saved`` is the step of the last checkpoint, -1 without one.
    """

    def __init__(self, recipe: Recipe, data: Dataset, folder: Path, world: World) -> None:
        super().__init__(recipe, data, folder, world)
        self.folder = folder
        self.saved, self._saved_at = -1, time.monotonic()
        self.stopped = False
        self.best: dict[str, Any] = {"loss": math.inf, "epoch": 0, "weights": {}}
        self._held: tuple[Callable[[Tensor], Tensor], list[Tensor]] | None = None
        self._held_from = -1
        self._resume()

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to learn."""
        tired = self.recipe.patience and self.epoch - self.best["epoch"] >= self.recipe.patience
        return self.step >= self.steps or bool(tired and self.step % self.per_epoch == 0)

    def go(self, watcher: Watcher) -> None:
        """Train until the run is finished, or the watcher stops it; ``stopped`` says which."""
        self.stopped = False
        logged = time.monotonic()
        with self.stepping():
            if self.saved < 0:
                self._begin(0)
                self._report(watcher, {"epoch": 0, "step": 0})
            begun, images = time.perf_counter(), 0
            while not self.finished:
                noted = self.step % max(1, self.per_epoch // _LINES_PER_EPOCH) == 0
                line = self.advance(noted)
                images += self.batch
                if noted:
                    self._check()
                if noted and self.world.first:
                    now = time.perf_counter()
                    watcher.step(line | {"images_per_second": images / (now - begun)})
                    begun, images = now, 0
                if self.step % self.per_epoch == 0:
                    self._end(watcher, time.monotonic() - logged)
                    begun, images, logged = time.perf_counter(), 0, time.monotonic()
                elif time.monotonic() - self._saved_at > _SAVED_EVERY:
                    self.save()
                if self._wished(watcher):
                    break

    def result(self) -> nn.Module:
        """Return the network that was learned, in evaluation mode, on the CPU."""
        model = self.network
        if self.best["weights"]:
            model.load_state_dict(self.best["weights"])
        return model.to("cpu").to(memory_format=torch.contiguous_format).eval()

    def save(self) -> None:
        """Write a checkpoint, unless what it would hold is broken."""
        self._check()
        if not self.world.first or self.saved == self.step:
            return
        parts = {name: part.state_dict() for name, part in self._stateful().items()}
        save_state(self.folder, {"step": self.step, "total": self.total, "best": self.best} | parts)
        self.saved, self._saved_at = self.step, time.monotonic()

    def _stateful(self) -> dict[str, Any]:
        parts: dict[str, Any] = {"model": self.model, "averaged": self.averaged}
        parts |= {"optimizer": self.optimizer, "scaler": self.scaler}
        return {name: part for name, part in parts.items() if part is not None}

    def _resume(self) -> None:
        state = saved_state(self.folder)
        if state is None:
            return
        self.step = self.saved = int(state["step"])
        self.best = state["best"]
        self.total.copy_(state["total"])
        for name, part in self._stateful().items():
            part.load_state_dict(state[name])

    def _keep_held(self) -> None:
        """Compute once what stages that stay frozen say of the images held out, which never change."""
        self._held_from, self._held = self._first, None
        if not self._settled():
            return
        self.model.eval()
        parts = cut_frozen(self.model, self.network)
        if parts is not None:
            found = computed_by_batch(parts[0], fed(self.validation, self.recipe, self.device))
            self._held = None if found is None else (parts[1], found)
        freeze(self.model, self.stages, self._first)

    def _end(self, watcher: Watcher, seconds: float) -> None:
        """Save what an epoch came to, and tell the watcher."""
        self._check()
        total = self.world.total(self.total) / self.world.size / self.per_epoch
        self.total.zero_()
        line = {
            "epoch": self.epoch,
            "step": self.step,
            "train": {"loss": float(total[0]), "accuracy": float(total[1])},
            "seconds": seconds,
            "learning": self._first,
        }
        self._report(watcher, line)

    def _report(self, watcher: Watcher, line: dict[str, Any]) -> None:
        """Measure the network on what is held out, tell the watcher, and save."""
        shown = self.network
        measured = self._measured(shown) if len(self.validation) and self.world.first else None
        if measured is not None:
            line["validation"] = {"loss": measured.loss, "accuracy": measured.accuracy}
            if measured.loss < self.best["loss"]:
                weights = {name: value.detach().cpu().clone() for name, value in shown.state_dict().items()}
                self.best = {"loss": measured.loss, "epoch": line["epoch"], "weights": weights}
        self.best["epoch"] = self.world.told(self.best["epoch"], self.device)
        if self.world.first:
            watcher.epoch(line, measured, shown)
        if self.finished or time.monotonic() - self._saved_at > _SAVED_AT_MOST_EVERY or self.saved < 0:
            self.save()
        self.world.meet()

    def _check(self) -> None:
        """Stop where the loss has been infinite or no number since the epoch began."""
        if math.isfinite(float(self.total[0])):
            return
        epoch = (self.step - 1) // self.per_epoch  # of the step that was done last
        if epoch == 0:
            raise ReaderError(
                "The loss is no longer a number in the first epoch, so nothing has been learned yet. Choose "
                "a lower learning rate, a longer warm-up, or clip the gradient, and begin again."
            )
        raise ReaderError(
            "The loss is no longer a number in epoch {epoch}. Choose a lower learning rate, a longer "
            "warm-up, or clip the gradient. What was learned before is kept.",
            epoch=epoch + 1,
        )

    def _measured(self, network: nn.Module) -> Measured:
        trained = network.training
        try:
            if self._held_from != self._first:
                self._keep_held()
            if self._held is None:
                return measure(network, self.validation, self.recipe, self.device)
            network.eval()
            rest, features = self._held
            # Copies, since a layer may write over what it is given.
            return answered(rest, (one.clone() for one in features), self.validation.labels)
        finally:
            if trained:
                freeze(network, self.stages, self._first)

    def _wished(self, watcher: Watcher) -> bool:
        """Pause while the watcher wants it; return whether it wants the run to stop."""
        wishes: tuple[Wish, ...] = ("go", "pause", "stop")
        paused = False
        while True:
            wish = wishes[self.world.told(wishes.index(watcher.wish()), self.device)]
            if wish == "go":
                return False
            if wish == "stop" or not paused:
                self.save()
            if wish == "stop":
                self.stopped = True
                return True
            paused = True
            time.sleep(0.2)
