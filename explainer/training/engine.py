"""The training loop: seeded, resumable at any step, and blind to the images it is judged by."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from explainer.errors import ReaderError
from explainer.models import load_model
from explainer.training.augment import augment
from explainer.training.beginning import new_network
from explainer.training.chance import generator_for, seed_for
from explainer.training.checkpoint import save_state, saved_state
from explainer.training.data import Dataset, Split, learned_from
from explainer.training.features import computed, computed_by_batch, cut_frozen
from explainer.training.layout import channels_last, fed_channels_first
from explainer.training.losses import attacked, loss_of
from explainer.training.measuring import Measured, answered, fed, measure, normalise
from explainer.training.mixing import mix
from explainer.training.precision import autocast, device_of, loss_scaler
from explainer.training.processes import World
from explainer.training.recipe import Augmentation, Recipe
from explainer.training.schedule import rate_factor
from explainer.training.stages import freeze, learning, rates, stages_of

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


class Training:
    """One run, from its first step or its last checkpoint.

    ``step`` counts the steps that are done, ``steps`` those of the whole run; ``saved`` is the step of the
    last checkpoint, -1 without one.
    """

    def __init__(self, recipe: Recipe, data: Dataset, folder: Path, world: World) -> None:
        self.recipe = recipe
        self.folder = folder
        self.world = world
        self.device = device_of(recipe, world.local_rank)
        self.classes = len(data.classes)
        train, self.validation = learned_from(data.train, recipe)
        self.train = _on(train, self.device)
        self.batch = min(recipe.batch_size, len(train))
        if self.batch % world.size:
            raise ReaderError(
                "A batch of {images} images cannot be divided among {processes} processes.",
                images=self.batch,
                processes=world.size,
            )
        self.per_epoch = len(train) // self.batch
        self.steps = self.per_epoch * recipe.epochs

        self.layout = torch.channels_last if recipe.channels_last else torch.contiguous_format
        self.model = new_network(recipe, self.classes, folder).to(self.device)
        self.stages = stages_of(self.model)
        _check_channels(recipe, self.model, self.train)
        self._channels_first: tuple[nn.Conv2d, ...] = ()
        if recipe.channels_last:
            self._channels_first = channels_last(
                self.model, self.train.images.shape[1:], self.batch // world.size
            )
        self.averaged = _averaged(recipe, self.model)
        self.optimizer = _optimizer(recipe, self.model, self.stages)
        self.scaler = loss_scaler(recipe, self.device)
        self.teacher = _teacher(recipe, self.classes, self.device)

        self.step = 0
        self.saved, self._saved_at = -1, time.monotonic()
        self.stopped = False
        self.total = torch.zeros(2, dtype=torch.float64, device=self.device)
        self.best: dict[str, Any] = {"loss": math.inf, "epoch": 0, "weights": {}}
        self._resume()
        self._first = -1
        self._compute: Callable[[Tensor], Tensor] = self.model
        self._features: Tensor | None = None
        self._settled = False  # whether what is frozen now stays so
        self._held: tuple[Callable[[Tensor], Tensor], list[Tensor]] | None = None

    @property
    def epoch(self) -> int:
        """Epochs that are done."""
        return self.step // self.per_epoch

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to learn."""
        tired = self.recipe.patience and self.epoch - self.best["epoch"] >= self.recipe.patience
        return self.step >= self.steps or bool(tired and self.step % self.per_epoch == 0)

    @property
    def network(self) -> nn.Module:
        """What has been learned so far: the mean of the weights where the recipe wants it."""
        return self.model if self.averaged is None else self.averaged.module

    def go(self, watcher: Watcher) -> None:
        """Train until the run is finished, or the watcher stops it; ``stopped`` says which."""
        self.stopped = False
        logged = time.monotonic()
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), fed_channels_first(self._channels_first):
            if self.saved < 0:
                self._begin(0)
                self._report(watcher, {"epoch": 0, "step": 0})
            begun, images = time.perf_counter(), 0
            while not self.finished:
                epoch, at = divmod(self.step, self.per_epoch)
                if at == 0 or self._first < 0:
                    self._begin(epoch)
                    order = torch.randperm(
                        len(self.train), generator=generator_for(self.recipe.seed, "order", epoch)
                    )
                chosen = order[at * self.batch : (at + 1) * self.batch]
                noted = self.step % max(1, self.per_epoch // _LINES_PER_EPOCH) == 0
                line = self._step(chosen[self.world.rank :: self.world.size], noted)
                images += self.batch
                self.step += 1
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

    def _begin(self, epoch: int) -> None:
        """Freeze what does not learn in an epoch, and make ready what computes the rest."""
        first = learning(self.recipe, self.stages, epoch)
        freeze(self.model, self.stages, first)
        if first == self._first:
            return
        self._first = first
        self._compute = self.model
        self._features = self._held = None
        self._settled = 0 < first == learning(self.recipe, self.stages, self.recipe.epochs - 1)
        if self._settled and self._same_images():
            self._keep_features()
        if self.world.size > 1:
            self._compute = DistributedDataParallel(
                self.model, device_ids=[self.device] if self.device.type == "cuda" else None
            )
        if self.recipe.compile:
            self._compute = torch.compile(self._compute)

    def _same_images(self) -> bool:
        """Whether every epoch sees the same images, so that frozen layers say the same of them."""
        recipe = self.recipe
        changed = recipe.mixup or recipe.cutmix or recipe.adversarial or self.teacher is not None
        return not changed and recipe.augmentation == Augmentation() and self.world.size == 1

    def _keep_features(self) -> None:
        parts = cut_frozen(self.model)
        if parts is None:
            return
        with autocast(self.recipe, self.device):
            self._features = computed(parts[0], self.train.images, self._prepared)
        if self._features is not None:
            self._compute = parts[1]

    def _keep_held(self) -> None:
        """Compute once what the frozen stages say of the images held out, which never change."""
        self._settled = False  # not to be tried again
        self.model.eval()
        parts = cut_frozen(self.model, self.network)
        if parts is not None:
            found = computed_by_batch(parts[0], fed(self.validation, self.recipe, self.device))
            self._held = None if found is None else (parts[1], found)
        freeze(self.model, self.stages, self._first)

    def _step(self, chosen: Tensor, noted: bool) -> dict[str, Any]:
        recipe, rank = self.recipe, self.world.rank
        factor = rate_factor(recipe, self.step, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        torch.manual_seed(seed_for(recipe.seed, "layers", self.step, rank))  # dropout, stochastic depth
        chosen = chosen.to(self.train.labels.device)
        targets, taught = self.train.labels[chosen], None
        if self._features is not None:
            given = self._features[chosen.to(self._features.device)]
        else:
            images, targets = self._batch(chosen)
            given = self._fed(images)
            if self.teacher is not None:
                with torch.no_grad(), autocast(recipe, self.device):
                    taught = self.teacher(images)
        targets = targets.to(self.device)
        with autocast(recipe, self.device):
            logits = self._compute(given)
        loss = loss_of(logits, targets, recipe, taught)
        self.optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()
        line: dict[str, Any] = {}
        if noted or recipe.clip:
            self.scaler.unscale_(self.optimizer)
        if noted:
            line = {
                "step": self.step + 1,
                "epoch": (self.step + 1) / self.per_epoch,
                "loss": float(loss.detach()),
                "rate": recipe.learning_rate * factor,
                "norms": self._norms(),
                "scale": self.scaler.get_scale(),
            }
        if recipe.clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), recipe.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.averaged is not None:
            self.averaged.update_parameters(self.model)
        labels = targets if targets.ndim == 1 else targets.argmax(1)
        right = (logits.detach().argmax(1) == labels).double().mean()
        self.total += torch.stack([loss.detach().double(), right])
        return line

    def _batch(self, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """Return float images [N, C, H, W] in 0..1 as this step sees them, and their targets."""
        recipe, place = self.recipe, (self.step, self.world.rank)
        generator = generator_for(recipe.seed, "images", *place)
        images, labels = self.train.images.index_select(0, chosen), self.train.labels[chosen]
        images = augment(images.to(self.device), recipe.augmentation, generator)
        images, targets = mix(images, labels.to(self.device), self.classes, recipe, generator)
        if recipe.adversarial:
            with autocast(recipe, self.device):
                images = attacked(
                    images, targets, lambda changed: self.model(self._fed(changed)), recipe, generator
                )
        return images, targets

    def _fed(self, images: Tensor) -> Tensor:
        return normalise(images, self.recipe).contiguous(memory_format=self.layout)

    def _prepared(self, images: Tensor) -> Tensor:
        return self._fed(images.to(self.device).float() / 255)

    def _norms(self) -> list[float]:
        """Return the norm of the gradient of each stage; zero where it does not learn."""
        owned = dict(self.model.named_parameters())
        norms = []
        for stage in self.stages:
            found = [owned[name].grad for name in stage.parameters]
            slopes = [slope for slope in found if slope is not None]
            norms.append(torch.stack(torch._foreach_norm(slopes)).norm() if slopes else torch.zeros(()))
        return torch.stack([norm.float().cpu() for norm in norms]).tolist()

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
        if not math.isfinite(float(self.total[0])):
            raise ReaderError(
                "The loss is no longer a number in epoch {epoch}. Choose a lower learning rate, a longer "
                "warm-up, or clip the gradient. What was learned before is kept.",
                epoch=self.epoch + 1,
            )

    def _measured(self, network: nn.Module) -> Measured:
        trained = network.training
        try:
            if self._settled:
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


def _check_channels(recipe: Recipe, model: nn.Module, split: Split) -> None:
    first = next((layer for layer in model.modules() if isinstance(layer, nn.Conv2d)), None)
    if first is not None and first.in_channels != split.images.shape[1]:
        raise ReaderError(
            "{network} takes images of {theirs} channels, those of the data set have {ours}. "
            "Choose another network.",
            network=recipe.network,
            theirs=first.in_channels,
            ours=split.images.shape[1],
        )


def _on(split: Split, device: torch.device) -> Split:
    return Split(split.images.to(device), split.labels.to(device))


def _averaged(recipe: Recipe, model: nn.Module) -> torch.optim.swa_utils.AveragedModel | None:
    if not recipe.average:
        return None
    mean = torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.average)
    return torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=mean, use_buffers=True)


def _optimizer(recipe: Recipe, model: nn.Module, stages: tuple[Any, ...]) -> torch.optim.Optimizer:
    """Weight decay acts on kernels and matrices, not on biases and normalisation."""
    owned = dict(model.named_parameters())
    groups: list[dict[str, Any]] = []
    for stage, rate in zip(stages, rates(recipe, stages), strict=True):
        parameters = [owned[name] for name in stage.parameters]
        for decayed in (True, False):
            chosen = [one for one in parameters if (one.ndim > 1) == decayed]
            if chosen:
                decay = recipe.weight_decay if decayed else 0.0
                groups.append({"params": chosen, "weight_decay": decay, "lr": rate, "peak": rate})
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            groups,
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            nesterov=recipe.momentum > 0,
            fused=True,
        )
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(groups, lr=recipe.learning_rate, fused=True)


def _teacher(recipe: Recipe, classes: int, device: torch.device) -> Callable[[Tensor], Tensor] | None:
    """Return what makes a larger network's logits of images in 0..1."""
    if not recipe.teacher:
        return None
    key, _, weights = recipe.teacher.partition("=")
    loaded = load_model(key, weights or "default")
    if len(loaded.classes) != classes:
        raise ReaderError(
            "The teacher {name} tells {theirs} classes apart, the data set has {ours}.",
            name=recipe.teacher,
            theirs=len(loaded.classes),
            ours=classes,
        )
    model, fed = loaded.model.to(device), loaded.preprocessing
    return lambda images: model(normalise(images, fed))
