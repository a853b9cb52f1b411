"""The training loop: seeded, resumable, and blind to the images it is judged by."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.models.networks import build
from explainer.training.augment import augment
from explainer.training.data import Dataset, Split
from explainer.training.recipe import Recipe

CHECKPOINT = "last.pt"
Log = Callable[[dict[str, Any]], None]


def fit(recipe: Recipe, data: Dataset, folder: Path, log: Log = lambda line: None) -> nn.Module:
    """Train by ``recipe`` and return the network in evaluation mode.

    After every epoch a checkpoint is written to ``folder``; a run that finds one continues from it. No
    checkpoint is ever chosen by its accuracy: the result is what the last epoch leaves.
    """
    torch.manual_seed(recipe.seed)
    model = build(recipe.network).to(memory_format=torch.channels_last)
    if recipe.start and not (folder / CHECKPOINT).exists():
        model.load_state_dict(_finished(folder.with_name(recipe.start)))
    averaged = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.average), use_buffers=True
    )
    optimizer = _optimizer(recipe, model)
    steps = len(data.train) // recipe.batch_size
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=recipe.epochs * steps, pct_start=recipe.warmup,
        cycle_momentum=False,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(recipe.seed)
    stateful = {"model": model, "averaged": averaged, "optimizer": optimizer, "schedule": schedule}
    first = _resume(folder, stateful, generator)

    for epoch in range(first, recipe.epochs):
        started = time.perf_counter()
        loss = _train_epoch(recipe, data.train, model, averaged, optimizer, schedule, generator)
        seconds = time.perf_counter() - started
        _checkpoint(folder, epoch + 1, stateful, generator)
        log({"epoch": epoch + 1, "loss": loss, "seconds": round(seconds, 1)})
    trained = averaged.module if recipe.average else model
    return trained.to(memory_format=torch.contiguous_format).eval()


def _train_epoch(
    recipe: Recipe,
    split: Split,
    model: nn.Module,
    averaged: torch.optim.swa_utils.AveragedModel,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    generator: torch.Generator,
) -> float:
    model.train()
    total, steps = 0.0, len(split) // recipe.batch_size
    order = torch.randperm(len(split), generator=generator)
    for chosen in order[: steps * recipe.batch_size].split(recipe.batch_size):
        images = augment(split.images[chosen].float() / 255, recipe.augmentation, generator)
        images = normalise(images, recipe).contiguous(memory_format=torch.channels_last)
        with _autocast(recipe):
            logits = model(images)
        loss = F.cross_entropy(logits.float(), split.labels[chosen], label_smoothing=recipe.label_smoothing)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        if recipe.average:
            averaged.update_parameters(model)
        total += loss.item()
    return total / steps


def normalise(images: Tensor, recipe: Recipe) -> Tensor:
    """Subtract the recipe's mean and divide by its deviation; images float [N, C, H, W] in 0..1."""
    mean, std = (torch.tensor(v[: images.shape[1]])[:, None, None] for v in (recipe.mean, recipe.std))
    return (images - mean) / std


@torch.no_grad()
def evaluate(model: nn.Module, split: Split, recipe: Recipe, batch_size: int = 250) -> float:
    """Return top-1 accuracy, computed in float32."""
    model.eval()
    right = 0
    for images, labels in zip(split.images.split(batch_size), split.labels.split(batch_size), strict=True):
        logits = model(normalise(images.float() / 255, recipe))
        right += int((logits.argmax(1) == labels).sum())
    return right / len(split)


def _optimizer(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    """Weight decay acts on kernels and matrices, not on biases and normalisation."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=recipe.momentum, nesterov=True)
    return torch.optim.AdamW(groups, lr=recipe.learning_rate)


def _autocast(recipe: Recipe) -> AbstractContextManager[Any]:
    if recipe.precision == "bfloat16":
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return nullcontext()


def _checkpoint(folder: Path, epoch: int, stateful: dict[str, Any], generator: torch.Generator) -> None:
    """Write beside, then rename: a killed run never leaves half a checkpoint."""
    state = {name: part.state_dict() for name, part in stateful.items()}
    state |= {"epoch": epoch, "generator": generator.get_state()}
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(state, folder / f"{CHECKPOINT}.part")
    os.replace(folder / f"{CHECKPOINT}.part", folder / CHECKPOINT)


def _finished(folder: Path) -> dict[str, Tensor]:
    """Return the weights that a run left in its folder when it was done."""
    path = folder / f"{folder.name}.safetensors"
    if not path.exists():
        raise ReaderError("Train {name} first: this recipe goes on from its weights.", name=folder.name)
    return load_file(path)


def _resume(folder: Path, stateful: dict[str, Any], generator: torch.Generator) -> int:
    path = folder / CHECKPOINT
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    for name, part in stateful.items():
        part.load_state_dict(state[name])
    generator.set_state(state["generator"])
    return int(state["epoch"])


def append_json(path: Path) -> Log:
    """Return a log that appends each line as JSON to ``path``."""

    def log(line: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    return log
