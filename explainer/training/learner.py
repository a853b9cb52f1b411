"""A network that learns a recipe's images, one seeded step after another: what runs and rehearsals share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from explainer.errors import ReaderError
from explainer.models import load_model
from explainer.models.weights import MissingWeightsError
from explainer.training.augment import augment
from explainer.training.beginning import new_network
from explainer.training.chance import generator_for, seed_for
from explainer.training.data import Dataset, Split, learned_from
from explainer.training.features import computed, cut_frozen
from explainer.training.layout import channels_last, fed_channels_first
from explainer.training.losses import attacked, loss_of
from explainer.training.measuring import normalise
from explainer.training.mixing import mix
from explainer.training.precision import autocast, device_of, loss_scaler
from explainer.training.processes import World
from explainer.training.recipe import Augmentation, Recipe
from explainer.training.schedule import rate_factor
from explainer.training.stages import freeze, learning, rates, stages_of


class Learner:
    """A network with its images and its optimiser.

    ``step`` counts the steps that are done, ``steps`` those of the whole recipe. Nothing is read or written
    but the weights that the recipe begins with, and nothing is measured.
    """

    def __init__(self, recipe: Recipe, data: Dataset, folder: Path, world: World) -> None:
        self.recipe = recipe
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
        self.total = torch.zeros(2, dtype=torch.float64, device=self.device)
        self._first = -1
        self._order = torch.empty(0, dtype=torch.long)
        self._compute: Callable[[Tensor], Tensor] = self.model
        self._features: Tensor | None = None

    @property
    def epoch(self) -> int:
        """Epochs that are done."""
        return self.step // self.per_epoch

    @property
    def network(self) -> nn.Module:
        """What has been learned so far: the mean of the weights where the recipe wants it."""
        return self.model if self.averaged is None else self.averaged.module

    @contextmanager
    def stepping(self) -> Iterator[None]:
        """Let steps be done; the generators and the network's hooks are as before afterwards."""
        devices = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=devices), fed_channels_first(self._channels_first):
            yield

    def advance(self, noted: bool) -> dict[str, Any]:
        """Do the next step, within ``stepping``; return what it came to, if it is to be noted."""
        epoch, at = divmod(self.step, self.per_epoch)
        if at == 0 or self._first < 0:
            self._begin(epoch)
            generator = generator_for(self.recipe.seed, "order", epoch)
            self._order = torch.randperm(len(self.train), generator=generator)
        chosen = self._order[at * self.batch : (at + 1) * self.batch]
        line = self._step(chosen[self.world.rank :: self.world.size], noted)
        self.step += 1
        return line

    def _begin(self, epoch: int) -> None:
        """Freeze what does not learn in an epoch, and make ready what computes the rest."""
        first = learning(self.recipe, self.stages, epoch)
        freeze(self.model, self.stages, first)
        if first == self._first:
            return
        self._first = first
        self._compute = self.model
        self._features = None
        if self._settled() and self._same_images():
            self._keep_features()
        if self.world.size > 1:
            self._compute = DistributedDataParallel(
                self.model, device_ids=[self.device] if self.device.type == "cuda" else None
            )
        if self.recipe.compile:
            self._compute = torch.compile(self._compute)

    def _settled(self) -> bool:
        """Whether some layers are frozen now, and the same to the end."""
        return 0 < self._first == learning(self.recipe, self.stages, self.recipe.epochs - 1)

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
    try:
        loaded = load_model(key, weights or "default")
    except MissingWeightsError as error:
        raise ReaderError(
            "The weights of the teacher {name} are not on this machine and cannot be had. Choose a teacher "
            "whose weights are here, a bundled network for example.",
            name=recipe.teacher,
        ) from error
    if len(loaded.classes) != classes:
        raise ReaderError(
            "The teacher {name} tells {theirs} classes apart, the data set has {ours}.",
            name=recipe.teacher,
            theirs=len(loaded.classes),
            ours=classes,
        )
    model, fed = loaded.model.to(device), loaded.preprocessing
    return lambda images: model(normalise(images, fed))
