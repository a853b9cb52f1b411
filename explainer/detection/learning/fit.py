"""The loop that trains a detector: seeded, resumable, on a GPU or a CPU."""

from __future__ import annotations

import math
import os
import random
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from explainer.detection.learning.loss import yolox_loss
from explainer.detection.learning.pictures import Labelled, example
from explainer.detection.yolox import cells

CHECKPOINT = "last.pt"
RECIPES = Path(__file__).with_name("recipes")
Log = Callable[[dict[str, Any]], None]
Targets = list[tuple[Tensor, Tensor]]
"""Boxes float [objects, 4] in pixels and labels int64 [objects] of each picture."""
Loss = Callable[[nn.Module, Tensor, Targets, bool], dict[str, Tensor]]
"""Returns the parts of the loss of a network for images and targets; the last argument: a plain epoch."""


@dataclass(frozen=True)
class DetectorRecipe:
    """One training run of a detector."""

    name: str
    network: str
    classes: tuple[str, ...]
    side: int
    """Of the square pictures it is trained on, in pixels."""
    epochs: int
    batch_size: int
    learning_rate: float
    """Peak; after a warm-up it follows a cosine down to a twentieth."""
    weight_decay: float = 5e-4
    momentum: float = 0.9
    warmup: int = 100
    """Steps."""
    clip: float = 35.0
    """Largest norm of the gradient."""
    average: float = 0.998
    """Decay of the exponential moving average of the weights."""
    mosaic: float = 0.5
    """Share of the examples that are mosaics, until the last epochs."""
    plain_epochs: int = 6
    """Last epochs without mosaics, and with the L1 loss."""
    balance: float = 0.0
    """Share of the pictures that a class should be on; pictures of rarer classes are drawn more often."""
    start: str = ""
    """An ONNX file of published weights, relative to the folder of data, or the name of a finished recipe
    whose weights (by another network: whose backbone) are taken over; empty for new weights."""
    used_side: int = 0
    """Of the square that pictures are fitted into afterwards; 0 for the same. Small objects gain by more."""
    precision: Literal["float32", "bfloat16"] = "float32"
    seed: int = 0
    note: str = ""
    """What the model card should say of how the settings were found."""


def load_detector_recipe(path: str | Path) -> DetectorRecipe:
    """Read a recipe from a TOML file, or by the bare name of one that comes with the project."""
    path = Path(path)
    if not path.suffix:
        path = RECIPES / f"{path}.toml"
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    return DetectorRecipe(**fields | {"classes": tuple(fields["classes"])})


def fit(
    recipe: DetectorRecipe,
    model: nn.Module,
    loss_of: Loss,
    pictures: list[Labelled],
    folder: Path,
    log: Log = lambda line: None,
    device: str = "cpu",
) -> nn.Module:
    """Train ``model`` by ``recipe`` and return the average of its weights, in evaluation mode.

    After every epoch a checkpoint is written to ``folder``; a run that finds one goes on from it.
    """
    torch.manual_seed(recipe.seed)
    model.to(device)
    model.to(memory_format=torch.channels_last)
    model.train()
    averaged = torch.optim.swa_utils.AveragedModel(
        model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(recipe.average), use_buffers=True
    )
    optimizer = _optimizer(recipe, model)
    steps = len(pictures) // recipe.batch_size
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _rate(recipe, steps * recipe.epochs))
    stateful = {"model": model, "averaged": averaged, "optimizer": optimizer, "schedule": schedule}
    for epoch in range(_resume(folder, stateful), recipe.epochs):
        started, plain = time.perf_counter(), epoch >= recipe.epochs - recipe.plain_epochs
        rng = random.Random(f"{recipe.seed}/{epoch}")
        order = drawn(pictures, len(recipe.classes), recipe.balance, rng)
        mix = 0.0 if plain else recipe.mosaic
        sums: dict[str, float] = {}
        for step in range(steps):
            chosen = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
            images, targets = batch([example(pictures, i, recipe.side, rng, mix=mix) for i in chosen], device)
            with torch.autocast(device, torch.bfloat16, enabled=recipe.precision == "bfloat16"):
                parts = loss_of(model, images, targets, plain)
            optimizer.zero_grad(set_to_none=True)
            torch.stack(list(parts.values())).sum().backward()
            nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
            schedule.step()
            averaged.update_parameters(model)
            for name, value in parts.items():
                sums[name] = sums.get(name, 0.0) + value.item()
        _checkpoint(folder, epoch + 1, stateful)
        seconds = round(time.perf_counter() - started, 1)
        log({"epoch": epoch + 1, "seconds": seconds} | {k: round(v / steps, 4) for k, v in sums.items()})
    return averaged.module.to(memory_format=torch.contiguous_format).eval()


def drawn(pictures: list[Labelled], classes: int, balance: float, rng: random.Random) -> list[int]:
    """Return the order of an epoch: as many pictures as there are, those of rare classes more often.

    A picture's chance grows with max(1, sqrt(balance / share)), the share being that of the pictures on which
    the rarest of its classes is (Gupta, Dollár and Girshick, 2019, LVIS, section 4.3). With 0 every picture
    comes once.
    """
    if balance == 0:
        return rng.sample(range(len(pictures)), len(pictures))
    shares = [sum(bool((one.labels == label).any()) for one in pictures) for label in range(classes)]
    factors = [max(1.0, math.sqrt(balance * len(pictures) / max(1, share))) for share in shares]
    weights = [max((factors[label] for label in one.labels), default=1.0) for one in pictures]
    return rng.choices(range(len(pictures)), weights, k=len(pictures))


def yolox_parts(side: int, device: str = "cpu") -> Loss:
    """Return the loss of a YOLOX network for square inputs of one size."""
    places, strides = (part.to(device) for part in cells(side, side))

    def parts(model: nn.Module, images: Tensor, targets: Targets, plain: bool) -> dict[str, Tensor]:
        found = yolox_loss(model(images), targets, places, strides)
        return found if plain else {name: value for name, value in found.items() if name != "l1"}

    return parts


def faster_rcnn_parts(model: nn.Module, images: Tensor, targets: Targets, plain: bool) -> dict[str, Tensor]:
    """Return torchvision's own losses of a Faster R-CNN; its class 0 is the background."""
    wanted = [{"boxes": boxes, "labels": labels + 1} for boxes, labels in targets]
    return dict(model(list(images.flip(1) / 255), wanted))


def batch(examples: list[Labelled], device: str) -> tuple[Tensor, Targets]:
    """Return float [N, 3, side, side] (BGR, 0..255) with boxes and labels of each picture."""
    images = torch.stack([torch.from_numpy(one.pixels).permute(2, 0, 1) for one in examples])
    targets = [
        (torch.from_numpy(one.boxes).to(device), torch.from_numpy(one.labels).to(device)) for one in examples
    ]
    return images.to(device).float().contiguous(memory_format=torch.channels_last), targets


def _optimizer(recipe: DetectorRecipe, model: nn.Module) -> torch.optim.Optimizer:
    """Weight decay acts on kernels, not on biases and normalisation."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, lr=recipe.learning_rate, momentum=recipe.momentum, nesterov=True)


def _rate(recipe: DetectorRecipe, total: int) -> Callable[[int], float]:
    def rate(step: int) -> float:
        if step < recipe.warmup:
            return (step + 1) / recipe.warmup
        done = (step - recipe.warmup) / max(1, total - recipe.warmup)
        return 0.05 + 0.95 * (1 + math.cos(math.pi * min(1.0, done))) / 2

    return rate


def _checkpoint(folder: Path, epoch: int, stateful: dict[str, Any]) -> None:
    """Write beside, then rename: a killed run never leaves half a checkpoint."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: part.state_dict() for name, part in stateful.items()} | {"epoch": epoch}
    torch.save(state, folder / f"{CHECKPOINT}.part")
    os.replace(folder / f"{CHECKPOINT}.part", folder / CHECKPOINT)


def _resume(folder: Path, stateful: dict[str, Any]) -> int:
    path = folder / CHECKPOINT
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    for name, part in stateful.items():
        part.load_state_dict(state[name])
    return int(state["epoch"])
